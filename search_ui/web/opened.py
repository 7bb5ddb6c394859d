"""The archive of an application, opened once for all its threads."""

from __future__ import annotations

import threading
from pathlib import Path

from flask import current_app

from corpus import Archive, ArchiveCounts
from indexer import Searcher


class OpenArchive:
    """The archive and searcher of an application; the searcher is opened when there is an index to open."""

    def __init__(self, directory: Path) -> None:
        self.archive = Archive.open(directory)
        self._searcher: Searcher | None = None
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
    def searcher(self) -> Searcher:
        """The searcher that all threads share.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say; tried anew at each call.
        """
        with self._lock:
            if self._searcher is None:
                self._searcher = Searcher(self.archive)
            return self._searcher


def opened_archive() -> OpenArchive:
    """The archive that this application serves."""
    opened: OpenArchive = current_app.extensions["arshif"]
    return opened
