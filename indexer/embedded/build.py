"""Bringing the index up to the archive: incrementally, or anew beside the one in use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import Final

from whoosh.index import LockError

from corpus import Archive, ArshifError, ChangeKind, group_names, read_holder, record_holder
from indexer.codec import DamagedPostings
from indexer.embedded.commit import ArchiveIndex, newest_commit, reason, write_commit
from indexer.embedded.schema import make_schema
from indexer.embedded.writer import ArchiveWriter
from indexer.engine import IndexSummary, Progress
from indexer.errors import IndexDamaged, IndexLocked, IndexMissing, IndexWriteFailed
from indexer.search.batches import batched
from indexer.search.verification import check_not_ahead

LOCK_TIMEOUT: Final = 30.0
"""Seconds to wait for another process that is writing to the index."""

_READ_AHEAD: Final = 200  # articles fetched from the archive at a time


def update_index(archive: Archive, progress: Progress) -> IndexSummary:
    """Indexes what the archive's change log holds after the index's mark, and commits both together.

    Interrupted at any point, the index stands as it stood; the next run does the same work. `progress` is called with
    (articles done, articles to do).

    Raises:
        IndexVersionMismatch: the index was built by another analysis and must be rebuilt.
        IndexDamaged, IndexLocked, IndexWriteFailed: as their names say.
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
        # By its last entry, but for those of groups: what was removed and restored since is there.
        last = {change.article_id: change.kind for change in changes if change.kind is not ChangeKind.GROUPED}
        gone = {article_id for article_id, kind in last.items() if kind is ChangeKind.DELETED}
        removed = writer.delete_articles(article_id for article_id in changed if article_id in gone)
        replaced = writer.delete_articles(article_id for article_id in changed if article_id not in gone)
        done = indexed = 0
        progress(0, len(changed))
        for ids in batched(changed, _READ_AHEAD):
            articles = archive.get_many(ids)
            groups, numbers = group_names(archive, ids), archive.numbers(ids)
            # What the archive no longer gives was removed, at the latest while this ran, and stays out.
            for article_id in ids:
                if article_id in articles:
                    writer.add_article(articles[article_id], numbers[article_id], groups.get(article_id))
            indexed += len(articles)
            done += len(ids)
            progress(done, len(changed))
        writer.commit_changes(changes[-1].number if changes else mark)
    return IndexSummary(indexed, replaced, removed, perf_counter() - began)


def rebuild_index(archive: Archive, progress: Progress) -> IndexSummary:
    """Builds the index of the whole archive anew, beside the one in use, and puts it in its place in one rename.

    Readers see the old index until then. Nothing of it is read, whoever made it.

    Raises:
        IndexLocked, IndexWriteFailed: as their names say.
    """
    began = perf_counter()
    directory = archive.index_directory
    with open_writer(directory, anew=True) as writer:
        last = archive.last_change()
        total = archive.article_count()
        done = 0
        progress(0, total)
        for articles in batched(archive.articles(), _READ_AHEAD):
            ids = [article.id for article in articles]
            groups, numbers = group_names(archive, ids), archive.numbers(ids)
            for article in articles:
                writer.add_article(article, numbers[article.id], groups.get(article.id))
            done += len(articles)
            progress(done, total)
        writer.commit_changes(last)
    return IndexSummary(done, 0, 0, perf_counter() - began)


def index_bytes(directory: Path) -> int:
    """How many bytes the files of an index take; none where there is no index."""
    size = 0
    for path in directory.glob("*"):
        with suppress(OSError):  # a segment that a commit removed meanwhile
            size += path.stat().st_size
    return size


def create_index(directory: Path) -> None:
    """Makes a new, empty index in a directory that holds none.

    Raises:
        IndexWriteFailed: it cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_commit(directory, make_schema(), [], 0, 0)
    except OSError as error:
        raise IndexWriteFailed(directory, reason(error)) from error


@contextmanager
def open_writer(directory: Path, *, anew: bool = False, timeout: float | None = None) -> Iterator[ArchiveWriter]:
    """A writer that holds the index's lock; cancelled, with the old index in use, when anything raises inside.

    With `anew` it replaces the whole index, of which nothing is read.

    Raises:
        IndexLocked: another process kept the lock for `timeout` seconds, by default `LOCK_TIMEOUT`.
        IndexWriteFailed: disk full, read-only, no permission.
        IndexDamaged: a segment that had to be read cannot be.
    """
    timeout = LOCK_TIMEOUT if timeout is None else timeout
    try:
        if anew:
            directory.mkdir(parents=True, exist_ok=True)
        writer = ArchiveWriter(ArchiveIndex(directory, anew=anew), timeout=timeout)
    except LockError as error:
        raise IndexLocked(directory, timeout, read_holder(_holder_file(directory))) from error
    except OSError as error:
        raise IndexWriteFailed(directory, reason(error)) from error
    try:
        with record_holder(_holder_file(directory)):
            yield writer
    except FileNotFoundError as error:
        _cancel(writer)
        raise IndexDamaged(directory, reason(error)) from error
    except OSError as error:
        _cancel(writer)
        raise IndexWriteFailed(directory, reason(error)) from error
    except BaseException as error:
        try:
            if isinstance(error, Exception) and not isinstance(error, ArshifError):
                writer.verify()  # a bug, or bytes that were altered: `Snapshot.reading`
        except (DamagedPostings, FileNotFoundError) as damage:
            raise IndexDamaged(directory, reason(damage)) from error
        finally:
            _cancel(writer)
        raise


def _holder_file(directory: Path) -> Path:
    """Where the writer of an index says who it is: beside the index, which may be removed and made anew."""
    return directory.with_name(f".{directory.name}.writer")


def _cancel(writer: ArchiveWriter) -> None:
    if writer.is_closed:
        return
    try:
        writer.cancel()
    except (OSError, ValueError):
        # The disk may refuse even the closing of files; the lock is what must go.
        if writer.writelock:
            writer.writelock.release()
