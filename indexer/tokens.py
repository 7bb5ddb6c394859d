"""Gathering the words of many articles as numbers, for inversion in bulk.

Each distinct printed word gets a number when it is first met; a text becomes an array of these numbers in one pass of
C code. Only when a segment is written are the numbers mapped to those of forms, stems and roots: once for each
distinct word, not for each occurrence.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np

from indexer.analysis import WORD, Level, Terms, analyze_word
from indexer.codec import FieldArrays, invert


class WordNumbers(dict[str, int]):
    """Printed word → its number; `terms[number]` are its terms."""

    def __init__(self) -> None:
        self.terms: list[Terms] = []

    def __missing__(self, printed: str) -> int:
        number = self[printed] = len(self.terms)
        self.terms.append(analyze_word(printed))
        return number


class TokenBuffer:
    """The words of one field of consecutive documents: `words[ends[d - 1]:ends[d]]` are those of document d."""

    def __init__(self, numbers: WordNumbers) -> None:
        self._number: Callable[[str], int] = numbers.__getitem__
        self.words = array("I")
        self.ends = array("Q")

    def add(self, text: str) -> int:
        """Adds the next document's text; gives its number of words."""
        before = len(self.words)
        self.words.extend(map(self._number, WORD.findall(text)))
        self.ends.append(len(self.words))
        return len(self.words) - before

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Word numbers, documents and positions of all words, each [words]."""
        words = np.frombuffer(self.words, np.uint32) if self.words else np.zeros(0, np.uint32)
        ends = np.array(self.ends, np.int64)
        lengths = np.diff(ends, prepend=0)
        docs = np.repeat(np.arange(len(ends), dtype=np.uint32), lengths)
        positions = np.arange(len(words), dtype=np.int64) - np.repeat(ends - lengths, lengths)
        return words, docs, positions.astype(np.uint32)


class LevelTerms:
    """The terms of one level: each word number's term number, and the terms."""

    def __init__(self, words: list[Terms], level: Level) -> None:
        numbers: dict[str, int] = {}
        of_word = np.empty(len(words), np.int64)
        for number, terms in enumerate(words):
            term = terms.at(level)
            of_word[number] = numbers.setdefault(term, len(numbers)) if term else -1
        self._of_word = of_word
        self._terms = [term.encode("utf-8", "surrogatepass") for term in numbers]

    def invert(self, words: np.ndarray, docs: np.ndarray, positions: np.ndarray | None, doc_count: int) -> FieldArrays:
        """The postings of the words at this level; words without a term have none. Arrays are [words]."""
        numbers = self._of_word[words] if len(words) else np.zeros(0, np.int64)
        kept = numbers >= 0
        if not kept.all():
            numbers, docs = numbers[kept], docs[kept]
            positions = None if positions is None else positions[kept]
        return invert(numbers.astype(np.uint32), docs, positions, self._terms, doc_count=doc_count)
