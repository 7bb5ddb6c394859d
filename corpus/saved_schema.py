"""The tables of saved searches, and of accounts until they moved, as a step of the schema (`corpus.database`)."""

from __future__ import annotations

from typing import Final

SAVED_TABLES: Final = """
    CREATE TABLE saved_searches (
        name    TEXT PRIMARY KEY,
        search  TEXT NOT NULL,                     -- the query and its filters, JSON
        change  INTEGER NOT NULL,                  -- up to which number of the change log its hits were told
        at      TEXT NOT NULL                      -- when it was saved, UTC, ISO 8601
    ) WITHOUT ROWID;
    CREATE TABLE users (
        name      TEXT PRIMARY KEY,
        password  TEXT NOT NULL                    -- its hash, in the PHC string format
    ) WITHOUT ROWID;
    CREATE TABLE tokens (
        name    TEXT PRIMARY KEY,
        digest  TEXT NOT NULL UNIQUE,              -- SHA-256 of the token, hex
        at      TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""
