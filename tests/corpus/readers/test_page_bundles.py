from __future__ import annotations

import base64
import plistlib
import quopri
from datetime import UTC, datetime

import pytest

from corpus.urls import canonical_url
from tests.corpus.readers.made_documents import mhtml, webarchive
from tests.corpus.readers.made_files import PAGE, SENTENCE, URL, Read, read, read_piped, zipped

SAVED = datetime(2019, 2, 27, 8, tzinfo=UTC)
IN_1256 = PAGE.decode().encode("windows-1256")
AGO = f"<html><body><article><h1>عنوان</h1><time>منذ ساعتين</time>{f'<p>{SENTENCE}</p>' * 3}</article></body></html>"
FRAMESET = '<html><head><title>الجريدة</title></head><frameset><frame src="main.html"></frameset></html>'.encode()


def check(found: Read) -> None:
    (record,) = found.records
    assert not found.reasons
    assert record.article.title == "عنوان الخبر"
    assert record.article.paragraphs == (SENTENCE,) * 3
    assert record.article.url == canonical_url(URL)


@pytest.mark.parametrize("name", ["n.mhtml", "n.mht", "n.html", "n.txt", "n"])
def test_mhtml_is_recognized_by_its_headers(name: str) -> None:
    data = mhtml()
    found = read(data, name)
    check(found)
    (record,) = found.records
    assert record.article.retrieved_at == SAVED
    assert (record.page, record.media_type) == (data, "multipart/related")


@pytest.mark.parametrize(
    "data",
    [
        mhtml(quopri.encodestring(PAGE), encoding="quoted-printable"),
        mhtml(base64.encodebytes(PAGE), encoding="base64"),
        mhtml(IN_1256),
        mhtml().replace(b"\n", b"\r\n"),
        mhtml().replace(b"Content-Type: text/html", b'Content-Type: text/html; charset="windows-1252"'),
        mhtml(top='Subject: x\nX: "Saved by Windows Internet Explorer 8"\n'),
        b"\xef\xbb\xbf" + mhtml(),
    ],
    ids=["quoted-printable", "base64", "8bit windows-1256", "CRLF", "a wrong charset", "Internet Explorer", "BOM"],
)
def test_mhtml_of_each_encoding(data: bytes) -> None:
    check(read(data, "n.mht"))
    check(read_piped(data))


def test_mhtml_of_one_part() -> None:
    head = f"Content-Type: text/html; charset=utf-8\nContent-Location: {URL}\nMIME-Version: 1.0\n\n".encode()
    check(read(head + PAGE, "n"))


def test_relative_dates_are_counted_from_when_the_page_was_saved() -> None:
    (article,) = read(mhtml(AGO.encode()), "n.mhtml").articles
    assert article.published is not None
    assert article.published.date() == SAVED.date()


def test_the_page_is_found_among_its_frames() -> None:
    advertisement = f"<html><body>{'<p>إعلان طويل لا علاقة له بالخبر أبدا.</p>' * 9}</body></html>".encode()
    frame = b"----B--\nContent-Type: text/html\nContent-Location: https://ads.example/1\n\n" + advertisement + b"\n"
    data = mhtml().replace(b"----B--\n", frame + b"----B--\n", 1)
    check(read(data, "n.mhtml"))


def test_the_article_of_a_page_of_frames_is_in_a_frame() -> None:
    frame = f"----B--\nContent-Type: text/html\nContent-Location: {URL}/main\n\n".encode() + PAGE + b"\n"
    (article,) = read(mhtml(FRAMESET, more=frame), "n.mhtml").articles
    assert article.title == "عنوان الخبر"
    assert article.url == canonical_url(f"{URL}/main")


def test_a_page_saved_from_a_disk_has_no_address() -> None:
    data = mhtml(top="Snapshot-Content-Location: file:///C:/a.html\n").replace(URL.encode(), b"file:///C:/a.html")
    (article,) = read(data, "n.mhtml").articles
    assert article.url is None


@pytest.mark.parametrize("form", [plistlib.FMT_BINARY, plistlib.FMT_XML])
def test_a_web_archive_of_safari(form: plistlib.PlistFormat) -> None:
    data = webarchive(form=form)
    found = read(data, "n.webarchive")
    check(found)
    assert (found.records[0].page, found.records[0].media_type) == (data, "application/x-webarchive")


def test_a_web_archive_is_recognized_by_its_first_bytes_and_in_zip_files() -> None:
    check(read(webarchive(), "n"))
    check(read(zipped({"a/n.webarchive": webarchive()}), "n.zip"))


def test_frames_of_a_web_archive() -> None:
    inner = plistlib.loads(webarchive())
    (article,) = read(webarchive(FRAMESET, WebSubframeArchives=[{"x": 1}, 5, inner]), "n.webarchive").articles
    assert article.title == "عنوان الخبر"


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"no page at all", "n.mhtml", "no part with HTML"),
        (mhtml(b"<p>short</p>"), "n.mhtml", "no article text was found"),
        (mhtml().replace(b"text/html\n", b"image/png\n"), "n.mht", "no part with HTML"),
        (b"bplist00" + bytes(40), "n", "not a property list"),
        (plistlib.dumps({"a": 1}, fmt=plistlib.FMT_BINARY), "n.plist", "without a saved page"),
        (plistlib.dumps([1]), "n.webarchive", "without a saved page"),
        (plistlib.dumps({"WebMainResource": {"WebResourceData": "x"}}), "n.webarchive", "without a saved page"),
        (b"x", "n.webarchive", "not a property list"),
    ],
)
def test_other_files_are_refused(data: bytes, name: str, reason: str) -> None:
    found = read(data, name)
    assert not found.records
    (said,) = found.reasons
    assert reason in said


def test_deeply_nested_property_lists_are_refused() -> None:
    deep = b"<plist>" + b"<array>" * 100_000
    assert "not a property list" in read(deep, "n.webarchive").reasons[0]
