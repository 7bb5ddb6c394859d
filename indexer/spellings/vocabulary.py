"""The vocabulary of an index: what spelling variants and suggestions ask of it, and its forms as they are printed.

Each engine implements `Vocabulary`. The index holds folded forms (المفاوضه); `SurfaceForms` finds their usual printed
spelling (المفاوضة), which is what users are shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Protocol

from corpus import Archive
from indexer import budget
from indexer.analysis import INVISIBLE, MARKS, WORD, analyze_word, fold

KNOWN: Final = 5
"""A form in so many articles is a word or a name, not a misspelling."""

KNOWN_SHARE: Final = 1 / 20_000
"""The same as a share of the articles, for archives of more than 100,000: misspellings repeat there."""

_CACHE_SIZE: Final = 50_000
_TATWEEL: Final = "\u0640"
_SIGNS = re.compile(f"[{MARKS}{INVISIBLE}{_TATWEEL}]")


class Vocabulary(Protocol):
    """The terms of one commit of an index, with their document frequencies."""

    @property
    def doc_count(self) -> int:
        """Number of articles in the index."""

    def frequency(self, field: str, term: str) -> int:
        """The document frequency of a term."""

    def frequencies(self, field: str, terms: Sequence[str]) -> Mapping[str, int]:
        """The document frequencies of many terms; terms in no article may be missing."""

    def near(self, word: str, limit: int, least: int = 1) -> Mapping[str, tuple[int, float]]:
        """The forms within edit distance `limit` of a folded word: document frequency and distance of each.

        All forms in at least `least` articles are included; rarer ones may be missing.
        """

    def cooccurrences(self, form: str, others: Sequence[str]) -> Mapping[str, int]:
        """For each of some other forms: in how many articles it occurs together with a form."""

    def adjacent(self, runs: Sequence[tuple[str, ...]]) -> Mapping[tuple[str, ...], int]:
        """For each run of two or more forms: in how many articles they are side by side, in this order."""

    def forms_with_prefix(self, start: str, most: int) -> Mapping[str, int]:
        """The document frequencies of at least the `most` most frequent forms with a prefix."""

    def existing_prefixes(self, starts: Collection[str]) -> set[str]:
        """Those of some prefixes with which a form begins."""

    def sample_articles(self, forms: Sequence[str], count: int) -> Mapping[str, list[str]]:
        """For each of some forms: the ids of up to `count` short articles with it."""


def least_known(vocabulary: Vocabulary) -> float:
    """The document frequency from which on a form counts as known."""
    return max(KNOWN, vocabulary.doc_count * KNOWN_SHARE)


class SurfaceForms:
    """The printed spellings of forms, looked up in articles and cached for one commit of an index."""

    def __init__(self, vocabulary: Vocabulary, archive: Archive) -> None:
        self._vocabulary = vocabulary
        self._archive = archive
        self._known: dict[str, str] = {}

    def spell(self, forms: Iterable[str], *, samples: int = 3) -> dict[str, str]:
        """The usual printed spelling of each form in a few sample articles, without harakat and tatweel.

        A form that the archive no longer has is its own spelling.
        """
        distinct = list(dict.fromkeys(forms))
        asked = self.sample_articles(distinct, self._vocabulary, samples)
        articles = self._archive.get_many({article_id for ids in asked.values() for article_id in ids})
        if len(self._known) > _CACHE_SIZE:
            self._known = {}
        spelled = {}
        for form in distinct:
            texts = [articles[article_id] for article_id in asked.get(form, ()) if article_id in articles]
            found = Counter(
                printed for article in texts if (printed := _first(form, f"{article.title}\n{article.text}"))
            )
            spelled[form] = found.most_common(1)[0][0] if found else self._known.get(form, form)
        self._known |= spelled
        return spelled

    def sample_articles(self, forms: Iterable[str], vocabulary: Vocabulary, count: int = 3) -> Mapping[str, list[str]]:
        """The sample articles of forms that are not cached yet: what `spell` asks of a vocabulary."""
        asked = [form for form in dict.fromkeys(forms) if form not in self._known]
        return vocabulary.sample_articles(asked, count) if asked else {}


def _first(form: str, text: str) -> str | None:
    """The first word of a text with this form, without marks and invisible characters."""
    budget.check()
    for word in WORD.findall(text):
        # The first letter rules out most words without analysis.
        if form.startswith(_folded(word[0])) and analyze_word(word).form == form:
            return _SIGNS.sub("", word)
    return None


@lru_cache(maxsize=1_000)
def _folded(letter: str) -> str:
    return fold(letter)
