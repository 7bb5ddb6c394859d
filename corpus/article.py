"""What an article is, how its id is derived, and where a copy of it came from."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from corpus.urls import canonical_url

# Hex digits of a SHA-256: 80 bits, so that the odds of a collision among a billion articles are below one in a million.
_ID_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Article:
    """A news article as it was printed; the text is never folded or corrected.

    `published` is aware and keeps the printed UTC offset, so that `published.date()` is the day that readers saw; a
    date without a time is midnight UTC. `retrieved_at` is when the copy was taken from its site (saved pages, crawls),
    or otherwise when Arshif received it, in UTC.
    """

    id: str
    paragraphs: tuple[str, ...]
    title: str = ""
    url: str | None = None
    published: datetime | None = None
    source: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    retrieved_at: datetime | None = None

    @property
    def text(self) -> str:
        """The body, one paragraph per line."""
        return "\n".join(self.paragraphs)

    def content_hash(self) -> str:
        """SHA-256 (hex) of everything printed: articles with equal hashes are unchanged."""
        printed = [
            self.title,
            list(self.paragraphs),
            self.url,
            self.published.isoformat() if self.published else None,
            self.source,
            self.section,
            list(self.authors),
        ]
        return hashlib.sha256(json.dumps(printed, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def make_article(
    *,
    paragraphs: tuple[str, ...] | list[str],
    title: str | None = None,
    id: str | None = None,
    url: str | None = None,
    published: datetime | None = None,
    source: str | None = None,
    section: str | None = None,
    authors: tuple[str, ...] | list[str] = (),
    retrieved_at: datetime | None = None,
) -> Article:
    """Build an article from what a reader found: strip text, drop empty fields, derive the id.

    Raises:
        ValueError: there is neither a title nor a paragraph.
    """
    kept = tuple(p for p in (_printable(p) for p in paragraphs) if p)
    clean_title = single_line(title)
    if not kept and not clean_title:
        raise ValueError("no text in it")
    if published is not None and published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    canonical = canonical_url(url) if url and url.strip() else None
    return Article(
        id=article_id(id, canonical, clean_title, kept),
        paragraphs=kept,
        title=clean_title,
        url=canonical,
        published=published,
        source=single_line(source) or None,
        section=single_line(section) or None,
        authors=tuple(dict.fromkeys(name for name in map(single_line, authors) if name)),
        retrieved_at=retrieved_at,
    )


def article_id(given: str | None, url: str | None, title: str, paragraphs: tuple[str, ...]) -> str:
    """The stable id: the given one, or derived from the canonical URL, or otherwise from the text.

    Ids from URLs start with `u-`, ids from texts with `t-`, so that they rarely collide with given ids.
    """
    if given and (clean := single_line(given)):
        return clean
    if url:
        return "u-" + _digest(url)
    return "t-" + _digest("\n".join((title, *paragraphs)))


def day_start(day: date) -> datetime:
    """The aware datetime that represents a day printed without a time: midnight UTC."""
    return datetime.combine(day, time(), UTC)


def has_hour(published: datetime) -> bool:
    """Whether a publication time has an hour: exactly midnight is how programs write a day without one."""
    return published.time() != time()


def printed_date(published: datetime | None) -> str | None:
    """A publication date in ISO 8601: a date if no time was printed, otherwise a timestamp."""
    if published is None:
        return None
    if published.timetz() == time(tzinfo=UTC):
        return published.date().isoformat()
    return published.isoformat()


def printed_fields(article: Article) -> dict[str, Any]:
    """What was printed, in the format of JSON Lines: everything but the id."""
    return {
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "date": printed_date(article.published),
        "source": article.source,
        "section": article.section,
        "author": list(article.authors),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_DIGITS]


def _printable(text: str) -> str:
    """Strip, and drop lone surrogates and control characters, which neither SQLite nor HTML can contain."""
    if text.isprintable():
        return text.strip()
    kept = (" " if c in "\t\r\n\x0b\x0c\x85\u2028\u2029" else c for c in text)
    return "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cs")).strip()


def single_line(text: str | None) -> str:
    """The text as one line of characters that can be stored and printed; empty for None."""
    return " ".join(_printable(text).split()) if text else ""


class OriginKind(StrEnum):
    """The kind of place that a copy came from."""

    FILE = "file"
    STDIN = "stdin"
    WARC = "warc"
    FEED = "feed"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a copy of an article came from, for citations."""

    kind: OriginKind
    name: str  # path or URL
    part: str | None = None  # line, row, member or record within it

    def __str__(self) -> str:
        return f"{self.name}, {self.part}" if self.part else self.name


@dataclass(frozen=True, slots=True)
class FieldOrigins:
    """The feature of an input that each field of its article was taken from, in words; None if it was not found.

    `form` is the kind of input, if it was recognized by its content.
    """

    title: str | None = None
    published: str | None = None
    authors: str | None = None
    source: str | None = None
    section: str | None = None
    url: str | None = None
    body: str | None = None
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place that had a revision, and the first and last time (UTC) that a copy came from there."""

    origin: Origin
    first_seen: datetime
    last_seen: datetime
