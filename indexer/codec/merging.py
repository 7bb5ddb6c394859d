"""Merging the postings of one field of several segments, by copying arrays, without a Python object per posting.

A term's postings in the merged field are those of the first source, then those of the second, and so on. So the place
of each source's run of a term is known in advance, and the run is copied whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from indexer.codec.arrays import FieldArrays, Kind
from indexer.codec.container import Array
from indexer.codec.postings import FieldPostings

_PART: Final = 1 << 22
"""Postings moved at a time, which bounds the memory for index arrays."""


def document_maps(segments: Iterable[tuple[int, Array | None]], first: int = 0) -> list[Array]:
    """New document numbers for segments that are merged in this order.

    Args:
        segments: for each its number of documents, and a mask of the deleted ones (bool[documents]) or None.
        first: the new number of the first document.

    Returns:
        For each segment int64[documents]: the new number, -1 for a deleted document.
    """
    maps = []
    for doc_count, deleted in segments:
        kept = np.ones(doc_count, np.bool_) if deleted is None else ~deleted
        maps.append(np.where(kept, first + np.cumsum(kept) - 1, -1))
        first += int(kept.sum())
    return maps


def merge(sources: Sequence[tuple[FieldPostings, Array]]) -> FieldArrays:
    """Merges a field's postings from several segments.

    Args:
        sources: for each segment that has the field, its postings, and either a document map of `document_maps` or a
            mask of the deleted documents (bool); with masks, the documents of the sources are numbered consecutively.

    Raises:
        ValueError: kinds differ, or the new numbers do not ascend through the sources and their documents.
    """
    if not sources:
        raise ValueError("there is nothing to merge")
    kinds = {field.kind for field, _ in sources}
    if len(kinds) > 1:
        raise ValueError(f"cannot merge fields of different kinds: {', '.join(sorted(kinds))}")
    maps = _numbered(sources)
    _check_order(maps)
    terms, places = _unite([field.terms() for field, _ in sources])
    kept = [_Source(field, renumbered) for (field, _), renumbered in zip(sources, maps, strict=True)]

    df = np.zeros(len(terms), np.int64)
    for source, place in zip(kept, places, strict=True):
        df[place] += source.df
    if not df.all():  # every document of a term was deleted
        alive = df > 0
        shift = np.cumsum(alive) - 1
        places = [shift[place] for place in places]
        terms = [term for term, is_alive in zip(terms, alive.tolist(), strict=True) if is_alive]
        df = df[alive]
    merged = _Merged(kinds.pop(), terms, df, kept)
    for source, place in zip(kept, places, strict=True):
        merged.take(source, place)
    return merged.arrays()


class _Source:
    """One segment's field, and the new numbers of its documents."""

    def __init__(self, field: FieldPostings, renumbered: Array) -> None:
        self.field = field
        self.renumbered = renumbered
        self.starts = field.starts.astype(np.int64)
        self.drops = bool((renumbered < 0).any())
        self.df = field.doc_frequency.astype(np.int64)
        if self.drops and self.df.size:
            kept = renumbered[field.flat_docs] >= 0
            self.df = np.add.reduceat(kept, self.starts[:-1], dtype=np.int64)

    def parts(self) -> Iterator[_Part]:
        """The postings of live documents, some whole terms at a time."""
        first = 0
        while first < self.field.term_count:
            end = int(self.starts[first]) + _PART
            last = max(first + 1, int(np.searchsorted(self.starts, end, side="right")) - 1)
            yield self._part(first, last)
            first = last

    def _part(self, first: int, last: int) -> _Part:
        field = self.field
        a, b = int(self.starts[first]), int(self.starts[last])
        docs = self.renumbered[field.flat_docs[a:b]]
        keep = docs >= 0 if self.drops else None
        freqs = field.flat_freqs[a:b]
        positions = None
        if field.flat_positions is not None:
            positions = field.flat_positions[int(field.position_starts[first]) : int(field.position_starts[last])]
            positions = positions if keep is None else positions[np.repeat(keep, freqs)]
        values = sizes = None
        if field.flat_values is not None and field.value_ends is not None:
            ends = field.value_ends[a : b + 1].astype(np.int64)
            values, sizes = field.flat_values[ends[0] : ends[-1]], np.diff(ends)
            if keep is not None:
                values, sizes = values[np.repeat(keep, sizes)], sizes[keep]
        weights = freqs if field.flat_weights is None else field.flat_weights[a:b]
        if keep is not None:
            docs, freqs, weights = docs[keep], freqs[keep], weights[keep]
        return _Part(first, last, docs, freqs, weights, positions, values, sizes)


@dataclass(slots=True)
class _Part:
    """The live postings of a source's terms from number `first` up to, not including, `last`."""

    first: int
    last: int
    docs: Array
    freqs: Array
    weights: Array
    positions: Array | None
    values: Array | None
    sizes: Array | None


class _Merged:
    """The arrays being filled."""

    def __init__(self, kind: Kind, terms: list[bytes], df: Array, sources: list[_Source]) -> None:
        fields = [source.field for source in sources]
        self.kind, self.terms = kind, terms
        self.starts = np.zeros(len(terms) + 1, np.int64)
        np.cumsum(df, out=self.starts[1:])
        postings = int(self.starts[-1])
        largest = max((int(source.renumbered.max(initial=0)) for source in sources), default=0)
        self.docs = np.empty(postings, np.min_scalar_type(largest))
        self.freqs = None
        if any(field.has_freqs for field in fields):
            self.freqs = np.empty(postings, np.result_type(*(field.flat_freqs.dtype for field in fields)))
        weighted = any(field.flat_weights is not None for field in fields)
        self.weights = np.empty(postings, np.float32) if weighted else None
        self._taken = np.zeros(len(terms), np.int64)  # postings of each term that have been copied
        self._parts: list[tuple[Array, Array, Array, Array]] = []
        self._sources = sources

    def take(self, source: _Source, place: Array) -> None:
        """Copies the postings of a source; `place` is the merged number of each of its terms."""
        for part in source.parts():
            df = source.df[part.first : part.last]
            survives = df > 0
            df = df[survives]
            numbers = place[part.first : part.last][survives]
            to = self._run_targets(self.starts[numbers] + self._taken[numbers], df)
            self.docs[to] = part.docs
            if self.freqs is not None:
                self.freqs[to] = part.freqs
            if self.weights is not None:
                self.weights[to] = part.weights
            flat, sizes = (part.values, part.sizes) if part.values is not None else (part.positions, part.freqs)
            if flat is not None and sizes is not None:
                self._parts.append((to, flat, sizes, df))
            self._taken[numbers] += df

    def arrays(self) -> FieldArrays:
        """The merged field."""
        has_lengths = any(source.field.total_length for source in self._sources)
        merged = FieldArrays(self.kind, self.terms, self.starts, self.docs, self.freqs, self.weights)
        merged.lengths = self._lengths() if has_lengths else None
        if self.kind is Kind.BYTES:
            merged.values, merged.value_ends = self._variable(np.uint8)
        if self.kind is Kind.POSITIONS:
            merged.positions, _ = self._variable(None)
        return merged

    def _variable(self, dtype: type[np.uint8] | None) -> tuple[Array, Array]:
        """The positions, or the bytes of the values, and where those of each posting start."""
        ends = np.zeros(len(self.docs) + 1, np.int64)
        for to, _, sizes, _ in self._parts:
            ends[1:][to] = sizes
        np.cumsum(ends, out=ends)
        types = [flat.dtype for _, flat, _, _ in self._parts] or [np.dtype(np.uint8)]
        found = np.empty(int(ends[-1]), dtype or np.result_type(*types))
        for to, flat, _, df in self._parts:
            # The items of a term's postings in one source are one run too.
            lasts = np.cumsum(df) - 1
            begin = ends[to[lasts - df + 1]]
            end = ends[to[lasts] + 1]
            found[self._run_targets(begin, end - begin)] = flat
        return found, ends

    def _lengths(self) -> Array:
        last = max(int(source.renumbered.max(initial=-1)) for source in self._sources) + 1
        lengths = np.zeros(last, np.result_type(*(source.field.lengths.dtype for source in self._sources)))
        for source in self._sources:
            kept = source.renumbered >= 0
            lengths[source.renumbered[kept]] = source.field.lengths[kept]
        return lengths

    @staticmethod
    def _run_targets(begin: Array, sizes: Array) -> Array:
        """The indices begin[0], begin[0] + 1, … for sizes[0] items, then from begin[1] on, …"""
        shift = begin - (np.cumsum(sizes) - sizes)
        return np.repeat(shift, sizes) + np.arange(int(sizes.sum()))


def _numbered(sources: Sequence[tuple[FieldPostings, Array]]) -> list[Array]:
    maps: list[Array] = []
    first = 0
    for field, given in sources:
        renumbered = given
        if given.dtype == np.bool_:
            renumbered = document_maps([(field.doc_count, given)], first)[0]
        if len(renumbered) != field.doc_count:
            raise ValueError(f"a map of {len(renumbered)} documents for a segment of {field.doc_count}")
        maps.append(renumbered)
        first = max(first, int(renumbered.max(initial=-1)) + 1)
    return maps


def _check_order(maps: list[Array]) -> None:
    before = -1
    for renumbered in maps:
        kept = renumbered[renumbered >= 0]
        if kept.size and (int(kept[0]) <= before or (np.diff(kept) <= 0).any()):
            raise ValueError("the new document numbers do not ascend from source to source")
        before = int(kept[-1]) if kept.size else before


def _unite(term_lists: list[list[bytes]]) -> tuple[list[bytes], list[Array]]:
    """All terms, sorted and distinct, and for each source the number in that list of each of its terms."""
    # Python's sort detects the sorted runs, and merges them.
    merged = sorted([term for terms in term_lists for term in terms])
    united = list(dict.fromkeys(merged))
    numbers = dict(zip(united, range(len(united)), strict=True))
    return united, [np.fromiter(map(numbers.__getitem__, terms), np.int64, len(terms)) for terms in term_lists]
