"""The counts of both engines: facets, timelines, totals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from corpus import Archive, make_article
from indexer import Facet, Timeline, TimeUnit, update_index
from tests.indexer.small_archive import Search, fill


@pytest.fixture(scope="module")
def archive(new_archive: Callable[[], Archive]) -> Archive:
    archive = new_archive()
    fill(archive)
    return archive


def test_counts_include_all_matches_of_all_pages_and_current_revisions_only(archive: Archive) -> None:
    search = Search(archive)
    page = search.page("إيران أو الحكومة", facets=True, page_size=1)
    source, section, author = page.facets
    assert source == Facet("source", (("الغد", 2), ("النهضة", 2)))
    assert dict(section.values) == {"سياسة": 1, "اقتصاد": 1, "رياضة": 1, "محليات": 1}
    assert dict(author.values) == {"سمير الخطيب": 1, "ليلى حداد": 1}
    assert page.timeline == Timeline(
        TimeUnit.DAY, (("2017-02-16", 1), ("2017-11-13", 1), ("2018-01-05", 1), ("2019-03-01", 1)), (1, 1, 1, 1)
    )
    none = search.page("=برشلونة", facets=True)
    assert [facet.values for facet in none.facets] == [(), (), ()]
    assert none.timeline == Timeline(TimeUnit.DAY, ())
    without = search.page("إيران")
    assert (without.facets, without.timeline) == ((), None)
    archive.add(make_article(id="iran", paragraphs=["زلزال غرب إيران"], section="رياضة"))
    update_index(archive)
    (_, section, _) = search.page("إيران", facets=True).facets
    assert dict(section.values) == {"رياضة": 2}
    (_, section, _) = search.page("إيران", facets=True, sections=("محليات",)).facets
    assert dict(section.values) == {}


@pytest.mark.parametrize(
    ("step", "unit", "first"),
    [(1, TimeUnit.DAY, "2017-01-01"), (20, TimeUnit.MONTH, "2017-01"), (400, TimeUnit.YEAR, "2017")],
)
def test_long_timelines_use_larger_units(
    new_archive: Callable[[], Archive], step: int, unit: TimeUnit, first: str
) -> None:
    archive = new_archive()
    count = 120 if step == 1 else 150
    with archive.batch():
        for number in range(count):
            day = datetime(2017, 1, 1, tzinfo=UTC) + timedelta(days=number * step)
            archive.add(make_article(id=str(number), paragraphs=["نص"], published=day))
    timeline = Search(archive).page("نص", facets=True, group=False).timeline
    assert timeline is not None
    assert timeline.unit is unit
    assert timeline.counts[0][0] == first
    assert sum(hits for _, hits in timeline.counts) == count


def test_a_timeline_has_the_totals_of_the_whole_archive(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    fill(archive)
    for number in range(3):
        archive.add(make_article(id=f"n{number}", paragraphs=["خبر"], published=datetime(2017, 11, 13, tzinfo=UTC)))
    archive.add(make_article(id="talks", paragraphs=["غيره"], published=datetime(2017, 11, 13, tzinfo=UTC)))
    search = Search(archive)
    timeline = search.page("زلزال", facets=True).timeline
    assert timeline == Timeline(TimeUnit.DAY, (("2017-11-13", 1),), (5,))
    assert dict(search.searcher.published(TimeUnit.YEAR)) == {"2017": 5, "2018": 1, "2019": 1}
    assert search.searcher.published(TimeUnit.MONTH)["2017-11"] == 5


def test_spellings_that_fold_alike_are_one_value_in_facets_and_filters(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    fill(archive)
    for number, section in enumerate(("سياسه", "سياسة", "السياسة", "***", "###")):
        archive.add(make_article(id=f"n{number}", paragraphs=["كسكسي"], section=section, authors=["أحمد", "احمد"]))
    search = Search(archive)
    _, section, author = search.page("كسكسي", facets=True).facets
    assert section.values == (("سياسة", 2), ("###", 1), ("***", 1), ("السياسة", 1))
    assert author.values == (("أحمد", 5),), "each article names him twice, and is counted once"
    assert sorted(search("كسكسي", sections=("سياسه",))) == ["n0", "n1"]
    assert search("كسكسي", sections=("***",)) == ["n3"]
    assert search.searcher.name_of("section", "سياسه") == "سياسة"
    assert search.searcher.name_of("author", "من لا يكتب") == "من لا يكتب"
    assert search.searcher.name_of("source", "سياسه") == "سياسه", "a name of another field"
    assert len(search("كسكسي", authors=("أحمد",))) == 5
    assert search("كسكسي", authors=("سمير",)) == []
