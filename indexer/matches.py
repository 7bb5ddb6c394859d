"""What a plan gives for a segment, and the set operations on it: documents ascending, each once, with their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents of a segment, ascending, and the score of each, float32; [found] each."""

    docs: np.ndarray
    scores: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return int(self.docs.nbytes + self.scores.nbytes)


NONE: Final = Matches(np.zeros(0, np.int64), np.zeros(0, np.float32))


def add(scores: np.ndarray, matches: Matches) -> None:
    """Adds the scores to those of all documents, float32[documents]."""
    # A document is in a term's postings once, so that plain indexing adds right.
    scores[matches.docs] += matches.scores


def union(parts: list[Matches], doc_count: int) -> Matches:
    """What is in any of the parts; scores added."""
    parts = [part for part in parts if len(part.docs)]
    if len(parts) < 2:
        return parts[0] if parts else NONE
    scores = np.zeros(doc_count, np.float32)
    found = np.zeros(doc_count, np.bool_)
    for part in parts:
        add(scores, part)
        found[part.docs] = True
    docs = np.flatnonzero(found)
    return Matches(docs, scores[docs])


def places(docs: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each document would stand among others, and whether it is there; both arrays ascending."""
    found = np.searchsorted(among, docs)
    found[found == len(among)] = 0
    return found, (among[found] == docs if len(among) else np.zeros(len(docs), np.bool_))


def both(smaller: Matches, larger: Matches) -> Matches:
    """What is in both; scores added."""
    at, there = places(smaller.docs, larger.docs)
    if not len(larger.docs):
        return NONE
    return Matches(smaller.docs[there], smaller.scores[there] + larger.scores[at[there]])


def within(matches: Matches, docs: np.ndarray) -> Matches:
    """Those of the matches that are among some documents."""
    _, there = places(matches.docs, docs)
    return Matches(matches.docs[there], matches.scores[there])


def without(matches: Matches, docs: np.ndarray) -> Matches:
    """Those of the matches that are not among some documents."""
    _, there = places(matches.docs, docs)
    return Matches(matches.docs[~there], matches.scores[~there])
