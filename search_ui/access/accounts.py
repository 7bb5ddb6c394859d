"""Users, their passwords, tokens, and the file that stores them: `accounts.db`.

    users     each user's password as an Argon2id hash
    tokens    the SHA-256 of each token
    sessions  the SHA-256 of each session's id, its user and password hash, and when it ends
    browsers  the SHA-256 of the id of each browser that a user has signed in from

It is a separate file, which only its owner may read (`search_ui.access.private_database`). Nothing in it allows signing
in: a plain SHA-256 is enough for tokens and session ids, which are random and of 256 bits.

An archive without accounts has no such file. `corpus` creates it too, when it migrates an archive whose accounts were
in `articles.db` (`corpus.old_accounts`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Semaphore
from typing import TYPE_CHECKING, Any, Final

from corpus import Archive
from search_ui.access.private_database import PrivateDatabase
from search_ui.errors import AccountExists, AccountNotFound

if TYPE_CHECKING:
    from argon2 import PasswordHasher

ACCOUNTS_FILE: Final = "accounts.db"

_VERSION: Final = 1
_TABLES: Final = (
    "CREATE TABLE users (name TEXT PRIMARY KEY, password TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE tokens (name TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, at TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE sessions (digest TEXT PRIMARY KEY, user TEXT NOT NULL, password TEXT NOT NULL, ends REAL NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE browsers (digest TEXT PRIMARY KEY, user TEXT NOT NULL, seen REAL NOT NULL) WITHOUT ROWID",
)
_DATABASE: Final = PrivateDatabase(_VERSION, _TABLES, "change the passwords")

# Verifying a password takes 64 MiB of memory: at most two at a time.
_VERIFICATIONS: Final = Semaphore(2)


# Users


def set_user(archive: Archive, name: str, password_hash: str, *, replace: bool = False) -> None:
    """Add a user by the hash of a password. Replacing a password ends the user's sessions.

    Raises:
        AccountExists: a user of this name exists, and `replace` is false.
        ArchiveReadFailed, ArchiveWriteFailed: the accounts cannot be read or written; so of all functions here.
    """
    with write_accounts(accounts_path(archive)) as accounts:
        if not replace and accounts.execute("SELECT 1 FROM users WHERE name = ?", [name]).fetchone():
            raise AccountExists("user", name)
        accounts.execute("INSERT OR REPLACE INTO users VALUES (?, ?)", [name, password_hash])
        _end_sessions(accounts, name)


def password_of(archive: Archive, name: str) -> str | None:
    """The hash of a user's password; None if there is no such user."""
    rows = read_accounts(accounts_path(archive), "SELECT password FROM users WHERE name = ?", [name])
    return str(rows[0][0]) if rows else None


def user_names(archive: Archive) -> list[str]:
    """The names of all users."""
    return [row[0] for row in read_accounts(accounts_path(archive), "SELECT name FROM users ORDER BY name")]


def remove_user(archive: Archive, name: str) -> None:
    """Delete a user and end their sessions.

    Raises:
        AccountNotFound: no user has this name.
    """
    require_user(archive, name)
    with write_accounts(accounts_path(archive)) as accounts:
        accounts.execute("DELETE FROM users WHERE name = ?", [name])
        _end_sessions(accounts, name)


def require_user(archive: Archive, name: str) -> None:
    """Require that a user exists.

    Raises:
        AccountNotFound: no user has this name.
    """
    if name not in user_names(archive):
        raise AccountNotFound("user", name)


def _end_sessions(accounts: sqlite3.Connection, user: str) -> None:
    for table in ("sessions", "browsers"):
        accounts.execute(f"DELETE FROM {table} WHERE user = ?", [user])


# Passwords: Argon2id (RFC 9106), with the parameters that argon2-cffi recommends


def hash_password(password: str) -> str:
    """The hash, with its salt and parameters, in the PHC string format."""
    return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def is_password(known: str | None, password: str) -> bool:
    """Whether a password has this hash. None, for an unknown user, takes the same time and is always false."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with _VERIFICATIONS:
        try:
            _hasher().verify(known or _hash_of_nobody(), password.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False
    return known is not None


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # takes 20 ms, which only passwords need

    return PasswordHasher()


@cache
def _hash_of_nobody() -> str:
    return hash_password("nobody's")


# Tokens


def make_token(archive: Archive, name: str) -> str:
    """Create a token. It is returned this once and only its digest is stored.

    Raises:
        AccountExists: a token of this name exists.
    """
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with write_accounts(accounts_path(archive)) as accounts:
        if accounts.execute("SELECT 1 FROM tokens WHERE name = ?", [name]).fetchone():
            raise AccountExists("token", name)
        accounts.execute("INSERT INTO tokens VALUES (?, ?, ?)", [name, digest(token), now])
    return token


def token_name(archive: Archive, token: str) -> str | None:
    """The name of a token; None if there is no such token."""
    given, name = digest(token), None
    for known_name, known in read_accounts(accounts_path(archive), "SELECT name, digest FROM tokens"):
        # All are compared, each in constant time.
        if hmac.compare_digest(given, known):
            name = known_name
    return name


def token_names(archive: Archive) -> list[str]:
    """The names of all tokens."""
    return [row[0] for row in read_accounts(accounts_path(archive), "SELECT name FROM tokens ORDER BY name")]


def remove_token(archive: Archive, name: str) -> None:
    """Revoke a token.

    Raises:
        AccountNotFound: no token has this name.
    """
    if name not in token_names(archive):
        raise AccountNotFound("token", name)
    with write_accounts(accounts_path(archive)) as accounts:
        accounts.execute("DELETE FROM tokens WHERE name = ?", [name])


def digest(secret: str) -> str:
    """The SHA-256 (hex) of a token or an id, which is what is stored of it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


# The file


def accounts_path(archive: Archive) -> Path:
    """The accounts file of an archive."""
    return archive.directory / ACCOUNTS_FILE


def read_accounts(path: Path, sql: str, values: Iterable[object] = ()) -> list[Any]:
    """The rows of a query on an accounts file; see `PrivateDatabase.read`."""
    return _DATABASE.read(path, sql, values)


def write_accounts(path: Path) -> AbstractContextManager[sqlite3.Connection]:
    """One transaction on an accounts file; see `PrivateDatabase.write`."""
    return _DATABASE.write(path)
