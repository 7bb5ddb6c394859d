"""What a shared link shows: Open Graph and JSON-LD in the head of an article's page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from corpus import Archive, make_article
from tests.search_ui.small_site import Site

HOSTILE = '</script><script>alert(1)</script><!--"&\u2028\u202eأ'


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive", name="أرشيف المدينة") as opened:
        yield opened


def known(page: BeautifulSoup) -> dict[str, str]:
    return {str(tag.get("property") or tag["name"]): str(tag["content"]) for tag in page.select("meta[content]")}


def linked(page: BeautifulSoup) -> dict[str, Any]:
    (block,) = page.select("script[type='application/ld+json']")
    assert "<" not in str(block.string)
    value: dict[str, Any] = json.loads(str(block.string))
    return value


def test_a_shared_link_shows_title_paper_and_time(archive: Archive) -> None:
    archive.add(
        make_article(
            id="a/ب",
            title="افتتاح الجسر",
            paragraphs=["عمان. افتتح الوزير الجسر الجديد على النهر بحضور المحافظ وجمع من الأهالي. وقال إنه متين."],
            source="الغد",
            section="محليات",
            authors=["سمير الخطيب"],
            url="https://a.example/خبر",
            published=datetime(2020, 5, 2, 8, 15, tzinfo=timezone(timedelta(hours=3))),
            retrieved_at=datetime(2020, 5, 4, tzinfo=UTC),
        )
    )
    page = Site(archive).page("/article/a/ب")
    meta = known(page)
    address = "http://localhost/article/a/%D8%A8"
    assert meta["og:title"] == "افتتاح الجسر"
    assert meta["og:site_name"] == "أرشيف المدينة"
    assert meta["og:url"] == address
    assert meta["article:published_time"] == "2020-05-02T08:15:00+03:00"
    assert meta["og:description"].endswith("وجمع من الأهالي.")
    assert linked(page) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "افتتاح الجسر",
        "description": meta["og:description"],
        "datePublished": "2020-05-02T08:15:00+03:00",
        "author": [{"@type": "Person", "name": "سمير الخطيب"}],
        "publisher": {"@type": "Organization", "name": "الغد"},
        "articleSection": "محليات",
        "isPartOf": {"@type": "Collection", "name": "أرشيف المدينة"},
        "url": address,
        "isBasedOn": "https://a.example/%D8%AE%D8%A8%D8%B1",
        "archivedAt": address,
        "sdDatePublished": "2020-05-04",
    }


@pytest.mark.parametrize(
    ("published", "written"),
    [
        (datetime(2020, 5, 2, tzinfo=UTC), "2020-05-02"),
        (datetime(2020, 5, 2, 8, 15, tzinfo=UTC), "2020-05-02T08:15:00"),  # perhaps printed without a zone
        (None, None),
    ],
)
def test_a_time_is_as_precise_as_it_is_known(archive: Archive, published: datetime | None, written: str | None) -> None:
    archive.add(make_article(id="a", paragraphs=["نص بلا عنوان ولا مصدر"], published=published))
    page = Site(archive).page("/article/a")
    assert known(page).get("article:published_time") == linked(page).get("datePublished") == written
    assert known(page)["og:title"] == "نص بلا عنوان ولا مصدر"


def test_hostile_text_ends_neither_the_element_nor_the_page(archive: Archive) -> None:
    archive.add(make_article(id="a", title=HOSTILE, paragraphs=[HOSTILE * 50], authors=[HOSTILE], source=HOSTILE))
    page = Site(archive).page("/article/a")
    assert not page.select("script:not([src], [type='application/ld+json'])")
    assert linked(page)["headline"] == " ".join(HOSTILE.split())
    assert len(known(page)["og:description"]) <= 201


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//x.example", "1.html"])
def test_only_web_addresses_are_given_as_the_original(archive: Archive, url: str) -> None:
    archive.add(make_article(id="a", paragraphs=["نص"], url=url))
    assert "isBasedOn" not in linked(Site(archive).page("/article/a"))


def test_searches_have_a_title_and_private_archives_show_nothing(archive: Archive) -> None:
    assert known(Site(archive).page("/"))["og:site_name"] == "أرشيف المدينة"
    settings = archive.directory / "arshif.toml"
    settings.write_text("private = true\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    archive.add(make_article(id="a", title="سر", paragraphs=["نص"]))
    with Archive.open(archive.directory) as private:
        answer = Site(private).client.get("/article/a", follow_redirects=True)
    assert "سر" not in answer.text
    assert "og:" not in answer.text
    assert "ld+json" not in answer.text
