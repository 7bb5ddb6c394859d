"""Full disks, read-only places and missing permissions: one clear line, and the archive as it was.

A full disk is a real one where this process may mount a small one; otherwise it is the system's limit on the size of a
process's files, on which writes fail in the same way.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from corpus import Archive, Page, exchange, ingest, make_article, verify_archive
from indexer import IndexMissing, verify_index
from tests.search_ui.arshif import Arshif

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="permissions and limits are another thing there"),
]
LOADED_BEFORE_PERMISSIONS_GO = (exchange, ingest)

NOBODY = 65534


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that other users may enter, unlike pytest's own."""
    directory = Path(tempfile.mkdtemp(prefix="arshif-test-"))
    directory.chmod(0o755)
    yield directory
    for path in [directory, *directory.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(directory)


@pytest.fixture
def arshif(place: Path) -> Arshif:
    command = Arshif(place)
    command("init")
    command("add", "-", stdin=lines(3))
    (place / "page.html").write_text(f"<html><body><h1>عنوان</h1><p>{'نص طويل. ' * 30}</p></body></html>", "utf-8")
    command("export", str(place / "backup.jsonl"))
    return command


def lines(count: int, *, words: int = 5, first: int = 0) -> bytes:
    articles = [{"id": f"a{first + n}", "text": f"خبر رقم{first + n} " + "كلمة " * words} for n in range(count)]
    return "".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles).encode()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Permissions do not apply to root: tests run as root switch to another user."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@contextmanager
def forbidden(*paths: Path, mode: str) -> Iterator[None]:
    """Remove permissions from the paths and everything below, and restore them afterwards."""
    every = [path for top in paths for path in (top, *top.rglob("*"))]
    modes = {path: path.stat().st_mode for path in every}
    subprocess.run(["chmod", "-R", mode, *map(str, paths)], check=True)
    try:
        with as_nobody():
            yield
    finally:
        for path, before in modes.items():
            path.chmod(before)


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Limit the size of files: larger writes fail, as on a full disk."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def assert_whole(command: Arshif, articles: int) -> None:
    """Assert that the archive has this many articles, and that it and its index are complete."""
    with Archive.open(command.archive) as archive:
        report = verify_archive(archive)
        assert (report.articles, report.problems) == (articles, [])
        assert [note for note in report.notes if "half-written" in note] == []
        verify_index(archive)
    assert [path.name for path in command.archive.glob(".*.writer")] == []


# Read-only and forbidden

WRITING = [
    ["add", "-"],
    ["remove", "a1"],
    ["index"],
    ["reindex"],
    ["check", "--repair"],
    ["import", "{place}/backup.jsonl"],
]
READING = [
    ["search", "خبر"],
    ["show", "a1"],
    ["show", "a1", "--revisions"],
    ["status"],
    ["suggest", "خب"],
    ["check"],
    ["export", "-"],
]


@pytest.mark.parametrize("arguments", WRITING, ids=" ".join)
def test_a_read_only_archive_is_not_written_to(arshif: Arshif, place: Path, arguments: list[str]) -> None:
    arshif("add", "-", "--no-index", stdin=lines(1, first=3))
    with forbidden(arshif.archive, mode="a-w"):
        result = arshif.result(*(part.format(place=place) for part in arguments), stdin=lines(1, first=9))
    assert result.exit_code == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("arshif: ")]
    assert "read-only for this user" in line or "Permission denied" in line
    assert_whole(arshif, 4)


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_a_read_only_archive_is_read(arshif: Arshif, arguments: list[str]) -> None:
    expected = arshif(*arguments)
    with forbidden(arshif.archive, mode="a-w"):
        printed = arshif(*arguments)
    if arguments[0] not in ("search", "status"):  # they print times and sizes
        assert printed.splitlines()[1:-1] == expected.splitlines()[1:-1]


def test_an_archive_that_only_its_owner_writes_is_read_while_that_writes(arshif: Arshif) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the administrator can be two users")
    with Archive.open(arshif.archive) as archive, archive.batch():
        archive.remove("a1")
        with as_nobody():
            assert "خبر رقم1" in arshif("show", "a1")
    with as_nobody():
        # Nobody is writing now, but the owner may begin at any time: ignoring SQLite's locks would not be safe.
        assert "not write beside it" in arshif.error("show", "a1") or "read-only" in arshif.error("show", "a1")


@pytest.mark.parametrize(
    ("what", "arguments", "told"),
    [
        ("", ["status"], "Permission denied"),
        ("", ["init"], "Permission denied"),
        ("articles.db", ["status"], "may not open articles.db"),
        ("arshif.toml", ["status"], "Permission denied"),
        ("index", ["search", "خبر"], "cannot read the index"),
        ("index", ["index"], "cannot read the index"),
    ],
)
def test_what_this_user_may_not_open(arshif: Arshif, what: str, arguments: list[str], told: str) -> None:
    if what == "index":
        subprocess.run(["chmod", "-R", "a+rwX", str(arshif.archive)], check=True)
    with forbidden(arshif.archive / what, mode="000"):
        assert told in arshif.error(*arguments)
    assert_whole(arshif, 3)


def test_an_index_that_may_not_be_written_keeps_the_articles(arshif: Arshif) -> None:
    subprocess.run(["chmod", "-R", "a+rwX", str(arshif.archive)], check=True)
    with forbidden(arshif.archive / "index", mode="a-w"):
        result = arshif.result("add", "-", stdin=lines(1, first=3))
        assert arshif.json("search", "خبر")["total"] == 3
    assert result.exit_code == 1
    assert "cannot write to the index" in result.stderr
    assert_whole(arshif, 4)
    arshif("index")
    assert arshif.json("search", "خبر")["total"] == 4


def test_pages_that_may_not_be_written_keep_no_article(arshif: Arshif, place: Path) -> None:
    subprocess.run(["chmod", "-R", "a+rwX", str(arshif.archive)], check=True)
    with forbidden(arshif.archive / "pages", mode="a-w"):
        result = arshif.result("add", str(place / "page.html"))
    assert result.exit_code == 1
    assert "cannot write to the archive" in result.stderr
    assert_whole(arshif, 3)


@pytest.mark.parametrize("arguments", [["{place}/no/x.jsonl"], ["--pages", "{place}/no/x"]], ids=["file", "directory"])
def test_an_export_to_where_this_user_may_not_write(arshif: Arshif, place: Path, arguments: list[str]) -> None:
    (place / "no").mkdir()
    subprocess.run(["chmod", "-R", "a+rwX", str(arshif.archive)], check=True)
    with forbidden(place / "no", mode="a-w"):
        line = arshif.error("export", *(part.format(place=place) for part in arguments))
    assert "Permission denied" in line
    assert list((place / "no").iterdir()) == []


# Full disks


@pytest.mark.parametrize("size", [100_000, 200_000, 400_000, 800_000])
def test_adding_to_a_disk_that_fills_up_keeps_whole_batches(arshif: Arshif, size: int) -> None:
    with file_size_limit(size):
        result = arshif.result("add", "-", "--no-index", stdin=lines(2000, words=40, first=3))
    assert result.exit_code == 1
    assert "cannot write to the archive" in result.stderr
    added = int(result.stdout.split()[1].replace(",", ""))
    assert added % 500 == 0
    assert_whole(arshif, 3 + added)
    arshif("add", "-", stdin=lines(2000, words=40, first=3))
    assert_whole(arshif, 2003)


@pytest.mark.parametrize("command", ["index", "reindex"])
@pytest.mark.parametrize("size", [50_000, 200_000, 400_000])
def test_indexing_on_a_disk_that_fills_up_leaves_the_index_before(arshif: Arshif, command: str, size: int) -> None:
    arshif("add", "-", "--no-index", stdin=lines(3000, words=40, first=3))
    before = {path.name for path in (arshif.archive / "index").iterdir()}
    with file_size_limit(size):
        line = arshif.error(command)
        assert arshif.json("search", "خبر")["total"] == 3
    assert "cannot write to the index" in line
    assert {path.name for path in (arshif.archive / "index").iterdir()} == before
    assert_whole(arshif, 3003)
    arshif("index")
    assert arshif.json("search", "خبر")["total"] == 3003


def test_removing_on_a_full_disk(arshif: Arshif) -> None:
    arshif("add", "-", stdin=lines(500, first=3))
    with file_size_limit(33_000):
        assert "cannot write to the archive" in arshif.error("remove", *(f"a{n}" for n in range(3, 500)))
    assert_whole(arshif, 503)
    assert arshif.json("status")["removed"] == 0


def test_opening_on_a_full_disk(arshif: Arshif) -> None:
    with file_size_limit(1000):
        assert "the disk is full" in arshif.error("search", "خبر")
    assert_whole(arshif, 3)


def test_importing_to_a_disk_that_fills_up_imports_nothing(arshif: Arshif, place: Path) -> None:
    with Archive.create(place / "source") as source:
        for number in range(60):
            page = place / "more.html"
            page.write_text(f"<html><h1>عنوان {number}</h1><p>{f'كلمة{number} ' * 2000}</p></html>", "utf-8")
            ingest.add_paths(source, [page], ingest.AddSummary())
        exchange.export_archive(source, place / "pages", pages=True)
    with file_size_limit(300_000):
        assert "cannot write to the archive" in arshif.error("import", str(place / "pages"))
    assert_whole(arshif, 3)
    assert list((arshif.archive / "pages").rglob("*.gz")) == []
    arshif("import", str(place / "pages"))
    assert_whole(arshif, 63)


@pytest.mark.parametrize("arguments", [["{place}/x.jsonl"], ["--pages", "{place}/x"]], ids=["file", "directory"])
def test_an_export_to_a_full_disk_leaves_nothing(arshif: Arshif, place: Path, arguments: list[str]) -> None:
    with Archive.open(arshif.archive) as archive, archive.batch():
        for number in range(300):
            text = hashlib.sha512(str(number).encode()).hexdigest() * 20
            archive.add(make_article(id=f"n{number}", paragraphs=[text]), Page(text.encode(), "text/plain"))
    before = {path.name for path in place.iterdir()}
    with file_size_limit(40_000):
        line = arshif.error("export", *(part.format(place=place) for part in arguments))
    assert "cannot export to" in line
    assert {path.name for path in place.iterdir()} == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "disk"
    directory.mkdir()
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(directory)], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this process may not mount a small disk")
    yield directory
    subprocess.run(["umount", str(directory)], check=True)


def test_everything_on_a_real_full_disk(small_disk: Path) -> None:
    command = Arshif(small_disk)
    command("init")
    command("add", "-", stdin=lines(3))
    failures = []
    kept = 3
    for first in range(3, 60_000, 2000):
        result = command.result("add", "-", stdin=lines(2000, words=20, first=first))
        kept += int(result.stdout.split()[1].replace(",", ""))
        if result.exit_code:
            failures.append(result.stderr.strip())
            if len(failures) == 3:
                break
    assert all("disk is full" in failure and "\n" not in failure for failure in failures)
    assert len(failures) == 3
    assert_whole(command, kept)
    for arguments in (["export", str(small_disk / "x.jsonl")], ["export", "--pages", str(small_disk / "x")]):
        assert "the disk is full" in command.error(*arguments)
    assert {path.name for path in small_disk.iterdir()} == {"archive"}
    assert command.json("search", "خبر")["total"] >= 3


def test_an_archive_that_was_never_indexed_stays_so(arshif: Arshif) -> None:
    shutil.rmtree(arshif.archive / "index")
    arshif("add", "-", "--no-index", stdin=lines(2000, words=40, first=3))
    with file_size_limit(100_000):
        assert "cannot write to the index" in arshif.error("index")
    with Archive.open(arshif.archive) as archive, suppress(IndexMissing):
        assert verify_index(archive) == 0
    arshif("index")
    assert_whole(arshif, 2003)
