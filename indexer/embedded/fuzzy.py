"""Fuzzy matching: the forms of a segment within an edit distance of a word.

Three filters, each coarser and faster than the next, compare a word with 262,000 forms in milliseconds: letters as bits
of one mask per form; the edit distance over arrays; the edit distance itself.

For each 1 of distance the masks of letters, and of kinds of letters, differ by at most four bits, and the lengths, with
and without hamza and its seats, by at most two.
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

        Read from the UTF-8 in the file, in a fifth of the time of decoding: a letter's last byte has the last six bits
        of its code point, and the byte before it the next two.
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
        """A mask of the letters of each form, uint64[forms], and one of their kinds, uint64[forms]."""
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
        numbers = self._filtered(word, limit, least)
        lengths = self._lengths[0][numbers].astype(np.intp)
        all_letters, starts = self._letters
        columns = np.arange(int(lengths.max(initial=0)))[:, None]
        # After a form's end come the letters of the next; no distance reads them.
        letters = all_letters[np.minimum(starts[numbers] + columns, len(all_letters) - 1)]
        found = []
        for number in numbers[least_distances(word, letters, lengths, limit) <= 2 * limit].tolist():
            form = self._field.term(number).decode("utf-8", "surrogatepass")
            if (how_far := distance(word, form, limit)) <= limit:
                found.append((number, form, how_far))
        return found

    def _filtered(self, word: str, limit: int, least: int) -> np.ndarray:
        """The numbers of the frequent enough forms that letters and lengths do not exclude."""
        bits, kinds = _bits(np.array([ord(letter) & 0xFF for letter in word], np.uint8))
        (all_letters, all_kinds), (lengths, firm) = self._masks, self._lengths
        fits = np.abs(lengths - np.int16(len(word))) + np.abs(firm - np.int16(np.count_nonzero(kinds))) <= 2 * limit
        if least > 1:
            fits &= self._field.doc_frequency >= least
        numbers = np.flatnonzero(fits)
        differing = np.bitwise_count(all_letters[numbers] ^ np.bitwise_or.reduce(bits))
        differing += np.bitwise_count(all_kinds[numbers] ^ np.bitwise_or.reduce(kinds))
        filtered: np.ndarray = numbers[differing <= 4 * limit]
        return filtered

    def like(self, pattern: re.Pattern[str]) -> np.ndarray:
        """The numbers of the forms that match a pattern `\\n(…)(?=\\n)`, ascending."""
        # Before each form are the letters of the previous forms, and a line break for each.
        line_starts = self._letters[1][:-1] + np.arange(self._field.term_count)
        found = np.array([match.start() for match in pattern.finditer(self._lines)], np.int64)
        return np.searchsorted(line_starts, found)

    @cached_property
    def _lines(self) -> str:
        """All forms, one per line, with a line break before the first."""
        return "\n" + b"\n".join(self._field.terms()).decode("utf-8", "surrogatepass") + "\n"


def _bits(letters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The bit of each letter, and the bit of its kind (none for hamza and its seats); uint64[letters] each."""
    low = letters & 63
    return np.uint64(1) << low.astype(np.uint64), _kinds()[low]


@cache
def _kinds() -> np.ndarray:
    """`kind_bits` as uint64[64]."""
    return np.array(kind_bits(), np.uint64)
