"""Plans and the compiled query: what a query looks up, as data that both engines run.

A plan names terms of fields, with weights. `indexer.query.compiler` makes plans from a query tree, and collects them in
a `CompiledQuery`, which search, highlighting and did-you-mean use. The weights are measured: see docs/relevance.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from indexer.analysis.fields import day_term
from indexer.highlight.matchers import HighlightTerm
from indexer.query.ast import Node, SpellingVariants
from indexer.query.printer import display_query
from indexer.results import MatchMode, QueryWarning, Reading

STEM_WEIGHT: Final = 1.0
FORM_WEIGHT: Final = 0.5
ROOT_WEIGHT: Final = 0.5
SIMILAR_WEIGHT: Final = 0.25
TITLE_WEIGHT: Final = 0.25
TYPED_WEIGHT: Final = 0.05
"""Weight of a name's spelling as typed: it breaks ties between spellings."""

WEAK_CAP: Final = 0.9
"""A match by root or similar stem alone scores at most this share of the lowest score that the stem has anywhere.

A match by lemma without the stem scores from this share up to all of that lowest score, depending on the root and
similar stems. So articles with the word itself come first, then those with other forms of it, then those with related
words.
"""

MAX_EXPANSION: Final = 1000
"""Forms that a wildcard or a fuzzy word expands to at most, the most frequent first."""


class WeightedTerm(NamedTuple):
    """A term of a field; its BM25 score is multiplied by `weight`."""

    field: str
    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class AnyTerm:
    """Any of these terms of one field, scored as one term; its BM25 score is multiplied by `weight`."""

    field: str
    terms: tuple[str, ...]
    weight: float = 1.0


class WordPlan(NamedTuple):
    """One word at every level. Its lemmas match; the other levels add to the score.

    `strong` is the stem, and `added` are levels that the stem implies. A `loose` word is also matched by these, by
    `root` and by stems similar to `similar`. Articles without the stem are capped by `WEAK_CAP`.
    """

    lemma: AnyTerm
    strong: WeightedTerm
    added: tuple[WeightedTerm, ...] = ()
    root: WeightedTerm | None = None
    similar: str | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class WildcardPlan:
    """Any form of a field that matches the pattern: `*` is any number of letters, `?` exactly one."""

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class FuzzyPlan:
    """Any form of a field within edit distance `limit` of this one."""

    field: str
    form: str
    limit: int


@dataclass(frozen=True, slots=True)
class PhrasePlan:
    """These forms in a field, side by side in this order; with a distance, within it in any order."""

    field: str
    forms: tuple[str, ...]
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class DayRangePlan:
    """Published between these days (`yyyymmdd`), inclusive; None is open."""

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
    """Any of these terms; their scores are summed."""

    terms: tuple[WeightedTerm, ...]


Plan = (
    WordPlan
    | AnyTerm
    | WildcardPlan
    | FuzzyPlan
    | PhrasePlan
    | DayRangePlan
    | AnyName
    | Conjunction
    | Disjunction
    | SummedTerms
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a query, as the minimum match counts it: its text, what matches it, and what gives its weight.

    The weight is that of all forms of its words, regardless of the request's forms, so that wider forms never narrow a
    match set.
    """

    text: str
    plan: Plan
    weighed: Plan


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """A query as the engines run it.

    An article matches if it has as many of the `parts` as `match` requires (`indexer.query.minimum_match`), all of
    `required`, all of the `conditions` and none of `excluded`. Its score is the sum of the plans of `scored` that match
    it. The nearest articles have all of `required` and the `conditions`, none of `excluded` and any of `near`, whose
    scores are summed. `highlight_terms` are highlighted in articles that match, `loose_highlight_terms` in the nearest.
    `correctable` are the runs of plain words that did-you-mean checks; `spelling_variants` the words that were searched
    in other spellings too. `is_foreign` is true for a question in another language (`indexer.query.foreign`).
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
    spelling_variants: tuple[SpellingVariants, ...] = ()
    is_foreign: bool = False

    @property
    def understood(self) -> str:
        """The query in the query language, with direction marks for display."""
        return display_query(self.node)


def day_range_plan(first: date | None, last: date | None) -> DayRangePlan:
    """The plan of a range of days."""
    return DayRangePlan(day_term(first) if first else None, day_term(last) if last else None)
