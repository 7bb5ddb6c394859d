"""The archive's SQLite file: its schema, the migrations that build it, and how connections are opened.

    articles         one row per article: its id, when it was added, its current revision, whether it is removed
    revisions        the full text of every revision; never changed, never deleted
    changes          the change log: what happened to which article, in order
    origins          every place that held a copy of a revision, and when it was first and last seen there
    removals         every removal of an article, with its reason, and when it was undone
    pages_elsewhere  the pages that an import came without
    fetches          what was fetched from the web (`corpus.fetch`)
    watched          the files of watched directories that were read (`corpus.watch`)
    resources        the pictures, stylesheets and fonts of pages (`corpus.resources`)
    saved_searches   subscriptions to the change log (`corpus.change_log`)
    sketches, sketch_hashes, near_pairs, group_members, grouping
                     near-duplicates (`corpus.near_duplicates.tables`), derived from the articles

Every row has a checksum (`corpus.checksums`), except those of `pages_elsewhere` and of near-duplicates.

`PRAGMA user_version` is the schema version: the number of `MIGRATIONS` that were applied.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from corpus.checksums import CHECKSUM_COLUMNS, fill_checksums
from corpus.errors import (
    ArchiveLocked,
    ArchiveReadFailed,
    ArchiveVersionMismatch,
    ArchiveWriteFailed,
    ArshifError,
    NotAnArchive,
)
from corpus.lock_holder import read_holder
from corpus.old_accounts import ACCOUNTS_FILE, hand_over_accounts

APPLICATION_ID: Final = 0x41525348  # "ARSH": marks the database as ours
LOCK_TIMEOUT: Final = 10.0  # seconds to wait for another process that is writing
HOLDER_FILE: Final = ".articles.writer"  # names the process that is writing

_DAMAGED: Final = "articles.db is damaged: restore it from a backup"

# The steps of the schema, each a tuple of single statements. SQLite stores the text of a CREATE statement, comments
# and white space included, so these texts are never edited: archives of one version have the same schema byte for byte.

_ARTICLES: Final = (
    """CREATE TABLE articles (
        seq         INTEGER PRIMARY KEY,
        id          TEXT NOT NULL UNIQUE,
        first_seen  TEXT NOT NULL,                 -- UTC, ISO 8601
        revision    INTEGER NOT NULL               -- number of the current revision, from 1
    )""",
    """CREATE TABLE revisions (
        article       INTEGER NOT NULL REFERENCES articles (seq),
        number        INTEGER NOT NULL,
        recorded_at   TEXT NOT NULL,               -- UTC, ISO 8601
        content_hash  TEXT NOT NULL,               -- SHA-256 of all that is printed
        title         TEXT NOT NULL,
        text          TEXT NOT NULL,               -- a paragraph a line
        url           TEXT,
        published     TEXT,                        -- ISO 8601 with the printed offset
        source        TEXT,
        section       TEXT,
        authors       TEXT NOT NULL,               -- a name a line
        page          TEXT,                        -- SHA-256 of the original bytes, under pages/
        page_type     TEXT,                        -- their media type
        PRIMARY KEY (article, number)
    ) WITHOUT ROWID""",
    "CREATE INDEX revisions_by_source ON revisions (source)",
    """CREATE TABLE changes (
        number   INTEGER PRIMARY KEY AUTOINCREMENT,
        article  INTEGER NOT NULL REFERENCES articles (seq),
        kind     TEXT NOT NULL CHECK (kind IN ('added', 'revised')),
        at       TEXT NOT NULL
    )""",
)

# An article is found by its address in addition to its id.
_ADDRESSES: Final = ("CREATE INDEX revisions_by_url ON revisions (url) WHERE url IS NOT NULL",)

# The kinds of changes are those of `ChangeKind`, checked where they are read: a CHECK would mean copying the whole log
# for each new kind.
_CHANGES_OF_ANY_KIND: Final = (
    """CREATE TABLE changes_with_any_kind (
        number   INTEGER PRIMARY KEY AUTOINCREMENT,
        article  INTEGER NOT NULL REFERENCES articles (seq),
        kind     TEXT NOT NULL,                    -- of `ChangeKind`
        at       TEXT NOT NULL                     -- UTC, ISO 8601
    )""",
    "INSERT INTO changes_with_any_kind SELECT number, article, kind, at FROM changes ORDER BY number",
    # The last number used, which an index may have seen, is not used again.
    "DELETE FROM sqlite_sequence WHERE name = 'changes_with_any_kind'",
    "INSERT INTO sqlite_sequence (name, seq)"
    " SELECT 'changes_with_any_kind', seq FROM sqlite_sequence WHERE name = 'changes'",
    "DROP TABLE changes",
    "ALTER TABLE changes_with_any_kind RENAME TO changes",
)

_NEAR_DUPLICATES: Final = (
    """CREATE TABLE sketches (
        article  INTEGER PRIMARY KEY REFERENCES articles (seq),
        day      INTEGER NOT NULL,                 -- ordinal of the printed day, or -1000000
        hashes   BLOB NOT NULL                     -- signed 32-bit numbers, little-endian
    )""",
    """CREATE TABLE sketch_hashes (
        hash     INTEGER NOT NULL,
        day      INTEGER NOT NULL,
        article  INTEGER NOT NULL,
        PRIMARY KEY (hash, day, article)
    ) WITHOUT ROWID""",
    """CREATE TABLE near_pairs (
        article    INTEGER NOT NULL,
        other      INTEGER NOT NULL,
        contained  INTEGER NOT NULL,               -- of the shorter in the longer, in thousandths
        relation   INTEGER NOT NULL,               -- corpus.near_duplicates.similarity.Relation
        PRIMARY KEY (article, other)
    ) WITHOUT ROWID""",
    """CREATE TABLE group_members (
        article   INTEGER PRIMARY KEY REFERENCES articles (seq),
        named_by  INTEGER NOT NULL                 -- the member that came first
    )""",
    "CREATE INDEX group_members_by_group ON group_members (named_by)",
    "CREATE TABLE grouping (mark INTEGER NOT NULL, version INTEGER NOT NULL)",
    "INSERT INTO grouping VALUES (0, 0)",
)

_FETCHES_AND_WATCHED: Final = (
    """CREATE TABLE fetches (
        url            TEXT PRIMARY KEY,    -- the canonical address that was asked for
        host           TEXT NOT NULL,
        fetched_at     TEXT NOT NULL,       -- UTC, ISO 8601
        outcome        TEXT NOT NULL,       -- what came of it, or why nothing did
        settled        INTEGER NOT NULL,    -- 1 if all that was there is in the archive or can never be
        article        TEXT,                -- id of the article that the page gave
        stamp          TEXT,                -- what the feed or sitemap said of the state that was fetched
        etag           TEXT,                -- validators of that state
        last_modified  TEXT,
        since          TEXT,                -- UTC, ISO 8601: of a feed or sitemap, before when pages were passed over
        not_before     TEXT                 -- UTC, ISO 8601: until when the host asked to be left alone
    ) WITHOUT ROWID""",
    "CREATE INDEX fetches_by_host ON fetches (host) WHERE not_before IS NOT NULL",
    """CREATE TABLE watched (
        path      BLOB PRIMARY KEY,         -- absolute, in the file system's own bytes, which need not be text
        size      INTEGER NOT NULL,         -- bytes
        mtime_ns  INTEGER NOT NULL,         -- when it was last changed, nanoseconds since 1970
        digest    TEXT NOT NULL,            -- SHA-256 (hex) of its bytes
        read_at   TEXT NOT NULL             -- UTC, ISO 8601
    ) WITHOUT ROWID""",
)

_ORIGINS_AND_REMOVALS: Final = (
    """CREATE TABLE origins (
        article     INTEGER NOT NULL,
        revision    INTEGER NOT NULL,
        kind        TEXT NOT NULL,                 -- of `OriginKind`
        name        TEXT NOT NULL,                 -- path or URL
        part        TEXT NOT NULL,                 -- line, row, member or record within it, empty for the whole
        first_seen  TEXT NOT NULL,                 -- UTC, ISO 8601
        last_seen   TEXT NOT NULL,                 -- UTC, ISO 8601
        PRIMARY KEY (article, revision, kind, name, part),
        FOREIGN KEY (article, revision) REFERENCES revisions (article, number)
    ) WITHOUT ROWID""",
    """CREATE TABLE removals (
        number       INTEGER PRIMARY KEY AUTOINCREMENT,
        article      INTEGER NOT NULL REFERENCES articles (seq),
        removed_at   TEXT NOT NULL,                -- UTC, ISO 8601
        reason       TEXT NOT NULL,
        restored_at  TEXT                          -- UTC, ISO 8601
    )""",
    "CREATE INDEX removals_by_article ON removals (article)",
    # The removal in force; NULL for an article that is not removed.
    "ALTER TABLE articles ADD COLUMN removal INTEGER REFERENCES removals (number)",
)

_SUBSCRIPTIONS_AND_ACCOUNTS: Final = (
    """CREATE TABLE saved_searches (
        name    TEXT PRIMARY KEY,
        search  TEXT NOT NULL,                     -- the query and its filters, JSON
        change  INTEGER NOT NULL,                  -- up to which number of the change log its hits were told
        at      TEXT NOT NULL                      -- when it was saved, UTC, ISO 8601
    ) WITHOUT ROWID""",
    """CREATE TABLE users (
        name      TEXT PRIMARY KEY,
        password  TEXT NOT NULL                    -- its hash, in the PHC string format
    ) WITHOUT ROWID""",
    """CREATE TABLE tokens (
        name    TEXT PRIMARY KEY,
        digest  TEXT NOT NULL UNIQUE,              -- SHA-256 of the token, hex
        at      TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
)

_GIVEN_IDS_AND_CHECKSUMS: Final = (
    # The id that an article came with, if another source's article has it; NULL if it is `id`.
    "ALTER TABLE articles ADD COLUMN given_id TEXT",
    "CREATE INDEX articles_by_given_id ON articles (given_id) WHERE given_id IS NOT NULL",
    # Pages that revisions name and that an import came without: they are not lost.
    "CREATE TABLE pages_elsewhere (page TEXT PRIMARY KEY) WITHOUT ROWID",
    *CHECKSUM_COLUMNS,
)

# `_migrate` has handed the rows over (`corpus.old_accounts`).
_ACCOUNTS_MOVED: Final = ("DROP TABLE users", "DROP TABLE tokens", "DROP TABLE secrets")

_RESOURCES: Final = (
    """CREATE TABLE resources (
        address      TEXT NOT NULL,                -- canonical
        captured_at  TEXT NOT NULL,                -- UTC, ISO 8601
        digest       TEXT NOT NULL,                -- SHA-256 of the bytes, under pages/
        media_type   TEXT NOT NULL,                -- by what they are
        checksum     INTEGER,
        PRIMARY KEY (address, captured_at)
    ) WITHOUT ROWID""",
    "CREATE INDEX resources_by_digest ON resources (digest)",
)

MIGRATIONS: Final = (
    _ARTICLES,
    _ADDRESSES,
    (*_CHANGES_OF_ANY_KIND, *_NEAR_DUPLICATES),
    _FETCHES_AND_WATCHED,
    _ORIGINS_AND_REMOVALS,
    _SUBSCRIPTIONS_AND_ACCOUNTS,
    _GIVEN_IDS_AND_CHECKSUMS,
    _ACCOUNTS_MOVED,
    _RESOURCES,
)
"""The steps: entry n takes the schema from version n to n + 1."""

SCHEMA_VERSION: Final = len(MIGRATIONS)

CHECKSUMS_SINCE: Final = 7
"""The first version whose rows have checksums; the rows of older archives get them when all steps are done."""


def create_database(path: Path) -> None:
    """Create a new, empty database file.

    Raises:
        ArchiveWriteFailed: the file cannot be written.
    """
    try:
        connection = _connect(path)
        try:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            _migrate(connection, 0, path.parent)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise ArchiveWriteFailed(path.parent, str(error)) from error


def open_database(path: Path) -> sqlite3.Connection:
    """Connect to the database of an archive and apply missing migrations; usable from any thread.

    The connection is read-only if nobody may write to the archive, or another user is writing to it.

    Raises:
        NotAnArchive: the file is missing, is not SQLite, or is another program's.
        ArchiveVersionMismatch: a newer Arshif wrote it.
        ArchiveReadFailed: it cannot be opened.
    """
    if not path.is_file():
        raise NotAnArchive(path.parent, f"there is no {path.name} in it")
    try:
        return _open(path)
    except UnicodeDecodeError as error:  # SQLite's message about a damaged schema quotes its bytes
        raise ArchiveReadFailed(path.parent, _DAMAGED) from error


def database_error(directory: Path, error: sqlite3.Error, name: str = "articles.db") -> ArshifError:
    """The project's error for one of SQLite's; `name` is the database's file."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return ArchiveWriteFailed(directory, "the disk is full")
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ArchiveLocked(directory, LOCK_TIMEOUT, read_holder(directory / HOLDER_FILE))
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return ArchiveWriteFailed(directory, "it is read-only for this user")
    if primary == sqlite3.SQLITE_CANTOPEN:
        return ArchiveReadFailed(directory, f"this user may not open {name}, or may not write in its directory")
    if primary == sqlite3.SQLITE_NOTADB:
        return NotAnArchive(directory, f"{name} is not a database")
    if primary == sqlite3.SQLITE_CORRUPT:
        return ArchiveReadFailed(directory, f"{name} is damaged: restore it from a backup")
    if primary == sqlite3.SQLITE_IOERR and "SHM" in getattr(error, "sqlite_errorname", ""):
        return ArchiveReadFailed(directory, "the disk is full: opening it takes 32 KB")
    if primary == sqlite3.SQLITE_IOERR and "write" in getattr(error, "sqlite_errorname", "").lower():
        return ArchiveWriteFailed(directory, "the disk did not take the data (is it full?)")
    return ArchiveReadFailed(directory, str(error))


def _open(path: Path) -> sqlite3.Connection:
    directory = path.parent
    try:
        connection = _connect(path)
    except sqlite3.DatabaseError as error:
        if (reading := _connect_for_reading(path)) is None:
            raise database_error(directory, error) from error
        connection = reading
    try:
        application_id = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if application_id != APPLICATION_ID:
            raise NotAnArchive(directory, f"{path.name} belongs to another program")
        if version > SCHEMA_VERSION:
            raise ArchiveVersionMismatch(directory, version, SCHEMA_VERSION)
        if version < SCHEMA_VERSION:
            _migrate(connection, version, directory)
    except ArshifError:
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        raise database_error(directory, error) from error
    except OSError as error:
        connection.close()
        raise ArchiveWriteFailed(directory, f"{ACCOUNTS_FILE}: {error.strerror or error}") from error
    return connection


def _migrate(connection: sqlite3.Connection, version: int, directory: Path) -> None:
    connection.execute("PRAGMA secure_delete = ON")  # dropped rows are overwritten: they may be password hashes
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have migrated the file while this one waited for the lock.
        version = max(version, connection.execute("PRAGMA user_version").fetchone()[0])
        hand_over_accounts(connection, directory / ACCOUNTS_FILE)  # committed there before they are dropped here
        for step in MIGRATIONS[version:]:
            for statement in step:
                connection.execute(statement)
        if version < CHECKSUMS_SINCE:
            fill_checksums(connection)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the WAL holds copies of what was dropped


def _connect(path: Path) -> sqlite3.Connection:
    # Autocommit: transactions are begun explicitly (`Archive.batch`). SQLite is built serialized, so one connection may
    # serve several reading threads.
    connection = sqlite3.connect(path, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False)
    connection.text_factory = _text
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        # In WAL mode, NORMAL stays consistent but may lose the last commits in a power failure. A commit that was
        # reported must be durable, so FULL.
        connection.execute("PRAGMA synchronous = FULL")
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        connection.close()
        raise
    return connection


def _connect_for_reading(path: Path) -> sqlite3.Connection | None:
    """Connect without permission to write; None if that is not safe.

    SQLite shares a WAL database with writers through files beside it, which it must be able to create. They exist
    while another user is writing. Without them, the file can be read only if nobody changes it meanwhile.
    """
    if path.with_name(f"{path.name}-wal").exists():
        how = "mode=ro"
    elif _nobody_writes(path):
        how = "immutable=1"
    else:
        return None
    try:
        uri = f"{path.absolute().as_uri()}?{how}"
        connection = sqlite3.connect(uri, uri=True, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False)
        connection.text_factory = _text
        connection.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError:
        return None
    return connection


def _text(data: bytes) -> str:
    """Decode a value. Damaged bytes that are not UTF-8 become escapes: nothing is raised, the checksum differs."""
    return data.decode(errors="backslashreplace")


def _nobody_writes(path: Path) -> bool:
    """Whether the file is on a read-only medium, or nobody has permission to write to it."""
    try:
        read_only_medium = hasattr(os, "statvfs") and bool(os.statvfs(path).f_flag & os.ST_RDONLY)
        return read_only_medium or not path.stat().st_mode & 0o222
    except OSError:
        return False
