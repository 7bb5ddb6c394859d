"""The archive and searcher that an application serves, and what it can tell of them."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from flask import current_app

from corpus import Archive, ArchiveCounts, ArshifError, count_groups
from indexer import SearchEngine, open_searcher, pending_changes
from search_ui.export.about import program


class OpenArchive:
    """The archive and searcher of an application; the searcher is opened when there is an index to open."""

    def __init__(self, directory: Path) -> None:
        self.archive = Archive.open(directory)
        self.seconds: float | None = None
        """What one search may cost."""
        self._searcher: SearchEngine | None = None
        self._lock = threading.Lock()
        self._counts: tuple[int, ArchiveCounts] | None = None

    @property
    def counts(self) -> ArchiveCounts:
        """What the archive holds; counted anew only when it has changed, since counting reads all of it."""
        change = self.archive.last_change()
        counted = self._counts
        if counted is None or counted[0] != change:
            counted = self._counts = (change, self.archive.counts())
        return counted[1]

    @property
    def searcher(self) -> SearchEngine:
        """The searcher that all threads share.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say; tried anew at each call.
            EngineMissing, ClusterUnavailable, ClusterRefused: likewise, of an archive on a cluster.
        """
        with self._lock:
            if self._searcher is None:
                self._searcher = open_searcher(self.archive, seconds=self.seconds)
            return self._searcher

    def version(self) -> str:
        """What every answer depends on besides its address: the commit of the index, and the archive's last change.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch, ClusterUnavailable: as `searcher`.
        """
        return f"{self.searcher.generation}-{self.archive.last_change()}"

    def status(self) -> dict[str, Any]:
        """What the archive holds and how its index stands, as plain JSON values."""
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


def opened_archive() -> OpenArchive:
    """The one that this request's application serves."""
    opened: OpenArchive = current_app.extensions["arshif"]
    return opened
