"""The definition of the tables of near-duplicates, as a step of the archive's schema (`corpus.database`)."""

from __future__ import annotations

from typing import Final

GROUPING_TABLES: Final = """
    CREATE TABLE sketches (
        article  INTEGER PRIMARY KEY REFERENCES articles (seq),
        day      INTEGER NOT NULL,                 -- ordinal of the printed day, or -1000000
        hashes   BLOB NOT NULL                     -- signed 32-bit numbers, little-endian
    );
    CREATE TABLE sketch_hashes (
        hash     INTEGER NOT NULL,
        day      INTEGER NOT NULL,
        article  INTEGER NOT NULL,
        PRIMARY KEY (hash, day, article)
    ) WITHOUT ROWID;
    CREATE TABLE near_pairs (
        article    INTEGER NOT NULL,
        other      INTEGER NOT NULL,
        contained  INTEGER NOT NULL,               -- of the shorter in the longer, in thousandths
        relation   INTEGER NOT NULL,               -- corpus.grouping.likeness.Relation
        PRIMARY KEY (article, other)
    ) WITHOUT ROWID;
    CREATE TABLE group_members (
        article   INTEGER PRIMARY KEY REFERENCES articles (seq),
        named_by  INTEGER NOT NULL                 -- the member that came first
    );
    CREATE INDEX group_members_by_group ON group_members (named_by);
    CREATE TABLE grouping (mark INTEGER NOT NULL, version INTEGER NOT NULL);
    INSERT INTO grouping VALUES (0, 0);
"""
