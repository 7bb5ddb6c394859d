"""The step of migration that hands the accounts of an older `articles.db` over to `accounts.db`.

Up to schema version 7 users and tokens were tables of `articles.db`. Accounts now belong to `search_ui.access`, which
`corpus` must not import, and the rows must be committed there before they are dropped here. So this module writes the
first version of that file, whose tables are fixed here; `search_ui.access.accounts` reads it,
and migrates it if its own version is newer.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from corpus.atomic_files import create_private_file

ACCOUNTS_FILE: Final = "accounts.db"

_VERSION: Final = 1
_TABLES: Final = (
    "CREATE TABLE users (name TEXT PRIMARY KEY, password TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE tokens (name TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, at TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE sessions (digest TEXT PRIMARY KEY, user TEXT NOT NULL, password TEXT NOT NULL, ends REAL NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE browsers (digest TEXT PRIMARY KEY, user TEXT NOT NULL, seen REAL NOT NULL) WITHOUT ROWID",
)


def hand_over_accounts(articles: sqlite3.Connection, path: Path) -> None:
    """Copy the users and tokens of an `articles.db` that is in a write transaction to an accounts file.

    Nothing is copied if that file already has tables: either a migration was interrupted after this step, or an older
    `articles.db` was put back, and a user who has been deleted since must not return. The secret that signed sessions
    is never copied: sessions are no longer signed.

    Raises:
        sqlite3.Error, OSError: the accounts file cannot be read or written.
    """
    if not articles.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'users'").fetchone():
        return
    users = articles.execute("SELECT name, password FROM users").fetchall()
    tokens = articles.execute("SELECT name, digest, at FROM tokens").fetchall()
    if not users and not tokens:
        return
    create_private_file(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as accounts:
        # An empty file, as left by a process that was killed, is an empty database.
        if accounts.execute("PRAGMA user_version").fetchone()[0]:
            return
        accounts.execute("BEGIN IMMEDIATE")  # closing the connection rolls back
        for statement in _TABLES:
            accounts.execute(statement)
        accounts.executemany("INSERT INTO users VALUES (?, ?)", users)
        accounts.executemany("INSERT INTO tokens VALUES (?, ?, ?)", tokens)
        accounts.execute(f"PRAGMA user_version = {_VERSION}")
        accounts.execute("COMMIT")
