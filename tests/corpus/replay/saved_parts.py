"""Invented pages with their pictures, stylesheets and fonts, as crawlers and browsers save them."""

from __future__ import annotations

import base64
import plistlib
import struct
import zlib

from tests.corpus.readers.made_files import Warc

PAGE_URL = "https://jarida.example/news/7"
TEXT = "افتتح رئيس البلدية الجسر الجديد فوق الوادي صباح اليوم بحضور جمع من الأهالي، وقال إن العمل فيه دام عامين."


def png(red: int, green: int, blue: int) -> bytes:
    """A picture of one colour."""
    return _png(b"".join(b"\x00" + bytes((red, green, blue)) * 40 for _ in range(30)))


def _png(rows: bytes) -> bytes:

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


RED, GREEN, BLUE = png(200, 20, 20), png(20, 160, 20), png(20, 20, 200)
PHOTO = _png(b"".join(b"\x00" + bytes((7 * x * y) % 251 for x in range(120)) for y in range(30)))


def page(body: str = "", head: str = "") -> str:
    """A page with an article, and with more in its head and body."""
    return (
        f'<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>افتتاح الجسر</title>{head}</head>'
        f"<body><article><h1>افتتاح الجسر</h1><p>{TEXT}</p><p>{TEXT} (٢)</p>{body}</article></body></html>"
    )


SHOWN = page(
    '<img src="/img/red.png" alt="الجسر"><img src="../img/gone.png" alt="غائبة">',
    '<link rel="stylesheet" href="/css/main.css">',
)
MAIN_CSS = b"@import 'more.css'; body { background: url(../img/blue.png) }"
MORE_CSS = b"h1 { color: #900 }"


def crawled(page_text: str = SHOWN, when: str = "2019-03-01T10:00:00Z", **times: str) -> Warc:
    """A crawl of the page with its picture, stylesheets and background; `times` are theirs, by name."""
    warc = Warc().response(page_text.encode(), PAGE_URL, warc={"WARC-Date": when})
    for name, body, media_type in (
        ("css/main.css", MAIN_CSS, "text/css"),
        ("css/more.css", MORE_CSS, "text/css"),
        ("img/red.png", RED, "image/png"),
        ("img/blue.png", BLUE, "image/png"),
    ):
        key = name.partition("/")[2].partition(".")[0]
        url = f"https://jarida.example/{name}"
        warc.response(body, url, warc={"WARC-Date": times.get(key, when)}, Content_Type=media_type)
    return warc


def mhtml(page_text: str, *parts: tuple[str, str, bytes], saved: str = "Fri, 1 Mar 2019 10:00:00 -0000") -> bytes:
    """An MHTML file: each part has a location (or `cid:`), a media type and bytes."""
    lines = [
        f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {PAGE_URL}\r\nSubject: x\r\nDate: {saved}\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----B"\r\n\r\n'
    ]
    for location, media_type, data in ((PAGE_URL, "text/html; charset=utf-8", page_text.encode()), *parts):
        named = f"Content-ID: <{location[4:]}>" if location.startswith("cid:") else f"Content-Location: {location}"
        body = base64.encodebytes(data).decode()
        lines.append(
            f"------B\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n{named}\r\n\r\n{body}\r\n"
        )
    return ("".join(lines) + "------B--\r\n").encode()


def webarchive(page_text: str, *parts: tuple[str, str, bytes]) -> bytes:
    """A web archive of Safari."""

    def resource(url: str, media_type: str, data: bytes) -> dict[str, object]:
        return {"WebResourceURL": url, "WebResourceMIMEType": media_type, "WebResourceData": data}

    main = resource(PAGE_URL, "text/html", page_text.encode()) | {"WebResourceTextEncodingName": "UTF-8"}
    found = {"WebMainResource": main, "WebSubresources": [resource(*part) for part in parts]}
    return plistlib.dumps(found, fmt=plistlib.FMT_BINARY)
