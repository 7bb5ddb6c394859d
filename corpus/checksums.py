"""A checksum in every row of an archive, so that a damaged value is never read as if it had been written.

The last column of each table below is the first 8 bytes of the SHA-256 of the JSON list of the row's other columns, in
their order, as a signed big-endian number. The key is included: a row that moves to another number or article is
damaged too. Rows are written and changed only by `insert_row` and `update_row`; a damaged row is never changed, since
that would give it a valid checksum.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_ROWS_AT_ONCE: Final = 2000


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows have checksums: its columns without the checksum; the first `keys` of them are the primary
    key.
    """

    name: str
    columns: tuple[str, ...]
    keys: int = 1

    def selected(self, alias: str = "") -> str:
        """The columns and the checksum, for a SELECT; `alias` is the table's alias."""
        prefix = f"{alias}." if alias else ""
        return ", ".join(prefix + column for column in (*self.columns, "checksum"))

    @property
    def has_key(self) -> str:
        """The condition for the row with a key."""
        return " AND ".join(f"{column} = ?" for column in self.columns[: self.keys])


ARTICLES: Final = Table("articles", ("seq", "id", "first_seen", "revision", "removal", "given_id"))
REVISIONS: Final = Table(
    "revisions",
    (
        "article",
        "number",
        "recorded_at",
        "content_hash",
        "title",
        "text",
        "url",
        "published",
        "source",
        "section",
        "authors",
        "page",
        "page_type",
    ),
    2,
)
ORIGINS: Final = Table("origins", ("article", "revision", "kind", "name", "part", "first_seen", "last_seen"), 5)
REMOVALS: Final = Table("removals", ("number", "article", "removed_at", "reason", "restored_at"))
CHANGES: Final = Table("changes", ("number", "article", "kind", "at"))
FETCHES: Final = Table(
    "fetches",
    (
        "url",
        "host",
        "fetched_at",
        "outcome",
        "settled",
        "article",
        "stamp",
        "etag",
        "last_modified",
        "since",
        "not_before",
    ),
)
WATCHED: Final = Table("watched", ("path", "size", "mtime_ns", "digest", "read_at"))
SAVED_SEARCHES: Final = Table("saved_searches", ("name", "search", "change", "at"))

RESOURCES: Final = Table("resources", ("address", "captured_at", "digest", "media_type"), 2)

TABLES: Final = (ARTICLES, REVISIONS, ORIGINS, REMOVALS, CHANGES, FETCHES, WATCHED, SAVED_SEARCHES)
"""The tables that were there when checksums were added: newer ones have theirs from the start."""

CHECKSUM_COLUMNS: Final = tuple(f"ALTER TABLE {table.name} ADD COLUMN checksum INTEGER" for table in TABLES)
"""The statements that add the column; `fill_checksums` then fills it."""


class RowDamaged(Exception):
    """A row that was to be changed is missing or damaged."""


def row_checksum(values: Sequence[object]) -> int:
    """The checksum of a row's values."""
    listed = json.dumps(values, ensure_ascii=False, default=bytes.hex)
    digest = hashlib.sha256(listed.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def is_intact(row: Sequence[Any]) -> bool:
    """Whether a row, which ends with its checksum, is intact."""
    return bool(row_checksum(row[:-1]) == row[-1])


def insert_row(connection: sqlite3.Connection, table: Table, values: Sequence[object], *, replace: bool = False) -> int:
    """Insert a row and return its rowid; if the first value is None, SQLite assigns the key."""
    columns = (*table.columns, "checksum")
    statement = (
        f"INSERT {'OR REPLACE ' if replace else ''}INTO {table.name} ({', '.join(columns)})"
        f" VALUES ({', '.join('?' * len(columns))})"
    )
    numbered = values[0] is None
    checksum = None if numbered else row_checksum(values)
    number = connection.execute(statement, (*values, checksum)).lastrowid or 0
    if numbered:
        connection.execute(
            f"UPDATE {table.name} SET checksum = ? WHERE {table.has_key}",
            (row_checksum((number, *values[1:])), number),
        )
    return number


def update_row(connection: sqlite3.Connection, table: Table, key: Sequence[object], **changes: object) -> None:
    """Change columns of the row with a key; columns of the key too.

    Raises:
        RowDamaged: the row is missing or damaged; it is unchanged.
    """
    row = connection.execute(f"SELECT {table.selected()} FROM {table.name} WHERE {table.has_key}", key).fetchone()
    if row is None or not is_intact(row):
        raise RowDamaged(table.name, *key)
    values = [changes.get(column, value) for column, value in zip(table.columns, row[:-1], strict=True)]
    assigned = ", ".join(f"{column} = ?" for column in (*table.columns, "checksum"))
    connection.execute(
        f"UPDATE {table.name} SET {assigned} WHERE {table.has_key}", (*values, row_checksum(values), *key)
    )


def fill_checksums(connection: sqlite3.Connection, tables: Sequence[Table] = TABLES) -> None:
    """Compute the checksum of every row, for archives from before checksums: all rows are assumed to be intact."""
    for table in tables:
        keys = ", ".join(table.columns[: table.keys])
        first = f"SELECT {table.selected()} FROM {table.name}"
        order = f" ORDER BY {keys} LIMIT {_ROWS_AT_ONCE}"
        rows = connection.execute(first + order).fetchall()
        while rows:
            connection.executemany(
                f"UPDATE {table.name} SET checksum = ? WHERE {table.has_key}",
                [(row_checksum(row[:-1]), *row[: table.keys]) for row in rows],
            )
            after = f" WHERE ({keys}) > ({', '.join('?' * table.keys)})"
            rows = connection.execute(first + after + order, rows[-1][: table.keys]).fetchall()
