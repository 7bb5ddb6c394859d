"""The archive and searcher that an application serves, and what it can tell of them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import current_app

from corpus import Archive, ArchiveCounts, ArchiveReadFailed, ArshifError, count_groups
from indexer import Searcher, SearchRequest, SearchTooCostly, Snippet, mark_text, open_searcher, pending_changes
from search_ui.export.about import program


class OpenArchive:
    """The archive and searcher of an application; the searcher is opened when there is an index to open.

    Both are opened again when another database was put in the place of the archive's, as from a backup.
    """

    def __init__(self, directory: Path) -> None:
        self._archive = Archive.open(directory)
        self._file = _identity(self._archive)
        self.seconds: float | None = None
        """What one search may cost."""
        self._searcher: Searcher | None = None
        self._lock = threading.Lock()
        self._counts: tuple[int, ArchiveCounts] | None = None

    @property
    def archive(self) -> Archive:
        """The archive that all threads share.

        Raises:
            ArshifError: another database was put in its place, which cannot be opened.
        """
        found = _identity(self._archive)
        if found != self._file and found is not None:
            with self._lock:
                if found != self._file:
                    _require_no_log(self._archive)
                    # What other threads read from is closed when the last has finished.
                    self._archive, self._searcher, self._counts = Archive.open(self._archive.directory), None, None
                    self._file = found
        return self._archive

    @property
    def counts(self) -> ArchiveCounts:
        """What the archive holds; counted again only when it has changed, since counting reads all of it."""
        archive = self.archive
        change = archive.last_change()
        counted = self._counts
        if counted is None or counted[0] != change:
            counted = self._counts = (change, archive.counts())
        return counted[1]

    def marked(self, request: SearchRequest, texts: Sequence[str]) -> list[Snippet]:
        """Texts with what matches a request marked; without an index, not in other spellings of names.

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
        """The searcher that all threads share.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say; retried at each call.
            EngineMissing, ClusterUnavailable, ClusterRefused: likewise, of an archive on a cluster.
        """
        _ = self.archive  # another one, perhaps
        with self._lock:
            if self._searcher is None:
                self._searcher = open_searcher(self._archive, seconds=self.seconds)
            return self._searcher

    def version(self) -> str:
        """What every answer depends on besides its address: the commit of the index, the database, its last change.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch, ClusterUnavailable: as `searcher`.
        """
        depends = (self.searcher.version, self._file, self.archive.last_change())
        return hashlib.sha256(repr(depends).encode()).hexdigest()[:20]

    def problem(self) -> ArshifError | None:
        """Why the archive cannot be searched; None where it can."""
        try:
            _ = self.searcher.generation
        except ArshifError as error:
            return error
        return None

    def status(self) -> dict[str, Any]:
        """What the archive contains and whether its index is up to date, as plain JSON values."""
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


def _require_no_log(archive: Archive) -> None:
    """Refuses a database that lies beside the write-ahead log of another: SQLite would write that into it.

    Raises:
        ArchiveReadFailed: there is such a log.
    """
    log = archive.database_file.with_name(f"{archive.database_file.name}-wal")
    if log.exists() and log.stat().st_size:
        reason = f"articles.db was replaced beside {log.name}: stop the server, delete {log.name} and start it again"
        raise ArchiveReadFailed(archive.directory, reason)


def _identity(archive: Archive) -> tuple[int, int] | None:
    """What tells an archive's database from another file that takes its place; None where there is none."""
    try:
        status = archive.database_file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def opened_archive() -> OpenArchive:
    """The one that this request's application serves."""
    opened: OpenArchive = current_app.extensions["arshif"]
    return opened
