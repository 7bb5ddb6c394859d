"""The file of accounts, `accounts.db`: its tables, who may read it, and the move out of `articles.db`.

    users     each user's password as an Argon2id hash
    tokens    each token's SHA-256
    sessions  the SHA-256 of each session's id, its user and password hash, and when it ends
    browsers  the SHA-256 of the id of each browser that a user has signed in from

It is a file of its own so that copies, backups and exports of the articles hold no secrets. Only its owner may read it
(mode 0600; on Windows the directory's permissions apply).
"""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from corpus.atomic_files import sync_directory
from corpus.errors import ArchiveVersionMismatch

ACCOUNTS_FILE: Final = "accounts.db"

_VERSION: Final = 1
_TABLES: Final = (
    "CREATE TABLE users (name TEXT PRIMARY KEY, password TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE tokens (name TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, at TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE sessions (digest TEXT PRIMARY KEY, user TEXT NOT NULL, password TEXT NOT NULL, ends REAL NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE browsers (digest TEXT PRIMARY KEY, user TEXT NOT NULL, seen REAL NOT NULL) WITHOUT ROWID",
)
_WAIT: Final = 10.0  # seconds, for another process that is writing
_OTHERS: Final = 0o077  # permissions of anyone but the owner

_log = logging.getLogger(__name__)


@contextmanager
def open_for_reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection to a file of accounts; None where there is no file yet, or nothing in it.

    Raises:
        sqlite3.Error, OSError: it cannot be read.
        ArchiveVersionMismatch: a newer Arshif wrote it.
    """
    if not path.exists():
        yield None
        return
    with closing(_connect(path)) as connection:
        yield connection if _version(connection, path) else None


@contextmanager
def open_for_writing(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection inside one transaction, which is durable after this; the file is made where there is none.

    Raises:
        sqlite3.Error, OSError: it cannot be written.
        ArchiveVersionMismatch: a newer Arshif wrote it.
    """
    _make(path)
    with closing(_connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # An empty file, as left by a process that was killed, is an empty database.
            if not _version(connection, path):
                for statement in _TABLES:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def can_be_written(path: Path) -> bool:
    """Whether this process may change a file of accounts, or make it where there is none."""
    needed = [path.parent, *([path] if path.exists() else [])]  # SQLite's journal lies beside the file
    effective = os.access in os.supports_effective_ids
    return all(os.access(one, os.R_OK | os.W_OK, effective_ids=effective) for one in needed)


def take_over_accounts(articles: sqlite3.Connection, path: Path) -> None:
    """Copies the users and tokens of an older `articles.db`, which is in a transaction, into a file of accounts.

    Where such a file is there already nothing is copied: it is that of a move that was cut short, or an older
    `articles.db` was put back, and a user who was removed since must not come back. The secret that signed sessions is
    not copied: sessions are no longer signed, and old copies of `articles.db` forge none.
    """
    if not articles.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'users'").fetchone():
        return
    users = articles.execute("SELECT name, password FROM users").fetchall()
    tokens = articles.execute("SELECT name, digest, at FROM tokens").fetchall()
    with open_for_reading(path) as known:
        is_new = known is None
    if is_new and (users or tokens):
        with open_for_writing(path) as accounts:
            accounts.executemany("INSERT OR IGNORE INTO users VALUES (?, ?)", users)
            accounts.executemany("INSERT OR IGNORE INTO tokens VALUES (?, ?, ?)", tokens)


def _make(path: Path) -> None:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except FileExistsError:
        return
    try:
        # `sudo arshif user add` must not lock out the account that serves the archive.
        if sys.platform != "win32" and os.geteuid() == 0:
            owner = path.parent.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_directory(path.parent)


def _connect(path: Path) -> sqlite3.Connection:
    _close_to_others(path)
    # mode=rw: never makes the file; without permission to write, SQLite opens it for reading.
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=_WAIT, isolation_level=None)
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _close_to_others(path: Path) -> None:
    mode = path.stat().st_mode
    if sys.platform == "win32" or not mode & _OTHERS:
        return
    try:
        path.chmod(0o600)
    except OSError:
        _log.warning(
            "arshif: other users can read %s, and this user cannot change its permissions: run chmod 600 on it", path
        )
    else:
        _log.warning("arshif: other users could read %s; its permissions are fixed now, but change the passwords", path)


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > _VERSION:
        raise ArchiveVersionMismatch(path.parent, version, _VERSION)
    return version
