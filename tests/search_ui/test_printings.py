"""Who printed a story first: the hours that are known, and the sentences for what is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from corpus import Archive, Copy, Group, make_article, near_duplicates
from indexer import update_index
from search_ui.web.printings import LineOfPrintings, Printing, line_of
from tests.search_ui.small_site import Site, texts

TEXT = "افتتح وزير الأشغال اليوم الجسر الجديد على النهر بحضور محافظ المدينة وجمع من الأهالي والمسؤولين " * 3


def at(text: str | None, offset: int = 0) -> datetime | None:
    """`2 08:15` or `2` of May 2020."""
    if text is None:
        return None
    day, _, hour = text.partition(" ")
    hours, minutes = map(int, (hour or "0:0").split(":"))
    return datetime(2020, 5, int(day), hours, minutes, tzinfo=timezone(timedelta(hours=offset)) if offset else UTC)


def line(tmp_path: Path, *times: datetime | None) -> LineOfPrintings:
    copies = tuple(Copy(f"a{n}", "عنوان", f"صحيفة {n}", time) for n, time in enumerate(times))
    with Archive.create(tmp_path / "archive") as archive:
        client = Site(archive).client
        with client.application.test_request_context("/?lang=en"):
            found = line_of(Group("a0", copies), drawn=True)
            assert line_of(Group("a0", copies)).marks == ()
            return found


@pytest.mark.parametrize(
    ("times", "first", "candidates"),
    [
        ([at("2 08:15", 3), at("2 11:40", 3)], "a0", ["a0"]),
        ([at("2 09:00", 3), at("2 08:15", 1)], "a0", ["a0"]),  # 06:00 and 07:15 UTC
        ([at("2 08:15", 3), at("2")], None, ["a0", "a1"]),
        ([at("2 08:15", 3), at("3")], "a0", ["a0"]),
        ([at("2"), at("3 00:30", 3)], "a0", ["a0"]),
        ([at("2"), at("2")], None, ["a0", "a1"]),
        ([at("2 08:15", 3), at("2 08:15", 3)], None, ["a0", "a1"]),
        ([at("2 08:15", 3), None], None, ["a0"]),
        ([None, None], None, []),
    ],
)
def test_the_first_is_named_only_if_no_other_can_be_earlier(
    tmp_path: Path, times: list[datetime | None], first: str | None, candidates: list[str]
) -> None:
    found = line(tmp_path, *times)
    assert (found.first.copy.article_id if found.first else None) == first
    assert [printing.copy.article_id for printing in found.candidates] == candidates


def test_hours_are_shown_with_their_zone_and_how_much_later_they_are(tmp_path: Path) -> None:
    found = line(tmp_path, at("2 08:15", 3), at("2 08:40", 3), at("2 07:40"), at("6 08:15", 3), at("6"))
    assert [(one.hour, one.zone, one.after) for one in found.printings] == [
        ("08:15", "+3", timedelta()),
        ("08:40", "+3", timedelta(minutes=25)),
        ("07:40", "", timedelta(hours=2, minutes=25)),
        ("08:15", "+3", timedelta(days=4)),
        ("", "", None),
    ]
    assert found.zones == {True, False}
    assert (found.marks[0].start, found.marks[0].width) == (0, 0)
    assert found.marks[-1].width > 0
    assert all(0 <= mark.start <= 100 and mark.start + mark.width <= 100.01 for mark in found.marks)


@pytest.mark.parametrize(
    ("after", "arabic", "english"),
    [
        (timedelta(seconds=20), "في الدقيقة نفسها", "in the same minute"),
        (timedelta(minutes=2), "بعد دقيقتين", "2 minutes later"),
        (timedelta(hours=1), "بعد ساعة", "1 hour later"),
        (timedelta(hours=3, minutes=2), "بعد 3 ساعات ودقيقتين", "3 hours and 2 minutes later"),
        (timedelta(hours=17, minutes=25), "بعد 17 ساعة و25 دقيقة", "17 hours and 25 minutes later"),
        (timedelta(days=4, hours=3), "بعد 4 أيام", "4 days later"),
        (timedelta(), "", ""),
    ],
)
def test_how_much_later_is_in_words(tmp_path: Path, after: timedelta, arabic: str, english: str) -> None:
    printing = Printing(Copy("a", "عنوان", None, None), after=after)
    with Archive.create(tmp_path / "archive") as archive:
        app = Site(archive).client.application
        for language, words in (("ar", arabic), ("en", english)):
            with app.test_request_context(f"/?lang={language}"):
                assert printing.later == words


def test_the_time_between_two_printings_is_that_between_the_shown_hours(tmp_path: Path) -> None:
    found = line(tmp_path, at("2 01:13"), at("2 18:38").replace(second=57))
    assert [(one.hour, one.after) for one in found.printings] == [
        ("01:13", timedelta()),
        ("18:38", timedelta(hours=17, minutes=25)),
    ]


def stories(tmp_path: Path, settings: str = "", copies: int = 3, source: str = "صحيفة {}") -> Site:
    archive = Archive.create(tmp_path / "archive")
    if settings:
        path = archive.directory / "arshif.toml"
        path.write_text(path.read_text(encoding="utf-8") + settings, encoding="utf-8")
        archive.close()
        archive = Archive.open(archive.directory)
    with archive.batch():
        for number in range(copies):
            archive.add(
                make_article(
                    id=f"a{number}",
                    title=f"الجسر {number}",
                    paragraphs=[TEXT],
                    source=source.format(number),
                    published=datetime(2020, 5, 2, 8, 15, tzinfo=timezone(timedelta(hours=3)))
                    + timedelta(minutes=number),
                )
            )
    near_duplicates.group_changes(archive)
    update_index(archive)
    return Site(archive)


def test_a_story_of_one_paper_does_not_name_it_twice(tmp_path: Path) -> None:
    page = stories(tmp_path, source="الغد").search("الجسر")
    said = "نُشر 3 مرات، في صحيفة واحدة·الأول في هذا الأرشيف: 2 أيار/مايو 2020، 08:15"
    assert texts(page, ".copies summary")[0].startswith(said)


def test_the_page_says_first_in_this_archive_with_the_hour(tmp_path: Path) -> None:
    site = stories(tmp_path)
    page = site.page("/article/a1")
    assert texts(page, ".claim") == ["الأول في هذا الأرشيف: صحيفة 0، 2 أيار/مايو 2020، 08:15 (بتوقيت غرينتش+3)."]
    assert texts(page, ".printing-list .this-one strong") == ["الجسر 1"]
    assert [str(link["href"]) for link in page.select(".compare-with")] == [
        "/compare-articles?a=a0&b=a1",
        "/compare-articles?a=a2&b=a1",
    ]
    assert "08:15" in texts(site.search("الجسر"), ".copies summary")[0]


def test_times_that_are_no_hours_of_printing_are_not_shown_as_such(tmp_path: Path) -> None:
    site = stories(tmp_path, '\n[sources."صحيفة 0"]\nhours = false\n')
    page = site.page("/article/a0?lang=en")
    assert texts(page, ".claim")[0].startswith("Which printing was the first in this archive is not known: any of 2")
    assert texts(page, ".printing-list .this-one .when") == ["2 May 2020 (hour not known)"]
    assert "08:15" not in texts(page, ".citation p")[0]
    assert '"datePublished": "2020-05-02"' in str(page.select_one("script[type='application/ld+json']"))


def test_three_hundred_copies_are_listed_in_part(tmp_path: Path) -> None:
    page = stories(tmp_path, copies=300).page("/article/a7")
    assert len(page.select(".printing-list > li")) == 200
    assert "300" in texts(page, ".printings > p")[-1]
