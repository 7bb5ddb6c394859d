"""Collapsing near-duplicates: of each group only the document that sorts first is kept, so that a story is one hit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from indexer.embedded.doc_sets import DocSet
from indexer.embedded.snapshot import NO_VALUE, Snapshot
from indexer.embedded.top_hits import sort_keys
from indexer.results import Sort

_GROUP_FIELD: Final = "group_name"
_NONE: Final = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Collapsed:
    """The matches that are kept."""

    sets: Sequence[DocSet]
    """The kept matches of each segment."""
    total: int
    """Kept matches of all segments."""
    documents: np.ndarray
    """Snapshot numbers of the kept matches that are in groups, ascending."""
    removed: np.ndarray
    """How many matches of each such document's group were removed, [documents]."""

    def copies(self, document: int) -> int:
        """How many matches of its group were removed for a document that is kept."""
        if not len(self.documents):
            return 0
        place = int(np.searchsorted(self.documents, document))
        found = place < len(self.documents) and self.documents[place] == document
        return int(self.removed[place]) if found else 0


def uncollapsed(found: Sequence[DocSet]) -> Collapsed:
    """All matches, uncollapsed."""
    return Collapsed(found, sum(len(matches.docs) for matches in found), _NONE, _NONE)


class Collapser:
    """Collapses matches in one snapshot. Safe to use from several threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collapse(self, found: Sequence[DocSet], sort: Sort, without: Sequence[DocSet] | None = None) -> Collapsed:
        """Keep of each group only the match that sorts first; of ties the article with the smallest number.

        Args:
            found: the matches of each segment. Those in no group are kept.
            sort: the order of hits.
            without: matches that are already listed: those of their groups are removed from `found`.
        """
        if without is not None:
            found = self._of_other_groups(found, without)
        groups = self._groups(found)
        grouped = np.flatnonzero(groups != NO_VALUE)
        if not len(grouped):
            return uncollapsed(found)
        # From here on one item per grouped match, in the order of the documents.
        groups = groups[grouped]
        keys = sort_keys(self._snapshot, found, sort)[grouped]
        counts = np.bincount(groups, minlength=self._group_count)
        best = np.zeros(self._group_count, keys.dtype)
        best[groups] = keys  # at first any of the group's keys
        np.maximum.at(best, groups, keys)
        documents = self._documents(found)[grouped]
        tied = np.flatnonzero(keys == best[groups])
        numbers = self._snapshot.order[documents[tied]].astype(np.int64)
        first = np.full(self._group_count, np.iinfo(np.int64).max)
        np.minimum.at(first, groups[tied], numbers)
        wins = np.zeros(len(groups), np.bool_)
        wins[tied[numbers == first[groups[tied]]]] = True
        is_kept = np.ones(sum(len(matches.docs) for matches in found), np.bool_)
        is_kept[grouped[~wins]] = False
        removed = counts[groups[wins]] - 1
        return Collapsed(_within(found, is_kept), int(np.count_nonzero(is_kept)), documents[wins], removed)

    def _of_other_groups(self, found: Sequence[DocSet], without: Sequence[DocSet]) -> Sequence[DocSet]:
        taken = np.zeros(self._group_count + 1, np.bool_)  # the last item is for matches in no group
        taken[self._groups(without)] = True
        taken[NO_VALUE] = False
        return _within(found, ~taken[self._groups(found)])

    def _groups(self, found: Sequence[DocSet]) -> np.ndarray:
        """The group of each match, `NO_VALUE` for none; int32[matches]."""
        return _joined(
            numbers[segment.terms_of(_GROUP_FIELD)[matches.docs]]
            for segment, numbers, matches in zip(self._snapshot.segments, self._numbers, found, strict=True)
        )

    def _documents(self, found: Sequence[DocSet]) -> np.ndarray:
        return _joined(
            matches.docs + segment.base for segment, matches in zip(self._snapshot.segments, found, strict=True)
        )

    @cached_property
    def _numbers(self) -> list[np.ndarray]:
        """For each segment the index-wide number of each of its groups; the last item is for `NO_VALUE`."""
        known: dict[bytes, int] = {}
        numbers = []
        for segment in self._snapshot.segments:
            of_terms = [known.setdefault(term, len(known)) for term in segment.field(_GROUP_FIELD).terms()]
            numbers.append(np.array([*of_terms, NO_VALUE], np.int32))
        return numbers

    @cached_property
    def _group_count(self) -> int:
        return max((int(numbers.max()) for numbers in self._numbers), default=NO_VALUE) + 1


def _joined(parts: Iterable[np.ndarray]) -> np.ndarray:
    arrays = list(parts)
    return np.concatenate(arrays) if arrays else _NONE


def _within(found: Sequence[DocSet], is_kept: np.ndarray) -> list[DocSet]:
    """The matches of each segment that are kept."""
    kept = []
    at = 0
    for matches in found:
        part = is_kept[at : at + len(matches.docs)]
        kept.append(DocSet(matches.docs[part], matches.scores[part]))
        at += len(matches.docs)
    return kept
