from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import AddOutcome, Archive, Article, Origin, OriginKind, ingest, make_article

FILE = Origin(OriginKind.FILE, "news.jsonl", "line 3")
OTHER = Origin(OriginKind.URL, "https://a.example/1")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive")


def article(text: str, day: int) -> Article:
    return make_article(id="a", paragraphs=[text], retrieved_at=datetime(2020, 1, day, tzinfo=UTC))


def seen(archive: Archive, number: int) -> list[tuple[str, int, int]]:
    sightings = archive.revisions("a")[number - 1].sightings
    return [(str(one.origin), one.first_seen.day, one.last_seen.day) for one in sightings]


def test_a_revision_has_every_origin_of_its_copies(archive: Archive) -> None:
    archive.add(article("نص", 1), origin=FILE)
    assert archive.add(article("نص", 2), origin=OTHER) is AddOutcome.UNCHANGED
    archive.add(article("نص آخر", 3), origin=OTHER)
    assert seen(archive, 1) == [("news.jsonl, line 3", 1, 1), ("https://a.example/1", 2, 2)]
    assert seen(archive, 2) == [("https://a.example/1", 3, 3)]


def test_a_repeated_sighting_updates_only_its_times(archive: Archive) -> None:
    for day in (5, 9, 7, 2):
        archive.add(article("نص", day), origin=FILE)
    assert seen(archive, 1) == [("news.jsonl, line 3", 2, 9)]
    assert archive.last_change() == 1


def test_parts_of_one_file_are_separate_origins(archive: Archive) -> None:
    archive.add(article("نص", 1), origin=FILE)
    archive.add(article("نص", 1), origin=Origin(OriginKind.FILE, "news.jsonl", "line 4"))
    archive.add(article("نص", 1), origin=Origin(OriginKind.FILE, "news.jsonl"))
    assert [place for place, *_ in seen(archive, 1)] == ["news.jsonl", "news.jsonl, line 3", "news.jsonl, line 4"]


def test_an_article_can_have_no_origin(archive: Archive) -> None:
    archive.add(article("نص", 1))
    assert archive.revisions("a")[0].sightings == ()


def test_a_file_name_that_is_not_utf8_is_escaped(archive: Archive) -> None:
    archive.add(
        article("نص", 1), origin=Origin(OriginKind.FILE, b"\xe3\xde\xc7\xe1.html".decode(errors="surrogateescape"))
    )
    assert seen(archive, 1)[0][0] == r"\udce3\udcde\udcc7\udce1.html"


def test_files_and_standard_input_are_origins(archive: Archive, tmp_path: Path) -> None:
    lines = '\n{"id": "a", "text": "نص"}\n'
    (tmp_path / "n.jsonl").write_text(lines, encoding="utf-8")
    ingest.add_paths(archive, [tmp_path / "n.jsonl"], ingest.AddSummary())
    ingest.add_stream(archive, io.BytesIO(lines.encode()), "standard input", ingest.AddSummary())
    origins = {one.origin for one in archive.revisions("a")[0].sightings}
    assert origins == {
        Origin(OriginKind.FILE, str(tmp_path / "n.jsonl"), "line 2"),
        Origin(OriginKind.STDIN, "standard input", "line 2"),
    }


def test_the_origin_of_a_page_is_the_whole_file(archive: Archive, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text("عنوان\nنص المقال الطويل كله هنا.", encoding="utf-8")
    ingest.add_paths(archive, [page], ingest.AddSummary())
    (found,) = archive.articles()
    (sighting,) = archive.revisions(found.id)[0].sightings
    assert sighting.origin == Origin(OriginKind.FILE, str(page))
