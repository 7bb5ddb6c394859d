"""The words of a match set, with both engines: keywords in context, and typical words with counts that are searches'."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from corpus import Archive, make_article, near_duplicates
from indexer import MatchMode, Searcher, SearchRequest, Sort, open_searcher, read_concordance, update_index
from search_ui.web import create_app

HARBOUR = "وصلت سفينة الى الميناء. وقال مدير الميناء سالم الدرعاوي في اليوم {0} إن خفر السواحل الوطني أنقذ البحارة."
MARKET = "فتح السوق أبوابه في اليوم {0}. وقال تاجر إن البضائع كثيرة، وإن المدينة {1} هادئة."


@pytest.fixture(scope="module")
def archive(new_archive: Callable[[], Archive]) -> Archive:
    archive = new_archive()
    with archive.batch():
        for number in range(24):
            day = datetime(2015, 1 + number % 12, 3, tzinfo=UTC)
            text = HARBOUR.format(number) + " " + " ".join(f"كلمة{number}س{at}" for at in range(30))
            for copy in range(1 + 3 * (number == 0)):
                archive.add(
                    make_article(
                        id=f"h{number}-{copy}", title="عودة", paragraphs=[text], published=day, source=f"م{copy}"
                    )
                )
        for number in range(120):
            text = MARKET.format(number, f"رقم{number}") + " " + " ".join(f"لفظ{number}ص{at}" for at in range(30))
            archive.add(make_article(id=f"m{number}", title="تجارة", paragraphs=[text], source="م0"))
    near_duplicates.group_changes(archive)
    update_index(archive)
    return archive


@pytest.fixture(scope="module")
def searcher(archive: Archive) -> Searcher:
    return open_searcher(archive)


def test_typical_words_are_whole_terms_and_leave_out_the_query(searcher: Searcher) -> None:
    found = searcher.typical_words(SearchRequest("سفينة"))
    assert (found.articles, found.stories, found.read) == (27, 24, 24)
    terms = [word.text for word in found.several]
    assert "خفر السواحل الوطني" in terms
    assert any(term.endswith("سالم الدرعاوي") for term in terms)
    assert "الدرعاوي" not in terms
    words = [word.text for word in found.single]
    assert "البحارة" in words
    assert not {"سفينة", "اليوم", "قال", "إن", "السواحل"} & set(words)


def test_each_count_is_that_of_the_search_it_leads_to(searcher: Searcher) -> None:
    for request in (
        SearchRequest("سفينة"),
        SearchRequest("سفينة", group=False),
        SearchRequest("سفينة أو قارب", sources=("م0",)),
        SearchRequest("سفينة قارب", match=MatchMode.ANY),
    ):
        found = searcher.typical_words(request)
        assert found.several, request
        for word in (*found.several, *found.single):
            narrowed = SearchRequest(
                f"{request.query} {word.narrowing}", sources=request.sources, group=request.group, match=request.match
            )
            page = searcher.search(narrowed)
            assert page.total == word.articles, (request, word)
            assert (page.stories if request.group else page.total) == word.counts.found
            everywhere = searcher.search(SearchRequest(word.narrowing, group=request.group))
            assert (everywhere.stories if request.group else everywhere.total) == word.counts.found_in_archive


def test_copies_of_a_story_count_once(searcher: Searcher) -> None:
    grouped = searcher.typical_words(SearchRequest("سفينة")).several[0]
    apart = searcher.typical_words(SearchRequest("سفينة", group=False)).several[0]
    assert (grouped.articles, grouped.counts.found, grouped.counts.articles) == (27, 24, 24)
    assert (apart.articles, apart.counts.found, apart.counts.articles) == (27, 27, 27)


@pytest.mark.parametrize("query", ["", "؟؟", "كسكسي", '"', "((", "سفينة أو", '"سفينة', "http://news.example/x"])
def test_odd_queries_have_no_typical_words_or_true_ones(searcher: Searcher, query: str) -> None:
    found = searcher.typical_words(SearchRequest(query))
    for word in (*found.several, *found.single):
        assert searcher.search(SearchRequest(f"{query} {word.narrowing}")).total == word.articles


def test_lines_come_from_the_hits_in_the_requested_order(searcher: Searcher) -> None:
    for sort in Sort:
        request = SearchRequest("سفينة", sort=sort)
        found = read_concordance(searcher.scan(request), most=5)
        assert (len(found.lines), found.hits, found.articles, found.is_whole) == (5, 24, 27, False)
        assert [line.article_id for line in found.lines] == [hit.id for hit in searcher.search(request).hits][:5]


def test_pages_and_api(archive: Archive) -> None:
    client = create_app({"ARCHIVE": archive.directory}).test_client()

    def get(path: str, **query: Any) -> Any:
        answer = client.get(path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer

    assert get("/search/context", q="سفينة").text.count('<span class="before">') == 24
    assert "خفر السواحل الوطني" in get("/search/words", q="سفينة").text
    assert get("/api/v1/context", q="سفينة", limit=3).json["lines"][0]["keyword"] == "سفينة"
    value = get("/api/v1/words", q="سفينة", limit=2).json
    assert [len(value["terms"]), len(value["words"])] == [2, 2]
    assert value["terms"][0]["articles"] == 27
