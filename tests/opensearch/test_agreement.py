"""A cluster compared with the embedded engine: the same matches, counts and scores, and a ranking as good.

Random queries run on an archive whose articles hold the same words in many shapes. The retrieval sets are real: by
default only the one on which the engines differ most; `ARSHIF_TEST_RELEVANCE=all` takes all, which takes many minutes.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus import Archive, make_article, near_duplicates
from indexer import (
    MatchMode,
    ResultPage,
    Searcher,
    SearchRequest,
    Sort,
    Topic,
    WordForms,
    as_run,
    evaluate,
    open_searcher,
    read_qrels,
    read_topics,
)
from indexer import update_index as update
from indexer.analysis import analyze_words
from indexer.embedded.searcher import EmbeddedSearcher
from indexer.query.plan import AnyTerm, Plan
from tests.conftest import on_cluster, remove_indices
from tests.indexer.plans import word
from tests.indexer.test_relevance import FLOORS, corpus

ALL = os.environ.get("ARSHIF_TEST_RELEVANCE") == "all"
SETS = tuple(FLOORS) if ALL else ("mlqa_dev",)
TOLERANCE = 0.005

SEEDS = 10
QUERIES = 25  # per seed
ARTICLES = 300
ROUNDING = 1e-4  # of a score: scripts and sums in single precision
LONGEST = 30  # words of an article; Lucene keeps lengths up to 40 exactly

WORDS = [
    "مفاوضات", "مفاوضة", "المفاوضات", "وبالمفاوضات", "تفاوض", "كتاب", "كاتب", "مكتبة", "كتب", "الكتب", "زلزال", "الزلازل",
    "زلازل", "إيران", "إيراني", "الإيرانية", "لافروف", "لفروف", "موازنة", "الموازنة", "توازن", "حكومة", "الحكومة", "حكومات",
    "وزير", "الوزير", "وزارة", "مباراة", "مباريات", "فوز", "فازت", "اليابان", "ياباني", "رئيس", "الرئيس", "رئاسة", "غرب",
    "النار", "نيران", "وقف", "إطلاق", "هدنة", "سوريا", "سورية", "تركيا", "روسيا", "2017", "23",
]  # fmt: skip
OTHERS = ["برشلونة", "كسكسي", "قرنبيط", "في", "متى"]
SOURCES = ["النهضة", "الغد", "المنارة"]
PATTERNS = ["مفاو*", "*ران", "كت؟ب", "ال*", "زلزا؟"]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory, cluster_urls: list[str]) -> Iterator[tuple[Searcher, Searcher]]:
    """One archive, searched by the embedded engine and by a cluster."""
    archive = Archive.create(tmp_path_factory.mktemp("agreement") / "archive")
    fill(archive)
    update(archive)
    embedded = Archive.open(archive.directory)
    prefix = f"agreement-{uuid.uuid4().hex[:8]}"
    archive = on_cluster(archive, cluster_urls, prefix, shards=3, replicas=0)
    with archive, embedded:
        try:
            update(archive)
            yield EmbeddedSearcher(embedded), open_searcher(archive)
        finally:
            remove_indices(cluster_urls, prefix)


def fill(archive: Archive) -> None:
    """Adds articles, some with copies. No article repeats a stem or has a stop word: see docs/scale.md."""
    drawn = random.Random(1)
    with archive.batch():
        for number in range(ARTICLES):
            by_stem = {analyze_words(word)[0].stem: word for word in drawn.sample(WORDS, len(WORDS))}
            words = list(by_stem.values())[: drawn.randint(4, LONGEST)]
            for copy in range(drawn.choice((1, 1, 1, 1, 2, 4)) if len(words) > LONGEST * 0.6 else 1):
                archive.add(
                    make_article(
                        id=f"a{number}-{copy}",
                        title=" ".join(words[:3]),
                        paragraphs=[" ".join(words[3:])],
                        source=drawn.choice(SOURCES),
                        published=datetime(2017, 1, 1, tzinfo=UTC) + timedelta(days=number // 3, hours=copy),
                    )
                )
    near_duplicates.group_changes(archive)


def query(drawn: random.Random) -> str:
    """A query of several parts."""
    return " ".join(part(drawn) for _ in range(drawn.choice((1, 2, 2, 3, 3, 4, 6, 9))))


def part(drawn: random.Random) -> str:
    """One part of a query: mostly a word."""

    def words(least: int, most: int) -> str:
        return " ".join(drawn.sample(WORDS, drawn.randint(least, most)))

    def word() -> str:
        return drawn.choice(WORDS)

    kinds = {
        word: 24,
        lambda: drawn.choice(OTHERS): 1,
        lambda: f'"{words(2, 2)}"': 2,
        lambda: f'"{words(2, 3)}"~{drawn.randint(3, 12)}': 2,
        lambda: f"({word()} أو {word()})": 2,
        lambda: f"({word()} أو ({words(2, 2)}))": 1,
        lambda: f"({words(2, 3)})": 1,
        lambda: f"+{word()}": 1,
        lambda: f"-{word()}": 1,
        lambda: f"={word()}": 2,
        lambda: f"جذر:{word()}": 2,
        lambda: f"{word()}~": 1,
        lambda: drawn.choice(PATTERNS): 1,
        lambda: f"عنوان:{word()}": 2,
        lambda: f"مصدر:{drawn.choice(SOURCES)}": 1,
        lambda: "من:2017-02-01": 1,
    }
    return drawn.choices(list(kinds), list(kinds.values()))[0]()


def requests(seed: int) -> Iterator[SearchRequest]:
    """Random requests, the same for a seed."""
    drawn = random.Random(seed)
    for _ in range(QUERIES):
        yield SearchRequest(
            query(drawn),
            sources=tuple(drawn.sample(SOURCES, 2)) if drawn.random() < 0.1 else (),
            match=drawn.choice((MatchMode.ALL, *MatchMode)),
            forms=drawn.choice((WordForms.LEMMA, *WordForms)),
            sort=drawn.choice((Sort.RELEVANCE, Sort.RELEVANCE, Sort.NEWEST)),
            group=drawn.random() < 0.8,
            facets=True,
            page_size=drawn.choice((7, 100)),
        )


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_queries_have_the_same_matches_counts_and_scores(seed: int, engines: tuple[Searcher, Searcher]) -> None:
    for request in requests(seed):
        a, b = (engine.search(request) for engine in engines)
        assert counts(a) == counts(b), request
        every = replace(request, group=False)
        a_ids, b_ids = ({one[0] for one in engine.scan(every).ids()} for engine in engines)
        assert a_ids == b_ids, request
        a_rank, b_rank = (engine.rank(request, 2 * ARTICLES) for engine in engines)
        assert (a_rank.total, a_rank.matched) == (b_rank.total, b_rank.matched), request
        same_order(dict(a_rank.articles), dict(b_rank.articles), request)


def test_cursor_pages_of_random_queries_follow_the_ranking(engines: tuple[Searcher, Searcher]) -> None:
    _, cluster = engines
    for drawn in requests(SEEDS):
        request = replace(drawn, page_size=23, facets=False)
        page = cluster.search(request)
        ids = [hit.id for hit in page.hits]
        while page.next:
            page = cluster.search(request, page.next)
            ids += [hit.id for hit in page.hits]
        ranked = cluster.rank(request, max(1, page.listed)).articles
        assert ids == [article_id for article_id, _ in ranked], request


@pytest.mark.parametrize("forms", [WordForms.WORD, WordForms.LEMMA])
@pytest.mark.parametrize("query", ["لافروف", "(كتب أو (لافروف المفاوضات))", "عنوان:لافروف", "عنوان:سورية روسيا"])
def test_words_with_other_spellings_have_the_same_articles_and_scores(
    query: str, forms: WordForms, engines: tuple[Searcher, Searcher]
) -> None:
    request = SearchRequest(query, forms=forms, group=False)
    a, b = (dict(engine.rank(request, 2 * ARTICLES).articles) for engine in engines)
    assert min(a.values()) > 0
    same_order(a, b, request)


@pytest.mark.parametrize("loose", [False, True])
@pytest.mark.parametrize("stem", ["كتاب", "حكوم", "مفاوض", "برشلون"])
def test_a_word_with_other_lemmas_has_the_same_articles_and_scores(
    stem: str, loose: bool, engines: tuple[Searcher, Searcher]
) -> None:
    embedded, cluster = engines
    for others in (("زلزال",), ("زلزال", "هدنة"), ("برشلونة",), ()):
        same_scores(word(stem, *others, loose=loose), embedded, cluster)


@pytest.mark.parametrize("field", ["text_stem", "text_form", "title_stem", "title_form"])
@pytest.mark.parametrize("terms", [("لافروف", "لفروف"), ("لافروف", "لفروف", "زلزال"), ("لافروف", "قرنبيط")])
def test_terms_that_count_as_one_have_the_same_articles_and_scores(
    field: str, terms: tuple[str, ...], engines: tuple[Searcher, Searcher]
) -> None:
    """Some articles have two of the terms."""
    same_scores(AnyTerm(field, terms, 1.5), *engines)


def same_scores(plan: Plan, embedded: Searcher, cluster: Searcher) -> None:
    """Checks that a plan matches the same articles on both engines, with the same scores."""
    reader = embedded._newest_reader()
    expected = {
        segment.article_id(doc): score
        for segment, found in zip(reader.snapshot.segments, reader.executor.run(plan), strict=True)
        for doc, score in zip(found.docs.tolist(), found.scores.tolist(), strict=True)
    }
    ranked = cluster._newest_reader().top_articles(plan, 2 * ARTICLES, group=False)
    same_order(expected, {one.article_id: one.score for one in ranked}, SearchRequest(str(plan)))


def counts(page: ResultPage) -> tuple[object, ...]:
    """All counts of a page."""
    shown = sum(hit.copies for hit in page.hits) if page.request.page_size == 100 else 0
    return page.total, page.stories, page.listed, page.mode_counts, page.parts, page.facets, page.timeline, shown


def same_order(a: dict[str, float], b: dict[str, float], request: SearchRequest) -> None:
    """Checks that both have the same articles with the same scores, so that only ties may differ in order."""
    assert set(a) == set(b), request
    assert list(b.values()) == pytest.approx([a[one] for one in b], rel=ROUNDING, abs=1e-5), request
    if request.sort is not Sort.RELEVANCE:
        assert list(a) == list(b), request


@pytest.mark.parametrize("name", SETS)
def test_a_cluster_ranks_as_well_as_the_embedded_engine(
    name: str, shared_data: Path, cluster_urls: list[str], tmp_path: Path
) -> None:
    place = shared_data / "retrieval" / name
    topics, _ = read_topics((place / "queries.jsonl").read_bytes(), "queries.jsonl")
    qrels = read_qrels((place / "qrels.txt").read_bytes(), "qrels.txt")

    def ndcg(engine: Searcher) -> float:
        run = [doc for topic in topics for doc in as_run(topic.id, top_ten(engine, topic))]
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


def top_ten(engine: Searcher, topic: Topic) -> tuple[tuple[str, float], ...]:
    return engine.rank(SearchRequest(topic.text), 10).articles
