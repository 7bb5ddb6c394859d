from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import Archive, Page, make_article
from tests.search_ui.small_site import Site, texts

HTML = "<h1>عنوان</h1><script>alert(1)</script><p onclick='x()'>نص</p>".encode()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


def keep(archive: Archive, article_id: str, day: int, text: str, page: Page | None = None, **known: object) -> None:
    moment = datetime(2020, 5, day, 13, 30, tzinfo=UTC)
    archive.add(
        make_article(id=article_id, title="عنوان", paragraphs=text.splitlines(), retrieved_at=moment, **known),  # type: ignore[arg-type]
        page,
    )


def test_what_changed_between_versions_is_marked_word_by_word(archive: Archive) -> None:
    keep(archive, "a", 1, "قُتل خمسة في الانفجار.\nبقي كما هو.", section="سياسة")
    keep(archive, "a", 2, "قُتل سبعة في الانفجار الكبير.\nبقي كما هو.", section="محليات")
    site = Site(archive)
    first, second, all_of_them = site.page("/article/a").select("section:has(#versions) a")
    assert (first["href"], second["href"]) == ("/article/a?revision=1", "/article/a?revision=2")
    page = site.page(str(all_of_them["href"]))
    assert texts(page, ".change h2")[0].startswith("الإصدار 2·2 أيار/مايو 2020، 13:30 بتوقيت غرينتش")
    assert texts(page, ".change h2")[1].startswith("الإصدار الأول·1 أيار/مايو 2020")
    assert texts(page, ".change .compared-text del") == ["حُذف: خمسة"]
    assert texts(page, ".change .compared-text ins") == ["أُضيف: سبعة", "أُضيف: الكبير"]
    assert texts(page, ".change .compared-text")[1:] == ["بقي كما هو."]  # unchanged, but beside a change
    assert texts(page, ".change .fields") == ["القسمسياسة ← محليات"]


def test_hostile_versions_are_shown_as_the_text_they_are(archive: Archive) -> None:
    for day, markup in enumerate(("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'), 1):
        keep(archive, "a", day, markup, authors=[markup], section=markup)
    page = Site(archive).page("/article/a/changes")
    assert not page.select("img, [onerror], script:not([src])")
    assert "alert(1)" in texts(page, ".change del")[0]


def test_an_article_without_a_stored_page_has_no_link_to_one(archive: Archive) -> None:
    keep(archive, "a", 1, "نص")
    site = Site(archive)
    assert site.page("/article/a").select(".facts a[href*=page]") == []
    assert site.answer("/article/a/page").status_code == 404
    assert site.answer("/article/none/page").status_code == 404
    assert texts(site.page("/article/a/changes"), ".change h2")[0].startswith("الإصدار الأول")


@pytest.mark.parametrize("article_id", ["a/page", "page", "x/changes", "b.bib", "..", "a//b"])
def test_ids_that_end_as_addresses_do_are_reached(archive: Archive, article_id: str) -> None:
    keep(archive, article_id, 1, "نص", Page(HTML, "text/html"))
    keep(archive, article_id, 2, "نص آخر", Page(HTML, "text/html"))
    site = Site(archive)
    with site.client.application.test_request_context():
        from search_ui.web.links import article_url

        addresses = [article_url(article_id), article_url(article_id, "page"), article_url(article_id, "changes")]
    assert texts(site.page(addresses[0]), "h1") == ["عنوان"]
    assert texts(site.page(addresses[1]), "#kept") == ["الصفحة المحفوظة عنوان"]
    assert len(site.page(addresses[2]).select(".change")) == 2
