from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from corpus import Archive, make_article, near_duplicates
from indexer import update_index
from tests.guards import hang_guard
from tests.search_ui.small_site import Site, address, parsed, texts


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


def test_an_article_is_shown_whole_with_its_words_marked_as_printed(site: Site) -> None:
    page = site.page("/article/talks", q="مفاوضات استانه")
    assert texts(page, "h1") == ["محادثات أستانة"]
    assert texts(page, "article > p[dir=auto]") == [
        "انطلقت المُفاوَضات في أستانة حول وقف إطلاق النار بين المجموعات المســـلحة والحكومة.",
        "وقال لافروف إن دي ميستورا سيصل في 23 شباط/ فبراير 2017.",
    ]
    assert texts(page, "mark") == ["أستانة", "المُفاوَضات", "أستانة"]
    assert texts(page, "article .about") == ["النهضة·سياسة·16 شباط/فبراير 2017·سمير الخطيب"]
    assert texts(page, "title") == ["محادثات أستانة - أرشيف الصحافة"]


@pytest.mark.slow
def test_an_article_that_is_one_endless_word_is_indexed_found_and_shown_in_part(archive: Archive) -> None:
    word = "كتبلعنم" * 700_000
    archive.add(make_article(id="long", title="زلزال", paragraphs=["زلزال " + word, "آخر فقرة"]))
    with hang_guard(120):
        near_duplicates.group_changes(archive)
        update_index(archive)
        site = Site(archive)
        for query in ("زلزال", word[:20] + "*", word[:300]):
            answer = site.answer("/search", q=query)
            assert texts(parsed(answer), ".hit h2") == ["زلزال"]
            assert len(answer.data) < 80_000
            assert len(site.answer("/suggest", q=query[:10]).data) < 10_000
        page = site.page("/article/long", q="زلزال")
        assert texts(page, "article > p.note") == ["لا يُعرض إلا أول 1,000,000 حرف."]
        assert len(page.get_text()) < 1_100_000
        assert "آخر فقرة" not in page.get_text()
        assert "آخر فقرة" in site.answer("/api/v1/article", id="long").json["text"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("", []),
        ("كسكسي", []),
        ("المسلحة", ["المســـلحة"]),
        ('"اطلاق النار"', ["إطلاق النار"]),
        ("لافروف -أستانة", ["لافروف"]),
        ("٢٣", ["23"]),
        ("كاتب:الخطيب", []),
        ('لافروف "', ["لافروف"]),
    ],
    ids=["no query", "no word of it", "tatweel", "phrase", "excluded", "digits", "another field", "not understood"],
)
def test_words_marked_in_an_article(site: Site, query: str, marked: list[str]) -> None:
    assert texts(site.page("/article/talks", q=query), "mark") == marked


def test_the_link_back_to_the_results_is_shown_if_one_came_from_them(site: Site) -> None:
    assert site.page("/article/talks").select(".back") == []
    link = address(site.page("/article/talks", q=" وقف & إطلاق "), ".back a")
    assert site.page(link).select_one("#q")["value"] == "وقف & إطلاق"  # type: ignore[index]


def test_an_unknown_article_is_not_found(site: Site) -> None:
    for where in [
        "/article/none",
        "/article/talks/",
        "/article/none%00",
        "/article/%FF",
        "/article?id=none",
        "/article",
    ]:
        answer = site.answer(where)
        assert answer.status_code == 404
        assert texts(parsed(answer), "h1") == ["لا يوجد في هذا الأرشيف مقال بهذا الرابط."]


IDS = [
    "2017/02/16/1",
    "/2017/1.html",
    "./2017/1.html",
    "../1.html",
    "a/../b",
    "a//b",
    "a/",
    ".",
    "..",
    "...",
    "1.html",
    "100%",
    "a%2Fb",
    "%2e%2e",
    "a b",
    "a?q=b#c",
    "a&b=c;d+e",
    "a\\b",
    "https://a.example/خبر?id=1",
    "مقال ١",
    "سَلامٌ/🌍",
    "\u202eabc",
    "'\"<b>",
]


@pytest.mark.slow
@pytest.mark.parametrize("article_id", IDS)
def test_an_article_of_any_id_is_reached_by_its_links(archive: Archive, article_id: str) -> None:
    archive.add(make_article(id=article_id, title="عنوان", paragraphs=["زلزال"]))
    archive.add(make_article(id="b", title="غيره", paragraphs=["آخر"]))
    update_index(archive)
    site = Site(archive)
    # As browsers and proxies follow a link: they normalize dots and double slashes in a path.
    link = urlsplit(urljoin("http://localhost/search", address(site.search("زلزال"), ".hit h2 a")))
    assert "//" not in link.path
    page = site.page(f"{link.path}?{link.query}")
    assert texts(page, "h1") == ["عنوان"]
    assert texts(page, "mark") == ["زلزال"]
    own = page.select_one(".facts #permanent")
    assert own is not None
    assert own.get_text().startswith("http://localhost/article")
    assert texts(site.page(str(own["href"])), "h1") == ["عنوان"]


def test_the_origin_of_the_article_is_shown(archive: Archive) -> None:
    archive.add(
        make_article(
            id="a",
            title="عنوان",
            paragraphs=["نص"],
            url="https://a.example/خبر عاجل?id=1&utm_source=x",
            retrieved_at=datetime(2020, 5, 1, 13, 30, tzinfo=UTC),
        )
    )
    page = Site(archive).page("/article/a")
    (link,) = page.select(".facts a[rel]")
    assert link["href"] == "https://a.example/%D8%AE%D8%A8%D8%B1%20%D8%B9%D8%A7%D8%AC%D9%84?id=1"
    assert link["rel"] == ["noopener", "noreferrer", "nofollow"]
    assert link.get_text() == "https://a.example/خبر%20عاجل?id=1"  # a space would end the link where it is copied
    assert texts(page, ".facts dt") == ["الرابط الأصلي", "الرابط الدائم", "تاريخ الإضافة"]
    assert texts(page, ".facts time") == ["1 أيار/مايو 2020"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//a.example/", "1.html"]
)
def test_an_address_that_is_not_http_is_text_not_a_link(archive: Archive, url: str) -> None:
    archive.add(make_article(id="a", title="عنوان", paragraphs=["نص"], url=url))
    page = Site(archive).page("/article/a")
    assert texts(page, ".facts dd")[0] == url
    assert [str(link["href"]) for link in page.select(".facts a")] == ["/article/a"]


def test_revisions_are_listed_where_there_are_several(archive: Archive) -> None:
    for day, text in ((1, "النص الأول"), (2, "النص الثاني")):
        archive.add(
            make_article(
                id="a", title="عنوان", paragraphs=[text], retrieved_at=datetime(2020, 5, day, 13, 30, tzinfo=UTC)
            )
        )
        page = Site(archive).page("/article/a")
        assert texts(page, "article > p[dir=auto]") == [text]
        assert len(page.select("ol.versions")) == day - 1
    assert texts(page, ".versions li") == [
        "1 أيار/مايو 2020، 13:30 بتوقيت غرينتش",
        "2 أيار/مايو 2020، 13:30 بتوقيت غرينتش",
    ]


def test_an_article_without_title_is_named_by_its_beginning(archive: Archive) -> None:
    text = "ضرب زلزال غرب إيران فجر اليوم وشعر به سكان المدن المجاورة كلها من غير أن يصاب أحد منهم بأذى يذكر."
    archive.add(make_article(id="a", paragraphs=[text]))
    update_index(archive)
    site = Site(archive)
    (heading,) = texts(site.search("زلزال"), ".hit h2")
    assert text.startswith(heading.removesuffix("..."))
    page = site.page(address(site.search("زلزال"), ".hit h2 a"))
    assert texts(page, "h1.hidden") == ["مقال بلا عنوان"]
    assert texts(page, "title")[0].startswith("ضرب زلزال غرب إيران")
    assert texts(page, "mark") == ["زلزال"]


def test_an_article_of_a_title_alone_has_no_empty_snippet(archive: Archive) -> None:
    archive.add(make_article(id="a", title="زلزال", paragraphs=[]))
    update_index(archive)
    page = Site(archive).search("زلزال")
    assert texts(page, ".hit h2 mark") == ["زلزال"]
    assert page.select(".snippet") == []


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({}, ""),
        ({"section": "سياسة"}, "سياسة"),
        ({"published": datetime(2017, 2, 16), "authors": ["أ", "ب"]}, "16 شباط/فبراير 2017·أ·ب"),
        ({"source": "النهضة", "authors": ["أ"]}, "النهضة·أ"),
    ],
    ids=["nothing", "section", "day and authors", "source and author"],
)
def test_the_metadata_of_an_article_is_on_one_line(archive: Archive, known: dict[str, object], line: str) -> None:
    archive.add(make_article(id="a", title="عنوان", paragraphs=["نص"], **known))  # type: ignore[arg-type]
    assert texts(Site(archive).page("/article/a"), ".about") == [line]


def test_a_removed_article_is_gone_and_says_so_but_not_why(archive: Archive) -> None:
    archive.add(make_article(id="a", title="عنوان", paragraphs=["نص"]))
    update_index(archive)
    archive.remove("a", "سبب خاص")
    page = Site(archive).answer("/article/a")
    assert page.status_code == 410
    assert "أُزيل هذا المقال من الأرشيف." in page.text
    assert "سبب خاص" not in page.text
    archive.restore("a")
    assert Site(archive).answer("/article/a").status_code == 200


def test_a_damaged_article_is_reported_and_the_others_are_shown(archive: Archive) -> None:
    for article_id in ("talks", "port"):
        archive.add(make_article(id=article_id, title="خبر الميناء", paragraphs=["نص الميناء"]))
    update_index(archive)
    archive.connection.execute("UPDATE revisions SET recorded_at = 'never' WHERE article = 1")
    client = Site(archive).client
    page = client.get("/article/talks")
    assert page.status_code == 500
    assert "هذا المقال تالف في الأرشيف." in page.text
    assert client.get("/article/port").status_code == 200
    found = client.get("/api/v1/search", query_string={"q": "الميناء"}).get_json()
    assert [hit["id"] for hit in found["hits"]] == ["port"]
    assert client.get("/api/v1/article", query_string={"id": "talks"}).status_code == 500
