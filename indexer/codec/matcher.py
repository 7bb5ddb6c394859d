"""Whoosh's matcher over one term's postings, block by block."""

from __future__ import annotations

from bisect import bisect_left
from copy import copy
from typing import Any

import numpy as np
from whoosh.formats import Format
from whoosh.matching import LeafMatcher, ReadTooFar

from indexer.codec.arrays import Kind
from indexer.codec.postings import FieldPostings
from indexer.codec.values import encode_frequency, encode_positions, kind_of


class ColumnarMatcher(LeafMatcher):  # type: ignore[misc]  # Whoosh's base class is untyped
    """Walks the documents of a term.

    Python's numbers are made a block at a time. Blocks are also what Whoosh skips by quality: the heaviest weight and
    the shortest document of each are computed when first asked for, for all blocks at once.
    """

    def __init__(
        self, field: FieldPostings, number: int, format_: Format, term: tuple[str, bytes], scorer: Any, block_size: int
    ) -> None:
        self.format = format_
        self.scorer = scorer
        self._term = term
        self._field = field
        self._number = number
        self._block_size = block_size
        self._docs = field.docs(number)
        self._doc_view = self._docs.data
        self._count = len(self._docs)
        self._bounds: tuple[list[float], list[int], list[int]] | None = None
        self._item_starts: list[int] | None = None
        self._items: Any = None
        self._at = self._first = 0
        self._ids: list[int] = []
        self._weights: list[float] | None = None
        self._go(0)

    def is_active(self) -> bool:
        """Whether it stands on a posting."""
        return self._at < self._count

    def reset(self) -> None:
        """Goes back to the first posting."""
        self._go(0)

    def copy(self) -> ColumnarMatcher:
        """A matcher that stands here and walks by itself."""
        return copy(self)

    def id(self) -> int:
        """The document; behind the last posting still the last one, since Whoosh's AndNot asks after skipping there."""
        try:
            return self._ids[self._at - self._first]
        except IndexError:
            return self._doc_view[-1]

    def next(self) -> bool:
        """Goes to the next posting; True where a new block begins.

        Raises:
            ReadTooFar: it stands behind the last.
        """
        if self._at >= self._count:
            raise ReadTooFar
        self._at += 1
        if self._at - self._first < len(self._ids):
            return False
        self._go(self._at)
        return True

    def skip_to(self, id: int) -> None:
        """Goes to the first posting whose document is not before `id`, if it is not there yet.

        Raises:
            ReadTooFar: it stands behind the last.
        """
        if self._at >= self._count:
            raise ReadTooFar
        if id <= self._doc_view[self._at]:
            return
        at = bisect_left(self._doc_view, id, self._at)
        if at - self._first < len(self._ids):
            self._at = at
        else:
            self._go(at)

    def skip_to_quality(self, minquality: float) -> int:
        """Skips blocks while none of their postings can score more than `minquality`; how many."""
        skipped = 0
        while self.is_active() and self.block_quality() <= minquality:
            self._go(self._first + self._block_size)
            skipped += 1
        return skipped

    def all_ids(self) -> Any:
        """The documents from here on; the matcher is behind the last then."""
        ids = self._docs[self._at :].tolist()
        self._go(self._count)
        return iter(ids)

    def weight(self) -> float:
        """The posting's weight."""
        if self._weights is None:
            block = self._field.weights(self._number)[self._first : self._first + self._block_size]
            self._weights = weights = block.astype(np.float64).tolist()
            return float(weights[self._at - self._first])
        return self._weights[self._at - self._first]

    def value(self) -> bytes:
        """The posting's value as the bytes that were written."""
        kind = self._field.kind
        if kind is Kind.EXISTENCE:
            return b""
        if kind is Kind.FREQUENCY:
            return encode_frequency(self._frequency())
        if kind is Kind.POSITIONS:
            return encode_positions(self._own_items().tolist())
        found: bytes = self._own_items().tobytes()
        return found

    def value_as(self, astype: str) -> Any:
        """The posting's value read as the format reads it; without the detour by bytes where that is usual."""
        if self._field.kind is kind_of(self.format):
            if astype == "positions" and self._field.kind is Kind.POSITIONS:
                return self._own_items().tolist()
            if astype == "frequency" and self._field.kind is not Kind.BYTES:
                return self._frequency()
        return super().value_as(astype)

    def block_min_id(self) -> int:
        """The first document of the block."""
        return self._ids[0]

    def block_max_id(self) -> int:
        """The last document of the block."""
        return self._ids[-1]

    def block_max_weight(self) -> float:
        """The largest weight in the block."""
        return self._block_bounds()[0][self._first // self._block_size]

    def block_min_length(self) -> int:
        """The shortest length of the field among the documents of the block."""
        return self._block_bounds()[1][self._first // self._block_size]

    def block_max_length(self) -> int:
        """The longest."""
        return self._block_bounds()[2][self._first // self._block_size]

    def _go(self, at: int) -> None:
        self._at = min(at, self._count)
        self._first = self._at - self._at % self._block_size
        self._ids = self._docs[self._first : self._first + self._block_size].tolist()
        self._weights = None

    def _frequency(self) -> int:
        return int(self._field.freqs(self._number)[self._at])

    def _own_items(self) -> Any:
        """The positions of the posting, or its bytes, as an array."""
        if self._item_starts is None:
            read = self._field.positions if self._field.kind is Kind.POSITIONS else self._field.values
            self._items, starts = read(self._number)
            self._item_starts = starts.tolist()
        return self._items[self._item_starts[self._at] : self._item_starts[self._at + 1]]

    def _block_bounds(self) -> tuple[list[float], list[int], list[int]]:
        if self._bounds is None:
            firsts = np.arange(0, self._count, self._block_size)
            lengths = self._field.lengths[self._docs]
            self._bounds = (
                np.maximum.reduceat(self._field.weights(self._number), firsts).astype(np.float64).tolist(),
                np.minimum.reduceat(lengths, firsts).tolist(),
                np.maximum.reduceat(lengths, firsts).tolist(),
            )
        return self._bounds
