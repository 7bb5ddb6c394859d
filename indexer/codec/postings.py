"""Reading a segment's postings: arrays mapped from its file, without copies. Threads may share them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from indexer.codec.arrays import Kind, TermDictionary, column_name
from indexer.codec.container import Array, ArrayFile, DamagedPostings, MappedFile, smallest
from indexer.codec.gaps import Gaps, decode, decode_all


class FieldPostings:
    """The terms of one field of a segment, by number in the order of their bytes, and their postings.

    All arrays are read-only views of the file. Methods that take a number do not check it: -1, which `find` returns for
    an unknown term, must not be passed.

    Raises:
        DamagedPostings: an array is missing, or its length is not consistent with the others.
    """

    def __init__(
        self, file: ArrayFile, number: int, kind: Kind, doc_count: int, total_length: int, digits: int = 0
    ) -> None:
        self._file = file
        self._number = number
        self.kind = kind
        self.doc_count = doc_count
        """Documents in the segment, including deleted ones."""
        self.total_length = total_length
        """Tokens of the field in all documents."""
        self.lengths: Array = (
            self._array("lengths") if total_length else np.broadcast_to(np.zeros(1, np.uint8), (doc_count,))
        )
        """Tokens of this field in each document, exact, [doc_count]; zeros where the field has no lengths."""
        buckets, members = self._array("term_buckets"), self._array("term_members")
        self._terms = TermDictionary(self._array("terms"), self._array("term_ends"), buckets, members)
        self.term_count = len(self._terms)
        self.starts: Array = self._array("starts")
        """Where each term's postings start in the flat arrays, then their count, [term_count + 1]."""
        self._gaps = Gaps(self._array("gaps"), self._array("gap_starts"), digits) if digits else None
        postings = int(self.starts[-1]) if len(self.starts) else 0
        self.has_freqs = self._has("freqs")
        """False if every frequency is 1: then none is stored."""
        self.flat_freqs: Array = (
            self._array("freqs") if self.has_freqs else np.broadcast_to(np.ones(1, np.uint8), (postings,))
        )
        """The frequencies of all postings, in the order of `flat_docs`."""
        self.flat_weights: Array | None = self._array("weights") if self._has("weights") else None
        """The weights of all postings, float32; None if each is the frequency."""
        self.has_positions = kind is Kind.POSITIONS
        self.flat_positions: Array | None = self._array("positions") if self.has_positions else None
        """The positions of all postings; None if the field has none."""
        self.position_starts: Array = self._array("position_starts") if self._has("position_starts") else self.starts
        """Where each term's positions start, [term_count + 1], if the field has positions."""
        self.flat_values: Array | None = self._array("values") if kind is Kind.BYTES else None
        self.value_ends: Array | None = self._array("value_ends") if kind is Kind.BYTES else None
        self._check()

    @cached_property
    def flat_docs(self) -> Array:
        """The document numbers of all postings, sorted by term, then document; decoded if the file has gaps."""
        if self._gaps is None:
            return self._array("docs")
        docs = decode_all(self._gaps, np.diff(self.starts.astype(np.int64)))
        return smallest(docs, self.doc_count)

    @cached_property
    def doc_frequency(self) -> Array:
        """Documents of each term, uint32[term_count]; for one term `frequency` is cheaper."""
        return np.diff(self.starts).astype(np.uint32, copy=False)

    def frequency(self, number: int) -> int:
        """The number of documents that have a term."""
        return self._starts[number + 1] - self._starts[number]

    def occurrences(self, number: int) -> int:
        """How often a term occurs in the segment."""
        if self.has_freqs and not self.has_positions:
            return int(self._array("collection_frequency")[number])
        return int(self.position_starts[number + 1]) - int(self.position_starts[number])

    def find(self, term: bytes) -> int:
        """The number of a term; -1 if there is no such term."""
        return self._terms.find(term)

    def lower_bound(self, term: bytes) -> int:
        """The number of the first term that is not less than `term`; `term_count` if there is none."""
        return self._terms.lower_bound(term)

    def term(self, number: int) -> bytes:
        """The term of a number."""
        return self._terms[number]

    def terms(self, first: int = 0, last: int | None = None) -> list[bytes]:
        """The terms from number `first` up to, not including, `last`; by default to the end."""
        return self._terms.part(first, self.term_count if last is None else min(last, self.term_count))

    def term_bytes(self) -> tuple[Array, Array]:
        """All terms end to end, uint8, and where each starts, then where the last ends, [term_count + 1]; no copies."""
        return self._array("terms"), self._array("term_ends")

    def docs(self, number: int) -> Array:
        """The documents of a term, ascending.

        Raises:
            DamagedPostings: their number is not the stored one.
        """
        if self._gaps is None:
            return self.flat_docs[self._starts[number] : self._starts[number + 1]]
        coded = self._gaps.bytes[self._gap_starts[number] : self._gap_starts[number + 1]]
        docs = decode(coded, self._gaps.digits).cumsum()
        if len(docs) != self.frequency(number):
            raise DamagedPostings(self._file.name, f"a term has {len(docs)} documents, not {self.frequency(number)}")
        return docs

    def freqs(self, number: int) -> Array:
        """How often the term occurs in each of its documents."""
        return self.flat_freqs[self._starts[number] : self._starts[number + 1]]

    def term_of_documents(self) -> Array:
        """For a field of at most one term per document: each document's term number, -1 for none; int32[doc_count]."""
        numbers = np.full(self.doc_count, -1, np.int32)
        numbers[self.flat_docs] = np.repeat(
            np.arange(self.term_count, dtype=np.int32), self.doc_frequency.astype(np.int64)
        )
        return numbers

    def postings(self, numbers: Array) -> tuple[Array, Array, Array]:
        """The postings of several terms, one term after the other: documents, frequencies, and the count of each term.

        Shapes: [postings], [postings], and [terms] for the `numbers` [terms].
        """
        starts = self.starts[numbers].astype(np.int64)
        counts = self.starts[numbers + 1].astype(np.int64) - starts
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        if total > len(self.flat_freqs):  # no number repeats
            raise DamagedPostings(self._file.name, f"{len(numbers)} terms have {total} postings")
        flat = np.arange(total)
        flat += np.repeat(starts - (ends - counts), counts)
        return self.flat_docs[flat], self.flat_freqs[flat], counts

    def weights(self, number: int) -> Array:
        """The weight of each posting: the frequency, unless boosts changed it."""
        flat = self.flat_freqs if self.flat_weights is None else self.flat_weights
        return flat[self._starts[number] : self._starts[number + 1]]

    def positions(self, number: int) -> tuple[Array, Array]:
        """A term's positions, flat, and where those of each of its documents start, int64[documents + 1].

        Raises:
            ValueError: the field has no positions.
            DamagedPostings: their number is not the sum of the frequencies.
        """
        if self.flat_positions is None:
            raise ValueError("the field has no positions")
        flat = self.flat_positions[int(self.position_starts[number]) : int(self.position_starts[number + 1])]
        freqs = self.freqs(number)
        starts = np.zeros(len(freqs) + 1, np.int64)
        np.cumsum(freqs, dtype=np.int64, out=starts[1:])
        if starts[-1] != len(flat):
            raise DamagedPostings(self._file.name, f"a term has {starts[-1]} occurrences and {len(flat)} positions")
        return flat, starts

    def values(self, number: int) -> tuple[Array, Array]:
        """A term's value bytes, end to end, and where each starts, int64[documents + 1]; for `Kind.BYTES` only.

        Raises:
            ValueError: values of this kind are made from the other arrays.
        """
        if self.flat_values is None or self.value_ends is None:
            raise ValueError(f"a field of kind {self.kind} keeps no bytes")
        ends = self.value_ends[self._starts[number] : self._starts[number + 1] + 1].astype(np.int64)
        return self.flat_values[ends[0] : ends[-1]], ends - ends[0]

    def collection_weight(self, number: int) -> float:
        """The sum of a term's weights."""
        if self.flat_weights is None:
            return float(self.occurrences(number))
        return float(self._collection_weight[number])

    def length_bounds(self, number: int) -> tuple[int, int]:
        """The shortest and the longest length among a term's documents, ignoring 0; 0, 0 if all are 0."""
        if self._has("min_length"):
            return int(self._array("min_length")[number]), int(self._array("max_length")[number])
        if not self.total_length:
            return 0, 0
        lengths = self.lengths[self.docs(number)]
        longest = int(lengths.max())
        shortest = int(lengths.min())
        return (shortest or (int(lengths[lengths > 0].min()) if longest else 0)), longest

    @cached_property
    def _gap_starts(self) -> memoryview:
        return self._array("gap_starts").data

    @cached_property
    def _starts(self) -> memoryview:
        # Reading one item of a memoryview takes a third of the time that it takes from the array.
        return self.starts.data

    @cached_property
    def _collection_weight(self) -> Array:
        return self._array("collection_weight")

    def _has(self, name: str) -> bool:
        return f"{self._number}.{name}" in self._file

    def _array(self, name: str) -> Array:
        return self._file.array(f"{self._number}.{name}")

    def _check(self) -> None:
        """Checks that the arrays' lengths are consistent; reads the last item of three of them."""
        postings = int(self.starts[-1]) if len(self.starts) else -1
        sizes = [
            ("starts", len(self.starts), self.term_count + 1),
            ("position_starts", len(self.position_starts), self.term_count + 1),
            ("term_members", len(self._array("term_members")), self.term_count),
            ("lengths", len(self.lengths), self.doc_count),
            ("freqs", len(self.flat_freqs), postings),
        ]
        if self._gaps is None:
            sizes.append(("docs", len(self._array("docs")), postings))
        else:
            last = int(self._gaps.starts[-1]) if len(self._gaps.starts) else -1
            sizes.append(("gap_starts", len(self._gaps.starts), self.term_count + 1))
            sizes.append(("gaps", len(self._gaps.bytes), last))
        if self.flat_weights is not None:
            sizes.append(("weights", len(self.flat_weights), postings))
        if self.flat_positions is not None and len(self.position_starts):
            sizes.append(("positions", len(self.flat_positions), int(self.position_starts[-1])))
        if self.value_ends is not None:
            sizes.append(("values", len(self.value_ends), postings + 1))
        for name, found, expected in sizes:
            if found != expected:
                raise DamagedPostings(self._file.name, f"the array {name!r} has {found} items, not {expected}")


class SegmentPostings:
    """The postings of one segment. Opening maps the file and reads its directory only.

    Raises:
        DamagedPostings: the file is truncated, of another version, or inconsistent.
        FileNotFoundError: there is none.
    """

    def __init__(self, mapped: MappedFile) -> None:
        self._file = ArrayFile(mapped)
        self.name = mapped.name
        self.fields: dict[str, FieldPostings] = {}
        """The indexed fields, in order of their names."""
        self.lengths: dict[str, Array] = {}
        """Tokens of each field in each document, [doc_count], for fields with lengths, even if they have no terms."""
        self.total_lengths: dict[str, int] = {}
        try:
            self.doc_count = int(self._file.meta["documents"])
            entries = sorted(self._file.meta["fields"].items())
            for name, entry in entries:
                self._open_field(name, entry)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            self.close()
            if isinstance(error, DamagedPostings):
                raise
            raise DamagedPostings(self.name, f"its directory is invalid ({error})") from error

    def column(self, name: str) -> Array:
        """A number for each document, [doc_count].

        Raises:
            DamagedPostings: there is no such column, or its length is another.
        """
        numbers = self._file.array(column_name(name))
        if len(numbers) != self.doc_count:
            raise DamagedPostings(self.name, f"the column {name!r} is of other documents")
        return numbers

    def verify(self) -> None:
        """Reads everything and compares checksums.

        Raises:
            DamagedPostings: a byte is not what was written.
        """
        self._file.verify()

    def close(self) -> None:
        """Closes the file. Arrays in use stay valid; the file is unmapped with the last of them."""
        self.fields, self.lengths = {}, {}
        self._file.close()

    def _open_field(self, name: str, entry: dict[str, Any]) -> None:
        number, length = int(entry["number"]), int(entry.get("length", 0))
        if length:
            self.lengths[name] = self._file.array(f"{number}.lengths")
            self.total_lengths[name] = length
            if len(self.lengths[name]) != self.doc_count:
                raise DamagedPostings(self.name, f"the field {name!r} has lengths for other documents")
        if "kind" in entry:
            digits = int(entry.get("digits", 0))
            self.fields[name] = FieldPostings(self._file, number, Kind(entry["kind"]), self.doc_count, length, digits)
