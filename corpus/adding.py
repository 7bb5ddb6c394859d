"""What adding an article does: it is new, unchanged, or a revision; whichever, the place that it came from is noted."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum

from corpus.article import Article
from corpus.change_log import ChangeKind, log_change
from corpus.origin import Origin, Sighting
from corpus.pages import PageStore
from corpus.removals import require_present
from corpus.revisions import Page, Revision, insert_revision, insert_sighting, read_current, utc_text


class Outcome(StrEnum):
    """What adding an article did."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REVISED = "revised"


def add_article(
    connection: sqlite3.Connection, pages: PageStore, article: Article, page: Page | None, origin: Origin | None
) -> Outcome:
    """Keeps an article inside a transaction; see `Archive.add`.

    Raises:
        ArticleRemoved: an article of this id was removed.
        ArchiveWriteFailed: its page could not be written.
    """
    now = datetime.now(UTC)
    seen = article.retrieved_at or now
    sightings = (Sighting(origin, seen, seen),) if origin else ()
    row = connection.execute("SELECT seq, revision FROM articles WHERE id = ?", (article.id,)).fetchone()
    if row is None:
        seq, number, outcome = _new_row(connection, article.id, now), 1, Outcome.ADDED
    else:
        seq, number = row
        require_present(connection, article.id)
        current = read_current(connection, [article.id])[article.id]
        article = _merged(article, current)
        if article.content_hash() == current.content_hash():
            for sighting in sightings:
                insert_sighting(connection, seq, number, sighting)
            return Outcome.UNCHANGED
        number, outcome = number + 1, Outcome.REVISED
    kept = pages.keep(page.data) if page else None
    media_type = page.media_type if page else None
    insert_revision(connection, seq, Revision(number, seen, article, kept, media_type, sightings))
    if outcome is Outcome.REVISED:
        connection.execute("UPDATE articles SET revision = ? WHERE seq = ?", (number, seq))
    log_change(connection, seq, ChangeKind(outcome.value), utc_text(now))
    return outcome


def _new_row(connection: sqlite3.Connection, article_id: str, now: datetime) -> int:
    statement = "INSERT INTO articles (id, first_seen, revision) VALUES (?, ?, 1)"
    seq = connection.execute(statement, (article_id, utc_text(now))).lastrowid
    return seq or 0


def _merged(article: Article, before: Article) -> Article:
    """The article with what it leaves out taken over from the revision before."""
    return replace(
        article,
        title=article.title or before.title,
        url=article.url or before.url,
        published=article.published or before.published,
        source=article.source or before.source,
        section=article.section or before.section,
        authors=article.authors or before.authors,
    )
