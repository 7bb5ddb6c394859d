from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from corpus import (
    AddOutcome,
    Archive,
    ChangeKind,
    Origin,
    OriginKind,
    group_names,
    make_article,
    near_duplicates,
    verify_archive,
)
from corpus.checksums import fill_checksums
from corpus.database import APPLICATION_ID, CHECKSUMS_SINCE, MIGRATIONS, SCHEMA_VERSION
from corpus.fetch import FetchState
from corpus.fetch.frontier import FetchRecord
from corpus.groups import group_problems
from corpus.watch import FileState, WatchedFile, WatchedFiles

NEWS = "قال الوزير إن المفاوضات ستستأنف غدا في العاصمة بعد انقطاع دام أشهرا وإن الوفود وصلت جميعها"

URL = "https://a.example/خبر"

# SHA-256 of `sqlite_master`, by version; a new version gets a line of its own.
SCHEMAS = {
    8: "b7cd9f801c0406c471b750575afc66cc37724b6aa9f9720ae60a2d4a682be250",
    9: "5a2f75f503860437812d97b92c1b0fc8f6b5f902a5b78aca8dceef40501fd3b6",
}


@pytest.fixture(params=range(1, SCHEMA_VERSION))
def old(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """An archive with an older schema: two articles, one revised, and the last change number 4."""
    Archive.create(tmp_path / "archive").close()
    path = tmp_path / "archive" / "articles.db"
    for file in path.parent.glob("articles.db*"):
        file.unlink()
    connection = sqlite3.connect(path)
    for statement in chain.from_iterable(MIGRATIONS[: request.param]):
        connection.execute(statement)
    texts = (("a", "قبل"), ("a", f"{NEWS} بعد"), ("b", f"{NEWS} نص"))
    first, second, third = (make_article(id=i, url=URL, paragraphs=[t]) for i, t in texts)
    row = "INSERT INTO articles (seq, id, first_seen, revision) VALUES (?, ?, '2020-01-01T00:00:00+00:00', ?)"
    connection.execute(row, (1, "a", 2))
    connection.execute(row, (2, "b", 1))
    for seq, number, article in ((1, 1, first), (1, 2, second), (2, 1, third)):
        connection.execute(
            "INSERT INTO revisions (article, number, recorded_at, content_hash, title, text, url, published, source, section,"
            " authors, page, page_type) VALUES (?, ?, '2020-01-01T00:00:00+00:00', ?, '', ?, ?, NULL, NULL, NULL, '', NULL, NULL)",
            (seq, number, article.content_hash(), article.text, article.url),
        )
    for seq, kind in ((1, "added"), (1, "revised"), (2, "added"), (2, "revised")):
        connection.execute("INSERT INTO changes (article, kind, at) VALUES (?, ?, '2020')", (seq, kind))
    connection.execute("DELETE FROM changes WHERE number = 4")
    if request.param >= CHECKSUMS_SINCE:
        fill_checksums(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {request.param}")
    connection.commit()
    connection.close()
    return path.parent


def test_archives_of_every_older_version_are_migrated_without_loss(old: Path) -> None:
    with Archive.open(old) as archive:
        assert archive.connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
        assert [article.text for article in archive.articles()] == [f"{NEWS} بعد", f"{NEWS} نص"]
        assert [revision.article.text for revision in archive.revisions("a")] == ["قبل", f"{NEWS} بعد"]
        assert [(change.number, change.kind) for change in archive.changes()] == [
            (1, ChangeKind.ADDED),
            (2, ChangeKind.REVISED),
            (3, ChangeKind.ADDED),
        ]
        assert archive.ids_of_url(URL) == ("b", "a")
        assert verify_archive(archive).problems == []


def test_every_migration_is_a_single_statement() -> None:
    statements = list(chain.from_iterable(MIGRATIONS))
    assert all(sqlite3.complete_statement(f"{statement};") for statement in statements)
    assert [statement for statement in statements if ";" in statement] == []


def test_the_schema_of_an_archive_never_changes_within_a_version(old: Path, tmp_path: Path) -> None:
    """SQLite stores the text of every definition: an edit, even of a comment, would make two schemas of one version."""
    Archive.open(old).close()
    Archive.create(tmp_path / "new").close()
    for directory in (old, tmp_path / "new"):
        with closing(sqlite3.connect(directory / "articles.db")) as connection:
            schema = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid").fetchall()
        text = "\n".join(map(repr, schema))
        assert hashlib.sha256(text.encode()).hexdigest() == SCHEMAS[SCHEMA_VERSION]


def test_a_migrated_archive_supports_new_features(old: Path) -> None:
    with Archive.open(old) as archive:
        again = make_article(id="a", paragraphs=[f"{NEWS} بعد"])
        assert archive.add(again, origin=Origin(OriginKind.FILE, "f")) is AddOutcome.UNCHANGED
        assert len(archive.revisions("a")[1].sightings) == 1
        archive.remove("a")
        # Change numbers are never reused: an index may have seen them.
        assert archive.changes(since=3)[0].number == 5
        archive.restore("a")
        FetchState(archive).put(FetchRecord("https://a.example/", datetime.now(UTC), "read", settled=True))
        WatchedFiles(archive).put([WatchedFile(Path("/in/a.html"), FileState(1, 2), "digest")])
        near_duplicates.group_changes(archive)
        assert group_names(archive, ["a", "b"]) == {"a": "a", "b": "a"}
        assert {change.kind for change in archive.changes(since=6)} == {ChangeKind.GROUPED}
        assert list(group_problems(archive)) == []


def test_concurrent_opens_migrate_an_archive_once(old: Path) -> None:
    with Archive.open(old) as first, Archive.open(old) as second:
        assert first.counts().articles == second.counts().articles == 2
