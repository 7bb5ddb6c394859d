"""The words of an index, as suggestions need them: what both engines can tell of the terms that articles hold.

Forms as the archive prints them: the index has المفاوضه, the reader is shown المفاوضة.
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
"""A form in so many articles is a word or a name, and not misspelt."""

KNOWN_SHARE: Final = 1 / 20_000
"""In archives of more than 100,000 articles, the share of articles that makes a form known: slips repeat there."""


class Vocabulary(Protocol):
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


def least_known(vocabulary: Vocabulary) -> float:
    """In how many articles a form is that the archive knows as a word."""
    return max(KNOWN, vocabulary.doc_count * KNOWN_SHARE)


_MOST_REMEMBERED: Final = 50_000
_TATWEEL: Final = "\u0640"
_SIGNS = re.compile(f"[{MARKS}{INVISIBLE}{_TATWEEL}]")


class PrintedForms:
    """The printed spellings of the forms of one state of an index, each looked up once."""

    def __init__(self, vocabulary: Vocabulary, archive: Archive) -> None:
        self._vocabulary = vocabulary
        self._archive = archive
        self._known: dict[str, str] = {}

    def spell(self, forms: Iterable[str], *, witnesses: int = 3) -> dict[str, str]:
        """The spelling that most of so many articles print for each form, without harakat and tatweel.

        A form that they no longer hold, since the archive has changed, is its own spelling.
        """
        wanted = list(dict.fromkeys(forms))
        asked = self.witnesses(wanted, self._vocabulary, witnesses)
        articles = self._archive.get_many({article_id for ids in asked.values() for article_id in ids})
        if len(self._known) > _MOST_REMEMBERED:
            self._known = {}
        spelled = {}
        for form in wanted:
            texts = [articles[article_id] for article_id in asked.get(form, ()) if article_id in articles]
            found = Counter(
                printed for article in texts if (printed := _first(form, f"{article.title}\n{article.text}"))
            )
            spelled[form] = found.most_common(1)[0][0] if found else self._known.get(form, form)
        self._known |= spelled
        return spelled

    def witnesses(self, forms: Iterable[str], vocabulary: Vocabulary, count: int = 3) -> Mapping[str, list[str]]:
        """What `spell` asks a vocabulary: the ids of articles that hold forms which were not looked up yet."""
        asked = [form for form in dict.fromkeys(forms) if form not in self._known]
        return vocabulary.witnesses(asked, count) if asked else {}


def _first(form: str, text: str) -> str | None:
    """The first word of a text that has this form, bare of what is not letters."""
    budget.check()
    for word in WORD.findall(text):
        # Most words are told apart by their first letter, and need no analysis.
        if form.startswith(_folded(word[0])) and analyze_word(word).form == form:
            return _SIGNS.sub("", word)
    return None


@lru_cache(maxsize=1_000)
def _folded(letter: str) -> str:
    return fold(letter)
