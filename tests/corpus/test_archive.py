from __future__ import annotations

import gzip
import shutil
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from corpus import (
    AddOutcome,
    Archive,
    ArchiveExists,
    ArchiveNotFound,
    ArchiveReadFailed,
    ArchiveVersionMismatch,
    ArchiveWriteFailed,
    ArticleNotFound,
    NotAnArchive,
    Page,
    SettingsInvalid,
    make_article,
)
from corpus.database import SCHEMA_VERSION


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive")


def test_an_added_article_is_returned_unchanged(archive: Archive) -> None:
    article = make_article(
        id="a/1 ?#",
        url="https://a.example/خبر",
        title="«عنوان»",
        paragraphs=["المُفاوَضاتِ", "فقرة ثانية"],
        published=datetime(2017, 2, 16, 0, 30, tzinfo=timezone(timedelta(hours=3))),
        source="النهضة",
        section="سياسة",
        authors=["أ", "ب"],
        retrieved_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    assert archive.add(article) is AddOutcome.ADDED
    assert archive.get("a/1 ?#") == article
    assert list(archive.articles()) == [article]


def test_adding_twice_changes_nothing(archive: Archive) -> None:
    article = make_article(id="a", title="عنوان", paragraphs=["نص"])
    page = Page(b"<html>", "text/html")
    archive.add(article, page)
    assert archive.add(article, Page(b"<html >", "text/html")) is AddOutcome.UNCHANGED
    assert len(archive.revisions("a")) == 1
    assert len(archive.changes()) == 1


def test_a_changed_text_is_a_new_revision_and_old_ones_are_kept(archive: Archive) -> None:
    archive.add(make_article(id="a", title="عنوان", paragraphs=["قبل"]), Page(b"before", "text/html"))
    assert (
        archive.add(make_article(id="a", title="عنوان", paragraphs=["بعد"]), Page(b"after", "text/html"))
        is AddOutcome.REVISED
    )
    before, after = archive.revisions("a")
    assert (before.number, before.article.text, after.number, after.article.text) == (1, "قبل", 2, "بعد")
    assert archive.get("a").text == "بعد"
    assert before.page is not None
    assert archive.pages.read(before.page) == b"before"
    assert [change.kind for change in archive.changes()] == [AddOutcome.ADDED, AddOutcome.REVISED]


def test_a_revision_inherits_fields_that_the_new_copy_lacks(archive: Archive) -> None:
    archive.add(make_article(id="a", title="عنوان", paragraphs=["قبل"], source="النهضة", section="سياسة"))
    archive.add(make_article(id="a", paragraphs=["بعد"], section="اقتصاد"))
    current = archive.get("a")
    assert (current.title, current.source, current.section, current.text) == ("عنوان", "النهضة", "اقتصاد", "بعد")


def test_the_change_log_lists_changes_after_a_number(archive: Archive) -> None:
    for number in range(5):
        archive.add(make_article(id=f"a{number}", paragraphs=["نص"]))
    assert [change.article_id for change in archive.changes(since=3)] == ["a3", "a4"]
    assert archive.last_change() == 5
    assert [change.article_id for change in archive.changes(1, 2)] == ["a1", "a2"]
    archive.add(make_article(id="a4", paragraphs=["نص جديد"]))
    assert [archive.changed_count(since) for since in (0, 3, 4, 5, 6)] == [5, 2, 1, 1, 0]


def test_ids_are_read_in_order_and_in_parts(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.archive._IDS_AT_ONCE", 2)
    for number in range(5):
        archive.add(make_article(id=f"a{9 - number}", paragraphs=["نص"]))
    archive.remove("a7")
    ids = archive.ids()
    assert next(ids) == "a9"
    archive.add(make_article(id="late", paragraphs=["نص"]))
    assert list(ids) == ["a8", "a6", "a5", "late"]


def test_a_batch_is_atomic(archive: Archive) -> None:
    def interrupted() -> None:
        with archive.batch():
            archive.add(make_article(id="a", paragraphs=["نص"]))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert archive.last_change() == 0
    with archive.batch():
        archive.add(make_article(id="a", paragraphs=["نص"]))
    assert archive.last_change() == 1


def test_more_ids_than_the_parameters_of_one_statement(archive: Archive) -> None:
    with archive.batch():
        for number in range(1200):
            archive.add(make_article(id=str(number), paragraphs=["نص"]))
    assert len(archive.get_many([*map(str, range(1200)), "none"])) == 1200
    numbers = archive.numbers([*map(str, range(1200)), "none"])
    assert sorted(numbers, key=numbers.__getitem__) == [*map(str, range(1200))]


def test_the_number_of_an_article_never_changes(archive: Archive) -> None:
    for article_id in "cab":
        archive.add(make_article(id=article_id, paragraphs=["نص"]))
    before = archive.numbers("abc")
    assert sorted("abc", key=before.__getitem__) == ["c", "a", "b"]
    archive.add(make_article(id="c", paragraphs=["نص جديد"]))
    archive.remove("a")
    archive.connection.execute("VACUUM")
    assert archive.numbers("abc") == before
    archive.restore("a")
    assert archive.numbers(["a", "\ud800"]) == {"a": before["a"]}


def test_page_bytes_are_plain_gzip_named_by_their_hash(archive: Archive) -> None:
    digest = archive.pages.store(b"page")
    path = archive.directory / "pages" / digest[:2] / f"{digest}.gz"
    assert gzip.decompress(path.read_bytes()) == b"page"
    path.write_bytes(gzip.compress(b"forged"))
    with pytest.raises(ArchiveReadFailed, match="altered"):
        archive.pages.read(digest)
    path.unlink()
    with pytest.raises(ArchiveReadFailed):
        archive.pages.read(digest)


def test_counts(archive: Archive) -> None:
    archive.add(make_article(id="a", paragraphs=["1"], source="س", published=datetime(2017, 2, 16, tzinfo=UTC)))
    archive.add(make_article(id="b", paragraphs=["1"], published=datetime(2019, 1, 1, tzinfo=UTC)))
    archive.add(make_article(id="b", paragraphs=["2"], source="ص"))
    counts = archive.counts()
    assert (counts.articles, counts.revisions, counts.changes) == (2, 3, 3)
    assert archive.article_count() == 2
    assert counts.sources == (("س", 1), ("ص", 1))
    assert (counts.first_day, counts.last_day) == ("2017-02-16", "2019-01-01")


def test_an_unknown_article_raises(archive: Archive) -> None:
    with pytest.raises(ArticleNotFound, match="'nowhere'"):
        archive.get("nowhere")
    with pytest.raises(ArticleNotFound):
        archive.revisions("nowhere")


def test_threads_read_concurrently(archive: Archive) -> None:
    for number in range(50):
        archive.add(make_article(id=str(number), paragraphs=[f"نص {number}"]))
    wrong: list[object] = []

    def read() -> None:
        for number in range(50):
            try:
                if archive.get(str(number)).text != f"نص {number}":
                    wrong.append(number)
            except Exception as error:  # noqa: BLE001, RUF100  # any error must reach the test
                wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_two_processes_write_in_turn(archive: Archive) -> None:
    other = Archive.open(archive.directory)
    archive.add(make_article(id="a", paragraphs=["نص"]))
    assert other.add(make_article(id="b", paragraphs=["نص"])) is AddOutcome.ADDED
    assert [change.article_id for change in archive.changes()] == ["a", "b"]


# Invalid locations


def test_init_refuses_a_directory_in_use(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(ArchiveExists, match="already"):
        Archive.create(archive.directory)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(ArchiveExists, match="not an empty directory"):
        Archive.create(tmp_path / "full")
    (tmp_path / "file").touch()
    with pytest.raises(ArchiveExists):
        Archive.create(tmp_path / "file")
    with pytest.raises(ArchiveWriteFailed):
        Archive.create(tmp_path / "file" / "below")


def test_init_accepts_an_empty_directory(tmp_path: Path) -> None:
    assert Archive.create(tmp_path, name='أرشيف "الغد" \\').settings.name == 'أرشيف "الغد" \\'
    assert Archive.open(tmp_path).settings.name == 'أرشيف "الغد" \\'


def test_a_directory_without_an_archive_is_reported(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFound, match="no archive at"):
        Archive.open(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotAnArchive, match=r"no arshif\.toml"):
        Archive.open(tmp_path / "empty")
    with pytest.raises(NotAnArchive, match="not a directory"):
        Archive.open(archive.directory / "arshif.toml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a database at all, but long enough to be taken for one" * 50, "not a database"),
        (b"", "another program"),
    ],
    ids=["noise", "empty file"],
)
def test_an_invalid_database_is_reported(archive: Archive, content: bytes, message: str) -> None:
    archive.close()
    for path in archive.directory.glob("articles.db*"):
        path.unlink()
    (archive.directory / "articles.db").write_bytes(content)
    with pytest.raises(NotAnArchive, match=message):
        Archive.open(archive.directory)


def test_missing_and_foreign_databases_are_reported(archive: Archive) -> None:
    archive.close()
    path = archive.directory / "articles.db"
    shutil.move(path, path.with_name("kept"))
    with pytest.raises(NotAnArchive, match=r"no articles\.db"):
        Archive.open(archive.directory)
    sqlite3.connect(path).execute("CREATE TABLE theirs (x)").connection.close()
    with pytest.raises(NotAnArchive, match="another program"):
        Archive.open(archive.directory)


def test_articles_are_found_by_id_first_and_by_their_current_url(archive: Archive) -> None:
    url, moved = "https://a.example/1", "https://a.example/2"
    archive.add(make_article(id=url, paragraphs=["معرف"]))
    archive.add(make_article(id="a", url=url, paragraphs=["عنوان"]))
    assert archive.find(url).text == "معرف"
    assert archive.ids_of_url(url + "#x") == ("a",)
    archive.add(make_article(id="a", url=moved, paragraphs=["عنوان"]))
    assert (archive.ids_of_url(url), archive.ids_of_url(moved)) == ((), ("a",))
    for nothing in ("", "a b", "ftp://a.example/1", "https://", "http://[", f"{moved} {moved}"):
        assert archive.ids_of_url(nothing) == ()
        with pytest.raises(ArticleNotFound):
            archive.find(nothing)


def test_a_newer_schema_is_reported_and_not_changed(archive: Archive) -> None:
    connection = sqlite3.connect(archive.directory / "articles.db")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(ArchiveVersionMismatch, match=f"version {SCHEMA_VERSION + 1}"):
        Archive.open(archive.directory)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "TOML"),
        ("name = 3", "name must be"),
        ("colour = 'red'", "unknown setting 'colour'"),
        ("\xff", "TOML"),
    ],
)
def test_invalid_settings_are_reported(archive: Archive, text: str, message: str) -> None:
    (archive.directory / "arshif.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsInvalid, match=message):
        Archive.open(archive.directory)


def test_a_truncated_database_is_reported_in_one_line(archive: Archive) -> None:
    for number in range(200):
        archive.add(make_article(id=str(number), paragraphs=["نص طويل " * 50]))
    archive.close()
    path = archive.directory / "articles.db"
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises((ArchiveReadFailed, NotAnArchive)), Archive.open(archive.directory) as damaged:
        list(damaged.articles())
