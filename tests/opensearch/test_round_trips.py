"""The number of round trips to the cluster per page, as documented in docs/scale.md."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from corpus import Archive, make_article
from indexer import MatchMode, SearchRequest, Sort, update_index
from indexer.meaning import embed_archive
from indexer.opensearch.client import Client
from indexer.opensearch.searcher import OpenSearchSearcher
from indexer.opensearch.settings import cluster_settings
from indexer.opensearch.vector_sending import embed_and_send
from tests.conftest import on_cluster, remove_indices
from tests.indexer.concept_encoder import ConceptBackend, set_encoder
from tests.opensearch.cluster import skip_without_plugin

COMMON = 150  # articles with a word that is common


class CountingClient(Client):
    """Counts the searches that it sends."""

    sent = 0

    def request(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        self.sent += path.endswith(("_search", "_msearch"))
        return super().request(method, path, body, **options)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, cluster_urls: list[str]) -> Iterator[Archive]:
    prefix = f"trips-{uuid.uuid4().hex[:8]}"
    made = Archive.create(tmp_path_factory.mktemp("trips") / "archive")
    on_cluster(made, cluster_urls, prefix, replicas=0).close()
    with Archive.open(made.directory) as opened:
        set_encoder(opened)
    with Archive.open(made.directory) as archive:
        with archive.batch():
            for number in range(COMMON):
                words = f"حكومة وزير رقم{number} {'زلزال' if number < 60 else 'تفاوض'} {'مفاوضات تفاوض' if number < 8 else ''}"
                day = datetime(2017, 1, 1 + number % 3, tzinfo=UTC)
                source = "المنارة" if number == 100 else "الغد"
                archive.add(
                    make_article(id=f"a{number}", title="خبر", paragraphs=[words], source=source, published=day)
                )
            for number, names in enumerate(("غوتيريش عبد الله", "جوتيريس عبدالله", "شوارزنيجر", "شوارزنيغر")):
                archive.add(make_article(id=f"name{number}", title="أسماء", paragraphs=[names]))
        try:
            update_index(archive)
            yield archive
        finally:
            remove_indices(cluster_urls, prefix)


@pytest.fixture
def client(archive: Archive) -> Iterator[CountingClient]:
    with CountingClient(cluster_settings(archive)) as client:
        yield client


FEW = "زلزال تفاوض"
PAGES = [
    ("many articles match", SearchRequest("حكومة وزير"), (2, 1)),
    ("many match in another match mode", SearchRequest("حكومة تفاوض", match=MatchMode.ANY), (3, 1)),
    ("few match, in an order by date", SearchRequest(FEW, sort=Sort.NEWEST), (2, 1)),
    ("few match, and the nearest follow", SearchRequest(FEW), (5, 2)),
    ("few match, and fill the page, which has the number of listed hits", SearchRequest(FEW, page_size=2), (5, 2)),
    ("a sentence", SearchRequest("حكومة وزير زلزال تفاوض خبر رقم مفاوضات"), (4, 2)),
    # Which spellings exist is fetched with the rest; their printed forms and their statistics are one request each.
    # Three requests are for the suggestion, since these names are rare.
    ("a name with other spellings", SearchRequest("غوتيريش", sort=Sort.NEWEST), (7, 1)),
    ("a name in two words that is also one", SearchRequest("عبد الله", sort=Sort.NEWEST), (7, 1)),
    ("a name that is in no article", SearchRequest("كولومبوس", sort=Sort.NEWEST), (5, 1)),
    # Its possible beginnings in Arabic decide which continuations are looked up: two requests more, or five.
    ("a name in Latin letters", SearchRequest("Guterres", sort=Sort.NEWEST), (10, 1)),
    ("a long name in Latin letters", SearchRequest("Schwarzenegger", sort=Sort.NEWEST), (15, 1)),
]


@pytest.mark.parametrize(("_", "request_", "trips"), PAGES, ids=[row[0] for row in PAGES])
def test_round_trips_per_page(
    archive: Archive, client: CountingClient, _: str, request_: SearchRequest, trips: tuple[int, int]
) -> None:
    searcher = OpenSearchSearcher(archive, client)
    assert searcher.search(SearchRequest("رقم7")).total == 1, "statistics of the whole commit are cached"
    counted = []
    for _again in range(2):
        before = client.sent
        searcher.search(request_)
        counted.append(client.sent - before)
    assert tuple(counted) == trips


@pytest.mark.parametrize(
    ("beginning", "trips"),
    [("حكو", (7, 1)), ("guter", (8, 1))],  # two of them read the names of sources, once per commit
)
def test_round_trips_per_completion(
    archive: Archive, client: CountingClient, beginning: str, trips: tuple[int, int]
) -> None:
    searcher = OpenSearchSearcher(archive, client)
    assert searcher.search(SearchRequest("رقم7")).total == 1, "statistics of the whole commit are cached"
    counted = []
    for _again in range(2):
        before = client.sent
        assert searcher.suggest(beginning)
        counted.append(client.sent - before)
    assert tuple(counted) == trips


# Requests more than by words: with the vectors on this machine, and in the cluster.
MEANING = [
    ("many articles match", SearchRequest("حكومة وزير", meaning=True), (0, 1)),
    ("few match, and the nearest follow", SearchRequest(FEW, meaning=True), (1, 3)),
    ("with a filter", SearchRequest(FEW, meaning=True, before=date(2017, 1, 2)), (1, 3)),
    ("with a filter that few meet", SearchRequest(FEW, meaning=True, sources=("المنارة",)), (1, 3)),
    ("an exact query", SearchRequest('"زلزال تفاوض"', meaning=True), (0, 0)),
]


@pytest.mark.parametrize(("_", "request_", "more"), MEANING, ids=[row[0] for row in MEANING])
@pytest.mark.parametrize("there", [False, True], ids=["vectors here", "vectors there"])
def test_round_trips_more_by_meaning(
    archive: Archive,
    _: str,
    request_: SearchRequest,
    more: tuple[int, int],
    there: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)
    settings = replace(cluster_settings(archive), vectors=there)
    with CountingClient(settings) as client:
        if there:
            skip_without_plugin(list(settings.hosts))
            embed_and_send(client, archive, lambda level, done, total: None, replace=False)
        else:
            embed_archive(archive, lambda level, done, total: None)
        searcher = OpenSearchSearcher(archive, client)
        searcher.search(replace(request_, meaning=False))
        searcher._meaning()
        counted = []
        for meaning in (False, True, True):
            before = client.sent
            searcher.search(replace(request_, meaning=meaning))
            counted.append(client.sent - before)
        assert counted[1] - counted[0] == counted[2] - counted[0] == more[there]


def test_later_pages_of_the_nearest_need_no_more_round_trips(archive: Archive, client: CountingClient) -> None:
    searcher = OpenSearchSearcher(archive, client)
    assert len(searcher.search(SearchRequest(FEW)).hits) == 10
    request = SearchRequest(FEW, page_size=20)
    page = searcher.search(request)
    pages = 1
    while page.next:
        before = client.sent
        page = searcher.search(request, page.next)
        assert client.sent - before == 2
        pages += 1
    assert pages == 5
