"""From a parsed query to what meets it: when its words are relaxed, and what is said of that. The same on both engines.

An engine brings the steps, as a `Finder`; the rules are here alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from indexer.marking import Marker
from indexer.plan import STRICT_WORDS, PlainWord, Plan, make_plan, plain_word, plain_words
from indexer.query import Node, ParsedQuery, Word, warnings
from indexer.results import QueryWarning
from indexer.vocabulary import MAX_EXPANSION

M = TypeVar("M")


class Finder(Protocol[M]):
    """One state of an index, asked for one request; `M` is what it gives of the articles that are met."""

    def run(self, plan: Plan, words: Sequence[PlainWord], *, weak: bool) -> M:
        """What meets a plan; `words` are its plain ones, `weak` where roots and like stems may meet them too."""

    def total(self, met: M) -> int:
        """How many articles were met."""

    def none_has_all(self, plan: Plan) -> bool:
        """Whether no article has, by any level, all words of a plan that wants enough of them."""

    def was_cut(self, plan: Plan) -> bool:
        """Whether a pattern of the plan stands for more forms than are looked up."""

    def similar_stems(self, stem: str) -> Collection[str]:
        """The stems that the index counts as like this one."""


@dataclass(frozen=True, slots=True)
class Found(Generic[M]):
    """What a query met; `weak` when words were also met by their roots or by likeness."""

    met: M
    total: int
    warnings: tuple[QueryWarning, ...]
    weak: bool


def find(finder: Finder[M], parsed: ParsedQuery) -> Found[M]:
    """Runs a query: strictly, and where nothing has its few words, by roots and like stems."""
    said = list(parsed.warnings)
    words = plain_words(parsed.node)
    plain = _plans(words)
    weak = len(words) > STRICT_WORDS
    plan = make_plan(parsed.node)
    met = finder.run(plan, plain, weak=weak)
    if words and not finder.total(met):
        weak = True
        plan = make_plan(parsed.node, relaxed=True)
        met = finder.run(plan, plain, weak=True)
    total = finder.total(met)
    if weak and total:
        if isinstance(parsed.node, Word):
            said.append(warnings.resembling())
        elif finder.none_has_all(plan):
            said.append(warnings.relaxed())
    if finder.was_cut(plan):
        said.append(warnings.pattern_cut(MAX_EXPANSION))
    return Found(met, total, tuple(dict.fromkeys(said)), weak)


def marker_of(finder: Finder[M], node: Node, found: Found[M]) -> Marker:
    """What marks the words that a query met, and those only."""
    if not found.weak:
        return Marker(node)
    stems = [word.similar for word in _plans(plain_words(node)) if word.similar]
    return Marker(node, weak=True, similar={stem: finder.similar_stems(stem) for stem in stems})


def _plans(words: Sequence[Word]) -> tuple[PlainWord, ...]:
    return tuple(plan for word in words if (plan := plain_word(word.text)) is not None)
