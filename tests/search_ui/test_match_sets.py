"""Matches and the nearest others: on the page, in files, feeds and alerts, in the API and the command."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from corpus import Archive
from indexer import update_index
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import Site, found, nearest, texts
from tests.search_ui.test_command import Arshif

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def arshif(tmp_path_factory: pytest.TempPathFactory) -> Arshif:
    arshif = Arshif(tmp_path_factory.mktemp("sets"))
    arshif("init")
    with Archive.open(arshif.directory / "archive") as archive:
        fill(archive)
        update_index(archive)
    return arshif


@pytest.fixture(scope="module")
def site(arshif: Arshif) -> Iterator[Site]:
    with Archive.open(arshif.directory / "archive") as archive:
        yield Site(archive)


def test_the_nearest_are_below_a_line_and_not_counted(site: Site) -> None:
    page = site.search("زلزال إيران")
    assert texts(page, "#count")[0].startswith("نتيجة واحدة")
    assert (found(page), nearest(page)) == (["iran"], ["match"])
    assert texts(page, "#nearest") == ["أقرب المقالات: لا مقال منها يضم كل الكلمات"]
    assert [hits["start"] for hits in page.select("ol.hits")] == ["1", "2"]
    assert texts(page, ".filters fieldset.list label") == ["الغد 1 من النتائج", "محليات 1 من النتائج"]


def test_when_nothing_matches_that_comes_first_with_the_count_of_each_word(site: Site) -> None:
    page = site.search("زلزال الموازنة")
    assert texts(page, "#count")[0].startswith("لا نتائج")
    assert texts(page, ".none > p") == ["لا مقال يضم كل الكلمات. عدد المقالات لكل منها: زلزال 1، الموازنة 1، معا 0"]
    assert found(page) == []
    assert set(nearest(page)) == {"iran", "budget"}


def test_an_order_by_date_shows_what_matches_and_offers_the_nearest(site: Site) -> None:
    page = site.search("زلزال الموازنة", sort="newest")
    assert found(page) == nearest(page) == []
    (link,) = (one for one in page.select(".none a") if "أقرب" in one.get_text())
    assert set(nearest(site.page(str(link["href"])))) == {"iran", "budget"}


def test_each_width_is_a_link_with_its_count(site: Site) -> None:
    page = site.search("زلزال غرب إيران برشلونة", source="الغد")
    widths, forms = page.select(".set .choice")[:2]
    assert texts(widths, "strong, a") == ["كل الكلمات 0", "معظمها 1", "أيّ كلمة منها 2"]
    assert texts(forms, "strong, a") == ["بكل صيغها", "بسوابقها (و، ال، ب…)", "كما كتبتَها", "بكل كلمات جذرها"]
    for link, total in zip(widths.select("a"), (["iran"], ["iran", "match"]), strict=True):
        assert found(site.page(str(link["href"]))) == total
        assert parse_qs(urlsplit(str(link["href"])).query)["source"] == ["الغد"]


def test_the_width_and_the_forms_stay_in_every_address_of_the_page(site: Site) -> None:
    page = site.search("مفاوضة النار", match="any", forms="word")
    values = [parse_qs(urlsplit(str(link["href"])).query) for link in page.select(".files a, #feed, .hit h2 a")]
    assert values
    assert all((value["match"], value["forms"]) == (["any"], ["word"]) for value in values)
    for form in page.select("form:not(#pick)"):
        assert {("match", "any"), ("forms", "word")} <= {
            (one.get("name"), one.get("value")) for one in form.select("input")
        }


def test_every_copy_is_shown_without_grouping(site: Site) -> None:
    assert texts(site.search("إيران", group="false"), ".set .choice a")[-1] == "نتيجة واحدة لكل خبر"


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({"match": "half"}, "القيمة «half» غير صالحة للوسيط «match»."),
        ({"forms": "x"}, "القيمة «x» غير صالحة للوسيط «forms»."),
        ({"group": "no"}, "القيمة «no» غير صالحة للوسيط «group»."),
        ({"colour": "red"}, "وسيط غير معروف: «colour»."),
    ],
    ids=["match", "forms", "group", "unknown"],
)
def test_ignored_parameters_are_noted_on_the_page_and_refused_for_a_file(
    site: Site, values: dict[str, str], note: str
) -> None:
    assert note in texts(site.search("إيران", **values), ".note[role=status]")
    assert site.answer("/search.csv", q="إيران", **values).status_code == 400


def test_a_sentence_marks_what_has_all_its_words(site: Site) -> None:
    page = site.search("هل ضرب زلزال غرب إيران فجر اليوم؟")
    assert found(page)[0] == "iran"
    assert texts(page, ".whole") == ["كل الكلمات"]
    assert nearest(page) == []


def test_files_and_feeds_contain_only_matches(site: Site) -> None:
    rows = list(csv.DictReader(io.StringIO(site.answer("/search.csv", q="زلزال إيران").data.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == ["iran"]
    assert rows[0]["archive_url"] == "http://localhost/article/iran"
    feed = ElementTree.fromstring(site.answer("/search.atom", q="زلزال إيران", sort="relevance").data)
    assert len(feed.findall(f"{ATOM}entry")) == 1
    assert site.answer("/search.jsonl", q="زلزال الموازنة").headers["Arshif-Total"] == "0"


def test_the_api_distinguishes_matches_from_the_nearest(site: Site) -> None:
    page = json.loads(site.answer("/api/v1/search", q="زلزال إيران").data)
    assert [(hit["id"], hit["matched"]) for hit in page["hits"]] == [("iran", True), ("match", False)]
    assert (page["total"], page["stories"], page["listed"]) == (1, 1, 2)
    assert page["widths"] == {"all": 1, "most": 1, "any": 2}
    assert page["parts"] == [{"text": "زلزال", "articles": 1}, {"text": "إيران", "articles": 2}]
    assert json.loads(site.answer("/api/v1/facets", q="زلزال إيران", match="any").data)["total"] == 2
    assert json.loads(site.answer("/api/v1/timeline", q="زلزال إيران").data)["timeline"]["counts"] == [
        {"time": "2017-11-13", "count": 1}
    ]
    assert site.answer("/api/v1/search", q="زلزال", match="half").status_code == 400


def test_the_command_distinguishes_matches_from_the_nearest(arshif: Arshif) -> None:
    lines = arshif("search", "زلزال إيران").splitlines()
    assert lines[0].startswith("1 article (")
    assert lines[1] == "with most of the words: 1 (--match most); with any of the words: 2 (--match any)"
    assert "-- nearest articles, which do not match --" in lines
    assert arshif("search", "زلزال إيران", "--match", "any").startswith("2 articles")
    assert arshif("search", "مفاوضة", "--forms", "printed").startswith("0 articles")
    rows = list(csv.DictReader(io.StringIO(arshif("search", "زلزال إيران", "--format", "csv").lstrip("\ufeff"))))
    assert [row["id"] for row in rows] == ["iran"]


def test_the_command_names_the_word_that_nothing_matches(arshif: Arshif) -> None:
    result = arshif.result("search", "زلزال الموازنة")
    assert result.stdout.startswith("0 articles")
    assert "No article has all the words. Articles with each: زلزال (1), الموازنة (1)." in result.stdout


def test_the_command_says_so_if_only_some_articles_were_counted(arshif: Arshif) -> None:
    for query in (["زلزال", "--source", "لا أحد"], ["زلزال", "--after", "2090"], ["زلزال -زلزال"]):
        assert "No article that meets the other conditions has زلزال." in arshif.result("search", *query).stdout
    assert "No article has زلزالات" in arshif.result("search", "زلزالات*").stdout


def test_an_alert_reports_only_what_matches(arshif: Arshif, tmp_path: Path) -> None:
    arshif("alert", "add", "both", "زلزال إيران", "--from-start")
    arshif("alert", "add", "any", "زلزال إيران", "--match", "any", "--from-start")
    lines = [json.loads(line) for line in arshif("alert", "--format", "jsonl").splitlines()]
    told = {name: {line["id"] for line in lines if line["alert"] == name} for name in ("both", "any")}
    assert told == {"both": {"iran"}, "any": {"iran", "match"}}
