"""What adding an article does: it is new, unchanged, or a revision; whichever, the place that it came from is noted.

Whose article is it? An id that a file gives belongs to the source that printed the article, or to its site.

Two newspapers that number their articles from 1 on have the same ids and not one article in common. So an id that is
there is looked at together with the source, or, where that is not known, with the host of the address.
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
"""What a revision takes over from the one before where its copy leaves it out."""


class AddOutcome(StrEnum):
    """What adding an article did."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REVISED = "revised"


@dataclass(frozen=True, slots=True)
class AddResult:
    """What became of an article: the outcome, and the id that it is kept by.

    `given` is its own id where that is another source's article's, and the article was added under one of its own.
    """

    outcome: AddOutcome
    article_id: str
    given: str | None = None


def add_article(
    connection: sqlite3.Connection, pages: PageStore, article: Article, page: Page | None, origin: Origin | None
) -> AddResult:
    """Keeps an article inside a transaction; see `Archive.put`.

    Raises:
        ArticleRemoved: an article of this id was removed.
        ArticleAmbiguous: several sources' articles have this id, and nothing tells whose this one is.
        ArticleDamaged: what is kept of it is damaged.
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
        article = replace(with_inherited_fields(article, mine.article), id=mine.article.id)
        if article.content_hash() == mine.article.content_hash():
            for sighting in sightings:
                insert_sighting(connection, seq, number, sighting)
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


def same_publisher(one: Article, other: Article) -> bool | None:
    """Whether two articles of one id are one source's; None where nothing tells.

    By their sources, whatever their spelling; where one of them names none, by the hosts of their addresses, with
    `www.` or without.
    """
    if one.source and other.source:
        return _folded(one.source) == _folded(other.source)
    hosts = _host(one), _host(other)
    return hosts[0] == hosts[1] if all(hosts) else None


def publisher_of(article: Article) -> str:
    """What tells an article's publisher from others: its source, else the host of its address; empty for neither."""
    return article.source or _host(article)


def has_url_id(article: Article) -> bool:
    """Whether an article's id is made of its address: such an id is nobody else's."""
    return article.url is not None and article.id == article_id(None, article.url, "", ())


@dataclass(frozen=True, slots=True)
class Namesake:
    """An article that came with an id: its row number, the number of its current revision, and that revision."""

    seq: int
    number: int
    article: Article


def namesakes(connection: sqlite3.Connection, given: str) -> list[Namesake]:
    """The articles that came with an id, removed or not, the one that is kept by it first.

    Raises:
        ArticleDamaged: a current revision of one is not as it was written.
    """
    rows = connection.execute(
        "SELECT seq, revision FROM articles WHERE id = ?1 OR given_id = ?1 ORDER BY id <> ?1, seq", (given,)
    ).fetchall()
    return [Namesake(seq, number, read_revision(connection, seq, number)) for seq, number in rows]


def find_same_article(known: Sequence[Namesake], article: Article) -> Namesake | None:
    """Which of the articles that came with its id an article is; None where it is another one.

    An id that several sources' articles have tells nothing of a copy that names neither source nor address.

    Raises:
        ArticleAmbiguous: it is such a copy, and not what one of them says already.
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
    """A free id for an article whose id is another publisher's: `17@الغد`."""
    stem = f"{given}@{_SPACE.sub('-', publisher)}"
    free, number = stem, 1
    while connection.execute("SELECT 1 FROM articles WHERE id = ?", (free,)).fetchone():
        number += 1
        free = f"{stem}-{number}"
    return free


def with_inherited_fields(article: Article, before: Article) -> Article:
    """The article with what it leaves out taken over from the revision before."""
    return replace(article, **{name: getattr(article, name) or getattr(before, name) for name in INHERITED_FIELDS})


def _folded(source: str) -> str:
    return " ".join(fold(word) for word in source.split())


def _host(article: Article) -> str:
    return host_of(article.url).removeprefix("www.")
