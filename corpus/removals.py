"""Removals: articles taken out of what is found, shown and counted. Their revisions stay, and so does the removal."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from corpus.article import one_line
from corpus.change_log import ChangeKind, log_change
from corpus.errors import ArticleNotFound, ArticleRemoved
from corpus.revisions import storable, utc_text


@dataclass(frozen=True, slots=True)
class Removal:
    """One removal of an article: when (UTC), why, and when it was taken back; None while it is in force."""

    removed_at: datetime
    reason: str
    restored_at: datetime | None = None


def remove_article(connection: sqlite3.Connection, article_id: str, reason: str) -> bool:
    """Removes an article inside a transaction; see `Archive.remove`.

    Raises:
        ArticleNotFound: there is none with this id.
    """
    seq, removed = _state(connection, article_id)
    if removed:
        return False
    now = utc_text(datetime.now(UTC))
    insert_removal(connection, seq, now, one_line(reason), None)
    log_change(connection, seq, ChangeKind.DELETED, now)
    return True


def restore_article(connection: sqlite3.Connection, article_id: str) -> bool:
    """Takes back the removal of an article inside a transaction; see `Archive.restore`.

    Raises:
        ArticleNotFound: there is none with this id.
    """
    seq, removed = _state(connection, article_id)
    if not removed:
        return False
    now = utc_text(datetime.now(UTC))
    connection.execute(
        "UPDATE removals SET restored_at = ? WHERE number = (SELECT removal FROM articles WHERE seq = ?)", (now, seq)
    )
    connection.execute("UPDATE articles SET removal = NULL WHERE seq = ?", (seq,))
    # What its page said meanwhile was refused: it is to be read again.
    connection.execute("UPDATE fetches SET settled = 0 WHERE article = ?", (article_id,))
    log_change(connection, seq, ChangeKind.RESTORED, now)
    return True


def insert_removal(
    connection: sqlite3.Connection, seq: int, removed_at: str, reason: str, restored_at: str | None
) -> None:
    """Writes a removal, in force if it was not taken back; times are UTC, ISO 8601."""
    number = connection.execute(
        "INSERT INTO removals (article, removed_at, reason, restored_at) VALUES (?, ?, ?, ?)",
        (seq, removed_at, reason, restored_at),
    ).lastrowid
    if restored_at is None:
        connection.execute("UPDATE articles SET removal = ? WHERE seq = ?", (number, seq))


def read_removals(connection: sqlite3.Connection, article_id: str) -> list[Removal]:
    """Every removal of an article, oldest first."""
    rows = connection.execute(
        "SELECT x.removed_at, x.reason, x.restored_at FROM removals x JOIN articles a ON a.seq = x.article"
        " WHERE a.id = ? ORDER BY x.number",
        (storable(article_id),),
    )
    return [
        Removal(datetime.fromisoformat(removed), reason, datetime.fromisoformat(restored) if restored else None)
        for removed, reason, restored in rows
    ]


def require_present(connection: sqlite3.Connection, article_id: str) -> None:
    """Says what is so of an article that was looked for in vain.

    Raises:
        ArticleNotFound: there is none with this id.
        ArticleRemoved: it was removed.
    """
    _, removed = _state(connection, article_id)
    if removed:
        removal = read_removals(connection, article_id)[-1]
        raise ArticleRemoved(article_id, removal.removed_at, removal.reason)


def _state(connection: sqlite3.Connection, article_id: str) -> tuple[int, bool]:
    """The row number of an article, and whether it is removed."""
    row = connection.execute("SELECT seq, removal FROM articles WHERE id = ?", (storable(article_id),)).fetchone()
    if row is None:
        raise ArticleNotFound(article_id)
    return row[0], row[1] is not None
