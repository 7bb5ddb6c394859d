"""Relevance of a cluster on real retrieval sets: as good as the embedded engine's.

Both engines search the same archive. By default only the set on which they differ most; `ARSHIF_TEST_RELEVANCE=all`
takes all sets, which takes many minutes.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest

from corpus import Archive, make_article
from indexer import SearchEngine, SearchRequest, Topic, as_run, evaluate, open_searcher, read_qrels, read_topics
from indexer import update_index as update
from tests.conftest import on_cluster, remove_indices
from tests.indexer.test_relevance import FLOORS, corpus

ALL = os.environ.get("ARSHIF_TEST_RELEVANCE") == "all"
SETS = tuple(FLOORS) if ALL else ("mlqa_dev",)
TOLERANCE = 0.005


@pytest.mark.parametrize("name", SETS)
def test_a_cluster_ranks_as_well_as_the_embedded_engine(
    name: str, shared_data: Path, cluster_urls: list[str], tmp_path: Path
) -> None:
    place = shared_data / "retrieval" / name
    topics, _ = read_topics((place / "queries.jsonl").read_bytes(), "queries.jsonl")
    qrels = read_qrels((place / "qrels.txt").read_bytes(), "qrels.txt")

    def ndcg(engine: SearchEngine) -> float:
        run = [doc for topic in topics for doc in as_run(topic.id, best(engine, topic))]
        return evaluate(topics, qrels, run).means()[0]

    archive = Archive.create(tmp_path / "archive")
    with archive.batch():
        for value in corpus(shared_data, name):
            archive.add(make_article(id=value["id"], title=value["title"], paragraphs=value["text"].splitlines()))
    update(archive)
    embedded = ndcg(open_searcher(archive))
    prefix = f"relevance-{uuid.uuid4().hex[:8]}"
    archive = on_cluster(archive, cluster_urls, prefix, shards=2, replicas=0)
    with archive:
        try:
            update(archive)
            cluster = ndcg(open_searcher(archive))
        finally:
            remove_indices(cluster_urls, prefix)
    print(f"{name}: nDCG@10 {embedded:.4f} embedded, {cluster:.4f} on a cluster")
    assert abs(cluster - embedded) <= TOLERANCE


def best(engine: SearchEngine, topic: Topic) -> tuple[tuple[str, float], ...]:
    return engine.rank(SearchRequest(topic.text), 10).articles
