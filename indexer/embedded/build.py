"""Updating the index from the archive's change log, and rebuilding it beside the one in use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Final

from whoosh.index import LockError

from corpus import Archive, ArshifError, ChangeKind, group_names, read_holder, record_holder
from indexer.codec import DamagedPostings
from indexer.embedded.commit import newest_commit, reason, write_commit
from indexer.embedded.writer import ArchiveWriter
from indexer.engine import IndexSummary, Progress, check_not_ahead
from indexer.errors import IndexDamaged, IndexLocked, IndexMissing, IndexWriteFailed

LOCK_TIMEOUT: Final = 30.0
"""Seconds to wait for another process that is writing to the index."""

_READ_AHEAD: Final = 200  # articles fetched from the archive at a time


def update_index(archive: Archive, progress: Progress) -> IndexSummary:
    """Indexes what the archive's change log has after the index's mark, and commits postings and mark together.

    If it is interrupted at any point, the index is unchanged, and the next run does the same work. `progress` is called
    with the number of articles done and to do.

    Raises:
        IndexVersionMismatch: the index was built by another analysis and must be rebuilt.
        IndexDamaged, IndexLocked, IndexWriteFailed: see `open_writer`.
    """
    began = perf_counter()
    directory = archive.index_directory
    try:
        commit = newest_commit(directory)
    except IndexMissing:
        create_index(directory)
        commit = newest_commit(directory)
    if commit.state.change == archive.last_change():
        return IndexSummary(0, 0, 0, perf_counter() - began)
    with open_writer(directory) as writer:
        # Read again under the lock: another process may have indexed while this one waited.
        mark = newest_commit(directory).state.change
        check_not_ahead(archive, directory, mark)
        changes = archive.changes(since=mark)
        changed = list(dict.fromkeys(change.article_id for change in changes))
        # Removed or not, by its last entry that is not of its group: an article may have been removed and restored.
        last = {change.article_id: change.kind for change in changes if change.kind is not ChangeKind.GROUPED}
        removed_ids = {article_id for article_id, kind in last.items() if kind is ChangeKind.REMOVED}
        removed = writer.delete_articles(article_id for article_id in changed if article_id in removed_ids)
        replaced = writer.delete_articles(article_id for article_id in changed if article_id not in removed_ids)
        done = indexed = 0
        progress(0, len(changed))
        queue = iter(changed)
        while ids := list(islice(queue, _READ_AHEAD)):
            articles = archive.get_many(ids)
            groups, numbers = group_names(archive, ids), archive.numbers(ids)
            # An article that the archive does not return was removed, perhaps while this ran.
            for article_id in ids:
                if article_id in articles:
                    writer.add_article(articles[article_id], numbers[article_id], groups.get(article_id))
            indexed += len(articles)
            done += len(ids)
            progress(done, len(changed))
        writer.commit(changes[-1].number if changes else mark)
    return IndexSummary(indexed, replaced, removed, perf_counter() - began)


def rebuild_index(archive: Archive, progress: Progress) -> IndexSummary:
    """Builds the index of the whole archive beside the one in use, and replaces that by one rename.

    Readers see the old index until then. Nothing of it is read except the number of its commit.

    Raises:
        IndexLocked, IndexWriteFailed: see `open_writer`.
    """
    began = perf_counter()
    directory = archive.index_directory
    with open_writer(directory, replace=True) as writer:
        last = archive.last_change()
        total = archive.article_count()
        done = 0
        progress(0, total)
        queue = archive.articles()
        while articles := list(islice(queue, _READ_AHEAD)):
            ids = [article.id for article in articles]
            groups, numbers = group_names(archive, ids), archive.numbers(ids)
            for article in articles:
                writer.add_article(article, numbers[article.id], groups.get(article.id))
            done += len(articles)
            progress(done, total)
        writer.commit(last)
    return IndexSummary(done, 0, 0, perf_counter() - began)


def index_bytes(directory: Path) -> int:
    """The size of an index's files; 0 if there is no index."""
    size = 0
    for path in directory.glob("*"):
        with suppress(OSError):  # a commit has just deleted the file
            size += path.stat().st_size
    return size


def create_index(directory: Path) -> None:
    """Creates an empty index.

    Raises:
        IndexWriteFailed: it cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_commit(directory, [], 0, 0)
    except OSError as error:
        raise IndexWriteFailed(directory, reason(error)) from error


@contextmanager
def open_writer(directory: Path, *, replace: bool = False, timeout: float | None = None) -> Iterator[ArchiveWriter]:
    """A writer that holds the index's lock. It is cancelled, and the index unchanged, if the block raises.

    Args:
        directory: the index.
        replace: write a new index, reading nothing of the old one.
        timeout: seconds to wait for the lock, by default `LOCK_TIMEOUT`.

    Raises:
        IndexLocked: another process held the lock for `timeout` seconds.
        IndexWriteFailed: disk full, read-only, no permission.
        IndexDamaged: a segment that had to be read cannot be.
    """
    timeout = LOCK_TIMEOUT if timeout is None else timeout
    try:
        if replace:
            directory.mkdir(parents=True, exist_ok=True)
        writer = ArchiveWriter(directory, timeout=timeout, replace=replace)
    except LockError as error:
        raise IndexLocked(directory, timeout, read_holder(_holder_file(directory))) from error
    except OSError as error:
        raise IndexWriteFailed(directory, reason(error)) from error
    try:
        with record_holder(_holder_file(directory)):
            yield writer
    except FileNotFoundError as error:
        raise IndexDamaged(directory, reason(error)) from error
    except OSError as error:
        raise IndexWriteFailed(directory, reason(error)) from error
    except ArshifError:
        raise
    except Exception as error:
        try:
            writer.verify()  # a bug, or bytes that were altered: `Snapshot.reading`
        except (DamagedPostings, FileNotFoundError) as damage:
            raise IndexDamaged(directory, reason(damage)) from error
        raise
    finally:
        writer.cancel()


def _holder_file(directory: Path) -> Path:
    """The file that names the writer's process: beside the index, which a rebuild after a deletion creates again."""
    return directory.with_name(f".{directory.name}.writer")
