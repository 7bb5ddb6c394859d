"""Near-duplicates on both engines: one hit per story."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from corpus import Archive, make_article, near_duplicates
from indexer import SearchRequest, Sort, rebuild_index, update_index
from tests.indexer.embedded.test_collapse import add, grouped
from tests.indexer.small_archive import Search


@pytest.fixture(scope="module")
def archive(new_archive: Callable[[], Archive]) -> Archive:
    """A story of three copies, one of two, and a single article, all about an earthquake."""
    archive = new_archive()
    with archive.batch():
        add(archive, "a1", 1, source="النهضة", hours=5)
        add(archive, "a2", 1, source="المنارة", hours=2, more="زلزال زلزال")
        add(archive, "a3", 1, source="الغد", hours=9)
        add(archive, "b1", 2, source="النهضة", hours=30)
        add(archive, "b2", 2, source="الغد", hours=20)
        add(archive, "alone", 3, source="الغد", hours=1)
        for number in range(30):  # words that all articles have carry no weight
            archive.add(make_article(id=f"other {number}", paragraphs=[f"كلام{number} عن شيء{number}"]))
    return archive


@pytest.fixture(scope="module")
def search(archive: Archive) -> Search:
    return grouped(archive)


def test_a_story_is_one_hit_its_first_copy(search: Search) -> None:
    assert search("زلزال", sort=Sort.NEWEST) == ["b1", "a3", "alone"]
    assert search("زلزال", sort=Sort.OLDEST) == ["alone", "a2", "b2"]
    assert "a2" in search("زلزال")
    assert len(search("زلزال")) == 3


def test_counts_of_articles_and_stories_are_exact(search: Search) -> None:
    page = search.page("زلزال", page_size=2, facets=True)
    assert (page.total, page.stories, page.page_count) == (6, 3, 2)
    assert dict(page.facets[0].values) == {"النهضة": 2, "المنارة": 1, "الغد": 3}


def test_a_hit_has_the_number_of_copies_left_out(search: Search) -> None:
    hits = {hit.id: hit for hit in search.page("زلزال", sort=Sort.NEWEST).hits}
    assert [hits[name].copies for name in ("a3", "b1", "alone")] == [2, 1, 0]
    assert hits["a3"].group is not None
    assert hits["alone"].group is None
    page = search.page("زلزال", sources=("النهضة",), sort=Sort.NEWEST)
    assert [(hit.id, hit.copies) for hit in page.hits] == [("b1", 0), ("a1", 0)]


def test_without_grouping_every_copy_is_a_hit(search: Search) -> None:
    page = search.page("زلزال", group=False, sort=Sort.OLDEST)
    assert [hit.id for hit in page.hits] == ["alone", "a2", "a1", "a3", "b2", "b1"]
    assert (page.total, page.stories) == (6, 6)
    assert {hit.copies for hit in page.hits} == {0}


def test_rankings_and_scans_are_grouped_on_request(search: Search) -> None:
    for group, count in ((True, 3), (False, 6)):
        request = SearchRequest("زلزال", group=group)
        ranking = search.searcher.rank(request, 100)
        assert len(ranking.articles) == count
        assert [one[0] for one in search.searcher.scan(request).ids()] == [one[0] for one in ranking.articles]


def test_more_like_leaves_out_copies(search: Search) -> None:
    like = [hit.id for hit in search.searcher.more_like("a1", 10)]
    assert not set(like) & {"a1", "a2", "a3"}


def test_articles_of_a_changed_group_are_indexed_again(archive: Archive, search: Search) -> None:
    add(archive, "b1", 5, source="النهضة", hours=30)
    add(archive, "late", 3, source="المنارة", hours=40)
    near_duplicates.group_changes(archive)
    summary = update_index(archive)
    # b1 and late by themselves; b2 and alone because their groups have changed.
    assert (summary.indexed, summary.replaced) == (4, 3)
    assert search("زلزال", sort=Sort.NEWEST) == ["late", "b1", "b2", "a3"]
    before = search.page("زلزال", sort=Sort.NEWEST).hits
    rebuild_index(archive)
    assert search.page("زلزال", sort=Sort.NEWEST).hits == before


def test_the_nearest_include_no_copy_of_a_matching_story(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    with archive.batch():
        add(archive, "whole", 1, source="النهضة", hours=5, more="بركان")
        add(archive, "copy", 1, source="الغد", hours=6)
        add(archive, "near 1", 2, source="النهضة", hours=30)
        add(archive, "near 2", 2, source="الغد", hours=31)
        for number in range(30):
            archive.add(make_article(id=f"other {number}", paragraphs=[f"كلام{number} عن شيء{number}"]))
    search = grouped(archive)
    page = search.page("زلزال بركان")
    assert [(hit.id, hit.matched, hit.copies) for hit in page.hits] == [("whole", True, 0), ("near 1", False, 1)]
    assert (page.total, page.stories, page.listed) == (1, 1, 2)
    assert set(search.nearest("زلزال بركان", group=False)) == {"copy", "near 1", "near 2"}
