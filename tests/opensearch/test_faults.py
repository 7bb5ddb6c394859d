"""What happens to a real cluster, and what is seen of it: nodes killed, paused and overloaded."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpus import Archive, make_article
from indexer import (
    ArticlesRefused,
    ClusterRefused,
    ClusterUnavailable,
    SearchRequest,
    open_searcher,
    pending_changes,
    rebuild_index,
    update_index,
    verify_index,
)
from indexer.opensearch import Client
from indexer.opensearch import bulk as bulk_module
from indexer.opensearch import update_index as update_on
from search_ui.command.cli import cli
from search_ui.web import create_app
from tests.conftest import on_cluster
from tests.opensearch.cluster import Cluster
from tests.opensearch.cluster import ClusterUnavailable as NoCluster

ARTICLES = 1500


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster of our own, since it is harmed. Its queue of writes is short, as that of a busy one is."""
    pytest.importorskip("opensearchpy", reason="opensearch-py is not installed")
    with ExitStack() as running:
        try:
            started = running.enter_context(Cluster(write_queue=1))
        except NoCluster as error:
            pytest.skip(f"no OpenSearch to test with: {error}")
        yield started


@pytest.fixture
def archive(cluster: Cluster, tmp_path: Path) -> Iterator[Archive]:
    """Indexed, with a copy of every shard on another node."""
    archive = Archive.create(tmp_path / "archive")
    fill(archive, 0, ARTICLES)
    archive = on_cluster(archive, cluster.urls, f"faults-{uuid.uuid4().hex[:8]}", shards=3, replicas=1, timeout=5)
    update_index(archive)
    cluster.wait("green")
    with archive:
        yield archive


def fill(archive: Archive, first: int, last: int) -> None:
    with archive.batch():
        for number in range(first, last):
            text = f"زلزال رقم {number} " + " ".join(f"كلمة{(number * 7 + at) % 4001}" for at in range(60))
            archive.add(make_article(id=f"n{number}", title=f"خبر {number}", paragraphs=[text]))


def test_a_node_killed_while_indexing_loses_no_article(cluster: Cluster, archive: Archive) -> None:
    fill(archive, ARTICLES, 3 * ARTICLES)
    killed = threading.Event()

    def kill(done: int, total: int) -> None:
        if done >= total // 4 and not killed.is_set():
            killed.set()
            cluster.kill(1)

    try:
        update_index(archive, progress=kill)
        assert killed.is_set()
        assert verify_index(archive) == 3 * ARTICLES
        assert pending_changes(archive) == 0
    finally:
        cluster.start(1)
        cluster.wait("green")


def test_searches_go_on_while_a_node_is_killed(cluster: Cluster, archive: Archive) -> None:
    searcher = open_searcher(archive)
    assert searcher.search(SearchRequest("زلزال")).total == ARTICLES
    try:
        cluster.kill(2)
        totals = {searcher.search(SearchRequest(f"زلزال كلمة{number}")).total > 0 for number in range(10)}
        assert totals == {True}
        assert searcher.search(SearchRequest("زلزال")).total == ARTICLES
    finally:
        cluster.start(2)
        cluster.wait("green")


def test_a_node_that_hangs_is_passed_over(cluster: Cluster, archive: Archive) -> None:
    searcher = open_searcher(archive)
    cluster.pause(0)
    try:
        began = time.monotonic()
        until = began + 120
        total, said = -1, set()
        while total != ARTICLES and time.monotonic() < until:
            try:
                total = searcher.search(SearchRequest("زلزال")).total
            except ClusterUnavailable as error:
                # Until the others have given it up, one clear sentence after the time that was set.
                said.add(str(error))
        assert total == ARTICLES
        assert all("is not available" in sentence for sentence in said)
    finally:
        cluster.resume(0)
        cluster.wait("green")


def test_a_busy_cluster_is_waited_for(cluster: Cluster, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small requests at once: the nodes turn some away with 429, and in the end every article is there."""
    monkeypatch.setattr(bulk_module, "REQUEST_DOCUMENTS", 3)
    monkeypatch.setattr(bulk_module, "UNDER_WAY", 24)
    monkeypatch.setattr(bulk_module, "LONGEST_PAUSE", 2.0)
    retries: list[int] = []
    finish = bulk_module.BulkWriter.finish

    def finish_and_tell(self: bulk_module.BulkWriter) -> None:
        finish(self)
        retries.append(self.retries)

    monkeypatch.setattr(bulk_module.BulkWriter, "finish", finish_and_tell)
    fill(archive, ARTICLES, 2 * ARTICLES)
    update_index(archive)
    assert sum(retries) > 0
    assert verify_index(archive) == 2 * ARTICLES


def test_what_stays_refused_is_told_by_article_and_the_rest_is_indexed(cluster: Cluster, archive: Archive) -> None:
    # OpenSearch takes no name of more bytes than this in a field that is kept whole.
    archive.add(make_article(id="too long", paragraphs=["زلزال"], source="س" * 20_000))
    archive.add(make_article(id="good", paragraphs=["زلزال"]))
    for _ in range(2):
        with pytest.raises(ArticlesRefused, match="refused 1 article: too long: "):
            update_index(archive)
        assert open_searcher(archive).search(SearchRequest("زلزال")).total == ARTICLES + 1
        assert pending_changes(archive) == 2, "the mark stays before what was refused"
    with pytest.raises(ArticlesRefused):
        rebuild_index(archive)
    assert open_searcher(archive).search(SearchRequest("زلزال")).total == ARTICLES + 1
    archive.add(make_article(id="too long", paragraphs=["زلزال"], source="س"))
    update_index(archive)
    assert pending_changes(archive) == 0
    assert verify_index(archive) == ARTICLES + 2


def test_two_writers_at_once_end_as_one(cluster: Cluster, archive: Archive) -> None:
    fill(archive, ARTICLES, 2 * ARTICLES)
    failures: list[BaseException] = []

    def run(work: Callable[[Archive], object]) -> None:
        try:
            with Archive.open(archive.directory) as own:
                work(own)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in (update_index, update_index)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert verify_index(archive) == 2 * ARTICLES
    assert pending_changes(archive) == 0


def test_an_update_that_a_reindex_overtakes_goes_on_in_the_new_index(cluster: Cluster, archive: Archive) -> None:
    fill(archive, ARTICLES, ARTICLES + 300)
    client = Client(archive.settings.cluster)
    overtaken = threading.Event()

    def overtake(done: int, total: int) -> None:
        if done and not overtaken.is_set():
            overtaken.set()
            with Archive.open(archive.directory) as other:
                rebuild_index(other)

    assert update_on(client, archive, overtake).indexed == 0, "the reindex has done the work"
    assert overtaken.is_set()
    prefix = archive.settings.cluster.prefix
    assert len(client.request("GET", f"/{prefix}-*/_alias")) == 2, "no index is made by what is written too late"
    assert verify_index(archive) == ARTICLES + 300
    assert pending_changes(archive) == 0


def test_a_mapping_of_an_older_version_asks_for_reindex(
    cluster: Cluster, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("indexer.opensearch.mapping.FORMAT_VERSION", 99)
        result = CliRunner().invoke(cli, ["--archive", str(archive.directory), "search", "زلزال"])
        assert result.exit_code == 1, result.output
        assert "the index was built with format 1, this is 99: run 'arshif reindex'" in result.output


def test_what_is_not_an_index_of_ours_is_left_alone(cluster: Cluster, archive: Archive) -> None:
    client = Client(replace(archive.settings.cluster, prefix="theirs"))
    client.request("PUT", "/theirs", {"settings": {"number_of_shards": 1}}, timeout=60)
    try:
        with pytest.raises(ClusterRefused, match="theirs is an index, which is not Arshif's"):
            update_on(client, archive, lambda done, total: None)
    finally:
        client.request("DELETE", "/theirs")


def test_with_all_nodes_down_one_sentence_says_so_and_nothing_is_lost(cluster: Cluster, archive: Archive) -> None:
    """The last of all: the cluster is stopped here, and started again."""
    app = create_app({"ARCHIVE": archive.directory}).test_client()
    assert app.get("/search?q=زلزال").status_code == 200
    for number in range(3):
        cluster.kill(number)
    try:
        result = CliRunner().invoke(cli, ["--archive", str(archive.directory), "search", "زلزال"])
        assert result.exit_code == 1, result.output
        assert len(result.output.splitlines()) == 1
        assert "is not available: no node accepts connections" in result.output
        page = app.get("/search?q=زلزال")
        assert page.status_code == 503
        assert "خوادم البحث لا تستجيب الآن" in page.text
        assert app.get("/article/n1").status_code == 200, "the archive itself can be read"
        fill(archive, ARTICLES, ARTICLES + 1)
        status = CliRunner().invoke(cli, ["--archive", str(archive.directory), "status"])
        assert status.exit_code == 0
        assert "is not available" in status.output
    finally:
        for number in range(3):
            cluster.start(number)
        cluster.wait("green")
    update_index(archive)
    assert verify_index(archive) == ARTICLES + 1
    assert app.get("/search?q=زلزال").status_code == 200
