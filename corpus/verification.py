"""Verifying an archive, row by row and page by page, and repairing what can be derived.

Printed content cannot be derived: a value or page that is damaged or lost is reported, and a copy of the archive is the
only remedy. The change log follows from articles, revisions and removals, and is rewritten from them; groups of
near-duplicates follow from the articles; rows on fetched addresses and watched files are deleted, and the inputs read
again.

Articles with revisions of several sources are split. In archives from before ids belonged to sources (`corpus.adding`),
another newspaper's article with the same id became a revision, and inherited what its copy lacked (a headline, an
author, a date, an address) from the article before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from corpus.adding import INHERITED_FIELDS, free_namesake_id, has_url_id, publisher_of, same_publisher
from corpus.archive import Archive
from corpus.article import Article
from corpus.change_log import ChangeKind, present_at
from corpus.checksums import (
    ARTICLES,
    CHANGES,
    FETCHES,
    ORIGINS,
    REMOVALS,
    REVISIONS,
    SAVED_SEARCHES,
    WATCHED,
    RowDamaged,
    fill_checksums,
    insert_row,
    is_intact,
    update_row,
)
from corpus.errors import ArchiveReadFailed, ArticleDamaged
from corpus.groups import forget_groups, group_problems
from corpus.removals import insert_removal, read_removals
from corpus.resources import resource_problems
from corpus.revisions import Revision, article_of, insert_revision, read_revisions, sighting_of, utc_text

_FINDINGS_LISTED: Final = 100  # findings of one check that are listed
_REPEATABLE: Final = (FETCHES, WATCHED)
# The digests that must be stored: of pages, and of their pictures, stylesheets and fonts.
_STORED: Final = "SELECT page FROM revisions WHERE page IS NOT NULL UNION SELECT digest FROM resources"

Progress = Callable[[int, int], None]
"""Called with (revisions and pages read, revisions and pages to read)."""

# The kinds that can be derived from articles, revisions and removals.
_DERIVED: Final = (ChangeKind.ADDED, ChangeKind.REVISED, ChangeKind.REMOVED, ChangeKind.RESTORED)

_SPLITS_LISTED: Final = 20


@dataclass(slots=True)
class ArchiveReport:
    """What was verified, and the findings: `problems` are damage, `notes` are harmless leftovers."""

    articles: int = 0
    removed: int = 0
    revisions: int = 0
    pages: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, findings: Iterator[str]) -> None:
        """Add the findings of one check: the first hundred, then the number of the others."""
        more = 0
        for number, finding in enumerate(findings):
            if number < _FINDINGS_LISTED:
                self.problems.append(finding)
            else:
                more += 1
        if more:
            self.problems.append(f"and {more:,} more of the same kind")


def verify_archive(archive: Archive, *, progress: Progress = lambda done, total: None) -> ArchiveReport:
    """Read every row and page of an archive, and verify checksums, numbers, references and the change log.

    Memory does not grow with the archive, except for the ids of its articles.
    """
    report = ArchiveReport()
    try:
        with archive.read_transaction(), archive.translated_errors():
            connection = archive.connection
            report.add(_database_problems(connection))
            report.add(_article_problems(connection))
            report.add(_number_problems(connection))
            report.add(_removal_problems(connection))
            report.add(_origin_problems(connection))
            report.add(_side_table_problems(connection))
            report.add(resource_problems(connection))
            report.add(_mixed_problems(connection))
            report.add(_change_log_problems(connection))
            report.add(group_problems(archive))
            report.articles, report.removed = connection.execute(
                "SELECT count(*) - count(removal), count(removal) FROM articles"
            ).fetchone()
            revisions, pages = connection.execute(
                f"SELECT (SELECT count(*) FROM revisions), count(*) FROM ({_STORED})"
            ).fetchone()
            total = revisions + pages
            report.add(_text_problems(connection, report, lambda: progress(report.revisions + report.pages, total)))
            report.add(_page_problems(archive, report, lambda: progress(report.revisions + report.pages, total)))
    except ArchiveReadFailed as error:
        report.problems.append(str(error))
    if unfinished := sum(1 for _ in archive.pages.unfinished()):
        report.notes.append(
            f"{unfinished:,} incomplete files in pages/, left by a command that was killed or is still running"
        )
    return report


def repair_archive(archive: Archive) -> list[str]:
    """Repair what can be derived, and describe what was done.

    Leftover temporary files are deleted, articles of several sources are split, and the change log is rewritten after
    its last number, so that its consumers process every article again. Groups are only emptied:
    `corpus.near_duplicates.group_changes` fills them.

    Raises:
        ArchiveLocked, ArchiveWriteFailed: as `Archive.batch`.
    """
    done = []
    with archive.batch(), archive.translated_errors():  # no other process is writing pages meanwhile
        removed = 0
        for path in list(archive.pages.unfinished()):
            with suppress(OSError):
                path.unlink()
                removed += 1
        if removed:
            done.append(f"removed {removed:,} incomplete files from pages/")
        if forgotten := _delete_damaged(archive.connection):
            done.append(f"deleted {forgotten:,} damaged rows of what was fetched and read, which will be read again")
        done += split_mixed_articles(archive.connection)
        if any(_change_log_problems(archive.connection)):
            done.append(f"rebuilt the change log: {_rewrite_change_log(archive.connection):,} entries")
        if any(group_problems(archive)):
            forget_groups(archive)
            done.append("cleared the near-duplicate groups, which will be rebuilt")
    return done


# Checks


def _database_problems(connection: sqlite3.Connection) -> Iterator[str]:
    for (said,) in connection.execute(f"PRAGMA integrity_check({_FINDINGS_LISTED})"):
        if said != "ok":
            yield f"articles.db: {said}"
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"articles.db: row {row} of {table} refers to no row of {parent}"


def _number_problems(connection: sqlite3.Connection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT a.id, a.revision, count(r.number), min(r.number), max(r.number)"
        " FROM articles a LEFT JOIN revisions r ON r.article = a.seq GROUP BY a.seq"
        " HAVING count(r.number) != a.revision OR min(r.number) != 1 OR max(r.number) != a.revision"
    )
    for article_id, current, count, *_ in rows:
        yield f"{article_id}: it has {count} revisions, but number {current} is recorded as the current one"


def _article_problems(connection: sqlite3.Connection) -> Iterator[str]:
    for row in connection.execute(f"SELECT {ARTICLES.selected()} FROM articles"):
        if not is_intact(row) or not _are_times(row[2]):
            yield f"{row[1]}: its row in articles is damaged"


def _removal_problems(connection: sqlite3.Connection) -> Iterator[str]:
    for article_id, *row in connection.execute(
        f"SELECT a.id, {REMOVALS.selected('x')} FROM removals x LEFT JOIN articles a ON a.seq = x.article"
    ):
        if not is_intact(row) or not _are_times(row[2], row[4] or row[2]):
            yield f"{article_id}: its removal number {row[0]} is damaged"
    rows = connection.execute(
        "SELECT id FROM articles a WHERE removal IS NOT (SELECT number FROM removals x WHERE x.article = a.seq"
        " AND x.restored_at IS NULL ORDER BY number DESC LIMIT 1)"
    )
    for (article_id,) in rows:
        yield f"{article_id}: its removals do not match its state"


def _origin_problems(connection: sqlite3.Connection) -> Iterator[str]:
    for article_id, *row in connection.execute(
        f"SELECT a.id, {ORIGINS.selected('o')} FROM origins o LEFT JOIN articles a ON a.seq = o.article"
    ):
        try:
            sighting = sighting_of(row)
            whole = sighting.first_seen <= sighting.last_seen
        except (ValueError, TypeError):
            whole = False
        if not whole:
            yield f"{article_id}: where revision {row[1]} came from is damaged"


def _side_table_problems(connection: sqlite3.Connection) -> Iterator[str]:
    for table in (*_REPEATABLE, SAVED_SEARCHES):
        for row in connection.execute(f"SELECT {table.selected()} FROM {table.name}"):
            if not is_intact(row):
                yield f"articles.db: the row of {row[0]!r} in {table.name} is damaged"


def _delete_damaged(connection: sqlite3.Connection) -> int:
    forgotten = 0
    for table in _REPEATABLE:
        rows = connection.execute(f"SELECT {table.selected()} FROM {table.name}")
        damaged = [row[: table.keys] for row in rows if not is_intact(row)]
        for key in damaged:
            forgotten += connection.execute(f"DELETE FROM {table.name} WHERE {table.has_key}", key).rowcount
    return forgotten


def _mixed_problems(connection: sqlite3.Connection) -> Iterator[str]:
    for article_id, sources in mixed_articles(connection):
        yield f"{article_id}: its revisions are of several sources ({', '.join(sources)}): a repair separates them"


def _are_times(*texts: str) -> bool:
    try:
        return all(datetime.fromisoformat(text).tzinfo for text in texts)
    except (ValueError, TypeError):
        return False


def _text_problems(connection: sqlite3.Connection, report: ArchiveReport, tick: Callable[[], None]) -> Iterator[str]:
    rows = connection.execute(
        f"SELECT a.id, {REVISIONS.selected('r')} FROM revisions r LEFT JOIN articles a ON r.article = a.seq"
    )
    for article_id, *row in rows:
        try:
            whole = article_of(article_id or "", row).content_hash() == row[3]
        except ArticleDamaged:
            whole = False
        if not whole:
            yield f"{article_id}: revision {row[1]} is damaged"
        report.revisions += 1
        tick()


def _page_problems(archive: Archive, report: ArchiveReport, tick: Callable[[], None]) -> Iterator[str]:
    """Merge the digests that revisions refer to with those of the stored pages, both in order."""
    there = archive.pages.digests()
    orphans = elsewhere = 0
    at = next(there, None)
    for digest, came_without in archive.connection.execute(
        f"SELECT page, page IN (SELECT page FROM pages_elsewhere) FROM ({_STORED}) ORDER BY page"
    ):
        while at is not None and at < digest:
            orphans += 1
            at = next(there, None)
        if at != digest and came_without:
            elsewhere += 1
        elif at != digest:
            yield f"page {digest} is missing ({_referring_articles(archive, digest)})"
        else:
            at = next(there, None)
            try:
                archive.pages.read(digest)
            except ArchiveReadFailed:
                yield f"page {digest} is damaged ({_referring_articles(archive, digest)})"
        report.pages += 1
        tick()
    if elsewhere:
        report.notes.append(f"pages that were not imported with their articles: {elsewhere:,}")
    orphans += (at is not None) + sum(1 for _ in there)
    if orphans:
        report.notes.append(f"pages without an article, left by a command that did not finish: {orphans:,}")


def _referring_articles(archive: Archive, digest: str) -> str:
    """The articles that refer to a page, or the addresses of a resource, for messages."""
    rows = archive.connection.execute(
        "SELECT DISTINCT a.id FROM articles a JOIN revisions r ON r.article = a.seq WHERE r.page = ? LIMIT 3", (digest,)
    )
    articles = ", ".join(article_id for (article_id,) in rows)
    return articles or ", ".join(
        address
        for (address,) in archive.connection.execute(
            "SELECT DISTINCT address FROM resources WHERE digest = ? LIMIT 3", (digest,)
        )
    )


# The change log


def _change_log_problems(connection: sqlite3.Connection) -> Iterator[str]:
    for row in connection.execute(f"SELECT {CHANGES.selected()} FROM changes"):
        if not is_intact(row):
            yield f"the change log's entry {row[0]:,} is damaged"
    count, first, last = connection.execute("SELECT count(*), min(number), max(number) FROM changes").fetchone()
    if count and last - first + 1 != count:
        yield f"the change log has {count:,} entries between its numbers {first:,} and {last:,}"
    known = [kind.value for kind in ChangeKind]
    marks = ",".join("?" * len(known))
    for kind, number in connection.execute(
        f"SELECT kind, count(*) FROM changes WHERE kind NOT IN ({marks}) GROUP BY kind", known
    ):
        yield f"the change log has {number:,} entries of the unknown kind {kind!r}"
    counts = ", ".join(f"count(*) FILTER (WHERE c.kind = '{kind.value}')" for kind in _DERIVED)
    rows = connection.execute(
        f"SELECT a.id, a.revision, (SELECT count(*) FROM removals x WHERE x.article = a.seq),"
        f" (SELECT count(restored_at) FROM removals x WHERE x.article = a.seq), {counts}"
        " FROM articles a LEFT JOIN changes c ON c.article = a.seq GROUP BY a.seq"
    )
    for article_id, revision, removed, restored, *there in rows:
        for kind, found, due in zip(_DERIVED, there, (1, revision - 1, removed, restored), strict=True):
            if found != due:
                yield f"{article_id}: the change log has {kind.value!r} {found} times instead of {due}"
    there_now = {row[0] for row in connection.execute("SELECT id FROM articles WHERE removal IS NULL")}
    for article_id in sorted(there_now ^ present_at(connection, last or 0)):
        yield f"{article_id}: by the change log it is {'not ' if article_id in there_now else ''}in the archive"


def _rewrite_change_log(connection: sqlite3.Connection) -> int:
    """Rewrite the log from articles, revisions and removals, article by article; returns the number of entries."""
    last_used = connection.execute("SELECT coalesce(max(number), 0) FROM changes").fetchone()[0]
    connection.execute("DELETE FROM changes")  # AUTOINCREMENT: used numbers are not used again
    entries = connection.execute(
        "INSERT INTO changes (article, kind, at) SELECT article, kind, at FROM ("
        " SELECT seq AS article, 0 AS step, 0 AS number, ? AS kind, first_seen AS at FROM articles"
        " UNION ALL SELECT article, 1, number, ?, recorded_at FROM revisions WHERE number > 1"
        " UNION ALL SELECT article, 2, 2 * number, ?, removed_at FROM removals"
        " UNION ALL SELECT article, 2, 2 * number + 1, ?, restored_at FROM removals WHERE restored_at IS NOT NULL"
        ") ORDER BY article, step, number",
        [kind.value for kind in _DERIVED],
    ).rowcount
    fill_checksums(connection, [CHANGES])
    # A subscription that had processed the whole log continues after it; one that had not processes everything again,
    # which is better than missing a change.
    last = connection.execute("SELECT coalesce(max(number), 0) FROM changes").fetchone()[0]
    for (name,) in connection.execute("SELECT name FROM saved_searches WHERE change >= ?", [last_used]).fetchall():
        with suppress(RowDamaged):
            update_row(connection, SAVED_SEARCHES, (name,), change=last)
    return entries


# Articles of several sources


@dataclass(frozen=True, slots=True)
class Part:
    """One publisher's part of an article: its revisions, and the last one without what is another publisher's."""

    revisions: tuple[Revision, ...]
    own: Article


def mixed_articles(connection: sqlite3.Connection) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The ids of articles with revisions of several sources, and these sources."""
    for _, article_id, parts in _mixed_articles(connection):
        yield article_id, tuple(publisher_of(part.own) for part in parts)


def split_mixed_articles(connection: sqlite3.Connection) -> list[str]:
    """Split each mixed article into one per source, inside a transaction, and describe what was done.

    Revisions and their origins are moved unchanged. If the last one of a part contains another publisher's values, it
    is followed by a revision without them. A removal in force applies to every part. The change log must be rewritten.
    """
    apart = []
    for seq, article_id, parts in list(_mixed_articles(connection)):
        # Revisions and origins are moved one after the other.
        connection.execute("PRAGMA defer_foreign_keys = ON")
        moved = [(_new_article(connection, seq, article_id, part), part) for part in parts[1:]]
        for number, part in [*moved, (seq, parts[0])]:
            _move_part(connection, seq, number, part)
        names = [
            connection.execute("SELECT id FROM articles WHERE seq = ?", (number,)).fetchone()[0] for number, _ in moved
        ]
        apart.append(f"{article_id} ({', '.join(names)})")
    if not apart:
        return []
    more = f" and {len(apart) - _SPLITS_LISTED:,} more" if len(apart) > _SPLITS_LISTED else ""
    articles = "1 article" if len(apart) == 1 else f"{len(apart):,} articles"
    return [f"separated {articles} of several sources: {'; '.join(apart[:_SPLITS_LISTED])}{more}"]


def split_by_publisher(revisions: Sequence[Revision]) -> list[Part]:
    """Split the revisions of an article by publisher, the first publisher first.

    A value that equals the previous revision's, if that is another publisher's, is taken to be inherited: it is
    replaced by the value that the publisher's own revisions had before, if any.
    """
    parts: list[Part] = []
    at = -1
    before: Article | None = None
    for revision in revisions:
        article = revision.article
        if before is None or (not has_url_id(article) and same_publisher(article, before) is False):
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
    names = [name for name in INHERITED_FIELDS if name != "source" and getattr(article, name) == getattr(before, name)]
    return replace(article, **{name: getattr(known, name) for name in names})


def _mixed_articles(connection: sqlite3.Connection) -> Iterator[tuple[int, str, list[Part]]]:
    rows = connection.execute(
        f"SELECT {ARTICLES.selected()} FROM articles WHERE seq IN (SELECT article FROM revisions GROUP BY article"
        " HAVING count(DISTINCT source) > 1 OR count(DISTINCT url) > 1) ORDER BY seq"
    ).fetchall()
    for row in rows:
        damages: list[ArticleDamaged] = []
        revisions = read_revisions(connection, row[1], damages.append)
        # A damaged article is left as it is: its sources may not be what they were.
        if is_intact(row) and len(revisions) == row[3] and len(parts := split_by_publisher(revisions)) > 1:
            yield row[0], row[1], parts


def _new_article(connection: sqlite3.Connection, seq: int, article_id: str, part: Part) -> int:
    """Insert the article of a part, removed like the article that it was in; returns its number."""
    given = connection.execute("SELECT given_id FROM articles WHERE seq = ?", (seq,)).fetchone()[0] or article_id
    new_id = free_namesake_id(connection, given, publisher_of(part.own))
    first_seen = utc_text(part.revisions[0].recorded_at)
    number = insert_row(connection, ARTICLES, (None, new_id, first_seen, len(part.revisions), None, given))
    for removal in read_removals(connection, article_id):
        restored = utc_text(removal.restored_at) if removal.restored_at else None
        insert_removal(connection, number, utc_text(removal.removed_at), removal.reason, restored)
    return number


def _move_part(connection: sqlite3.Connection, seq: int, number: int, part: Part) -> None:
    """Move the revisions of a part to the article with this row number, count them from 1, and correct the last one."""
    for place, revision in enumerate(part.revisions, 1):
        _move_revision(connection, (seq, revision.number), (number, place))
    last = part.revisions[-1]
    count = len(part.revisions)
    if part.own.content_hash() != last.article.content_hash():
        count += 1
        mended = replace(last, number=count, recorded_at=datetime.now(UTC), article=part.own)
        insert_revision(connection, number, mended)
    update_row(connection, ARTICLES, (number,), revision=count)


def _move_revision(connection: sqlite3.Connection, old: tuple[int, int], new: tuple[int, int]) -> None:
    if old == new:
        return
    update_row(connection, REVISIONS, old, article=new[0], number=new[1])
    keys = ", ".join(ORIGINS.columns[: ORIGINS.keys])
    for key in connection.execute(f"SELECT {keys} FROM origins WHERE article = ? AND revision = ?", old).fetchall():
        try:
            update_row(connection, ORIGINS, key, article=new[0], revision=new[1])
        except RowDamaged:  # it moves with its revision, and stays damaged
            connection.execute(f"UPDATE origins SET article = ?, revision = ? WHERE {ORIGINS.has_key}", (*new, *key))
