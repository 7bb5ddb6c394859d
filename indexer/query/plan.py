"""Plans: which terms of which fields are looked up, how they are weighted, and what must match.

A plan is data. `indexer.query.compiler` makes it of a query, and either engine carries it out. Weights are those of
`docs/relevance.md`, found by measuring.

The compiled query: what search, highlighting and spelling work from, on both engines. See `indexer.query.compiler`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from indexer.analysis.fields import day_term
from indexer.highlight.matchers import HighlightTerm
from indexer.query.ast import Node, Spelled
from indexer.query.printer import display_query
from indexer.results import MatchMode, QueryWarning, Reading

STEM_WEIGHT: Final = 1.0
FORM_WEIGHT: Final = 0.5
ROOT_WEIGHT: Final = 0.5
SIMILAR_WEIGHT: Final = 0.25
TITLE_WEIGHT: Final = 0.25
TYPED_WEIGHT: Final = 0.05
"""What the typed spelling of a name adds, so that of equals it is first."""

WEAK_CAP: Final = 0.9
"""A match by root or likeness alone adds at most this share of the least that a match of the stem adds anywhere.

One by the lemma without the stem adds from this share up to all of that least, the more the root and like stems give:
so articles with the word itself come first, then those with its other forms, then those with its family.
"""

MAX_EXPANSION: Final = 1000
"""Forms that a pattern or a misspelt word stands for at most; the most frequent are kept."""

MOST_SHARE: Final = 0.6
"""`MatchMode.MOST`: an article has parts with at least this share of the inverse document frequency of all parts."""


class WeightedTerm(NamedTuple):
    """A term of a field, and what its BM25 score is multiplied by."""

    field: str
    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class AnyTerm:
    """Any of these terms of one field, counted as one term; its BM25 score is multiplied by `weight`."""

    field: str
    terms: tuple[str, ...]
    weight: float = 1.0


class WordPlan(NamedTuple):
    """One word at its levels. It is matched by its lemmas; what else matches adds to the score.

    `strong` is the stem, and `added` are further levels that it implies. A `loose` word is matched by them, by `root`
    and by `similar` too. See `WEAK_CAP` for articles without the stem.
    """

    lemma: AnyTerm
    strong: WeightedTerm
    added: tuple[WeightedTerm, ...] = ()
    root: WeightedTerm | None = None
    similar: str | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class WildcardPlan:
    """Any form of a field like the pattern: `*` any letters, `?` one."""

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class FuzzyPlan:
    """Any form of a field at most `limit` edits from this one."""

    field: str
    form: str
    limit: int


@dataclass(frozen=True, slots=True)
class PhrasePlan:
    """These forms in a field: side by side in this order, or, with a distance, near each other in any order."""

    field: str
    forms: tuple[str, ...]
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class DayRange:
    """Published from the first to the last of these days (`yyyymmdd`), both included; None is open."""

    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class AnyName:
    """One of these names in a field of names."""

    field: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conjunction:
    """All of `required`, none of `excluded`; without `required`, every article but the excluded."""

    required: tuple[Plan, ...]
    excluded: tuple[Plan, ...] = ()


@dataclass(frozen=True, slots=True)
class Disjunction:
    """At least one of these; without any, no article."""

    choices: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class SummedTerms:
    """Any of these terms; the scores of those that an article holds are added."""

    terms: tuple[WeightedTerm, ...]


Plan = (
    WordPlan
    | AnyTerm
    | WildcardPlan
    | FuzzyPlan
    | PhrasePlan
    | DayRange
    | AnyName
    | Conjunction
    | Disjunction
    | SummedTerms
)


def day_range(first: date | None, last: date | None) -> DayRange:
    """The plan of a range of days."""
    return DayRange(day_term(first) if first else None, day_term(last) if last else None)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a query that the width counts: as it is shown, what matches it, and what it is weighed by.

    It is weighed by all forms of its words, however they are read: so a wider reading never narrows a set.
    """

    text: str
    plan: Plan
    weighed: Plan


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """A query, ready to be carried out.

    An article matches that has all, most or any of the `parts`, as `match` says, and those that are `required` anyway;
    meets every one of the `conditions` and none of `excluded`. Its score is the sum of what it has of `scored`. The
    nearest others have what is `required`, meet the conditions and have any of `near`, whose scores are summed.
    `highlight_terms` are marked in articles that match, `loose_highlight_terms` in the nearest. `correctable` are its
    plain words, those side by side together, that may be misspelt; `spelled` are those of which other spellings are
    looked for too.
    """

    node: Node
    reading: Reading
    prose: bool
    match: MatchMode
    parts: tuple[Part, ...] = ()
    required: tuple[Plan, ...] = ()
    conditions: tuple[Plan, ...] = ()
    excluded: tuple[Plan, ...] = ()
    scored: tuple[Plan, ...] = ()
    near: tuple[Plan, ...] = ()
    highlight_terms: tuple[HighlightTerm, ...] = ()
    loose_highlight_terms: tuple[HighlightTerm, ...] = ()
    patterns: tuple[WildcardPlan, ...] = ()
    correctable: tuple[tuple[str, ...], ...] = ()
    warnings: tuple[QueryWarning, ...] = ()
    spelled: tuple[Spelled, ...] = ()

    @property
    def understood(self) -> str:
        """The query in the query language, with direction marks for display."""
        return display_query(self.node)
