"""Bringing the index up to the archive: incrementally, or anew beside the one in use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from corpus import Archive, ChangeKind, group_names
from indexer.chunks import chunks
from indexer.errors import IndexDamaged, IndexMissing
from indexer.store import create_index, newest_commit, open_writer

_READ_AHEAD: Final = 200  # articles fetched from the archive at a time


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """What an indexing run did: articles written; those in the index that were replaced, or taken out; wall seconds."""

    indexed: int
    replaced: int
    removed: int
    seconds: float


def update_index(archive: Archive, *, progress: Callable[[int, int], None] = lambda done, total: None) -> IndexSummary:
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
        if mark > archive.last_change():
            raise IndexDamaged(directory, "it is ahead of the archive: was the archive restored from a backup?")
        changes = archive.changes(since=mark)
        changed = list(dict.fromkeys(change.article_id for change in changes))
        # By its last entry, but for those of groups: what was removed and restored since is there.
        last = {change.article_id: change.kind for change in changes if change.kind is not ChangeKind.GROUPED}
        gone = {article_id for article_id, kind in last.items() if kind is ChangeKind.DELETED}
        removed = writer.delete_articles(article_id for article_id in changed if article_id in gone)
        replaced = writer.delete_articles(article_id for article_id in changed if article_id not in gone)
        done = indexed = 0
        progress(0, len(changed))
        for ids in chunks(changed, _READ_AHEAD):
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


def rebuild_index(archive: Archive, *, progress: Callable[[int, int], None] = lambda done, total: None) -> IndexSummary:
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
        for articles in chunks(archive.articles(), _READ_AHEAD):
            ids = [article.id for article in articles]
            groups, numbers = group_names(archive, ids), archive.numbers(ids)
            for article in articles:
                writer.add_article(article, numbers[article.id], groups.get(article.id))
            done += len(articles)
            progress(done, total)
        writer.commit_changes(last)
    return IndexSummary(done, 0, 0, perf_counter() - began)


def pending_changes(archive: Archive) -> int:
    """How many changes of the archive the index has not seen.

    Raises:
        IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
    """
    return archive.last_change() - newest_commit(archive.index_directory).state.change
