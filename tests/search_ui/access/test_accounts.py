"""The accounts file: what is stored in it, who can read it, and the migration of older archives to it."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest

from corpus import Archive, ArchiveReadFailed, ArchiveVersionMismatch, exchange, make_article
from corpus.database import MIGRATIONS
from search_ui.access.accounts import (
    ACCOUNTS_FILE,
    make_token,
    password_of,
    remove_token,
    remove_user,
    set_user,
    token_name,
    token_names,
    user_names,
)
from search_ui.access.sessions import SESSION_SECONDS, Sessions
from search_ui.errors import AccountExists, AccountNotFound

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions are another thing there")
# The schema version from which accounts are in a file of their own.
MOVED = next(number for number, step in enumerate(MIGRATIONS) if "DROP TABLE users" in step)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


@pytest.fixture
def accounts(archive: Archive) -> Path:
    return archive.directory / ACCOUNTS_FILE


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An archive whose `articles.db` still has a user, a token and the secret of its sessions."""
    Archive.create(tmp_path / "old").close()
    path = tmp_path / "old" / "articles.db"
    for file in path.parent.glob("articles.db*"):
        file.unlink()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    for statement in chain.from_iterable(MIGRATIONS[:MOVED]):
        connection.execute(statement)
    connection.execute("INSERT INTO users VALUES ('huda', ?)", [HASH])
    connection.execute("INSERT INTO tokens VALUES ('robot', 'digest-of-the-token', '2026')")
    connection.execute("INSERT INTO secrets VALUES ('sessions', ?)", [b"secret-of-the-sessions-32-bytes!"])
    connection.execute(f"PRAGMA application_id = {0x41525348}")
    connection.execute(f"PRAGMA user_version = {MOVED}")
    connection.commit()
    connection.close()
    return path.parent


def everything_but(accounts: Path) -> bytes:
    files = [path for path in accounts.parent.rglob("*") if path.is_file() and path != accounts]
    return b"".join(path.read_bytes() for path in files)


def test_users_and_tokens_are_kept_until_they_are_removed(archive: Archive) -> None:
    assert user_names(archive) == token_names(archive) == []
    assert password_of(archive, "huda") is None
    set_user(archive, "huda", HASH)
    with pytest.raises(AccountExists):
        set_user(archive, "huda", "another")
    assert password_of(archive, "huda") == HASH
    set_user(archive, "huda", "another", replace=True)
    assert password_of(archive, "huda") == "another"
    token = make_token(archive, "robot")
    with pytest.raises(AccountExists):
        make_token(archive, "robot")
    assert token_name(archive, token) == "robot"
    assert token_name(archive, token + "x") is None
    assert (user_names(archive), token_names(archive)) == (["huda"], ["robot"])
    remove_user(archive, "huda")
    remove_token(archive, "robot")
    assert token_name(archive, token) is None
    for remove in (remove_user, remove_token):
        with pytest.raises(AccountNotFound):
            remove(archive, "huda")


def test_an_archive_without_accounts_has_no_file_of_them(archive: Archive, accounts: Path) -> None:
    user_names(archive)
    with pytest.raises(AccountNotFound):
        remove_token(archive, "none")
    assert not accounts.exists()


@POSIX
def test_the_file_is_the_owners_alone_regardless_of_the_umask(archive: Archive, accounts: Path) -> None:
    before = os.umask(0)
    try:
        set_user(archive, "huda", HASH)
    finally:
        os.umask(before)
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600


@POSIX
def test_a_readable_accounts_file_is_made_private_with_a_warning(
    archive: Archive, accounts: Path, caplog: pytest.LogCaptureFixture
) -> None:
    set_user(archive, "huda", HASH)
    accounts.chmod(0o644)
    with caplog.at_level(logging.WARNING):
        assert password_of(archive, "huda") == HASH
        assert password_of(archive, "huda") == HASH
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    (record,) = caplog.records
    assert "other users could read" in record.getMessage()


def test_an_empty_file_left_by_a_killed_process_is_initialized(archive: Archive, accounts: Path) -> None:
    accounts.touch(0o600)
    assert user_names(archive) == []
    set_user(archive, "huda", HASH)
    assert user_names(archive) == ["huda"]


def test_a_damaged_file_is_reported_by_its_name(archive: Archive, accounts: Path) -> None:
    set_user(archive, "huda", HASH)
    accounts.write_bytes(accounts.read_bytes()[:100] + b"damage" * 3000)
    with pytest.raises(ArchiveReadFailed, match=r"accounts\.db is damaged"):
        password_of(archive, "huda")


def test_a_file_of_a_newer_version_is_reported(archive: Archive, accounts: Path) -> None:
    set_user(archive, "huda", HASH)
    with sqlite3.connect(accounts) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ArchiveVersionMismatch):
        user_names(archive)


def test_no_other_file_and_no_export_has_secrets(archive: Archive, accounts: Path, tmp_path: Path) -> None:
    archive.add(make_article(id="a", paragraphs=["نص"]))
    set_user(archive, "huda", HASH)
    token = make_token(archive, "robot")
    session = Sessions(archive).begin("huda")
    exchange.export_archive(archive, tmp_path / "export.jsonl")
    others = everything_but(accounts) + (tmp_path / "export.jsonl").read_bytes()
    kept = accounts.read_bytes()
    assert HASH.encode() in kept
    assert HASH.encode() not in others
    assert b"huda" not in others
    for secret in (token, session):
        assert secret.encode() not in kept + others


def test_the_accounts_of_an_older_archive_move_and_leave_nothing_behind(old: Path) -> None:
    assert HASH.encode() in everything_but(old / ACCOUNTS_FILE)
    with Archive.open(old) as archive:
        assert password_of(archive, "huda") == HASH
        assert token_names(archive) == ["robot"]
        # Also while it is open, from the write-ahead log.
        left = everything_but(old / ACCOUNTS_FILE)
    for secret in (HASH.encode(), b"digest-of-the-token", b"secret-of-the-sessions"):
        assert secret not in left
        assert secret not in everything_but(old / ACCOUNTS_FILE)
    assert b"secret-of-the-sessions" not in (old / ACCOUNTS_FILE).read_bytes()


@POSIX
def test_the_file_of_moved_accounts_is_the_one_that_accounts_are_written_to(old: Path, archive: Archive) -> None:
    Archive.open(old).close()
    set_user(archive, "huda", HASH)
    files = [directory / ACCOUNTS_FILE for directory in (old, archive.directory)]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
    schemas = []
    for file in files:
        with closing(sqlite3.connect(file)) as connection:
            version = connection.execute("PRAGMA user_version").fetchall()
            schemas.append([*version, *connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")])
    assert schemas[0] == schemas[1]


def test_who_was_removed_does_not_come_back_with_an_older_database(old: Path) -> None:
    copy = (old / "articles.db").read_bytes()
    with Archive.open(old) as archive:
        (name,) = user_names(archive)
        remove_user(archive, name)
    for file in old.glob("articles.db*"):
        file.unlink()
    (old / "articles.db").write_bytes(copy)
    with Archive.open(old) as archive:
        assert user_names(archive) == []


def test_a_move_that_was_cut_short_is_made_again(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is killed after the accounts are in their file, before they are deleted from the old one."""

    class Killed(BaseException):
        pass

    class Steps(tuple[tuple[str, ...], ...]):
        __slots__ = ()

        def __getitem__(self, index: object) -> object:
            raise Killed

    monkeypatch.setattr("corpus.database.MIGRATIONS", Steps(MIGRATIONS))
    with pytest.raises(Killed):
        Archive.open(old)
    monkeypatch.undo()
    assert HASH.encode() in (old / "articles.db").read_bytes()
    with Archive.open(old) as archive:
        assert (user_names(archive), token_names(archive)) == (["huda"], ["robot"])
    assert HASH.encode() not in everything_but(old / ACCOUNTS_FILE)


def test_a_session_lasts_half_a_day_regardless_of_use(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1e9
    monkeypatch.setattr("search_ui.access.sessions.time", lambda: now)
    set_user(archive, "huda", HASH)
    sessions = Sessions(archive)
    session = sessions.begin("huda")
    for hour in range(12):
        now = 1e9 + 3600 * hour
        assert sessions.user_of(session) == "huda"
    now = 1e9 + SESSION_SECONDS
    assert sessions.user_of(session) is None


def test_a_session_ends_for_all_who_have_its_id(archive: Archive) -> None:
    set_user(archive, "huda", HASH)
    sessions = Sessions(archive)
    session, other = sessions.begin("huda"), sessions.begin("huda")
    sessions.end(session)
    assert Sessions(archive).user_of(session) is None
    assert sessions.user_of(other) == "huda"
    sessions.end("none")


def test_another_password_or_none_ends_all_sessions(archive: Archive, tmp_path: Path) -> None:
    set_user(archive, "huda", HASH)
    elsewhere = Sessions(archive, tmp_path / "sessions.db")
    for sessions in (Sessions(archive), elsewhere):
        set_user(archive, "huda", HASH, replace=True)
        session = sessions.begin("huda")
        assert sessions.user_of(session) == "huda"
        set_user(archive, "huda", "another", replace=True)
        assert sessions.user_of(session) is None
        session = sessions.begin("huda")
        remove_user(archive, "huda")
        assert sessions.user_of(session) is None


def test_a_user_has_so_many_sessions_and_browsers_and_the_newest_stay(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search_ui.access.sessions._MAX_SESSIONS", 3)
    monkeypatch.setattr("search_ui.access.sessions._MAX_BROWSERS", 3)
    set_user(archive, "huda", HASH)
    set_user(archive, "samir", HASH)
    sessions = Sessions(archive)
    of_another = sessions.begin("samir")
    begun = [sessions.begin("huda") for _ in range(5)]
    assert [sessions.user_of(one) for one in begun] == [None, None, "huda", "huda", "huda"]
    assert sessions.user_of(of_another) == "samir"
    known = [sessions.remember_browser("huda") for _ in range(5)]
    assert [sessions.is_known(one, "huda") for one in known] == [False, False, True, True, True]
    assert not sessions.is_known(known[-1], "samir")
    assert not sessions.is_known("", "huda")
