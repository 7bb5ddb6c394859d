"""Sources are shown by their names in `arshif.toml`, and found by both names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import Archive, make_article, near_duplicates
from indexer import update_index
from tests.search_ui.arshif import Arshif
from tests.search_ui.small_site import Site, found, texts

STORY = (
    "وصلت القافلة الطبية إلى الميناء صباح اليوم بعد رحلة دامت ثلاثة أيام في البحر وقالت اللجنة المنظمة إنها ستعود غدا"
)
NAMES = """
[sources.okaz]
name = "عكاظ"

[sources."okaz-online"]
name = "عكاظ"

[sources.ufuq]
name = "الأفق الجديد"
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    place = tmp_path / "archive"
    with Archive.create(place) as archive:
        day = datetime(2020, 3, 1, tzinfo=UTC)
        for source in ("okaz", "okaz-online", "ufuq", "النهضة"):
            archive.add(
                make_article(id=source, title=f"قافلة {source}", paragraphs=[STORY], source=source, published=day)
            )
        near_duplicates.group_changes(archive)
        update_index(archive)
    settings = place / "arshif.toml"
    # No article is written again, and nothing is indexed again.
    settings.write_text(settings.read_text(encoding="utf-8") + NAMES, encoding="utf-8")
    return place


@pytest.fixture
def site(directory: Path) -> Iterator[Site]:
    with Archive.open(directory) as archive:
        yield Site(archive)


QUERIES = [
    ("مصدر:عكاظ", {"okaz", "okaz-online"}),
    ("source:عكاظ", {"okaz", "okaz-online"}),
    ("source:okaz", {"okaz", "okaz-online"}),
    ('source:"okaz online"', {"okaz-online"}),
    ("مصدر:الجديد", {"ufuq"}),
    ('مصدر:"الأفق الجديد" القافلة', {"ufuq"}),
    ("القافلة -مصدر:عكاظ", {"ufuq", "النهضة"}),
    ("مصدر:النهضة", {"النهضة"}),
]


@pytest.mark.parametrize(("query", "ids"), QUERIES)
def test_queries_may_name_a_source_either_way(site: Site, query: str, ids: set[str]) -> None:
    assert set(found(site.search(query, group="false"))) == ids


@pytest.mark.parametrize(
    ("source", "ids"),
    [("عكاظ", {"okaz", "okaz-online"}), ("okaz", {"okaz"}), ("الافق الجديد", {"ufuq"}), ("النهضة", {"النهضة"})],
)
def test_filters_may_name_a_source_either_way(site: Site, source: str, ids: set[str]) -> None:
    assert set(found(site.search("القافلة", source=source, group="false"))) == ids
    answer = site.answer("/api/v1/search", q="القافلة", source=source, group="false").json
    assert {hit["id"] for hit in answer["hits"]} == ids


def test_pages_of_a_shown_name_follow_each_other(site: Site) -> None:
    asked = {"q": "القافلة", "source": "عكاظ", "group": "false", "limit": 1}
    first = site.answer("/api/v1/search", **asked).json
    second = site.answer("/api/v1/search", **asked, cursor=first["next"]).json
    assert {hit["id"] for page in (first, second) for hit in page["hits"]} == {"okaz", "okaz-online"}
    assert second["next"] is None


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("القافلة مصدر:عك", ["القافلة مصدر:عكاظ"]),
        ("source:الاف", ['source:"الأفق الجديد"']),
        ('-المصدر:"الأفق الج', ['-المصدر:"الأفق الجديد"']),
    ],
)
def test_shown_names_are_completed(site: Site, typed: str, completed: list[str]) -> None:
    answer = site.answer("/api/v1/suggest", q=typed).json
    assert [suggestion["text"] for suggestion in answer["suggestions"]] == completed


def test_pages_show_the_names(site: Site) -> None:
    page = site.search("القافلة", group="false")
    assert sorted(texts(page, ".hit .about bdi")) == ["الأفق الجديد", "النهضة", "عكاظ", "عكاظ"]
    # The values of a filter stay apart, and are the stored names.
    boxes = {str(box["value"]): " ".join(box.parent.bdi.get_text().split()) for box in page.select("[name=source]")}
    assert boxes == {"okaz": "عكاظ", "okaz-online": "عكاظ", "ufuq": "الأفق الجديد", "النهضة": "النهضة"}
    for language in ("ar", "en"):
        article = site.page("/article/okaz", lang=language)
        assert "عكاظ" in article.select_one(".about").get_text()
        assert "okaz" not in article.select_one("#copies").get_text().replace("قافلة okaz-online", "")
    grouped = site.search("القافلة", source="ufuq")
    assert texts(grouped, ".chips bdi") == ["الأفق الجديد"]
    compared = site.page("/compare", q=["القافلة", "الميناء"], source="ufuq")
    assert "الأفق الجديد" in compared.get_text()


def test_the_api_has_both_names(site: Site) -> None:
    hits = site.answer("/api/v1/search", q="القافلة", group="false", facets="true").json
    named = {hit["id"]: (hit["source"], hit.get("source_name")) for hit in hits["hits"]}
    assert named["okaz"] == ("okaz", "عكاظ")
    assert named["النهضة"] == ("النهضة", None)
    values = next(facet["values"] for facet in hits["facets"] if facet["name"] == "source")
    assert {value["value"]: value.get("source_name") for value in values}["ufuq"] == "الأفق الجديد"
    article = site.answer("/api/v1/article", id="okaz").json
    assert (article["source"], article["source_name"]) == ("okaz", "عكاظ")
    assert "عكاظ" in article["citation"]["bibtex"]
    assert {copy["source"]: copy.get("source_name") for copy in article["group"]["copies"]}["ufuq"] == "الأفق الجديد"


def test_citations_and_feeds_have_the_shown_name(site: Site) -> None:
    assert "عكاظ" in site.answer("/article/okaz.bib").text
    assert "T2  - عكاظ" in site.answer("/article/okaz.ris").text
    assert "<name>الأفق الجديد</name>" in site.answer("/search.atom", q="القافلة", source="ufuq").text
    assert "الأفق الجديد" in site.answer("/search.bib", q="القافلة", source="ufuq").text
    line = site.answer("/search.jsonl", q="القافلة", source="ufuq").text.splitlines()[-1]
    assert (json.loads(line)["source"], json.loads(line)["source_name"]) == ("ufuq", "الأفق الجديد")


def test_the_command_shows_the_names(directory: Path, tmp_path: Path) -> None:
    arshif = Arshif(tmp_path)
    assert "عكاظ · " in arshif("search", "مصدر:عكاظ", "--no-group")
    assert "عكاظ · 2020-03-01" in arshif("show", "okaz")
    assert "articles by source: " in arshif("status")
    assert "الأفق الجديد 1" in arshif("status")
    shown = json.loads(arshif("show", "okaz", "--format", "json"))
    assert (shown["source"], shown["source_name"]) == ("okaz", "عكاظ")
