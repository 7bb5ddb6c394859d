"""Whoosh's posting values: from bytes to arrays when they are written, and back to the same bytes when asked for.

Only what comes back byte for byte is kept as arrays. As soon as one value of a field does not (Whoosh stores what it is
given, whatever the field's format), the bytes of all of them are kept instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from whoosh.formats import Existence, Format, Frequency, Positions
from whoosh.system import pack_uint

from indexer.codec.arrays import FieldArrays, Kind
from indexer.codec.container import Array

# By the exact class: what a subclass writes is its own affair.
_KINDS: Final[dict[type, Kind]] = {
    Existence: Kind.EXISTENCE,
    Frequency: Kind.FREQUENCY,
    Positions: Kind.POSITIONS,
}
_BATCH: Final = 1 << 14
_MAX_POSITION: Final = (1 << 32) - 1

encode_positions: Final[Callable[[list[int]], bytes]] = Positions().encode
encode_frequency: Final[Callable[[int], bytes]] = pack_uint


def kind_of(format_: Format) -> Kind:
    """How postings of a format are kept, if their values allow it."""
    return _KINDS.get(type(format_), Kind.BYTES)


class ValueCollector:
    """Gathers the values of a field's postings, in their order.

    Args:
        format_: the field's, or None for a field without one, whose values are only kept.
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
        """Takes the value of the next posting."""
        self._pending.append(value)
        if len(self._pending) >= _BATCH:
            self._settle()

    def fill(self, arrays: FieldArrays, weights: Array) -> None:
        """Puts kind, frequencies, weights, positions and bytes into a field's arrays."""
        self._settle()
        arrays.kind = self.kind
        postings = len(weights)
        if self.kind is Kind.EXISTENCE:
            freqs = None
        elif self._freqs and sum(map(len, self._freqs)) == postings:
            freqs = np.concatenate(self._freqs)
        else:  # the values do not tell
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
        """Turns the pending values into arrays, or, if they are not as the kind has them, all values into bytes."""
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
            before = [encode_frequency(freq) for chunk in self._freqs for freq in chunk.tolist()]
        else:
            for freqs, flat in zip(self._freqs, self._positions, strict=True):
                ends = np.cumsum(freqs)
                before += [encode_positions(part.tolist()) for part in np.split(flat, ends[:-1])] if len(ends) else []
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
                # The format is anyone's, and so is what it raises on a value it does not know.
                self._decode_frequency = None


def _decoded_positions(value: bytes) -> list[int] | None:
    """The positions in a value; None if they would not come back as the same bytes, or not in order."""
    try:
        positions: list[Any] = Positions().decode_positions(value)
        if encode_positions(positions) != value:
            return None
    except Exception:
        # Whoosh unpickles here, which raises nearly anything on bytes that are no pickle.
        return None
    before = 0
    for position in positions:
        if type(position) is not int or not before <= position <= _MAX_POSITION:
            return None
        before = position
    return positions
