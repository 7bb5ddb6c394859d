"""Files that are truncated, altered, missing, closed, or read by many threads."""

from __future__ import annotations

import json
import pickle
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from indexer.codec import DamagedPostings, MappedFile, SegmentPostings
from tests.indexer.codec.made_up import Memory, by_brute_force, inverted, postings, read, written

TEXTS = [[b"w%d" % (number * step % 40) for step in range(1, 30)] for number in range(50)]


@pytest.fixture(scope="module")
def whole() -> bytes:
    return written({"body": inverted(TEXTS), "title": inverted(TEXTS[:3], positions=False)}, len(TEXTS))


def with_directory(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with another directory under a correct checksum."""
    offset, length, _, _, magic = struct.unpack("<QIIQ8s", data[-32:])
    directory = data[offset : offset + length].replace(old, new)
    assert directory != data[offset : offset + length]
    end = offset + len(directory) + 32
    return data[:offset] + directory + struct.pack("<QIIQ8s", offset, len(directory), zlib.crc32(directory), end, magic)


def test_a_file_is_read_from_a_directory_and_from_memory(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "seg.arr").write_bytes(whole)
    for segment in (
        SegmentPostings(MappedFile(tmp_path, "seg.arr")),
        SegmentPostings(MappedFile(str(tmp_path), "seg.arr")),
        read(whole),
    ):
        segment.verify()
        assert list(segment.fields) == ["body", "title"]
        assert postings(segment.fields["body"]) == by_brute_force(TEXTS)
        segment.close()
        segment.close()


def test_every_truncation_is_found_when_opening(whole: bytes) -> None:
    for length in [*range(0, len(whole), 97), *range(len(whole) - 70, len(whole))]:
        with pytest.raises(DamagedPostings, match="cut short"):
            read(whole[:length])
    with pytest.raises(DamagedPostings, match="cut short"):
        read(whole + b"\0")


def test_every_altered_byte_is_found(whole: bytes) -> None:
    unused = 0
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 0x41
        try:
            read(bytes(data)).verify()
            unused += 1
        except DamagedPostings:
            continue
    assert unused < 8 * (4 + 2 * 9)  # the zeros between arrays, and in the header


@pytest.mark.parametrize(
    ("alter", "message"),
    [
        pytest.param(lambda data: b"PK" + data[2:], "does not begin", id="other magic"),
        pytest.param(lambda data: data[:8] + b"\2" + data[9:], "format 2, this reads format 1", id="other version"),
        pytest.param(lambda data: data[:-33] + b"?" + data[-32:], "directory was altered", id="directory"),
        pytest.param(lambda data: with_directory(data, b'"0.docs"', b'"0.dogs"'), "'0.docs' is missing", id="no array"),
        pytest.param(lambda data: with_directory(data, b'"documents":50', b'"documents":51'), "other documents", id="documents"),
        pytest.param(lambda data: with_directory(data, b'"|u1"', b'"|O"'), "impossible", id="type"),
        pytest.param(lambda data: with_directory(data, b'"positions"', b'"frequencies"'), "is invalid", id="kind"),
        pytest.param(lambda data: with_directory(data, b'"meta"', b'"mete"'), "is invalid", id="no meta"),
        pytest.param(lambda data: with_directory(data, b'"fields":{', b'"fields":1,"x":{'), "is invalid", id="no fields"),
        pytest.param(lambda data: with_directory(data, b',50,', b',5000,'), "past the end", id="too long"),
        pytest.param(lambda data: with_directory(data, b',41,', b',40,'), "items, not", id="too short"),
    ],
)  # fmt: skip
def test_other_files_are_rejected_with_a_reason(whole: bytes, alter: Callable[[bytes], bytes], message: str) -> None:
    with pytest.raises(DamagedPostings, match=message):
        read(alter(whole))


def test_a_missing_file_is_missing_and_not_damaged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"seg\.arr"):
        SegmentPostings(MappedFile(tmp_path, "seg.arr"))
    with pytest.raises(FileNotFoundError, match=r"seg\.arr"):
        SegmentPostings(MappedFile(Memory(), "seg.arr"))
    (tmp_path / "seg.arr").write_bytes(b"")
    with pytest.raises(DamagedPostings, match="cut short"):
        SegmentPostings(MappedFile(tmp_path, "seg.arr"))


def test_the_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(DamagedPostings("seg.arr", "it was cut short")))
    assert (error.name, error.reason) == ("seg.arr", "it was cut short")
    assert "seg.arr" in str(error)


def test_arrays_stay_valid_after_closing_and_deleting_the_file(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "seg.arr"
    path.write_bytes(whole)
    segment = SegmentPostings(MappedFile(tmp_path, path.name))
    docs = segment.fields["body"].docs(0)
    expected = docs.tolist()
    segment.close()
    assert docs.tolist() == expected
    assert not docs.flags.writeable
    del docs
    path.unlink()


def test_fields_of_any_name_and_none_at_all() -> None:
    names = ["", "a.b", "عنوان", '"\\\n', "0.docs"]
    segment = read(written({name: inverted([[b"x"], [b"y", b"y"]]) for name in names}, 2))
    segment.verify()
    assert set(segment.fields) == set(names)
    empty = read(written({}, 0))
    assert (empty.fields, empty.doc_count) == ({}, 0)
    nothing = read(written({"x": inverted([[], []])}, 2)).fields["x"]
    assert (nothing.term_count, nothing.terms(), nothing.find(b""), nothing.lengths.tolist()) == (0, [], -1, [0, 0])


def test_the_directory_is_plain_json(whole: bytes) -> None:
    offset, length = struct.unpack("<QI", whole[-32:-20])
    directory = json.loads(whole[offset : offset + length])
    assert directory["meta"]["fields"]["body"]["kind"] == "positions"
    assert all(place % 8 == 0 for _, _, place, _ in directory["arrays"].values())


def test_threads_share_a_segment(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "seg.arr").write_bytes(whole)
    segment = SegmentPostings(MappedFile(tmp_path, "seg.arr"))
    field, expected = segment.fields["body"], by_brute_force(TEXTS)

    def look_up(seed: int) -> bool:
        for term in np.random.default_rng(seed).permutation(list(expected)):
            number = field.find(bytes(term))
            flat, starts = field.positions(number)
            documents = dict(zip(field.docs(number).tolist(), np.split(flat, starts[1:-1]), strict=True))
            if {document: places.tolist() for document, places in documents.items()} != expected[bytes(term)]:
                return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(look_up, range(40)))
