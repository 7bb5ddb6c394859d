"""Who may read a private archive: users by password, programs by token, and who is signed in.

What is kept lets nobody in: passwords are hashed by the caller, and of tokens and of the ids of sessions only the
SHA-256 is kept, which is enough for random texts of 256 bits. Where it is kept: `accounts_file.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any, Final

from corpus.accounts_file import ACCOUNTS_FILE, can_be_written, open_for_reading, open_for_writing
from corpus.archive import Archive
from corpus.database import database_error
from corpus.errors import AccountExists, AccountNotFound, ArchiveReadFailed, ArchiveWriteFailed

SESSION_SECONDS: Final = 12 * 3600.0
"""How long a session lasts, however much it is used."""

_MOST_SESSIONS: Final = 50  # of one user; the newest stay
_MOST_BROWSERS: Final = 50  # likewise


def set_user(archive: Archive, name: str, password_hash: str, *, replace: bool = False) -> None:
    """Lets a user in by a password, given as its hash. A password that is replaced ends the user's sessions.

    Raises:
        AccountExists: there is one of this name, and it is not to be replaced.
        ArchiveReadFailed, ArchiveWriteFailed: the accounts cannot be read or written; so of all functions here.
    """
    with _writing(_path(archive)) as accounts:
        if not replace and accounts.execute("SELECT 1 FROM users WHERE name = ?", [name]).fetchone():
            raise AccountExists("user", name)
        accounts.execute("INSERT OR REPLACE INTO users VALUES (?, ?)", [name, password_hash])
        _forget(accounts, name)


def password_of(archive: Archive, name: str) -> str | None:
    """The hash of a user's password; None where there is no such user."""
    rows = _rows(_path(archive), "SELECT password FROM users WHERE name = ?", [name])
    return str(rows[0][0]) if rows else None


def user_names(archive: Archive) -> list[str]:
    """The names of all users."""
    return [row[0] for row in _rows(_path(archive), "SELECT name FROM users ORDER BY name")]


def remove_user(archive: Archive, name: str) -> None:
    """Deletes a user and ends their sessions.

    Raises:
        AccountNotFound: there is none of this name.
    """
    if name not in user_names(archive):
        raise AccountNotFound("user", name)
    with _writing(_path(archive)) as accounts:
        accounts.execute("DELETE FROM users WHERE name = ?", [name])
        _forget(accounts, name)


def make_token(archive: Archive, name: str) -> str:
    """A new token; it is told this once and not kept.

    Raises:
        AccountExists: there is one of this name.
    """
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with _writing(_path(archive)) as accounts:
        if accounts.execute("SELECT 1 FROM tokens WHERE name = ?", [name]).fetchone():
            raise AccountExists("token", name)
        accounts.execute("INSERT INTO tokens VALUES (?, ?, ?)", [name, _digest(token), now])
    return token


def token_name(archive: Archive, token: str) -> str | None:
    """The name of a token; None for what is none."""
    digest, found = _digest(token), None
    for name, known in _rows(_path(archive), "SELECT name, digest FROM tokens"):
        # All are compared, each in constant time.
        if hmac.compare_digest(digest, known):
            found = name
    return found


def token_names(archive: Archive) -> list[str]:
    """The names of all tokens."""
    return [row[0] for row in _rows(_path(archive), "SELECT name FROM tokens ORDER BY name")]


def remove_token(archive: Archive, name: str) -> None:
    """Revokes a token.

    Raises:
        AccountNotFound: there is none of this name.
    """
    if name not in token_names(archive):
        raise AccountNotFound("token", name)
    with _writing(_path(archive)) as accounts:
        accounts.execute("DELETE FROM tokens WHERE name = ?", [name])


class Sessions:
    """Who is signed in to an archive, and from which browsers users have signed in before.

    They are kept with the accounts, or, where nobody may write there, in the file that is given.
    """

    def __init__(self, archive: Archive, elsewhere: Path | None = None) -> None:
        self._archive = archive
        self._path = elsewhere or _path(archive)

    def begin(self, user: str) -> str:
        """Begins a session of a user and gives its id, which is not kept."""
        session, now = secrets.token_urlsafe(32), time()
        password = password_of(self._archive, user) or ""
        with _writing(self._path) as accounts:
            accounts.execute("DELETE FROM sessions WHERE ends <= ?", [now])
            values = [_digest(session), user, _digest(password), now + SESSION_SECONDS]
            accounts.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", values)
            _keep_newest(accounts, "sessions", "ends", user, _MOST_SESSIONS)
        return session

    def user_of(self, session: str) -> str | None:
        """Whose session it is; None once it ended, or the user was deleted or has another password."""
        sql = "SELECT user, password FROM sessions WHERE digest = ? AND ends > ?"
        for user, password in _rows(self._path, sql, [_digest(session), time()]):
            known = password_of(self._archive, user)
            if known is not None and hmac.compare_digest(_digest(known), password):
                return str(user)
        return None

    def end(self, session: str) -> None:
        """Ends a session: its id is worth nothing from now on."""
        if _rows(self._path, "SELECT 1 FROM sessions WHERE digest = ?", [_digest(session)]):
            with _writing(self._path) as accounts:
                accounts.execute("DELETE FROM sessions WHERE digest = ?", [_digest(session)])

    def remember_browser(self, user: str) -> str:
        """Notes that a user signed in from a browser, and gives the id by which `is_known` will know it."""
        browser = secrets.token_urlsafe(32)
        with _writing(self._path) as accounts:
            accounts.execute("INSERT INTO browsers VALUES (?, ?, ?)", [_digest(browser), user, time()])
            _keep_newest(accounts, "browsers", "seen", user, _MOST_BROWSERS)
        return browser

    def is_known(self, browser: str, user: str) -> bool:
        """Whether the user has signed in from this browser."""
        sql = "SELECT 1 FROM browsers WHERE digest = ? AND user = ?"
        return bool(_rows(self._path, sql, [_digest(browser), user]))


def can_keep_sessions(archive: Archive) -> bool:
    """Whether sessions can be kept with the accounts: not on a read-only disk, nor without permission to write."""
    return can_be_written(_path(archive))


def _path(archive: Archive) -> Path:
    return archive.directory / ACCOUNTS_FILE


def _rows(path: Path, sql: str, values: Iterable[object] = ()) -> list[Any]:
    with _told_errors(path), open_for_reading(path) as accounts:
        return accounts.execute(sql, tuple(values)).fetchall() if accounts else []


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    with _told_errors(path, ArchiveWriteFailed), open_for_writing(path) as accounts:
        yield accounts


@contextmanager
def _told_errors(
    path: Path, failed: type[ArchiveReadFailed | ArchiveWriteFailed] = ArchiveReadFailed
) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise database_error(path.parent, error, path.name) from error
    except OSError as error:
        raise failed(path.parent, f"{path.name}: {error.strerror or error}") from error


def _forget(accounts: sqlite3.Connection, user: str) -> None:
    for table in ("sessions", "browsers"):
        accounts.execute(f"DELETE FROM {table} WHERE user = ?", [user])


def _keep_newest(accounts: sqlite3.Connection, table: str, order: str, user: str, most: int) -> None:
    newest = f"SELECT digest FROM {table} WHERE user = ? ORDER BY {order} DESC LIMIT ?"
    accounts.execute(f"DELETE FROM {table} WHERE user = ? AND digest NOT IN ({newest})", [user, user, most])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
