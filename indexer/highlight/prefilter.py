"""A sieve for the words of printed texts: which of them hold the letters that a word must have to meet a query.

Analysing a word takes ten microseconds and even remembering it takes one, since no cache of a processor holds a hundred
thousand words. So the letters of each run of characters between spaces become the bits of an integer, in arrays, and
only runs that hold all letters of a wanted word are taken out as strings: in news one in six for three words.
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
_FOLDED: Final = 0x0700  # characters before this are told apart by what they fold to
_ASCII: Final = "0123456789abcdefghijklmnopqrstuvwxyz"  # these share what bits are left
_BIT_OF_ASCII: Final = len(_LETTERS)
_BITS_OF_ASCII: Final = 16
_INSIDE: Final = np.uint64(1 << 63)  # of every character that a word may hold
_ALL: Final = (1 << 63) - 1  # of a character that may become any


class Run(NamedTuple):
    """`texts[number][start:end]` may hold a wanted word."""

    number: int
    start: int
    end: int


def letter_mask(letters: Iterable[str]) -> int:
    """The bits of folded letters; those of a word stand for it whatever their order."""
    mask = 0
    for letter in letters:
        if ord(letter) in _LETTERS:
            mask |= 1 << (ord(letter) - _LETTERS.start)
        elif letter in _ASCII:
            mask |= 1 << (_BIT_OF_ASCII + _ASCII.index(letter) % _BITS_OF_ASCII)
    return mask


def prefilter(texts: list[str], masks: Iterable[int] | None) -> list[Run]:
    """The runs of the texts, in order, that hold all letters of one of the masks; with None all that hold a word.

    A word that a mask was made of, or one with more letters, is in one of them, however it is printed. A run is whole
    words, with what stands between them unspaced.
    """
    text = "\n".join(("", *texts, ""))
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    bits = _bits_of_characters()[np.minimum(codes, _LAST)]
    inside = bits != 0
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return []
    letters = np.bitwise_or.reduceat(bits, starts)  # what follows a run, up to the next one, has no bits
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
    """Those of the masks that hold no other: what holds all letters of any holds those of one of them."""
    least: list[int] = []
    for mask in sorted(set(masks), key=int.bit_count):
        if not any(mask & smaller == smaller for smaller in least):
            least.append(mask)
    return least


@cache
def _bits_of_characters() -> np.ndarray:
    """The bits of each character up to `_LAST`, uint64: of its letters when folded, none where no word holds it."""
    bits = np.zeros(_LAST + 1, np.uint64)
    of_words = [ord(character) for character in OF_WORDS.findall("".join(map(chr, range(_LAST))))]
    bits[of_words] = _ALL  # what lies behind `_FOLDED` is rare, and always looked at
    for code in of_words[: bisect_left(of_words, _FOLDED)]:
        letters = [letter for letter in MAY_BECOME.get(chr(code), fold(chr(code))) if letter.isalnum()]
        if all(ord(letter) in _LETTERS or letter in _ASCII for letter in letters):
            bits[code] = letter_mask(letters)
    bits[_composing_marks()] = _ALL
    bits[of_words] |= _INSIDE
    bits[_LAST] = _ALL | int(_INSIDE)
    return bits


def _composing_marks() -> list[int]:
    """The marks that make other letters of those before them: hamza above و is ؤ."""
    parts = (unicodedata.decomposition(chr(code)).split() for code in _LETTERS)
    return sorted({int(mark, 16) for _, mark in filter(None, parts)})
