"""For any bytes a reader yields items, raises nothing, and reports each refusal in one line.

`./run bench fuzz SECONDS` runs longer, with more samples.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.readers import Record, Refusal, read_stream
from corpus.readers.printed_page import printed_words
from tests.conftest import examples
from tests.corpus.readers.made_documents import TEXT, chapter, docx, epub, mail, mhtml, odt, webarchive, word
from tests.corpus.readers.made_files import PAGE, Pipe, Warc, line, lines, tarred, zipped
from tests.corpus.readers.test_agency_news import message, news_item, newsml, nitf
from tests.corpus.readers.test_chat_pages import message as chat_message
from tests.corpus.readers.test_chat_pages import page as chat_page
from tests.corpus.readers.test_json_exports import (
    ATOM,
    BLOGGER,
    CHANNEL,
    DRUPAL,
    FEED_ITEM,
    GHOST,
    NINJS,
    WALLABAG,
    WORDPRESS,
    garbled,
    tweet,
)
from tests.corpus.readers.test_json_exports import PLAIN as COLLECTIONS
from tests.corpus.readers.test_printed_page import ALTO, HOCR, PAGE_XML
from tests.corpus.readers.test_tables import PLAIN

# A page with its article in JSON-LD, in microdata, and in the data of a script.
DESCRIBED_PAGE = (
    "<html><head><title>عنوان الخبر الطويل</title><script type='application/ld+json'>"
    '[{"@type": "NewsArticle", "headline": "خبر آخر"}, {"@graph": [{"@type": "LiveBlogPosting", "headline": "عنوان الخبر'
    ' الطويل", "liveBlogUpdate": [{"articleBody": "<p>نص</p>"}]}]}]</script></head><body><h1>عنوان الخبر الطويل</h1>'
    "<div itemscope itemtype='NewsArticle'><time itemprop=datePublished>16/2/2017</time></div>"
    '<script id="__NEXT_DATA__">{"title": "عنوان الخبر الطويل", "body": "<p>' + "نص طويل. " * 20 + '</p>"}</script>'
    '<script>window.__NUXT__=(function(a){return {title:"عنوان الخبر الطويل",body:"'
    + "نص طويل. " * 20
    + '"}}(1))</script>'
).encode()

# Exports of each shape, as values of JSON.
EXPORTS: list[Any] = [
    CHANNEL,
    {"chats": {"list": [CHANNEL, CHANNEL | {"type": "personal_chat"}]}, "left_chats": {"list": [CHANNEL]}},
    [{"timestamp": 1551247200, "data": [{"post": garbled("نص")}], "attachments": [{"data": [{"media": {"description": "x"}}]}]}],
    [{"media": [{"creation_timestamp": 1551247200, "title": garbled("نص")}]}],
    [tweet("نص https://t.co/a", entities={"urls": [{"url": "https://t.co/a", "expanded_url": "https://a.example/"}]})],
    [WORDPRESS],
    [WALLABAG],
    {"jsonapi": {}, "data": [DRUPAL]},
    {"items": [BLOGGER, FEED_ITEM, NINJS]},
    {"feed": {"title": {"$t": "x"}, "entry": [ATOM]}},
    GHOST,
    *([value] for _, value in COLLECTIONS),
]  # fmt: skip


def stored(data: bytes) -> bytes:
    """The ZIP file without compression, so that edits reach the content of its members."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()}, zipfile.ZIP_STORED)


SAMPLES = {
    "n.html": PAGE,
    "described.html": DESCRIBED_PAGE,
    "saved.html": b"<!-- Page saved with SingleFile \n url: https://a.example/1 \n saved date: Wed Feb 27 2019 10:11:12 "
    b"GMT+0300 -->" + PAGE,
    "wayback.html": b'<link rel=canonical href="https://web.archive.org/web/20190227101112/https://a.example/1">'
    b'<script>__wm.wombat("https://a.example/1","20190227101112")</script>' + PAGE,
    "mirror.zip": zipped({"site/node/1": PAGE, "site/a.php@id=5": PAGE, "site/LICENSE": b"text"}),
    "mirror.tar": tarred({"site/node/1": PAGE, "site/a.php@id=5": PAGE, "site/LICENSE": b"text"}),
    "http2.warc": Warc(gzip=False).response().data.replace(b"HTTP/1.1", b"HTTP/2"),
    "n.txt": "عنوان\nنص طويل من كلمات كثيرة في هذا الخبر.".encode("windows-1256"),
    "mojibake.html": PAGE.decode().encode("utf-8").decode("latin-1").encode("utf-8"),
    "two encodings.html": PAGE + PAGE.decode().encode("windows-1256", "replace"),
    "reversed.txt": "فيصلا يف لمتكي ديدجلا رسجلا\nﺮﺴﺠﻟﺍ ةماعلا ةنزاوملا يف هل دصر ام ???? ????".encode(),
    "n.jsonl": lines("a", "b") + line("c", date="2017-02-16", author=["س"]),
    "n.json": b"[" + lines("a") + b"," + lines("b") + b"]",
    "n.csv": PLAIN.encode(),
    "n.zip": zipped({"a.jsonl": lines("a"), "n.tar.gz": tarred({"p.html": PAGE}, "w:gz")}),
    "n.tar": tarred({"a.jsonl": lines("a"), "p.html": PAGE}),
    "n.warc": Warc(gzip=False).response().response(gzip.compress(PAGE), Content_Encoding="gzip").data,
    "n.warc.gz": Warc().response().record("revisit").record("resource", PAGE, content_type="text/html").data,
    "n.wacz": zipped({"datapackage.json": b"{}", "archive/d.warc.gz": Warc().response().data}),
    "n.jsonl.bz2": bz2.compress(lines("a")),
    "n.jsonl.xz": lzma.compress(lines("a")),
    "sep.csv": b"sep=;\nid;text;date\na;x;43523\n",
    "tweets.js": b"window.YTD.tweets.part0 = " + json.dumps([tweet("x")]).encode(),
    "g2.xml": message(news_item("urn:1"), news_item("urn:2", "stat:canceled")),
    "one.xml": f"<NewsML><NewsEnvelope/>{newsml()}</NewsML>".encode(),
    "n.nitf": nitf(">", "<byline>x</byline>"),
    "alto.xml": ALTO.format(namespace='xmlns="x"', title="big").encode(),
    "page.xml": PAGE_XML.encode(),
    "n.hocr": HOCR.encode(),
    "messages.html": chat_page(chat_message(2, '<div class="text">نص</div>', "x")),
    **{f"export{number}.json": json.dumps(value).encode() for number, value in enumerate(EXPORTS)},
    "n.mhtml": mhtml(),
    "n.webarchive": webarchive(),
    "n.eml": mail("<p>نص</p>", headers={"List-Id": "قائمة <a.b>"}, attached=[("application/pdf", "ملف.pdf", b"%PDF-")]),
    "n.mbox": b"From - Wed Feb 27 08:00:00 2019\n"
    + mail(plain="نص\n")
    + b"\nFrom - Wed Feb 27 08:00:00 2019\n"
    + mail(),
    "n.docx": stored(docx(word("عنوان", "a3") + word(TEXT[0]), title="عنوان", creator="سامي الحداد")),
    "n.odt": stored(odt(f"<text:h>عنوان</text:h><text:p>{TEXT[0]}</text:p>")),
    "n.epub": stored(epub({"a.xhtml": chapter("عنوان", *TEXT)}, metadata="<dc:date>2019-02-27</dc:date>")),
    "n.md": f"---\ntitle: عنوان\ndate: 2019-02-27\n---\n## فصل\n\n- {TEXT[0]}\n".encode(),
    "n.markdown": f'+++\ntitle = "عنوان"\n+++\n[[أ|ب]] {TEXT[0]}'.encode(),
}

edits = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=20),
            st.sampled_from(
                [b"\x00", b"\xff", b"\r\n", b'"', b"<", b"PK\x03\x04", b"\x1f\x8b\x08", b"WARC/1.0\r\n", b"[" * 2000]
            ),
        ),
    ),
    min_size=1,
    max_size=6,
)


def edited(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """The data with some bytes replaced; places are shares of the length."""
    for place, removed, put in changes:
        at = int(place * len(data))
        data = data[:at] + put + data[at + removed :]
    return data


def check(data: bytes, name: str, *, piped: bool) -> None:
    stream = io.BufferedReader(Pipe(data, 77)) if piped else io.BytesIO(data)
    found = list(read_stream(stream, name, size=None if piped else len(data)))
    assert found
    for item in found:
        if isinstance(item, Record):
            assert item.article.title or item.article.paragraphs
            assert item.origin.name == name
            item.article.content_hash()
        elif isinstance(item, Refusal):
            assert item.reason
            assert item.reason.isprintable()
            assert item.name.isprintable()


@settings(max_examples=examples(250), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SAMPLES)), edits, st.sampled_from(sorted(SAMPLES)), st.booleans())
def test_damaged_files_raise_nothing(
    sample: str, changes: list[tuple[float, int, bytes]], name: str, piped: bool
) -> None:
    data = edited(SAMPLES[sample], changes)
    check(data, sample, piped=piped)
    check(data, name, piped=piped)  # and under the name of another format


@settings(max_examples=examples(150), deadline=None)
@given(st.binary(max_size=2000), st.sampled_from([*sorted(SAMPLES), "n"]))
@example(b"{", "n")
@example(b"[", "n")
@example(b"\xff\xfe", "n.csv")
@example(b"PK\x05\x06", "n")
@example(b"BZh9", "n")
@example(b"\x1f\x8b", "n")
@example(b"WARC/", "n")
@example(b"bplist00", "n")
@example(b"From a 1\nb:", "n")
@example(b"---\n---\n", "n.md")
@example(b"+++\n+++", "n.md")
@example(b"Content-Type: multipart/related; boundary=\n\n--\n", "n.mhtml")
@example(b"From: a\nContent-Type: multipart/alternative; boundary=x\n\n--x--", "n.eml")
@example(b"filedesc://", "n")
@example(b"\xef\xbb\xbf", "n.json")
@example(b"\r", "n.csv")
@example(b'"', "n.csv")
def test_random_bytes_raise_nothing(data: bytes, name: str) -> None:
    check(data, name, piped=False)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.sampled_from(["publish", "2019-02-27"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def with_other_value(value: Any, places: list[int], put: Any) -> Any:
    """A value of JSON in which one value, found by these numbers of entries, is another."""
    if not places or not isinstance(value, (dict, list)) or not value:
        return put
    names = list(value) if isinstance(value, dict) else list(range(len(value)))
    at = names[places[0] % len(names)]
    inner = with_other_value(value[at], places[1:], put)
    if isinstance(value, dict):
        return value | {at: inner}
    return [*value[:at], inner, *value[at + 1 :]]


@settings(max_examples=examples(400), deadline=None)
@given(st.sampled_from(EXPORTS), st.lists(st.integers(0, 30), min_size=1, max_size=7), values)
def test_exports_with_values_of_other_types_raise_nothing(export: Any, places: list[int], put: Any) -> None:
    check(json.dumps(with_other_value(export, places, put)).encode(), "n.json", piped=False)


@settings(max_examples=examples(100), deadline=None)
@given(st.sampled_from([ALTO, HOCR, PAGE_XML]), edits)
def test_boxes_of_damaged_pages_raise_nothing(page: str, changes: list[tuple[float, int, bytes]]) -> None:
    for found in printed_words(edited(page.encode(), changes)):
        assert all(isinstance(word.text, str) for word in found.words)
