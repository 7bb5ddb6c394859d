"""What adding an article does: it is new, unchanged, or a revision; whichever, the place that it came from is noted."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from corpus.article import Article
from corpus.change_log import ChangeKind, log_change
from corpus.checksums import ARTICLES, insert_row, update_row
from corpus.origin import Origin, Sighting
from corpus.pages import PageStore
from corpus.publishers import namesake_id, namesakes, publisher_of, which, with_taken_over
from corpus.removals import require_present, told_damage
from corpus.revisions import Page, Revision, insert_revision, insert_sighting, utc_text


class Outcome(StrEnum):
    """What adding an article did."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REVISED = "revised"


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an article: the outcome, and the id that it is kept by.

    `given` is its own id where that is another source's article's, and the article was added under one of its own.
    """

    outcome: Outcome
    article_id: str
    given: str | None = None


def add_article(
    connection: sqlite3.Connection, pages: PageStore, article: Article, page: Page | None, origin: Origin | None
) -> Kept:
    """Keeps an article inside a transaction; see `Archive.keep`.

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
    mine = which(known, article)
    given = article.id if known and mine is None else None
    if mine is None:
        if given:
            article = replace(article, id=namesake_id(connection, given, publisher_of(article)))
        values = (None, article.id, utc_text(now), 1, None, given)
        seq, number, outcome = insert_row(connection, ARTICLES, values), 1, Outcome.ADDED
    else:
        require_present(connection, mine.article.id)
        seq, number = mine.seq, mine.number
        article = replace(with_taken_over(article, mine.article), id=mine.article.id)
        if article.content_hash() == mine.article.content_hash():
            for sighting in sightings:
                insert_sighting(connection, seq, number, sighting)
            return Kept(Outcome.UNCHANGED, article.id)
        number, outcome = number + 1, Outcome.REVISED
    kept = pages.keep(page.data) if page else None
    media_type = page.media_type if page else None
    insert_revision(connection, seq, Revision(number, seen, article, kept, media_type, sightings))
    if kept:
        connection.execute("DELETE FROM pages_elsewhere WHERE page = ?", (kept,))
    if outcome is Outcome.REVISED:
        with told_damage(article.id):
            update_row(connection, ARTICLES, (seq,), revision=number)
    log_change(connection, seq, ChangeKind(outcome.value), utc_text(now))
    return Kept(outcome, article.id, given)
