"""Revisions and the places that had them, as rows of the database."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from corpus.article import Article, Origin, OriginKind, Sighting
from corpus.checksums import ORIGINS, REVISIONS, RowDamaged, insert_row, is_intact, update_row
from corpus.errors import ArticleDamaged, OriginDamaged
from corpus.urls import canonical_url, is_web_address

_COLUMNS: Final = REVISIONS.selected("r")

CURRENT: Final = f"""
    SELECT a.id, {_COLUMNS}
    FROM articles a JOIN revisions r ON r.article = a.seq AND r.number = a.revision
"""
"""SELECTs the current revision of each article: its id, and the row that `article_of` parses."""

# SQLite's default limit of variables per statement is 32,766; far fewer keeps statements small.
_IDS_A_QUERY: Final = 500
_MAX_LOGGED: Final = 1000

_log = logging.getLogger(__name__)

OnDamage = Callable[[ArticleDamaged], None]
"""Called with each damaged row that is left out."""


@dataclass(frozen=True, slots=True)
class Page:
    """The original bytes of a page, and their media type."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of an article: its number from 1, when it was recorded (UTC), and its content.

    `page` is the SHA-256 of the original bytes and `page_type` their media type, if they were stored; `sightings` are
    the places that had this revision, earliest first.
    """

    number: int
    recorded_at: datetime
    article: Article
    page: str | None = None
    page_type: str | None = None
    sightings: tuple[Sighting, ...] = ()


@lru_cache(maxsize=100)  # the articles of a batch have the same time
def utc_text(moment: datetime) -> str:
    """A time as stored: UTC, ISO 8601, whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def insert_revision(connection: sqlite3.Connection, seq: int, revision: Revision) -> None:
    """Insert a revision and its sightings for the article with this row number."""
    article = revision.article
    values = (
        seq,
        revision.number,
        utc_text(revision.recorded_at),
        article.content_hash(),
        article.title,
        article.text,
        article.url,
        article.published.isoformat() if article.published else None,
        article.source,
        article.section,
        "\n".join(article.authors),
        revision.page,
        revision.page_type,
    )
    insert_row(connection, REVISIONS, values)
    for sighting in revision.sightings:
        insert_sighting(connection, seq, revision.number, sighting)


def insert_sighting(connection: sqlite3.Connection, seq: int, number: int, sighting: Sighting) -> None:
    """Record that a place had a revision; for a known place, extend its times.

    A place whose row is damaged is left as it is, for `arshif check` to report.
    """
    origin = sighting.origin
    key = (seq, number, origin.kind.value, storable(origin.name), storable(origin.part or ""))
    first, last = utc_text(sighting.first_seen), utc_text(sighting.last_seen)
    known = connection.execute(f"SELECT first_seen, last_seen FROM origins WHERE {ORIGINS.has_key}", key).fetchone()
    if known is None:
        insert_row(connection, ORIGINS, (*key, first, last))
    elif first < known[0] or last > known[1]:
        with suppress(RowDamaged):
            update_row(connection, ORIGINS, key, first_seen=min(first, known[0]), last_seen=max(last, known[1]))


def read_current(connection: sqlite3.Connection, article_ids: Iterable[str]) -> dict[str, Article]:
    """The current revisions of the articles that exist and are neither removed nor damaged, by id."""
    ids = list(dict.fromkeys(map(storable, article_ids)))
    found: dict[str, Article] = {}
    for start in range(0, len(ids), _IDS_A_QUERY):
        part = ids[start : start + _IDS_A_QUERY]
        marks = ",".join("?" * len(part))
        rows = connection.execute(f"{CURRENT} WHERE a.removal IS NULL AND a.id IN ({marks})", part)
        found |= {article.id: article for article in articles_of(rows.fetchall())}
    return found


def articles_of(rows: Iterable[tuple[Any, ...]]) -> Iterator[Article]:
    """Parse rows of `CURRENT`; damaged ones are left out and logged."""
    for article_id, *row in rows:
        try:
            yield article_of(article_id, row)
        except ArticleDamaged as error:
            log_damage(error)


def read_revision(connection: sqlite3.Connection, seq: int, number: int) -> Article:
    """A revision of an article, removed or not, by its row number.

    Raises:
        ArticleDamaged: the row is missing or damaged.
    """
    rows = connection.execute(
        f"SELECT a.id, {_COLUMNS} FROM articles a LEFT JOIN revisions r ON r.article = a.seq AND r.number = ?"
        " WHERE a.seq = ?",
        (number, seq),
    )
    article_id, *row = rows.fetchone()
    return article_of(article_id, row)


def has_article(connection: sqlite3.Connection, article_id: str) -> bool:
    """Whether an article has this id, removed or not."""
    return bool(connection.execute("SELECT 1 FROM articles WHERE id = ?", (storable(article_id),)).fetchone())


def ids_of_url(connection: sqlite3.Connection, url: str, *, removed: bool = False) -> tuple[str, ...]:
    """The ids of the articles whose current revision has this address in any spelling, newest first.

    With `removed`, those that are removed, otherwise those that are not.
    """
    if not is_web_address(url):
        return ()
    rows = connection.execute(
        "SELECT a.id FROM revisions r JOIN articles a ON a.seq = r.article AND a.revision = r.number"
        " WHERE r.url = ? AND (a.removal IS NOT NULL) = ? ORDER BY r.recorded_at DESC, a.seq DESC",
        (storable(canonical_url(url)), removed),
    )
    return tuple(article_id for (article_id,) in rows)


def read_revisions(connection: sqlite3.Connection, article_id: str, damaged: OnDamage | None = None) -> list[Revision]:
    """Every revision of an article, oldest first; none for an unknown id.

    Damaged ones are left out and passed to `damaged`, by default a logger.
    """
    found = connection.execute("SELECT seq FROM articles WHERE id = ?", (storable(article_id),)).fetchone()
    return list(revisions_of(connection, article_id, found[0], damaged or log_damage)) if found else []


def revisions_of(connection: sqlite3.Connection, article_id: str, seq: int, damaged: OnDamage) -> Iterator[Revision]:
    """The revisions of the article with this row number, oldest first, without damaged ones."""
    sightings = _read_sightings(connection, article_id, seq, damaged)
    rows = connection.execute(
        f"SELECT {REVISIONS.selected()} FROM revisions WHERE article = ? ORDER BY number", (seq,)
    ).fetchall()
    for row in rows:
        try:
            article = article_of(article_id, row)
        except ArticleDamaged as error:
            damaged(error)
            continue
        _, number, *_, page, page_type, _ = row
        moment = datetime.fromisoformat(row[2])
        yield Revision(number, moment, article, page, page_type, tuple(sightings.get(number, ())))


def article_of(article_id: str, row: Sequence[Any]) -> Article:
    """Parse a row of `revisions`.

    Raises:
        ArticleDamaged: the row is damaged.
    """
    _, number, recorded_at, _, title, text, url, published, source, section, authors, *_ = row
    try:
        if not is_intact(row):
            raise ValueError
        return Article(
            id=article_id,
            paragraphs=tuple(text.split("\n")) if text else (),
            title=title,
            url=url,
            published=datetime.fromisoformat(published) if published else None,
            source=source,
            section=section,
            authors=tuple(authors.split("\n")) if authors else (),
            retrieved_at=datetime.fromisoformat(recorded_at),
        )
    except (ValueError, TypeError, AttributeError) as error:  # damaged before checksums were added
        raise ArticleDamaged(article_id, f"revision {number}") from error


def log_damage(error: ArticleDamaged) -> None:
    """Log a row that is left out, once per process."""
    if str(error) not in _logged:
        if len(_logged) >= _MAX_LOGGED:
            _logged.clear()
        _logged.add(str(error))
        _log.warning("%s", error)


_logged: set[str] = set()


def _read_sightings(
    connection: sqlite3.Connection, article_id: str, seq: int, damaged: OnDamage
) -> dict[int, list[Sighting]]:
    found: dict[int, list[Sighting]] = {}
    rows = connection.execute(
        f"SELECT {ORIGINS.selected()} FROM origins WHERE article = ? ORDER BY first_seen, kind, name, part", (seq,)
    ).fetchall()
    for row in rows:
        try:
            sighting = sighting_of(row)
        except ValueError:
            damaged(OriginDamaged(article_id, row[1]))
            continue
        found.setdefault(row[1], []).append(sighting)
    return found


def sighting_of(row: Sequence[Any]) -> Sighting:
    """Parse a row of `origins`.

    Raises:
        ValueError: the row is damaged.
    """
    _, _, kind, name, part, first_seen, last_seen, _ = row
    if not is_intact(row):
        raise ValueError("the checksum differs")
    times = datetime.fromisoformat(first_seen), datetime.fromisoformat(last_seen)
    return Sighting(Origin(OriginKind(kind), name, part or None), *times)


def storable(name: str) -> str:
    """A text that UTF-8 can encode: bytes of a file name or argument that are not UTF-8 become escapes."""
    return name.encode(errors="backslashreplace").decode()
