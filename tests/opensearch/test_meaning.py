"""Search by meaning on a cluster, compared with the embedded engine: the same articles, order, labels and counts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from corpus import Archive, make_article, near_duplicates
from indexer import (
    MatchMode,
    ResultPage,
    Searcher,
    SearchRequest,
    open_searcher,
    update_index,
)
from indexer import embed_archive as embed
from indexer.meaning import embed_archive
from indexer.opensearch import candidates
from tests.conftest import on_cluster, remove_indices
from tests.indexer.concept_encoder import ConceptBackend, make_encoder, set_encoder
from tests.indexer.embedded.test_collapse import story
from tests.opensearch.cluster import skip_without_plugin

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
    "Why did the doctors of Egypt meet?",
    "Pourquoi la réunion en Égypte en 2017 ?",
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
            for number in range(12):
                word = ("طبيب", "الأطباء", "مركبة", "لاعب")[number % 4]
                add(opened, f"e{number}", f"وصل {word} مصر يوم{number} {'اجتماع' if number % 3 else ''}", number)
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


@pytest.fixture(scope="module", params=[False, True], ids=["vectors here", "vectors there"])
def searchers(
    request: pytest.FixtureRequest, archive: Archive, cluster_urls: list[str]
) -> Iterator[tuple[Searcher, Searcher]]:
    """The archive searched by the embedded engine, and by a cluster, which may have the vectors too."""
    if request.param:
        skip_without_plugin(cluster_urls)
    embedded = Archive.open(archive.directory)
    prefix = f"meaning-{uuid.uuid4().hex[:8]}"
    with pytest.MonkeyPatch.context() as patched, embedded:
        patched.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)
        with with_encoder(archive.directory, cluster_urls, prefix, vectors=request.param) as other:
            try:
                update_index(other)
                embed(other)
                yield open_searcher(embedded), open_searcher(other)
            finally:
                remove_indices(cluster_urls, prefix)
                (archive.directory / "arshif.toml").write_text("", encoding="utf-8")
                set_encoder(archive)


def with_encoder(directory: Path, urls: list[str], prefix: str, *, vectors: bool) -> Archive:
    """The archive in a directory, with its index on a cluster and an encoder."""
    on_cluster(Archive.open(directory), urls, prefix, shards=3, replicas=0, vectors=str(vectors).lower()).close()
    with Archive.open(directory) as archive:
        set_encoder(archive)
    return Archive.open(directory)


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


def test_sentences_that_answer_and_similar_articles_are_the_same(searchers: tuple[Searcher, Searcher]) -> None:
    request = SearchRequest(QUERIES[0], meaning=True)
    answers = [searcher.answers(request) for searcher in searchers]
    assert answers[1] == answers[0] != ()
    for article_id in ("m3", "c0", "s1"):
        similar = [[hit.id for hit in searcher.more_like(article_id, meaning=True)] for searcher in searchers]
        assert similar[1] == similar[0] != []
        retold = [[hit.id for hit in searcher.retellings(article_id)] for searcher in searchers]
        assert retold[1] == retold[0]


@pytest.mark.parametrize("query", [*QUERIES[:5], "Why did the doctors of Egypt meet?"])
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


@pytest.mark.parametrize("vectors", [False, True], ids=["vectors here", "vectors there"])
def test_vectors_behind_the_index(vectors: bool, tmp_path: Path, cluster_urls: list[str]) -> None:
    if vectors:
        skip_without_plugin(cluster_urls)
    with Archive.create(tmp_path / "archive") as made:
        set_encoder(made)
    prefix = f"meaning-{uuid.uuid4().hex[:8]}"
    with Archive.open(made.directory) as embedded:
        for number, words in enumerate(("مدينة مع طبيب", "قرية مع الأطباء", "تعطلت مركبة", "تعطلت سيارة", "غرفة")):
            add(embedded, f"a{number}", words, number)
        with with_encoder(made.directory, cluster_urls, prefix, vectors=vectors) as other:
            update_index(other)
            embed(other)
            add(other, "new", "مدينة مع دكتور", 1)
            other.remove("a1")
            other.remove("a3")
            update_index(embedded)
            update_index(other)
            searchers = [open_searcher(embedded), open_searcher(other)]
            for query in ("كيف كانت مدينة مع دكتور؟", "ما سبب علة المركبة في القرية؟"):
                pages = [searcher.search(SearchRequest(query, page_size=100, meaning=True)) for searcher in searchers]
                assert described(pages[1]) == described(pages[0])
                ids = {hit.id for hit in pages[1].hits}
                assert ids
                assert not {"a1", "a3"} & ids
                behind = any("1 of the first hits have no vector yet" in note.english for note in pages[1].warnings)
                assert behind is ("new" in ids)
        remove_indices(cluster_urls, prefix)
