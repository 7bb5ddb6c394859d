"""Compares a cluster of three nodes with the embedded engine: the same archive and queries, on one machine.

Without `--host` the tests' cluster is started: three processes that share this machine's cores and memory with the
benchmark. The figures show the cost that a cluster adds per request, not the speed of a cluster of several machines.

The queries are words of random titles, with a fixed seed. Each engine answers each query twice: with cold
caches, then with warm ones. The first queries request the ids of the ten best hits only, other queries whole pages:
facets, timeline, ten snippets.
"""

from __future__ import annotations

import random
import uuid
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Final

from bench.searching import KINDS, words_of
from bench.timing import both, megabytes, milliseconds
from corpus import Archive
from indexer import Searcher, SearchRequest, pending_changes
from indexer import update_index as update_embedded
from indexer.embedded.searcher import EmbeddedSearcher
from indexer.opensearch.build import rebuild_index, update_index
from indexer.opensearch.bulk import batched
from indexer.opensearch.client import Client
from indexer.opensearch.documents import BATCH, PendingArticle, prepare_all
from indexer.opensearch.searcher import OpenSearchSearcher
from indexer.opensearch.settings import ClusterSettings
from tests.opensearch.cluster import Cluster

QUERIES: Final = 60  # per kind
_TITLES: Final = 20_000
_MIN_WORDS: Final = 3


def run(directory: Path, host: list[str] | None, shards: int, replicas: int) -> None:
    """Measures and prints, then removes its indices from the cluster."""
    with ExitStack() as made:
        archive = made.enter_context(Archive.open(directory))
        if pending_changes(archive):
            update_embedded(archive)
        for processes in (1, 2):
            print(
                f"read and analysed by {processes}: {_preparing(archive, processes):,.0f} articles a second", flush=True
            )
        urls = host or made.enter_context(Cluster(heap="2g", quick_start=False)).urls
        settings = ClusterSettings(tuple(urls), f"bench-{uuid.uuid4().hex[:8]}", shards=shards, replicas=replicas)
        client = Client(settings)
        made.callback(_remove, client)
        print(f"{archive.article_count():,} articles; {shards} shards, {replicas} replicas")
        # Just after its start a cluster is slow: Java compiles only code that runs often.
        for name, build in (("index", update_index), ("reindex", rebuild_index)):
            summary = build(client, archive, lambda done, total: None)
            print(f"{name}: {summary.indexed / summary.seconds:,.0f} articles a second", flush=True)
        for name, mega in _sizes(client):
            print(f"{name}: {mega:,.0f} MB without replicas")
        print(f"embedded index: {megabytes(archive.index_directory):,.0f} MB\n")
        kinds = _queries(archive)
        print(f"| p50 / p95 ms | {' | '.join(kinds)} |\n|---|{'---|' * len(kinds)}")
        for name, engine in (("embedded", EmbeddedSearcher(archive)), ("cluster", OpenSearchSearcher(archive, client))):
            _warm(engine, kinds)
            passes = {"first time": False, "again": False, "facets, timeline, ten snippets": True}
            for name_of_pass, pages in passes.items():
                part = slice(QUERIES, 2 * QUERIES) if pages else slice(QUERIES)
                cells = [both(_times(engine, queries[part], pages)) for queries in kinds.values()]
                print(f"| {name}, {name_of_pass} | {' | '.join(cells)} |", flush=True)


def _preparing(archive: Archive, processes: int) -> float:
    """Returns how many documents per second are prepared, without sending them."""
    pending = (PendingArticle(article_id, 1, True) for article_id in archive.ids())
    began = perf_counter()
    done = sum(part.indexed for part in prepare_all(archive, "none", batched(pending, BATCH), processes))
    return done / (perf_counter() - began)


def _times(engine: Searcher, queries: list[str], pages: bool) -> list[float]:
    if pages:
        return milliseconds(lambda text: engine.search(SearchRequest(text, facets=True)), queries)
    return milliseconds(lambda text: engine.rank(SearchRequest(text), 10), queries)


def _warm(engine: Searcher, kinds: dict[str, list[str]]) -> None:
    """Runs other queries first, so that Java compiles the code."""
    for queries in kinds.values():
        _times(engine, queries[2 * QUERIES :], False)
        _times(engine, queries[2 * QUERIES :], True)


def _queries(archive: Archive) -> dict[str, list[str]]:
    titles = [words for one in islice(archive.articles(), _TITLES) if len(words := words_of(one.title)) >= _MIN_WORDS]
    drawn = random.Random(7)
    return {kind: [spell(drawn.choice(titles)) for _ in range(3 * QUERIES)] for kind, spell in KINDS.items()}


def _sizes(client: Client) -> list[tuple[str, float]]:
    prefix = client.settings.prefix
    found = client.request("GET", f"/{prefix}-*/_stats/store")["indices"]
    sizes = {name: value["primaries"]["store"]["size_in_bytes"] / 2**20 for name, value in sorted(found.items())}
    return [("vocabulary" if name.endswith("-vocabulary") else "articles", size) for name, size in sizes.items()]


def _remove(client: Client) -> None:
    for name in client.request("GET", f"/{client.settings.prefix}-*/_alias"):
        client.request("DELETE", f"/{name}")
    client.close()
