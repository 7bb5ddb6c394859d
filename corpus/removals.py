"""Removals: removed articles are not found, shown or counted. Their revisions stay, and so does the removal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from corpus.article import single_line
from corpus.change_log import ChangeKind, log_change
from corpus.checksums import ARTICLES, FETCHES, REMOVALS, RowDamaged, insert_row, is_intact, update_row
from corpus.errors import ArticleDamaged, ArticleNotFound, ArticleRemoved
from corpus.revisions import OnDamage, log_damage, storable, utc_text


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal of an article: when (UTC), why, and when it was undone; None while it is in force."""

    removed_at: datetime
    reason: str
    restored_at: datetime | None = None


def remove_article(connection: sqlite3.Connection, article_id: str, reason: str) -> bool:
    """Remove an article inside a transaction; see `Archive.remove`.

    Raises:
        ArticleNotFound: no article has this id.
    """
    seq, removed = _state(connection, article_id)
    if removed:
        return False
    now = utc_text(datetime.now(UTC))
    with translated_damage(article_id):
        insert_removal(connection, seq, now, single_line(reason), None)
    log_change(connection, seq, ChangeKind.REMOVED, now)
    return True


def restore_article(connection: sqlite3.Connection, article_id: str) -> bool:
    """Undo the removal of an article inside a transaction; see `Archive.restore`.

    Raises:
        ArticleNotFound: no article has this id.
    """
    seq, removed = _state(connection, article_id)
    if not removed:
        return False
    now = utc_text(datetime.now(UTC))
    (number,) = connection.execute("SELECT removal FROM articles WHERE seq = ?", (seq,)).fetchone()
    with translated_damage(article_id):
        update_row(connection, REMOVALS, (number,), restored_at=now)
        update_row(connection, ARTICLES, (seq,), removal=None)
    # Later versions of its page were refused while it was removed, so the page must be fetched again.
    for url in connection.execute("SELECT url FROM fetches WHERE article = ?", (article_id,)).fetchall():
        with suppress(RowDamaged):
            update_row(connection, FETCHES, url, settled=0)
    log_change(connection, seq, ChangeKind.RESTORED, now)
    return True


def insert_removal(
    connection: sqlite3.Connection, seq: int, removed_at: str, reason: str, restored_at: str | None
) -> None:
    """Insert a removal, in force if `restored_at` is None; times are UTC, ISO 8601."""
    number = insert_row(connection, REMOVALS, (None, seq, removed_at, reason, restored_at))
    if restored_at is None:
        update_row(connection, ARTICLES, (seq,), removal=number)


def read_removals(connection: sqlite3.Connection, article_id: str, damaged: OnDamage | None = None) -> list[Removal]:
    """Every removal of an article, oldest first. Damaged ones are left out and passed to `damaged`, or logged."""
    rows = connection.execute(
        f"SELECT {REMOVALS.selected('x')} FROM removals x JOIN articles a ON a.seq = x.article"
        " WHERE a.id = ? ORDER BY x.number",
        (storable(article_id),),
    ).fetchall()
    found = []
    for row in rows:
        try:
            found.append(removal_of(row))
        except ValueError:
            (damaged or log_damage)(ArticleDamaged(article_id, "a removal"))
    return found


def removal_of(row: Sequence[Any]) -> Removal:
    """Parse a row of `removals`.

    Raises:
        ValueError: the row is damaged.
    """
    _, _, removed, reason, restored, _ = row
    if not is_intact(row):
        raise ValueError("the checksum differs")
    return Removal(datetime.fromisoformat(removed), reason, datetime.fromisoformat(restored) if restored else None)


def require_present(connection: sqlite3.Connection, article_id: str) -> None:
    """Raise the error for an article that is missing or removed.

    Raises:
        ArticleNotFound: no article has this id.
        ArticleRemoved: it was removed.
        ArticleDamaged: its removal is damaged.
    """
    _, removed = _state(connection, article_id)
    if removed:
        removals = read_removals(connection, article_id)
        if not removals or removals[-1].restored_at:
            raise ArticleDamaged(article_id, "its removal")
        raise ArticleRemoved(article_id, removals[-1].removed_at, removals[-1].reason)


@contextmanager
def translated_damage(article_id: str) -> Iterator[None]:
    """Raise RowDamaged as ArticleDamaged."""
    try:
        yield
    except RowDamaged as error:
        raise ArticleDamaged(article_id, f"its row in {error.args[0]}") from error


def _state(connection: sqlite3.Connection, article_id: str) -> tuple[int, bool]:
    """The row number of an article, and whether it is removed."""
    row = connection.execute("SELECT seq, removal FROM articles WHERE id = ?", (storable(article_id),)).fetchone()
    if row is None:
        raise ArticleNotFound(article_id)
    return row[0], row[1] is not None
