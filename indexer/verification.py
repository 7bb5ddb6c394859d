"""Reading an index whole: every checksum, and whether it holds the articles that it says."""

from __future__ import annotations

from corpus import Archive
from indexer.errors import IndexDamaged
from indexer.snapshot import open_snapshot


def verify_index(archive: Archive) -> int:
    """Reads every byte of the index and compares it with its checksums, and its articles with the archive's.

    Gives the number of articles found whole. Reads some gigabytes a second.

    Raises:
        IndexDamaged: a byte is not what was written, or an article is missing, foreign or double.
        IndexMissing, IndexVersionMismatch: as their names say.
    """
    directory = archive.index_directory
    snapshot = open_snapshot(directory)
    snapshot.verify()
    mark, indexed = snapshot.change, snapshot.article_ids()
    if len(set(indexed)) < len(indexed):
        raise IndexDamaged(directory, "an article is in it twice")
    if mark > archive.last_change():
        raise IndexDamaged(directory, "it is ahead of the archive: was the archive restored from a backup?")
    expected = archive.ids_until(mark)
    # What has changed since may have been seen in either state: the next run takes it again.
    since = {change.article_id for change in archive.changes(since=mark)}
    # What is damaged in the archive is in no index: `verify_archive` names it.
    if missing := archive.get_many(expected - set(indexed) - since):
        raise IndexDamaged(directory, f"{len(missing):,} articles of the archive are missing from it")
    if foreign := set(indexed) - expected - since:
        raise IndexDamaged(directory, f"{len(foreign):,} articles in it are not in the archive")
    return len(indexed)
