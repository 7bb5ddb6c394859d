"""The stored page under its bar, in its frame, as a file, and where its links lead."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup

from corpus import Archive, Origin, OriginKind, Page, ingest, make_article
from search_ui.web import create_app
from tests.corpus.readers.made_files import Warc
from tests.corpus.replay.saved_parts import PAGE_URL, RED, crawled, mhtml, page
from tests.search_ui.small_site import Site, texts

HTML = "<h1>عنوان</h1><script>alert(1)</script><p onclick='x()'>نص</p>".encode()
SHA = hashlib.sha256(HTML).hexdigest()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


def keep(archive: Archive, article_id: str, day: int, text: str, stored: Page | None = None, **known: object) -> None:
    moment = datetime(2020, 5, day, 13, 30, tzinfo=UTC)
    archive.add(
        make_article(id=article_id, title="عنوان", paragraphs=text.splitlines(), retrieved_at=moment, **known),  # type: ignore[arg-type]
        stored,
        Origin(OriginKind.WARC, "crawl.warc.gz", "urn:uuid:1"),
    )


def add(archive: Archive, data: bytes, name: str) -> str:
    ingest.add_stream(archive, io.BytesIO(data), name, ingest.AddSummary())
    *_, article = archive.ids()
    return article


def facts(bar: BeautifulSoup) -> dict[str, str]:
    return {texts(row, "dt")[0]: texts(row, "dd")[0] for row in bar.select(".facts > div")}


def test_the_bar_says_what_the_page_is(archive: Archive) -> None:
    keep(archive, "a b/ج", 1, "نص", Page(HTML, "text/html"), url="https://jarida.example/خبر", source="الجريدة")
    site = Site(archive)
    (link,) = site.page("/article/a b/ج").select(".facts a[href*=page]")
    bar = site.page(str(link["href"]))
    assert texts(bar, "h1") == ["الصفحة المحفوظة الجريدة·عنوان"]
    said = texts(bar, ".kept-bar")[0]
    assert "وقت الحفظ: 1 أيار/مايو 2020، 13:30 بتوقيت غرينتش" in said
    assert "https://jarida.example/خبر" in said
    assert str(bar.select(".back a")[0]["href"]).startswith("/article/a")
    known = facts(bar)
    assert known["SHA-256"] == SHA
    assert "text/html" in known["الملف المحفوظ"]
    assert f"{len(HTML)} بايت" in known["الملف المحفوظ"]
    assert "crawl.warc.gz" in known["أُخذ من"]
    (frame,) = bar.select("iframe")
    assert "عنوان" in str(frame["title"])
    assert frame["sandbox"] == ["allow-popups", "allow-popups-to-escape-sandbox"]


def test_a_file_that_does_not_say_when_it_was_saved_was_added(archive: Archive) -> None:
    article = add(archive, page().encode(), "page.html")
    assert "ووقت الحفظ غير معروف" in texts(Site(archive).page(f"/article/{article}/page"), ".kept-bar")[0]
    saved = add(archive, mhtml(page()), "page.mhtml")
    assert "وقت الحفظ: 1 آذار/مارس 2019" in texts(Site(archive).page(f"/article/{saved}/page"), ".kept-bar")[0]


def test_the_bar_counts_what_is_missing_and_what_is_from_another_day(archive: Archive) -> None:
    article = add(archive, crawled(red="2019-03-05T08:15:00Z").data, "crawl.warc.gz")
    bar = Site(archive).page(f"/article/{article}/page", lang="en")
    assert texts(bar, ".kept-counts .missing") == [
        "Pictures: 1 of 2 were saved",
        "Saved on another day than the page: 1",
    ]
    assert facts(bar)["Saved on another day"] == "5 March 2019, 08:15 UTC: https://jarida.example/img/red.png"


def test_the_frame_may_do_nothing_but_be_shown_here(archive: Archive) -> None:
    keep(archive, "a", 1, "نص", Page(HTML, "text/html"))
    site = Site(archive)
    bar = site.answer("/article/a/page")
    assert bar.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'; frame-src 'self'")
    assert bar.headers["X-Frame-Options"] == "DENY"
    (frame,) = BeautifulSoup(bar.text, "html.parser").select("iframe")
    shown = site.answer(str(frame["src"]))
    policy = shown.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:")
    assert policy.endswith("frame-ancestors 'self'")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script" not in shown.text
    assert "onclick" not in shown.text
    for other in ("/article/a", "/outside?to=https://x.example/", "/"):
        assert "frame-src" not in site.answer(other).headers["Content-Security-Policy"]


@pytest.mark.parametrize("charset", ["windows-1256", "utf-16", "iso-8859-6"])
def test_the_frame_is_in_utf_8_whatever_the_page_is_in(archive: Archive, charset: str) -> None:
    text = f"<html><head><meta charset={charset}><title>عنوان</title></head><body><p>افتتح الوزير الجسر الجديد</p></body></html>"
    keep(archive, "a", 1, "نص", Page(text.encode(charset), "text/html"))
    shown = Site(archive).answer("/article/a/page/frame")
    assert "افتتح الوزير الجسر الجديد" in shown.text
    assert "charset=windows" not in shown.text


def test_a_page_in_utf_7_stays_letters(archive: Archive) -> None:
    keep(archive, "a", 1, "نص", Page(b"<meta charset=utf-7><p>+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "text/html"))
    shown = Site(archive).answer("/article/a/page/frame")
    assert "+ADw-script" in shown.text
    assert "charset=utf-7" not in shown.text


def test_a_text_is_shown_as_text(archive: Archive) -> None:
    keep(archive, "a", 1, "نص", Page("سطر <script>alert(1)</script>".encode(), "text/plain"))
    assert "سطر &lt;script&gt;alert(1)&lt;/script&gt;" in Site(archive).answer("/article/a/page/frame").text


def test_the_original_is_downloaded_unchanged(archive: Archive) -> None:
    keep(archive, "a b/ج", 1, "نص", Page(HTML, "text/html"))
    site = Site(archive)
    bar = site.page("/article/a b/ج/page")
    (link,) = bar.select("a[download]")
    answer = site.answer(str(link["href"]))
    assert answer.data == HTML
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a-b.html"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("kind", ["image/svg+xml", "application/pdf", "x\r\ny: z", ""])
def test_pages_of_other_kinds_are_files_to_keep(archive: Archive, kind: str) -> None:
    keep(archive, "a", 1, "نص", Page(b"<svg onload='alert(1)'/>", kind))
    site = Site(archive)
    bar = site.page("/article/a/page")
    assert not bar.select("iframe")
    assert len(bar.select("a[download]")) == 2
    assert site.answer("/article/a/page/frame").status_code == 404
    answer = site.answer("/article/a/page/original")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="a.')


@pytest.mark.parametrize(
    ("kind", "extension"),
    [
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
        ("application/vnd.oasis.opendocument.text", "odt"),
        ("application/x-webarchive", "webarchive"),
        ("message/rfc822", "eml"),
        ("multipart/related", "mhtml"),
        ("text/markdown", "md"),
    ],
)
def test_documents_are_downloads_of_their_type(archive: Archive, kind: str, extension: str) -> None:
    keep(archive, "a", 1, "نص", Page(b"<script>alert(1)</script>", kind))
    site = Site(archive)
    assert not site.page("/article/a/page").select("iframe")  # damaged, or not shown
    answer = site.answer("/article/a/page/original")
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"] == f'attachment; filename="a.{extension}"'
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def test_each_version_has_its_own_page(archive: Archive) -> None:
    for day in (1, 2, 3):
        keep(archive, "a", day, f"نص {day}", Page(f"<p>{day}".encode(), "text/html"))
    keep(archive, "a", 4, "نص بلا صفحة")
    site = Site(archive)

    def shown(address: str) -> str:
        (frame,) = site.page(address).select("iframe")
        return texts(site.page(str(frame["src"])), "p")[0]

    assert shown("/article/a/page") == "3"
    links = [str(link["href"]) for link in site.page("/article/a/changes").select(".change a[href*='/page']")]
    assert [shown(link) for link in links] == ["3", "2", "1"]
    middle = site.page(links[1])
    assert [shown(str(link["href"])) for link in middle.select(".kept-versions a")] == ["1", "3"]
    assert texts(middle, ".kept-versions > span") == ["الإصدار 2 من 3"]
    assert texts(middle, "[aria-current=page]") == ["2 أيار/مايو 2020، 13:30 بتوقيت غرينتش"]
    for revision in ("4", "5", "0", "-1", "x", "١"):
        for part in ("", "/frame", "/original"):
            assert site.answer(f"/article/a/page{part}", revision=revision).status_code == 404


def test_links_lead_to_the_archive_or_to_a_page_that_names_the_address(archive: Archive) -> None:
    stored = "<a href='/7'>داخل</a><a href='https://other.example/خبر?a=1&b=2'>خارج</a>"
    keep(archive, "a", 1, "نص", Page(stored.encode(), "text/html"), url="https://jarida.example/1")
    keep(archive, "b", 1, "نص آخر", url="https://jarida.example/7")
    site = Site(archive)
    inside, outside = site.page("/article/a/page/frame").select("a")
    assert outside["target"] == "_blank"
    assert "https://other.example/خبر?a=1&b=2" in str(outside["title"])
    answer = site.answer(str(inside["href"]))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/article/b")
    (link,) = site.page(str(outside["href"])).select("main a")
    assert link["href"] == f"https://other.example/{quote('خبر')}?a=1&b=2" or "خبر" in str(link["href"])
    assert link["rel"] == ["noopener", "noreferrer", "nofollow"]


@pytest.mark.parametrize(
    "target", ["", "javascript:alert(1)", "//evil.example", "/article/a", "data:text/html,x", "http://"]
)
def test_only_addresses_of_the_web_are_named(archive: Archive, target: str) -> None:
    assert Site(archive).answer("/outside", to=target).status_code == 404


def test_a_hostile_title_and_address_are_text(archive: Archive) -> None:
    hostile = '"><script>alert(1)</script>'
    archive.add(
        make_article(id="a", title=hostile, paragraphs=["نص"], url=f"https://x.example/{hostile}"),
        Page(HTML, "text/html"),
    )
    bar = Site(archive).page("/article/a/page")
    assert all(str(script["src"]).startswith("/static/") for script in bar.select("script"))
    assert hostile in texts(bar, "h1")[0]


def test_a_lost_page_is_an_error_that_says_so(archive: Archive) -> None:
    keep(archive, "a", 1, "نص", Page(HTML, "text/html"))
    archive.pages.discard(SHA)
    for part in ("", "/frame", "/original"):
        assert Site(archive).answer(f"/article/a/page{part}").status_code == 500


def test_a_removed_article_shows_no_page(archive: Archive) -> None:
    keep(archive, "a", 1, "نص", Page(HTML, "text/html"))
    archive.remove("a")
    for part in ("", "/frame", "/original"):
        assert Site(archive).answer(f"/article/a/page{part}").status_code == 410


def test_a_private_archive_shows_no_page_to_strangers(archive: Archive) -> None:
    keep(archive, "a", 1, "نص", Page(HTML, "text/html"))
    settings = archive.directory / "arshif.toml"
    settings.write_text("private = true\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    client = create_app({"ARCHIVE": archive.directory}).test_client()
    for path in (
        "/article/a/page",
        "/article/a/page/frame",
        "/article/a/page/original",
        "/outside?to=https://x.example/",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in")


def test_a_page_is_rebuilt_once_for_its_bar_and_its_frame(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus import replay

    article = add(archive, crawled().data, "crawl.warc.gz")
    made: list[object] = []
    rebuild = replay.replay
    monkeypatch.setattr(replay, "replay", lambda *given: made.append(given) or rebuild(*given))
    site = Site(archive)
    (frame,) = site.page(f"/article/{article}/page").select("iframe")
    assert site.answer(str(frame["src"])).status_code == 200
    assert len(made) == 1


def test_a_page_that_is_too_large_is_only_downloaded(archive: Archive) -> None:
    warc = (
        Warc()
        .response(page("<p>x</p>").encode(), PAGE_URL)
        .response(RED, "https://jarida.example/a.png", Content_Type="image/png")
    )
    add(archive, warc.data, "crawl.warc.gz")
    keep(archive, "b", 1, "نص", Page(b"<i>" * 60_000, "text/html"))
    bar = Site(archive).page("/article/b/page")
    assert not bar.select("iframe")
    assert texts(bar, ".note") == ["هذه الصفحة تالفة أو أكبر من أن تُعرض هنا، ويمكن تنزيلها."]
