"""Document numbers encoded as gaps in bytes, for fields that store documents only.

The first document of a term is its gap from 0, each further one its gap from the one before. A gap below 255 is one
byte. A longer one is the byte 255 and then its digits in base 255, the lowest first, as many as the field's longest gap
needs. No digit is 255, so one comparison finds all long gaps.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from indexer.codec.container import Array

_LONG: Final = 255


class Gaps(NamedTuple):
    """The encoded documents of a field's terms, one term after the other."""

    bytes: Array
    """[bytes] uint8."""
    starts: Array
    """Where each term's bytes start, [terms + 1]."""
    digits: int
    """Digits of a long gap."""


def encode(docs: Array, starts: Array) -> Gaps:
    """Encodes document numbers, [postings], ascending within a term; `starts` divides them into terms, [terms + 1]."""
    gaps = np.diff(docs.astype(np.int64, copy=False), prepend=0)
    firsts = starts[:-1].astype(np.intp)
    gaps[firsts] = docs[firsts]
    digits = 1
    while _LONG**digits <= gaps.max(initial=0):
        digits += 1
    is_long = gaps >= _LONG
    ends = np.cumsum(1 + digits * is_long)
    coded = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    places = ends - 1 - digits * is_long
    coded[places] = np.minimum(gaps, _LONG)
    rest, places = gaps[is_long], places[is_long]
    for digit in range(digits):
        rest, coded[places + 1 + digit] = np.divmod(rest, _LONG)
    return Gaps(coded, np.append(0, ends)[starts.astype(np.intp)], digits)


def decode(coded: Array, digits: int) -> Array:
    """The gaps in some bytes, int64[postings]."""
    places = np.flatnonzero(coded == _LONG)
    gaps = coded.astype(np.int64)
    if not len(places):
        return gaps
    long = gaps[places + 1]
    for digit in range(1, digits):
        long += gaps[places + 1 + digit] * _LONG**digit
    gaps[places] = long
    kept = np.ones(len(gaps), np.bool_)
    for digit in range(digits):
        kept[places + 1 + digit] = False
    return gaps[kept]


def decode_all(coded: Gaps, counts: Array) -> Array:
    """The documents of all terms, int64[postings]; `counts` is the number of each term's, [terms]."""
    docs = np.cumsum(decode(coded.bytes, coded.digits))
    ends = np.cumsum(counts, dtype=np.int64)
    before = np.append(0, docs)[ends - counts]  # what the sum holds of the terms before
    docs -= np.repeat(before, counts)
    return docs
