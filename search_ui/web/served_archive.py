"""The archive and searcher that an application serves, shared by its threads."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from flask import current_app

from corpus import Archive, ArchiveCounts, ArchiveReadFailed, ArshifError, count_groups
from indexer import (
    Answer,
    CursorInvalid,
    EncoderFailed,
    EngineMissing,
    Hit,
    LibraryMissing,
    MeaningUnavailable,
    QueryWarning,
    ResultPage,
    Searcher,
    SearchRequest,
    SearchTooCostly,
    Snippet,
    VectorsDamaged,
    VectorsMissing,
    mark_text,
    meaning_by_default,
    open_searcher,
    pending_changes,
)
from search_ui.export.about import program
from search_ui.hints import with_hint

MEANING_ERRORS: Final = (MeaningUnavailable, VectorsMissing, VectorsDamaged, LibraryMissing, EncoderFailed)
"""Why a search by meaning may be impossible while one by words is not."""

_NO_ENCODER: Final = QueryWarning(
    "لا يمكن البحث في هذا الأرشيف بحسب المعنى: هذه النتائج بحسب الكلمات وحدها.",
    "This archive cannot be searched by meaning: these results are by words alone.",
)
_MEANING_UNAVAILABLE: Final = QueryWarning(
    "البحث بحسب المعنى غير متاح الآن: هذه النتائج بحسب الكلمات وحدها.",
    "Search by meaning is not available at present: these results are by words alone.",
)


class ServedArchive:
    """The archive and searcher of an application; the searcher is opened once there is an index.

    Both are reopened when the archive's database file is replaced, for example by a backup.
    """

    def __init__(self, directory: Path) -> None:
        self._archive = Archive.open(directory)
        self.meaning_by_default = meaning_by_default(self._archive)
        """Whether searches are by meaning if their URL does not say."""
        self._database = self._archive.database_file
        self._file = _identity(self._database)
        self.seconds: float | None = None
        """Processor time limit of one search, in seconds; None for no limit."""
        self._searcher: Searcher | None = None
        self._lock = threading.Lock()
        self._counts: tuple[int, ArchiveCounts] | None = None

    @property
    def archive(self) -> Archive:
        """The archive, shared by all threads.

        Raises:
            ArshifError: its database was replaced by one that cannot be opened.
        """
        current = _identity(self._database)
        if current != self._file and current is not None:
            with self._lock:
                if current != self._file:
                    _require_no_log(self._archive)
                    # The old connections are closed when the last thread has finished with them.
                    self._archive, self._searcher, self._counts = Archive.open(self._archive.directory), None, None
                    self._file = current
        return self._archive

    @property
    def counts(self) -> ArchiveCounts:
        """The archive's counts; cached until it changes, since counting reads all of it."""
        archive = self.archive
        change = archive.last_change()
        cached = self._counts
        if cached is None or cached[0] != change:
            cached = self._counts = (change, archive.counts())
        return cached[1]

    @property
    def has_vectors(self) -> bool:
        """Whether the archive has an encoder and vectors, so that it can be searched by meaning."""
        return self.searcher.vectors_version is not None

    def search(self, request: SearchRequest, cursor: str | None = None) -> ResultPage:
        """The page of a request. If it cannot be searched by meaning, one by words, with a warning.

        Raises:
            SearchTooCostly, CursorInvalid: as `Searcher.search`.
        """
        by_words = replace(request, meaning=False)
        warning = _MEANING_UNAVAILABLE if self.archive.settings.meaning else _NO_ENCODER
        if not request.meaning or self.has_vectors:
            try:
                return self.searcher.search(request, cursor)
            except EngineMissing:
                raise
            except MEANING_ERRORS as error:
                current_app.logger.error("%s", with_hint(error))
            except CursorInvalid:
                if not request.meaning:
                    raise
                # The pages before this one may have been by words, because of such an error.
                return self.searcher.search(by_words, cursor)
        page = self.searcher.search(by_words, cursor)
        return replace(page, warnings=(*page.warnings, warning))

    def answers(self, page: ResultPage) -> tuple[Answer, ...]:
        """The sentences that may answer the question of a page by meaning; none for the pages after the first."""
        if page.encoder is None or page.request.page > 1 or not page.hits:
            return ()
        try:
            return self.searcher.answers(page.request)
        except MEANING_ERRORS as error:
            current_app.logger.error("%s", with_hint(error))
            return ()

    def more_like(
        self, article_id: str, limit: int = 5, *, meaning: bool, without: Collection[str] = ()
    ) -> tuple[Hit, ...]:
        """The articles most like one, without some; with `meaning` also by meaning, if that is possible."""
        if meaning and self.has_vectors:
            try:
                return self.searcher.more_like(article_id, limit, meaning=True, without=without)
            except MEANING_ERRORS as error:
                current_app.logger.error("%s", with_hint(error))
        return self.searcher.more_like(article_id, limit, without=without)

    def retellings(self, article_id: str) -> tuple[Hit, ...]:
        """The articles of other papers that probably tell the same news in other words; none if that is impossible."""
        if not self.has_vectors:
            return ()
        try:
            return self.searcher.retellings(article_id)
        except MEANING_ERRORS as error:
            current_app.logger.error("%s", with_hint(error))
            return ()

    def load_encoder(self) -> None:
        """Load the encoder, if searches are by meaning by default, before the first of them has to wait for it.

        Nothing is reported here: if it fails, every search by meaning reports it.
        """
        if self.meaning_by_default:
            with suppress(ArshifError):
                self.searcher.load_meaning()

    def marked(self, request: SearchRequest, texts: Sequence[str]) -> list[Snippet]:
        """Texts with the matches of a request marked. Without an index, other spellings of names are not marked.

        Raises:
            SearchTooCostly: as `mark_text`.
        """
        try:
            return self.searcher.mark(request, texts)
        except SearchTooCostly:
            raise
        except ArshifError:
            # The archive is the truth: an article is shown even if its index is missing or damaged.
            return mark_text(request.query, texts, forms=request.forms, seconds=self.seconds)

    @property
    def searcher(self) -> Searcher:
        """The searcher, shared by all threads.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say; each call tries again.
            EngineMissing, ClusterUnavailable, ClusterRefused: likewise, if the index is on a cluster.
        """
        _ = self.archive  # reopens a replaced database
        with self._lock:
            if self._searcher is None:
                self._searcher = open_searcher(self._archive, seconds=self.seconds)
            return self._searcher

    def version(self) -> str:
        """A hash of what every response depends on besides its URL: index commit, database, last change, vectors.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch, ClusterUnavailable: as `searcher`.
        """
        archive = self.archive
        searcher = self.searcher
        state = (searcher.version, self._file, archive.last_change(), searcher.vectors_version)
        return hashlib.sha256(repr(state).encode()).hexdigest()[:20]

    def problem(self) -> ArshifError | None:
        """Why the archive cannot be searched; None if it can."""
        try:
            _ = self.searcher.generation
        except ArshifError as error:
            return error
        return None

    def status(self) -> dict[str, Any]:
        """The contents of the archive and the state of its index, as plain JSON values."""
        counts, groups = self.counts, count_groups(self.archive)
        index: int | None = None
        indexed: int | None = None
        pending: int | None = None
        problem: str | None = None
        try:
            searcher = self.searcher
            index, indexed = searcher.generation, searcher.document_count()
            pending = pending_changes(self.archive)
        except ArshifError as error:
            problem = str(error).replace(str(self.archive.directory), "…")
        return {
            "name": self.archive.settings.name,
            "program": program(),
            "articles": counts.articles,
            "revisions": counts.revisions,
            "sources": len(counts.sources),
            "sections": len(counts.sections),
            "first_day": counts.first_day,
            "last_day": counts.last_day,
            "groups": groups.groups,
            "grouped_articles": groups.articles,
            "index": index,
            "indexed_articles": indexed,
            "pending_changes": pending,
            "problem": problem,
        }


def served_archive() -> ServedArchive:
    """The archive of this request's application."""
    served: ServedArchive = current_app.extensions["arshif"]
    return served


def _require_no_log(archive: Archive) -> None:
    """Reject a database next to the write-ahead log of another one, which SQLite would apply to it.

    Raises:
        ArchiveReadFailed: there is such a log.
    """
    log = archive.database_file.with_name(f"{archive.database_file.name}-wal")
    if log.exists() and log.stat().st_size:
        reason = f"articles.db was replaced beside {log.name}: stop the server, delete {log.name} and start it again"
        raise ArchiveReadFailed(archive.directory, reason)


def _identity(database: Path) -> tuple[int, int] | None:
    """Device and inode of a database, by which a replaced file is recognized; None if it does not exist.

    A page asks for it dozens of times, so that the path is built once.
    """
    try:
        status = database.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
