"""The prefilter of highlighting: skips words whose letters cannot match the query.

Analyzing a word takes ten microseconds, and even a cache look-up takes one, since no processor cache holds a hundred
thousand words. So the letters of each run of characters between spaces become the bits of an integer, in arrays, and
only runs that contain all letters of a word of the query become strings: in news, one in six for three words.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from indexer.analysis import MAY_BECOME, OF_WORDS, fold

_LAST: Final = 0x3001  # no character from here on is a space
_LETTERS: Final = range(0x0621, 0x064B)
_FOLDED: Final = 0x0700  # characters before this have the bits of the letters that they fold to
_ASCII: Final = "0123456789abcdefghijklmnopqrstuvwxyz"  # these share the remaining bits
_BIT_OF_ASCII: Final = len(_LETTERS)
_BITS_OF_ASCII: Final = 16
_INSIDE: Final = np.uint64(1 << 63)  # of every character that words may contain
_ALL: Final = (1 << 63) - 1  # of a character that may fold to any letter


class Run(NamedTuple):
    """`texts[number][start:end]` may contain a word that matches."""

    number: int
    start: int
    end: int


def letter_mask(letters: Iterable[str]) -> int:
    """The bits of folded letters, in any order."""
    mask = 0
    for letter in letters:
        if ord(letter) in _LETTERS:
            mask |= 1 << (ord(letter) - _LETTERS.start)
        elif letter in _ASCII:
            mask |= 1 << (_BIT_OF_ASCII + _ASCII.index(letter) % _BITS_OF_ASCII)
    return mask


def prefilter(texts: list[str], masks: Iterable[int] | None) -> list[Run]:
    """The runs of the texts, in order, with all letters of one of the masks; with None all runs that contain a word.

    Every word that a mask was made from, or that has more letters, is in one of these runs, no matter how it is
    printed. A run consists of whole words, with the characters between them except spaces.
    """
    text = "\n".join(("", *texts, ""))
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    bits = _bits_of_characters()[np.minimum(codes, _LAST)]
    inside = bits != 0
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return []
    letters = np.bitwise_or.reduceat(bits, starts)  # characters between two runs have no bits
    if masks is None:
        found = letters != _INSIDE  # marks and punctuation alone are no words
    else:
        found = np.zeros(len(letters), np.bool_)
        for mask in masks:
            found |= (letters & np.uint64(mask)) == mask
    starts, ends = starts[found], ends[found]
    begins = np.cumsum([1, *(len(each) + 1 for each in texts)])
    numbers = np.searchsorted(begins, starts, "right") - 1
    starts, ends = starts - begins[numbers], ends - begins[numbers]
    return list(map(Run, numbers.tolist(), starts.tolist(), ends.tolist()))


def least_masks(masks: Iterable[int]) -> list[int]:
    """The masks that include no other: a run with all letters of any mask has all letters of one of these."""
    least: list[int] = []
    for mask in sorted(set(masks), key=int.bit_count):
        if not any(mask & smaller == smaller for smaller in least):
            least.append(mask)
    return least


@cache
def _bits_of_characters() -> np.ndarray:
    """The bits of each character up to `_LAST`, uint64: those of its folded letters; 0 if no word contains it."""
    bits = np.zeros(_LAST + 1, np.uint64)
    of_words = [ord(character) for character in OF_WORDS.findall("".join(map(chr, range(_LAST))))]
    bits[of_words] = _ALL  # characters after `_FOLDED` are rare, and never skipped
    for code in of_words[: bisect_left(of_words, _FOLDED)]:
        letters = [letter for letter in MAY_BECOME.get(chr(code), fold(chr(code))) if letter.isalnum()]
        if all(ord(letter) in _LETTERS or letter in _ASCII for letter in letters):
            bits[code] = letter_mask(letters)
    bits[_composing_marks()] = _ALL
    bits[of_words] |= _INSIDE
    bits[_LAST] = _ALL | int(_INSIDE)
    return bits


def _composing_marks() -> list[int]:
    """The marks that combine with the letter before them into another letter: hamza above و is ؤ."""
    parts = (unicodedata.decomposition(chr(code)).split() for code in _LETTERS)
    return sorted({int(mark, 16) for _, mark in filter(None, parts)})
