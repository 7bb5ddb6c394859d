"""Whether an index holds exactly the articles of its archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus import Archive
from indexer.errors import IndexDamaged


def compare_ids(archive: Archive, index: Path, change: int, indexed: Sequence[str]) -> int:
    """Compares the ids in an index, which has reached this change of the archive, with those of the archive.

    Gives how many there are. `index` names the index in messages.

    Raises:
        IndexDamaged: an article is missing, foreign or double, or the index is ahead of the archive.
    """
    if len(set(indexed)) < len(indexed):
        raise IndexDamaged(index, "an article is in it twice")
    check_not_ahead(archive, index, change)
    expected = archive.ids_until(change)
    # What has changed since may have been seen in either state: the next run takes it again.
    since = {one.article_id for one in archive.changes(since=change)}
    # What is damaged in the archive is in no index: `verify_archive` names it.
    if missing := archive.get_many(expected - set(indexed) - since):
        raise IndexDamaged(index, f"{len(missing):,} articles of the archive are missing from it")
    if foreign := set(indexed) - expected - since:
        raise IndexDamaged(index, f"{len(foreign):,} articles in it are not in the archive")
    return len(indexed)


def check_not_ahead(archive: Archive, index: Path, change: int) -> None:
    """Raises `IndexDamaged` where an index has reached a change that its archive has not made."""
    if change > archive.last_change():
        raise IndexDamaged(index, "it is ahead of the archive: was the archive restored from a backup?")
