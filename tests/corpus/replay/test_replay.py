"""Pages with what was saved with them, from the archive and from their own file."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from corpus import Archive, ingest
from corpus.replay import Replayed, can_replay, replay
from corpus.replay import supply as supplies
from tests.corpus.readers.made_files import Warc
from tests.corpus.replay.saved_parts import BLUE, GREEN, PAGE_URL, PHOTO, RED, crawled, mhtml, page, webarchive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


def added(archive: Archive, data: bytes, name: str) -> Replayed:
    """The last article of an input, replayed."""
    summary = ingest.AddSummary()
    ingest.add_stream(archive, io.BytesIO(data), name, summary)
    assert summary.added, summary.refusals
    *_, article = archive.ids()
    return replay(archive, archive.revisions(article)[-1])


def uri(data: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def parsed(replayed: Replayed) -> BeautifulSoup:
    assert replayed.html is not None
    return BeautifulSoup(replayed.html, "html.parser")


def test_a_page_of_a_crawl_has_its_picture_styles_and_background(archive: Archive) -> None:
    found = added(archive, crawled().data, "crawl.warc.gz")
    soup = parsed(found)
    assert [img.get("src") for img in soup.select("img")] == [uri(RED), None]
    style = soup.select("style")[-1].get_text()
    assert uri(BLUE) in style
    assert base64.b64encode(b"h1 { color: #900 }").decode() in style
    assert (found.pictures.shown, found.pictures.all) == (1, 2)
    assert (found.styles.shown, found.styles.all) == (1, 1)
    assert found.other_days == ()
    assert "jarida.example" not in (found.html or "")


def test_what_is_from_another_day_is_said(archive: Archive) -> None:
    found = added(archive, crawled(red="2019-03-04T10:00:00Z", blue="2019-03-02T09:00:00Z").data, "crawl.warc.gz")
    (other,) = found.other_days
    assert other.address.endswith("red.png")
    assert other.captured_at == datetime(2019, 3, 4, 10, tzinfo=UTC)


def test_a_relative_address_is_relative_to_where_the_page_was_captured(archive: Archive) -> None:
    text = page('<img src="red.png">', '<link rel="canonical" href="https://jarida.example/archive/7">')
    warc = Warc().response(text.encode(), "https://jarida.example/img/page")
    warc.response(RED, "https://jarida.example/img/red.png", Content_Type="image/png")
    assert added(archive, warc.data, "crawl.warc.gz").pictures.shown == 1


PARTS = (
    ("https://jarida.example/img/red.png", "image/png", RED),
    ("cid:style@page", "text/css", b"body { background: url('https://jarida.example/img/blue.png') }"),
    ("https://jarida.example/img/blue.png", "image/png", BLUE),
)
WITH_PARTS = page('<img src="https://jarida.example/img/red.png">', '<link rel="stylesheet" href="cid:style@page">')


def test_mhtml_has_its_parts_in_itself(archive: Archive) -> None:
    found = added(archive, mhtml(WITH_PARTS, *PARTS), "page.mhtml")
    soup = parsed(found)
    assert [img["src"] for img in soup.select("img")] == [uri(RED)]
    assert uri(BLUE) in soup.select("style")[-1].get_text()
    assert found.saved_at == datetime(2019, 3, 1, 10, tzinfo=UTC)
    assert found.address == PAGE_URL


def test_a_web_archive_of_safari_has_its_parts_in_itself(archive: Archive) -> None:
    text = page('<img src="/img/red.png">', '<link rel="stylesheet" href="/main.css">')
    style = ("https://jarida.example/main.css", "text/css", b"body { background: url(img/blue.png) }")
    found = added(archive, webarchive(text, PARTS[0], PARTS[2], style), "page.webarchive")
    soup = parsed(found)
    assert [img["src"] for img in soup.select("img")] == [uri(RED)]
    assert uri(BLUE) in soup.select("style")[-1].get_text()


def test_a_frame_of_mhtml_is_shown_in_its_place(archive: Archive) -> None:
    inner = '<p onclick="x()">داخل الإطار<img src="https://jarida.example/img/red.png"><iframe src="cid:frame@page"></iframe>'
    text = page(
        '<iframe src="cid:frame@page" width="300" onload="x()"></iframe><iframe src="https://ads.example/"></iframe>'
    )
    found = added(archive, mhtml(text, PARTS[0], ("cid:frame@page", "text/html", inner.encode())), "page.mhtml")
    (frame,) = parsed(found).select("iframe")
    assert set(frame.attrs) == {"width", "srcdoc", "sandbox"}
    assert "allow-scripts" not in str(frame["sandbox"])
    assert uri(RED) in str(frame["srcdoc"])
    assert "onclick" not in str(frame["srcdoc"])
    assert (found.frames.shown, found.frames.all) == (1, 2)


def test_singlefile_has_its_pictures_in_itself(archive: Archive) -> None:
    note = f"<!--\n Page saved with SingleFile \n url: {PAGE_URL} \n saved date: Fri Mar 01 2019 13:00:00 GMT+0300\n-->"
    text = page(f'<img src="{uri(PHOTO)}"><img src="data:,"><img src="data:,">')
    found = added(archive, text.replace("<head>", f"{note}<head>").encode(), "page.html")
    assert [img.get("src") for img in parsed(found).select("img")] == [uri(PHOTO), None, None]
    assert (found.pictures.shown, found.pictures.all) == (1, 3)
    assert found.saved_at == datetime(2019, 3, 1, 10, tzinfo=UTC)
    assert "SingleFile" not in (found.html or "")


def test_a_text_is_shown_as_it_is(archive: Archive) -> None:
    found = added(archive, "عنوان\nسطر أول <script>alert(1)</script>\n".encode(), "a.txt")
    assert found.html is None or parsed(found).find("script") is None


LISTED = [
    ("text/html", True),
    ("multipart/related", True),
    ("TEXT/HTML; charset=x", True),
    ("application/pdf", False),
    ("", False),
]


@pytest.mark.parametrize(("media_type", "shown"), LISTED)
def test_only_pages_are_shown(media_type: str, shown: bool) -> None:
    assert can_replay(media_type) is shown


def test_a_page_does_not_grow_beyond_the_limit(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supplies, "MAX_SHOWN_BYTES", 2 * len(RED) + 20)
    text = page("".join(f'<img src="/img/red.png?{number % 2}">' for number in range(50)))
    warc = Warc().response(text.encode(), PAGE_URL)
    for number in range(2):
        warc.response(RED, f"https://jarida.example/img/red.png?{number}", Content_Type="image/png")
    found = added(archive, warc.data, "crawl.warc.gz")
    assert (found.html or "").count("data:image/png") == 2
    assert found.left_out == 48


def test_a_picture_whose_bytes_are_lost_is_missing(archive: Archive) -> None:
    ingest.add_stream(archive, io.BytesIO(crawled().data), "crawl.warc.gz", ingest.AddSummary())
    for (digest,) in archive.run_sql("SELECT digest FROM resources"):
        archive.pages.discard(digest)
    (article,) = archive.ids()
    found = replay(archive, archive.revisions(article)[-1])
    assert (found.pictures.shown, found.styles.shown) == (0, 0)


def test_a_newer_crawl_completes_an_older_page(archive: Archive) -> None:
    added(archive, Warc().response(page('<img src="/img/a.png">').encode(), PAGE_URL).data, "one.warc.gz")
    late = Warc().response(GREEN, "https://jarida.example/img/a.png", Content_Type="image/png").data
    ingest.add_stream(archive, io.BytesIO(late), "two.warc.gz", ingest.AddSummary())
    (article,) = archive.ids()
    assert replay(archive, archive.revisions(article)[-1]).pictures.shown == 1
