"""The archive: every article, every revision of it, the original pages, and the change log.

This is the public interface. Its parts are in modules of their own: `adding.py`, `revisions.py`, `removals.py`,
`change_log.py`; the schema is in `database.py`, the pages are in `pages.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from corpus.adding import AddOutcome, AddResult, add_article
from corpus.article import Article, Origin
from corpus.change_log import (
    Change,
    ChangeKind,
    Subscription,
    add_subscription,
    advance_subscription,
    changed_between,
    count_changed,
    delete_subscription,
    present_at,
    read_changes,
    read_subscriptions,
)
from corpus.database import HOLDER_FILE, create_database, database_error, open_database
from corpus.errors import (
    ArchiveExists,
    ArchiveNotFound,
    ArchiveWriteFailed,
    ArticleDamaged,
    ArticleNotFound,
    NotAnArchive,
)
from corpus.lock_holder import record_holder
from corpus.pages import PageStore
from corpus.removals import Removal, read_removals, remove_article, require_present, restore_article
from corpus.revisions import (
    CURRENT,
    Page,
    Revision,
    articles_of,
    has_article,
    ids_of_url,
    read_current,
    read_revisions,
    storable,
)
from corpus.settings import SETTINGS_FILE, Settings, read_settings, write_settings
from corpus.source_names import SourceNames

DATABASE_FILE: Final = "articles.db"
_PAGES: Final = "pages"
_INDEX: Final = "index"
_IDS_AT_ONCE: Final = 10_000
_IDS_A_QUERY: Final = 500

_CURRENT = "FROM articles a JOIN revisions r ON r.article = a.seq AND r.number = a.revision AND a.removal IS NULL"


@dataclass(frozen=True, slots=True)
class ArchiveCounts:
    """What the archive contains. Removed articles are counted in `removed` and `revisions` only.

    `first_day` and `last_day` are the first and last publication day, `last_added` is when the newest article was
    added.
    """

    articles: int
    revisions: int
    changes: int
    removed: int
    sources: tuple[tuple[str, int], ...]
    sections: tuple[tuple[str, int], ...]
    first_day: str | None
    last_day: str | None
    last_added: datetime | None
    added_last_day: int
    added_last_week: int


class Archive:
    """An open archive. A context manager; reading is safe from several threads.

    Writing happens in `batch()`. SQLite lets one process write at a time; others wait up to ten seconds, and then raise
    an error that names the process that is writing.
    """

    def __init__(self, directory: Path, settings: Settings, connection: sqlite3.Connection) -> None:
        self.directory = directory
        self.settings = settings
        self.source_names = SourceNames(settings.sources)
        self.pages = PageStore(directory / _PAGES)
        self.connection = connection
        """The database connection; for the modules of this package."""

    @classmethod
    def create(cls, directory: Path, *, name: str | None = None) -> Archive:
        """Create an archive in a directory that does not exist or is empty, and open it.

        Raises:
            ArchiveExists: the directory is not empty.
            ArchiveWriteFailed: it cannot be written.
        """
        try:
            if (directory / SETTINGS_FILE).exists():
                raise ArchiveExists(directory, "it already is an archive")
            if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
                raise ArchiveExists(directory, "it exists and is not an empty directory")
            directory.mkdir(parents=True, exist_ok=True)
            create_database(directory / DATABASE_FILE)
            (directory / _PAGES).mkdir()
            # Last, since it makes the directory an archive.
            write_settings(directory, Settings(name=name) if name else Settings())
        except OSError as error:
            raise ArchiveWriteFailed(directory, error.strerror or str(error)) from error
        return cls.open(directory)

    @classmethod
    def open(cls, directory: Path) -> Archive:
        """Open the archive in a directory.

        Raises:
            ArchiveNotFound: there is no such directory.
            NotAnArchive: it is not an archive.
            SettingsInvalid: its `arshif.toml` cannot be read.
            ArchiveVersionMismatch: a newer Arshif wrote it.
        """
        if not directory.exists():
            raise ArchiveNotFound(directory)
        if not directory.is_dir():
            raise NotAnArchive(directory, "it is not a directory")
        settings = read_settings(directory)
        return cls(directory, settings, open_database(directory / DATABASE_FILE))

    @property
    def database_file(self) -> Path:
        """The path of the database."""
        return self.directory / DATABASE_FILE

    @property
    def index_directory(self) -> Path:
        """The directory of the index."""
        return self.directory / _INDEX

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Writing

    @contextmanager
    def batch(self) -> Iterator[None]:
        """One transaction: everything written inside is committed together, or, if it raises, rolled back.

        Raises:
            ArchiveLocked: another process was writing until the timeout.
            ArchiveWriteFailed: it could not be written; the archive is unchanged.
        """
        with self.translated_errors():
            self.connection.execute("BEGIN IMMEDIATE")
        with record_holder(self.directory / HOLDER_FILE):
            try:
                yield
                self.pages.sync()  # durable before the articles that refer to them
            except BaseException:
                if self.connection.in_transaction:  # if the disk is full, SQLite rolls back by itself
                    self.connection.execute("ROLLBACK")
                raise
            with self.translated_errors():
                try:
                    self.connection.execute("COMMIT")
                except sqlite3.Error:
                    if self.connection.in_transaction:
                        self.connection.execute("ROLLBACK")
                    raise

    def add(self, article: Article, page: Page | None = None, origin: Origin | None = None) -> AddOutcome:
        """Store an article as `put` does, and return only the outcome."""
        return self.put(article, page, origin).outcome

    def put(self, article: Article, page: Page | None = None, origin: Origin | None = None) -> AddResult:
        """Store an article as a new one, or as a new revision; outside a `batch` it is a transaction of its own.

        An article whose printed content equals its current revision is unchanged, as is one that was captured before it
        and equals an earlier one; otherwise it becomes a new revision,
        which inherits fields that the new copy lacks (a source, a date …) from the one before. In each case `origin` is
        recorded as a place that had the revision. An article whose id belongs to another source's article
        (`corpus.adding`) is added as an article of its own, under an id made of both.

        Raises:
            ArticleRemoved: the article of this id was removed; adding does not restore it.
            ArticleAmbiguous: articles of several sources have this id, and the copy does not tell which it is.
            ArticleDamaged: the stored article is damaged.
            ArchiveWriteFailed: it could not be written; the archive is unchanged.
        """
        if not self.connection.in_transaction:
            with self.batch():
                return self.put(article, page, origin)
        with self.translated_errors():
            return add_article(self.connection, self.pages, article, page, origin)

    def remove(self, article_id: str, reason: str = "") -> bool:
        """Hide an article from search, display and counts; its revisions stay. False if it was removed before.

        Raises:
            ArticleNotFound: no article has this id.
            ArticleDamaged, ArchiveWriteFailed: as `put`.
        """
        if not self.connection.in_transaction:
            with self.batch():
                return self.remove(article_id, reason)
        with self.translated_errors():
            return remove_article(self.connection, article_id, reason)

    def restore(self, article_id: str) -> bool:
        """Undo the removal of an article. False if it was not removed.

        Raises:
            ArticleNotFound: no article has this id.
            ArticleDamaged, ArchiveWriteFailed: as `put`.
        """
        if not self.connection.in_transaction:
            with self.batch():
                return self.restore(article_id)
        with self.translated_errors():
            return restore_article(self.connection, article_id)

    # Reading

    @contextmanager
    def read_transaction(self) -> Iterator[None]:
        """Read from one snapshot, regardless of what other processes write. Not for an archive shared by threads."""
        with self.translated_errors():
            self.connection.execute("BEGIN")
        try:
            yield
        finally:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def get(self, article_id: str) -> Article:
        """The current revision of an article.

        Raises:
            ArticleNotFound: no article has this id.
            ArticleRemoved: it was removed.
            ArticleDamaged: it is damaged.
        """
        found = self.get_many([article_id])
        if not found:
            with self.translated_errors():
                require_present(self.connection, article_id)
            raise ArticleDamaged(article_id, "the current revision")
        return next(iter(found.values()))

    def find(self, reference: str) -> Article:
        """The article with an id, or otherwise with an address in any spelling (`corpus.urls`).

        Raises:
            ArticleNotFound: no article has it.
            ArticleRemoved: it was removed.
            ArticleDamaged: it is damaged.
        """
        return self.get(self.id_of(reference))

    def id_of(self, reference: str) -> str:
        """The id of an article, removed or not, by its id or address; articles that are not removed come first.

        Raises:
            ArticleNotFound: no article has it.
        """
        with self.translated_errors():
            if has_article(self.connection, reference):
                return reference
            ids = ids_of_url(self.connection, reference) or ids_of_url(self.connection, reference, removed=True)
        if not ids:
            raise ArticleNotFound(reference)
        return ids[0]

    def ids_of_url(self, url: str) -> tuple[str, ...]:
        """The ids of the articles whose current revision has this address in any spelling, newest first."""
        with self.translated_errors():
            return ids_of_url(self.connection, url)

    def namesakes(self, article_id: str) -> tuple[str, ...]:
        """The ids of other sources' articles that came with the same id as this one."""
        rows = self.run_sql(
            "WITH given (id) AS (SELECT coalesce(given_id, id) FROM articles WHERE id = ?1)"
            " SELECT a.id FROM articles a, given WHERE (a.id = given.id OR a.given_id = given.id)"
            " AND a.id <> ?1 AND a.removal IS NULL ORDER BY a.seq",
            (storable(article_id),),
        )
        return tuple(row[0] for row in rows)

    def get_many(self, article_ids: Iterable[str]) -> dict[str, Article]:
        """The current revisions of the articles that exist and are not removed, by id.

        Damaged ones are left out and logged.
        """
        with self.translated_errors():
            return read_current(self.connection, article_ids)

    def numbers(self, article_ids: Iterable[str]) -> dict[str, int]:
        """The numbers of the articles that exist, by id: the order in which they were added, which never changes."""
        ids = list(map(storable, article_ids))
        found: dict[str, int] = {}
        for start in range(0, len(ids), _IDS_A_QUERY):
            part = ids[start : start + _IDS_A_QUERY]
            found |= self.run_sql(f"SELECT id, seq FROM articles WHERE id IN ({','.join('?' * len(part))})", part)
        return found

    def ids_of_numbers(self, numbers: Iterable[int]) -> dict[int, str]:
        """The ids of the articles with these numbers, by number; those of articles that were removed too."""
        wanted = list(numbers)
        found: dict[int, str] = {}
        for start in range(0, len(wanted), _IDS_A_QUERY):
            part = wanted[start : start + _IDS_A_QUERY]
            found |= self.run_sql(f"SELECT seq, id FROM articles WHERE seq IN ({','.join('?' * len(part))})", part)
        return found

    def articles(self) -> Iterator[Article]:
        """All articles that are not removed, in the order they were added, from one snapshot.

        Damaged ones are left out and logged.
        """
        with self.translated_errors():
            yield from articles_of(self.connection.execute(f"{CURRENT} WHERE a.removal IS NULL ORDER BY a.seq"))

    def ids(self) -> Iterator[str]:
        """The ids of all articles that are not removed, in the order they were added.

        They are read in parts, so that a caller who takes hours over them holds no read transaction: articles that are
        added meanwhile are included, articles that are removed meanwhile may be.
        """
        seq = 0
        sql = "SELECT seq, id FROM articles WHERE removal IS NULL AND seq > ? ORDER BY seq LIMIT ?"
        while rows := self.run_sql(sql, (seq, _IDS_AT_ONCE)):
            yield from (article_id for _, article_id in rows)
            seq = rows[-1][0]

    def revisions(self, article_id: str) -> list[Revision]:
        """Every revision of an article, removed or not, oldest first; damaged ones are left out and logged.

        Raises:
            ArticleNotFound: no article has this id.
            ArticleDamaged: all of them are damaged.
        """
        with self.translated_errors():
            found = read_revisions(self.connection, article_id)
            if not found and has_article(self.connection, article_id):
                raise ArticleDamaged(article_id, "every revision")
        if not found:
            raise ArticleNotFound(article_id)
        return found

    def whole_history(self, article_id: str) -> list[Revision]:
        """Every revision of an article that is not removed, oldest first, with all its origins; none is left out.

        Raises:
            ArticleNotFound, ArticleRemoved: as `get`.
            ArticleDamaged: a revision or an origin is damaged or missing.
        """
        damages: list[ArticleDamaged] = []
        with self.translated_errors():
            require_present(self.connection, article_id)
            found = read_revisions(self.connection, article_id, damages.append)
            rows = self.connection.execute("SELECT revision FROM articles WHERE id = ?", (storable(article_id),))
            current = int(rows.fetchone()[0])
        if damages:
            raise damages[0]
        if [revision.number for revision in found] != list(range(1, current + 1)):
            raise ArticleDamaged(article_id, "its history")
        return found

    def removals(self, article_id: str) -> list[Removal]:
        """Every removal of an article, oldest first; the last is in force unless it was undone."""
        with self.translated_errors():
            return read_removals(self.connection, article_id)

    def changes(self, since: int = 0, most: int | None = None) -> list[Change]:
        """The entries of the change log after number `since`, in order, at most `most` of them."""
        with self.translated_errors():
            return read_changes(self.connection, since, most)

    def changed_count(self, since: int) -> int:
        """The number of articles with entries in the change log after number `since`."""
        with self.translated_errors():
            return count_changed(self.connection, since)

    def changed_between(self, after: int, until: int) -> dict[str, ChangeKind]:
        """The ids of the articles added or revised after one change and up to another, each with which of the two."""
        with self.translated_errors():
            return changed_between(self.connection, after, until)

    def ids_until(self, change: int) -> set[str]:
        """The ids of the articles that were in the archive, and not removed, at a change."""
        with self.translated_errors():
            return present_at(self.connection, change)

    def last_change(self) -> int:
        """The number of the last change; 0 for an empty archive."""
        with self.translated_errors():
            return int(self.connection.execute("SELECT coalesce(max(number), 0) FROM changes").fetchone()[0])

    # Subscriptions to the change log

    def subscribe(self, name: str, text: str, change: int) -> bool:
        """Store a subscription that has processed the log up to a change; False if the name is taken."""
        with self.translated_errors():
            return add_subscription(self.connection, name, text, change)

    def subscriptions(self) -> list[Subscription]:
        """All subscriptions, by name, except damaged ones."""
        with self.translated_errors():
            return read_subscriptions(self.connection)

    def unsubscribe(self, name: str) -> bool:
        """Delete a subscription; False if there is none of this name."""
        with self.translated_errors():
            return delete_subscription(self.connection, name)

    def advance(self, name: str, change: int) -> None:
        """Record that a subscription has processed the log up to a change; it never goes back."""
        with self.translated_errors():
            advance_subscription(self.connection, name, change)

    # Counts, and SQL

    def article_count(self) -> int:
        """The number of articles that are not removed; fast, whereas `counts` reads the whole archive."""
        # Counting rows WHERE removal IS NULL would read every row; removals are few.
        sql = "SELECT (SELECT count(*) FROM articles) - (SELECT count(*) FROM removals WHERE restored_at IS NULL)"
        return int(self.run_sql(sql)[0][0])

    def counts(self) -> ArchiveCounts:
        """What the archive contains, for display."""
        with self.translated_errors():
            return count_archive(self.connection)

    def run_sql(self, sql: str, values: Iterable[object] = ()) -> list[Any]:
        """Run a statement on a table of another module of this package; returns the rows.

        Outside a `batch` it is a transaction of its own.
        """
        with self.translated_errors():
            return self.connection.execute(sql, tuple(values)).fetchall()

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Raise SQLite's errors as the project's; for the modules of this package."""
        try:
            yield
        except sqlite3.Error as error:
            raise database_error(self.directory, error) from error


def count_archive(connection: sqlite3.Connection) -> ArchiveCounts:
    """Count an archive; reads all its rows."""
    now = datetime.now(UTC)
    day, week = ((now - timedelta(days=days)).isoformat(timespec="seconds") for days in (1, 7))
    articles, removed, last_added, last_day_count, last_week_count = connection.execute(
        "SELECT count(*) - count(removal), count(removal), max(first_seen),"
        " count(*) FILTER (WHERE first_seen >= ?), count(*) FILTER (WHERE first_seen >= ?) FROM articles",
        (day, week),
    ).fetchone()
    revisions, changes = connection.execute(
        "SELECT (SELECT count(*) FROM revisions), (SELECT count(*) FROM changes)"
    ).fetchone()
    first, last = connection.execute(
        f"SELECT min(substr(published, 1, 10)), max(substr(published, 1, 10)) {_CURRENT}"
    ).fetchone()
    return ArchiveCounts(
        articles=articles,
        revisions=revisions,
        changes=changes,
        removed=removed,
        sources=_by(connection, "source"),
        sections=_by(connection, "section"),
        first_day=first,
        last_day=last,
        last_added=_moment(last_added),
        added_last_day=last_day_count,
        added_last_week=last_week_count,
    )


def _moment(text: str | None) -> datetime | None:
    """A time; None if there is none or it is damaged."""
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None


def _by(connection: sqlite3.Connection, column: str) -> tuple[tuple[str, int], ...]:
    return tuple(
        connection.execute(
            f"SELECT r.{column}, count(*) AS n {_CURRENT} WHERE r.{column} IS NOT NULL"
            f" GROUP BY r.{column} ORDER BY n DESC, r.{column}"
        ).fetchall()
    )
