"""Search by meaning on a cluster, compared with the embedded engine: the same articles, order, labels and counts."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from corpus import Archive, make_article, near_duplicates
from indexer import MatchMode, ResultPage, Searcher, SearchRequest, open_searcher, update_index
from indexer.meaning import embed_archive
from indexer.opensearch import candidates
from indexer.opensearch.searcher import REFRESH_SECONDS
from tests.conftest import on_cluster, remove_indices
from tests.indexer.concept_encoder import ConceptBackend, make_encoder, set_encoder
from tests.indexer.embedded.test_collapse import story

SOURCES = ("النهضة", "الغد", "المنارة")
QUERIES = [
    "كيف كان اجتماع المدينة مع دكتور؟",
    "كيف كان اجتماع المدينة الجديد؟",
    "اجتماع المدينة دكتور اليوم",
    "اجتماع",
    "اجتماع دكتور",
    "مركبة علة",
    "ما سبب علة المركبة التي هناك؟",
    "مركبة هناك =أخرى1",
    "ما سبب علة المركبة مع رقم3؟ +كلمة4",
    '"اجتماع رقم7"',
    "اجتماع -طبيب",
    "",
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Articles on doctors and cars under several names, most of which share a word; a story of three copies."""
    with Archive.create(tmp_path_factory.mktemp("meaning") / "archive") as made:
        set_encoder(made)
    with Archive.open(made.directory) as opened:
        with opened.batch():
            for number in range(150):
                words = ("طبيب", "دكتور", "الأطباء", "مهندس")[number % 4]
                text = f"اجتماع رقم{number} المدينة {'جديد' if number % 5 else 'آخر'} كلمة{number % 11}"
                add(opened, f"m{number}", f"{text} {words}", number)
            for number, word in enumerate(("سيارة", "مركبة", "مرض", "وباء", "علة")):
                add(opened, f"c{number}", f"تعطلت {word} أخرى{number} هناك", number)
            for number in range(3):
                add(opened, f"s{number}", f"{story(1)} مركبة", number)
        near_duplicates.group_changes(opened)
        update_index(opened)
        embed_archive(opened, lambda level, done, total: None, encoder=make_encoder())
        yield opened


def add(archive: Archive, article_id: str, text: str, number: int) -> None:
    published = datetime(2017, 1, 1, tzinfo=UTC) + timedelta(days=number % 7)
    article = make_article(id=article_id, title="", paragraphs=[text], source=SOURCES[number % 3], published=published)
    archive.add(article)


@pytest.fixture(scope="module")
def searchers(archive: Archive, cluster_urls: list[str]) -> Iterator[tuple[Searcher, Searcher]]:
    """The archive searched by the embedded engine, and by a cluster with the vectors on this machine."""
    embedded = Archive.open(archive.directory)
    prefix = f"meaning-{uuid.uuid4().hex[:8]}"
    on_cluster(Archive.open(archive.directory), cluster_urls, prefix, shards=3, replicas=0).close()
    set_encoder(archive)
    with Archive.open(archive.directory) as other, embedded:
        try:
            update_index(other)
            yield open_searcher(embedded), open_searcher(other)
        finally:
            remove_indices(cluster_urls, prefix)


@pytest.fixture(autouse=True)
def concept_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)


def described(page: ResultPage) -> dict[str, object]:
    """Everything of a page that must be the same on both engines."""
    names = ("total", "stories", "listed", "warnings", "encoder", "mode_counts", "parts", "facets", "prose", "no_match")
    hits = [(hit.id, hit.matched, hit.by_meaning, hit.copies, hit.snippet, hit.matches) for hit in page.hits]
    return {"hits": hits, **{name: getattr(page, name) for name in names}}


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"match": MatchMode.ANY},
        {"sources": ("الغد",)},
        {"sources": ("الغد",), "after": date(2017, 1, 2), "before": date(2017, 1, 4)},
        {"group": False},
        {"meaning": False},
    ],
    ids=["plain", "any", "filtered", "narrow", "copies", "words"],
)
def test_both_engines_list_the_same(
    query: str, options: dict[str, object], searchers: tuple[Searcher, Searcher]
) -> None:
    request = SearchRequest(query, **{"meaning": True, "facets": True, "page_size": 30, **options})  # type: ignore[arg-type]
    pages = [searcher.search(request) for searcher in searchers]
    assert described(pages[1]) == described(pages[0])
    ranked = [[article_id for article_id, _ in searcher.rank(request, 150).articles] for searcher in searchers]
    assert ranked[1] == ranked[0]


def test_articles_that_no_word_matches_are_labelled(searchers: tuple[Searcher, Searcher]) -> None:
    for searcher in searchers:
        page = searcher.search(SearchRequest("ما سبب علة المركبة التي هناك؟", page_size=100, meaning=True))
        by_meaning = [hit for hit in page.hits if hit.by_meaning]
        assert by_meaning
        assert not any(hit.matched or hit.matches or hit.score > page.hits[0].score for hit in by_meaning)


@pytest.mark.parametrize(
    "bounds", [{"MAX_ALLOWED": 30}, {"MAX_ALLOWED": 5}, {"MAX_ALLOWED": 5, "_NUMBERS": 7}], ids=str
)
@pytest.mark.parametrize(
    "options", [{"sources": ("الغد",)}, {"sources": ("الغد",), "after": date(2017, 1, 5)}], ids=str
)
@pytest.mark.parametrize("query", ["كيف كان اجتماع المدينة مع دكتور آخر؟", "ما سبب علة المركبة التي هناك؟"])
def test_a_filter_that_excludes_most_of_the_nearest_leaves_the_nearest_others(
    query: str,
    options: dict[str, Any],
    bounds: dict[str, int],
    searchers: tuple[Searcher, Searcher],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("indexer.search.relaxation.FILL_TO", 12)
    monkeypatch.setattr(candidates, "_SPARE", 1)
    for name, value in bounds.items():
        monkeypatch.setattr(candidates, name, value)
    request = SearchRequest(query, meaning=True, page_size=30, **options)
    pages = [searcher.search(request) for searcher in searchers]
    assert described(pages[1]) == described(pages[0])
    assert pages[0].listed >= 8


@pytest.mark.parametrize("query", QUERIES[:5])
def test_cursors_follow_the_same_order(query: str, searchers: tuple[Searcher, Searcher]) -> None:
    request = SearchRequest(query, page_size=23, meaning=True, match=MatchMode.ANY)
    listed = [everything(searcher, request) for searcher in searchers]
    assert listed[1] == listed[0]
    assert len(set(listed[0])) == len(listed[0])


def everything(searcher: Searcher, request: SearchRequest) -> list[str]:
    page = searcher.search(request)
    ids = [hit.id for hit in page.hits]
    while page.next:
        page = searcher.search(request, page.next)
        ids += [hit.id for hit in page.hits]
    return ids


def test_vectors_behind_the_index(archive: Archive, searchers: tuple[Searcher, Searcher]) -> None:
    """The last test: it changes the archive."""
    add(archive, "new", "اجتماع المدينة مع دكتور", 1)
    archive.remove("m1")
    archive.remove("c1")
    # The settings name the cluster; this handle was opened before.
    update_index(archive)
    with Archive.open(archive.directory) as on_the_cluster:
        update_index(on_the_cluster)
    time.sleep(REFRESH_SECONDS)
    for query in ("ما سبب علة المركبة التي هناك؟", QUERIES[0]):
        pages = [searcher.search(SearchRequest(query, page_size=100, meaning=True)) for searcher in searchers]
        assert described(pages[1]) == described(pages[0])
        assert not {"m1", "c1"} & {hit.id for hit in pages[1].hits}
    assert any("1 of the first hits have no vector yet" in note.english for note in pages[1].warnings)
