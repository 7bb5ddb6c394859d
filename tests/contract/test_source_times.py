"""The months of each source and the articles without a date, of both engines: what pages of the calendar count."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from corpus import Archive, make_article
from indexer import SourceTimes, TimeUnit
from tests.indexer.small_archive import Search


def put(archive: Archive, number: int, source: str | None, published: datetime | None) -> None:
    archive.add(make_article(id=f"a{number}", paragraphs=[f"خبر {number}"], source=source, published=published))


def day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def test_months_of_sources_count_every_article_once(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    rows = [
        ("النهضة", day(2017, 2, 28)),
        ("النهضة", day(2017, 2, 1)),
        ("النهضه", day(2017, 3, 1)),  # another spelling of the same name
        ("الغد", day(1876, 12, 31)),
        ("الغد", day(2016, 2, 29)),
        ("الغد", None),
        (None, day(2020, 1, 1)),
        (None, None),
        # The printed day: in UTC it is the last one of 2019.
        ("صدى", datetime(2020, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=3)))),
    ]
    with archive.batch():
        for number, (source, published) in enumerate(rows):
            put(archive, number, source, published)
        archive.remove("a4")
    searcher = Search(archive).searcher
    assert searcher.source_times() == (
        SourceTimes("النهضة", 3, 0, "2017-02-01", "2017-03-01", (("2017-02", 2), ("2017-03", 1))),
        SourceTimes("", 2, 1, "2020-01-01", "2020-01-01", (("2020-01", 1),)),
        SourceTimes("الغد", 2, 1, "1876-12-31", "1876-12-31", (("1876-12", 1),)),
        SourceTimes("صدى", 1, 0, "2020-01-01", "2020-01-01", (("2020-01", 1),)),
    )
    assert searcher.undated(0, 10) == ("a7", "a5")
    assert searcher.undated(1, 10) == ("a5",)
    assert searcher.undated(5, 10) == searcher.undated(0, 0) == searcher.undated(20_000, 10) == ()

    archive.remove("a7")
    archive.restore("a4")
    put(archive, 5, "الغد", day(2016, 3, 1))
    put(archive, 9, "الغد", None)
    searcher = Search(archive).searcher  # one that is open looks for new commits of a cluster once a second
    (ghad, *_) = times = searcher.source_times()
    assert ghad == SourceTimes(
        "الغد", 4, 1, "1876-12-31", "2016-03-01", (("1876-12", 1), ("2016-02", 1), ("2016-03", 1))
    )
    assert searcher.undated(0, 10) == ("a9",)

    # The same numbers as those of a search and of the timeline.
    page = Search(archive).page("", facets=True, group=False)
    assert dict(page.facets[0].values) == {each.name: each.articles for each in times if each.name}
    assert page.total == sum(each.articles for each in times)
    months = searcher.published(TimeUnit.MONTH)
    assert sum(months.values()) == sum(count for each in times for _, count in each.months)


def test_an_empty_archive_has_no_sources(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    searcher = Search(archive).searcher
    assert searcher.source_times() == ()
    assert searcher.undated(0, 10) == ()
