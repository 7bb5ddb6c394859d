"""Adding an article: it is new, unchanged, or a new revision; in each case the place that it came from is recorded.

Which article is it? An id given by a file belongs to the source that printed the article, or to its site: two
newspapers that number their articles from 1 have the same ids and no article in common. So an id that is in the archive
is compared together with the source, or, if that is unknown, with the host of the address. Articles of different
sources that came with one id are *namesakes*.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from corpus.article import Article, Origin, Sighting, article_id
from corpus.change_log import ChangeKind, log_change
from corpus.checksums import ARTICLES, insert_row, update_row
from corpus.errors import ArticleAmbiguous
from corpus.letters import fold
from corpus.pages import PageStore
from corpus.removals import require_present, translated_damage
from corpus.revisions import Page, Revision, insert_revision, insert_sighting, read_revision, utc_text
from corpus.urls import host_of

_SPACE: Final = re.compile(r"\s+")
INHERITED_FIELDS: Final = ("title", "url", "published", "source", "section", "authors")
"""Fields that a revision inherits from the one before if its copy lacks them."""


class AddOutcome(StrEnum):
    """The outcome of adding an article."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REVISED = "revised"


@dataclass(frozen=True, slots=True)
class AddResult:
    """The outcome of adding an article, and the id under which it is stored.

    `given` is the id that it came with, if that belongs to another source's article.
    """

    outcome: AddOutcome
    article_id: str
    given: str | None = None


def add_article(
    connection: sqlite3.Connection, pages: PageStore, article: Article, page: Page | None, origin: Origin | None
) -> AddResult:
    """Store an article inside a transaction; see `Archive.put`.

    Raises:
        ArticleRemoved: the article of this id was removed.
        ArticleAmbiguous: articles of several sources have this id, and the copy does not tell which it is.
        ArticleDamaged: the stored article is damaged.
        ArchiveWriteFailed: its page could not be written.
    """
    now = datetime.now(UTC)
    seen = article.retrieved_at or now
    sightings = (Sighting(origin, seen, seen),) if origin else ()
    known = namesakes(connection, article.id)
    mine = find_same_article(known, article)
    given = article.id if known and mine is None else None
    if mine is None:
        if given:
            article = replace(article, id=free_namesake_id(connection, given, publisher_of(article)))
        values = (None, article.id, utc_text(now), 1, None, given)
        seq, number, outcome = insert_row(connection, ARTICLES, values), 1, AddOutcome.ADDED
    else:
        require_present(connection, mine.article.id)
        seq, number = mine.seq, mine.number
        printed = article
        article = replace(with_inherited_fields(article, mine.article), id=mine.article.id)
        if article.content_hash() == mine.article.content_hash():
            same: int | None = number
        else:
            same = _earlier_revision(connection, mine, printed, article)
        if same:
            for sighting in sightings:
                insert_sighting(connection, seq, same, sighting)
            return AddResult(AddOutcome.UNCHANGED, article.id)
        number, outcome = number + 1, AddOutcome.REVISED
    kept = pages.store(page.data) if page else None
    media_type = page.media_type if page else None
    insert_revision(connection, seq, Revision(number, seen, article, kept, media_type, sightings))
    if kept:
        connection.execute("DELETE FROM pages_elsewhere WHERE page = ?", (kept,))
    if outcome is AddOutcome.REVISED:
        with translated_damage(article.id):
            update_row(connection, ARTICLES, (seq,), revision=number)
    log_change(connection, seq, ChangeKind(outcome.value), utc_text(now))
    return AddResult(outcome, article.id, given)


def _earlier_revision(connection: sqlite3.Connection, mine: Namesake, *copies: Article) -> int | None:
    """The earlier revision that equals a copy from before the current one: a capture that was added before.

    Otherwise two captures of a page that changed would each time become new revisions.
    """
    taken, current = copies[0].retrieved_at, mine.article.retrieved_at
    if mine.number == 1 or not taken or not current or utc_text(taken) >= utc_text(current):
        return None
    hashes = [copy.content_hash() for copy in copies]
    found: tuple[int | None] = connection.execute(
        "SELECT max(number) FROM revisions WHERE article = ? AND content_hash IN (?, ?)", (mine.seq, *hashes)
    ).fetchone()
    return found[0]


def same_publisher(one: Article, other: Article) -> bool | None:
    """Whether two articles with one id are of one source; None if that is unknown.

    Sources are compared in any spelling; if one article names none, the hosts of the addresses, with or without `www.`.
    """
    if one.source and other.source:
        return _folded(one.source) == _folded(other.source)
    hosts = _host(one), _host(other)
    return hosts[0] == hosts[1] if all(hosts) else None


def publisher_of(article: Article) -> str:
    """What identifies an article's publisher: its source, or the host of its address; empty if it has neither."""
    return article.source or _host(article)


def has_url_id(article: Article) -> bool:
    """Whether an article's id is derived from its address: no other article can have such an id."""
    return article.url is not None and article.id == article_id(None, article.url, "", ())


@dataclass(frozen=True, slots=True)
class Namesake:
    """An article that came with an id: its row number, and its current revision with its number."""

    seq: int
    number: int
    article: Article


def namesakes(connection: sqlite3.Connection, given: str) -> list[Namesake]:
    """The articles that came with an id, removed or not; the one stored under it first.

    Raises:
        ArticleDamaged: a current revision of one is damaged.
    """
    rows = connection.execute(
        "SELECT seq, revision FROM articles WHERE id = ?1 OR given_id = ?1 ORDER BY id <> ?1, seq", (given,)
    ).fetchall()
    return [Namesake(seq, number, read_revision(connection, seq, number)) for seq, number in rows]


def find_same_article(known: Sequence[Namesake], article: Article) -> Namesake | None:
    """Which of the articles that came with the same id an article is; None if it is another one.

    An id of several sources' articles does not identify a copy that has neither source nor address.

    Raises:
        ArticleAmbiguous: it is such a copy, and its content equals none of theirs.
    """
    if not known:
        return None
    if has_url_id(article):
        return known[0]
    verdicts = [same_publisher(article, one.article) for one in known]
    if True in verdicts:
        return known[verdicts.index(True)]
    if len(known) == 1:
        return known[0] if verdicts[0] is None else None
    if publisher_of(article):
        return None
    for one in known:
        if with_inherited_fields(article, one.article).content_hash() == one.article.content_hash():
            return one
    raise ArticleAmbiguous(article.id, tuple(one.article.id for one in known))


def free_namesake_id(connection: sqlite3.Connection, given: str, publisher: str) -> str:
    """A free id for an article whose id belongs to another publisher's: `17@الغد`."""
    stem = f"{given}@{_SPACE.sub('-', publisher)}"
    free, number = stem, 1
    while connection.execute("SELECT 1 FROM articles WHERE id = ?", (free,)).fetchone():
        number += 1
        free = f"{stem}-{number}"
    return free


def with_inherited_fields(article: Article, before: Article) -> Article:
    """The article with the fields that it lacks inherited from the revision before."""
    return replace(article, **{name: getattr(article, name) or getattr(before, name) for name in INHERITED_FIELDS})


def _folded(source: str) -> str:
    return " ".join(fold(word) for word in source.split())


def _host(article: Article) -> str:
    return host_of(article.url).removeprefix("www.")
