"""The same made-up documents in two Whoosh indexes: one of Whoosh's codec, one of ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from whoosh import analysis, columns, fields, formats
from whoosh.codec.base import Codec
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import RamStorage
from whoosh.index import FileIndex
from whoosh.writing import NO_MERGE

from indexer.codec import ColumnarCodec

WORDS = ["a", "aa", "ab", "b", "c", "مفاوضات", "مفاوض", "\0", "a\0", "x" * 40]


class Tokens(analysis.Analyzer):  # type: ignore[misc]
    """Words separated by spaces; `word^2.5` is boosted."""

    def __call__(
        self, value: str, positions: bool = False, chars: bool = False, start_pos: int = 0, **kwargs: Any
    ) -> Iterator[analysis.Token]:
        token = analysis.Token(positions, chars, **kwargs)
        start = 0
        for position, word in enumerate(value.split(" "), start_pos):
            text, _, boost = word.partition("^")
            token.text = token.original = text
            token.boost = float(boost or 1)
            token.stopped = False
            token.pos = position
            token.startchar, token.endchar = start, start + len(word)
            start += len(word) + 1
            yield token


class Reversed(formats.Positions):  # type: ignore[misc]
    """A format that the codec does not know."""

    def encode(self, positions: list[int]) -> bytes:
        return bytes(super().encode(positions))[::-1]

    def decode_positions(self, value: bytes) -> list[int]:
        return list(super().decode_positions(value[::-1]))

    def decode_frequency(self, value: bytes) -> int:
        return int(super().decode_frequency(value[::-1]))


FORMATS: dict[str, formats.Format] = {
    "existence": formats.Existence(),
    "boosted": formats.Existence(field_boost=2.5),
    "frequency": formats.Frequency(),
    "positions": formats.Positions(),
    "weighted": formats.Positions(field_boost=1.5),
    "characters": formats.Characters(),
    "posboosts": formats.PositionBoosts(),
    "charboosts": formats.CharacterBoosts(),
    "reversed": Reversed(),
}


def schema() -> fields.Schema:
    text = {
        name: fields.FieldType(format_, Tokens(), scorable=not name.startswith("e"), stored=name == "positions")
        for name, format_ in FORMATS.items()
    }
    for made in text.values():
        made.set_sortable = None
    return fields.Schema(
        number=fields.NUMERIC(int, sortable=True),
        key=fields.ID(stored=True, unique=True),
        vectors=fields.TEXT(Tokens(), vector=formats.Positions(), sortable=columns.RefBytesColumn()),
        **text,
    )


Document = dict[str, Any]
TEXT = st.lists(
    st.builds(lambda word, boost: word + boost, st.sampled_from(WORDS), st.sampled_from(["", "", "^2", "^0.5"])),
    min_size=1,
    max_size=12,
).map(" ".join)
DOCUMENT: st.SearchStrategy[Document] = st.fixed_dictionaries(
    {}, optional=dict.fromkeys([*FORMATS, "vectors"], TEXT) | {"number": st.integers(-2000, 2000)}
)


@dataclass
class Commit:
    """Documents that a commit adds, the numbers of those that it deletes first, and whether it merges all segments."""

    documents: Sequence[Document]
    deleted: Sequence[int] = ()
    optimize: bool = False


COMMITS = st.lists(
    st.builds(Commit, st.lists(DOCUMENT, max_size=6), st.lists(st.integers(0, 30), max_size=3), st.booleans()),
    min_size=1, max_size=4,
)  # fmt: skip


@dataclass
class Pair:
    """Two indexes with the same documents."""

    stock: FileIndex
    ours: FileIndex
    keys: int = field(default=0)


def build(
    commits: Sequence[Commit], *, compound: bool = True, codec: ColumnarCodec | None = None, storages: Any = None
) -> Pair:
    """Builds both indexes; ours rounds lengths as Whoosh's, unless it is of another `codec`."""
    codec = codec or ColumnarCodec(blocklimit=4, round_lengths=True)
    stock_storage, our_storage = storages or (RamStorage(), RamStorage())
    stock, ours = stock_storage.create_index(schema()), our_storage.create_index(schema())
    write(stock, commits, W3Codec(), compound=compound)
    return Pair(stock, ours, write(ours, commits, codec, compound=compound))


def build_ours(commits: Sequence[Commit], codec: ColumnarCodec) -> FileIndex:
    """Builds only the index of our codec."""
    index = RamStorage().create_index(schema())
    write(index, commits, codec)
    return index


def write(index: FileIndex, commits: Sequence[Commit], codec: Codec, *, compound: bool = True) -> int:
    """Writes commits to an index with a codec; returns the number of documents."""
    key = 0
    for commit in commits:
        writer = index.writer(codec=codec, compound=compound)
        for number in commit.deleted:
            if number < index.doc_count_all():
                writer.delete_document(number)
        for document in commit.documents:
            writer.add_document(key=str(key), **document)
            key += 1
        writer.commit(**({"optimize": True} if commit.optimize else {"mergetype": NO_MERGE}))
    return key
