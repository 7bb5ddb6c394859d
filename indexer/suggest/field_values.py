"""Completions of a field's value: names of sources after `مصدر:`, of sections after `قسم:`, of authors after `كاتب:`.

A word that begins the name of a source is completed to that field too: okaz to `مصدر:okaz`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from corpus import SourceNames
from indexer.analysis import fold
from indexer.query import FieldName
from indexer.query.lexer import FIELDS

MAX_SOURCES: Final = 2
"""Sources that are proposed for a word without a field."""

_FACETS: Final = {FieldName.SOURCE: "source", FieldName.SECTION: "section", FieldName.AUTHOR: "author"}
_FACET_OF: Final = {fold(label): facet for field, facet in _FACETS.items() for label in FIELDS[field]}
_LABELS: Final = "|".join(label for field in _FACETS for label in FIELDS[field])
_OPEN: Final = re.compile(rf'(?:^|(?<=[\s(])|(?<=-))(?:ال)?({_LABELS}):("?)([^":]*)$', re.IGNORECASE)
_LAST_WORD: Final = re.compile(r"(?:^|(?<=\s))(\w+)$")
_LATIN: Final = re.compile("[A-Za-z]")
_MIN_WORD: Final = 3  # letters
_MAX_TYPED: Final = 200
_PLAIN: Final = re.compile(r"\w+")

NamesOf = Callable[[str], Sequence[str]]
"""The names of a facet, the most frequent first."""


@dataclass(frozen=True, slots=True)
class OpenValue:
    """The value of a field that is being typed: its facet, the text before it, and its beginning."""

    facet: str
    before: str
    start: str


def open_value(typed: str) -> OpenValue | None:
    """The value at the end of a text; None if there is no field, or its value has ended."""
    found = _OPEN.search(typed[-_MAX_TYPED:])
    if not found or (" " in found[3] and not found[2]):
        return None
    before = typed[: len(typed) - len(found[2] + found[3])]
    return OpenValue(_FACET_OF[fold(found[1])], before, found[3])


def completed_values(value: OpenValue, names: NamesOf, sources: SourceNames) -> list[str]:
    """The query with each name that begins with the value, or has a word that does: the most frequent first."""
    return [value.before + _written(name) for name in _beginning(value.start, value.facet, names, sources)]


def as_sources(typed: str, names: NamesOf, sources: SourceNames) -> list[str]:
    """The query with its last word as the beginning of a source's name; only whole names for Arabic words.

    An Arabic word that only begins a name is nearly always meant as a word.
    """
    word = _LAST_WORD.search(typed[-_MAX_TYPED:])
    if not word or len(word[1]) < _MIN_WORD:
        return []
    found = _beginning(word[1], "source", names, sources)
    if not is_latin(word[1]):
        found = [name for name in found if fold(name) == fold(word[1])]
    before = typed[: len(typed) - len(word[1])]
    return [f"{before}{FIELDS[FieldName.SOURCE][0]}:{_written(name)}" for name in found[:MAX_SOURCES]]


def is_latin(text: str) -> bool:
    """Whether a text ends in a word of Latin letters."""
    return _LATIN.search(text.rsplit(maxsplit=1)[-1]) is not None if text.split() else False


def _beginning(start: str, facet: str, names: NamesOf, sources: SourceNames) -> list[str]:
    """The names that begin with a text, then those with a word that does, as they are shown."""
    known = names(facet)
    pairs = [(sources.shown(name), name) for name in known] if facet == "source" else [(name, name) for name in known]
    begun = fold(start.strip())
    first: dict[str, None] = {}
    later: dict[str, None] = {}
    for shown, stored in pairs:
        spelled = (fold(shown), fold(stored))
        if any(each.startswith(begun) for each in spelled):
            first[shown] = None
        elif any(f" {begun}" in each for each in spelled):
            later[shown] = None
    return list(first | later)


def _written(name: str) -> str:
    """A name as the value of a field."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', " ") + '"'
