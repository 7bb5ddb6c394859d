"""Bundles of evidence: complete, verifiable with the tools of any system, equal byte by byte; and PDFs of lists."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import Archive, ArticleDamaged, Origin, OriginKind, Page, make_article
from indexer import update_index
from search_ui.errors import PdfFailed, PdfTooLong
from search_ui.export import Entry, Listing, make_pdf, write_bundle
from tests.search_ui.test_command import Arshif

PAGE = "<html><body>الصفحة كما حُفظت 😀</body></html>".encode()
MADE_AT = datetime(2026, 2, 3, 4, 5, 7, tzinfo=UTC)
EMOJI = "نص 😀 漢字 Москва \u202e«اقتباس» (قوس) 12.5% مُحمّد العربـــية"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive", name="أرشيف الصحافة") as opened:
        origin = Origin(OriginKind.FILE, "/home/huda/secret/pages/one.html", "line 3")
        first = make_article(id="first", title="خبر أول", paragraphs=["قال الوزير إن الخطة قديمة."], source="الغد")
        opened.add(first, Page(PAGE, "text/html; charset=utf-8"), origin)
        revised = make_article(id="first", title="خبر أول", paragraphs=["قال الوزير إن الخطة جديدة."], source="الغد")
        opened.add(revised, Page(b"%PDF-1.4 not really", "application/pdf"))
        opened.add(make_article(id="http://a.example/../x?y=«1»", title="<b>خبر</b> #typst *ثان*", paragraphs=[EMOJI]))
        opened.add(make_article(id="gone", title="سر", paragraphs=["نص محذوف"]))
        opened.remove("gone", "بطلب من المحكمة")
        yield opened


def listing(*ids: str, note: str = "") -> Listing:
    entries = tuple(Entry(one, note) for one in ids)
    return Listing(
        "قائمة «أدلة»", entries, "أرشيف الصحافة", MADE_AT, "وصف", lambda one: f"https://a.example/article/{one}"
    )


ALL = ("first", "http://a.example/../x?y=«1»", "gone", "nothing")


def bundle(archive: Archive, *ids: str) -> bytes:
    written = io.BytesIO()
    write_bundle(archive, listing(*(ids or ALL), note="ملاحظة المحرر"), "ar", written)
    return written.getvalue()


def contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum")
def test_sha256sum_verifies_every_file_and_notices_a_change(archive: Archive, tmp_path: Path) -> None:
    directory = tmp_path / "unpacked"
    with zipfile.ZipFile(io.BytesIO(bundle(archive))) as opened:
        opened.extractall(directory)
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    files = [path for path in directory.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    assert done.stdout.count(": OK") == len(files)
    (directory / "articles" / "0001-first.txt").write_text("غيره", encoding="utf-8")
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 1


def test_pages_are_the_stored_bytes_under_their_digest(archive: Archive) -> None:
    files = contents(bundle(archive))
    digest = hashlib.sha256(PAGE).hexdigest()
    assert files[f"pages/{digest}.html"] == PAGE
    assert archive.pages.read(digest) == PAGE
    assert sum(name.startswith("pages/") for name in files) == 2
    assert any(name.endswith(".pdf") for name in files if name.startswith("pages/"))


def test_the_readme_names_saved_pages_only_if_there_are_some(archive: Archive) -> None:
    assert "pages/: the original pages" in contents(bundle(archive))["README.txt"].decode()
    files = contents(bundle(archive, "http://a.example/../x?y=«1»"))
    assert not any(name.startswith("pages/") for name in files)
    readme = files["README.txt"].decode()
    assert "pages/" not in readme
    assert "There are no original pages" in readme


def test_a_note_of_several_lines_has_one_label(archive: Archive) -> None:
    written = io.BytesIO()
    write_bundle(archive, listing("first", note="سطر أول\nسطر ثان"), "ar", written)
    assert "   ملاحظة: سطر أول\n   سطر ثان\n" in contents(written.getvalue())["citations.ar.txt"].decode()


def test_the_manifest_describes_every_article_revision_and_file(archive: Archive) -> None:
    files = contents(bundle(archive))
    manifest = json.loads(files["manifest.json"])
    assert manifest["made_at"] == "2026-02-03T04:05:07+00:00"
    assert {one["name"]: one["sha256"] for one in manifest["files"]} == {
        name: hashlib.sha256(data).hexdigest()
        for name, data in files.items()
        if name not in ("manifest.json", "SHA256SUMS")
    }
    first, second, gone, nothing = manifest["articles"]
    assert [one["number"] for one in first["revisions"]] == [1, 2]
    assert first["content_hash"] == archive.get("first").content_hash()
    assert first["archive_url"] == "https://a.example/article/first"
    assert first["note"] == "ملاحظة المحرر"
    (sighting,) = first["revisions"][0]["sightings"]
    assert (sighting["name"], sighting["part"]) == ("one.html", "line 3")
    assert second["file"] in files
    assert (gone["state"], nothing["state"]) == ("removed", "missing")


def test_every_revision_and_its_changes_are_there_and_nothing_private(archive: Archive) -> None:
    data = bundle(archive)
    files = contents(data)
    record = json.loads(files["articles/0001-first.json"])
    assert [one["text"] for one in record["texts"]] == ["قال الوزير إن الخطة قديمة.", "قال الوزير إن الخطة جديدة."]
    assert "[-قديمة-]{+جديدة+}" in files["articles/0001-first.changes.txt"].decode()
    everything = b"".join(files.values()).decode("utf-8", "replace")
    for private in ("/home/huda", "محذوف", "بطلب من المحكمة"):
        assert private not in everything
    assert {"README.txt", "citations.bib", "citations.ris", "citations.ar.txt", "citations.en.txt"} <= set(files)
    assert "do not prove" in files["README.txt"].decode()
    assert "لا تثبت" in files["README.txt"].decode()


def test_equal_lists_at_one_time_are_equal_files(archive: Archive) -> None:
    assert bundle(archive) == bundle(archive)


def damage(archive: Archive, statement: str) -> None:
    with sqlite3.connect(archive.database_file) as database:
        database.execute(statement)
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE revisions SET text = 'x' WHERE number = 1 AND page IS NOT NULL", id="an earlier text"),
        pytest.param("UPDATE origins SET name = 'x'", id="where it came from"),
        pytest.param("DELETE FROM revisions WHERE number = 1 AND page IS NOT NULL", id="a revision is missing"),
    ],
)
def test_damage_refuses_the_bundle(archive: Archive, statement: str) -> None:
    damage(archive, statement)
    written = io.BytesIO()
    with pytest.raises(ArticleDamaged):
        write_bundle(archive, listing("first"), "ar", written)
    assert not zipfile.is_zipfile(written)


# The command


def test_the_command_writes_articles_and_a_search(archive: Archive, tmp_path: Path) -> None:
    update_index(archive)
    arshif = Arshif(tmp_path)
    target = tmp_path / "out.zip"
    arshif("bundle", "first", "--query", "خبر", "--output", str(target))
    names = contents(target.read_bytes())
    assert sum(name.endswith(".json") and name.startswith("articles/") for name in names) == 2
    target.write_bytes(b"before")
    assert "gone" in arshif.result("bundle", "gone", "-o", str(target)).stderr
    assert target.read_bytes() == b"before"
    assert arshif.result("bundle", "-o", str(target)).exit_code == 2
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == ["out.zip"]


# PDF


def pdf_text(data: bytes) -> list[str]:
    pypdfium2 = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
    document = pypdfium2.PdfDocument(data)
    return [page.get_textpage().get_text_range() for page in document]


@pytest.mark.parametrize(("language", "page", "note"), [("ar", "صفحة 2 من 3", "ملاحظة"), ("en", "Page 2 of 3", "Note")])
def test_a_pdf_has_pages_numbers_notes_and_text_that_can_be_searched(
    archive: Archive, language: str, page: str, note: str
) -> None:
    pages = pdf_text(make_pdf(archive, listing(*ALL, note="ملاحظة المحرر"), language))
    assert len(pages) >= 3
    assert "أدلة" in pages[0]
    assert "gone" in pages[0]
    assert all(word in pages[1] for word in page.split())
    assert note in pages[1]
    assert "قال الوزير إن الخطة جديدة" in pages[1]
    assert "first" in pages[1]  # its address, which PDFium turns around in a line of Arabic
    assert "#" in pages[2]  # never read as markup
    assert "*ثان*" in pages[2]
    assert "漢字" in pages[2]  # copied as it is, although the page shows boxes


def test_a_hostile_list_is_typeset(archive: Archive) -> None:
    archive.add(make_article(id="wide", title="س" * 900, paragraphs=["w" * 5000, "https://a.example/" + "%D8" * 900]))
    hostile = Listing('"]#panic()\\{x}$', (Entry("wide", '#read("/etc/passwd")\n]'),), "$*_", MADE_AT, "= عنوان\n- بند")
    assert make_pdf(archive, hostile, "ar").startswith(b"%PDF-")


def test_signs_of_direction_without_end_do_not_stop_the_typesetter(archive: Archive) -> None:
    chance = random.Random(1)
    letters = ("ك", "a", "1", "(", ")", "\u2067", "\u2066", "\u2069", "\u202c", " ")
    endless = "".join(chance.choice(letters) for _ in range(150_000))  # Typst panics at its levels
    archive.add(make_article(id="endless", title="عنوان", paragraphs=[endless]))
    assert make_pdf(archive, listing("endless"), "ar").startswith(b"%PDF")


def test_a_pdf_is_bounded_and_a_bundle_says_that_it_has_none(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_ui.export.pdf.MAX_CHARACTERS", 10)
    with pytest.raises(PdfTooLong):
        make_pdf(archive, listing("first"), "ar")
    files = contents(bundle(archive))
    assert "list.pdf" not in files
    assert json.loads(files["manifest.json"])["pdf"] is False
    assert "There is no PDF" in files["README.txt"].decode()


def test_a_failure_of_the_typesetter_is_one_line(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_ui.export.pdf._HERE", Path("/nowhere"))
    with pytest.raises(PdfFailed, match=r"^the PDF could not be typeset: .+$"):
        make_pdf(archive, listing("first"), "ar")
