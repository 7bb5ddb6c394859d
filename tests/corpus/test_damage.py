"""Single damaged values in every table: each is reported by `check`, and the rest is unaffected."""

from __future__ import annotations

import logging
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from corpus import (
    Archive,
    ArshifError,
    ArticleDamaged,
    count_groups,
    exchange,
    groups_of,
    make_article,
    repair_archive,
    verify_archive,
)
from corpus.checksums import TABLES
from corpus.fetch import FetchState
from corpus.fetch.frontier import FetchRecord
from corpus.watch import FileState, WatchedFile, WatchedFiles
from tests.full_archive import fill_with_everything

DAMAGES = 400


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        fill_with_everything(opened)
        opened.add(make_article(id="17", paragraphs=["نص"], source="الغد"))
        opened.add(make_article(id="17", paragraphs=["نص"], source="عكاظ"))
        now = datetime.now(UTC)
        FetchState(opened).put(FetchRecord("https://a.example/", now, "read", settled=True, article="talks", etag="x"))
        WatchedFiles(opened).put([WatchedFile(Path("/in/a.html"), FileState(1, 2), "digest")])
        opened.subscribe("أخبار", '{"query": "نص"}', 3)
        yield opened


class Harm:
    """Damages single values without the archive's knowledge, and restores them."""

    def __init__(self, archive: Archive, seed: int = 15) -> None:
        self.connection = sqlite3.connect(archive.directory / "articles.db", isolation_level=None)
        self.connection.text_factory = bytes
        self.connection.execute("PRAGMA synchronous = OFF")
        self.chance = random.Random(seed)

    def flip(self) -> tuple[str, tuple[str, tuple[Any, ...]]]:
        """Flips one bit of one value; returns a description and the statement that restores it."""
        table = self.chance.choice(TABLES)
        columns = (*table.columns, "checksum")
        rows = self.connection.execute(f"SELECT {', '.join(columns)} FROM {table.name}").fetchall()
        row = self.chance.choice(rows)
        at = self.chance.choice([n for n, value in enumerate(row) if value not in (None, b"")])
        old = row[at]
        new = self._flipped(old)
        key = row[: table.keys]
        changed = [new if place == at else value for place, value in enumerate(key)]
        where = " AND ".join(f"CAST({column} AS BLOB) = CAST(? AS BLOB)" for column in table.columns[: table.keys])
        as_it_was = "CAST(? AS TEXT)" if isinstance(old, bytes) and columns[at] != "path" else "?"
        statement = f"UPDATE {table.name} SET {columns[at]} = {as_it_was} WHERE {where}"
        try:
            self.connection.execute(statement, (new, *key))
        except sqlite3.IntegrityError:  # another row has this key: SQLite's own check reports it
            return self.flip()
        undo = statement, (old, *changed)
        return f"{table.name}.{columns[at]}: {old!r} -> {new!r}", undo

    def _flipped(self, value: Any) -> Any:
        if isinstance(value, int):
            return value ^ (1 << self.chance.randrange(20))
        data = bytearray(value)
        data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
        return bytes(data)


@pytest.mark.slow
def test_every_damaged_value_is_reported(archive: Archive) -> None:
    assert verify_archive(archive).problems == []
    harm = Harm(archive)
    unseen = []
    for _ in range(DAMAGES):
        done, undo = harm.flip()
        if not verify_archive(archive).problems:
            unseen.append(done)
        assert harm.connection.execute(*undo).rowcount == 1
    assert unseen == []
    assert verify_archive(archive).problems == []


@pytest.mark.slow
def test_no_damaged_value_stops_an_export_or_is_exported(archive: Archive, tmp_path: Path) -> None:
    exchange.export_archive(archive, tmp_path / "whole.jsonl")
    whole = set((tmp_path / "whole.jsonl").read_bytes().splitlines()[1:-1])
    harm = Harm(archive, seed=16)
    for _ in range(100):
        done, undo = harm.flip()
        summary = exchange.export_archive(archive, tmp_path / "out.jsonl")
        lines = set((tmp_path / "out.jsonl").read_bytes().splitlines()[1:-1])
        assert summary.articles + summary.removed == len(lines) >= len(whole) - 2, done
        if lines != whole:
            assert summary.damages, done
            # All articles except the reported ones are unchanged; one may lack an origin.
            assert len(lines - whole) <= 1, done
        assert harm.connection.execute(*undo).rowcount == 1


def run(archive: Archive, statement: str) -> None:
    connection = sqlite3.connect(archive.directory / "articles.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


TALKS = "(SELECT seq FROM articles WHERE id = 'talks')"


def test_a_damaged_time_of_one_article_stops_no_export(archive: Archive, tmp_path: Path) -> None:
    run(archive, "UPDATE articles SET first_seen = '2O20-01-01T00:00:00+00:00' WHERE id = 'talks'")
    summary = exchange.export_archive(archive, tmp_path / "out.jsonl")
    assert summary.damages == ["talks: its row in articles is damaged: the article was left out"]
    with Archive.create(tmp_path / "copy") as copy:
        exchange.import_archive(copy, tmp_path / "out.jsonl")
        assert verify_archive(copy).problems == []
        assert "untitled" in {article.id for article in copy.articles()}
    with Archive.open(archive.directory) as again:
        assert exchange.compare_archives(archive, again)[0].endswith(summary.damages[0])


def test_a_damaged_origin_is_left_out_of_the_export_but_its_article_is_not(archive: Archive, tmp_path: Path) -> None:
    run(archive, "UPDATE origins SET first_seen = 'x' WHERE name = 'day1.html'")
    summary = exchange.export_archive(archive, tmp_path / "out.jsonl")
    assert summary.damages == ["talks: where revision 2 came from is damaged and was left out"]
    assert summary.articles == 7


def test_reading_continues_beside_a_damaged_article(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    run(archive, f"UPDATE revisions SET recorded_at = 'never' WHERE article = {TALKS} AND number = 3")
    with caplog.at_level(logging.WARNING):
        there = {article.id for article in archive.articles()}
        assert archive.get_many(["talks", "untitled"]).keys() == {"untitled"}
    assert "talks" not in there
    assert "untitled" in there
    assert [record.getMessage() for record in caplog.records] == ["talks: revision 3 is damaged in articles.db"]
    with pytest.raises(ArticleDamaged, match=r"^talks: the current revision is damaged in articles\.db"):
        archive.get("talks")
    assert [revision.number for revision in archive.revisions("talks")] == [1, 2]


def test_a_damaged_article_is_not_revised_and_gets_no_new_checksum(archive: Archive) -> None:
    run(archive, f"UPDATE revisions SET title = 'x' WHERE article = {TALKS} AND number = 3")
    run(archive, "UPDATE articles SET first_seen = '2020' WHERE id = 'untitled'")
    for article_id in ("talks", "untitled"):
        with pytest.raises(ArticleDamaged):
            archive.add(make_article(id=article_id, paragraphs=["جديد"]))
    assert sorted(line.split(":")[0] for line in verify_archive(archive).problems) == ["talks", "untitled"]


def test_a_new_sighting_does_not_hide_a_damaged_origin(archive: Archive) -> None:
    run(archive, "UPDATE origins SET last_seen = '2019' WHERE name = 'day2.html'")
    article, (sighting,) = archive.get("talks"), archive.revisions("talks")[0].sightings
    archive.add(article, origin=sighting.origin)
    again = archive.connection.execute("SELECT name FROM origins WHERE name = 'day2.html'").fetchall()
    archive.add(make_article(id="talks", paragraphs=article.paragraphs), origin=sighting.origin)
    assert len(again) == 1
    assert "where revision 3 came from is damaged" in verify_archive(archive).problems[0]


def test_repair_deletes_damaged_values_that_can_be_fetched_again(archive: Archive) -> None:
    run(archive, "UPDATE fetches SET fetched_at = 'x'")
    run(archive, "UPDATE watched SET size = 7")
    assert FetchState(archive).get("https://a.example/") is None
    assert WatchedFiles(archive).get(Path("/in/a.html")) is None
    assert len(verify_archive(archive).problems) == 2
    assert repair_archive(archive) == ["deleted 2 damaged rows of what was fetched and read, which will be read again"]
    assert verify_archive(archive).problems == []


def test_a_damaged_subscription_is_reported_and_left_out(archive: Archive) -> None:
    run(archive, "UPDATE saved_searches SET at = 'x'")
    assert archive.subscriptions() == []
    assert verify_archive(archive).problems == ["articles.db: the row of 'أخبار' in saved_searches is damaged"]


@pytest.mark.parametrize("column", ["published", "title", "source", "recorded_at"])
def test_values_that_are_not_utf8_stop_nothing(archive: Archive, tmp_path: Path, column: str) -> None:
    run(archive, f"UPDATE revisions SET {column} = CAST(x'FFD8' AS TEXT) WHERE article = {TALKS}")
    run(archive, "UPDATE articles SET first_seen = CAST(x'FFD8' AS TEXT) WHERE id = 'restored'")
    assert archive.counts().articles == 7
    assert count_groups(archive).groups == 0
    assert groups_of(archive, ["talks"]) == {}
    assert len(verify_archive(archive).problems) == 4
    assert len(exchange.export_archive(archive, tmp_path / "out.jsonl").damages) == 2


def everything(directory: Path) -> list[Any]:
    """All rows of an archive whose rows have checksums, as bytes."""
    connection = sqlite3.connect(f"file:{directory / 'articles.db'}?mode=ro", uri=True)
    connection.text_factory = bytes
    try:
        return [connection.execute(f"SELECT {table.selected()} FROM {table.name}").fetchall() for table in TABLES]
    finally:
        connection.close()


def test_every_flipped_bit_that_changes_a_row_is_detected(archive: Archive, tmp_path: Path) -> None:
    archive.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    archive.close()
    path = archive.directory / "articles.db"
    whole, rows = path.read_bytes(), everything(archive.directory)
    chance = random.Random(415)
    changed = 0
    for _ in range(150):
        data = bytearray(whole)
        data[chance.randrange(100, len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        try:
            if everything(archive.directory) == rows:
                continue
        except (sqlite3.Error, UnicodeDecodeError):
            pass
        changed += 1
        try:
            with Archive.open(archive.directory) as damaged:
                assert verify_archive(damaged).problems
        except ArshifError:
            pass
        for left in archive.directory.glob("articles.db-*"):
            left.unlink()
    assert changed > 5
