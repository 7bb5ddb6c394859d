"""Web archives: which records are pages, how bodies are encoded, and what damage affects."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from base64 import b32encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest

from corpus import Archive, OriginKind, canonical_url, ingest
from tests.corpus.readers.made_files import PAGE, SENTENCE, URL, Read, Warc, read, read_piped, zipped

OTHER = PAGE.replace("عنوان الخبر".encode(), "عنوان آخر".encode())


def digest(page: bytes) -> str:
    """A payload digest as crawlers, and these tests, write it."""
    return "sha1:" + b32encode(hashlib.sha1(page).digest()).decode()


DIGEST = digest(PAGE)


def chunked(data: bytes) -> bytes:
    pieces = [data[start : start + 100] for start in range(0, len(data), 100)]
    return b"".join(b"%x;ext=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_a_response_is_a_page_with_its_url_and_time() -> None:
    found = read(Warc().record("warcinfo", b"software: x").response().data, "crawl.warc.gz")
    (record,) = found.records
    article = record.article
    assert (article.title, article.url) == ("عنوان الخبر", canonical_url(URL))
    assert article.retrieved_at == datetime(2017, 2, 16, 10, tzinfo=UTC)
    assert record.page == PAGE
    assert record.origin.kind is OriginKind.WARC
    assert record.origin.name == "crawl.warc.gz"
    assert (record.origin.part or "").startswith("urn:uuid:")
    assert found.ignored == ["warcinfo records"]


BODIES: list[tuple[str, bytes, dict[str, str]]] = [
    ("as it is", PAGE, {}),
    ("chunked", chunked(PAGE), {"Transfer_Encoding": "chunked"}),
    ("chunked, the recorder joined the chunks", PAGE, {"Transfer_Encoding": "chunked"}),
    ("chunked, cut short", chunked(PAGE)[:-60], {"Transfer_Encoding": "chunked"}),
    ("gzip", gzip.compress(PAGE), {"Content_Encoding": "gzip"}),
    ("gzip, the recorder unpacked it", PAGE, {"Content_Encoding": "gzip"}),
    ("deflate", zlib.compress(PAGE), {"Content_Encoding": "deflate"}),
    ("deflate, bare", zlib.compress(PAGE)[2:-4], {"Content_Encoding": "deflate"}),
    ("brotli", brotli.compress(PAGE), {"Content_Encoding": "br"}),
    ("brotli, the recorder unpacked it", PAGE, {"Content_Encoding": "br"}),
    ("gzip in chunks", chunked(gzip.compress(PAGE)), {"Transfer_Encoding": "chunked", "Content_Encoding": "GZIP"}),
    ("twice", gzip.compress(brotli.compress(PAGE)), {"Content_Encoding": "br, gzip"}),
    ("identity", PAGE, {"Content_Encoding": "identity"}),
]


@pytest.mark.parametrize(("_", "body", "http"), BODIES, ids=[row[0] for row in BODIES])
def test_encoded_bodies_are_decoded(_: str, body: bytes, http: dict[str, str]) -> None:
    for packed in (True, False):
        (article,) = read(Warc(gzip=packed).response(body, **http).data, "a.warc").articles
        assert article.title == "عنوان الخبر"
        assert SENTENCE in article.paragraphs


BAD_BODIES: list[tuple[str, bytes, dict[str, str], str]] = [
    ("empty", b"", {}, "empty"),
    ("no article", b"<html><p>404</p></html>", {}, "no article text"),
    ("unknown coding", PAGE, {"Content_Encoding": "zstd"}, "'zstd' is not supported"),
    ("damaged gzip", b"\x1f\x8b\x08" + bytes(200), {"Content_Encoding": "gzip"}, "damaged"),
    ("gzip bomb", gzip.compress(bytes(40 * 2**20)), {"Content_Encoding": "gzip"}, "larger than"),
    ("deflate bomb", zlib.compress(bytes(40 * 2**20)), {"Content_Encoding": "deflate"}, "larger than"),
    ("brotli bomb", brotli.compress(bytes(40 * 2**20)), {"Content_Encoding": "br"}, "larger than"),
    ("codings without end", PAGE, {"Content_Encoding": "gzip, " * 50}, "compressed 50 times"),
    ("a picture that says it is a page", b"\x89PNG\r\n\x1a\n" + bytes(100), {}, "a picture"),
]


@pytest.mark.parametrize(("_", "body", "http", "reason"), BAD_BODIES, ids=[row[0] for row in BAD_BODIES])
def test_an_invalid_body_does_not_affect_other_records(_: str, body: bytes, http: dict[str, str], reason: str) -> None:
    warc = Warc().response(body, "https://a.example/bad", **http).response()
    found = read(warc.data, "a.warc.gz")
    assert [article.url for article in found.articles] == [canonical_url(URL)]
    (refusal,) = found.reasons
    assert refusal.startswith("a.warc.gz, https://a.example/bad: ")
    assert reason in refusal


def test_the_charset_of_the_http_header_is_used() -> None:
    # Russian, which only the header distinguishes from Arabic.
    page = PAGE.decode().replace(SENTENCE, "Министр заявил, что переговоры возобновятся завтра в столице страны.")
    data = Warc().response(page.encode("iso8859-5", "replace"), Content_Type="text/html; charset=ISO-8859-5").data
    (article,) = read(data, "a.warc").articles
    assert article.paragraphs[0].startswith("Министр заявил")


def test_other_records_are_ignored_and_counted() -> None:
    warc = (
        Warc()
        .response(status="404 Not Found")
        .response(status="301 Moved", Location="/x")
        .response(b"\x89PNG", Content_Type="image/png")
        .response(b"{}", Content_Type="application/json")
        .record("request", b"GET / HTTP/1.1\r\n\r\n")
        .record("metadata", b"x: y", content_type="application/warc-fields")
        .record("response", b"20170216 a.example", "dns:a.example", content_type="text/dns")
    )
    found = read(warc.data, "a.warc.gz")
    assert not found.articles
    assert not found.reasons
    assert found.ignored == [
        "status 404",
        "status 301",
        "image",
        "application",
        "request records",
        "metadata records",
        "responses that are not HTTP",
    ]


def test_resource_and_conversion_records_are_pages() -> None:
    warc = (
        Warc()
        .record("resource", PAGE, content_type="text/html; charset=utf-8")
        .record("conversion", f"عنوان\n{SENTENCE * 3}".encode(), "https://a.example/2", content_type="text/plain")
        .record("resource", b"\x89PNG", "https://a.example/3", content_type="image/png")
    )
    found = read(warc.data, "a.warc.gz")
    assert [article.title for article in found.articles] == ["عنوان الخبر", "عنوان"]
    assert found.articles[1].url == "https://a.example/2"
    assert found.ignored == ["image"]


REVISIT = {"WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"}


def test_a_revisit_is_resolved_in_the_same_input() -> None:
    warc = Warc().response()
    warc.record("revisit", url="https://a.example/copy", warc={**REVISIT, "WARC-Payload-Digest": DIGEST})
    found = read(warc.data, "a.warc.gz")
    assert [article.url for article in found.articles] == [canonical_url(URL), "https://a.example/copy"]
    assert len({article.title for article in found.articles}) == 1


@pytest.mark.parametrize(
    "refers", [{"WARC-Refers-To-Date": "2017-02-16T10:00:00Z"}, {}], ids=["by its date", "the last"]
)
def test_a_revisit_without_a_digest_is_resolved_in_the_same_input(refers: dict[str, str]) -> None:
    warc = Warc(gzip=False).response()
    warc.record("revisit", url="https://a.example/copy", warc={**REVISIT, "WARC-Refers-To-Target-URI": URL, **refers})
    found = read(warc.data.replace(b"WARC-Payload-Digest", b"X-Digest"), "a.warc")
    assert [article.url for article in found.articles] == [canonical_url(URL), "https://a.example/copy"]


def test_a_revisit_of_a_refused_page_is_refused() -> None:
    empty = b"<p>x</p>"
    warc = Warc().response(empty).record("revisit", warc={**REVISIT, "WARC-Payload-Digest": digest(empty)})
    assert "without an article: no article text" in read(warc.data, "a.warc.gz").reasons[1]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as archive:
        yield archive


def add(archive: Archive, path: Path, data: bytes) -> ingest.AddSummary:
    path.write_bytes(data)
    summary = ingest.AddSummary()
    ingest.add_paths(archive, [path], summary)
    return summary


@pytest.mark.parametrize(
    "refers",
    [
        {"WARC-Payload-Digest": DIGEST},
        {"WARC-Payload-Digest": "sha256:" + hashlib.sha256(PAGE).hexdigest()},
        {"WARC-Payload-Digest": "sha1:OTHER", "WARC-Refers-To-Date": "2017-02-16T10:00:00Z"},
        {},
    ],
    ids=["sha1", "sha256", "by its date", "not modified"],
)
def test_a_revisit_is_resolved_against_the_archive(archive: Archive, tmp_path: Path, refers: dict[str, str]) -> None:
    add(archive, tmp_path / "one.warc.gz", Warc().response().data)
    revisit = {**REVISIT, "WARC-Refers-To-Target-URI": URL, **refers}
    data = Warc().record("revisit", url="https://a.example/copy", warc=revisit).data
    summary = add(archive, tmp_path / "two.warc.gz", data)
    assert (summary.added, summary.refused) == (1, 0)
    assert archive.find("https://a.example/copy").title == "عنوان الخبر"


@pytest.mark.parametrize("refers", [{"WARC-Payload-Digest": "sha1:OTHER"}, {"WARC-Payload-Digest": "crc:1"}])
def test_a_revisit_of_another_page_is_refused(archive: Archive, tmp_path: Path, refers: dict[str, str]) -> None:
    add(archive, tmp_path / "one.warc.gz", Warc().response().data)
    revisit = {**REVISIT, "WARC-Refers-To-Target-URI": URL, "WARC-Refers-To-Date": "2016-01-01T00:00:00Z", **refers}
    summary = add(archive, tmp_path / "two.warc.gz", Warc().record("revisit", warc=revisit).data)
    assert (summary.added, summary.refused) == (0, 1)
    assert summary.refusals[0].reason == (
        "it repeats a page of 2016-01-01 that is neither in this input nor in the archive"
    )


def test_captures_of_one_url_at_two_times_are_two_revisions(archive: Archive, tmp_path: Path) -> None:
    later = {"WARC-Date": "2017-03-01T00:00:00.123456Z"}
    warc = Warc().response().response(OTHER, warc=later).response(OTHER, warc=later)
    summary = add(archive, tmp_path / "a.warc.gz", warc.data)
    assert (summary.added, summary.revised, summary.unchanged) == (1, 1, 1)
    first, second = archive.revisions(archive.find(URL).id)
    assert (first.recorded_at.month, second.recorded_at.month) == (2, 3)
    assert second.page is not None
    assert archive.pages.read(second.page) == OTHER


@pytest.mark.parametrize("date", ["yesterday", "0001-01-01T00:00:00+14:00", "2017-02-16", "2017-02-16T10:00:00"])
def test_invalid_dates_are_ignored_and_naive_dates_are_read(date: str) -> None:
    (article,) = read(Warc().response(warc={"WARC-Date": date}).data, "a.warc.gz").articles
    assert (article.retrieved_at is not None) == date.startswith("2017")


def pages(count: int, *, gzip: bool = True) -> list[bytes]:
    return [Warc(gzip=gzip).response(url=f"https://a.example/{number}").data for number in range(count)]


def numbers(found: Read) -> list[int]:
    return [int((article.url or "").rpartition("/")[2]) for article in found.articles]


DAMAGE: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("a byte altered", lambda record: record[:60] + bytes([record[60] ^ 0xFF]) + record[61:]),
    ("its end missing", lambda record: record[:-40]),
    ("its checksum wrong", lambda record: record[:-8] + b"\0\0\0\0" + record[-4:]),
    ("noise instead", lambda record: bytes(range(256)) * 2),
]


@pytest.mark.parametrize(("what", "damage"), DAMAGE, ids=[row[0] for row in DAMAGE])
def test_damage_in_a_compressed_file_affects_one_record(what: str, damage: Callable[[bytes], bytes]) -> None:
    for _ in range(20):  # records have random ids, which affect how the bytes after the damage are read
        parts = pages(6)
        parts[2] = damage(parts[2])
        found = read(b"".join(parts), "a.warc.gz")
        assert {0, 1, 3, 4, 5} <= set(numbers(found))
        assert found.reasons


PLAIN_DAMAGE: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("no length", lambda record: record.replace(b"Content-Length", b"Content-Lenght", 1)),
    ("a length that is none", lambda record: record.replace(b"Content-Length: ", b"Content-Length: -", 1)),
    ("a short length", lambda record: record.replace(b"Content-Length: ", b"Content-Length: 0", 1).replace(b": 0", b": ", 1)[:-300] + b"\r\n\r\n"),
    ("no version", lambda record: record.replace(b"WARC/1", b"CRAW/1", 1)),
    ("headers without end", lambda record: record.replace(b"\r\n", b"\r\nX: " + b"y" * 2**21 + b"\r\n", 1)),
    ("no HTTP", lambda record: record.replace(b"HTTP/1.1", b"GOPHER/1", 1)),
    ("no address", lambda record: record.replace(b"WARC-Target-URI", b"WARC-Target-URL", 1)),
]  # fmt: skip


@pytest.mark.parametrize(("_", "damage"), PLAIN_DAMAGE, ids=[row[0] for row in PLAIN_DAMAGE])
def test_damage_in_a_plain_file_affects_one_record(_: str, damage: Callable[[bytes], bytes]) -> None:
    parts = pages(5, gzip=False)
    parts[1] = damage(parts[1])
    found = read(b"".join(parts), "a.warc")
    assert set(numbers(found)) >= {0, 3, 4}
    assert len(found.reasons) + len(found.ignored) >= 1


@pytest.mark.parametrize("packed", [True, False])
def test_records_before_a_truncation_are_read(packed: bool) -> None:
    parts = pages(3, gzip=packed)
    data = b"".join(parts)
    for end in range(len(parts[0]), len(data), 97):
        found = read(data[:end], "a.warc")
        assert numbers(found)[:1] == [0]
        whole = sum(len(b"".join(parts[:count])) <= end for count in (1, 2, 3))
        assert len(found.articles) >= whole


def test_arc_files_are_read() -> None:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
    version = b"1 0 Archive\nURL IP-address Archive-date Content-type Archive-length\n"
    head = b"filedesc://a.arc 0.0.0.0 20050101000000 text/plain %d\n" % len(version) + version
    record = b"http://a.example/%d 1.2.3.4 20050101123000 text/html %d\n%s\n"
    data = head + b"\n" + record % (1, len(http), http) + record % (2, len(http), http)
    for packed in (data, gzip.compress(data)):
        found = read(packed, "a.arc.gz")
        assert numbers(found) == [1, 2]
        assert found.articles[0].retrieved_at == datetime(2005, 1, 1, 12, 30, tzinfo=UTC)


def test_a_wacz_yields_each_page_once() -> None:
    listed = b'{"format": "json-pages-1.0"}\n{"url": "https://a.example/1", "title": "x", "text": "y"}\n'
    data = zipped(
        {
            "datapackage.json": b"{}",
            "archive/data.warc.gz": Warc().response().data,
            "pages/pages.jsonl": listed,
            "indexes/index.cdx.gz": gzip.compress(b"x"),
        }
    )
    for found in (read(data, "a.wacz"), read_piped(data)):
        (record,) = found.records
        assert record.article.url == canonical_url(URL)
        assert (record.origin.part or "").startswith("archive/data.warc.gz, urn:uuid:")
        assert not found.reasons
        assert sorted(found.ignored) == [".cdx", ".json", ".jsonl"]


STATUS_LINES = [
    *(
        "HTTP/1.1 200",
        "HTTP/1.0 200 OK",
        "HTTP/2 200",
        "HTTP/2 200 ",
        "HTTP/2.0 200 OK",
        "HTTP/3 200",
        "HTTP/0.9 200 OK",
    ),
    *(
        "HTTP 200 Document follows",
        "http/1.1 200 ok",
        "ICY 200 OK",
        "200 OK",
        "HTTP/1.1  200  OK",
        "\r\nHTTP/1.1 200 OK",
    ),
]


@pytest.mark.parametrize("line", STATUS_LINES)
def test_a_response_is_read_whatever_version_its_status_line_names(line: str) -> None:
    block = f"{line}\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n".encode() + gzip.compress(PAGE)
    data = raw_record("response", block)
    (article,) = read(data, "a.warc").articles
    assert article.title == "عنوان الخبر"
    ignored = read(raw_record("response", block.replace(b"200", b"404", 1)), "a.warc").ignored
    assert ignored == ["status 404"]


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (b"", ""),
        (b"\r\n\r\n", ""),
        (b"SMTP 200\r\n\r\n", "no HTTP response"),
        (b"HTTP/2 2000\r\n\r\n", "no HTTP response"),
    ],
)
def test_a_response_without_a_status_is_no_page(block: bytes, reason: str) -> None:
    found = read(raw_record("response", block), "a.warc")
    assert not found.articles
    assert (found.ignored == ["responses without a status"]) if not reason else (reason in found.reasons[0])


def raw_record(kind: str, block: bytes, url: str = URL) -> bytes:
    """A record that the library would not write as it is."""
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2017-02-16T10:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
    return f"{head}WARC-Target-URI: {url}\r\nContent-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def test_an_address_may_be_in_angle_brackets() -> None:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
    (article,) = read(raw_record("response", block, f"<{URL}>"), "a.warc").articles
    assert article.url == canonical_url(URL)
    assert read(raw_record("resource", b"log", "<metadata://gnu.org/wget.log>"), "a.warc").ignored == [
        "metadata: records"
    ]


def test_the_text_of_a_page_that_was_read_is_not_a_second_article() -> None:
    text = f"عنوان الخبر\n{SENTENCE}\n{SENTENCE * 2}".encode()
    own = raw_record("response", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE)
    for refers_to, articles in (("<urn:uuid:1>", 1), ("<urn:uuid:2>", 2)):
        warc = Warc(gzip=False).record(
            "conversion", text, URL, warc={"WARC-Refers-To": refers_to}, content_type="text/plain"
        )
        assert len(read(own + warc.data, "a.warc").articles) == articles
