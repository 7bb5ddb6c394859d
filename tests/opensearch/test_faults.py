"""Faults of a real cluster: nodes killed and paused, writes rejected, old indices."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count

import pytest
from click.testing import CliRunner

from corpus import Archive, make_article
from indexer import (
    ArticlesRefused,
    ClusterRefused,
    ClusterUnavailable,
    SearchRequest,
    SearchTooCostly,
    budget,
    open_searcher,
    pending_changes,
    rebuild_index,
    update_index,
    verify_index,
)
from indexer.opensearch import build
from indexer.opensearch import bulk as bulk_module
from indexer.opensearch.build import rebuild_index as rebuild_on
from indexer.opensearch.build import update_index as update_on
from indexer.opensearch.client import Client, Search
from indexer.opensearch.indices import FORMAT_VERSION
from indexer.opensearch.settings import cluster_settings
from search_ui.command.cli import cli
from search_ui.web import create_app
from tests.conftest import on_cluster, remove_indices
from tests.opensearch.cluster import Cluster

ARTICLES = 300
PATIENCE = 30  # seconds that an answer may take on a busy machine


@pytest.fixture(scope="module")
def made(own_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Archive]]:
    """Makes indexed archives, with a replica of every shard on another node."""
    with ExitStack() as stack:

        def make(timeout: int = PATIENCE) -> Archive:
            archive = Archive.create(tmp_path_factory.mktemp("faults") / "archive")
            fill(archive, 0, ARTICLES)
            prefix = f"faults-{uuid.uuid4().hex[:8]}"
            archive = on_cluster(archive, own_cluster.urls, prefix, shards=2, replicas=1, timeout=timeout)
            update_index(archive)
            stack.callback(remove_indices, own_cluster.urls, prefix)
            return stack.enter_context(archive)

        yield make


@pytest.fixture(scope="module")
def shared(made: Callable[..., Archive]) -> Archive:
    """An archive that tests do not change, and whose searchers time out after seconds."""
    return made(timeout=4)


def fill(archive: Archive, first: int, last: int) -> None:
    with archive.batch():
        for number in range(first, last):
            text = f"زلزال رقم {number} " + " ".join(f"كلمة{(number * 7 + at) % 4001}" for at in range(60))
            archive.add(make_article(id=f"n{number}", title=f"خبر {number}", paragraphs=[text]))


def test_no_article_is_lost_when_a_node_is_killed_during_indexing_and_searching(
    own_cluster: Cluster, made: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = made()
    own_cluster.wait("green")
    fill(archive, ARTICLES, 4 * ARTICLES)
    monkeypatch.setattr(bulk_module, "REQUEST_DOCUMENTS", 40)
    killed, done = threading.Event(), threading.Event()
    totals: set[int] = set()
    failures: list[BaseException] = []

    def search() -> None:
        try:
            searcher = open_searcher(archive)
            for number in count():
                totals.add(searcher.search(SearchRequest("زلزال")).total)
                assert searcher.search(SearchRequest(f"زلزال كلمة{number % ARTICLES}")).total
                if done.is_set():
                    return
        except BaseException as error:
            failures.append(error)

    def kill(articles: int, total: int) -> None:
        if articles >= total // 4 and not killed.is_set():
            killed.set()
            own_cluster.kill(1)

    searching = threading.Thread(target=search)
    try:
        searching.start()
        update_index(archive, progress=kill)
        assert killed.is_set()
        assert verify_index(archive) == 4 * ARTICLES
        assert pending_changes(archive) == 0
        time.sleep(1.5)  # by then every searcher has noticed the commit
    finally:
        done.set()
        searching.join()
        own_cluster.start(1)
        own_cluster.wait("green")
    assert failures == []
    # A replica that replaces a lost shard shows at once what it has of the run; no article that was there disappears.
    assert min(totals) == ARTICLES
    assert max(totals) == 4 * ARTICLES


def test_a_hanging_node_is_skipped(own_cluster: Cluster, shared: Archive) -> None:
    searcher = open_searcher(shared)
    paused = own_cluster.follower()
    own_cluster.pause(paused)
    try:
        until = time.monotonic() + 120
        total, errors = -1, set()
        while total != ARTICLES and time.monotonic() < until:
            try:
                total = searcher.search(SearchRequest("زلزال")).total
            except ClusterUnavailable as error:
                # Until the other nodes drop it, one clear error after the timeout.
                errors.add(str(error))
        assert total == ARTICLES
        assert all("is not available" in sentence for sentence in errors)
    finally:
        own_cluster.resume(paused)
        own_cluster.wait("green")


def test_the_cluster_ends_a_search_over_its_budget(made: Callable[..., Archive]) -> None:
    archive = made()
    for first in (ARTICLES, ARTICLES + 20):  # the timeout is checked between segments
        fill(archive, first, first + 20)
        update_index(archive)
    slow = "double x = 0; for (int i = 0; i < 900000; i++) { x += Math.sqrt(i) } return 1 + x - x"
    query = {"script_score": {"query": {"match_all": {}}, "script": {"source": slow}}}
    with Client(cluster_settings(archive)) as client:
        prefix = cluster_settings(archive).prefix
        for ask in (
            lambda: client.search(prefix, {"query": query}),
            lambda: client.searches([Search(prefix, {"query": query})]),
        ):
            began = time.monotonic()
            with budget.limited(0.02), pytest.raises(SearchTooCostly, match="took longer than"):
                ask()
            assert time.monotonic() - began < PATIENCE
        assert client.search(prefix, {"query": {"match_all": {}}})["hits"]["total"]["value"] == ARTICLES + 40


def test_temporarily_rejected_writes_are_retried(
    own_cluster: Cluster, made: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a full disk OpenSearch answers 429 to every write until there is space again."""
    archive = made()
    monkeypatch.setattr(bulk_module, "LONGEST_PAUSE", 1.0)
    monkeypatch.setattr(bulk_module, "TRIES", 60)
    monkeypatch.setattr(bulk_module, "REQUEST_DOCUMENTS", 50)
    retries: list[int] = []
    finish = bulk_module.BulkWriter.finish

    def finish_and_record(self: bulk_module.BulkWriter) -> None:
        finish(self)
        retries.append(self.retries)

    monkeypatch.setattr(bulk_module.BulkWriter, "finish", finish_and_record)
    fill(archive, ARTICLES, 2 * ARTICLES)
    client = Client(cluster_settings(archive))

    def full(is_full: bool) -> None:
        value = {"index.blocks.read_only_allow_delete": True if is_full else None}
        client.request("PUT", f"/{cluster_settings(archive).prefix}/_settings", value, timeout=60)

    full(True)
    room = threading.Timer(2.0, full, [False])
    room.start()
    try:
        assert update_index(archive).indexed == ARTICLES
    finally:
        room.join()
    assert sum(retries) > 0
    assert verify_index(archive) == 2 * ARTICLES
    assert pending_changes(archive) == 0


def test_writes_rejected_to_the_end_are_reported_and_done_by_the_next_run(
    made: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = made()
    monkeypatch.setattr(bulk_module, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(bulk_module, "TRIES", 3)
    fill(archive, ARTICLES, ARTICLES + 5)
    client = Client(cluster_settings(archive))
    path = f"/{cluster_settings(archive).prefix}/_settings"
    client.request("PUT", path, {"index.blocks.read_only_allow_delete": True}, timeout=60)
    with pytest.raises(ClusterUnavailable, match=r"is not available: .*blocked by"):
        update_index(archive)
    assert pending_changes(archive) == 5
    client.request("PUT", path, {"index.blocks.read_only_allow_delete": None}, timeout=60)
    assert update_index(archive).indexed == 5
    assert verify_index(archive) == ARTICLES + 5


def test_refused_articles_are_reported_and_the_others_indexed(made: Callable[..., Archive]) -> None:
    archive = made()
    # OpenSearch refuses longer values in a keyword field.
    archive.add(make_article(id="too long", paragraphs=["زلزال"], section="س" * 20_000))
    archive.add(make_article(id="good", paragraphs=["زلزال"]))
    for _ in range(2):
        with pytest.raises(ArticlesRefused, match="refused 1 article: too long: "):
            update_index(archive)
        assert open_searcher(archive).search(SearchRequest("زلزال")).total == ARTICLES + 1
        assert pending_changes(archive) == 2, "the mark stays before the refused article"
    with pytest.raises(ArticlesRefused):
        rebuild_index(archive)
    assert open_searcher(archive).search(SearchRequest("زلزال")).total == ARTICLES + 1
    archive.add(make_article(id="too long", paragraphs=["زلزال"], section="س"))
    update_index(archive)
    assert pending_changes(archive) == 0
    assert verify_index(archive) == ARTICLES + 2


def test_two_concurrent_writers_give_the_result_of_one(made: Callable[..., Archive]) -> None:
    archive = made()
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


def test_an_update_overtaken_by_a_reindex_continues_in_the_new_index(made: Callable[..., Archive]) -> None:
    archive = made()
    fill(archive, ARTICLES, 2 * ARTICLES)
    client = Client(cluster_settings(archive))
    overtaken = threading.Event()

    def overtake(done: int, total: int) -> None:
        if done and not overtaken.is_set():
            overtaken.set()
            with Archive.open(archive.directory) as other:
                rebuild_index(other)

    assert update_on(client, archive, overtake).indexed == 0, "the reindex has done the work"
    assert overtaken.is_set()
    prefix = cluster_settings(archive).prefix
    assert len(client.request("GET", f"/{prefix}-*/_alias")) == 2, "late writes create no index"
    assert verify_index(archive) == 2 * ARTICLES
    assert pending_changes(archive) == 0


def test_the_mark_moves_during_a_long_run(made: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch) -> None:
    archive = made()
    monkeypatch.setattr(build, "_WINDOW", 50)
    fill(archive, ARTICLES, ARTICLES + 120)
    archive.add(make_article(id=f"n{ARTICLES}", title="خبر", paragraphs=["هزة"]))
    progress: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        progress.append((done, total))
        if done > 60:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        update_index(archive, progress=stop)
    assert pending_changes(archive) == 71, "the first window is done"
    assert open_searcher(archive).search(SearchRequest("زلزال")).total == ARTICLES + 49, "as they are now"
    assert progress[0] == (0, 120)
    assert update_index(archive).indexed == 71, "the revised article again"
    assert pending_changes(archive) == 0
    assert verify_index(archive) == ARTICLES + 120
    assert open_searcher(archive).search(SearchRequest("زلزال")).total == ARTICLES + 119
    assert open_searcher(archive).search(SearchRequest("هزة")).total == 1


def test_a_refused_article_stops_the_mark_but_not_later_windows(
    made: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = made()
    monkeypatch.setattr(build, "_WINDOW", 20)
    fill(archive, ARTICLES, ARTICLES + 30)
    archive.add(make_article(id="too long", paragraphs=["زلزال"], section="س" * 20_000))
    fill(archive, ARTICLES + 30, ARTICLES + 90)
    with pytest.raises(ArticlesRefused, match="refused 1 article: too long: "):
        update_index(archive)
    assert pending_changes(archive) == 61
    assert open_searcher(archive).search(SearchRequest("زلزال")).total == ARTICLES + 90


def test_a_reindex_in_several_processes_adds_replicas_at_the_end(
    own_cluster: Cluster, made: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = made()
    own_cluster.wait("green")
    monkeypatch.setattr(build, "_WORTH_PROCESSES", 1)
    settings = replace(cluster_settings(archive), processes=2)
    client = Client(settings)
    replicas: set[str] = set()

    def look(done: int, total: int) -> None:
        found = client.request("GET", f"/{settings.prefix}-000002/_settings")
        replicas.add(found[f"{settings.prefix}-000002"]["settings"]["index"]["number_of_replicas"])

    before = open_searcher(archive).search(SearchRequest("زلزال كلمة7 كلمة14", facets=True))
    assert rebuild_on(client, archive, look).indexed == ARTICLES
    assert replicas == {"0"}
    health = client.request("GET", f"/_cluster/health/{settings.prefix}")
    assert (health["active_primary_shards"], health["active_shards"]) == (2, 4)
    assert verify_index(archive) == ARTICLES
    after = open_searcher(archive).search(SearchRequest("زلزال كلمة7 كلمة14", facets=True))
    assert [hit.id for hit in after.hits] == [hit.id for hit in before.hits]
    assert (after.total, after.facets) == (before.total, before.facets)


def test_a_reindex_that_loses_a_node_leaves_the_old_index_in_use(
    own_cluster: Cluster, made: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = made()
    own_cluster.wait("green")
    monkeypatch.setattr(bulk_module, "REQUEST_DOCUMENTS", 20)
    monkeypatch.setattr(bulk_module, "TRIES", 3)
    monkeypatch.setattr(bulk_module, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(bulk_module, "SHARD_SECONDS", 1)
    client = Client(cluster_settings(archive))
    prefix = cluster_settings(archive).prefix
    killed: list[int] = []

    def kill(done: int, total: int) -> None:
        if not killed:
            shards = client.request("GET", f"/_cat/shards/{prefix}-000002", params={"format": "json"})
            killed.append(int(shards[0]["node"].removeprefix("node")))
            own_cluster.kill(killed[0])

    try:
        with pytest.raises(ClusterUnavailable, match="is not available: "):
            rebuild_index(archive, progress=kill)
        assert open_searcher(archive).search(SearchRequest("زلزال")).total == ARTICLES
    finally:
        own_cluster.start(killed[0])
        own_cluster.wait("green")
    assert rebuild_index(archive).indexed == ARTICLES
    assert verify_index(archive) == ARTICLES
    assert len(client.request("GET", f"/{prefix}-*/_alias")) == 2


def test_a_replaced_index_is_removed_when_no_scan_reads_it(made: Callable[..., Archive]) -> None:
    archive = made()
    client = Client(cluster_settings(archive))
    prefix = cluster_settings(archive).prefix
    scan = open_searcher(archive).scan(SearchRequest("زلزال"))
    rebuild_index(archive)
    assert len(client.request("GET", f"/{prefix}-*/_alias")) == 4
    assert len(list(scan.ids())) == ARTICLES
    del scan
    update_index(archive)
    assert len(client.request("GET", f"/{prefix}-*/_alias")) == 2


def test_an_index_of_an_older_format_must_be_rebuilt(shared: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.opensearch.indices.FORMAT_VERSION", 99)
    result = CliRunner().invoke(cli, ["--archive", str(shared.directory), "search", "زلزال"])
    assert result.exit_code == 1, result.output
    assert (
        f"the index was built with format {FORMAT_VERSION}, and this version of Arshif needs 99; run 'arshif reindex'"
        in result.output
    )
    page = create_app({"ARCHIVE": shared.directory}).test_client().get("/search?q=زلزال")
    assert page.status_code == 503
    assert "ولا بد من إعادة بنائه" in page.text


def test_a_foreign_index_is_not_touched(shared: Archive) -> None:
    client = Client(replace(cluster_settings(shared), prefix="theirs"))
    client.request("PUT", "/theirs", {"settings": {"number_of_shards": 1}}, timeout=60)
    try:
        with pytest.raises(ClusterRefused, match="theirs is an index, which is not Arshif's"):
            update_on(client, shared, lambda done, total: None)
    finally:
        client.request("DELETE", "/theirs", timeout=60)


def test_with_all_nodes_down_one_error_is_shown_and_nothing_is_lost(own_cluster: Cluster, shared: Archive) -> None:
    """The last test: it stops the cluster and starts it again."""
    app = create_app({"ARCHIVE": shared.directory}).test_client()
    assert app.get("/search?q=زلزال").status_code == 200
    for number in range(3):
        own_cluster.kill(number)
    try:
        result = CliRunner().invoke(cli, ["--archive", str(shared.directory), "search", "زلزال"])
        assert result.exit_code == 1, result.output
        assert len(result.output.splitlines()) == 1
        assert "is not available: no node accepts connections" in result.output
        page = app.get("/search?q=زلزال")
        assert page.status_code == 503
        assert "خوادم البحث لا تستجيب" in page.text
        assert app.get("/api/v1/search?q=زلزال").status_code == 503
        time.sleep(1.0)  # a searcher may use its reader for this long without a check
        assert app.get("/healthz/ready").status_code == 503
        assert app.get("/status").status_code == 200
        assert app.get("/article/n1").status_code == 200, "the archive itself can be read"
        fill(shared, ARTICLES, ARTICLES + 1)
        status = CliRunner().invoke(cli, ["--archive", str(shared.directory), "status"])
        assert status.exit_code == 0
        assert "is not available" in status.output
    finally:
        for number in range(3):
            own_cluster.start(number)
        own_cluster.wait("green")
    update_index(shared)
    assert verify_index(shared) == ARTICLES + 1
    assert app.get("/search?q=زلزال").status_code == 200
