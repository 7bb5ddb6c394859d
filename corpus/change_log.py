"""The change log: what happened to which article, in order.

Consumers (the index, near-duplicates, saved searches) remember the number of the last change that they processed and
read on from there. `corpus/verification.py` checks the log against the articles.

A subscription is a consumer's position that is stored beside the log, under a name and with a text of the consumer's
(table `saved_searches`): a repair that rewrites the log moves the positions in the same transaction.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from corpus.checksums import CHANGES, SAVED_SEARCHES, RowDamaged, insert_row, is_intact, update_row


class ChangeKind(StrEnum):
    """What happened to an article."""

    ADDED = "added"
    REVISED = "revised"
    REMOVED = "deleted"
    RESTORED = "restored"
    GROUPED = "grouped"
    """Its group of near-duplicates changed, or it is in none any more."""


_KINDS: Final = {kind.value: kind for kind in ChangeKind}

PRESENCE: Final = (ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.RESTORED)
"""The kinds that decide whether an article is in the archive: the last of them counts."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change log."""

    number: int
    article_id: str
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class Subscription:
    """A named position in the change log: `text` is its consumer's, `change` the last number that was processed."""

    name: str
    text: str
    change: int
    at: datetime  # when it was made, UTC


def log_change(connection: sqlite3.Connection, seq: int, kind: ChangeKind, at: str) -> None:
    """Append an entry for the article with this row number; `at` is UTC, ISO 8601."""
    insert_row(connection, CHANGES, (None, seq, kind.value, at))


def read_changes(connection: sqlite3.Connection, since: int, most: int | None = None) -> list[Change]:
    """The entries after a number, in order, at most `most` of them. A damaged kind is read as a revision."""
    rows = connection.execute(
        "SELECT c.number, a.id, c.kind FROM changes c JOIN articles a ON a.seq = c.article"
        " WHERE c.number > ? ORDER BY c.number LIMIT ?",
        (since, -1 if most is None else most),
    )
    # For a revision, a consumer reads the article again, and finds out whether it was removed.
    return [Change(number, article_id, _KINDS.get(kind, ChangeKind.REVISED)) for number, article_id, kind in rows]


def changed_between(connection: sqlite3.Connection, after: int, until: int) -> dict[str, ChangeKind]:
    """The ids of the articles added or revised after one number and up to another, each with which of the two."""
    rows = connection.execute(
        "SELECT a.id, min(c.kind) FROM changes c JOIN articles a ON a.seq = c.article"
        " WHERE c.number > ? AND c.number <= ? AND c.kind IN ('added', 'revised') GROUP BY a.id",
        (after, until),
    )
    # "added" sorts before "revised": an article that was added is new, whether or not it was revised since.
    return {article_id: ChangeKind(kind) for article_id, kind in rows}


def count_changed(connection: sqlite3.Connection, since: int) -> int:
    """How many articles have entries after a number."""
    rows = connection.execute("SELECT count(DISTINCT article) FROM changes WHERE number > ?", (since,))
    return int(rows.fetchone()[0])


def present_at(connection: sqlite3.Connection, number: int) -> set[str]:
    """The ids of the articles that were in the archive, and not removed, when a number was the last of the log."""
    # With a bare `max`, SQLite takes the other columns from the row that has the maximum.
    rows = connection.execute(
        "SELECT a.id, c.kind, max(c.number) FROM changes c JOIN articles a ON a.seq = c.article"
        f" WHERE c.number <= ? AND c.kind IN ({','.join('?' * len(PRESENCE))}) GROUP BY c.article",
        (number, *PRESENCE),
    )
    return {article_id for article_id, kind, _ in rows if kind != ChangeKind.REMOVED}


def add_subscription(connection: sqlite3.Connection, name: str, text: str, change: int) -> bool:
    """Store a new subscription; False if the name is taken."""
    if connection.execute("SELECT 1 FROM saved_searches WHERE name = ?", (name,)).fetchone():
        return False
    insert_row(connection, SAVED_SEARCHES, (name, text, change, datetime.now(UTC).isoformat(timespec="seconds")))
    return True


def read_subscriptions(connection: sqlite3.Connection) -> list[Subscription]:
    """All subscriptions, by name; damaged ones are left out, and reported by verification."""
    rows = connection.execute(f"SELECT {SAVED_SEARCHES.selected()} FROM saved_searches ORDER BY name")
    return [
        Subscription(name, text, change, datetime.fromisoformat(at))
        for name, text, change, at, _ in filter(is_intact, rows)
    ]


def delete_subscription(connection: sqlite3.Connection, name: str) -> bool:
    """Delete a subscription; False if there is none of this name."""
    return bool(connection.execute("DELETE FROM saved_searches WHERE name = ? RETURNING name", (name,)).fetchall())


def advance_subscription(connection: sqlite3.Connection, name: str, change: int) -> None:
    """Move a subscription forward to a change; it is never moved back, and a damaged one is left as it is."""
    if connection.execute("SELECT 1 FROM saved_searches WHERE name = ? AND change < ?", (name, change)).fetchone():
        # If the row is damaged, its changes are processed again, which is better than never.
        with suppress(RowDamaged):
            update_row(connection, SAVED_SEARCHES, (name,), change=change)
