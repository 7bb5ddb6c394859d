"""Gathering the words of many articles as numbers, for inversion in bulk.

Texts are cut between their words, and each run of characters becomes a number (`indexer.runs`). Each distinct run is
taken apart into words once, when it is first met, and each distinct word analysed once. Only when a segment is written
are the numbers of runs replaced by those of words, and these by those of forms, stems and roots.
"""

from __future__ import annotations

from array import array
from operator import attrgetter
from typing import Final

import numpy as np

from indexer.analysis import Level, Terms, analyze_words
from indexer.codec import FieldArrays, invert
from indexer.runs import cut

BLOCK: Final = 4_000_000
"""Characters cut together: some 2,000 articles. The arrays take 100 megabytes, and more would not be quicker."""


class RunNumbers(dict[str, int]):
    """A run of printed characters → its number. A run is some whole words, mostly one.

    Words that fold alike are one word here: the form decides the stem and the root.
    """

    def __init__(self) -> None:
        self.terms: list[Terms] = []
        """The terms of each word, by the word's number."""
        self._words: dict[str, int] = {}  # form → the word's number
        self._words_of_runs = array("I")  # of all runs, one after the other
        self._ends = array("Q")  # where those of each run end

    def __missing__(self, run: str) -> int:
        for terms in analyze_words(run):
            word = self._words.setdefault(terms.form, len(self.terms))
            if word == len(self.terms):
                self.terms.append(terms)
            self._words_of_runs.append(word)
        number = self[run] = len(self._ends)
        self._ends.append(len(self._words_of_runs))
        return number

    def words(self, runs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of the words of these runs, uint32[words], and where those of each run end, int64[runs]."""
        all_ends = np.array(self._ends, np.int64)
        counts = np.diff(all_ends, prepend=0)[runs]
        ends = np.cumsum(counts)
        # From where a word is in the result to where it is among the words of the distinct runs.
        places = np.repeat(all_ends[runs] - ends, counts)
        places += np.arange(len(places))
        return np.array(self._words_of_runs, np.uint32)[places], ends


class TokenBuffer:
    """The words of one field of consecutive documents. Texts wait until there are enough to be cut together."""

    def __init__(self, numbers: RunNumbers) -> None:
        self._numbers = numbers
        self._waiting: list[str] = []
        self._characters = 0  # of the waiting texts
        self._runs: list[np.ndarray] = []  # numbers, uint32[runs of a block]
        self._counts: list[np.ndarray] = []  # runs of each document, int64[documents of a block]

    def add(self, text: str) -> None:
        """Adds the next document's text."""
        self._waiting.append(text)
        self._characters += len(text)
        if self._characters >= BLOCK:
            self._number_waiting()

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Word numbers, documents and positions of all words, uint32[words] each."""
        self._number_waiting()
        words, ends_of_runs = self._numbers.words(np.concatenate(self._runs))
        ends = np.append(ends_of_runs, 0)[np.cumsum(np.concatenate(self._counts)) - 1]  # before the first run are none
        lengths = np.diff(ends, prepend=0)
        docs = np.repeat(np.arange(len(ends), dtype=np.uint32), lengths)
        positions = np.arange(len(words), dtype=np.uint32)
        positions -= np.repeat((ends - lengths).astype(np.uint32), lengths)
        return words, docs, positions

    def _number_waiting(self) -> None:
        distinct, places, counts = cut(self._waiting)
        numbers = np.fromiter(map(self._numbers.__getitem__, distinct), np.uint32, len(distinct))
        self._runs.append(numbers[places])
        self._counts.append(counts)
        self._waiting, self._characters = [], 0


class LevelTerms:
    """The terms of one level: each word number's term number, and the terms."""

    def __init__(self, words: list[Terms], level: Level) -> None:
        numbers: dict[str, int] = {}
        terms = map(attrgetter(level.value), words)
        of_word = [numbers.setdefault(term, len(numbers)) if term else -1 for term in terms]
        self._of_word = np.array(of_word, np.int32)
        self._terms = [term.encode("utf-8", "surrogatepass") for term in numbers]

    def invert(self, words: np.ndarray, docs: np.ndarray, positions: np.ndarray | None, doc_count: int) -> FieldArrays:
        """The postings of the words at this level; words without a term have none. Arrays are [words]."""
        numbers = self._of_word[words]
        kept = numbers >= 0
        if not kept.all():
            numbers, docs = numbers[kept], docs[kept]
            positions = None if positions is None else positions[kept]
        return invert(numbers.view(np.uint32), docs, positions, self._terms, doc_count=doc_count)
