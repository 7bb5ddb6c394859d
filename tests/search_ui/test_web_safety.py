from __future__ import annotations

import hashlib
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from bs4 import BeautifulSoup

from corpus import Archive, make_article
from indexer import Searcher, rebuild_index, update_index
from indexer.codec import FieldPostings
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import Site, address, parsed, texts

PAGES = {
    "home": "/",
    "results": "/search?q=ايران",
    "filtered": "/search?q=ايران&source=الغد&section=رياضة&after=2017&before=2020&sort=newest",
    "notes": "/search?q=لون:أحمر&after=x&sort=x&page=x",
    "nothing found": "/search?q=كسكسي&source=الغد",
    "article": "/article/talks?q=مفاوضات",
    "comparison": "/compare?q=إيران&q=الحكومة",
    "help": "/help",
    "no such article": "/article/none",
    "no such page": "/none",
}
ANSWERS = {**PAGES, "style": "/static/arshif.css", "no such style": "/static/none.css", "health": "/healthz"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title></textarea></style><iframe src=//evil.example>",
    "javascript:alert(1)//",
    "{{7*7}}{% include 'base.html' %}${7*7}",
    "&lt;b&gt;&amp;&#x3c;i>",
    "\u202eمقلوب\u2066<b>",
    "<mark>سيول</mark><!--",
]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        fill(opened)
        yield opened


def tags(page: BeautifulSoup) -> set[str]:
    return {element.name for element in page.find_all(True)}


def assert_harmless(page: BeautifulSoup) -> None:
    """Assert that the page runs and loads nothing from other sites, and links only to this site and the web."""
    assert tags(page).isdisjoint({"img", "iframe", "textarea", "style", "b", "i", "object", "base"})
    for block in page.select("script[type='application/ld+json']"):  # data, which browsers do not run
        assert "<" not in str(block.string)
    for script in page.select("script:not([type])"):  # files of this site, no inline ones
        assert str(script.get("src")).startswith("/static/")
        assert script.get_text() == ""
    for drawing in page.select("svg"):
        assert tags(drawing) <= {
            "a",
            "defs",
            "g",
            "line",
            "path",
            "pattern",
            "polygon",
            "polyline",
            "rect",
            "svg",
            "text",
        }
        references = [str(value) for one in drawing.find_all(True) for value in one.attrs.values() if "url(" in value]
        assert set(references) <= {"url(#thin)"}
    for element in page.find_all(True):
        assert not [name for name in element.attrs if name.startswith("on") or name in ("style", "srcset")]
        assert "src" not in element.attrs or element.name == "script"
        for name in ("href", "action", "formaction"):
            value = str(element.get(name, "/"))
            outward = element.name == "a" and value.startswith(("http://", "https://"))
            assert outward or value[:1] in ("/", "#"), element
            assert not value.startswith(("//", "/\\")), element


@pytest.mark.parametrize("where", PAGES.values(), ids=PAGES)
def test_every_page_is_arabic_from_right_to_left_with_one_heading_and_one_form_of_search(
    site: Site, where: str
) -> None:
    page = parsed(site.answer(where))
    assert (page.html["lang"], page.html["dir"]) == ("ar", "rtl")  # type: ignore[index]
    assert len(page.select("h1")) == len(page.select("head > title")) == len(page.select("main#main")) == 1
    assert len(page.select("form[role=search]")) == 1
    assert texts(page, "head > title")[0].endswith("أرشيف الصحافة")


@pytest.mark.parametrize("where", PAGES.values(), ids=PAGES)
def test_every_field_has_its_label_and_every_id_its_one_element(site: Site, where: str) -> None:
    page = parsed(site.answer(where))
    for field in page.select("input:not([type=hidden]), select, textarea"):
        label = field.find_parent("label") or page.select_one(f'label[for="{field.get("id")}"]')
        assert label is not None, field
        assert label.get_text().strip()
    ids = [element["id"] for element in page.select("[id]")]
    assert len(ids) == len(set(ids))
    for element in page.select("[aria-labelledby]"):
        assert element["aria-labelledby"] in ids


@pytest.mark.parametrize("where", PAGES.values(), ids=PAGES)
def test_no_page_runs_a_script_or_loads_from_elsewhere(site: Site, where: str) -> None:
    page = parsed(site.answer(where))
    assert_harmless(page)
    assert page.select('a[href^="http"]') == []


@pytest.mark.parametrize("where", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_every_answer_has_the_security_headers(site: Site, where: str, method: str) -> None:
    answer = site.client.open(where, method=method)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "Set-Cookie" not in answer.headers


EVERY = (*PAGES.values(), "/article/talks/changes", "/status", "/api/v1/", "/search.csv", "/search.atom")
EVERY += ("/article/talks.bib", "/opensearch.xml", "/api/v1/search", "/api/v1/none", "/sign-in", "/suggest", "/metrics")
OF_URL_FOR = (
    "_anchor",
    "_scheme",
    "_method",
    "_external",
    "endpoint",
    "values",
    "self",
    "article_id",
    "ending",
    "filename",
)


@pytest.mark.slow
@pytest.mark.parametrize("where", EVERY)
def test_no_parameter_is_passed_to_url_for(site: Site, where: str) -> None:
    plain = site.answer(where)
    for name in OF_URL_FOR:
        answer = site.answer(f"{where}{'&' if '?' in where else '?'}{name}=x&{name}=//evil.example")
        # Where unknown parameters are errors, it is reported.
        assert answer.status_code in (plain.status_code, 400), name
        assert {header: answer.headers[header] for header in HEADERS} == HEADERS
        if answer.mimetype == "text/html":
            assert_harmless(parsed(answer))
            assert "https://x" not in answer.text
            assert "x://" not in answer.text


def test_a_page_in_another_language_keeps_its_parameters(site: Site) -> None:
    page = site.page("/search?q=ايران و&source=أ&source=ب&_anchor=x&a%26b=c%26d")
    kept = parse_qs(urlsplit(address(page, "nav a[hreflang=en]")).query)
    assert kept == {"q": ["ايران و"], "source": ["أ", "ب"], "_anchor": ["x"], "a&b": ["c&d"], "lang": ["en"]}


def test_the_style_is_fetched_again_only_when_it_changes(site: Site) -> None:
    for link in site.page("/").select("link[rel=stylesheet], link[rel=icon], script"):
        link["href"] = link.get("href") or link["src"]
        answer = site.answer(str(link["href"]))
        assert answer.status_code == 200
        assert str(link["href"]).endswith("?v=" + hashlib.sha256(answer.data).hexdigest()[:10])
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert b"@import" not in answer.data
        own = re.findall(rb'url\("([^"]+)"\)', answer.data)
        assert len(own) == answer.data.count(b"url(")
        for font in own:
            assert site.answer(f"/static/{font.decode()}").data.startswith(b"wOF2")


def test_a_wrong_method_is_rejected_with_the_allowed_ones(site: Site) -> None:
    answer = site.client.post("/search", data={"q": "x"})
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert texts(parsed(answer), "h1") == ["لا تقبل هذه الصفحة هذا النوع من الطلبات."]


@pytest.mark.parametrize("where", ["/none", "/static/", "/static/../app.py", "/static/%2e%2e/app.py", "/search/"])
def test_an_unknown_page_is_not_found(site: Site, where: str) -> None:
    answer = site.answer(where)
    assert answer.status_code == 404
    assert texts(parsed(answer), "h1") == ["لا توجد صفحة بهذا الرابط."]


def test_health_is_one_word(site: Site) -> None:
    assert site.answer("/healthz").text == "ok\n"


def test_without_an_index_the_page_says_so_and_finds_it_once_it_is_there(archive: Archive) -> None:
    site = Site(archive)
    answer = site.answer("/search", q="زلزال")
    assert answer.status_code == 503
    assert texts(parsed(answer), "h1") == ["لم يُفهرس هذا الأرشيف بعد، فلا يمكن البحث فيه."]
    assert site.answer("/").status_code == site.answer("/article/iran").status_code == 200
    update_index(archive)
    assert len(site.search("زلزال").select(".hit")) == 1


def test_a_damaged_index_is_reported_without_internals_until_it_is_rebuilt(archive: Archive) -> None:
    update_index(archive)
    for path in archive.index_directory.iterdir():
        path.write_bytes(b"damaged")
    site = Site(archive)
    answer = site.answer("/search", q="زلزال")
    assert answer.status_code == 500
    assert texts(parsed(answer), "h1") == ["تعذّرت قراءة الأرشيف. التفاصيل في سجل الخادم."]
    assert "Traceback" not in answer.text
    assert str(archive.directory) not in answer.text
    rebuild_index(archive)
    assert len(site.search("زلزال").select(".hit")) == 1


def test_an_index_removed_while_serving_is_reported_until_it_is_rebuilt(archive: Archive) -> None:
    update_index(archive)
    site = Site(archive)
    site.search("زلزال")
    shutil.rmtree(archive.index_directory)
    assert site.answer("/search", q="زلزال").status_code == 503
    rebuild_index(archive)
    assert len(site.search("زلزال").select(".hit")) == 1


def test_an_index_of_another_version_is_reported(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    update_index(archive)
    monkeypatch.setattr("indexer.embedded.commit.ANALYSIS_VERSION", 10**6)
    answer = Site(archive).answer("/search", q="زلزال")
    assert answer.status_code == 503
    assert texts(parsed(answer), "h1") == ["بُني الفهرس بإصدار آخر من Arshif، ولا بد من إعادة بنائه."]


@pytest.mark.parametrize("kind", [AttributeError, TypeError, KeyError, IndexError, ValueError, OSError])
def test_a_bug_is_not_reported_as_damage_and_is_logged_with_its_traceback(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise kind("a bug")

    monkeypatch.setattr(FieldPostings, "docs", fail)
    monkeypatch.setattr(FieldPostings, "postings", fail)
    answer = site.answer("/search", q=f"زلزال {kind.__name__}")
    assert answer.status_code == 500
    assert texts(parsed(answer), "h1") == ["حدث خطأ في الخادم."]
    assert "Traceback" in caplog.text
    assert "a bug" in caplog.text
    assert "damaged" not in caplog.text


def test_an_unexpected_error_is_a_page_without_internals(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(Searcher, "search", fail)
    answer = site.answer("/search", q="زلزال")
    assert answer.status_code == 500
    assert texts(parsed(answer), "h1") == ["حدث خطأ في الخادم."]
    assert "inside" not in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_an_error_in_every_page_still_has_the_headers_and_is_counted(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("inside")

    update_index(archive)
    site = Site(archive)
    for where in ("/", "/none", "/article/none"):
        with monkeypatch.context() as broken:
            broken.setitem(site.client.application.jinja_env.globals, "here", fail)
            answer = site.answer(where)
        assert answer.status_code == 500
        assert answer.text == "An error occurred on the server."
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "RuntimeError: inside" in caplog.text
    counted = site.answer("/metrics").text
    for view in ("pages.home", "none", "articles.article"):
        assert f'arshif_requests_total{{view="{view}",status="5xx"}} 1' in counted


@pytest.mark.parametrize("letters", ["\n[2026] forged", "\r", "\x1b[2J", "\x00", "\x85", "\u2028", "\u202e", "\x9b2J"])
def test_no_address_forges_a_line_of_the_log(
    site: Site, letters: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object, article_id: str) -> None:
        raise RuntimeError(f"what about {article_id}")

    monkeypatch.setattr(Archive, "find", fail)
    if "\n" in letters:  # no path of this site has one
        assert site.answer("/article", id=f"x{letters}y").status_code == 500
    else:
        assert site.answer("/article/" + quote(f"x{letters}y")).status_code == 500
    (record,) = caplog.records
    written = logging.Formatter("%(levelname)s %(message)s").format(record)
    first, *further = written.split("\n")
    assert re.fullmatch(r"ERROR Exception on /article(/x.+y)? \[GET\]", first)
    assert all(line.startswith("    ") for line in further)
    assert not set(written) & set("\r\x1b\x00\x85\u2028\u202e\x9b")


@pytest.mark.slow
@pytest.mark.parametrize("markup", HOSTILE)
def test_a_hostile_article_is_shown_as_the_text_it_is(archive: Archive, markup: str) -> None:
    text = f"{markup} زلزال {markup}"
    archive.add(
        make_article(
            id=markup, title=text, paragraphs=[text], source=markup, section=markup, authors=[markup], url=markup
        )
    )
    archive.add(make_article(id="of the web", paragraphs=[text], url=f"https://evil.example/{markup}?{markup}"))
    update_index(archive)
    site = Site(archive)
    assert_harmless(site.page("/"))
    results = site.search("زلزال", source=markup, section=markup)
    assert_harmless(results)
    # Each in an element with its own direction, so that direction marks affect nothing else.
    assert texts(results, ".hit h2 > a > bdi") == [text]
    assert texts(results, ".hit p.snippet[dir=auto]") == [text]
    assert texts(results, ".hit .about bdi") == [markup, markup, markup]
    assert texts(results, ".chips bdi") == [markup, markup]
    assert markup in texts(results, "label bdi")
    for language in ("ar", "en"):
        assert_harmless(site.search("زلزال", author=markup, lang=language, chart="share"))
        assert_harmless(site.page("/compare", q=["زلزال", markup], source=markup, lang=language))
        assert_harmless(site.page("/help", q=markup, lang=language))
    suggested = site.answer("/suggest", q="زلزا")
    assert suggested.mimetype == "application/json"
    assert text in [one["text"] for one in suggested.get_json()["suggestions"]]
    assert all((one["url"] or "/").startswith("/article") for one in suggested.get_json()["suggestions"][1:])
    site.client.delete_cookie("lang")
    article = site.page(address(results, ".hit h2 a"))
    assert_harmless(article)
    assert texts(article, "h1[dir=auto]") == [text]
    assert texts(article, "article > p[dir=auto]") == [text]
    original, permanent = texts(article, "dd[dir=ltr]")
    assert original == markup
    assert permanent.startswith("http://localhost/article")
    assert texts(article, "mark") == ["زلزال", "زلزال"]
    assert_harmless(site.page("/article/of the web"))


@pytest.mark.parametrize("markup", HOSTILE)
def test_a_hostile_address_is_shown_as_the_text_it_is(site: Site, markup: str) -> None:
    values = dict.fromkeys(("q", "source", "section", "after", "before", "sort", "page", markup), markup)
    results = site.page("/search", **values)
    assert_harmless(results)
    assert [entry["value"] for entry in results.select("input[name=q], #after, #before")] == [markup] * 4
    assert texts(results, ".chips bdi") == [markup, markup]
    assert_harmless(site.page("/", **values))
    assert_harmless(site.page("/compare", **values, lang=markup, calendar=markup, chart=markup, author=markup))
    assert_harmless(site.page("/article/talks", **values))
    assert_harmless(parsed(site.answer(f"/article/{markup}", id=markup)))
    assert_harmless(parsed(site.answer("/" + markup.replace("/", ""), **values)))


def test_a_hostile_name_of_the_archive_is_shown_as_the_text_it_is(tmp_path: Path) -> None:
    name = " ".join(HOSTILE)
    with Archive.create(tmp_path / "archive", name=name) as archive:
        page = Site(archive).page("/")
    assert_harmless(page)
    assert texts(page, "h1 bdi") == texts(page, "head > title") == [name]
