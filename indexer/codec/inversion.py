"""Inverting one field: from tokens in the order of the documents to postings in the order of the terms.

One sort, and no Python object per token: each token's term, document and position are packed into one integer, so that
sorting the integers leaves all three in their places, without an array of indices to gather by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indexer.codec.arrays import FieldArrays, Kind
from indexer.codec.container import Array


def invert(
    term_numbers: Array,
    doc_numbers: Array,
    positions: Array | None,
    terms: Sequence[bytes],
    *,
    kind: Kind | None = None,
    doc_count: int | None = None,
    has_lengths: bool = True,
) -> FieldArrays:
    """Inverts one field of some documents.

    Args:
        term_numbers: each token's index in `terms`, integers [tokens].
        doc_numbers: each token's document, [tokens].
        positions: each token's position in its document, [tokens]; None if they are not stored.
        terms: distinct, in any order; those that no token has are left out.
        kind: by default positions if there are any, otherwise frequencies. With `Kind.EXISTENCE` a document counts once
            for a term.
        doc_count: documents in the segment; by default up to the last one with a token.
        has_lengths: whether the field is scored by its length (Whoosh's `scorable`).

    Raises:
        ValueError: a token's term is not in `terms`, or the arrays differ in length.
    """
    if kind is None:
        kind = Kind.FREQUENCY if positions is None else Kind.POSITIONS
    tokens = len(term_numbers)
    if len(doc_numbers) != tokens or (positions is not None and len(positions) != tokens):
        raise ValueError("there must be a document, and a position if any, for each token")
    if tokens and not 0 <= int(term_numbers.min()) <= int(term_numbers.max()) < len(terms):
        raise ValueError("a token's term is not among the terms")
    if tokens and (int(doc_numbers.min()) < 0 or (positions is not None and int(positions.min()) < 0)):
        raise ValueError("documents and positions are counted from 0")
    order, ranks = _rank(term_numbers, terms)
    rank_of_token = ranks[term_numbers]
    columns = [rank_of_token, doc_numbers] if positions is None else [rank_of_token, doc_numbers, positions]
    ranked = sort_rows(columns)
    term_rank, docs = ranked[0], ranked[1]

    new_term = _changes(term_rank)
    new_posting = new_term | _changes(docs)
    firsts = np.flatnonzero(new_posting)
    freqs: Array | None = np.diff(firsts, append=tokens)
    starts = np.append(np.flatnonzero(new_term[firsts]), len(firsts))
    if kind is Kind.EXISTENCE:
        freqs = None
    lengths = None
    if has_lengths:
        lengths = np.bincount(doc_numbers, minlength=doc_count or 0)
    return FieldArrays(
        kind=kind,
        terms=[terms[number] for number in order],
        starts=starts,
        docs=docs[firsts],
        freqs=freqs,
        positions=ranked[2] if kind is Kind.POSITIONS else None,
        lengths=lengths,
    )


def sort_rows(columns: Sequence[Array]) -> list[Array]:
    """Sorts rows, given as columns of non-negative integers, by the first column, then the second, and so on."""
    if not len(columns[0]):
        return [np.asarray(column) for column in columns]
    bits = [int(column.max()).bit_length() for column in columns]
    if sum(bits) > 64:
        order = np.lexsort(columns[::-1])
        return [column[order] for column in columns]
    keys: Any = columns[0].astype(np.uint64 if sum(bits) > 32 else np.uint32)
    dtype = keys.dtype.type
    for column, width in zip(columns[1:], bits[1:], strict=True):
        keys <<= dtype(width)
        keys |= column.astype(dtype, copy=False)
    keys.sort()
    found: list[Array] = []
    for column, width in zip(reversed(columns[1:]), reversed(bits[1:]), strict=True):
        found.append((keys & dtype((1 << width) - 1)).astype(np.min_scalar_type(int(column.max()))))
        keys >>= dtype(width)
    found.append(keys)
    return found[::-1]


def _rank(term_numbers: Array, terms: Sequence[bytes]) -> tuple[list[int], Array]:
    """The numbers of the terms that occur, in the order of their bytes, and the rank of each number in that order."""
    occurs = np.bincount(term_numbers, minlength=len(terms)).tolist() if len(term_numbers) else [0] * len(terms)
    order = [number for number in range(len(terms)) if occurs[number]]
    order.sort(key=terms.__getitem__)
    ranks = np.zeros(len(terms), np.uint32)
    ranks[order] = np.arange(len(order), dtype=np.uint32)
    return order, ranks


def _changes(array: Array) -> Array:
    """True where an item differs from the one before, and at the first."""
    changes = np.ones(len(array), np.bool_)
    np.not_equal(array[1:], array[:-1], out=changes[1:])
    return changes
