"""The tables of near-duplicates in `articles.db`, and the queries on them.

    sketches         the day and sketch of each article: what to delete when it is revised
    sketch_hashes    the same by hash and day: which articles of the same week share a hash
    near_pairs       similar articles, in both directions
    group_members    the group of each article, named by the member that was added first
    grouping         one row: the last change that was processed, and the version of the rules

All of it is derived from the articles, and can be rebuilt.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from struct import pack, unpack
from typing import Final

from corpus.change_log import ChangeKind, log_change
from corpus.near_duplicates.similarity import ENOUGH_BONDS, NEAR_DAYS, Pair, Relation

MIN_SHARED: Final = 2
"""Common hashes from which the texts of two articles are compared."""

MAX_CANDIDATES: Final = 100
"""Articles that one is compared with, besides a few copies: those that share most of its sketch."""

# Rows read per hash: of the days around an article, and of the nearest days before and after those, for half of the
# hashes only: a reprint shares most of them.
_MAX_NEAR: Final = 200
_MAX_APART: Final = 16
_HASHES_APART: Final = 8
# Articles that share the whole sketch are nearly always copies: as many of them are read as make an article a follower.
# An archive may have thousands (notices, error pages stored as articles).
_MAX_COPIES: Final = ENOUGH_BONDS
_UNDATED: Final = -1_000_000
_END_OF_TIME: Final = 1_000_000_000
_IDS_A_QUERY: Final = 500

# Each follows the order of the primary key, which makes it fast.
_NEAR: Final = f"""SELECT * FROM (SELECT article FROM sketch_hashes
    WHERE hash = ? AND day >= ? AND day <= ? LIMIT {_MAX_NEAR})"""
_BEFORE: Final = f"""SELECT * FROM (SELECT article FROM sketch_hashes
    WHERE hash = ? AND day < ? ORDER BY day DESC, article DESC LIMIT {_MAX_APART})"""
_AFTER: Final = f"""SELECT * FROM (SELECT article FROM sketch_hashes
    WHERE hash = ? AND day > ? ORDER BY day, article LIMIT {_MAX_APART})"""


class GroupTables:
    """The tables, on a connection that is in a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    # Progress

    def state(self) -> tuple[int, int]:
        """The last change that was processed, and the version of the rules."""
        mark, version = self._connection.execute("SELECT mark, version FROM grouping").fetchone()
        return mark, version

    def set_state(self, mark: int, version: int) -> None:
        """Store both."""
        self._connection.execute("UPDATE grouping SET mark = ?, version = ?", (mark, version))

    def clear(self) -> None:
        """Delete every comparison; members stay in their groups until they are grouped again."""
        for table in ("sketches", "sketch_hashes", "near_pairs"):
            self._connection.execute(f"DELETE FROM {table}")

    def changed(self, since: int, limit: int) -> tuple[list[int], int]:
        """The articles of the next changes after a number, without duplicates, and the last change's number."""
        rows = self._connection.execute(
            "SELECT number, article, kind FROM changes WHERE number > ? ORDER BY number LIMIT ?", (since, limit)
        ).fetchall()
        articles = dict.fromkeys(article for _, article, kind in rows if kind != "grouped")
        return list(articles), rows[-1][0] if rows else since

    def count_changes(self, since: int) -> int:
        """The number of changes after a number, without those of groups."""
        sql = "SELECT count(*) FROM changes WHERE number > ? AND kind <> 'grouped'"
        return int(self._connection.execute(sql, (since,)).fetchone()[0])

    def ids(self, articles: Iterable[int]) -> dict[int, str]:
        """The ids of articles, by their row numbers."""
        found: dict[int, str] = {}
        for part in _parts(list(articles)):
            marks = ",".join("?" * len(part))
            found |= self._connection.execute(f"SELECT seq, id FROM articles WHERE seq IN ({marks})", part).fetchall()
        return found

    # Sketches

    def remove(self, article: int) -> list[int]:
        """Delete an article's sketch and pairs; returns the articles that it was paired with."""
        row = self._connection.execute("SELECT day, hashes FROM sketches WHERE article = ?", (article,)).fetchone()
        if row is None:
            return []
        day, hashes = row
        self._connection.executemany(
            "DELETE FROM sketch_hashes WHERE hash = ? AND day = ? AND article = ?",
            [(value, day, article) for value in _unpacked(hashes)],
        )
        self._connection.execute("DELETE FROM sketches WHERE article = ?", (article,))
        others = [pair.other for pair in self.pairs(article)]
        self._connection.execute("DELETE FROM near_pairs WHERE article = ?", (article,))
        self._connection.executemany(
            "DELETE FROM near_pairs WHERE article = ? AND other = ?", [(other, article) for other in others]
        )
        return others

    def add_sketch(self, article: int, day: int | None, hashes: Sequence[int]) -> None:
        """Store the sketch of an article; a follower's has no hashes, so that it is no candidate for others."""
        self._connection.execute("INSERT INTO sketches VALUES (?, ?, ?)", (article, _day(day), _packed(hashes)))
        self._connection.executemany(
            "INSERT INTO sketch_hashes VALUES (?, ?, ?)", [(value, _day(day), article) for value in hashes]
        )

    def followers(self, articles: Iterable[int]) -> list[int]:
        """The articles among these that follow another one."""
        found: list[int] = []
        for part in _parts(list(articles)):
            marks = ",".join("?" * len(part))
            sql = f"SELECT article FROM sketches WHERE article IN ({marks}) AND hashes = x''"
            found += [row[0] for row in self._connection.execute(sql, part)]
        return found

    def candidates(self, article: int, day: int | None, hashes: Sequence[int]) -> list[int]:
        """The articles whose sketches share most with this one, within the days around it and the nearest others."""
        first, last = (_UNDATED, _END_OF_TIME) if day is None else (day - NEAR_DAYS, day + NEAR_DAYS)
        some = hashes[:_HASHES_APART]
        # One statement: a call per hash would cost more than the lookups.
        rows = " UNION ALL ".join([_NEAR] * len(hashes) + [_BEFORE] * len(some) + [_AFTER] * len(some))
        sql = f"SELECT article, count(*) FROM ({rows}) GROUP BY article HAVING count(*) >= {MIN_SHARED}"
        values = [bound for value in hashes for bound in (value, first, last)]
        values += [bound for edge in (first, last) for value in some for bound in (value, edge)]
        counts = {other: count for other, count in self._connection.execute(sql, values) if other != article}
        copies = sorted(other for other, count in counts.items() if count == len(hashes))
        found = sorted((-count, other) for other, count in counts.items() if count < len(hashes))
        return [*copies[:_MAX_COPIES], *(other for _, other in found[:MAX_CANDIDATES])]

    # Pairs

    def add_pairs(self, article: int, pairs: Sequence[Pair]) -> None:
        """Store the pairs of an article, in both directions."""
        rows = [(article, pair.other, pair.contained, pair.relation.value) for pair in pairs]
        rows += [(pair.other, article, pair.contained, pair.relation.reverse.value) for pair in pairs]
        self._connection.executemany("INSERT OR REPLACE INTO near_pairs VALUES (?, ?, ?, ?)", rows)

    def pairs(self, article: int) -> list[Pair]:
        """The pairs of an article."""
        sql = """SELECT other, contained, relation, day FROM near_pairs
            LEFT JOIN sketches ON sketches.article = other WHERE near_pairs.article = ?"""
        rows = self._connection.execute(sql, (article,))
        return [
            Pair(other, contained, Relation(relation), None if day == _UNDATED else day)
            for other, contained, relation, day in rows
        ]

    # Groups

    def groups(self, articles: Iterable[int]) -> dict[int, int]:
        """The groups of the articles that are in one."""
        found: dict[int, int] = {}
        for part in _parts(list(articles)):
            marks = ",".join("?" * len(part))
            sql = f"SELECT article, named_by FROM group_members WHERE article IN ({marks})"
            found |= self._connection.execute(sql, part).fetchall()
        return found

    def members(self, groups: Iterable[int]) -> list[int]:
        """The members of groups."""
        found: list[int] = []
        for part in _parts(list(groups)):
            marks = ",".join("?" * len(part))
            sql = f"SELECT article FROM group_members WHERE named_by IN ({marks}) ORDER BY article"
            found += [row[0] for row in self._connection.execute(sql, part)]
        return found

    def set_groups(self, groups: dict[int, int | None], gone: set[int]) -> None:
        """Put articles into groups, or into none, and log each change, except of articles that are gone."""
        alone = [(article,) for article, group in groups.items() if group is None]
        kept = [(article, group) for article, group in groups.items() if group is not None]
        self._connection.executemany("DELETE FROM group_members WHERE article = ?", alone)
        self._connection.executemany("INSERT OR REPLACE INTO group_members VALUES (?, ?)", kept)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for article in groups:
            if article not in gone:
                log_change(self._connection, article, ChangeKind.GROUPED, now)


def _packed(hashes: Sequence[int]) -> bytes:
    return pack(f"<{len(hashes)}i", *hashes)


def _unpacked(hashes: bytes) -> tuple[int, ...]:
    return unpack(f"<{len(hashes) // 4}i", hashes)


def _day(day: int | None) -> int:
    return _UNDATED if day is None else day


def _parts(values: list[int]) -> Iterable[list[int]]:
    return (values[start : start + _IDS_A_QUERY] for start in range(0, len(values), _IDS_A_QUERY))
