"""Adding files and directories to an archive: every file is tried, each refusal is recorded, the rest go on."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from corpus.adding import Outcome
from corpus.archive import Archive
from corpus.errors import ArticleRemoved
from corpus.origin import OriginKind
from corpus.readers import Record, Refusal, read_stream, readable_name
from corpus.revisions import Page

# Articles kept in one transaction: large enough that the disk's sync is not what takes the time, small enough
# that an interruption repeats little.
_BATCH: Final = 500
_BATCH_BYTES: Final = 64 * 2**20
_REFUSALS_KEPT: Final = 1000


@dataclass(slots=True)
class AddSummary:
    """What adding did. `refusals` and `warnings` hold the first thousand; the counts are exact."""

    added: int = 0
    unchanged: int = 0
    revised: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    """Files in directories whose names are not those of articles, by extension."""

    def count(self, outcomes: Counter[Outcome]) -> None:
        """Adds the outcomes of a committed batch."""
        self.added += outcomes[Outcome.ADDED]
        self.unchanged += outcomes[Outcome.UNCHANGED]
        self.revised += outcomes[Outcome.REVISED]

    def refuse(self, refusal: Refusal) -> None:
        """Records what gave no article."""
        self.refused += 1
        if len(self.refusals) < _REFUSALS_KEPT:
            self.refusals.append(refusal)

    def warn(self, warning: str) -> None:
        """Records what was kept, but not whole."""
        if len(self.warnings) < _REFUSALS_KEPT:
            self.warnings.append(warning)


Progress = Callable[[int, int], None]
"""Called with (bytes read, bytes to read) as records are kept."""


def add_paths(
    archive: Archive,
    paths: Sequence[Path],
    summary: AddSummary,
    *,
    progress: Progress = lambda done, total: None,
) -> None:
    """Adds the articles of files, and of all readable files below directories, in order of their names.

    `summary` is filled as batches are committed, so that it is true even when this raises.

    Raises:
        ArchiveWriteFailed: the archive could not be written; batches committed before are kept.
    """
    files = list(_files(paths, summary))
    total = sum(size for _, size in files)
    _add(archive, _read_all(files), summary, lambda done: progress(done, total))


def add_stream(archive: Archive, stream: IO[bytes], name: str, summary: AddSummary) -> None:
    """Adds the articles of an open stream, such as standard input; the rest as `add_paths`."""
    records = read_stream(stream, name, retrieved_at=datetime.now(UTC), kind=OriginKind.STDIN)
    _add(archive, ((record, 0) for record in records), summary, lambda done: None)


def _read_all(files: Iterable[tuple[Path | Refusal, int]]) -> Iterator[tuple[Record | Refusal, int]]:
    """Each record of the files with the number of bytes that had been read when it was found."""
    now = datetime.now(UTC)
    done = 0
    for path, size in files:
        if isinstance(path, Refusal):
            yield path, done
            continue
        try:
            with path.open("rb") as stream:
                for record in read_stream(stream, str(path), retrieved_at=now):
                    yield record, done + min(stream.tell(), size)
        except OSError as error:
            yield Refusal(str(path), error.strerror or str(error)), done
        done += size


def _files(paths: Iterable[Path], summary: AddSummary) -> Iterator[tuple[Path | Refusal, int]]:
    """The files to read, with their sizes in bytes."""
    for path in paths:
        for found in _walk(path, summary) if path.is_dir() else [path]:
            if isinstance(found, Refusal):
                yield found, 0
                continue
            try:
                yield found, found.stat().st_size
            except OSError as error:
                yield Refusal(str(found), error.strerror or str(error)), 0


def _walk(top: Path, summary: AddSummary) -> Iterator[Path | Refusal]:
    """The readable files below a directory, links followed, each directory entered once."""
    entered: set[tuple[int, int]] = set()
    problems: list[Refusal] = []

    def unreadable(error: OSError) -> None:
        problems.append(Refusal(str(error.filename), error.strerror or str(error)))

    for directory, subdirectories, names in os.walk(top, followlinks=True, onerror=unreadable):
        try:
            here = Path(directory).stat()
        except OSError as error:
            unreadable(error)
            continue
        if (here.st_dev, here.st_ino) in entered:
            subdirectories.clear()
            yield Refusal(directory, "a link to a directory that was already read: passed over")
            continue
        entered.add((here.st_dev, here.st_ino))
        subdirectories[:] = sorted(name for name in subdirectories if not name.startswith("."))
        for name in sorted(names):
            path = Path(directory, name)
            if readable_name(path) and not name.startswith("."):
                yield path
            else:
                summary.passed_over[path.suffix.lower() or name] += 1
    yield from problems


def _add(
    archive: Archive,
    records: Iterator[tuple[Record | Refusal, int]],
    summary: AddSummary,
    progress: Callable[[int], None],
) -> None:
    batch: list[Record] = []
    size = 0
    for record, done in records:
        if isinstance(record, Refusal):
            summary.refuse(record)
            continue
        if record.warning:
            summary.warn(record.warning)
        batch.append(record)
        size += len(record.page or b"")
        if len(batch) == _BATCH or size >= _BATCH_BYTES:
            _keep(archive, batch, summary)
            progress(done)
            batch, size = [], 0
    _keep(archive, batch, summary)


def _keep(archive: Archive, batch: list[Record], summary: AddSummary) -> None:
    outcomes: Counter[Outcome] = Counter()
    removed: list[Refusal] = []
    with archive.batch():
        for record in batch:
            page = Page(record.page, record.media_type) if record.page is not None else None
            try:
                outcomes[archive.add(record.article, page, record.origin)] += 1
            except ArticleRemoved as error:
                removed.append(Refusal(str(record.origin), str(error)))
    summary.count(outcomes)
    for refusal in removed:
        summary.refuse(refusal)
