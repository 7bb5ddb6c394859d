"""Small made-up texts, and their postings by brute force."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from hypothesis import strategies as st

from indexer.codec import FieldArrays, FieldPostings, MappedFile, SegmentPostings, SegmentPostingsWriter, invert

Text = list[bytes]
Postings = dict[bytes, dict[int, list[int]]]

TERMS = st.one_of(
    st.sampled_from([b"", b"\0", b"a", b"a\0", b"aa", b"b", "مفاوضات".encode(), b"\xff" * 300]), st.binary(max_size=3)
)
TEXTS = st.lists(st.lists(TERMS, max_size=8), max_size=6)


class Memory:
    """The part of Whoosh's storage interface that opening a file needs, in memory."""

    def __init__(self, **files: bytes) -> None:
        self.files = files

    def open_file(self, name: str) -> BytesIO:
        if name not in self.files:
            raise NameError(name)
        return BytesIO(self.files[name])


def inverted(texts: Sequence[Text], *, positions: bool = True, **options: Any) -> FieldArrays:
    vocabulary: dict[bytes, int] = {}
    rows = [
        (vocabulary.setdefault(term, len(vocabulary)), number, position)
        for number, text in enumerate(texts)
        for position, term in enumerate(text)
    ]
    terms, documents, places = np.array(rows, np.int64).reshape(-1, 3).T
    options.setdefault("doc_count", len(texts))
    return invert(terms, documents, places if positions else None, list(vocabulary), **options)


def written(fields: dict[str, FieldArrays], documents: int) -> bytes:
    file = BytesIO()
    writer = SegmentPostingsWriter(file)
    for name, arrays in fields.items():
        writer.add_field(name, arrays)
    writer.finish(documents)
    return file.getvalue()


def read(data: bytes) -> SegmentPostings:
    """The postings in the bytes of a file."""
    return SegmentPostings(MappedFile(Memory(x=data), "x"))


def opened(arrays: FieldArrays, documents: int) -> FieldPostings:
    return read(written({"x": arrays}, documents)).fields["x"]


def by_brute_force(texts: Sequence[Text]) -> Postings:
    found: Postings = {}
    for number, text in enumerate(texts):
        for position, term in enumerate(text):
            found.setdefault(term, {}).setdefault(number, []).append(position)
    return dict(sorted(found.items()))


def postings(field: FieldPostings) -> Postings:
    """All postings of a field with positions."""
    found: Postings = {}
    for number, term in enumerate(field.terms()):
        flat, starts = field.positions(number)
        parts = np.split(flat, starts[1:-1])
        found[term] = dict(zip(field.docs(number).tolist(), [part.tolist() for part in parts], strict=True))
    return found
