"""The words of an index, as suggestions need them: what both engines can tell of the terms that articles hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol

KNOWN: Final = 5
"""A form in so many articles is a word or a name, and not misspelt."""

KNOWN_SHARE: Final = 1 / 20_000
"""In archives of more than 100,000 articles, the share of articles that makes a form known: slips repeat there."""


class Lexicon(Protocol):
    """The terms of one state of an index."""

    @property
    def doc_count(self) -> int:
        """Articles in the index: what frequencies are shares of."""

    def frequency(self, field: str, term: str) -> int:
        """In how many articles a term is."""

    def frequencies(self, field: str, terms: Sequence[str]) -> Mapping[str, int]:
        """`frequency` of many terms; those that are in none may be left out."""

    def near(self, word: str, limit: int, least: int = 1) -> Mapping[str, tuple[int, float]]:
        """The forms at most `limit` edits from a folded word: in how many articles each is, and how far it is.

        Those in at least `least` articles are all there; rarer ones may be left out.
        """

    def together(self, form: str, others: Sequence[str]) -> Mapping[str, int]:
        """For each of some other forms: in how many articles it is together with a form."""

    def adjacent(self, runs: Sequence[tuple[str, ...]]) -> Mapping[tuple[str, ...], int]:
        """For each run of two or more forms: in how many articles they stand side by side, in this order."""

    def beginning(self, start: str, most: int) -> Mapping[str, int]:
        """At least the `most` most frequent forms that begin so, if there are so many: in how many articles each is."""

    def begun(self, starts: Collection[str]) -> set[str]:
        """Those of some beginnings with which at least one form begins."""

    def witnesses(self, forms: Sequence[str], count: int) -> Mapping[str, list[str]]:
        """For each of some forms: the ids of some short articles that hold it."""


def least_known(lexicon: Lexicon) -> float:
    """In how many articles a form is that the archive knows as a word."""
    return max(KNOWN, lexicon.doc_count * KNOWN_SHARE)
