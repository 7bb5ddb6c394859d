"""For any bytes a reader yields items, raises nothing, and reports each refusal in one line.

`./run bench fuzz SECONDS` runs longer, with more samples.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.readers import Record, Refusal, read_stream
from tests.conftest import examples
from tests.corpus.readers.made_files import PAGE, Pipe, Warc, line, lines, tarred, zipped
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

SAMPLES = {
    "n.html": PAGE,
    "described.html": DESCRIBED_PAGE,
    "n.txt": "عنوان\nنص طويل من كلمات كثيرة في هذا الخبر.".encode("windows-1256"),
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
@example(b"filedesc://", "n")
@example(b"\xef\xbb\xbf", "n.json")
@example(b"\r", "n.csv")
@example(b'"', "n.csv")
def test_random_bytes_raise_nothing(data: bytes, name: str) -> None:
    check(data, name, piped=False)
