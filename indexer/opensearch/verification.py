"""Reading the ids of a cluster's index whole, and comparing them with the archive's."""

from __future__ import annotations

from pathlib import Path

from corpus import Archive
from indexer.errors import IndexDamaged
from indexer.opensearch.client import Client
from indexer.opensearch.indices import Indices
from indexer.opensearch.search import OpenSearchSearcher


def verify_index(client: Client, archive: Archive) -> int:
    """Compares the articles of the index with the archive's; checksums are the cluster's own work.

    Raises:
        IndexDamaged: an article is missing, foreign or double.
        IndexMissing, IndexVersionMismatch, ClusterUnavailable, ClusterRefused: as their names say.
    """
    place = Path(client.settings.prefix)
    mark = Indices(client).current().change
    indexed = list(OpenSearchSearcher(archive, client).indexed_ids())
    if mark > archive.last_change():
        raise IndexDamaged(place, "it is ahead of the archive: was the archive restored from a backup?")
    expected = archive.ids_until(mark)
    # What has changed since may have been seen in either state: the next run takes it again.
    since = {change.article_id for change in archive.changes(since=mark)}
    if len(set(indexed)) < len(indexed):
        raise IndexDamaged(place, "an article is in it twice")
    # What is damaged in the archive is in no index: `verify_archive` names it.
    if missing := archive.get_many(expected - set(indexed) - since):
        raise IndexDamaged(place, f"{len(missing):,} articles of the archive are missing from it")
    if foreign := set(indexed) - expected - since:
        raise IndexDamaged(place, f"{len(foreign):,} articles in it are not in the archive")
    return len(indexed)
