"""Ids belong to a source, or to the host of the URL: the same id from another source is another article."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest

from corpus import (
    AddOutcome,
    Archive,
    Article,
    ArticleAmbiguous,
    ArticleRemoved,
    exchange,
    ingest,
    make_article,
    verify_archive,
)

A = {"title": "عنوان الغد", "source": "الغد", "authors": ["ليلى"], "url": "https://alghad.example/17"}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    opened = Archive.create(tmp_path / "archive")
    opened.add(article(**A))
    return opened


def article(text: str = "نص الغد", **fields: object) -> Article:
    return make_article(id="17", paragraphs=[text], **fields)  # type: ignore[arg-type]


def test_the_same_id_from_another_source_is_another_article(archive: Archive) -> None:
    kept = archive.put(article("نص عكاظ", source="عكاظ"))
    assert (kept.outcome, kept.article_id, kept.given) == (AddOutcome.ADDED, "17@عكاظ", "17")
    other = archive.get("17@عكاظ")
    # Nothing is inherited from the article of the other source.
    assert (other.title, other.url, other.authors, other.published) == ("", None, (), None)
    assert archive.get("17").text == "نص الغد"
    assert len(archive.revisions("17")) == 1
    assert archive.namesakes("17") == ("17@عكاظ",)
    assert archive.namesakes("17@عكاظ") == ("17",)
    assert verify_archive(archive).problems == []


def test_articles_with_the_same_id_are_revised_separately(archive: Archive) -> None:
    archive.add(article("نص عكاظ", source="عكاظ", section="محليات"))
    assert archive.put(article("نص عكاظ", source="عُكاظ ")).outcome is AddOutcome.REVISED  # the spelling of the source
    kept = archive.put(article("نص آخر", source="عكاظ"))
    assert (kept.outcome, kept.article_id, kept.given) == (AddOutcome.REVISED, "17@عكاظ", None)
    assert archive.get("17@عكاظ").section == "محليات"
    assert archive.add(article(**A)) is AddOutcome.UNCHANGED
    assert archive.add(article("نص آخر", source="عكاظ")) is AddOutcome.UNCHANGED


SAME = [
    ("nothing but the id", {}),
    ("its source", {"source": "الغد"}),
    ("its source, folded", {"source": "الغَـد"}),
    ("its source at another host", {"source": "الغد", "url": "https://m.alghad.example/17"}),
    ("its host", {"url": "https://alghad.example/17?page=2"}),
    ("its host with www", {"url": "http://www.alghad.example/17"}),
]
OTHERS = [
    ("another source", {"source": "عكاظ"}, "17@عكاظ"),
    ("another source of the same host", {"source": "ملحق الغد", "url": "https://alghad.example/9"}, "17@ملحق-الغد"),
    ("another host", {"url": "https://www.okaz.example/17"}, "17@okaz.example"),
]


@pytest.mark.parametrize("fields", [row[1] for row in SAME], ids=[row[0] for row in SAME])
def test_a_copy_without_a_conflicting_source_is_a_revision(archive: Archive, fields: dict[str, str]) -> None:
    assert archive.put(article("نص جديد", **fields)).article_id == "17"
    assert archive.get("17").title == "عنوان الغد"


@pytest.mark.parametrize(("fields", "article_id"), [row[1:] for row in OTHERS], ids=[row[0] for row in OTHERS])
def test_a_copy_with_a_conflicting_source_is_another_article(
    archive: Archive, fields: dict[str, str], article_id: str
) -> None:
    assert archive.put(article("نص جديد", **fields)).article_id == article_id


def test_a_copy_without_a_source_becomes_an_article_of_the_next_source(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "poor") as archive:
        archive.add(article("نص"))
        assert archive.put(article("نص", source="الغد")).outcome is AddOutcome.REVISED
        assert archive.put(article("نص", source="عكاظ")).article_id == "17@عكاظ"


def test_ids_derived_from_urls_belong_to_one_article(archive: Archive) -> None:
    url = "https://alghad.example/x"
    archive.add(make_article(url=url, paragraphs=["قبل"], source="الغد"))
    assert archive.add(make_article(url=url, paragraphs=["بعد"], source="Al Ghad")) is AddOutcome.REVISED


def test_a_copy_without_a_source_is_refused_if_several_sources_use_its_id(archive: Archive) -> None:
    archive.add(article("نص عكاظ", source="عكاظ"))
    assert archive.put(article("نص عكاظ")).article_id == "17@عكاظ"
    assert archive.put(article("نص الغد")).article_id == "17"
    with pytest.raises(
        ArticleAmbiguous, match=r"'17' belongs to articles of several sources \(17, 17@عكاظ\): the source"
    ):
        archive.add(article("نص ثالث"))


def test_a_removal_applies_to_one_source(archive: Archive) -> None:
    archive.remove("17")
    assert archive.put(article("نص عكاظ", source="عكاظ")).article_id == "17@عكاظ"
    with pytest.raises(ArticleRemoved):
        archive.add(article("نص", source="الغد"))


def test_an_id_in_use_is_not_assigned_again(archive: Archive) -> None:
    archive.add(make_article(id="17@عكاظ", paragraphs=["غيره"], source="اليوم"))
    assert archive.put(article("نص عكاظ", source="عكاظ")).article_id == "17@عكاظ-2"
    assert archive.put(article("نص عكاظ", source="عكاظ")).outcome is AddOutcome.UNCHANGED


def test_adding_files_warns_of_ids_of_other_sources(tmp_path: Path) -> None:
    def lines(source: str) -> bytes:
        rows = ({"id": str(n), "text": f"نص {source} {n}", "source": source} for n in range(30))
        return "".join(json.dumps(row) + "\n" for row in rows).encode()

    with Archive.create(tmp_path / "many") as archive:
        for source in ("الغد", "عكاظ"):
            summary = ingest.AddSummary()
            ingest.add_stream(archive, BytesIO(lines(source)), f"{source}.jsonl", summary)
        assert (summary.added, summary.revised, summary.namesakes, len(summary.warnings)) == (30, 0, 30, 20)
        assert (
            summary.warnings[0]
            == "عكاظ.jsonl, line 1: the id '0' belongs to another source's article: kept as '0@عكاظ'"
        )
        again = ingest.AddSummary()
        ingest.add_stream(archive, BytesIO(lines("عكاظ")), "عكاظ.jsonl", again)
        assert (again.unchanged, again.namesakes, again.warnings) == (30, 0, [])


def test_exported_and_imported_they_stay_separate(archive: Archive, tmp_path: Path) -> None:
    archive.add(article("نص عكاظ", source="عكاظ"))
    exchange.export_archive(archive, tmp_path / "out.jsonl")
    with Archive.create(tmp_path / "copy") as copy:
        exchange.import_archive(copy, tmp_path / "out.jsonl")
        assert exchange.compare_archives(archive, copy) == []
        assert copy.put(article("نص عكاظ", source="عكاظ")).outcome is AddOutcome.UNCHANGED
        assert copy.namesakes("17") == ("17@عكاظ",)
        assert exchange.import_archive(copy, tmp_path / "out.jsonl").unchanged == 2


def test_an_imported_article_of_another_source_is_another_article(archive: Archive, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "theirs") as theirs:
        theirs.add(article("نص عكاظ", source="عكاظ"))
        exchange.export_archive(theirs, tmp_path / "out.jsonl")
    for added in (1, 0):
        summary = exchange.import_archive(archive, tmp_path / "out.jsonl")
        assert (summary.added, summary.unchanged, summary.refused) == (added, 1 - added, 0)
        assert summary.namesakes == added
    assert archive.get("17@عكاظ").text == "نص عكاظ"
    assert archive.get("17").text == "نص الغد"
    assert verify_archive(archive).problems == []
