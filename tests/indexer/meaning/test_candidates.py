"""Articles that are near a query in meaning, below those that match its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Archive, make_article, near_duplicates
from indexer import ResultPage, Searcher, SearchRequest, Sort, open_searcher, update_index
from indexer.meaning import embed_archive
from tests.indexer.concept_encoder import ConceptBackend, make_encoder, set_encoder

START = datetime(2020, 3, 1, 9, tzinfo=UTC)
SOURCES = ("النهضة", "المنارة", "الغد")
STORIES = {name: " ".join(f"{name}{number}" for number in range(60)) for name in ("story", "other")}


def embed(archive: Archive) -> None:
    embed_archive(archive, lambda level, done, total: None, encoder=make_encoder())


def new_archive(place: Path) -> Archive:
    Archive.create(place).close()
    with Archive.open(place) as created:
        set_encoder(created)
    return Archive.open(place)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Articles on a doctor under three names, a disease under two, and a car; copies of two stories."""
    opened = new_archive(tmp_path_factory.mktemp("candidates") / "archive")
    texts = ["طبيب في المدينة", "مرض الأطباء", "علة في القرية", "مركبة على الطريق", "وباء في المدينة", "خبر عن السوق"]
    with opened.batch():
        for number in range(60):
            opened.add(
                make_article(
                    id=f"a{number}",
                    title="",
                    paragraphs=[f"{texts[number % 6]} رقم{number}. انتهى الخبر هنا."],
                    source=SOURCES[number % 3],
                    section="محليات" if number % 2 else "صحة",
                    published=START + timedelta(days=number),
                )
            )
        for name, word in (("story", "طبيب"), ("other", "وباء")):
            for number, source in enumerate(SOURCES):
                more = " دكتور" if name == "story" and not number else ""
                text = f"{word} {word} {word} {STORIES[name]}{more}"
                opened.add(make_article(id=f"{name}{number}", title="", paragraphs=[text], source=source))
    near_duplicates.group_changes(opened)
    update_index(opened)
    embed(opened)
    yield opened
    opened.close()


@pytest.fixture
def searcher(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Searcher:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)
    return open_searcher(archive)


def by_meaning(page: ResultPage) -> list[str]:
    return [hit.id for hit in page.hits if hit.by_meaning]


def test_a_query_that_no_word_meets_lists_what_is_near_in_meaning(searcher: Searcher) -> None:
    request = SearchRequest("سيارة", page_size=100, meaning=True)
    page, plain = searcher.search(request), searcher.search(replace(request, meaning=False))
    assert plain.hits == ()
    assert page.total == page.stories == 0
    assert page.no_match == plain.no_match is not None
    assert {hit.matched for hit in page.hits} == {False}
    assert {int(article_id[1:]) % 6 for article_id in by_meaning(page)[:10]} == {3}  # of a car
    assert page.listed == len(page.hits)
    assert page.encoder is not None


def test_a_hit_that_a_word_meets_is_not_by_meaning(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest("دكتور السوق", page_size=100, meaning=True))
    for hit in page.hits:
        assert hit.by_meaning is not (hit.matched or "السوق" in hit.snippet.text or hit.id == "story0")


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({"sources": ("الغد",)}, lambda number: number % 3 == 2),
        ({"sections": ("صحة",)}, lambda number: number % 2 == 0),
        ({"after": date(2020, 3, 20), "before": date(2020, 4, 10)}, lambda number: 19 <= number <= 40),
        ({"sources": ("الغد", "المنارة"), "sections": ("محليات",)}, lambda number: number % 3 > 0 and number % 2),
    ],
)
@pytest.mark.parametrize("query", ["دكتور", "علة القرية", "كيف شفي المريض على يد دكتور؟"])
def test_what_is_near_in_meaning_meets_the_filters(
    query: str, given: dict[str, object], allowed: object, searcher: Searcher
) -> None:
    page = searcher.search(SearchRequest(query, page_size=100, meaning=True, **given))  # type: ignore[arg-type]
    expected = {f"a{number}" for number in range(60) if allowed(number)}  # type: ignore[operator]
    assert {hit.id for hit in page.hits if hit.id.startswith("a")} == expected
    stories = {hit.id for hit in page.hits} - expected
    if "sources" not in given:
        assert not stories
    assert all(hit.source in given.get("sources", SOURCES) for hit in page.hits)  # type: ignore[operator]


def test_none_is_of_a_story_that_matches_and_of_each_story_there_is_one(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest("دكتور", page_size=100, meaning=True))
    assert [hit.id for hit in page.hits if hit.matched] == ["story0"]
    ids = [hit.id for hit in page.hits]
    assert len(set(ids)) == len(ids)
    assert [one for one in ids if one.startswith("story")] == ["story0"]
    assert len([one for one in ids if one.startswith("other")]) == 1
    assert len(ids) == 62
    every = searcher.search(SearchRequest("دكتور", page_size=100, meaning=True, group=False))
    assert len({hit.id for hit in every.hits}) == every.listed == 66


@pytest.mark.parametrize("query", ['"دكتور"', "=دكتور", "دكتور -مركبة", "عنوان:دكتور"])
def test_queries_that_are_exact_have_none(query: str, searcher: Searcher) -> None:
    plain = searcher.search(SearchRequest(query, page_size=100))
    page = searcher.search(SearchRequest(query, page_size=100, meaning=True))
    assert [hit.id for hit in page.hits] == [hit.id for hit in plain.hits]
    assert not by_meaning(page)


def test_an_order_by_date_has_none(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest("دكتور", sort=Sort.NEWEST, meaning=True))
    assert [hit.id for hit in page.hits] == ["story0"]


def test_the_nearest_sentence_is_shown_with_its_offsets(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest("سيارة", page_size=10, meaning=True))
    hit = page.hits[0]
    assert hit.by_meaning
    assert hit.snippet.nearest is not None
    start, end = hit.snippet.nearest
    assert re.fullmatch(r"مركبة على الطريق رقم\d+\.( انتهى الخبر هنا\.)?", hit.snippet.text[start:end])
    plain = searcher.search(SearchRequest("مركبة", page_size=10, meaning=True))
    assert {hit.snippet.nearest for hit in plain.hits if not hit.by_meaning} == {None}


def test_a_ranking_says_which_are_by_meaning_and_scores_decrease(searcher: Searcher) -> None:
    for query in QUERIES:
        request = SearchRequest(query, page_size=100, meaning=True)
        page, ranking = searcher.search(request), searcher.rank(request, 1000)
        assert [article_id for article_id, _ in ranking.articles][: page.listed] == [hit.id for hit in page.hits]
        assert ranking.by_meaning == set(by_meaning(page))
        assert not ranking.by_meaning & ranking.matched
        below = [score for article_id, score in ranking.articles if page.prose or article_id not in ranking.matched]
        assert below == sorted(below, reverse=True)


QUERIES = [
    "دكتور",
    "سيارة",
    "علة القرية",
    "كيف شفي المريض على يد دكتور؟",
    "متى انتهى الخبر عن السوق في المدينة؟",
    "الأطباء المدينة خبر وباء",
]


@given(query=st.sampled_from(QUERIES), size=st.integers(1, 100), group=st.booleans(), source=st.sampled_from(SOURCES))
def test_pages_and_cursors_of_every_size_list_every_hit_once(
    query: str, size: int, group: bool, source: str, archive: Archive
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)
        searcher = open_searcher(archive)
        request = SearchRequest(query, page_size=size, group=group, sources=(source, SOURCES[0]), meaning=True)
        whole = [hit.id for hit in searcher.search(replace(request, page_size=100)).hits]
        assert len(set(whole)) == len(whole)
        page = searcher.search(request)
        by_cursor = [hit.id for hit in page.hits]
        while page.next:
            page = searcher.search(request, page.next)
            assert not page.moved
            by_cursor += [hit.id for hit in page.hits]
        assert by_cursor == whole
        pages = range(1, page.page_count + 1)
        assert [hit.id for each in pages for hit in searcher.search(replace(request, page=each)).hits] == whole


def test_a_page_says_that_the_vectors_have_changed_since_its_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)
    with new_archive(tmp_path / "archive") as archive:
        for number in range(30):
            archive.add(make_article(id=f"a{number}", title="", paragraphs=[f"طبيب رقم{number}"]))
        update_index(archive)
        embed(archive)
        searcher = open_searcher(archive)
        request = SearchRequest("دكتور السوق", page_size=10, meaning=True)
        exact = SearchRequest('"طبيب"', page_size=10, meaning=True)
        page, exact_page = searcher.search(request), searcher.search(exact)
        assert not searcher.search(request, page.next).moved
        archive.add(make_article(id="new", title="", paragraphs=["خبر"]))
        embed(archive)
        assert searcher.search(request, page.next).moved
        # The vectors have no part in this order.
        assert not searcher.search(exact, exact_page.next).moved


def test_a_removed_article_is_no_candidate_though_it_has_a_vector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", ConceptBackend)
    with new_archive(tmp_path / "archive") as archive:
        for number in range(5):
            archive.add(make_article(id=f"a{number}", title="", paragraphs=[f"طبيب رقم{number}"]))
        update_index(archive)
        embed(archive)
        archive.remove("a2")
        archive.add(make_article(id="a3", title="", paragraphs=["طبيب آخر"]))
        update_index(archive)
        page = open_searcher(archive).search(SearchRequest("دكتور", meaning=True))
        assert sorted(by_meaning(page)) == ["a0", "a1", "a3", "a4"]
