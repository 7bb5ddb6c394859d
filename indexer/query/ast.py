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
class Spelled:
    """Words typed side by side, and other spellings of them that the archive prints, each of one word or several.

    Without any these are the letters of an abbreviation, or letters and a number.

    No parser makes it: see `indexer.spellings.expansion`.
    """

    typed: tuple[str, ...]
    others: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """These forms, in this order, side by side; or one of `others`: the same with its names in one word or two.

    No parser knows others: see `indexer.spellings.expansion`.
    """

    words: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Exact:
    """The form of this word and no other form of it."""

    text: str


@dataclass(frozen=True, slots=True)
class Root:
    """Every word of this word's root."""

    text: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Every form like the pattern: `*` stands for any letters or none, `?` for one; at least two letters are given."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Every form at most `distance` (1 or 2) from this word's, as `indexer.analysis.edit_distance` measures."""

    text: str
    distance: int


@dataclass(frozen=True, slots=True)
class Near:
    """These forms in any order; the first and the last that stand there are at most `distance` places apart.

    Neighbours are one place apart. A word given twice must stand there twice. `distance` is never so small that the
    words had no room: at least their number less one.
    """

    words: tuple[str, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class InField:
    """Forms wanted in one field. A `Word` is matched by its form, in the title by every level."""

    field: FieldName
    child: Word | Spelled | Phrase | Exact | Wildcard | Fuzzy | Near


@dataclass(frozen=True, slots=True)
class DateRange:
    """Published on these days, both included; None is open."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class And:
    """All of these. From the parser: two or more; an `And` among them was typed in brackets."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these. From the parser: two or more, none of them an `Or`."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Without this. From the parser: never a `Not` of a `Not`."""

    child: Node


@dataclass(frozen=True, slots=True)
class Required:
    """This in any case, however many of the other words a search may leave out.

    From the parser: never of a `Required`, a `Not` or a `DateRange`, which are required anyway.
    """

    child: Node


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article: the blank query. From the parser: only as the whole tree."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No article: marks without a word. From the parser: only as the whole tree."""


Node = (
    Word
    | Spelled
    | Phrase
    | Exact
    | Root
    | Wildcard
    | Fuzzy
    | Near
    | InField
    | DateRange
    | And
    | Or
    | Not
    | Required
    | Everything
    | Nothing
)
