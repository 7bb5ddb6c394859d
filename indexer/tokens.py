"""Gathering the words of many articles as numbers, for inversion in bulk.

A text is cut at its spaces, and each run of characters between them becomes a number: two passes of C code. Each
distinct run is taken apart into words once, when it is first met, and each distinct word analysed once. Only when a
segment is written are the numbers of runs replaced by those of words, and these by those of forms, stems and roots.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from operator import attrgetter

import numpy as np

from indexer.analysis import Level, Terms, analyze_words
from indexer.codec import FieldArrays, invert


class RunNumbers(dict[str, int]):
    """A run of printed characters → its number. No word reaches over a space: a run is some whole words, mostly one.

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

    @property
    def words_held(self) -> int:
        """How many words all distinct runs have together."""
        return len(self._words_of_runs)

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
    """The runs of one field of consecutive documents: `runs[ends[d - 1]:ends[d]]` are those of document d."""

    def __init__(self, numbers: RunNumbers) -> None:
        self._numbers = numbers
        self._number: Callable[[str], int] = numbers.__getitem__
        self._runs = array("I")
        self._ends = array("Q")

    def add(self, text: str) -> int:
        """Adds the next document's text; gives about how many words it has.

        Counted are the runs, most of them one word, and the words of runs that were not met before: so that text
        without spaces, whose runs are long and all different, counts for what it takes.
        """
        before = len(self._runs) + self._numbers.words_held
        self._runs.extend(map(self._number, text.split()))
        self._ends.append(len(self._runs))
        return len(self._runs) + self._numbers.words_held - before

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Word numbers, documents and positions of all words, uint32[words] each."""
        words, ends_of_runs = self._numbers.words(np.array(self._runs, np.uint32))
        ends = np.append(ends_of_runs, 0)[np.array(self._ends, np.int64) - 1]  # before the first run there are none
        lengths = np.diff(ends, prepend=0)
        docs = np.repeat(np.arange(len(ends), dtype=np.uint32), lengths)
        positions = np.arange(len(words), dtype=np.uint32)
        positions -= np.repeat((ends - lengths).astype(np.uint32), lengths)
        return words, docs, positions


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
