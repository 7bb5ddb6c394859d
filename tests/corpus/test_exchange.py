from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from corpus import Archive, ExportFailed, ImportFailed, ingest, make_article, verify_archive
from corpus.exchange import compare_archives, export_archive, import_archive, write_lines
from tests.full_archive import fill_with_everything


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        fill_with_everything(opened)
        yield opened


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "other") as opened:
        yield opened


@pytest.fixture
def backup(archive: Archive, tmp_path: Path) -> Path:
    export_archive(archive, tmp_path / "backup", pages=True)
    return tmp_path / "backup"


def lines_of(archive: Archive) -> list[dict[str, object]]:
    stream = io.BytesIO()
    write_lines(archive, stream)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def files(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


# Round trips


def test_an_export_with_pages_is_imported_as_an_equal_archive(archive: Archive, other: Archive, backup: Path) -> None:
    summary = import_archive(other, backup)
    assert (summary.added, summary.pages, summary.pages_missing, summary.refused) == (8, 8, 0, 0)
    assert compare_archives(archive, other) == []
    assert verify_archive(other).problems == []
    assert [article.id for article in other.articles()] == [article.id for article in archive.articles()]
    assert other.revisions("talks") == archive.revisions("talks")
    assert other.removals("removed again") == archive.removals("removed again")
    assert other.counts().removed == 3


@pytest.mark.parametrize("name", ["backup.jsonl", "backup.jsonl.gz"])
def test_a_file_contains_everything_except_pages(archive: Archive, other: Archive, tmp_path: Path, name: str) -> None:
    export_archive(archive, tmp_path / name)
    summary = import_archive(other, tmp_path / name)
    assert (summary.added, summary.pages_missing) == (8, 9)
    assert lines_of(other)[1:-1] == lines_of(archive)[1:-1]
    assert all("is in one of them only" in line for line in compare_archives(archive, other))


def test_pages_can_be_imported_later(archive: Archive, other: Archive, tmp_path: Path, backup: Path) -> None:
    export_archive(archive, tmp_path / "backup.jsonl")
    import_archive(other, tmp_path / "backup.jsonl")
    summary = import_archive(other, backup)
    assert (summary.added, summary.unchanged) == (0, 8)
    assert compare_archives(archive, other) == []


def test_importing_twice_changes_nothing(archive: Archive, other: Archive, backup: Path) -> None:
    import_archive(other, backup)
    last = other.last_change()
    assert import_archive(other, backup).unchanged == 8
    assert other.last_change() == last
    assert compare_archives(archive, other) == []


def test_a_later_export_adds_the_changes_since(archive: Archive, other: Archive, tmp_path: Path,
                                                                   backup: Path) -> None:  # fmt: skip
    import_archive(other, backup)
    archive.add(make_article(id="untitled", paragraphs=["نص آخر"]))
    archive.add(make_article(id="new", paragraphs=["جديد"]))
    export_archive(archive, tmp_path / "later", pages=True)
    summary = import_archive(other, tmp_path / "later")
    assert (summary.added, summary.revised, summary.unchanged) == (1, 1, 7)
    assert compare_archives(archive, other) == []
    assert verify_archive(other).problems == []


def test_an_article_with_a_conflicting_history_is_refused_and_the_others_imported(other: Archive, backup: Path) -> None:
    other.add(make_article(id="talks", paragraphs=["نص غيره"]))
    summary = import_archive(other, backup)
    assert (summary.added, summary.refused) == (7, 1)
    assert summary.refusals == ["talks: its history differs from the one in the archive"]
    assert other.get("talks").text == "نص غيره"
    assert verify_archive(other).problems == []


def test_articles_removed_here_stay_removed(archive: Archive, backup: Path) -> None:
    archive.remove("untitled", "بعد النسخ")
    import_archive(archive, backup)
    assert "untitled" not in {article.id for article in archive.articles()}


def test_an_empty_archive_can_be_exported_and_imported(tmp_path: Path, other: Archive) -> None:
    with Archive.create(tmp_path / "empty") as empty:
        export_archive(empty, tmp_path / "backup", pages=True)
        assert import_archive(other, tmp_path / "backup").added == 0
        assert compare_archives(empty, other) == []


# The format, for other tools


def test_each_line_is_an_article_for_other_json_lines_readers(archive: Archive, other: Archive, tmp_path: Path) -> None:
    export_archive(archive, tmp_path / "backup.jsonl")
    ingest.add_paths(other, [tmp_path / "backup.jsonl"], ingest.AddSummary())
    assert {article.id: article.text for article in other.articles()} == {
        article.id: article.text for article in archive.articles()
    }
    assert other.get("talks").published == archive.get("talks").published


def test_a_removed_article_has_no_text_at_the_top(archive: Archive) -> None:
    line = next(line for line in lines_of(archive) if line.get("id") == "removed with history")
    assert set(line) == {"id", "first_seen", "earlier", "removals"}
    assert [one["text"] for one in line["earlier"]] == ["نص removed with history", "مراجعة"]  # type: ignore[attr-defined]


def test_pages_are_a_standard_warc(archive: Archive, backup: Path) -> None:
    with (backup / "pages.warc.gz").open("rb") as stream:
        found = {}
        for record in ArchiveIterator(stream, check_digests="raise"):
            assert record.rec_type == "resource"
            found[record.content_stream().read()] = (
                record.rec_headers.get_header("WARC-Target-URI"),
                record.rec_headers.get_header("Content-Type"),
                record.rec_headers.get_header("WARC-Date"),
            )
    assert len(found) == 8
    uri, media_type, when = found["<html>انطلقت المفاوضات أمس</html>".encode()]
    assert (uri, media_type, when) == (archive.get("talks").url, "text/html", "2020-01-02T12:00:00Z")
    assert found[b"plain"][0].startswith("urn:sha256:")


def test_exports_of_pages_are_reproducible(archive: Archive, backup: Path, tmp_path: Path) -> None:
    export_archive(archive, tmp_path / "again", pages=True)
    assert (backup / "pages.warc.gz").read_bytes() == (tmp_path / "again" / "pages.warc.gz").read_bytes()


# Invalid locations and damage


def test_an_export_does_not_touch_a_directory_in_use(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(ExportFailed, match="not an empty directory"):
        export_archive(archive, tmp_path / "full", pages=True)
    with pytest.raises(ExportFailed, match="is a directory"):
        export_archive(archive, tmp_path / "full")
    assert files(tmp_path / "full") == {"file"}


def test_an_export_accepts_an_empty_directory(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    export_archive(archive, tmp_path / "empty", pages=True)
    assert files(tmp_path / "empty") == {"articles.jsonl.gz", "pages.warc.gz"}


def test_an_interrupted_export_leaves_the_previous_one(archive: Archive, tmp_path: Path) -> None:
    target = tmp_path / "backup.jsonl"
    export_archive(archive, target)
    before = target.read_bytes()

    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_archive(archive, target, progress=interrupt)
    with pytest.raises(KeyboardInterrupt):
        export_archive(archive, tmp_path / "dir", pages=True, progress=interrupt)
    assert target.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"archive", "backup.jsonl"}
    archive.add(make_article(id="after", paragraphs=["ما زال يكتب"]))


def test_a_missing_page_is_reported_and_the_others_are_exported(
    archive: Archive, other: Archive, tmp_path: Path
) -> None:
    lost = archive.revisions("talks")[0].page
    assert lost is not None
    archive.pages.discard(lost)
    summary = export_archive(archive, tmp_path / "backup", pages=True)
    assert (summary.pages, summary.pages_lost) == (7, 1)
    assert import_archive(other, tmp_path / "backup").pages_missing == 1
    assert compare_archives(archive, other) == []


def cut(data: bytes, lines: int) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:lines])


def forge(data: bytes) -> bytes:
    return data.replace("أمس".encode(), "غدا".encode())


DAMAGE: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("empty", lambda data: b"", "the file is empty"),
    ("cut between lines", lambda data: cut(data, 4), "cut short: its last line is missing"),
    ("cut in a line", lambda data: data[:2000], "cut short"),
    ("without its last line", lambda data: cut(data, 9), "cut short: its last line is missing"),
    ("a line left out", lambda data: cut(data, 3) + b"".join(data.splitlines(keepends=True)[4:]), "checksum differs"),
    ("something after it", lambda data: data + b"{}\n", "there is data after its last line"),
    ("a word replaced", forge, "does not match its hash"),
    ("a date that is none", lambda data: data.replace(b"2018-01-05", b"2018-13-05"), "line 3: "),
    ("no JSON", lambda data: data.replace(b'{"id": "untitled"', b'{"id": untitled'), "line 3 is not valid JSON"),
    ("nothing of an article", lambda data: cut(data, 1) + b'{"id": "a"}\n', "not a whole article"),
    ("a list", lambda data: b"[]\n", "is not a JSON object"),
    ("other JSON Lines", lambda data: b'{"id": "a", "text": "t"}\n', "not an export of Arshif"),
    ("a later version", lambda data: data.replace(b'"version": 1', b'"version": 2'), "of version 2"),
    ("a place of no kind", lambda data: data.replace(b'"kind": "warc"', b'"kind": "moon"'), "line 2: "),
    ("a number skipped", lambda data: data.replace(b'"number": 2', b'"number": 5'), "not numbered"),
    ("bytes", lambda data: bytes(range(256)), "not valid JSON"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("harm", "message"), [row[1:] for row in DAMAGE], ids=[row[0] for row in DAMAGE])
def test_an_import_of_damaged_lines_changes_nothing(
    backup: Path, other: Archive, harm: Callable[[bytes], bytes], message: str
) -> None:
    other.add(make_article(id="before", paragraphs=["قبل"]))
    path = backup / "articles.jsonl.gz"
    path.write_bytes(gzip.compress(harm(gzip.decompress(path.read_bytes()))))
    with pytest.raises(ImportFailed, match=message) as caught:
        import_archive(other, backup)
    assert str(caught.value).endswith("; nothing was imported")
    assert "\n" not in str(caught.value)
    assert other.last_change() == 1
    assert files(other.directory / "pages") == set()
    report = verify_archive(other)
    assert (report.articles, report.problems, report.notes) == (1, [], [])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["articles.jsonl.gz", "pages.warc.gz"])
@pytest.mark.parametrize("place", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_an_import_of_truncated_or_altered_files_changes_nothing(
    backup: Path, other: Archive, capfd: pytest.CaptureFixture[str], name: str, place: float
) -> None:
    path = backup / name
    whole = path.read_bytes()
    at = int(len(whole) * place)
    for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
        path.write_bytes(damaged)
        try:
            import_archive(other, backup)
        except ImportFailed as error:
            assert "\n" not in str(error)  # noqa: PT017  # a change of an unused byte may be accepted
        else:
            # A byte of a gzip header, such as the time, changes nothing that is read.
            assert verify_archive(other).problems == []
            assert other.counts().removed == 3
            return
        assert other.last_change() == 0
        assert files(other.directory / "pages") == set()
    assert capfd.readouterr().err == ""


def test_a_directory_without_an_export_is_reported(other: Archive, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source in ("empty", "nowhere"):
        with pytest.raises(ImportFailed, match="No such file"):
            import_archive(other, tmp_path / source)


def test_an_export_with_missing_pages_is_reported(
    archive: Archive, other: Archive, backup: Path, tmp_path: Path
) -> None:
    archive.pages.discard(archive.revisions("talks")[0].page or "")
    export_archive(archive, tmp_path / "less", pages=True)
    (tmp_path / "less" / "pages.warc.gz").replace(backup / "pages.warc.gz")
    with pytest.raises(ImportFailed, match="7 pages instead of 8"):
        import_archive(other, backup)
    assert files(other.directory / "pages") == set()


# Comparison


def test_each_difference_is_reported(archive: Archive, other: Archive, backup: Path) -> None:
    import_archive(other, backup)
    archive.add(make_article(id="only here", paragraphs=["نص"]))
    other.add(make_article(id="aaa", paragraphs=["نص"]))
    archive.add(make_article(id="untitled", paragraphs=["غيره"]))
    other.restore("removed")
    archive.pages.discard(archive.revisions("same page")[0].page or "")
    found = compare_archives(archive, other)
    assert f"aaa: not in {archive.directory}" in found
    assert f"only here: not in {other.directory}" in found
    assert "untitled: text not the same" in found
    assert "removed: removals not the same" in found
    assert any(line.startswith("same page: page ") for line in found)
    assert len(compare_archives(archive, other, limit=2)) == 2
