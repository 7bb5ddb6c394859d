"""A running server notices that its index was rebuilt, or its index or database restored from a copy."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus import Archive, make_article
from indexer import rebuild_index, update_index
from tests.search_ui.small_site import Site


def archive_of(place: Path, *texts: str) -> Archive:
    archive = Archive.create(place)
    with archive.batch():
        for number, text in enumerate(texts):
            archive.add(make_article(id=f"a{number}", title=text, paragraphs=[text]))
    update_index(archive)
    return archive


def state(site: Site, query: str) -> tuple[int, str]:
    answer = site.answer("/api/v1/search", q=query)
    assert answer.status_code == 200
    return answer.get_json()["total"], answer.headers["ETag"]


def other_index(archive: Archive, place: Path) -> None:
    """The index of the same articles without one of them, under the same number."""
    with archive_of(place, "زلزال في إيران", "خبر آخر") as other:
        number = next(archive.index_directory.glob("*.toc")).name
        assert [path.name for path in other.index_directory.glob("*.toc")] == [number]
        shutil.rmtree(archive.index_directory)
        shutil.copytree(other.index_directory, archive.index_directory)


def test_another_index_with_the_same_number_is_noticed(tmp_path: Path) -> None:
    with archive_of(tmp_path / "archive", "زلزال في إيران", "زلزال في اليابان") as archive:
        site = Site(archive)
        before = state(site, "زلزال")
        other_index(archive, tmp_path / "other")
        after = state(site, "زلزال")
        assert (before[0], after[0]) == (2, 1)
        assert before[1] != after[1]


def test_a_rebuilt_index_has_another_version(tmp_path: Path) -> None:
    with archive_of(tmp_path / "archive", "زلزال") as archive:
        site = Site(archive)
        before = state(site, "زلزال")
        shutil.rmtree(archive.index_directory)
        rebuild_index(archive)
        assert state(site, "زلزال")[1] != before[1]


def test_an_index_restored_from_a_copy_is_noticed(tmp_path: Path) -> None:
    with archive_of(tmp_path / "archive", "زلزال") as archive:
        site = Site(archive)
        first = state(site, "زلزال")
        shutil.copytree(archive.index_directory, tmp_path / "copy")
        archive.add(make_article(id="b", paragraphs=["زلزال"]))
        update_index(archive)
        second = state(site, "زلزال")
        shutil.rmtree(archive.index_directory)
        shutil.copytree(tmp_path / "copy", archive.index_directory)
        third = state(site, "زلزال")
        assert (first[0], second[0], third[0]) == (1, 2, 1)
        # After the copy, the same number is another commit.
        update_index(archive)
        assert state(site, "زلزال")[1] not in (first[1], second[1])


def test_a_cursor_of_another_commit_with_the_same_number_is_reported_as_moved(tmp_path: Path) -> None:
    with archive_of(tmp_path / "archive", *["زلزال في إيران"] * 3) as archive:
        site = Site(archive)
        page = site.answer("/api/v1/search", q="زلزال", limit=1).get_json()
        again = site.answer("/api/v1/search", q="زلزال", limit=1, cursor=page["next"]).get_json()
        assert not again["moved"]
        number = page["index"]
        shutil.rmtree(archive.index_directory)
        update_index(archive)
        moved = site.answer("/api/v1/search", q="زلزال", limit=1, cursor=page["next"]).get_json()
        assert (moved["index"], moved["moved"]) == (number, True)
        assert [hit["id"] for hit in moved["hits"]] == [hit["id"] for hit in again["hits"]]


def move(source: Path, target: Path) -> None:
    source.replace(target)


def copy_beside(source: Path, target: Path) -> None:
    shutil.copy2(source, target.with_suffix(".new"))
    target.with_suffix(".new").replace(target)


@pytest.mark.parametrize("put", [move, copy_beside])
def test_a_replaced_database_is_noticed(tmp_path: Path, put: Callable[[Path, Path], None]) -> None:
    archive = archive_of(tmp_path / "archive", "زلزال في إيران")
    archive_of(tmp_path / "other", "زلزال في اليابان").close()
    site = Site(archive)
    before = state(site, "زلزال")
    assert site.answer("/api/v1/article", id="a0").get_json()["title"] == "زلزال في إيران"
    archive.close()
    target = tmp_path / "archive" / "articles.db"
    with sqlite3.connect(tmp_path / "other" / "articles.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    for name in ("articles.db-wal", "articles.db-shm"):
        target.with_name(name).unlink(missing_ok=True)
    put(tmp_path / "other" / "articles.db", target)
    assert site.answer("/api/v1/article", id="a0").get_json()["title"] == "زلزال في اليابان"
    after = state(site, "زلزال")
    assert before[1] != after[1]
    assert site.answer("/api/v1/search", q="زلزال").get_json()["hits"][0]["title"] == "زلزال في اليابان"


def test_a_database_beside_the_log_of_another_is_not_opened(tmp_path: Path) -> None:
    with archive_of(tmp_path / "archive", "زلزال") as archive, archive_of(tmp_path / "other", "بركان") as other:
        site = Site(archive)
        archive.add(make_article(id="late", paragraphs=["زلزال"]))
        other.close()
        shutil.copyfile(other.database_file, tmp_path / "copy.db")
        (tmp_path / "copy.db").replace(archive.database_file)
        answer = site.answer("/api/v1/search", q="زلزال")
        assert answer.status_code == 500
        with sqlite3.connect(f"file:{archive.database_file}?immutable=1", uri=True) as put_there:
            assert put_there.execute("SELECT text FROM revisions").fetchall() == [("بركان",)]
