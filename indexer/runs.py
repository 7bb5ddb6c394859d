"""Cutting many texts between their words at once, and telling equal runs of characters from each other by numbers.

What `str.split` and a dictionary would do in a step for each run, arrays do for all together, at half the cost: most of
that was the dictionary's, whose hundreds of thousands of words no cache of a processor holds.

A run of at most eight usual characters is packed into an integer of eight bytes, a byte a character: equal runs have
equal integers, nothing is hashed and nothing can collide. Longer runs and those of other characters, one in twenty in
news, are kept as strings.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from indexer.analysis import OF_WORDS

_PACKED: Final = 8  # characters of the longest run that is packed
_USUAL: Final = (*range(0x21, 0x7F), *range(0x600, 0x6A0))  # ASCII and the Arabic letters, digits, marks: 254 in all
_BETWEEN: Final = 0
_OTHER: Final = 255
_LAST: Final = 0x3001  # no character from here on is a space


class Runs(NamedTuple):
    """The runs of some texts, one text after the other."""

    distinct: list[str]
    """Each run once; those that were not packed as often as they occur."""
    numbers: np.ndarray
    """Where each run is in `distinct`, int64[runs]."""
    counts: np.ndarray
    """How many runs each text has, int64[texts]."""


class _Alphabet(NamedTuple):
    bytes: np.ndarray  # uint8[code point up to _LAST]: _BETWEEN, _OTHER or the byte of a usual character
    characters: np.ndarray  # uint32[256]: the code point of each byte; of _BETWEEN zero, which ends a string
    masks: np.ndarray  # uint64[length]: the bytes of a run of that length


def cut(texts: Sequence[str]) -> Runs:
    """The runs of characters between spaces and such punctuation as no word holds: each is some whole words, or none.

    Only usual punctuation and spaces are cut at; where other signs stand between words, the run holds several.
    """
    alphabet = _alphabet()
    text = " ".join(("", *texts, " " * _PACKED))  # spaces at both ends; behind the last run enough to read eight bytes
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    characters = alphabet.bytes[np.minimum(codes, _LAST)]
    inside = characters != _BETWEEN
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    lengths = ends - starts
    whole = lengths > _PACKED  # runs to be kept as strings
    whole[np.searchsorted(starts, np.flatnonzero(characters == _OTHER), "right") - 1] = True

    # The eight bytes from each place on, overlapping, as one integer; what is behind the run is masked.
    windows = np.ndarray(len(characters) - _PACKED + 1, "<u8", characters.data, strides=(1,))
    packed = windows[starts[~whole]] & alphabet.masks[lengths[~whole]]
    distinct, places = np.unique(packed, return_inverse=True)
    letters = alphabet.characters[distinct.astype("<u8").view(np.uint8)]
    strings: list[str] = letters.view(f"=U{_PACKED}").tolist()
    numbers = np.empty(len(starts), np.int64)
    numbers[~whole] = places
    numbers[whole] = np.arange(len(strings), len(strings) + np.count_nonzero(whole))
    strings += [text[start:end] for start, end in zip(starts[whole].tolist(), ends[whole].tolist(), strict=True)]

    text_ends = np.cumsum([len(each) + 1 for each in texts], dtype=np.int64)
    return Runs(strings, numbers, np.diff(np.searchsorted(starts, text_ends, "right"), prepend=0))


@cache
def _alphabet() -> _Alphabet:
    of_character = np.full(_LAST + 1, _OTHER, np.uint8)
    of_character[list(_USUAL)] = np.arange(1, _OTHER)
    of_character[[code for code in range(_LAST) if chr(code).isspace()]] = _BETWEEN
    of_character[[code for code in _USUAL if not OF_WORDS.match(chr(code))]] = _BETWEEN
    of_byte = np.zeros(_OTHER + 1, np.uint32)
    of_byte[1:_OTHER] = _USUAL
    masks = [(1 << 8 * length) - 1 for length in range(_PACKED + 1)]
    return _Alphabet(of_character, of_byte, np.array(masks, np.uint64))
