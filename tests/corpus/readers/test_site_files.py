from __future__ import annotations

import pytest

from corpus.readers.site_files import SavedPages, kind_of_address, kind_of_text
from tests.corpus.readers.made_files import PAGE, SENTENCE, Warc, read, tarred, zipped

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
