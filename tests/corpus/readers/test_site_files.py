from __future__ import annotations

from pathlib import Path

import pytest

from corpus import Archive
from corpus.ingest import AddSummary, InputFile, add_paths, readable_files
from corpus.readers.site_files import SavedPages, is_page, kind_of_address, kind_of_text, kind_of_unread, may_be_page
from tests.corpus.readers.made_files import PAGE, SENTENCE, Warc, line, read, tarred, zipped

ROBOTS = b"# rules\nUser-agent: *\nDisallow: /admin/\nSitemap: https://a.example/sitemap.xml\n"
SCRIPT = f"(function(){{ var x = '{SENTENCE}'; }})();".encode()
TEXT = f"عنوان\n{SENTENCE * 3}".encode()


@pytest.mark.parametrize(("data", "kind"), [(ROBOTS, "robots.txt"), (SCRIPT, "script"), (TEXT, None)])
def test_a_text_is_recognized_by_its_beginning(data: bytes, kind: str | None) -> None:
    assert kind_of_text(data) == kind
    assert read(data, "note.txt").ignored == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://a.example/robots.txt", "robots.txt"),
        ("https://a.example/.well-known/security.txt?x", "security.txt"),
        ("https://a.example/js/main.js?v=2", "script"),
        ("https://a.example/news/1.html", None),
        ("https://a.example/news/node.js-خبر", None),
        ("https://[a", None),
        (None, None),
    ],
)
def test_an_address_that_is_no_page(url: str | None, kind: str | None) -> None:
    assert kind_of_address(url) == kind


def test_a_crawlers_own_records_robots_and_scripts_are_counted() -> None:
    warc = (
        Warc()
        .response(PAGE)
        .record("resource", TEXT, "urn:text:https://a.example/1", content_type="text/plain")
        .record("resource", TEXT, "metadata://gnu.org/software/wget/warc/wget.log", content_type="text/plain")
        .record("resource", ROBOTS, "https://a.example/robots.txt", content_type="text/plain")
        .record("resource", SCRIPT, "https://a.example/x", content_type="text/plain")
        .record("conversion", TEXT, "https://a.example/2", content_type="text/plain")
    )
    found = read(warc.data, "a.warc.gz")
    assert len(found.articles) == 2
    assert found.ignored == ["urn: records", "metadata: records", "robots.txt", "script"]
    assert not found.reasons


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_the_parts_of_a_saved_page_in_an_archive_are_counted(pack: object) -> None:
    members = {
        "in/خبر.html": PAGE,
        "in/خبر_files/frame.html": PAGE,
        "in/خبر_files/deep/frame.html": PAGE,
        "in/other_files/1.html": PAGE,
        "in/robots.txt": ROBOTS,
    }
    found = read(pack(members), "a.zip")  # type: ignore[operator]
    assert found.ignored == ["files of a saved page"] * 2 + ["robots.txt"]
    assert len(found.articles) == 2


def test_a_directory_is_of_a_page_only_beside_it() -> None:
    pages = SavedPages(["a/x.htm", "a/files.html", "y.html", "sport.html"])
    assert pages.has_part("a/x_files/1.html")
    assert pages.has_part("a/x.files/1.html")
    assert pages.has_part("y_archivos/b/1.html")
    assert not pages.has_part("x_files/1.html")
    assert not pages.has_part("sport_news/1.html")
    assert not pages.has_part("a/_files/1.html")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *(
            (name, True)
            for name in ("index", "node/123", "خبر-عاجل", "2.5-مليون", "page.aspx", "a.php?id=5", "a.PHP@id=5")
        ),
        *(
            (name, True)
            for name in ("a.asp%3Fid=5", "view.do;jsessionid=1", "index.html?p=5", "index.html.1", "?p=5x/a")
        ),
        *(
            (name, False)
            for name in ("a.jpg", "a.jpg?w=3", "a.css@v=1", ".htaccess", "a/.git/HEAD", "b.gz", "?p=5", "")
        ),
        *((name, False) for name in ("notes.docx", "__MACOSX/a")),
    ],
)
def test_names_that_pages_of_a_mirror_may_have(name: str, expected: bool) -> None:
    assert may_be_page(name) is expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"<!DOCTYPE html>\n<html>", True),
        (b"\xef\xbb\xbf\r\n<HTML lang=ar>", True),
        ("\ufeff<html>".encode("utf-16-le"), True),
        (b"<?xml version='1.0'?>\n<!-- a --><!-- b --> <!DOCTYPE html PUBLIC>", True),
        (b"<head><title>", True),
        (b"<?xml version='1.0'?><rss>", False),
        (b"<header>", False),
        (b"<svg>", False),
        (b"<?php include 'a.php' ?><html>", False),
        (b"<!DOCTYPE html><html><?php echo 1 ?>", False),
        (b"<%@ page language='java' %><html>", False),
        (b"plain <html>", False),
        (b"\x00\x01", False),
        (b"", False),
        (b"<!-- -->" * 5000, False),
    ],
)
def test_a_page_is_recognized_by_its_first_bytes(head: bytes, expected: bool) -> None:
    assert is_page(head) is expected


MIRROR = {
    "site/index": PAGE,
    "site/node/123": PAGE.replace(b"h1>", b"h1>1 ", 1),
    "site/article.php@id=5": PAGE.replace(b"h1>", b"h1>2 ", 1),
    "site/page.aspx": PAGE.replace(b"h1>", b"h1>3 ", 1),
    "site/source.php": b"<?php echo 1;",
    "site/LICENSE": TEXT,
    "site/a.css@v=2": b"body {}",
    "site/hts-cache/new.txt": TEXT,
    "site/hts-log.txt": TEXT,
}


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_pages_of_a_mirror_in_an_archive_are_read_whatever_their_names(pack: object) -> None:
    found = read(pack(MIRROR), "a.zip")  # type: ignore[operator]
    assert len(found.articles) == 4
    assert sorted(found.ignored) == [".css", ".php", *["files of a crawler"] * 2, "files without an extension"]
    assert not found.reasons


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_damaged_members_are_only_counted(pack: object) -> None:
    data = pack({"a/index": PAGE, "b/image": b"\x00" * 9})  # type: ignore[operator]
    found = read(data.replace(b"<article>", b"<arti\x00\x00\x00>", 1)[: len(data) - 30], "a.zip")
    assert found.items


def test_pages_of_a_mirror_in_a_directory_are_read_whatever_their_names(tmp_path: Path) -> None:
    for name, data in MIRROR.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    with Archive.create(tmp_path / "archive") as archive:
        add_paths(archive, [tmp_path / "in"], summary := AddSummary())
    assert (summary.added, summary.refused) == (4, 0)
    assert summary.ignored == {".css": 1, ".php": 1, "files of a crawler": 2, "files without an extension": 1}


def test_only_files_of_unknown_names_are_opened(tmp_path: Path) -> None:
    for name in ("a.html", "b.png", "c", "d.php", "e.zip"):
        (tmp_path / name).write_bytes(PAGE)
    opened: list[str] = []

    def sniff(file: InputFile) -> bool:
        opened.append(file.path.name)
        return True

    assert len(list(readable_files(tmp_path, AddSummary(), sniff=sniff))) == 4
    assert opened == ["c", "d.php"]


def test_kinds_of_unread_files() -> None:
    names = ["a/b.PNG", "a.jpg?w=3", "LICENSE", "a.cdx.gz", "a\\b.css@v=1"]
    assert [kind_of_unread(name) for name in names] == [".png", ".jpg", "files without an extension", ".cdx", ".css"]


def test_a_crawls_lists_of_pages_are_counted() -> None:
    header = b'{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}\n'
    pages = header + line("a", url="https://a.example/1", title="ب") * 3
    assert read(pages, "pages.jsonl").ignored == ["lists of a crawl's pages"]
    found = read(
        tarred({"c/pages/pages.jsonl": pages, "c/datapackage.json": b"{}", "c/a.warc": Warc().response().data}), "c.tar"
    )
    assert len(found.articles) == 1
    assert found.ignored == ["lists of a crawl's pages", "files of a crawler"]


def test_many_blanks_at_the_start_cost_nothing() -> None:
    for blanks in (b" " * 4000, b"\n" * 4000, b" \n" * 2000, b"# x\n" * 1000):
        assert kind_of_text(blanks + "عنوان الخبر".encode()) is None
