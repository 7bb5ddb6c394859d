"""For any bytes a reader yields items, raises nothing, and reports each refusal in one line.

`./run bench fuzz SECONDS` runs longer, with more samples.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.readers import Record, Refusal, read_stream
from tests.conftest import examples
from tests.corpus.readers.made_documents import TEXT, chapter, docx, epub, mail, mhtml, odt, webarchive, word
from tests.corpus.readers.made_files import PAGE, Pipe, Warc, line, lines, tarred, zipped
from tests.corpus.readers.test_tables import PLAIN


def stored(data: bytes) -> bytes:
    """The ZIP file without compression, so that edits reach the content of its members."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()}, zipfile.ZIP_STORED)


SAMPLES = {
    "n.html": PAGE,
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
