from __future__ import annotations

import re
from datetime import date

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from search_ui.web.api.openapi import PROBLEMS, SCHEMAS
from search_ui.web.api.operations import OPERATIONS
from search_ui.web.template_filters import days_of, direction, isolated_dates, percent, printed_day, printed_time
from tests.conftest import ROOT
from tests.search_ui.small_site import Site, parsed, texts

WEB = ROOT / "search_ui" / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
ARABIC = re.compile("[\u0600-\u06ff]")


def said() -> set[str]:
    found = extract_from_dir(WEB, METHODS, {"templates/**.html": {"silent": "false"}}, KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def test_every_sentence_is_in_the_arabic_catalogue_and_nothing_else_is() -> None:
    catalogue = read_po((WEB / "translations/ar/LC_MESSAGES/messages.po").open("rb"), locale="ar")
    known = {
        message.id if isinstance(message.id, str) else message.id[0]: message for message in catalogue if message.id
    }
    assert set(known) == said(), "gather them anew with ./run translations"
    for sentence, message in known.items():
        spoken = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(spoken), f"not translated: {sentence}"
        assert not message.fuzzy
        places = set(re.findall(r"%\(\w+\)s", sentence))
        assert set(re.findall(r"%\(\w+\)s", spoken[-1])) == places, sentence
        assert len(spoken) == (6 if isinstance(message.id, tuple) else 1)


def described() -> set[str]:
    """What the page of the API says of operations, parameters, responses and errors."""
    texts = {operation.summary for operation in OPERATIONS} | set(PROBLEMS.values())
    texts |= {parameter.description for operation in OPERATIONS for parameter in operation.parameters}
    for schema in SCHEMAS.values():
        texts |= {schema["description"]}
        texts |= {its["description"] for its in schema["properties"].values() if "description" in its}
    return texts


def test_every_description_of_the_api_is_in_its_arabic_catalogue_and_nothing_else_is() -> None:
    catalogue = read_po((WEB / "translations/ar/LC_MESSAGES/api.po").open("rb"), locale="ar")
    known = {str(message.id): str(message.string) for message in catalogue if message.id}
    assert set(known) == described()
    for english, arabic in known.items():
        assert ARABIC.search(arabic), english
        assert set(re.findall("`[^`]+`", english)) == set(re.findall("`[^`]+`", arabic)), english


def test_the_page_of_the_api_is_in_arabic(site: Site) -> None:
    page = site.page("/api/v1/", lang="ar")
    for element in page.select("main code, main a, main h3"):
        element.extract()
    words = re.findall("[A-Za-z]{3,}", page.main.get_text())  # type: ignore[union-attr]
    assert set(words) <= {
        "API",
        "GET",
        "JSON",
        "ISO",
        "OpenAPI",
        "RFC",
        "Retry",
        "After",
        "UTF",
        "null",
        "false",
        "true",
        "token",
    }


@pytest.mark.parametrize(
    ("asked", "accepts", "cookie", "language"),
    [
        ("", "", "", "ar"),
        ("", "en-GB,en;q=0.8,ar;q=0.5", "", "en"),
        ("", "fr", "", "ar"),
        ("", "en", "ar", "ar"),
        ("en", "ar", "ar", "en"),
        ("xx", "", "en", "en"),
        ("<b>", "*", "../etc", "ar"),
    ],
)
def test_the_language_is_that_of_the_parameter_the_cookie_or_the_browser(
    site: Site, asked: str, accepts: str, cookie: str, language: str
) -> None:
    client = site.client.application.test_client()
    if cookie:
        client.set_cookie("lang", cookie)
    answer = client.get("/", query_string={"lang": asked} if asked else None, headers={"Accept-Language": accepts})
    assert parsed(answer).html["lang"] == language  # type: ignore[index]
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))
    kept = answer.headers.get("Set-Cookie", "")
    assert kept.startswith("lang=en;") == (asked == "en")
    assert not kept or ("HttpOnly" in kept and "SameSite=Lax" in kept)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?q=ايران&source=الغد",
        "/search?q=كسكسي",
        "/article/talks?q=مفاوضات",
        "/compare?q=ايران",
        "/none",
        "/help",
    ],
)
def test_an_english_page_has_no_arabic_messages(site: Site, path: str) -> None:
    page = parsed(site.client.application.test_client().get(path, headers={"Accept-Language": "en"}))
    assert (page.html["lang"], page.html["dir"]) == ("en", "ltr")  # type: ignore[index]
    # What is quoted, and names, are in elements of their own.
    for element in page.select("bdi, mark, code, .citation, [lang=ar], [dir=auto], main [value], head > title, option"):
        element.decompose()
    ours = " ".join(texts(page, "body")).replace("«وقف إطلاق النار»", "").replace("زلزال أو هزة", "")
    assert ARABIC.findall(ours) == [] or path == "/help"


def test_the_other_language_is_a_link_to_the_same_page(site: Site) -> None:
    page = site.search("ايران & <b>", source=["الغد", "النهضة"], sort="newest")
    (link,) = page.select(".links a[hreflang=en]")
    other = parsed(site.client.application.test_client().get(str(link["href"])))
    assert other.html["lang"] == "en"  # type: ignore[index]
    assert other.select_one("#q")["value"] == "ايران & <b>"  # type: ignore[index]
    assert len(other.select("[name=source][checked]")) == 2


def test_hijri_dates_are_shown_when_chosen(site: Site) -> None:
    client = site.client.application.test_client()
    assert "هـ" not in client.get("/article/talks").text
    page = parsed(client.get("/article/talks?calendar=hijri"))
    assert texts(page, "article .about time") == ["16 شباط/فبراير 2017 (19 جمادى الأولى 1438هـ)"]
    assert "1438 AH" in client.get("/article/talks?lang=en").text  # remembered
    assert "AH" not in client.get("/article/talks?calendar=gregorian").text


@pytest.mark.parametrize(
    ("time", "words", "days"),
    [
        ("2017", "2017", ("2017-01-01", "2017-12-31")),
        ("2016-02", "شباط/فبراير 2016", ("2016-02-01", "2016-02-29")),
        ("2017-11-05", "5 تشرين الثاني/نوفمبر 2017", ("2017-11-05", "2017-11-05")),
    ],
)
def test_times_of_a_timeline_in_words_and_days(site: Site, time: str, words: str, days: tuple[str, str]) -> None:
    with site.client.application.test_request_context():
        assert printed_time(time) == words
    assert days_of(time) == days


def test_days_beyond_the_hijri_tables_have_no_hijri_date(site: Site) -> None:
    with site.client.application.test_request_context("/?calendar=hijri&lang=en"):
        assert printed_day(date(1800, 1, 2)) == "2 January 1800"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("زلزال", "rtl"), ("«BBC» قالت", "ltr"), ("23 شباط", "rtl"), ("News", "ltr"), ("", "rtl"), ("12", "rtl")],
)
def test_a_result_has_the_direction_of_its_title(text: str, expected: str) -> None:
    assert direction(text) == expected


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0%"), (1, "100%"), (0.256, "26%"), (0.034, "3.4%"), (0.00021, "0.021%")]
)
def test_shares(share: float, text: str) -> None:
    assert percent(share) == text


def test_the_help_is_the_document_and_both_languages_try_the_same() -> None:
    english, arabic = (
        (WEB / "help" / f"query-language.{code}.md").read_text(encoding="utf-8") for code in ("en", "ar")
    )
    assert english == (ROOT / "docs/query-language.md").read_text(encoding="utf-8"), "write it anew with ./run docs"
    first_cells = [re.findall(r"^\| (.+?) (?<!\\)\| ", text, re.M) for text in (english, arabic)]
    codes = [[re.findall("`[^`]+`", cell) for cell in cells if "`" in cell] for cells in first_cells]
    assert codes[0] == codes[1]
    assert len(re.findall("^## ", english, re.M)) == len(re.findall("^## ", arabic, re.M))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["ar", "en"])
def test_examples_of_the_help_lead_to_searches(site: Site, language: str) -> None:
    page = site.page("/help", lang=language)
    tried = page.select(".help td a")
    assert len(tried) > 25
    assert "زلزال | بركان" in [link.get_text() for link in tried]
    for link in tried:
        results = site.page(str(link["href"]))
        assert results.select_one("#q")["value"] == link.get_text()  # type: ignore[index]
    assert "`" not in page.get_text()


def test_dates_in_digits_are_isolated_in_examples_of_queries() -> None:
    assert isolated_dates("تاريخ:2017-02..2017-05") == 'تاريخ:<bdi dir="ltr">2017-02..2017-05</bdi>'
    assert isolated_dates("<b> 5 2017") == "&lt;b&gt; 5 2017"


def test_other_quotation_marks_alone_are_no_other_reading(site: Site) -> None:
    assert texts(site.page("/search", q='"مفاوضات أستانة"'), ".understood") == []
    (understood,) = texts(site.page("/search", q="title:مفاوضات", lang="ar"), ".understood")
    assert understood.startswith("فُهم هكذا:")


def test_readers_are_shown_no_milliseconds_and_no_number_of_the_index(site: Site) -> None:
    assert not re.search(r"\d ms|م\.ث", site.page("/search", q="مفاوضات", lang="en").text)
    assert "Number of the index" not in site.page("/status", lang="en").text
