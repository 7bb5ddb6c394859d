"""The query tree: what a person searched for, independent of the engine.

Words are kept as typed; the compiler and the highlighter analyze them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FieldName(StrEnum):
    """A field that a query may name."""

    TITLE = "title"
    SOURCE = "source"
    AUTHOR = "author"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class Word:
    """One word, matched at every level."""

    text: str


@dataclass(frozen=True, slots=True)
class SpellingVariants:
    """Words typed side by side, and other spellings of them that the archive prints, each of one word or several.

    Without variants: the letters of an abbreviation, or letters and a number. No parser makes this node: see
    `indexer.query.rewrite`.
    """

    typed: tuple[str, ...]
    variants: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """These forms side by side, in this order; or one of `variants`, with the phrase's names in one word or two.

    The parser leaves `variants` empty: see `indexer.query.rewrite`.
    """

    words: tuple[str, ...]
    variants: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Exact:
    """This word in exactly this form."""

    text: str


@dataclass(frozen=True, slots=True)
class Root:
    """Every word with this word's root."""

    text: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Every form that matches the pattern: `*` is any number of letters, `?` is one; at least two letters are fixed."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Every form within edit distance `distance` (1 or 2) of this word's form: see `indexer.analysis.edit_distance`."""

    text: str
    distance: int


@dataclass(frozen=True, slots=True)
class Near:
    """These forms in any order, the first and the last at most `distance` positions apart.

    Neighbours are one position apart. A word given twice must occur twice. `distance` is at least the number of words
    less one.
    """

    words: tuple[str, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class InField:
    """A leaf restricted to one field. A `Word` is matched by its form, in the title at every level."""

    field: FieldName
    child: Word | SpellingVariants | Phrase | Exact | Wildcard | Fuzzy | Near


@dataclass(frozen=True, slots=True)
class DateRange:
    """Published between these days, inclusive; None is open."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class And:
    """All of these. From the parser: two or more; a nested `And` was typed in brackets."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these. From the parser: two or more, none of them an `Or`."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Excludes this. From the parser: never a `Not` of a `Not`."""

    child: Node


@dataclass(frozen=True, slots=True)
class Required:
    """Required in every match mode.

    From the parser: never a `Required`, a `Not` or a `DateRange`, which are required anyway.
    """

    child: Node


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article: the blank query. From the parser: only as the root."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No article: a query of punctuation alone. From the parser: only as the root."""


Node = (
    Word
    | SpellingVariants
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
