"""Taking apart what was joined wrongly: articles with revisions of several sources.

Archives made before ids belonged to sources (`publishers.py`) took another newspaper's article of
the same number for a revision, and took over what its copy left out (a headline, an author, a date, an address) from
the article before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from corpus.article import Article
from corpus.checksums import ARTICLES, ORIGINS, REVISIONS, RowDamaged, insert_row, is_whole, update_row
from corpus.errors import ArticleDamaged
from corpus.publishers import TAKEN_OVER, is_made_of_address, namesake_id, publisher_of, same_publisher
from corpus.removals import insert_removal, read_removals
from corpus.revisions import Revision, insert_revision, read_revisions, utc_text

_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Part:
    """What one publisher printed: its revisions as they were kept, and the last without what is another's."""

    revisions: tuple[Revision, ...]
    own: Article


def mixed_articles(connection: sqlite3.Connection) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The ids of articles with revisions of several sources, and who these are."""
    for _, article_id, parts in _mixed(connection):
        yield article_id, tuple(publisher_of(part.own) for part in parts)


def take_apart(connection: sqlite3.Connection) -> list[str]:
    """Makes an article of each source's revisions, inside a transaction, and says of which articles.

    The revisions and the places that held them move as they are. Where the last one says what is another's, a revision
    without that follows it. A removal in force is that of every part. The change log must be written anew.
    """
    apart = []
    for seq, article_id, parts in list(_mixed(connection)):
        # A revision and the places that held it move one after the other.
        connection.execute("PRAGMA defer_foreign_keys = ON")
        moved = [(_new_article(connection, seq, article_id, part), part) for part in parts[1:]]
        for number, part in [*moved, (seq, parts[0])]:
            _settle(connection, seq, number, part)
        names = [
            connection.execute("SELECT id FROM articles WHERE seq = ?", (number,)).fetchone()[0] for number, _ in moved
        ]
        apart.append(f"{article_id} ({', '.join(names)})")
    if not apart:
        return []
    more = f" and {len(apart) - _NAMED:,} more" if len(apart) > _NAMED else ""
    articles = "1 article" if len(apart) == 1 else f"{len(apart):,} articles"
    return [f"separated {articles} of several sources: {'; '.join(apart[:_NAMED])}{more}"]


def parted(revisions: Sequence[Revision]) -> list[Part]:
    """The revisions of an article by publisher, the first publisher's first.

    What equals the revision before, where that is another's, is taken for taken over: it is replaced by what the
    publisher's own revisions said before, if they said anything.
    """
    parts: list[Part] = []
    at = -1
    before: Article | None = None
    for revision in revisions:
        article = revision.article
        if before is None or (not is_made_of_address(article) and same_publisher(article, before) is False):
            at = next((n for n, part in enumerate(parts) if same_publisher(article, part.own)), len(parts))
        known = parts[at].own if at < len(parts) else None
        own = _own(article, before, known)
        if known is None:
            parts.append(Part((revision,), own))
        else:
            parts[at] = Part((*parts[at].revisions, revision), own)
        before = article
    return parts


def _own(article: Article, before: Article | None, known: Article | None) -> Article:
    if before is None:
        return article
    known = known or Article(id=article.id, paragraphs=())
    names = [name for name in TAKEN_OVER if name != "source" and getattr(article, name) == getattr(before, name)]
    return replace(article, **{name: getattr(known, name) for name in names})


def _mixed(connection: sqlite3.Connection) -> Iterator[tuple[int, str, list[Part]]]:
    rows = connection.execute(
        f"SELECT {ARTICLES.selected()} FROM articles WHERE seq IN (SELECT article FROM revisions GROUP BY article"
        " HAVING count(DISTINCT source) > 1 OR count(DISTINCT url) > 1) ORDER BY seq"
    ).fetchall()
    for row in rows:
        damages: list[ArticleDamaged] = []
        revisions = read_revisions(connection, row[1], damages.append)
        # What is damaged is left as it is: its sources may not be what they were.
        if is_whole(row) and len(revisions) == row[3] and len(parts := parted(revisions)) > 1:
            yield row[0], row[1], parts


def _new_article(connection: sqlite3.Connection, seq: int, article_id: str, part: Part) -> int:
    """The row of a part that moves, removed like the article that it was in; gives its number."""
    given = connection.execute("SELECT given_id FROM articles WHERE seq = ?", (seq,)).fetchone()[0] or article_id
    new_id = namesake_id(connection, given, publisher_of(part.own))
    first_seen = utc_text(part.revisions[0].recorded_at)
    number = insert_row(connection, ARTICLES, (None, new_id, first_seen, len(part.revisions), None, given))
    for removal in read_removals(connection, article_id):
        restored = utc_text(removal.restored_at) if removal.restored_at else None
        insert_removal(connection, number, utc_text(removal.removed_at), removal.reason, restored)
    return number


def _settle(connection: sqlite3.Connection, seq: int, number: int, part: Part) -> None:
    """Moves the revisions of a part to the article with a row number, counted from 1, and mends the last."""
    for place, revision in enumerate(part.revisions, 1):
        _move(connection, (seq, revision.number), (number, place))
    last = part.revisions[-1]
    count = len(part.revisions)
    if part.own.content_hash() != last.article.content_hash():
        count += 1
        mended = replace(last, number=count, recorded_at=datetime.now(UTC), article=part.own)
        insert_revision(connection, number, mended)
    update_row(connection, ARTICLES, (number,), revision=count)


def _move(connection: sqlite3.Connection, old: tuple[int, int], new: tuple[int, int]) -> None:
    if old == new:
        return
    update_row(connection, REVISIONS, old, article=new[0], number=new[1])
    keys = ", ".join(ORIGINS.columns[: ORIGINS.keys])
    for key in connection.execute(f"SELECT {keys} FROM origins WHERE article = ? AND revision = ?", old).fetchall():
        try:
            update_row(connection, ORIGINS, key, article=new[0], revision=new[1])
        except RowDamaged:  # goes with its revision, and stays damaged
            connection.execute(f"UPDATE origins SET article = ?, revision = ? WHERE {ORIGINS.is_row}", (*new, *key))
