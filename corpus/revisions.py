"""How revisions and the places that held them lie in the database's rows, and how they come back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from corpus.article import Article
from corpus.origin import Origin, OriginKind, Sighting
from corpus.urls import canonical_url, is_web_address

COLUMNS: Final = "r.title, r.text, r.url, r.published, r.source, r.section, r.authors, r.recorded_at"
"""What `article_of` takes after the id."""

CURRENT: Final = f"""
    SELECT a.id, {COLUMNS}
    FROM articles a JOIN revisions r ON r.article = a.seq AND r.number = a.revision
"""

# SQLite's default bound on variables in one statement is 32,766; far fewer keeps statements small.
_IDS_A_QUERY: Final = 500


@dataclass(frozen=True, slots=True)
class Page:
    """The original bytes of a page and their media type."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of an article: its number from 1, when it was recorded (UTC), what it said.

    `page` is the SHA-256 of the original bytes and `page_type` their media type, where they are kept; `sightings` are
    the places that held this revision, the earliest first.
    """

    number: int
    recorded_at: datetime
    article: Article
    page: str | None = None
    page_type: str | None = None
    sightings: tuple[Sighting, ...] = ()


@lru_cache(maxsize=100)  # the articles of a batch came at one moment
def utc_text(moment: datetime) -> str:
    """A moment as the database holds it: UTC, ISO 8601, whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def insert_revision(connection: sqlite3.Connection, seq: int | None, revision: Revision) -> None:
    """Writes a revision and its sightings for the article with this row number."""
    article = revision.article
    connection.execute(
        "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
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
        ),
    )
    for sighting in revision.sightings:
        insert_sighting(connection, seq, revision.number, sighting)


def insert_sighting(connection: sqlite3.Connection, seq: int | None, number: int, sighting: Sighting) -> None:
    """Notes that a place held a revision; a place that is known only has its times widened."""
    origin = sighting.origin
    connection.execute(
        "INSERT INTO origins VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen)",
        (
            seq,
            number,
            origin.kind.value,
            storable(origin.name),
            storable(origin.part or ""),
            utc_text(sighting.first_seen),
            utc_text(sighting.last_seen),
        ),
    )


def read_current(connection: sqlite3.Connection, article_ids: Iterable[str]) -> dict[str, Article]:
    """The current revisions of those of the articles that exist and are not removed, by id."""
    ids = list(dict.fromkeys(map(storable, article_ids)))
    found = {}
    for start in range(0, len(ids), _IDS_A_QUERY):
        part = ids[start : start + _IDS_A_QUERY]
        marks = ",".join("?" * len(part))
        rows = connection.execute(f"{CURRENT} WHERE a.removal IS NULL AND a.id IN ({marks})", part)
        for row in rows.fetchall():
            found[row[0]] = article_of(row)
    return found


def has_article(connection: sqlite3.Connection, article_id: str) -> bool:
    """Whether there is an article of this id, removed or not."""
    return bool(connection.execute("SELECT 1 FROM articles WHERE id = ?", (storable(article_id),)).fetchone())


def ids_of_url(connection: sqlite3.Connection, url: str, *, removed: bool = False) -> tuple[str, ...]:
    """The ids of the articles whose current revision has an address, in any spelling of it, the newest first.

    Those that are there, or, with `removed`, those that were removed.
    """
    if not is_web_address(url):
        return ()
    rows = connection.execute(
        "SELECT a.id FROM revisions r JOIN articles a ON a.seq = r.article AND a.revision = r.number"
        " WHERE r.url = ? AND (a.removal IS NOT NULL) = ? ORDER BY r.recorded_at DESC, a.seq DESC",
        (storable(canonical_url(url)), removed),
    )
    return tuple(article_id for (article_id,) in rows)


def read_revisions(connection: sqlite3.Connection, article_id: str) -> list[Revision]:
    """Every revision of an article, oldest first; none for an id that is not there."""
    rows = connection.execute(
        f"SELECT a.id, {COLUMNS}, r.number, r.page, r.page_type, a.seq"
        " FROM articles a JOIN revisions r ON r.article = a.seq WHERE a.id = ? ORDER BY r.number",
        (storable(article_id),),
    ).fetchall()
    return list(revisions_of(connection, rows))


def revisions_of(connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> Iterator[Revision]:
    """The revisions of rows of one article: id, `COLUMNS`, number, page, page type, row number."""
    sightings: dict[int, list[Sighting]] | None = None
    for row in rows:
        number, page, page_type, seq = row[9:13]
        if sightings is None:
            sightings = _read_sightings(connection, seq)
        yield Revision(
            number, datetime.fromisoformat(row[8]), article_of(row), page, page_type, tuple(sightings.get(number, ()))
        )


def article_of(row: tuple[Any, ...]) -> Article:
    """The article of a row that begins with its id and `COLUMNS`."""
    article_id, title, text, url, published, source, section, authors, recorded_at = row[:9]
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


def _read_sightings(connection: sqlite3.Connection, seq: int) -> dict[int, list[Sighting]]:
    found: dict[int, list[Sighting]] = {}
    rows = connection.execute(
        "SELECT revision, kind, name, part, first_seen, last_seen FROM origins WHERE article = ?"
        " ORDER BY first_seen, kind, name, part",
        (seq,),
    )
    for number, kind, name, part, first_seen, last_seen in rows:
        origin = Origin(OriginKind(kind), name, part or None)
        times = datetime.fromisoformat(first_seen), datetime.fromisoformat(last_seen)
        found.setdefault(number, []).append(Sighting(origin, *times))
    return found


def storable(name: str) -> str:
    """A text as UTF-8 can carry it: odd bytes, as of a file's name or an argument that is not UTF-8, become escapes."""
    return name.encode(errors="backslashreplace").decode()
