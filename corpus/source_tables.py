"""Tables beside the articles: what was fetched from the web, and which files of watched directories were read.

Apart from the modules that use them (`fetch/state.py`, `watched.py`), as those need the archive, which needs these.
"""

from __future__ import annotations

from typing import Final

SOURCE_TABLES: Final = """
    CREATE TABLE fetches (
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
    ) WITHOUT ROWID;
    CREATE INDEX fetches_by_host ON fetches (host) WHERE not_before IS NOT NULL;
    CREATE TABLE watched (
        path      BLOB PRIMARY KEY,         -- absolute, in the file system's own bytes, which need not be text
        size      INTEGER NOT NULL,         -- bytes
        mtime_ns  INTEGER NOT NULL,         -- when it was last changed, nanoseconds since 1970
        digest    TEXT NOT NULL,            -- SHA-256 (hex) of its bytes
        read_at   TEXT NOT NULL             -- UTC, ISO 8601
    ) WITHOUT ROWID;
"""
"""The migration that makes them."""
