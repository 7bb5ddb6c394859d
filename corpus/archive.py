"""The archive: every article, every revision of it, the original pages, and the log of what changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from corpus.article import Article
from corpus.database import create_database, database_error, open_database
from corpus.errors import ArchiveExists, ArchiveNotFound, ArchiveWriteFailed, ArticleNotFound, NotAnArchive
from corpus.pages import PageStore
from corpus.settings import SETTINGS_FILE, Settings, read_settings, write_settings
from corpus.urls import canonical_url, is_web_address

_DATABASE: Final = "articles.db"
_PAGES: Final = "pages"
_INDEX: Final = "index"
# SQLite's default bound on variables in one statement is 32,766; far fewer keeps statements small.
_IDS_A_QUERY: Final = 500

_CURRENT = """
    SELECT a.id, r.title, r.text, r.url, r.published, r.source, r.section, r.authors, r.recorded_at
    FROM articles a JOIN revisions r ON r.article = a.seq AND r.number = a.revision
"""


class Outcome(StrEnum):
    """What adding an article did."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REVISED = "revised"


class ChangeKind(StrEnum):
    """What the change log tells of an article."""

    ADDED = "added"
    REVISED = "revised"
    GROUPED = "grouped"
    """Its group of near-duplicates is another one now, or it is in none."""


@dataclass(frozen=True, slots=True)
class Page:
    """The original bytes of a page and their media type."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change log."""

    number: int
    article_id: str
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of an article: its number from 1, when it was recorded (UTC), what it said, its page's hash."""

    number: int
    recorded_at: datetime
    article: Article
    page: str | None


@dataclass(frozen=True, slots=True)
class ArchiveCounts:
    """What the archive holds; the days are the first and last publication day."""

    articles: int
    revisions: int
    changes: int
    sources: tuple[tuple[str, int], ...]
    sections: tuple[tuple[str, int], ...]
    first_day: str | None
    last_day: str | None


class Archive:
    """One archive directory, opened. A context manager; reading is safe from several threads.

    Writing happens in `batch()`; SQLite lets one process write at a time, others wait up to ten seconds.
    """

    def __init__(self, directory: Path, settings: Settings, connection: sqlite3.Connection) -> None:
        self.directory = directory
        self.settings = settings
        self.pages = PageStore(directory / _PAGES)
        self._connection = connection

    @classmethod
    def create(cls, directory: Path, *, name: str | None = None) -> Archive:
        """Makes a new archive in a directory that does not exist or is empty, and opens it.

        Raises:
            ArchiveExists: the directory holds something.
            ArchiveWriteFailed: it cannot be written.
        """
        try:
            if (directory / SETTINGS_FILE).exists():
                raise ArchiveExists(directory, "there is an archive already")
            if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
                raise ArchiveExists(directory, "it exists and is not an empty directory")
            directory.mkdir(parents=True, exist_ok=True)
            create_database(directory / _DATABASE)
            (directory / _PAGES).mkdir()
            # Last: it is what makes the directory an archive.
            write_settings(directory, Settings(name=name) if name else Settings())
        except OSError as error:
            raise ArchiveWriteFailed(directory, error.strerror or str(error)) from error
        return cls.open(directory)

    @classmethod
    def open(cls, directory: Path) -> Archive:
        """Opens the archive in a directory.

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
        return cls(directory, settings, open_database(directory / _DATABASE))

    @property
    def index_directory(self) -> Path:
        """Where the index of this archive lives."""
        return self.directory / _INDEX

    def close(self) -> None:
        """Closes the database."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Writing

    @contextmanager
    def batch(self) -> Iterator[None]:
        """One transaction: all that is added inside is kept together, or, if it raises, nothing of it."""
        with self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # a full disk makes SQLite roll back by itself
                self._connection.execute("ROLLBACK")
            raise
        with self._errors():
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def add(self, article: Article, page: Page | None = None) -> Outcome:
        """Keeps an article; its text in full, never overwritten. Outside a `batch` it is a transaction of its own.

        An article whose printed content equals its current revision changes nothing; a changed one becomes a new
        revision. What the new copy leaves out (a source, a date …) is taken over from the revision before.

        Raises:
            ArchiveWriteFailed: it could not be written; the archive is as it was.
        """
        if not self._connection.in_transaction:
            with self.batch():
                return self.add(article, page)
        with self._errors():
            row = self._connection.execute("SELECT seq, revision FROM articles WHERE id = ?", (article.id,)).fetchone()
            if row is None:
                return self._add_new(article, page)
            return self._add_known(article, page, seq=row[0], revision=row[1])

    def _add_new(self, article: Article, page: Page | None) -> Outcome:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        seq = self._connection.execute(
            "INSERT INTO articles (id, first_seen, revision) VALUES (?, ?, 1)", (article.id, now)
        ).lastrowid
        self._record(article, page, seq, 1, ChangeKind.ADDED, now)
        return Outcome.ADDED

    def _add_known(self, article: Article, page: Page | None, *, seq: int, revision: int) -> Outcome:
        current = self.get(article.id)
        merged = replace(
            article,
            title=article.title or current.title,
            url=article.url or current.url,
            published=article.published or current.published,
            source=article.source or current.source,
            section=article.section or current.section,
            authors=article.authors or current.authors,
        )
        if merged.content_hash() == current.content_hash():
            return Outcome.UNCHANGED
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._record(merged, page, seq, revision + 1, ChangeKind.REVISED, now)
        self._connection.execute("UPDATE articles SET revision = ? WHERE seq = ?", (revision + 1, seq))
        return Outcome.REVISED

    def _record(
        self, article: Article, page: Page | None, seq: int | None, number: int, kind: ChangeKind, now: str
    ) -> None:
        kept = self.pages.keep(page.data) if page else None
        recorded = article.retrieved_at.astimezone(UTC).isoformat(timespec="seconds") if article.retrieved_at else now
        self._connection.execute(
            "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                seq,
                number,
                recorded,
                article.content_hash(),
                article.title,
                article.text,
                article.url,
                article.published.isoformat() if article.published else None,
                article.source,
                article.section,
                "\n".join(article.authors),
                kept,
                page.media_type if page else None,
            ),
        )
        self._connection.execute("INSERT INTO changes (article, kind, at) VALUES (?, ?, ?)", (seq, kind.value, now))

    # Reading

    def get(self, article_id: str) -> Article:
        """The current revision of an article.

        Raises:
            ArticleNotFound: there is none with this id.
        """
        found = self.get_many([article_id])
        if not found:
            raise ArticleNotFound(article_id)
        return found[article_id]

    def find(self, reference: str) -> Article:
        """The article of an id, or, where there is none, of an address in any spelling (`corpus.urls`).

        Raises:
            ArticleNotFound: there is neither.
        """
        if found := self.get_many([reference]):
            return found[reference]
        if ids := self.ids_of_url(reference):
            return self.get(ids[0])
        raise ArticleNotFound(reference)

    def ids_of_url(self, url: str) -> tuple[str, ...]:
        """The ids of the articles whose current revision has this address, in any spelling of it; newest first."""
        if not is_web_address(url):
            return ()
        rows = self._rows(
            "SELECT a.id FROM revisions r JOIN articles a ON a.seq = r.article AND a.revision = r.number"
            " WHERE r.url = ? ORDER BY r.recorded_at DESC, a.seq DESC",
            [canonical_url(url)],
        )
        return tuple(row[0] for row in rows)

    def get_many(self, article_ids: Iterable[str]) -> dict[str, Article]:
        """The current revisions of those of the articles that exist, by id."""
        ids = list(dict.fromkeys(article_ids))
        found = {}
        for start in range(0, len(ids), _IDS_A_QUERY):
            part = ids[start : start + _IDS_A_QUERY]
            marks = ",".join("?" * len(part))
            for row in self._rows(f"{_CURRENT} WHERE a.id IN ({marks})", part):
                found[row[0]] = _article(row)
        return found

    def articles(self) -> Iterator[Article]:
        """All articles in the order they came, as they were when the reading began."""
        with self._errors():
            for row in self._connection.execute(f"{_CURRENT} ORDER BY a.seq"):
                yield _article(row)

    def revisions(self, article_id: str) -> list[Revision]:
        """Every revision of an article, oldest first.

        Raises:
            ArticleNotFound: there is none with this id.
        """
        rows = self._rows(
            "SELECT a.id, r.title, r.text, r.url, r.published, r.source, r.section, r.authors, r.recorded_at,"
            " r.number, r.page FROM articles a JOIN revisions r ON r.article = a.seq WHERE a.id = ? ORDER BY r.number",
            [article_id],
        )
        if not rows:
            raise ArticleNotFound(article_id)
        return [Revision(row[9], datetime.fromisoformat(row[8]), _article(row), row[10]) for row in rows]

    def changes(self, since: int = 0) -> list[Change]:
        """The entries of the change log after number `since`, in order."""
        rows = self._rows(
            "SELECT c.number, a.id, c.kind FROM changes c JOIN articles a ON a.seq = c.article"
            " WHERE c.number > ? ORDER BY c.number",
            [since],
        )
        return [Change(number, article_id, ChangeKind(kind)) for number, article_id, kind in rows]

    def ids_until(self, change: int) -> set[str]:
        """The ids of the articles that were in the archive at a number of the change log."""
        rows = self._rows(
            "SELECT DISTINCT a.id FROM changes c JOIN articles a ON a.seq = c.article WHERE c.number <= ?", [change]
        )
        return {row[0] for row in rows}

    def last_change(self) -> int:
        """The number of the newest entry of the change log; 0 for an empty archive."""
        return int(self._rows("SELECT coalesce(max(number), 0) FROM changes")[0][0])

    def article_count(self) -> int:
        """How many articles it holds; told at once, where `counts` reads the whole archive."""
        return int(self._rows("SELECT count(*) FROM articles")[0][0])

    def counts(self) -> ArchiveCounts:
        """How much the archive holds, for people."""
        articles, revisions, changes = self._rows(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM revisions), (SELECT count(*) FROM changes)"
        )[0]
        current = "FROM articles a JOIN revisions r ON r.article = a.seq AND r.number = a.revision"
        named: dict[str, tuple[tuple[str, int], ...]] = {
            column: tuple(
                self._rows(
                    f"SELECT r.{column}, count(*) AS n {current} WHERE r.{column} IS NOT NULL"
                    f" GROUP BY r.{column} ORDER BY n DESC, r.{column}"
                )
            )
            for column in ("source", "section")
        }
        first, last = self._rows(f"SELECT min(substr(published, 1, 10)), max(substr(published, 1, 10)) {current}")[0]
        return ArchiveCounts(articles, revisions, changes, named["source"], named["section"], first, last)

    def _rows(self, sql: str, values: Iterable[object] = ()) -> list[Any]:
        with self._errors():
            return self._connection.execute(sql, tuple(values)).fetchall()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise database_error(self.directory, error) from error


def _article(row: tuple[Any, ...]) -> Article:
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
