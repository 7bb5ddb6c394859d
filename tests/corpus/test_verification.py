from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import Archive, group_names, make_article, near_duplicates, repair_archive, verify_archive
from tests.full_archive import fill_with_everything


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        fill_with_everything(opened)
        yield opened


def run(archive: Archive, *statements: str) -> None:
    """Damages the database without the archive's knowledge."""
    connection = sqlite3.connect(archive.directory / "articles.db")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def page_path(archive: Archive, article_id: str) -> Path:
    digest = archive.revisions(article_id)[0].page
    assert digest is not None
    return archive.directory / "pages" / digest[:2] / f"{digest}.gz"


def test_an_intact_archive_has_no_problems(archive: Archive) -> None:
    steps: list[tuple[int, int]] = []
    report = verify_archive(archive, progress=lambda done, total: steps.append((done, total)))
    assert (report.problems, report.notes) == ([], [])
    assert (report.articles, report.removed, report.revisions, report.pages) == (5, 3, 11, 8)
    assert steps[-1] == (19, 19)
    assert repair_archive(archive) == []


def test_concurrent_writes_are_not_damage(archive: Archive) -> None:
    with Archive.open(archive.directory) as other:
        report = verify_archive(archive, progress=lambda done, total: other.add(
            make_article(id=f"n{done}", paragraphs=["نص"])) and None)  # fmt: skip
    assert report.problems == []
    assert verify_archive(archive).problems == []


# Damage that cannot be repaired

ID = "(SELECT seq FROM articles WHERE id = 'talks')"
HARM: list[tuple[str, str, str]] = [
    (
        "a word",
        f"UPDATE revisions SET text = text || '!' WHERE article = {ID} AND number = 2",
        "talks: revision 2 is damaged",
    ),
    (
        "a title",
        f"UPDATE revisions SET title = 'x' WHERE article = {ID} AND number = 1",
        "talks: revision 1 is damaged",
    ),
    ("a date", "UPDATE revisions SET published = 'never' WHERE published IS NOT NULL", "talks: revision 1 is damaged"),
    ("a time", "UPDATE revisions SET recorded_at = 'never'", "is damaged"),
    ("a number", "UPDATE articles SET revision = 2 WHERE id = 'talks'", "3 revisions, but number 2 is recorded as"),
    ("a revision", f"DELETE FROM revisions WHERE article = {ID} AND number = 1", "talks: it has 2 revisions"),
    ("an article", "DELETE FROM articles WHERE id = 'talks'", "refers to no row of articles"),
    (
        "a place",
        "UPDATE origins SET kind = 'moon' WHERE name = 'day1.html'",
        "where revision 2 came from is damaged",
    ),
    (
        "a sighting",
        "UPDATE origins SET last_seen = 'x' WHERE name = 'day0.html'",
        "where revision 1 came from is damaged",
    ),
    ("a state", "UPDATE articles SET removal = NULL WHERE id = 'removed'", "removed: its removals do not match"),
]


@pytest.mark.parametrize(("statement", "message"), [row[1:] for row in HARM], ids=[row[0] for row in HARM])
def test_damage_to_the_database_is_reported_and_not_hidden_by_repair(
    archive: Archive, statement: str, message: str
) -> None:
    run(archive, statement)
    assert message in "\n".join(verify_archive(archive).problems)
    repair_archive(archive)
    assert message in "\n".join(verify_archive(archive).problems)


def test_a_database_with_altered_bytes_is_reported(archive: Archive) -> None:
    for number in range(100):
        archive.add(make_article(id=f"n{number}", paragraphs=["نص طويل " * 200]))
    archive.close()
    path = archive.directory / "articles.db"
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    path.write_bytes(data)
    with Archive.open(archive.directory) as damaged:
        assert verify_archive(damaged).problems


def test_missing_and_damaged_pages_are_reported_with_their_articles(archive: Archive) -> None:
    page_path(archive, "same page").unlink()
    page_path(archive, "removed").write_bytes(gzip.compress(b"forged"))
    page_path(archive, "restored").write_bytes(page_path(archive, "restored").read_bytes()[:10])
    problems = verify_archive(archive).problems
    assert len(problems) == 3
    message = "\n".join(sorted(problems))
    assert "is missing (headline only, same page)" in message
    assert "is damaged (removed)" in message
    assert "is damaged (restored)" in message
    assert repair_archive(archive) == []


def test_many_problems_of_one_kind_are_counted(archive: Archive) -> None:
    for number in range(150):
        archive.add(make_article(id=f"n{number}", paragraphs=["نص"]))
    run(archive, "UPDATE revisions SET title = 'x'")
    problems = verify_archive(archive).problems
    assert len(problems) == 101
    assert problems[-1] == "and 61 more of the same kind"


# Not damage


def test_leftovers_are_reported_and_deleted_by_repair(archive: Archive) -> None:
    half = page_path(archive, "removed").parents[1].joinpath(".new-killed")
    half.write_bytes(b"half a pa")
    archive.pages.store(b"kept, then killed")
    report = verify_archive(archive)
    assert report.problems == []
    assert len(report.notes) == 2
    assert repair_archive(archive) == ["removed 1 incomplete files from pages/"]
    assert not half.exists()
    (note,) = verify_archive(archive).notes
    assert note == "pages without an article, left by a command that did not finish: 1"


# Derived data, which can be rebuilt


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM changes WHERE number = 1",
        "DELETE FROM changes WHERE number IN (2, 3)",
        "DELETE FROM changes WHERE kind = 'deleted'",
        "DELETE FROM changes WHERE kind = 'restored'",
        "DELETE FROM changes WHERE number > 5",
        "DELETE FROM changes WHERE number % 2 = 0",
        "DELETE FROM changes",
        "UPDATE changes SET kind = 'burnt' WHERE number = 1",
        "UPDATE changes SET kind = 'added' WHERE kind = 'deleted'",
        f"INSERT INTO changes (article, kind, at) VALUES ({ID}, 'added', '2020')",
    ],
)
def test_an_incomplete_change_log_is_rewritten(archive: Archive, harm: str) -> None:
    there = {article.id for article in archive.articles()}
    last = archive.last_change()
    run(archive, harm)
    assert "the change log" in "\n".join(verify_archive(archive).problems)
    assert repair_archive(archive) == ["rebuilt the change log: 18 entries"]
    assert verify_archive(archive).problems == []
    assert archive.ids_until(archive.last_change()) == there
    assert archive.changes()[0].number > last  # consumers of the log process every article again
    assert repair_archive(archive) == []
    archive.add(make_article(id="next", paragraphs=["نص"]))
    assert verify_archive(archive).problems == []


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM group_members WHERE article = (SELECT max(article) FROM group_members)",
        "UPDATE group_members SET named_by = named_by + 1",
        "UPDATE grouping SET mark = 10000",
        "DELETE FROM grouping",
        "DELETE FROM sketch_hashes WHERE hash = (SELECT min(hash) FROM sketch_hashes)",
        "INSERT INTO sketches SELECT seq, 0, x'' FROM articles WHERE id = 'removed'",
    ],
)
def test_inconsistent_groups_are_rebuilt(archive: Archive, harm: str) -> None:
    story = "قال الوزير إن المفاوضات ستستأنف غدا في العاصمة بعد انقطاع دام أشهرا وإن الوفود وصلت جميعها"
    for paper in ("الغد", "اليوم"):
        archive.add(make_article(id=paper, paragraphs=[story], source=paper))
    near_duplicates.group_changes(archive)
    assert (verify_archive(archive).problems, repair_archive(archive)) == ([], [])
    run(archive, harm)
    assert len(verify_archive(archive).problems) == 1
    assert repair_archive(archive) == ["cleared the near-duplicate groups, which will be rebuilt"]
    near_duplicates.group_changes(archive)
    assert group_names(archive, ["الغد", "اليوم"]) == {"الغد": "الغد", "اليوم": "الغد"}
    assert verify_archive(archive).problems == []


def test_repair_waits_for_a_running_writer(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    half = page_path(archive, "removed").parents[1].joinpath(".new-in-work")
    half.touch()
    monkeypatch.setattr("corpus.database.LOCK_TIMEOUT", 0.1)
    with Archive.open(archive.directory) as other, archive.batch(), pytest.raises(Exception, match="which is writing"):
        repair_archive(other)
    assert half.exists()
