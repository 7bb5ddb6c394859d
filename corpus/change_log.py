"""The change log: what happened to which article, in order. Who follows the archive remembers the last number seen.

The index is brought up to date from it; `corpus/verification.py` says what it must hold.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from corpus.checksums import CHANGES, insert_row


class ChangeKind(StrEnum):
    """What happened to an article."""

    ADDED = "added"
    REVISED = "revised"
    DELETED = "deleted"
    RESTORED = "restored"
    GROUPED = "grouped"
    """Its group of near-duplicates is another one now, or it is in none."""


_KINDS: Final = {kind.value: kind for kind in ChangeKind}

PRESENCE: Final = (ChangeKind.ADDED, ChangeKind.DELETED, ChangeKind.RESTORED)
"""The kinds that bring an article in or take it out; by the last of these it is there or not."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change log."""

    number: int
    article_id: str
    kind: ChangeKind


def log_change(connection: sqlite3.Connection, seq: int, kind: ChangeKind, at: str) -> None:
    """Appends an entry for the article with this row number; `at` is UTC, ISO 8601."""
    insert_row(connection, CHANGES, (None, seq, kind.value, at))


def read_changes(connection: sqlite3.Connection, since: int, most: int | None = None) -> list[Change]:
    """The entries after a number, in order; the first `most` of them. A kind that was damaged is read as a revision."""
    rows = connection.execute(
        "SELECT c.number, a.id, c.kind FROM changes c JOIN articles a ON a.seq = c.article"
        " WHERE c.number > ? ORDER BY c.number LIMIT ?",
        (since, -1 if most is None else most),
    )
    # Who meets a revision looks at the article again, and finds it as it is, or gone.
    return [Change(number, article_id, _KINDS.get(kind, ChangeKind.REVISED)) for number, article_id, kind in rows]


def count_changed(connection: sqlite3.Connection, since: int) -> int:
    """How many articles have entries after a number."""
    rows = connection.execute("SELECT count(DISTINCT article) FROM changes WHERE number > ?", (since,))
    return int(rows.fetchone()[0])


def present_at(connection: sqlite3.Connection, number: int) -> set[str]:
    """The ids of the articles that were in the archive, and not removed, when the log stood at a number."""
    # Of the rows that `max` ranges over, SQLite takes the other columns from the one that holds the maximum.
    rows = connection.execute(
        "SELECT a.id, c.kind, max(c.number) FROM changes c JOIN articles a ON a.seq = c.article"
        f" WHERE c.number <= ? AND c.kind IN ({','.join('?' * len(PRESENCE))}) GROUP BY c.article",
        (number, *PRESENCE),
    )
    return {article_id for article_id, kind, _ in rows if kind != ChangeKind.DELETED}
