"""The forms of a segment, prepared for finding those that are spelled nearly alike.

Three sieves, each coarser and quicker than the next, so that a word is compared with 262,000 forms in milliseconds:
letters as bits of a mask, one a form; the edit distance over arrays; the edit distance itself.

Masks of letters and of their kinds differ by at most four for each 1 of distance.
Lengths, with and without hamza and its seats, differ by two.
"""

from __future__ import annotations

import re
from functools import cache, cached_property

import numpy as np

from indexer.analysis import distance
from indexer.analysis.edit_distance import kind_bits, least_distances
from indexer.codec import FieldPostings


class SegmentVocabulary:
    """The forms of one field of a segment."""

    def __init__(self, field: FieldPostings) -> None:
        self._field = field

    @cached_property
    def _letters(self) -> tuple[np.ndarray, np.ndarray]:
        """The last eight bits of each letter's code point, all forms end to end, and where each starts, [forms + 1].

        Read from UTF-8 as it stands in the file, in a fifth of the time that decoding takes: a letter's last byte holds
        the last six bits of its code point, and the byte before holds the two above them.
        """
        blob, ends = self._field.term_bytes()
        is_last = np.ones(len(blob), np.bool_)
        is_last[:-1] = (blob[1:] & 0xC0) != 0x80
        places = np.flatnonzero(is_last)
        last = blob[places]
        letters = np.where(last < 0x80, last, (blob[places - 1] << 6) | (last & 0x3F))
        before = np.zeros(len(blob) + 1, np.int32)
        np.cumsum(is_last, out=before[1:])
        return letters, before[ends]

    @cached_property
    def _masks(self) -> tuple[np.ndarray, np.ndarray]:
        """A bit for each letter of each form, uint64[forms], and one for each kind of letter, uint64[forms]."""
        letters, starts = self._letters
        return tuple(np.bitwise_or.reduceat(bits, starts[:-1]) for bits in _bits(letters))  # type: ignore[return-value]

    @cached_property
    def _lengths(self) -> tuple[np.ndarray, np.ndarray]:
        """The length of each form, and how many of its letters are neither hamza nor its seats, int16[forms] each."""
        letters, starts = self._letters
        firm = _kinds()[letters & 63] != 0
        return np.diff(starts).astype(np.int16), np.add.reduceat(firm, starts[:-1], dtype=np.int16)

    def near(self, word: str, limit: int, least: int = 1) -> list[tuple[int, str, float]]:
        """The forms at most `limit` edits from a folded word: number, form, distance.

        Forms in fewer than `least` documents of the segment are left out.
        """
        if not self._field.term_count or not word:
            return []
        numbers = self._sieved(word, limit, least)
        lengths = self._lengths[0][numbers].astype(np.intp)
        all_letters, starts = self._letters
        columns = np.arange(int(lengths.max(initial=0)))[:, None]
        # Past a form's end the next one's letters follow; no distance looks at them.
        letters = all_letters[np.minimum(starts[numbers] + columns, len(all_letters) - 1)]
        found = []
        for number in numbers[least_distances(word, letters, lengths, limit) <= 2 * limit].tolist():
            form = self._field.term(number).decode("utf-8", "surrogatepass")
            if (how_far := distance(word, form, limit)) <= limit:
                found.append((number, form, how_far))
        return found

    def _sieved(self, word: str, limit: int, least: int) -> np.ndarray:
        """The numbers of the forms frequent enough whose letters and lengths do not put them further away."""
        bits, kinds = _bits(np.array([ord(letter) & 0xFF for letter in word], np.uint8))
        (all_letters, all_kinds), (lengths, firm) = self._masks, self._lengths
        fits = np.abs(lengths - np.int16(len(word))) + np.abs(firm - np.int16(np.count_nonzero(kinds))) <= 2 * limit
        if least > 1:
            fits &= self._field.doc_frequency >= least
        numbers = np.flatnonzero(fits)
        differing = np.bitwise_count(all_letters[numbers] ^ np.bitwise_or.reduce(bits))
        differing += np.bitwise_count(all_kinds[numbers] ^ np.bitwise_or.reduce(kinds))
        sieved: np.ndarray = numbers[differing <= 4 * limit]
        return sieved

    def like(self, pattern: re.Pattern[str]) -> np.ndarray:
        """The numbers of the forms that a pattern of the shape `\\n(…)(?=\\n)` matches whole, ascending."""
        # Before each form stand the letters of those before it, and a break for each of them.
        line_starts = self._letters[1][:-1] + np.arange(self._field.term_count)
        found = np.array([match.start() for match in pattern.finditer(self._lines)], np.int64)
        return np.searchsorted(line_starts, found)

    @cached_property
    def _lines(self) -> str:
        """All forms, each on a line, with a line break before the first."""
        return "\n" + b"\n".join(self._field.terms()).decode("utf-8", "surrogatepass") + "\n"


def _bits(letters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each letter its bit, and the bit of its kind: none for hamza and its seats; uint64[letters] each."""
    low = letters & 63
    return np.uint64(1) << low.astype(np.uint64), _kinds()[low]


@cache
def _kinds() -> np.ndarray:
    """As `kind_bits`; uint64[64]."""
    return np.array(kind_bits(), np.uint64)
