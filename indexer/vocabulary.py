"""The forms of a segment, prepared for finding those that are spelled nearly alike.

Three sieves, each coarser and quicker than the next, so that a word is compared with 262,000 forms in milliseconds:
letters as bits of a mask, one a form; the edit distance over arrays (`indexer.distances`); the edit distance itself.

An edit that costs 1 changes the set of a word's letters by at most two, and so does one that costs ½. In a second mask
the letters that are confused are one, and hamza and its seats are none: there edits that cost ½ change nothing. So the
two masks together differ by at most four for each 1 of distance; lengths, with and without hamza and its seats, by two.
"""

from __future__ import annotations

import re
from functools import cache, cached_property

import numpy as np

from indexer.analysis import distance
from indexer.analysis.distance import CONFUSED
from indexer.codec import FieldPostings
from indexer.distances import least_distances

MAX_EXPANSION = 1000
"""Forms that a pattern or a misspelt word stands for at most; the most frequent ones are kept."""

_HAMZA = "ء"


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
    def _letters(self) -> np.ndarray:
        """The text as bytes, the last eight bits of each code point."""
        return _codes(self._text).astype(np.uint8)

    @cached_property
    def _masks(self) -> tuple[np.ndarray, np.ndarray]:
        """A bit for each letter of each form, uint64[forms], and one for each kind of letter, uint64[forms]."""
        codes = _codes(self._text)
        return tuple(np.bitwise_or.reduceat(bits, self._line_ends[:-1]) for bits in _bits(codes))  # type: ignore[return-value]

    @cached_property
    def _lengths(self) -> tuple[np.ndarray, np.ndarray]:
        """The length of each form, and how many of its letters are neither hamza nor its seats, int16[forms] each."""
        firm = _kinds()[self._letters & 63] != 0
        firm[self._line_ends] = False
        return (
            (np.diff(self._line_ends) - 1).astype(np.int16),
            np.add.reduceat(firm, self._line_ends[:-1], dtype=np.int16),
        )

    def near(self, word: str, limit: int) -> list[tuple[int, str, float]]:
        """The forms at most `limit` edits from a folded word: number, form, distance (`indexer.analysis.distance`)."""
        if not self._field.term_count or not word:
            return []
        numbers = self._sieved(word, limit)
        lengths = self._lengths[0][numbers].astype(np.intp)
        starts = self._line_ends[numbers] + 1
        columns = np.arange(int(lengths.max(initial=0)))[:, None]
        # Past a form's end the next one's letters follow; no distance looks at them.
        letters = self._letters[np.minimum(starts + columns, len(self._letters) - 1)]
        found = []
        for number in numbers[least_distances(word, letters, lengths, limit) <= 2 * limit].tolist():
            form = self._field.term(number).decode("utf-8", "surrogatepass")
            if (how_far := distance(word, form, limit)) <= limit:
                found.append((number, form, how_far))
        return found

    def _sieved(self, word: str, limit: int) -> np.ndarray:
        """The numbers of the forms whose letters and lengths do not put them further away."""
        bits, kinds = _bits(_codes(word))
        (all_letters, all_kinds), (lengths, firm) = self._masks, self._lengths
        fits = np.abs(lengths - np.int16(len(word))) + np.abs(firm - np.int16(np.count_nonzero(kinds))) <= 2 * limit
        numbers = np.flatnonzero(fits)
        differing = np.bitwise_count(all_letters[numbers] ^ np.bitwise_or.reduce(bits))
        differing += np.bitwise_count(all_kinds[numbers] ^ np.bitwise_or.reduce(kinds))
        sieved: np.ndarray = numbers[differing <= 4 * limit]
        return sieved

    def like(self, pattern: re.Pattern[str]) -> np.ndarray:
        """The numbers of the forms that a pattern of the shape `\\n(…)(?=\\n)` matches whole, ascending."""
        starts = np.array([match.start() for match in pattern.finditer(self._text)], np.int64)
        return np.searchsorted(self._line_ends, starts)


def _codes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _bits(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each letter its bit, and the bit of its kind: none for hamza and its seats. Line breaks have neither."""
    low = codes & np.uint32(63)
    bits = np.uint64(1) << low.astype(np.uint64)
    bits[codes == 10] = 0
    kinds = _kinds()[low]
    kinds[codes == 10] = 0
    return bits, kinds


@cache
def _kinds() -> np.ndarray:
    """For the last six bits of a code point the bit of its kind; letters of other scripts share those of Arabic."""
    kind = list(range(64))
    for group in CONFUSED:
        if _HAMZA not in group:
            # A letter may be in two groups, which are then one kind.
            joined = {kind[ord(letter) & 63] for letter in group}
            kind = [min(joined) if one in joined else one for one in kind]
    bits = np.uint64(1) << np.array(kind, np.uint64)
    for group in CONFUSED:
        if _HAMZA in group:
            bits[[ord(letter) & 63 for letter in group]] = 0
    return bits
