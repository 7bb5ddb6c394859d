"""Compressed files and archives: every nesting of formats, and decompression bombs."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import resource
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.readers import record, zip_and_tar
from tests.conftest import ROOT
from tests.corpus.readers.made_files import PAGE, gzipped, line, lines, read, read_piped, tarred, zipped

MEMBERS = {"a.jsonl": lines("a"), "deep/b.jsonl.gz": gzip.compress(lines("b")), "page.html": PAGE, "logo.png": b"x"}

PACKED: list[tuple[str, str, bytes]] = [
    ("gzip", "n.jsonl.gz", gzip.compress(lines("a", "b"))),
    ("bzip2", "n.jsonl.bz2", bz2.compress(lines("a", "b"))),
    ("xz", "n.jsonl.xz", lzma.compress(lines("a", "b"))),
    ("gzip without telling name", "news", gzip.compress(lines("a", "b"))),
    ("several members", "n.jsonl.gz", gzip.compress(lines("a")) + gzip.compress(lines("b")) + bytes(512)),
    ("several members of bzip2", "n.jsonl.bz2", bz2.compress(lines("a")) + bz2.compress(lines("b"))),
    ("zip", "n.zip", zipped({"a.jsonl": lines("a"), "b.jsonl": lines("b")})),
    ("zip, stored", "n.zip", zipped({"a.jsonl": lines("a"), "b.jsonl": lines("b")}, zipfile.ZIP_STORED)),
    ("zip, bzip2", "n.zip", zipped({"a.jsonl": lines("a", "b")}, zipfile.ZIP_BZIP2)),
    ("tar", "n.tar", tarred({"a.jsonl": lines("a"), "b.jsonl": lines("b")})),
    ("tar, old form", "n.tar", tarred({"a.jsonl": lines("a", "b")}, form=tarfile.USTAR_FORMAT)),
    ("tar.gz", "n.tgz", tarred({"a.jsonl": lines("a", "b")}, "w:gz")),
    ("tar.bz2", "n.tar.bz2", tarred({"a.jsonl": lines("a", "b")}, "w:bz2")),
    ("tar.xz", "n.tar.xz", tarred({"a.jsonl": lines("a", "b")}, "w:xz")),
    ("zip in tar.gz", "n.tgz", tarred({"x.zip": zipped({"a.jsonl": lines("a", "b")})}, "w:gz")),
    ("tar.gz in zip", "n.zip", zipped({"x.tar.gz": tarred({"a.jsonl": lines("a", "b")}, "w:gz")})),
    ("zip in zip", "n.zip", zipped({"x.zip": zipped({"a.jsonl": lines("a", "b")})})),
]


@pytest.mark.parametrize(("_", "name", "data"), PACKED, ids=[row[0] for row in PACKED])
def test_compressed_input_is_read_from_files_and_pipes(_: str, name: str, data: bytes) -> None:
    for found in (read(data, name), read_piped(data)):
        assert found.ids == ["a", "b"]
        assert not found.reasons


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_members_are_read_by_their_names_and_cited_by_them(pack: Callable[[dict[str, bytes]], bytes]) -> None:
    found = read(pack(MEMBERS), "in/n.packed")
    assert found.ids[:2] == ["a", "b"]
    assert found.articles[2].title == "عنوان الخبر"
    assert [record.origin.part for record in found.records] == [
        "a.jsonl, line 1",
        "deep/b.jsonl.gz, line 1",
        "page.html",
    ]
    assert {record.origin.name for record in found.records} == {"in/n.packed"}
    assert found.ignored == [".png"]


NAMES = [
    "../../etc/a.jsonl",
    "/etc/a.jsonl",
    "..\\..\\a.jsonl",
    "a\x1b[31m\u202e.jsonl",
    "x" * 5000 + ".jsonl",
    "ط/خبر.jsonl",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_member_names_are_sanitized(pack: Callable[[dict[str, bytes]], bytes], name: str) -> None:
    (record,) = read(pack({name: lines("a")}), "n").records
    part = record.origin.part or ""
    assert part.isprintable()
    assert ".." not in part.split("/")
    assert not part.startswith("/")
    assert len(part) < 400


def test_tar_members_with_long_names_are_read_and_links_and_devices_ignored(tmp_path: Path) -> None:
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=form) as tar:
            for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):
                header = tarfile.TarInfo("link.jsonl")
                header.type, header.linkname = kind, "/etc/passwd"
                tar.addfile(header)
            header = tarfile.TarInfo("م" * 200 + "/a.jsonl")
            header.size = len(lines("a"))
            tar.addfile(header, io.BytesIO(lines("a")))
        found = read(stream.getvalue(), "n.tar")
        assert found.ids == ["a"]
        assert not found.reasons
        assert "م" * 200 in (found.records[0].origin.part or "")


REFUSED: list[tuple[str, str, bytes, str]] = [
    ("empty zip", "n.zip", zipped({}), "no file of a supported format"),
    ("zip of pictures", "n.zip", zipped({"a.png": b"x"}), "no file of a supported format"),
    ("empty tar", "n.tar", tarred({}), "empty|no file|text"),
    ("office document", "n.docx", zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), "is not XML"),
    ("e-book", "n.epub", zipped({"META-INF/container.xml": b"", "a.html": PAGE}), "is not XML"),
    ("Zstandard", "n.jsonl.zst", b"\x28\xb5\x2f\xfd" + bytes(20), "Zstandard"),
    ("a zip's beginning", "n.zip", b"PK\x03\x04" + bytes(40), "damaged ZIP"),
    ("a zip's end", "n.zip", b"PK\x05\x06" + b"\xff" * 18, "damaged ZIP"),
    ("gzip of nothing", "n.gz", gzip.compress(b""), "empty"),
    ("damaged bzip2", "n.bz2", b"BZh91AY&SY" + bytes(50), "bzip2"),
    ("damaged xz", "n.xz", b"\xfd7zXZ\x00" + bytes(50), "xz"),
    ("lzma in zip", "n.zip", zipped({"a.jsonl": lines("a")}, zipfile.ZIP_LZMA), "method 14"),
]


@pytest.mark.parametrize(("_", "name", "data", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_archives_that_cannot_be_unpacked_are_reported(_: str, name: str, data: bytes, reason: str) -> None:
    for found in (read(data, name), read_piped(data)):
        assert not found.articles
        assert any(part in " ".join(found.reasons) for part in reason.split("|"))


def test_a_zip_member_without_a_name_is_ignored() -> None:
    data = bytearray(zipped({"x": b"1", "a.jsonl": lines("a")}))
    at = data.index(b"PK\x01\x02")
    data[at + 28 : at + 32] = b"\x00\x00\x01\x00"  # no letter of a name, one byte of another field
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["", "a.jsonl"]
    assert read(bytes(data), "n.zip").ids == ["a"]


def test_an_encrypted_member_is_reported_and_its_neighbours_are_read() -> None:
    data = bytearray(zipped({"a.jsonl": lines("a"), "b.jsonl": lines("b")}))
    data[6] |= 1  # the flag of encryption, in the member's own header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the central directory
    found = read(bytes(data), "n.zip")
    assert found.ids == ["b"]
    assert found.reasons == ["n.zip, a.jsonl: it is encrypted"]


def test_a_damaged_member_does_not_affect_the_others() -> None:
    data = bytearray(zipped({"a.jsonl": lines(*map(str, range(500))), "b.jsonl": lines("b")}))
    data[60:64] = b"\xff\xff\xff\xff"
    found = read(bytes(data), "n.zip")
    assert found.ids[-1] == "b"
    assert "a.jsonl" in found.reasons[0]


def test_a_damaged_tar_header_does_not_affect_other_members() -> None:
    data = bytearray(
        tarred({name: lines(name[0]) for name in ("a.jsonl", "b.jsonl", "c.jsonl")}, form=tarfile.USTAR_FORMAT)
    )
    data[1024:1030] = b"\xff" * 6
    found = read(bytes(data), "n.tar")
    assert found.ids == ["a", "c"]
    assert len(found.reasons) == 1


@pytest.mark.slow
@pytest.mark.parametrize("form", ["n.jsonl.gz", "n.jsonl.bz2", "n.jsonl.xz", "n.zip", "n.tar", "n.tar.gz"])
def test_every_truncation_is_reported_and_raises_nothing(form: str) -> None:
    many = lines(*map(str, range(300)))
    data = {
        "n.jsonl.gz": gzip.compress(many),
        "n.jsonl.bz2": bz2.compress(many),
        "n.jsonl.xz": lzma.compress(many),
        "n.zip": zipped({"a.jsonl": many, "b.jsonl": lines("x")}),
        "n.tar": tarred({"a.jsonl": many, "b.jsonl": lines("x")}),
        "n.tar.gz": tarred({"a.jsonl": many, "b.jsonl": lines("x")}, "w:gz"),
    }[form]
    whole = len(read(data, form).ids)
    for end in range(10, len(data) - 4, max(1, len(data) // 40)):
        for found in (read(data[:end], form), read_piped(data[:end])):
            assert found.reasons or len(found.ids) == whole


# Decompression bombs. Each is read in a process with limited memory and time.

READ = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (1_500 * 2**20,) * 2)
from pathlib import Path
from tests.corpus.readers.made_files import Read
from corpus.readers import read_stream
path = Path(sys.argv[1])
with path.open("rb") as stream:
    found = Read(read_stream(stream, path.name, size=path.stat().st_size))
print(found.ids)
print("\\n".join(found.reasons))
"""


def bounded(path: Path, data: bytes) -> tuple[str, str]:
    """The ids and the reasons, read with 1.5 GB of memory in 60 seconds."""
    path.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=False, timeout=60, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-2000:]
    ids, _, reasons = done.stdout.partition("\n")
    return ids, reasons


ZEROS_300_MB = gzip.compress(bytes(300 * 2**20), 9)


def zip_of(name: str, packed_zeros: int) -> bytes:
    return zipped({"a.jsonl": lines("a"), name: bytes(packed_zeros), "z.jsonl": lines("z")})


def quine() -> bytes:
    """ZIP files nested deeper than any real one."""
    data = zipped({"a.jsonl": lines("deep")})
    for _ in range(12):
        data = zipped({"a.jsonl": lines("a"), "n.zip": data})
    return data


def sparse() -> bytes:
    """A tar member that claims a terabyte of holes."""
    header = tarfile.TarInfo("hole.jsonl")
    header.type = tarfile.GNUTYPE_SPARSE
    block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    block[483:495] = b"\x80\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00"
    block[148:156] = b"        "
    block[148:156] = b"%06o\x00 " % sum(block)
    return bytes(block) + tarred({"z.jsonl": lines("z")})


def long_name() -> bytes:
    """A tar header whose extended name has a declared size of eight gigabytes."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 8 * 2**30 - 1
    return tarred({"a.jsonl": lines("a")})[:1024] + header.tobuf(tarfile.GNU_FORMAT) + bytes(10_000)


def great_dictionary() -> bytes:
    """xz data that need a dictionary of 1.5 GB."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 1}]
    data = bytearray(lzma.compress(lines("a"), check=lzma.CHECK_NONE, filters=filters))
    at = 12 + 4  # the size of the dictionary, in the block's header
    data[at] = 39
    size = (data[12] + 1) * 4
    data[12 + size - 4 : 12 + size] = struct.pack("<L", zlib.crc32(bytes(data[12 : 12 + size - 4])))
    return bytes(data)


BOMBS: list[tuple[str, str, Callable[[], bytes], str, str]] = [
    ("a page of zeros", "n.html.gz", lambda: ZEROS_300_MB, "[]", "larger than 32 MB"),
    ("gzip in gzip", "n.html.gz.gz", lambda: gzip.compress(ZEROS_300_MB), "[]", "larger than 32 MB"),
    ("lines of zeros", "n.jsonl.gz", lambda: ZEROS_300_MB * 4, "[]", "200 times its size"),
    ("a line of 200 MB", "n.jsonl", lambda: lines("a") + b"x" * (200 * 2**20) + b"\n" + lines("z"), "['a', 'z']", "line 2: longer than 32 MB"),
    ("a JSON value of 200 MB", "n.json", lambda: b"[" + line("a") + b', {"text": "' + b"x" * (200 * 2**20) + b'"}]', "['a']", "larger than 32 MB"),
    ("a row of 200 MB", "n.csv", lambda: b'id,text\na,x\nb,"' + b"x" * 999 + b"\n" + (b"y" * 999 + b"\n") * 200_000 + b'"\nz,y\n', "['a', 'z']", "is a quote not closed?"),
    ("a zip member", "n.zip", lambda: zip_of("m.jsonl", 300 * 2**20), "['a', 'z']", "m.jsonl"),
    ("a page in a zip", "n.zip", lambda: zip_of("m.html", 300 * 2**20), "['a', 'z']", "larger than 32 MB"),
    ("zip in zip in zip", "n.zip", quine, "['a', 'a', 'a', 'a', 'a', 'a']", "nested in more than 6 archives"),
    ("gzip 40 times over", "n.jsonl.gz", lambda: gzipped(lines("a"), 40), "[]", "nested in more than 6 archives"),
    ("a sparse tar member", "n.tar", sparse, "", "sparse"),
    ("a tar name of 8 GB", "n.tar", long_name, "['a']", "a name of more than a megabyte"),
    ("an xz dictionary of 1.5 GB", "n.jsonl.xz", great_dictionary, "[]", "more than 128 MB of memory"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(resource, "RLIMIT_AS"), reason="this system cannot bound memory")
@pytest.mark.parametrize(("_", "name", "make", "ids", "reason"), BOMBS, ids=[row[0] for row in BOMBS])
def test_bombs_are_refused_in_bounded_memory_and_time(
    _: str, name: str, make: Callable[[], bytes], ids: str, reason: str, tmp_path: Path
) -> None:
    found, reasons = bounded(tmp_path / name, make())
    assert found.startswith(ids)
    assert reason in reasons


def test_the_total_unpacked_size_of_a_zip_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "FREE_BYTES", 2**20)
    data = zipped({f"{number}.jsonl": line(str(number), text="ا" * 300_000) for number in range(20)})
    found = read(data, "n.zip")
    assert 0 < len(found.ids) < 20
    assert found.reasons == ["n.zip: it unpacks to more than 200 times its size: the rest was not read"]


def test_a_zip_with_a_huge_directory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(zip_and_tar, "MAX_DIRECTORY_BYTES", 1000)
    data = zipped({f"{number}.jsonl": lines(str(number)) for number in range(100)})
    assert "table of contents is too large" in read(data, "n.zip").reasons[0]


def test_a_zip_file_on_disk_is_read_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.readers.formats.spooled", None)
    assert read(zipped({"a.jsonl": lines("a")}), "n.zip").ids == ["a"]
