"""Whoosh's interface to a segment's postings: its terms, their matchers, and the values of postings.

Programs that read the arrays themselves (`indexer.codec.postings`) do not need it.

Posting values are bytes. If all values of a field are what its format encodes, they are stored as arrays and encoded
again on request; if a single one is not (Whoosh stores any bytes in any format), the bytes of all are stored.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, KeysView
from copy import copy
from functools import cached_property
from itertools import count
from typing import Any, Final

import numpy as np
from whoosh.codec.base import FieldCursor, TermsReader
from whoosh.fields import FieldType
from whoosh.formats import Existence, Format, Frequency, Positions
from whoosh.matching import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo, TermNotFound
from whoosh.system import pack_uint

from indexer.codec.arrays import FieldArrays, Kind
from indexer.codec.container import Array
from indexer.codec.postings import FieldPostings, SegmentPostings

_AT_ONCE: Final = 512  # terms read together

_BATCH: Final = 1 << 14  # values decoded together
_MAX_POSITION: Final = (1 << 32) - 1

# By the exact class: a subclass may encode other values.
_KINDS: Final[dict[type, Kind]] = {
    Existence: Kind.EXISTENCE,
    Frequency: Kind.FREQUENCY,
    Positions: Kind.POSITIONS,
}

_encode_positions: Final[Callable[[list[int]], bytes]] = Positions().encode
_encode_frequency: Final[Callable[[int], bytes]] = pack_uint

Term = tuple[str, bytes]


class ColumnarTermsReader(TermsReader):  # type: ignore[misc]  # Whoosh's base class is untyped
    """The terms of a segment.

    Args:
        postings: of the segment; `close` closes them.
        block_size: postings per block (`ColumnarMatcher`).
    """

    def __init__(self, postings: SegmentPostings, block_size: int) -> None:
        self.postings = postings
        self._block_size = block_size

    def __contains__(self, term: Term) -> bool:
        field = self.postings.fields.get(term[0])
        return field is not None and field.find(term[1]) >= 0

    def indexed_field_names(self) -> KeysView[str]:
        """The fields that have terms."""
        return self.postings.fields.keys()

    def cursor(self, fieldname: str, fieldobj: FieldType) -> ColumnarCursor:
        """A cursor over the terms of a field."""
        return ColumnarCursor(self.postings.fields.get(fieldname), fieldobj)

    def terms(self) -> Iterator[Term]:
        """All terms as (field, term), sorted."""
        return (term for term, _, _ in self._numbered())

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """The terms from one on, including those of the following fields."""
        return (term for term, _, _ in self._numbered_from(fieldname, prefix))

    def items(self) -> Iterator[tuple[Term, ColumnarTermInfo]]:
        """All terms and their statistics."""
        return ((term, ColumnarTermInfo(field, number)) for term, field, number in self._numbered())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, ColumnarTermInfo]]:
        """The terms from one on, as `terms_from`, and their statistics."""
        found = self._numbered_from(fieldname, prefix)
        return ((term, ColumnarTermInfo(field, number)) for term, field, number in found)

    def term_info(self, fieldname: str, text: bytes) -> ColumnarTermInfo:
        """The statistics of a term.

        Raises:
            TermNotFound: it is not in this segment.
        """
        field = self.postings.fields.get(fieldname)
        number = -1 if field is None else field.find(text)
        if field is None or number < 0:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return ColumnarTermInfo(field, number)

    def frequency(self, fieldname: str, text: bytes) -> float:
        """The sum of a term's weights.

        Raises:
            KeyError: it is not in this segment (not `TermNotFound`: Whoosh's readers rely on it).
        """
        return float(self._known(fieldname, text).weight())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Documents with a term.

        Raises:
            KeyError: as `frequency`.
        """
        return int(self._known(fieldname, text).doc_frequency())

    def matcher(self, fieldname: str, text: bytes, format_: Format, scorer: Any = None) -> ColumnarMatcher:
        """A matcher over a term's postings.

        Raises:
            TermNotFound: it is not in this segment.
        """
        info = self.term_info(fieldname, text)
        return ColumnarMatcher(info.field, info.number, format_, (fieldname, text), scorer, self._block_size)

    def close(self) -> None:
        """Closes the file."""
        self.postings.close()

    def _known(self, fieldname: str, text: bytes) -> ColumnarTermInfo:
        try:
            return self.term_info(fieldname, text)
        except TermNotFound as error:
            raise KeyError((fieldname, text)) from error

    def _numbered(self) -> Iterator[tuple[Term, FieldPostings, int]]:
        for name, field in self.postings.fields.items():
            yield from _numbered_terms(name, field, 0)

    def _numbered_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, FieldPostings, int]]:
        if fieldname not in self.postings.fields:
            return
        for name, field in self.postings.fields.items():
            if name >= fieldname:
                yield from _numbered_terms(name, field, field.lower_bound(prefix) if name == fieldname else 0)


class ColumnarCursor(FieldCursor):  # type: ignore[misc]  # Whoosh's base class is untyped
    """A cursor over the terms of a field, or of none, at first on the first term."""

    def __init__(self, field: FieldPostings | None, fieldobj: FieldType) -> None:
        self._field = field
        self._fieldobj = fieldobj
        self._count = 0 if field is None else field.term_count
        self._number = 0

    def first(self) -> Any:
        """Goes to the first term, and returns it."""
        self._number = 0
        return self.text()

    def find(self, term: str | bytes) -> Any:
        """Goes to the first term that is not less than `term`, and returns it."""
        key = term if isinstance(term, bytes) else self._fieldobj.to_bytes(term)
        self._number = self._count if self._field is None else self._field.lower_bound(key)
        return self.text()

    def next(self) -> Any:
        """Goes to the next term, and returns it."""
        self._number = min(self._number + 1, self._count)
        return self.text()

    def text(self) -> Any:
        """The term, decoded by the field; None past the last."""
        if self._field is None or self._number >= self._count:
            return None
        return self._fieldobj.from_bytes(self._field.term(self._number))

    def term_info(self) -> ColumnarTermInfo | None:
        """The statistics of the term; None past the last."""
        if self._field is None or self._number >= self._count:
            return None
        return ColumnarTermInfo(self._field, self._number)

    def is_valid(self) -> bool:
        """Whether it is on a term."""
        return self._number < self._count


class ColumnarTermInfo(TermInfo):  # type: ignore[misc]  # Whoosh's base class is untyped
    """Statistics of a term in a segment, each computed when first used.

    The attributes are those of Whoosh's class: its methods read them, and its readers of several segments write to them
    (they add to the numbers of the first and last document).
    """

    def __init__(self, field: FieldPostings, number: int) -> None:
        self.field = field
        self.number = number

    @cached_property
    def _weight(self) -> float:
        return self.field.collection_weight(self.number)

    @cached_property
    def _df(self) -> int:
        return self.field.frequency(self.number)

    @cached_property
    def _minlength(self) -> int:
        return self.field.length_bounds(self.number)[0]

    @cached_property
    def _maxlength(self) -> int:
        return self.field.length_bounds(self.number)[1]

    @cached_property
    def _maxweight(self) -> float:
        return float(self.field.weights(self.number).max())

    @cached_property
    def _minid(self) -> int:
        return int(self.field.docs(self.number)[0])

    @cached_property
    def _maxid(self) -> int:
        return int(self.field.docs(self.number)[-1])


class ColumnarMatcher(LeafMatcher):  # type: ignore[misc]  # Whoosh's base class is untyped
    """A matcher over the postings of a term, block by block.

    Items are converted to Python's numbers one block at a time. Blocks are also what Whoosh skips by quality: the
    largest weight and the shortest length of each are computed when first needed, for all blocks together.
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
        """Whether it is on a posting."""
        return self._at < self._count

    def reset(self) -> None:
        """Goes back to the first posting."""
        self._go(0)

    def copy(self) -> ColumnarMatcher:
        """An independent matcher at the same posting."""
        return copy(self)

    def id(self) -> int:
        """The document; past the last posting still the last one, since Whoosh's AndNot asks for it there."""
        try:
            return self._ids[self._at - self._first]
        except IndexError:
            return self._doc_view[-1]

    def next(self) -> bool:
        """Goes to the next posting; returns whether a new block begins.

        Raises:
            ReadTooFar: it is past the last.
        """
        if self._at >= self._count:
            raise ReadTooFar
        self._at += 1
        if self._at - self._first < len(self._ids):
            return False
        self._go(self._at)
        return True

    def skip_to(self, id: int) -> None:
        """Goes forward to the first posting whose document is not less than `id`.

        Raises:
            ReadTooFar: it is past the last.
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
        """Skips blocks while none of their postings can score more than `minquality`; returns how many."""
        skipped = 0
        while self.is_active() and self.block_quality() <= minquality:
            self._go(self._first + self._block_size)
            skipped += 1
        return skipped

    def all_ids(self) -> Any:
        """The documents from here on; moves past the last."""
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
            return _encode_frequency(self._frequency())
        if kind is Kind.POSITIONS:
            return _encode_positions(self._own_items().tolist())
        found: bytes = self._own_items().tobytes()
        return found

    def value_as(self, astype: str) -> Any:
        """The posting's value as the format decodes it, read from the arrays if they have it."""
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
        """The longest length."""
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


def kind_of(format_: Format) -> Kind:
    """The kind that postings of a format are stored as, if their values allow it."""
    return _KINDS.get(type(format_), Kind.BYTES)


class ValueCollector:
    """Collects the values of a field's postings, in their order.

    Args:
        format_: the field's; None if it has none, and the bytes are stored.
    """

    def __init__(self, format_: Format | None) -> None:
        self.kind = Kind.BYTES if format_ is None else kind_of(format_)
        self._format = format_
        self._decode_frequency: Callable[[bytes], int] | None = None
        if self.kind is Kind.BYTES and format_ is not None and format_.supports("frequency"):
            self._decode_frequency = format_.decoder("frequency")
        self._pending: list[bytes] = []
        self._freqs: list[Array] = []
        self._positions: list[Array] = []
        self._sizes: list[Array] = []
        self._bytes: list[bytes] = []

    def add(self, value: bytes) -> None:
        """Adds the value of the next posting."""
        self._pending.append(value)
        if len(self._pending) >= _BATCH:
            self._settle()

    def fill(self, arrays: FieldArrays, weights: Array) -> None:
        """Sets kind, frequencies, weights, positions and bytes in a field's arrays."""
        self._settle()
        arrays.kind = self.kind
        postings = len(weights)
        if self.kind is Kind.EXISTENCE:
            freqs = None
        elif self._freqs and sum(map(len, self._freqs)) == postings:
            freqs = np.concatenate(self._freqs)
        else:  # the values do not have them
            whole = (weights >= 1) & (weights == np.floor(weights)) & (weights < 1 << 24)
            freqs = np.where(whole, weights, 1).astype(np.uint32)
        arrays.freqs = freqs
        if not np.array_equal(weights, np.ones(postings) if freqs is None else freqs):
            arrays.weights = weights
        if self.kind is Kind.POSITIONS:
            arrays.positions = np.concatenate(self._positions) if self._positions else np.zeros(0, np.uint32)
        if self.kind is Kind.BYTES:
            arrays.values = np.frombuffer(b"".join(self._bytes), np.uint8)
            arrays.value_ends = np.zeros(postings + 1, np.int64)
            if self._sizes:
                np.cumsum(np.concatenate(self._sizes), out=arrays.value_ends[1:])

    def _settle(self) -> None:
        """Decodes the pending values into arrays; if one is not of the kind, all values are stored as bytes instead."""
        batch, self._pending = self._pending, []
        if self.kind is not Kind.BYTES and not self._take(batch):
            self._give_up()
        if self.kind is Kind.BYTES:
            self._keep(batch)

    def _take(self, batch: list[bytes]) -> bool:
        if self.kind is Kind.EXISTENCE:
            if any(batch):
                return False
            self._sizes.append(np.zeros(len(batch), np.int64))
            return True
        if self.kind is Kind.FREQUENCY:
            if any(len(value) != 4 for value in batch):
                return False
            self._freqs.append(np.frombuffer(b"".join(batch), ">u4").astype(np.uint32))
            return True
        decoded = []
        for value in batch:
            positions = _decoded_positions(value)
            if positions is None:
                return False
            decoded.append(positions)
        self._freqs.append(np.fromiter(map(len, decoded), np.uint32, len(decoded)))
        self._positions.append(np.array([position for positions in decoded for position in positions], np.uint32))
        return True

    def _give_up(self) -> None:
        before: list[bytes] = []
        if self.kind is Kind.EXISTENCE:
            before = [b""] * sum(map(len, self._sizes))
            self._sizes = []
        elif self.kind is Kind.FREQUENCY:
            before = [_encode_frequency(freq) for chunk in self._freqs for freq in chunk.tolist()]
        else:
            for freqs, flat in zip(self._freqs, self._positions, strict=True):
                ends = np.cumsum(freqs)
                before += [_encode_positions(part.tolist()) for part in np.split(flat, ends[:-1])] if len(ends) else []
        self.kind = Kind.BYTES
        self._freqs, self._positions = [], []
        self._keep(before)

    def _keep(self, values: list[bytes]) -> None:
        self._sizes.append(np.fromiter(map(len, values), np.int64, len(values)))
        self._bytes.append(b"".join(values))
        if self._decode_frequency is not None:
            try:
                freqs = [self._decode_frequency(value) for value in values]
                self._freqs.append(np.array(freqs, np.uint32))
            except Exception:
                # The format may be any program's, and may raise anything on an unknown value.
                self._decode_frequency = None


def _numbered_terms(name: str, field: FieldPostings, first: int) -> Iterator[tuple[Term, FieldPostings, int]]:
    for start in range(first, field.term_count, _AT_ONCE):
        for number, term in zip(count(start), field.terms(start, start + _AT_ONCE), strict=False):
            yield (name, term), field, number


def _decoded_positions(value: bytes) -> list[int] | None:
    """The positions in a value; None if they do not ascend, or would not be encoded as the same bytes."""
    try:
        positions: list[Any] = Positions().decode_positions(value)
        if _encode_positions(positions) != value:
            return None
    except Exception:
        # Whoosh unpickles here, which may raise anything on other bytes.
        return None
    before = 0
    for position in positions:
        if type(position) is not int or not before <= position <= _MAX_POSITION:
            return None
        before = position
    return positions
