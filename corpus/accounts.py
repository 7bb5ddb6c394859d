"""Who may read a private archive: users with the hashes of their passwords, tokens by their digests, one secret.

What is kept lets nobody in: passwords are hashed by the caller, and of a token only its SHA-256 is kept, which is
enough for a random text of 256 bits.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from corpus.archive import Archive
from corpus.errors import AccountExists, AccountNotFound

_SESSIONS = "sessions"


def set_user(archive: Archive, name: str, password_hash: str, *, replace: bool = False) -> None:
    """Lets a user in by a password, given as its hash.

    Raises:
        AccountExists: there is one of this name, and it is not to be replaced.
    """
    if not replace and password_of(archive, name) is not None:
        raise AccountExists("user", name)
    archive.run_sql(
        "INSERT INTO users VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET password = excluded.password",
        [name, password_hash],
    )


def password_of(archive: Archive, name: str) -> str | None:
    """The hash of a user's password; None where there is no such user."""
    rows = archive.run_sql("SELECT password FROM users WHERE name = ?", [name])
    return str(rows[0][0]) if rows else None


def user_names(archive: Archive) -> list[str]:
    """The names of all users."""
    return [row[0] for row in archive.run_sql("SELECT name FROM users ORDER BY name")]


def remove_user(archive: Archive, name: str) -> None:
    """Lets a user in no longer, who is signed in now neither.

    Raises:
        AccountNotFound: there is none of this name.
    """
    if not archive.run_sql("DELETE FROM users WHERE name = ? RETURNING name", [name]):
        raise AccountNotFound("user", name)


def make_token(archive: Archive, name: str) -> str:
    """A new token; it is told this once and not kept.

    Raises:
        AccountExists: there is one of this name.
    """
    if name in token_names(archive):
        raise AccountExists("token", name)
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    archive.run_sql("INSERT INTO tokens VALUES (?, ?, ?)", [name, _digest(token), now])
    return token


def token_name(archive: Archive, token: str) -> str | None:
    """The name of a token; None for what is none."""
    digest, found = _digest(token), None
    for name, known in archive.run_sql("SELECT name, digest FROM tokens"):
        # All are compared, each in constant time.
        if hmac.compare_digest(digest, known):
            found = name
    return found


def token_names(archive: Archive) -> list[str]:
    """The names of all tokens."""
    return [row[0] for row in archive.run_sql("SELECT name FROM tokens ORDER BY name")]


def remove_token(archive: Archive, name: str) -> None:
    """Makes a token worth nothing.

    Raises:
        AccountNotFound: there is none of this name.
    """
    if not archive.run_sql("DELETE FROM tokens WHERE name = ? RETURNING name", [name]):
        raise AccountNotFound("token", name)


def session_secret(archive: Archive) -> bytes:
    """What sessions are signed with: made once, the same for every process that serves the archive."""
    archive.run_sql("INSERT OR IGNORE INTO secrets VALUES (?, ?)", [_SESSIONS, secrets.token_bytes(32)])
    return bytes(archive.run_sql("SELECT value FROM secrets WHERE name = ?", [_SESSIONS])[0][0])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
