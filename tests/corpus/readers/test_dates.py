"""Printed dates as readers of each form find them: in doubt, relative, decided by another part of the page."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from corpus import Article
from corpus.article import OriginKind
from corpus.readers import Place, Reading, Record, read_page, read_stream
from corpus.readers.html import read_html
from tests.corpus.readers.made_files import SENTENCE

RECEIVED = datetime(2019, 6, 2, 12, tzinfo=UTC)


def read(
    printed: str, head: str = "", url: str | None = None, seen_at: datetime | None = None
) -> tuple[Article, list[str]]:
    warnings: list[str] = []
    page = f"<html><head>{head}</head><body><h1>عنوان الخبر</h1>{printed}<p>{SENTENCE * 3}</p></body></html>"
    article = read_html(page.encode(), "page.html", url=url, seen_at=seen_at, warn=warnings.append)
    return article, warnings


def day(article: Article) -> str:
    return article.published.date().isoformat() if article.published else ""


def test_drupal_prints_the_month_first() -> None:
    article, warnings = read('<div class="submitted">نشره محرر في جمعة, 04/12/2013 - 14:22</div>')
    assert (day(article), warnings) == ("2013-04-12", [])


@pytest.mark.parametrize("printed", ['<span class="date">04/12/2013</span>', "<div>04/12/2013</div>"])
def test_a_date_in_doubt_is_kept_with_a_warning(printed: str) -> None:
    article, warnings = read(printed)
    assert day(article) == "2013-12-04"
    assert warnings == ["'04/12/2013' may be 4 December 2013 or 12 April 2013: kept as 2013-12-04"]


def test_another_date_of_the_page_or_its_address_decides() -> None:
    printed = '<span class="date">04/12/2013 10:30</span>'
    for article, warnings in (
        read(printed, url="https://paper.example/2013/04/12/title"),
        read(f'{printed}<span class="date">2013-04-12</span>'),
        read(printed, seen_at=datetime(2013, 5, 1, tzinfo=UTC)),
    ):
        assert article.published == datetime(2013, 4, 12, 10, 30, tzinfo=UTC)
        assert warnings == []
    assert day(read(printed, url="https://paper.example/2014/01/09/title")[0]) == "2013-12-04"


def test_a_relative_date_is_counted_from_when_the_page_was_received() -> None:
    printed = '<span class="date">منذ 3 ساعات</span>'
    assert read(printed)[0].published is None
    assert read(printed, seen_at=RECEIVED)[0].published == datetime(2019, 6, 2, 9, tzinfo=UTC)
    page = f"<h1>عنوان الخبر</h1>{printed}<p>{SENTENCE * 3}</p>".encode()
    place = Place.of(OriginKind.FILE, "page.html")
    # The time at which a file is read is not when its page was received.
    assert read_page(page, place, Reading(RECEIVED)).article.published is None
    captured = read_page(page, place, Reading(RECEIVED), retrieved_at=RECEIVED).article
    assert captured.published == datetime(2019, 6, 2, 9, tzinfo=UTC)


def test_rows_have_a_warning_for_a_date_in_doubt(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text(
        f'id,text,date\na,{SENTENCE},04/12/2013\nb,{SENTENCE},"جمعة, 04/12/2013"\nc,{SENTENCE},السبت 2013/4/12\n',
        encoding="utf-8",
    )
    with rows.open("rb") as stream:
        found = [item for item in read_stream(stream, "rows.csv") if isinstance(item, Record)]
    assert [day(item.article) for item in found] == ["2013-12-04", "2013-04-12", "2013-04-12"]
    warnings = [item.warning.partition("'")[2] if item.warning else None for item in found]
    assert warnings == [
        "04/12/2013' may be 4 December 2013 or 12 April 2013: kept as 2013-12-04",
        None,
        "السبت 2013/4/12' was not a Saturday: kept as 2013-04-12",
    ]


def test_entries_of_a_feed_have_a_warning_for_a_date_in_doubt() -> None:
    feed = (
        "<rss version='2.0'><channel><title>صحيفة</title><item><title>خبر</title><link>https://a.example/1</link>"
        f"<pubDate>04/12/2013</pubDate><description>{SENTENCE * 30}</description></item></channel></rss>"
    )
    (item,) = read_stream(BytesIO(feed.encode()), "feed.xml")
    assert isinstance(item, Record)
    assert day(item.article) == "2013-12-04"
    assert "may be 4 December 2013 or 12 April 2013" in str(item.warning)


def test_the_shared_cases_of_weekdays(shared_data: Path) -> None:
    cases = shared_data / "cases" / "text" / "weekday-dates.jsonl"
    if not cases.is_file():
        pytest.skip("the shared cases are absent")
    with cases.open("rb") as stream:
        found = [item for item in read_stream(stream, cases.name) if isinstance(item, Record)]
    days = [day(item.article) for item in found]
    assert days == ["2019-10-03", "2013-02-05", "2018-05-06", "2019-10-03", "2019-10-03", "2013-02-05", "2019-03-10"]
    assert [bool(item.warning) for item in found] == [False] * 6 + [True]
