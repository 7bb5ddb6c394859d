"""The forms of a segment, prepared for finding those that are spelled nearly alike.

An edit changes the set of a word's letters by at most two, so forms whose sets differ by more need no comparison. The
sets are 64-bit masks, one a form; comparing 262,000 of them with a word's takes NumPy half a millisecond and leaves
some hundreds for the edit distance itself.
"""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np

from indexer.analysis import distance
from indexer.codec import FieldPostings

MAX_EXPANSION = 1000
"""Forms that a pattern or a misspelt word stands for at most; the most frequent ones are kept."""


class SegmentVocabulary:
    """The forms of one field of a segment."""

    def __init__(self, field: FieldPostings) -> None:
        self._field = field

    @cached_property
    def _text(self) -> str:
        """All forms, each on a line, with a line break before the first."""
        return "\n" + b"\n".join(self._field.terms()).decode("utf-8", "surrogatepass") + "\n"

    @cached_property
    def _line_ends(self) -> np.ndarray:
        return np.flatnonzero(_codes(self._text) == 10)

    @cached_property
    def _masks(self) -> np.ndarray:
        """A bit for each letter of each form, uint64[forms]."""
        codes = _codes(self._text)
        bits = np.uint64(1) << (codes.astype(np.uint64) & np.uint64(63))
        bits[codes == 10] = 0
        masks: np.ndarray = np.bitwise_or.reduceat(bits, self._line_ends[:-1])
        return masks

    @cached_property
    def _lengths(self) -> np.ndarray:
        return np.diff(self._line_ends) - 1

    def near(self, word: str, limit: int) -> list[tuple[int, str, float]]:
        """The forms at most `limit` edits from a folded word: number, form, distance (`indexer.analysis.distance`)."""
        if not self._field.term_count or not word:
            return []
        mask = np.bitwise_or.reduce(np.uint64(1) << (_codes(word).astype(np.uint64) & np.uint64(63)))
        # Half-priced edits, of hamzas and letters that look alike, may be twice as many as the limit says.
        edits = 2 * limit
        differing = np.bitwise_count(self._masks ^ mask)
        fits = (differing <= 2 * edits) & (np.abs(self._lengths - len(word)) <= edits)
        found = []
        for number in np.flatnonzero(fits).tolist():
            form = self._field.term(number).decode("utf-8", "surrogatepass")
            if (how_far := distance(word, form, limit)) <= limit:
                found.append((number, form, how_far))
        return found

    def like(self, pattern: re.Pattern[str]) -> np.ndarray:
        """The numbers of the forms that a pattern of the shape `\\n(…)(?=\\n)` matches whole, ascending."""
        starts = np.array([match.start() for match in pattern.finditer(self._text)], np.int64)
        return np.searchsorted(self._line_ends, starts)


def _codes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
