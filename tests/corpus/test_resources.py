"""Pictures, stylesheets and fonts of a WARC are kept with its pages."""

from __future__ import annotations

import gzip
import hashlib
import io
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders

from corpus import Archive, SettingsInvalid, ingest, verify_archive
from corpus.resources import MAX_RESOURCE_BYTES, captured_from, find_resource, resource_type
from corpus.settings import read_settings
from tests.corpus.readers.made_files import Warc
from tests.corpus.replay.saved_parts import BLUE, GREEN, PAGE_URL, RED, crawled, page

RED_URL = "https://jarida.example/img/red.png"
DAY = datetime(2019, 3, 1, 10, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


def add(archive: Archive, data: bytes, name: str = "crawl.warc.gz") -> ingest.AddSummary:
    summary = ingest.AddSummary()
    ingest.add_stream(archive, io.BytesIO(data), name, summary)
    return summary


def rows(archive: Archive) -> list[tuple[str, str]]:
    return [(row[0], row[1][:10]) for row in archive.run_sql("SELECT * FROM resources ORDER BY address, captured_at")]


def digest(data: bytes) -> str:
    return "sha1:" + b32encode(hashlib.sha1(data).digest()).decode()


def picture(warc: Warc, data: bytes, when: str, url: str = RED_URL, **more: str) -> Warc:
    headers = {"WARC-Date": when, "WARC-Payload-Digest": digest(data)}
    return warc.response(data, url, warc=headers, **({"Content_Type": "image/png"} | more))


def test_a_crawl_keeps_what_its_pages_show(archive: Archive) -> None:
    summary = add(archive, crawled().data)
    assert (summary.added, summary.resources, dict(summary.ignored)) == (1, 4, {})
    found = find_resource(archive, RED_URL, DAY)
    assert found is not None
    assert (found.digest, found.media_type, found.captured_at) == (hashlib.sha256(RED).hexdigest(), "image/png", DAY)
    assert archive.pages.read(found.digest) == RED
    report = verify_archive(archive)
    assert (report.problems, report.notes, report.pages) == ([], [], 5)


def test_the_same_crawl_again_adds_nothing(archive: Archive) -> None:
    add(archive, crawled().data)
    before = rows(archive)
    assert add(archive, crawled().data).resources == 0
    assert rows(archive) == before


def test_it_is_not_kept_where_the_settings_say_so(archive: Archive) -> None:
    archive.settings = replace(archive.settings, resources=False)
    summary = add(archive, crawled().data)
    assert (summary.added, summary.resources, dict(summary.ignored)) == (1, 0, {"text": 2, "image": 2})
    assert rows(archive) == []
    assert len(list(archive.pages.digests())) == 1


def test_the_setting_is_read(tmp_path: Path) -> None:
    def settings(text: str) -> bool:
        (tmp_path / "arshif.toml").write_text(text, encoding="utf-8")
        return read_settings(tmp_path).resources

    assert settings("") is True
    assert settings("[pages]\nresources = false") is False
    for wrong in ('[pages]\nresources = "no"', "[pages]\npictures = true", "pages = 1"):
        with pytest.raises(SettingsInvalid, match="pages must be a table"):
            settings(wrong)


def test_a_logo_that_all_pages_show_is_stored_once_and_noted_once_a_day(archive: Archive) -> None:
    warc = crawled()
    for hour in range(11, 15):
        picture(warc, RED, f"2019-03-01T{hour}:00:00Z")
    picture(warc, RED, "2019-03-02T10:00:00Z")
    picture(warc, RED, "2019-03-02T10:00:00Z", "https://jarida.example/img/same.png")
    add(archive, warc.data)
    assert [row for row in rows(archive) if "img" in row[0]] == [
        ("https://jarida.example/img/blue.png", "2019-03-01"),
        (RED_URL, "2019-03-01"),
        (RED_URL, "2019-03-02"),
        ("https://jarida.example/img/same.png", "2019-03-02"),
    ]
    assert len(list(archive.pages.digests())) == 5


def test_the_nearest_capture_in_time_is_found(archive: Archive) -> None:
    warc = crawled(red="2019-01-01T00:00:00Z")
    picture(warc, GREEN, "2019-03-05T00:00:00Z")
    picture(warc, BLUE, "2019-02-27T00:00:00Z")
    add(archive, warc.data)
    for near, data in ((DAY, BLUE), (datetime(2019, 3, 4, tzinfo=UTC), GREEN), (datetime(2018, 1, 1, tzinfo=UTC), RED)):
        found = find_resource(archive, RED_URL, near)
        assert found is not None
        assert archive.pages.read(found.digest) == data
    assert find_resource(archive, RED_URL.replace("https", "http"), DAY) is not None
    assert find_resource(archive, "https://jarida.example/img/none.png", DAY) is None


REVISIT = {"WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"}


def revisit(warc: Warc, **headers: str) -> Warc:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return warc.record("revisit", url=RED_URL, warc={**REVISIT, "WARC-Date": "2019-03-09T00:00:00Z", **named})


def test_a_revisit_repeats_a_picture_of_the_same_input(archive: Archive) -> None:
    warc = picture(Warc().response(page().encode(), PAGE_URL), RED, "2019-03-01T00:00:00Z")
    summary = add(archive, revisit(warc, WARC_Payload_Digest=digest(RED)).data)
    assert (summary.refused, summary.resources) == (0, 2)
    assert rows(archive) == [(RED_URL, "2019-03-01"), (RED_URL, "2019-03-09")]


@pytest.mark.parametrize(
    "given", [{"WARC_Payload_Digest": digest(RED)}, {"WARC_Refers_To_Date": "2019-03-01T00:00:00Z"}]
)
def test_a_revisit_repeats_a_picture_of_the_archive(archive: Archive, given: dict[str, str]) -> None:
    add(archive, picture(Warc(), RED, "2019-03-01T00:00:00Z").data)
    warc = revisit(Warc(), WARC_Refers_To_Target_URI=RED_URL, **given)
    assert add(archive, warc.data, "later.warc.gz").resources == 1
    found = find_resource(archive, RED_URL, datetime(2019, 3, 9, tzinfo=UTC))
    assert found is not None
    assert found.digest == hashlib.sha256(RED).hexdigest()


def test_a_revisit_of_another_picture_repeats_nothing(archive: Archive) -> None:
    add(archive, picture(Warc(), RED, "2019-03-01T00:00:00Z").data)
    warc = revisit(Warc(), WARC_Refers_To_Target_URI=RED_URL, WARC_Payload_Digest=digest(GREEN))
    assert add(archive, warc.data, "later.warc.gz").resources == 0
    assert rows(archive) == [(RED_URL, "2019-03-01")]


def test_a_revisit_of_an_unknown_picture_is_ignored_by_its_headers(archive: Archive) -> None:
    http = StatusAndHeaders("200 OK", [("Content-Type", "image/png")], protocol="HTTP/1.1")
    headers = {**REVISIT, "WARC-Payload-Digest": digest(RED)}
    summary = add(archive, Warc().record("revisit", url=RED_URL, http=http, warc=headers).data)
    assert (summary.refused, dict(summary.ignored)) == (0, {"image": 1})


NOT_KEPT = [
    ("a page in place of a picture", b"<html><p>404", "image/png"),
    ("a script in place of a stylesheet", b"<script>alert(1)</script>", "text/css"),
    ("a program", b"MZ\x90\x00" + bytes(100), "image/jpeg"),
    ("a damaged body", b"", "image/png"),
    ("too large", RED + bytes(MAX_RESOURCE_BYTES), "image/png"),
    ("a video", b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
    ("a script", b"alert(1)", "application/javascript"),
]


@pytest.mark.parametrize(("data", "media_type"), [row[1:] for row in NOT_KEPT], ids=[row[0] for row in NOT_KEPT])
def test_what_is_no_picture_stylesheet_or_font_is_ignored(archive: Archive, data: bytes, media_type: str) -> None:
    summary = add(archive, Warc().response(data, RED_URL, Content_Type=media_type).data)
    assert (summary.refused, summary.resources, summary.ignored.total()) == (0, 0, 1)


def test_a_bomb_in_place_of_a_picture_is_ignored(archive: Archive) -> None:
    bomb = gzip.compress(RED + bytes(40 * 2**20))
    summary = add(archive, Warc().response(bomb, RED_URL, Content_Type="image/png", Content_Encoding="gzip").data)
    assert (summary.refused, summary.resources, dict(summary.ignored)) == (0, 0, {"image": 1})


TYPES = [
    (RED, "text/plain", "image/png"),
    (b"\xff\xd8\xff\xe0", "", "image/jpeg"),
    (b"GIF89a", "", "image/gif"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "", "image/webp"),
    (b"\x00\x00\x00\x1cftypavif", "", "image/avif"),
    (b"\x00\x00\x01\x00\x01", "", "image/x-icon"),
    (b"BM6\x00", "image/bmp", "image/bmp"),
    (b"BM, a text", "text/plain", None),
    (b'<?xml version="1.0"?><!-- x --><svg xmlns="x">', "", "image/svg+xml"),
    (b"<html><svg>", "image/svg+xml", None),
    (b"wOF2", "", "font/woff2"),
    (b"wOFF", "", "font/woff"),
    (b"\x00\x01\x00\x00", "", "font/ttf"),
    (b"OTTO", "", "font/otf"),
    (b"a{}", "text/css", "text/css"),
    (b"a{}", "text/plain", None),
    (b"a\x00{}", "text/css", None),
    (b"  <!doctype html>", "text/css", None),
    (b"", "image/png", None),
]


@pytest.mark.parametrize(("data", "declared", "expected"), TYPES)
def test_the_type_is_that_of_the_bytes(data: bytes, declared: str, expected: str | None) -> None:
    assert resource_type(data, declared) == expected


def test_the_address_of_capture_is_kept_if_the_page_names_another(archive: Archive) -> None:
    named = page(head='<link rel="canonical" href="https://jarida.example/other/8">').encode()
    add(archive, Warc().response(named, PAGE_URL, warc={"WARC-Date": "2019-03-01T10:00:00Z"}).data)
    (article,) = archive.articles()
    (revision,) = archive.revisions(article.id)
    assert article.url == "https://jarida.example/other/8"
    assert captured_from(archive, revision.page or "", DAY) == PAGE_URL
    assert find_resource(archive, PAGE_URL, DAY) is None  # a page is no picture


def test_damage_is_reported(archive: Archive) -> None:
    add(archive, crawled().data)
    found = find_resource(archive, RED_URL, DAY)
    assert found is not None
    archive.pages.discard(found.digest)
    archive.run_sql("UPDATE resources SET media_type = 'image/gif' WHERE address LIKE '%blue.png'")
    problems = verify_archive(archive).problems
    assert any("blue.png" in problem and "damaged" in problem for problem in problems)
    assert any(found.digest in problem and RED_URL in problem for problem in problems)
    assert find_resource(archive, "https://jarida.example/img/blue.png", DAY) is None


def test_a_batch_that_fails_keeps_nothing(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise OSError

    monkeypatch.setattr(ingest, "keep_resource", fail)
    with pytest.raises(OSError):  # noqa: PT011
        add(archive, crawled().data)
    monkeypatch.undo()
    assert (archive.article_count(), rows(archive)) == (0, [])
    assert add(archive, crawled().data).resources == 4
