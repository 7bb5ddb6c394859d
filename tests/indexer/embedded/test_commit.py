"""The commit file: no code in it is run, damage is reported, and Whoosh reads it as its own."""

from __future__ import annotations

import json
import os
import pickle
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC, open_dir

from corpus import Archive, make_article
from indexer import (
    IndexDamaged,
    IndexVersionMismatch,
    SearchRequest,
    open_searcher,
    pending_changes,
    rebuild_index,
    update_index,
    verify_index,
)
from indexer.embedded.commit import read_commit
from indexer.embedded.schema import make_schema

FOOTER = struct.Struct("<II8s")


def commit_file(archive: Archive) -> Path:
    (path,) = archive.index_directory.glob("*.toc")
    return path


class Runs:
    """An object that calls a function when it is unpickled."""

    def __init__(self, call: Callable[..., Any], *arguments: object) -> None:
        self.reduced = (call, arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return self.reduced


class RunsWhenFilled(RamStorage):  # type: ignore[misc]
    """A Whoosh class whose pickled state is chosen by the attacker."""

    def __init__(self, inner: object) -> None:
        super().__init__()
        self.locks = inner

    def __reduce__(self) -> tuple[Any, ...]:
        return RamStorage, (), self.__dict__


def hostile(path: Path) -> dict[str, object]:
    """Objects that write to a file when they are unpickled."""
    code = f"open({str(path)!r}, 'w').close()"
    return {
        "os.system": Runs(os.system, f"touch {path}"),
        "eval": Runs(eval, code),
        "exec": Runs(exec, code),
        "open": Runs(open, str(path), "w"),
        "a state of one of Whoosh's": RunsWhenFilled(Runs(exec, code)),
        "getattr": Runs(getattr, Runs(__import__, "os"), "system"),
    }


def put(path: Path, generation: int, schema: object, segments: object) -> bytes:
    """Whoosh's table of contents with these two pickles."""
    memory = RamStorage()
    TOC(make_schema(), segments, generation).write(memory, "MAIN")
    (data,) = memory.files.values()
    good = pickle.dumps(make_schema(), 2)
    assert good in bytes(data)
    bad = pickle.dumps(schema, 2)
    return bytes(data).replace(_length(good) + good, _length(bad) + bad)


def _length(data: bytes) -> bytes:
    from whoosh.util.varints import varint

    return bytes(varint(len(data)))


ASK: dict[str, Callable[[Archive], object]] = {
    "search": lambda archive: open_searcher(archive).search(SearchRequest("إيران")),
    "pending": pending_changes,
    "update": update_index,
    "verify": verify_index,
}


@pytest.mark.slow
@pytest.mark.parametrize("where", ["schema", "segments"])
@pytest.mark.parametrize("name", list(hostile(Path())))
def test_no_pickle_is_ever_run(archive: Archive, tmp_path: Path, name: str, where: str) -> None:
    update_index(archive)
    proof = tmp_path / "ran"
    path, thing = commit_file(archive), hostile(proof)[name]
    pickles = (thing, []) if where == "schema" else (make_schema(), [thing])
    path.write_bytes(put(path, 1, *pickles))
    with suppress(Exception):  # the attack is real: Whoosh's own reader runs it
        open_dir(str(archive.index_directory))
    if name != "getattr":
        assert proof.exists()
        proof.unlink()
    archive.add(make_article(id="new", paragraphs=["إيران"]))
    for ask in ASK.values():
        with pytest.raises(IndexDamaged, match="is damaged"):
            ask(archive)
    rebuild_index(archive)
    assert open_searcher(archive).search(SearchRequest("إيران")).total == 3
    assert not proof.exists()


def test_pickles_under_a_correct_checksum_are_not_run_either(archive: Archive, tmp_path: Path) -> None:
    update_index(archive)
    proof = tmp_path / "ran"
    path = commit_file(archive)
    whole = path.read_bytes()
    length, _, magic = FOOTER.unpack(whole[-FOOTER.size :])
    data = put(path, 1, hostile(proof)["exec"], []) + whole[-FOOTER.size - length : -FOOTER.size]
    path.write_bytes(data + FOOTER.pack(length, zlib.crc32(data), magic))
    assert verify_index(archive) == 5
    archive.add(make_article(id="new", paragraphs=["إيران"]))
    update_index(archive)
    assert open_searcher(archive).search(SearchRequest("إيران")).total == 3
    rebuild_index(archive)
    assert not proof.exists()
    open_dir(str(archive.index_directory))  # the new file is harmless
    assert not proof.exists()


def rewrite(archive: Archive, **values: object) -> None:
    """Changes values of the commit file, under a correct checksum."""
    path = commit_file(archive)
    whole = path.read_bytes()
    length, _, magic = FOOTER.unpack(whole[-FOOTER.size :])
    rest, text = whole[: -FOOTER.size - length], whole[-FOOTER.size - length : -FOOTER.size]
    text = json.dumps(json.loads(text) | values).encode()
    path.write_bytes(rest + text + FOOTER.pack(len(text), zlib.crc32(rest + text), magic))


@pytest.mark.parametrize(
    "values",
    [
        {"generation": 7},
        {"change": None},
        {"change": "x"},
        {"segments": 5},
        {"segments": [["../../etc/passwd", 5, None]]},
        {"segments": [["a/b", 5, None]]},
        {"segments": [["abc", -1, None]]},
        {"segments": [["abc", 1.5, None]]},
        {"segments": [["abc", 10**30, None]]},
        {"segments": [["abc", 5, "AAAA"]]},
        {"segments": [["abc", 5, "!"]]},
        {"segments": [["abc", 5, 5]]},
        {"segments": [["abc"]]},
        {"format": "5"},
        {"analysis": []},
    ],
    ids=str,
)
def test_invalid_values_are_damage(archive: Archive, values: dict[str, object]) -> None:
    update_index(archive)
    archive.add(make_article(id="new", paragraphs=["إيران"]))
    rewrite(archive, **values)
    for ask in ASK.values():
        with pytest.raises((IndexDamaged, IndexVersionMismatch), match=r"is damaged|was built with"):
            ask(archive)
    rebuild_index(archive)
    assert verify_index(archive) == 6


@pytest.mark.slow
def test_every_altered_byte_and_every_cut_is_found(archive: Archive) -> None:
    update_index(archive)
    archive.add(make_article(id="iran", paragraphs=["نص آخر"]))
    update_index(archive)
    path = commit_file(archive)
    whole = path.read_bytes()
    for place in [*range(0, len(whole) - 700, 7), *range(len(whole) - 700, len(whole))]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        with pytest.raises(IndexDamaged):
            read_commit(archive.index_directory)
    for length in [*range(0, len(whole), 61), *range(len(whole) - 40, len(whole))]:
        path.write_bytes(whole[:length])
        with pytest.raises(IndexDamaged):
            read_commit(archive.index_directory)


def test_an_index_of_an_old_format_requires_a_reindex(archive: Archive) -> None:
    update_index(archive)
    path = commit_file(archive)
    path.write_bytes(put(path, 1, {"indexer.embedded.schema": "IndexState"}, []))
    with pytest.raises(IndexVersionMismatch, match="format 4 or older, and this version of Arshif needs 7"):
        open_searcher(archive)
    rebuild_index(archive)
    assert verify_index(archive) == 5


def test_a_commit_keeps_its_state_its_segments_and_their_deletions(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.embedded.writer.SMALL_SEGMENT", 2)
    update_index(archive)
    first = read_commit(archive.index_directory)
    archive.add(make_article(id="talks", paragraphs=["نص آخر"]))
    update_index(archive)
    commit = read_commit(archive.index_directory)
    assert (first.state.change, commit.state.change) == (5, 6)
    assert first.state.commit != commit.state.commit
    assert commit.generation == first.generation + 1
    found = {(segment.doc_count_all(), segment.deleted_count()) for segment in commit.segments}
    assert found == {(5, 1), (1, 0)}
    theirs = open_dir(str(archive.index_directory))._segments()
    assert [segment.segment_id() for segment in theirs] == [segment.segment_id() for segment in commit.segments]
    assert [set(segment.deleted_docs()) for segment in theirs] == [
        set(segment.deleted_docs()) for segment in commit.segments
    ]


def test_a_commit_of_whooshs_own_writer_requires_a_reindex(archive: Archive) -> None:
    update_index(archive)
    index = open_dir(str(archive.index_directory))
    index.delete_by_term("id", "iran")
    with pytest.raises(IndexDamaged, match="not Arshif's"):
        open_searcher(archive)
    rebuild_index(archive)
    assert verify_index(archive) == 5
