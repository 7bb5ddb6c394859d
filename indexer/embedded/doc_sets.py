"""The documents that a plan finds in a segment, with their scores, and the set operations on them.

The operations cost what the documents found cost, not what the segment holds. Where an array of all documents is the
quickest way to join lists, it comes from the thread's `Workspace`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

# Lists that hold less than this share of the documents are joined by sorting, others through an array of all.
_FEW: Final = 1 / 64
# Documents are looked up in a list that is more than so many times as long; a shorter one is scanned.
_FEWER: Final = 16


@dataclass(frozen=True, slots=True)
class DocSet:
    """Documents of a segment, ascending, each once (intp), and the score of each (float32); [found] each."""

    docs: np.ndarray
    scores: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return int(self.docs.nbytes + self.scores.nbytes)


NONE: Final = DocSet(np.zeros(0, np.intp), np.zeros(0, np.float32))


class Workspace(threading.local):
    """Each thread's scratch arrays, of one item per document.

    Only the functions of this module take an array from it. Taking it again overwrites it, so none of them calls
    another while it reads one. What they return are copies.
    """

    def __init__(self) -> None:
        self._scores = np.zeros(0, np.float32)
        self._flags = np.zeros(0, np.bool_)

    def scores(self, doc_count: int) -> np.ndarray:
        """A score for each document, float32[doc_count]. Not cleared: the caller sets the scores that it reads."""
        if len(self._scores) < doc_count:
            self._scores = np.zeros(doc_count, np.float32)
        return self._scores[:doc_count]

    def flags(self, doc_count: int) -> np.ndarray:
        """A flag for each document, bool[doc_count], all cleared: a byte each, which costs next to nothing."""
        if len(self._flags) < doc_count:
            self._flags = np.zeros(doc_count, np.bool_)
        flags = self._flags[:doc_count]
        flags.fill(False)
        return flags


def all_docs(lists: Sequence[np.ndarray], doc_count: int, space: Workspace) -> np.ndarray:
    """The documents that are in any of some ascending lists."""
    lists = [docs for docs in lists if len(docs)]
    if len(lists) < 2:
        return lists[0] if lists else NONE.docs
    if sum(map(len, lists)) < doc_count * _FEW:
        merged = np.sort(np.concatenate(lists), kind="stable")
        new = np.ones(len(merged), np.bool_)
        np.not_equal(merged[1:], merged[:-1], out=new[1:])
        return merged[new]
    found = space.flags(doc_count)
    for docs in lists:
        found[docs] = True
    return np.flatnonzero(found)


def union(parts: Sequence[DocSet], doc_count: int, space: Workspace) -> DocSet:
    """What is in any of the parts; scores added in their order."""
    parts = [part for part in parts if len(part.docs)]
    if len(parts) < 2:
        return parts[0] if parts else NONE
    docs = all_docs([part.docs for part in parts], doc_count, space)
    return DocSet(docs, summed(docs, joined(parts), doc_count, space))


def joined(parts: Sequence[DocSet]) -> DocSet:
    """The parts one after the other: documents may repeat, and do not ascend."""
    if len(parts) == 1:
        return parts[0]
    return DocSet(np.concatenate([part.docs for part in parts]), np.concatenate([part.scores for part in parts]))


def summed(docs: np.ndarray, part: DocSet, doc_count: int, space: Workspace) -> np.ndarray:
    """For each of these documents the sum of the scores that a part, of any order, has for it; float32[docs]."""
    every = space.scores(doc_count)
    every[docs] = 0
    every[part.docs] = 0
    np.add.at(every, part.docs, part.scores)
    found: np.ndarray = every[docs]
    return found


def summed_occurrences(docs: np.ndarray, counts: np.ndarray, doc_count: int, space: Workspace) -> DocSet:
    """Each document once, with the sum of its counts, from documents that may repeat, in any order."""
    if len(docs) < doc_count * _FEW:
        order = np.argsort(docs, kind="stable")
        docs = docs[order]
        new = np.flatnonzero(np.concatenate(([True], docs[1:] != docs[:-1]))) if len(docs) else NONE.docs
        sums = np.add.reduceat(counts[order], new) if len(docs) else NONE.scores
        return DocSet(docs[new].astype(np.intp), sums.astype(np.float32, copy=False))
    docs = docs.astype(np.intp)
    flags = space.flags(doc_count)
    flags[docs] = True
    found = np.flatnonzero(flags)
    return DocSet(found, summed(found, DocSet(docs, counts.astype(np.float32, copy=False)), doc_count, space))


def contained(docs: np.ndarray, among: np.ndarray, doc_count: int, space: Workspace) -> np.ndarray:
    """Whether each of some documents is among others; bool[docs]."""
    flags = space.flags(doc_count)
    flags[among] = True
    found: np.ndarray = flags[docs]
    return found


def places(docs: np.ndarray, among: np.ndarray, doc_count: int, space: Workspace) -> np.ndarray:
    """The indices in `docs` of the documents that are among others too; both ascending."""
    if not len(docs) or not len(among):
        return NONE.docs
    if min(len(docs), len(among)) >= doc_count * _FEW:
        return np.flatnonzero(contained(docs, among, doc_count, space))
    # The search is for items of the type that is searched, or the whole array would be converted.
    if len(docs) < len(among):
        at = np.searchsorted(among, docs.astype(among.dtype))
        at[at == len(among)] = 0
        return np.flatnonzero(among[at] == docs)
    among = among.astype(docs.dtype)
    at = np.searchsorted(docs, among)
    at[at == len(docs)] = 0
    found: np.ndarray = at[docs[at] == among]
    return found


def both(a: DocSet, b: DocSet, doc_count: int, space: Workspace) -> DocSet:
    """What is in both; scores added."""
    in_a, in_b = places(a.docs, b.docs, doc_count, space), places(b.docs, a.docs, doc_count, space)
    return DocSet(a.docs[in_a], a.scores[in_a] + b.scores[in_b])


def scores_at(docs: np.ndarray, parts: Sequence[DocSet], doc_count: int) -> np.ndarray:
    """The sum of the parts' scores for each of some ascending documents; float32[docs]."""
    scores = np.zeros(len(docs), np.float32)
    if not len(docs):
        return scores
    place = None  # of each document among `docs`, one past them for all others
    for part in parts:
        if len(docs) * _FEWER < len(part.docs):
            at = np.searchsorted(part.docs, docs)
            at[at == len(part.docs)] = 0
            scores += np.where(part.docs[at] == docs, part.scores[at], np.float32(0))
        elif len(part.docs):
            if place is None:
                place = np.full(doc_count, len(docs), np.intp)
                place[docs] = np.arange(len(docs))
                padded = np.zeros(len(docs) + 1, np.float32)
            padded[place[part.docs]] += part.scores  # a part has each document once; the item past the end is ignored
    return scores if place is None else scores + padded[:-1]


def without(matches: DocSet, docs: np.ndarray, doc_count: int, space: Workspace) -> DocSet:
    """The matches that are not among some documents."""
    kept = np.ones(len(matches.docs), np.bool_)
    kept[places(matches.docs, docs, doc_count, space)] = False
    return DocSet(matches.docs[kept], matches.scores[kept])
