"""The query as a tree that knows no engine.

Words are kept as typed; analysis belongs to whoever compiles or marks the query.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FieldName(StrEnum):
    """Where a word is looked for when the user names a field."""

    TITLE = "title"
    SOURCE = "source"
    AUTHOR = "author"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class Word:
    """One word, matched at every level."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """These forms, in this order, side by side."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InField:
    """A word or phrase wanted in one field."""

    field: FieldName
    child: Word | Phrase


@dataclass(frozen=True, slots=True)
class DateRange:
    """Published on these days, both included; None is open."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class And:
    """All of these; the best hold most of them."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Without this."""

    child: Node


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article."""


Node = Word | Phrase | InField | DateRange | And | Or | Not | Everything
