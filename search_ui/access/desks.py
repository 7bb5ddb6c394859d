"""Readers' desks: what a reader keeps in an archive, followed searches and lists of articles; stored in `desks.db`.

    desks      the owner of each desk: a user of a private archive, or anyone who has a secret link
    addresses  the mail addresses of each desk, and whether their owner confirmed them
    follows    the followed searches: their names, and how their new hits are delivered
    lists, list_items  lists of articles (`search_ui.access.lists`)
    keys       the key that signs the links of mails

In a private archive, a desk belongs to a user. Elsewhere, it belongs to anyone who has its secret, which the reader's
browser keeps in a cookie: 256 random bits. The file has only their SHA-256. Nothing in the file opens a desk.

`desks.db` is never exported. It exists once a reader keeps something.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from corpus import Archive, create_private_file
from search_ui.access.accounts import digest
from search_ui.access.private_database import PrivateDatabase, is_writable

DESKS_FILE: Final = "desks.db"

_LOCK_FILE: Final = "desks.lock"

_TABLES: Final = (
    "CREATE TABLE desks (id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT UNIQUE, digest TEXT UNIQUE, at TEXT NOT NULL)",
    # `confirm` is the digest of the link in the confirming mail, `asked` when that mail was requested.
    """CREATE TABLE addresses (
        id INTEGER PRIMARY KEY AUTOINCREMENT, desk INTEGER NOT NULL REFERENCES desks ON DELETE CASCADE,
        address TEXT NOT NULL, language TEXT NOT NULL, asked REAL NOT NULL, confirm TEXT UNIQUE, mailed REAL,
        confirmed REAL, failures INTEGER NOT NULL DEFAULT 0, next_try REAL NOT NULL DEFAULT 0, problem TEXT,
        UNIQUE (desk, address))""",
    # `sending` is the change up to which hits are being sent, `sent` up to which they were.
    """CREATE TABLE follows (
        id INTEGER PRIMARY KEY AUTOINCREMENT, desk INTEGER NOT NULL REFERENCES desks ON DELETE CASCADE,
        subscription TEXT NOT NULL UNIQUE, name TEXT NOT NULL, search TEXT NOT NULL, language TEXT NOT NULL,
        at TEXT NOT NULL, delivery TEXT NOT NULL, address INTEGER REFERENCES addresses, webhook TEXT, secret TEXT,
        feed TEXT UNIQUE, paused INTEGER NOT NULL DEFAULT 0, problem TEXT, failures INTEGER NOT NULL DEFAULT 0,
        next_try REAL NOT NULL DEFAULT 0, last_run REAL NOT NULL DEFAULT 0, sending INTEGER, sent INTEGER)""",
    "CREATE INDEX follows_of_desk ON follows (desk)",
    """CREATE TABLE lists (
        id INTEGER PRIMARY KEY AUTOINCREMENT, desk INTEGER NOT NULL REFERENCES desks ON DELETE CASCADE,
        name TEXT NOT NULL, description TEXT NOT NULL DEFAULT '', version INTEGER NOT NULL DEFAULT 1,
        changed TEXT NOT NULL, digest TEXT UNIQUE, shows_notes INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX lists_of_desk ON lists (desk)",
    # `revision` and `hash` are of the article's text when it was added; `removed` is when it was taken off the list.
    """CREATE TABLE list_items (
        list INTEGER NOT NULL REFERENCES lists ON DELETE CASCADE, article TEXT NOT NULL, position INTEGER NOT NULL,
        note TEXT NOT NULL DEFAULT '', version INTEGER NOT NULL DEFAULT 1, added TEXT NOT NULL,
        revision INTEGER NOT NULL, hash TEXT NOT NULL, removed REAL, PRIMARY KEY (list, article)) WITHOUT ROWID""",
    "CREATE TABLE keys (name TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID",
)
_DATABASE: Final = PrivateDatabase(1, _TABLES, "its readers should make new secret links")


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk, by its number in the file."""

    id: int


def desk_of_user(archive: Archive, user: str, *, create: bool) -> Desk | None:
    """The desk of a user of a private archive; None if there is none and it is not to be created.

    Raises:
        ArchiveReadFailed, ArchiveWriteFailed: the desks cannot be read or written; so of all functions here.
    """
    path = desks_path(archive)
    rows = read_desks(path, "SELECT id FROM desks WHERE user = ?", [user])
    if rows or not create:
        return Desk(rows[0][0]) if rows else None
    with write_desks(path) as desks:
        desks.execute("INSERT INTO desks (user, at) VALUES (?, ?) ON CONFLICT DO NOTHING", [user, _now()])
        return Desk(desks.execute("SELECT id FROM desks WHERE user = ?", [user]).fetchone()[0])


def desk_of_secret(archive: Archive, secret: str) -> Desk | None:
    """The desk that a secret opens; None if there is none."""
    if not secret:
        return None
    rows = read_desks(desks_path(archive), "SELECT id FROM desks WHERE digest = ?", [digest(secret)])
    return Desk(rows[0][0]) if rows else None


def new_desk(archive: Archive) -> tuple[Desk, str]:
    """Create a desk that is opened by a secret, which is returned this once: only its digest is stored."""
    secret = secrets.token_urlsafe(32)
    with write_desks(desks_path(archive)) as desks:
        made = desks.execute("INSERT INTO desks (digest, at) VALUES (?, ?)", [digest(secret), _now()])
        return Desk(made.lastrowid or 0), secret


def renew_secret(archive: Archive, desk: Desk) -> str:
    """Replace the secret of a desk; the new one is returned this once."""
    secret = secrets.token_urlsafe(32)
    with write_desks(desks_path(archive)) as desks:
        desks.execute("UPDATE desks SET digest = ? WHERE id = ? AND user IS NULL", [digest(secret), desk.id])
    return secret


def desks_path(archive: Archive) -> Path:
    """The file of an archive's desks."""
    return archive.directory / DESKS_FILE


def can_store_desks(archive: Archive) -> bool:
    """Whether this process may write the desks: not on a read-only disk or without permission."""
    return is_writable(desks_path(archive))


def read_desks(path: Path, sql: str, values: Iterable[object] = ()) -> list[Any]:
    """The rows of a query on a file of desks; see `PrivateDatabase.read`."""
    return _DATABASE.read(path, sql, values)


def write_desks(path: Path) -> AbstractContextManager[sqlite3.Connection]:
    """One transaction on a file of desks; see `PrivateDatabase.write`."""
    return _DATABASE.write(path)


@contextmanager
def delivering(archive: Archive) -> Iterator[bool]:
    """Whether this process may deliver: False if another one does. A process that is killed gives it up.

    The lock is an SQLite lock on an empty file of its own, so that desks can be changed meanwhile.
    """
    path = archive.directory / _LOCK_FILE
    create_private_file(path)
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            yield False
            return
        yield True


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
