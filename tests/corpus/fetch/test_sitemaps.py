from __future__ import annotations

from datetime import datetime

import pytest

from corpus.errors import UnreadableInput
from corpus.fetch.listings import parse_sitemap, parse_url_list
from tests.corpus.fetch.loopback import sitemap
from tests.guards import hang_guard

HERE = "https://a.example/sitemap.xml"


def test_urls_are_resolved_and_images_are_ignored() -> None:
    text = sitemap(
        "<url><image:image><image:loc>https://p.example/1.jpg</image:loc></image:image><loc> /news/1 </loc></url>",
        "<url><loc></loc></url><url><lastmod>2017</lastmod></url><url><loc>http://[</loc></url>",
    )
    assert [entry.url for entry in parse_sitemap(text.encode(), HERE).pages] == ["https://a.example/news/1"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2017-02-16", "2017-02-16T00:00:00+00:00"),
        ("2017-02-16T10:00:00+03:00", "2017-02-16T10:00:00+03:00"),
        ("2017-02-16T10:00:00Z", "2017-02-16T10:00:00+00:00"),
        ("2017-02", "2017-02-28T00:00:00+00:00"),
        ("2017", "2017-12-31T00:00:00+00:00"),
        ("16 شباط 2017", "2017-02-16T00:00:00+00:00"),
        ("yesterday", None),
    ],
)
def test_lastmod_dates(written: str, read: str | None) -> None:
    text = sitemap(f"<url><loc>https://a.example/1</loc><lastmod>{written}</lastmod></url>")
    (entry,) = parse_sitemap(text.encode(), HERE).pages
    assert entry.changed == (datetime.fromisoformat(read) if read else None)


def test_sitemaps_without_namespaces_and_in_other_encodings() -> None:
    text = "<urlset><url><loc>https://a.example/خبر</loc></url></urlset>"
    assert len(parse_sitemap(text.encode("utf-16"), HERE).pages) == 1


LAUGHS = '<!ENTITY g "xxxxxxxxxx">' + "".join(
    f'<!ENTITY {one} "{f"&{other};" * 100}">' for one, other in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize("declared", [LAUGHS, '<!ENTITY a SYSTEM "file:///etc/passwd">', '<!ENTITY a "xxxx">'])
def test_declared_entities_are_not_expanded(declared: str) -> None:
    text = sitemap("<url><loc>https://a.example/&a;</loc></url>")
    declaring = text.replace("<urlset", f"<!DOCTYPE urlset [{declared}]><urlset").encode()
    with hang_guard():
        try:
            urls = [entry.url for entry in parse_sitemap(declaring, HERE).pages]
        except UnreadableInput:  # libxml2 detects the expansion (billion laughs)
            urls = []
    assert set(urls) <= {"https://a.example/"}


@pytest.mark.parametrize("text", ["", "<urlset/>", "<urlset><url>", sitemap(), "<urlset>" + "<a>" * 100_000])
def test_documents_without_urls_are_reported(text: str) -> None:
    with pytest.raises(UnreadableInput, match=r"lists no addresses|too damaged"):
        parse_sitemap(text.encode(), HERE)


def test_plain_text_sitemaps() -> None:
    sitemap_of_text = parse_url_list("https://a.example/1\r\n\r\nhttps://a.example/2\n", HERE)
    assert [entry.url for entry in sitemap_of_text.pages] == ["https://a.example/1", "https://a.example/2"]
    with pytest.raises(UnreadableInput, match="line 2 is not an address"):
        parse_url_list("https://a.example/1\nnot an address\n", HERE)
