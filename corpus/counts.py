"""How much an archive holds, for people."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class ArchiveCounts:
    """What the archive holds. Removed articles are counted in `removed` and `revisions` alone.

    `first_day` and `last_day` are the first and last publication day, `last_added` is when the newest article came.
    """

    articles: int
    revisions: int
    changes: int
    removed: int
    sources: tuple[tuple[str, int], ...]
    sections: tuple[tuple[str, int], ...]
    first_day: str | None
    last_day: str | None
    last_added: datetime | None
    added_last_day: int
    added_last_week: int


def count_archive(connection: sqlite3.Connection) -> ArchiveCounts:
    """Counts an archive; reads all of its rows."""
    now = datetime.now(UTC)
    day, week = ((now - timedelta(days=days)).isoformat(timespec="seconds") for days in (1, 7))
    articles, removed, last_added, last_day_count, last_week_count = connection.execute(
        "SELECT count(*) - count(removal), count(removal), max(first_seen),"
        " count(*) FILTER (WHERE first_seen >= ?), count(*) FILTER (WHERE first_seen >= ?) FROM articles",
        (day, week),
    ).fetchone()
    revisions, changes = connection.execute(
        "SELECT (SELECT count(*) FROM revisions), (SELECT count(*) FROM changes)"
    ).fetchone()
    first, last = connection.execute(
        f"SELECT min(substr(published, 1, 10)), max(substr(published, 1, 10)) {_CURRENT}"
    ).fetchone()
    return ArchiveCounts(
        articles=articles,
        revisions=revisions,
        changes=changes,
        removed=removed,
        sources=_by(connection, "source"),
        sections=_by(connection, "section"),
        first_day=first,
        last_day=last,
        last_added=_moment(last_added),
        added_last_day=last_day_count,
        added_last_week=last_week_count,
    )


def _moment(text: str | None) -> datetime | None:
    """A time; None where there is none, or it is damaged."""
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None


_CURRENT = "FROM articles a JOIN revisions r ON r.article = a.seq AND r.number = a.revision AND a.removal IS NULL"


def _by(connection: sqlite3.Connection, column: str) -> tuple[tuple[str, int], ...]:
    return tuple(
        connection.execute(
            f"SELECT r.{column}, count(*) AS n {_CURRENT} WHERE r.{column} IS NOT NULL"
            f" GROUP BY r.{column} ORDER BY n DESC, r.{column}"
        ).fetchall()
    )
