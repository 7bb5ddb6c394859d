"""Exports from the pages: files and feeds of exactly a search, and the citation and origin of an article."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import Archive, Origin, OriginKind, make_article
from indexer import update_index
from search_ui.web.template_filters import origin_name, origin_part
from tests.indexer.small_archive import ARTICLES
from tests.search_ui.small_site import Site, address, parsed, texts

TYPES = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "bib": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "atom": "application/atom+xml",
}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


@pytest.mark.parametrize("ending", TYPES)
@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ({"q": "ايران"}, {"match", "iran"}),
        ({"q": "إيران أو أستانة", "source": "النهضه", "before": "2017"}, {"talks"}),
        (
            {"sort": "oldest", "section": ["رياضة", "سياسة"], "size": "20", "page": "1", "chart": "share"},
            {"match", "talks"},
        ),
        ({"q": "زلزال", "after": "لا تاريخ", "sort": "none"}, {"iran"}),
    ],
    ids=["words", "filters in another spelling", "order and chart", "what was passed over"],
)
def test_the_results_lead_to_files_of_exactly_their_search(
    site: Site, values: dict[str, object], ids: set[str], ending: str
) -> None:
    page = site.page("/search", **values)
    link = address(page, f'.save a[href*=".{ending}"]')
    answer = site.answer(link)
    assert (answer.status_code, answer.mimetype) == (200, TYPES[ending])
    assert {article_id for article_id, title, *_ in ARTICLES if title in answer.text} == ids


def test_pages_name_their_feed_and_the_search_of_the_archive(site: Site) -> None:
    for where, values, feed in (
        ("/", {}, "/search.atom"),
        ("/help", {}, "/search.atom"),
        ("/search", {"q": "زلزال", "sort": "oldest"}, "/search.atom?q=%D8%B2%D9%84%D8%B2%D8%A7%D9%84"),
    ):
        page = site.page(where, **values)
        link = address(page, 'head link[rel=alternate][type="application/atom+xml"]')
        assert link == feed
        assert site.answer(link).mimetype == "application/atom+xml"
        described = site.answer(address(page, "head link[rel=search]"))
        assert described.mimetype == "application/opensearchdescription+xml"


@pytest.mark.parametrize(("query", "told"), [("Reykjavik", 1), ("كسكسي", 0)], ids=["Latin", "Arabic"])
def test_latin_letters_without_results_get_the_advice_to_type_arabic(site: Site, query: str, told: int) -> None:
    tips = texts(site.search(query), ".empty li")
    assert sum("أستانة، لا Astana" in tip for tip in tips) == told


def test_a_search_without_results_still_has_a_feed(site: Site) -> None:
    page = site.search("كسكسي")
    assert [str(link["href"]).partition("?")[0] for link in page.select(".save a")] == ["/search.atom"]


def test_an_article_is_cited_in_the_languages_of_the_page(archive: Archive) -> None:
    archive.add(
        make_article(
            id="a",
            title="زلزال <b>",
            paragraphs=["نص"],
            source="الغد",
            authors=["سمير الخطيب", "ليلى حداد"],
            published=datetime(2017, 2, 16, tzinfo=UTC),
            url="https://a.example/خبر",
            retrieved_at=datetime(2020, 5, 1, tzinfo=UTC),
        )
    )
    arabic = (
        "سمير الخطيب، ليلى حداد. «زلزال <b>». الغد، 16 شباط/فبراير 2017. https://a.example/خبر. "
        "محفوظ في أرشيف منذ 1 أيار/مايو 2020، http://localhost/article/a."
    )
    english = (
        "سمير الخطيب, ليلى حداد. “زلزال <b>”. الغد, 16 February 2017. https://a.example/خبر. "
        "Archived in أرشيف on 1 May 2020, http://localhost/article/a."
    )
    site = Site(archive)
    assert texts(site.page("/article/a"), ".citation p") == [arabic, english]
    page = parsed(site.client.get("/article/a?lang=en"))
    assert texts(page, ".citation p") == [english, arabic]
    assert [paragraph["lang"] for paragraph in page.select(".citation p")] == ["en", "ar"]


@pytest.mark.parametrize("article_id", ["a", "a/b.bib", "x/page", "..", "a//b", "خبر ١", "1.ris"])
def test_an_article_leads_to_its_citation_as_a_file(archive: Archive, article_id: str) -> None:
    archive.add(make_article(id=article_id, title="عنوان", paragraphs=["نص"]))
    site = Site(archive)
    page = site.page("/article", id=article_id)
    links = [str(link["href"]) for link in page.select(".cite .files a")]
    answers = [site.answer(link) for link in links]
    assert [answer.mimetype for answer in answers] == [TYPES["bib"], TYPES["ris"]]
    assert all("عنوان" in answer.text for answer in answers)
    assert {str(link["href"]) for link in page.select('head link[rel=alternate][href*="article"]')} == set(links)


def test_each_version_shows_where_and_when_it_was_found(archive: Archive) -> None:
    first, second, third = (datetime(2020, 5, day, 13, 30, tzinfo=UTC) for day in (1, 2, 9))
    file = Origin(OriginKind.FILE, "/home/amal/secret/wire.jsonl", "line 1204")
    feed = Origin(OriginKind.FEED, "https://a.example/خلاصة", "entry 3")
    for text, origin, seen in (("الأول", file, first), ("الثاني", feed, second), ("الثاني", feed, third)):
        archive.add(make_article(id="a", title="عنوان", paragraphs=[text], retrieved_at=seen), origin=origin)
    site = Site(archive)
    article = site.page("/article/a")
    assert texts(article, ".facts .seen li") == [
        "خلاصة https://a.example/خلاصة، المدخل 3·2 أيار/مايو 2020، آخر مرة 9 أيار/مايو 2020"
    ]
    (link,) = article.select(".seen a")
    assert link["rel"] == ["noopener", "noreferrer", "nofollow"]
    changes = site.page("/article/a/changes")
    assert texts(changes, ".seen li")[1] == "ملف wire.jsonl، السطر 1,204·1 أيار/مايو 2020"
    assert "amal" not in changes.get_text()
    english = parsed(site.client.get("/article/a/changes?lang=en"))
    assert texts(english, ".seen li")[1] == "file wire.jsonl, line 1,204·1 May 2020"


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (None, ""),
        ("line 2", "السطر 2"),
        ("news.zip, a/line 5.html, row 12", "news.zip، a/line 5.html، الصف 12"),
        ("<urn:uuid:1>", "<urn:uuid:1>"),
    ],
    ids=["the whole", "line", "within", "record"],
)
def test_parts_are_counted_in_the_readers_language(site: Site, part: str | None, told: str) -> None:
    with site.client.application.test_request_context():
        assert origin_part(Origin(OriginKind.FILE, "a", part)) == told


def test_only_the_names_of_files_are_shown() -> None:
    assert origin_name(Origin(OriginKind.WARC, "/data/x/crawl.warc.gz")) == "crawl.warc.gz"
    assert origin_name(Origin(OriginKind.FEED, "https://a.example/feed/x")) == "https://a.example/feed/x"


def test_a_filter_typed_in_another_spelling_is_the_facets_own_with_its_true_count(archive: Archive) -> None:
    for number, section in enumerate(("سياسة", "سياسة", "سياسه", "رياضة")):
        archive.add(
            make_article(
                id=f"a{number}", title="زلزال", paragraphs=[f"نص {number}"], section=section, source="الأهرام",
                authors=["أحمد"],
            )
        )  # fmt: skip
    update_index(archive)
    site = Site(archive)
    page = site.search("زلزال", section=["سياسه", "سِياسة"], source="الاهرام", author="احمد")
    chosen = page.select("[type=checkbox][checked]")
    assert [(box["name"], box["value"]) for box in chosen] == [
        ("source", "الأهرام"),
        ("section", "سياسة"),
        ("author", "أحمد"),
    ]
    assert [texts(box.parent, "small")[0].split()[0] for box in chosen if box.parent] == ["3", "3", "3"]
    assert texts(page, ".chips bdi") == ["الأهرام", "سياسة", "أحمد"]
    assert len(page.select(".hit")) == 3
    none = site.search("زلزال", section="لا قسم")
    (box,) = none.select("[type=checkbox][checked]")
    assert (box["value"], texts(box.parent, "small")[0].split()[0]) == ("لا قسم", "0")  # type: ignore[arg-type]
