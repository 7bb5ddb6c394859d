"""Paging on both engines: pages by number, by cursor and by scan, and the budget of a search."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from corpus import Archive, make_article
from indexer import (
    CursorInvalid,
    Searcher,
    SearchRequest,
    SearchTooCostly,
    Sort,
    open_searcher,
    rebuild_index,
    update_index,
)
from tests.indexer.embedded.test_collapse import add, grouped

MANY = 250


@pytest.fixture
def archive(new_archive: Callable[[], Archive]) -> Archive:
    """Articles with few distinct scores and dates, so that most of them tie."""
    opened = new_archive()
    with opened.batch():
        for number in range(MANY):
            day = datetime(2017, 1, 1 + number % 5, tzinfo=UTC) if number % 7 else None
            text = "زلزال " * (1 + number % 3) + f"رقم {number}"
            opened.add(make_article(id=f"a{number:03}", title="خبر", paragraphs=[text], published=day))
    update_index(opened)
    return opened


def pages(searcher: Searcher, request: SearchRequest) -> list[str]:
    page = searcher.search(request)
    ids = [hit.id for hit in page.hits]
    while page.next:
        page = searcher.search(request, page.next)
        assert not page.moved
        ids += [hit.id for hit in page.hits]
    return ids


@pytest.mark.parametrize("sort", Sort)
def test_cursors_and_a_scan_return_every_hit_once_in_the_same_order(archive: Archive, sort: Sort) -> None:
    for query in ("زلزال", "", '"رقم"'):
        check_pages_and_scan(archive, query, sort)


def check_pages_and_scan(archive: Archive, query: str, sort: Sort) -> None:
    searcher = open_searcher(archive)
    request = SearchRequest(query, sort=sort, page_size=17)
    scan = searcher.scan(request)
    scanned = [article_id for article_id, _ in scan.ids()]
    assert len(set(scanned)) == len(scanned) == scan.total == MANY
    assert pages(searcher, request) == scanned
    assert [(article.id, hit.id) for article, hit in scan.hits()] == [(one, one) for one in scanned]
    by_number = [hit.id for page in range(1, 16) for hit in searcher.search(replace(request, page=page)).hits]
    assert by_number == scanned


def test_a_scan_reads_one_commit(archive: Archive) -> None:
    scan = open_searcher(archive).scan(SearchRequest("زلزال"))
    first = list(scan.ids())
    archive.add(make_article(id="new", paragraphs=["زلزال"]))
    rebuild_index(archive)
    assert list(scan.ids()) == first
    assert open_searcher(archive).scan(SearchRequest("زلزال")).generation > scan.generation


def test_the_next_page_begins_after_the_same_article_in_a_newer_commit(archive: Archive) -> None:
    searcher = open_searcher(archive)
    request = SearchRequest("زلزال", sort=Sort.NEWEST, page_size=100)
    before = [article_id for article_id, _ in searcher.scan(request).ids()]
    page = searcher.search(request)
    archive.add(make_article(id="newer", paragraphs=["زلزال"], published=datetime(2018, 1, 1, tzinfo=UTC)))
    rebuild_index(archive)
    page = searcher.search(request, page.next)
    assert page.moved
    assert [hit.id for hit in page.hits] == before[100:200]


TIED = 200


@pytest.fixture
def tied(new_archive: Callable[[], Archive]) -> Archive:
    """Articles that all tie, in several segments if the engine has them."""
    archive = new_archive()
    for start in range(0, TIED, 40):
        with archive.batch():
            for number in range(start, start + 40):
                archive.add(make_article(id=f"t{number * 77 % TIED:03}", paragraphs=["زلزال"]))
        update_index(archive)
    return archive


def merge(archive: Archive) -> None:
    """Renumbers the documents: some are revised, and all segments are merged."""
    for number in (3, 90, 150):
        archive.add(make_article(id=f"t{number:03}", title="خبر", paragraphs=["زلزال"]))
    update_index(archive)
    with archive.batch():
        for number in range(TIED // 2):
            archive.add(make_article(id=f"other{number}", paragraphs=["بركان"]))
    update_index(archive)


@pytest.mark.slow
@pytest.mark.parametrize("change", [merge, rebuild_index], ids=["merge", "reindex"])
@pytest.mark.parametrize("sort", Sort)
def test_tied_articles_are_listed_once_while_the_index_changes_between_pages(
    tied: Archive, sort: Sort, change: Callable[[Archive], object]
) -> None:
    searcher = open_searcher(tied)
    request = SearchRequest("زلزال", sort=sort, page_size=50)
    before = [article_id for article_id, _ in searcher.scan(request).ids()]
    assert before == [f"t{number * 77 % TIED:03}" for number in range(TIED)]  # in the order of addition
    page = searcher.search(request)
    ids, moved = [hit.id for hit in page.hits], 0
    while page.next:
        change(tied)
        page = searcher.search(request, page.next)
        ids += [hit.id for hit in page.hits]
        moved += page.moved
    changed = {"t003", "t090", "t150"} if change is merge and sort is Sort.RELEVANCE else set()  # their scores change
    assert sorted(set(ids) - changed) == sorted(set(before) - changed)
    assert len([one for one in ids if one not in changed]) == TIED - len(changed)
    assert moved


def test_the_order_of_ties_does_not_depend_on_the_segments(tied: Archive) -> None:
    request = SearchRequest("زلزال")
    before = [article_id for article_id, _ in open_searcher(tied).scan(request).ids()]
    rebuild_index(tied)
    assert [article_id for article_id, _ in open_searcher(tied).scan(request).ids()] == before


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.OLDEST])  # a score changes with the number of articles
def test_the_next_page_begins_at_the_position_of_a_removed_article(tied: Archive, sort: Sort) -> None:
    searcher = open_searcher(tied)
    request = SearchRequest("زلزال", sort=sort, page_size=50)
    before = [article_id for article_id, _ in searcher.scan(request).ids()]
    page = searcher.search(request)
    tied.remove(page.hits[-1].id)
    update_index(tied)
    rest = []
    while page.next:
        page = searcher.search(request, page.next)
        rest += [hit.id for hit in page.hits]
    assert rest == before[50:]


def test_every_commit_has_a_unique_version(archive: Archive) -> None:
    searcher = open_searcher(archive)
    versions = {searcher.version}
    for action in (lambda: archive.add(make_article(id="one more", paragraphs=["نص"])), lambda: rebuild_index(archive)):
        action()
        update_index(archive)
        again = open_searcher(archive)
        assert again.version == open_searcher(archive).version
        versions.add(again.version)
    assert len(versions) == 3


def test_the_next_page_begins_at_the_position_of_an_article_that_no_longer_matches(archive: Archive) -> None:
    searcher = open_searcher(archive)
    request = SearchRequest("زلزال", sort=Sort.OLDEST, page_size=10)
    before = [article_id for article_id, _ in searcher.scan(request).ids()]
    page = searcher.search(request)
    archive.add(make_article(id=page.hits[-1].id, title="خبر", paragraphs=["بركان"]))
    update_index(archive)
    rest = []
    while page.next:
        page = searcher.search(request, page.next)
        rest += [hit.id for hit in page.hits]
    assert set(before[10:]) <= set(rest)


def broken(cursor: str) -> dict[str, str]:
    return {
        "empty value": base64.urlsafe_b64encode(b"[]").decode(),
        "of before": base64.urlsafe_b64encode(b'[1,1.5,"a",true,""]').decode(),
        "nan": base64.urlsafe_b64encode(b'["1",NaN,1,"a",true,""]').decode(),
        "far": base64.urlsafe_b64encode(b'["1",1e300,1,"a",true,""]').decode(),
        "far number": base64.urlsafe_b64encode(b'["1",1,1000000000000000000000,"a",true,""]').decode(),
        "deep": base64.urlsafe_b64encode(b"[" * 2900).decode(),
        "marks": "!!!",
        "Arabic": "زلزال",
        "cut": cursor[:-8],
        "long": cursor * 100,
    }


def test_malformed_cursors_and_those_of_other_searches_are_invalid(archive: Archive) -> None:
    searcher = open_searcher(archive)
    cursor = searcher.search(SearchRequest("زلزال")).next
    assert cursor
    for text in broken(cursor).values():
        with pytest.raises(CursorInvalid):
            searcher.search(SearchRequest("زلزال"), text)
    for request in (
        SearchRequest("رقم"),
        SearchRequest("زلزال", sort=Sort.OLDEST),
        SearchRequest("زلزال", group=False),
    ):
        with pytest.raises(CursorInvalid, match="another search"):
            searcher.search(request, cursor)
    assert len(searcher.search(SearchRequest("زلزال", page_size=3, facets=True), cursor).hits) == 3


def test_the_last_page_and_an_empty_result_have_no_cursor(archive: Archive) -> None:
    searcher = open_searcher(archive)
    assert searcher.search(SearchRequest("زلزال", page_size=100, page=3)).next is None
    assert searcher.search(SearchRequest("كسكسي")).next is None
    assert list(searcher.scan(SearchRequest("كسكسي")).hits()) == []


def test_the_articles_of_a_url_are_paged_and_scanned(archive: Archive) -> None:
    for number in range(3):
        archive.add(make_article(id=f"u{number}", paragraphs=["نص"], url="https://a.example/x"))
    update_index(archive)
    searcher = open_searcher(archive)
    request = SearchRequest("https://a.example/x", page_size=1)
    assert sorted(pages(searcher, request)) == ["u0", "u1", "u2"]
    assert pages(searcher, request) == [article_id for article_id, _ in searcher.scan(request).ids()]


def test_a_search_over_its_budget_is_ended_and_the_next_one_works(archive: Archive) -> None:
    searcher = open_searcher(archive, seconds=0.0)
    for ask in (searcher.search, searcher.scan, lambda request: searcher.rank(request, 10)):
        with pytest.raises(SearchTooCostly, match="longer than 0 seconds"):
            ask(SearchRequest("زلزال"))
    assert open_searcher(archive, seconds=60.0).search(SearchRequest("زلزال")).total == MANY
    assert open_searcher(archive).search(SearchRequest("زلزال")).total == MANY


@pytest.mark.parametrize("sort", Sort)
def test_a_story_is_one_hit_in_pages_cursors_and_scans(new_archive: Callable[[], Archive], sort: Sort) -> None:
    archive = new_archive()
    with archive.batch():
        for story in range(12):
            for copy in range(1 + story % 3):
                hours = 100 - 7 * story + 31 * copy
                add(archive, f"s{story} c{copy}", story, source=f"جريدة {copy}", hours=hours, more="زلزال " * copy)
        for number in range(30):  # words that all articles have carry no weight
            archive.add(make_article(id=f"other {number}", paragraphs=[f"كلام{number} عن شيء{number}"]))
    searcher = grouped(archive).searcher
    request = SearchRequest("زلزال", sort=sort, page_size=2)
    scan = searcher.scan(request)
    found = [(hit.id, hit.copies) for _, hit in scan.hits()]
    assert (scan.total, scan.stories, len(found)) == (24, 12, 12)
    assert sorted(copies for _, copies in found) == [0] * 4 + [1] * 4 + [2] * 4
    page, paged = searcher.search(request), []
    while True:
        assert (page.total, page.stories) == (24, 12)
        paged += [(hit.id, hit.copies) for hit in page.hits]
        if not page.next:
            break
        page = searcher.search(request, page.next)
    assert paged == found
    assert [hit.id for number in range(1, 7) for hit in searcher.search(replace(request, page=number)).hits] == [
        article_id for article_id, _ in found
    ]
