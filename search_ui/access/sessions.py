"""Sessions of signed-in users, kept on the server by the SHA-256 digest of a random id.

There is no session secret, SECRET_KEY or signed cookie: the cookie holds the id (256 random bits), and `accounts.db`
its digest, from which the id cannot be computed. `search_ui.web.guard` sets the cookie and checks each request.

Browsers from which users have signed in are remembered in the same way: their sign-ins are rate-limited separately.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from pathlib import Path
from time import time
from typing import Final

from corpus import Archive
from search_ui.access.accounts import accounts_path, digest, password_of, read_accounts, write_accounts
from search_ui.access.private_database import is_writable

SESSION_SECONDS: Final = 12 * 3600.0
"""How long a session lasts, regardless of how much it is used."""

_MAX_SESSIONS: Final = 50  # per user; the oldest are deleted
_MAX_BROWSERS: Final = 50  # likewise


class Sessions:
    """The sessions of an archive, stored with its accounts, or in the file `path` if that one cannot be written."""

    def __init__(self, archive: Archive, path: Path | None = None) -> None:
        self._archive = archive
        self._path = path or accounts_path(archive)

    def begin(self, user: str) -> str:
        """Begin a session of a user; returns its id, of which only the digest is stored."""
        session, now = secrets.token_urlsafe(32), time()
        password = password_of(self._archive, user) or ""
        with write_accounts(self._path) as accounts:
            accounts.execute("DELETE FROM sessions WHERE ends <= ?", [now])
            values = [digest(session), user, digest(password), now + SESSION_SECONDS]
            accounts.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", values)
            _delete_oldest(accounts, "sessions", "ends", user, _MAX_SESSIONS)
        return session

    def user_of(self, session: str) -> str | None:
        """The user of a session; None if it has ended, or the user was deleted or has another password."""
        sql = "SELECT user, password FROM sessions WHERE digest = ? AND ends > ?"
        for user, password in read_accounts(self._path, sql, [digest(session), time()]):
            known = password_of(self._archive, user)
            if known is not None and hmac.compare_digest(digest(known), password):
                return str(user)
        return None

    def end(self, session: str) -> None:
        """End a session for everyone who has its id."""
        if read_accounts(self._path, "SELECT 1 FROM sessions WHERE digest = ?", [digest(session)]):
            with write_accounts(self._path) as accounts:
                accounts.execute("DELETE FROM sessions WHERE digest = ?", [digest(session)])

    def remember_browser(self, user: str) -> str:
        """Record that a user signed in from a browser; returns the id by which `is_known` recognizes it."""
        browser = secrets.token_urlsafe(32)
        with write_accounts(self._path) as accounts:
            accounts.execute("INSERT INTO browsers VALUES (?, ?, ?)", [digest(browser), user, time()])
            _delete_oldest(accounts, "browsers", "seen", user, _MAX_BROWSERS)
        return browser

    def is_known(self, browser: str, user: str) -> bool:
        """Whether the user has signed in from this browser."""
        sql = "SELECT 1 FROM browsers WHERE digest = ? AND user = ?"
        return bool(read_accounts(self._path, sql, [digest(browser), user]))


def can_store_sessions(archive: Archive) -> bool:
    """Whether sessions can be stored with the accounts: not on a read-only disk or without permission to write."""
    return is_writable(accounts_path(archive))


def _delete_oldest(accounts: sqlite3.Connection, table: str, order: str, user: str, kept: int) -> None:
    newest = f"SELECT digest FROM {table} WHERE user = ? ORDER BY {order} DESC LIMIT ?"
    accounts.execute(f"DELETE FROM {table} WHERE user = ? AND digest NOT IN ({newest})", [user, user, kept])
