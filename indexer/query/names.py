"""The names of fields and operators, in Arabic and Latin spelling; the first of each is the canonical one.

Names are compared folded, so that harakat, tatweel and hamzas do not matter, and before a colon also with و and ال
in front (والعنوان:). Latin operators are such only in capitals, Latin field names in any case.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from indexer.analysis import fold
from indexer.query.ast import FieldName


class Bound(Enum):
    """Which side of a date field's value is meant."""

    ON = "on"
    AFTER = "after"
    BEFORE = "before"


class RootLevel(Enum):
    """The pseudo-field of roots: `جذر:كتب`."""

    ROOT = "root"


FIELDS: Final[dict[FieldName | RootLevel | Bound, tuple[str, ...]]] = {
    FieldName.TITLE: ("عنوان", "title"),
    FieldName.SOURCE: ("مصدر", "source"),
    FieldName.AUTHOR: ("كاتب", "author"),
    FieldName.SECTION: ("قسم", "section"),
    RootLevel.ROOT: ("جذر", "root"),
    Bound.ON: ("تاريخ", "date"),
    Bound.AFTER: ("من", "بعد", "منذ", "after", "from", "since"),
    Bound.BEFORE: ("إلى", "حتى", "قبل", "لغاية", "before", "until", "to"),
}
OPERATORS: Final[dict[str, tuple[str, ...]]] = {
    "either": ("أو", "او", "OR"),
    "not": ("NOT",),
    "and": ("AND", "&&", "&"),
}

_FIELD_OF: Final = {fold(name): field for field, names in FIELDS.items() for name in names}
_OPERATOR_OF: Final = {
    name.upper() if name.isascii() else fold(name): operator for operator, names in OPERATORS.items() for name in names
}
_LONGEST_OPERATOR: Final = 16  # characters, harakat and tatweel included


def field_named(label: str) -> FieldName | RootLevel | Bound | None:
    """The field that a word before a colon names; None when it names none."""
    name = fold(label)
    for prefix in ("", "و", "ال", "وال"):
        if name.startswith(prefix) and (field := _FIELD_OF.get(name.removeprefix(prefix))):
            return field
    return None


def operator_named(text: str) -> str | None:
    """Which operator a word is that stands alone: `either`, `not` or `and`; None when it is a word like others."""
    if len(text) > _LONGEST_OPERATOR:
        return None
    return _OPERATOR_OF.get(text if text.isascii() else fold(text))
