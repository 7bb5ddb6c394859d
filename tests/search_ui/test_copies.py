"""A story that several papers printed, on the command line and on the page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import Archive
from search_ui.web.template_filters import in_stories
from tests.conftest import ROOT
from tests.search_ui.small_site import Site, address, found, texts
from tests.search_ui.test_command import Arshif

SEEDS = [str(ROOT / "seeds" / "pages"), str(ROOT / "seeds" / "wire.jsonl")]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Arshif:
    """The sample articles; no test may change them."""
    arshif = Arshif(tmp_path_factory.mktemp("seeds"))
    arshif("init")
    assert "grouped    7\n" in arshif("add", *SEEDS)
    return arshif


@pytest.fixture(scope="module")
def site(seeds: Arshif) -> Iterator[Site]:
    with Archive.open(seeds.directory / "archive") as archive:
        yield Site(archive)


def test_search_shows_a_story_once_and_names_the_papers(seeds: Arshif) -> None:
    lines = seeds("search", "نجمة الصافي").splitlines()
    assert lines[0].startswith("4 articles, 1 story (")
    assert "   in 4 papers; which was first is not known" in lines  # another paper has that day without an hour
    line = lines.index("-- nearest articles, which do not match --")
    assert not any(one.startswith("2. ") for one in lines[:line])
    assert any(one.startswith("2. ") for one in lines[line:])


def test_search_without_grouping_shows_every_copy(seeds: Arshif) -> None:
    lines = seeds("search", "نجمة الصافي", "--no-group").splitlines()
    assert lines[0].startswith("4 articles (")
    assert any(line.startswith("4. ") for line in lines)


def test_json_has_the_group_whole(seeds: Arshif) -> None:
    value = seeds.json("search", "نجمة الصافي")
    assert (value["total"], value["stories"]) == (4, 1)
    hit, *others = value["hits"]
    assert [other["matched"] for other in others] == [False] * 9
    assert hit["matched"]
    assert hit["copies"] == 3
    assert hit["group"]["name"] == "wire-001"
    assert hit["group"]["sources"] == ["وكالة أنباء الساحل", "المنارة", "النهضة", "صدى المدينة"]
    assert hit["group"]["copies"][0] == {
        "id": "wire-001",
        "title": "إنقاذ 23 بحاراً من سفينة شحن شبّ فيها حريق قبالة الزرقانية",
        "source": "وكالة أنباء الساحل",
        "date": "2018-11-14T16:20:00+03:00",
    }
    assert seeds.json("search", "سوق القماش")["hits"][0]["group"] is None


def test_show_names_the_other_papers(seeds: Arshif) -> None:
    shown = seeds("show", "wire-003")
    head, _, tail = shown.partition("Printed in 4 papers; which was first is not known; also:\n")
    assert "يُقطر" in head or "تُقطر" in head
    assert [line.rpartition(" · ")[2] for line in tail.splitlines()] == ["wire-001", "wire-002", "wire-004"]
    assert seeds.json("show", "wire-003")["group"]["copies"][0]["id"] == "wire-001"
    assert "Printed in" not in seeds("show", "wire-005")
    assert seeds.json("show", "wire-005")["group"] is None


def test_status_counts_the_groups(seeds: Arshif) -> None:
    assert "groups of near-duplicates  2 of 7 articles\n" in seeds("status")


def test_batch_ranks_every_copy_unless_grouping(seeds: Arshif, tmp_path: Path) -> None:
    queries = tmp_path / "queries.txt"
    queries.write_text("نجمة الصافي\n", encoding="utf-8")
    story = {"wire-001", "wire-002", "wire-003", "wire-004"}
    assert {line.split()[2] for line in seeds("batch", str(queries)).splitlines()[:4]} == story
    assert {line.split()[2] for line in seeds("batch", str(queries), "--no-group").splitlines()[:4]} == story
    row, *others = csv.DictReader(io.StringIO(seeds("batch", str(queries), "--group", "-f", "csv")))
    assert (row["id"] in story, row["total"]) == (True, "4")
    assert not story & {other["id"] for other in others}


def test_articles_that_were_kept_without_an_index_are_grouped_by_the_next_command(tmp_path: Path) -> None:
    arshif = Arshif(tmp_path)
    arshif("init")
    arshif("add", SEEDS[1], "--no-index")
    assert "0 of 0 articles, 34 changes behind; run 'arshif index'" in arshif("status")
    assert "grouped  4\n" in arshif("index")
    assert "1 of 4 articles\n" in arshif("status")
    lines = [json.loads(line) for line in Path(SEEDS[1]).read_text(encoding="utf-8").splitlines()]
    revised = json.dumps({**lines[1], "text": "نص آخر لا يشبه ما كان قبله في شيء"}, ensure_ascii=False).encode()
    assert "grouped    1\n" in arshif("add", "-", stdin=revised)
    assert "in 3 papers" in arshif("search", "نجمة الصافي")
    assert "grouped  0\n" in arshif("reindex")


def test_the_page_shows_a_story_once_with_links_to_the_others(site: Site) -> None:
    page = site.search("نجمة الصافي")
    assert found(page) == ["wire-002"]
    assert texts(page, "#count")[0].startswith("4 نتائج في خبر واحد عن")
    assert texts(page, ".copies summary")[0] == (
        "في 4 صحف·أبكر ساعة معروفة: وكالة أنباء الساحل، 14 تشرين الثاني/نوفمبر 2018، 16:20 (بتوقيت غرينتش+3)"
    )
    assert texts(page, ".copies li > small")[0].endswith("16:20 (بتوقيت غرينتش+3)")
    links = [str(link["href"]).partition("?")[0] for link in page.select(".copies")[0].select("a")]
    assert links == ["/article/wire-001", "/article/wire-003", "/article/wire-004", "/article/wire-002"]
    assert texts(site.page(links[1]), "h1") == ["خفر السواحل المرجاني ينقذ طاقم سفينة سهلانية اندلعت فيها النيران"]


def test_the_first_publisher_is_shown_if_it_is_the_hit_itself(site: Site) -> None:
    page = site.search("نجمة الصافي", source="وكالة أنباء الساحل")
    assert texts(page, ".copies summary")[0].startswith("في 4 صحف·أبكر ساعة معروفة: وكالة أنباء الساحل، ")
    assert len(page.select(".copies li")) == 4  # the last leads to all of them
    assert texts(page, "#count")[0].startswith("نتيجة واحدة عن")


def test_a_story_of_one_paper_has_no_such_line(site: Site) -> None:
    assert texts(site.search("سوق القماش"), ".copies") == []


def test_the_page_of_an_article_lists_the_others(site: Site) -> None:
    page = site.page("/article/wire-002")
    (section,) = [section for section in page.select("section") if section.select("#copies")]
    links = [str(link["href"]) for link in section.select("a:not(.compare-with)")]
    assert links == [f"/article/wire-00{n}" for n in (1, 3, 4)]
    assert texts(section, "li")[0].endswith("قد يكون الأول")
    like = [str(link["href"]) for link in page.select("section:not(:has(#copies)) ul a")]
    assert not {"/article/wire-001", "/article/wire-003", "/article/wire-004"} & set(like)
    assert site.page("/article/wire-005").select("#copies") == []


def test_very_many_papers_are_not_all_named_under_a_hit(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [f"<b>جريدة {number}</b>" for number in range(12)]
    lines = [
        json.dumps({"id": f"n{n}", "text": text, "source": name, "date": f"2020-01-{n + 1:02}"})
        for n, name in enumerate(names[:4])
    ]
    lines += [
        json.dumps({"id": f"n{n}", "text": text, "source": name, "date": "2020-01-02"})
        for n, name in enumerate(names[4:], 4)
    ]
    arshif = Arshif(tmp_path)
    arshif("init")
    arshif("add", "-", stdin="\n".join(lines).encode())
    with Archive.open(tmp_path / "archive") as archive:
        page = Site(archive).search("arshif", sort="oldest")
        assert found(page) == ["n0"]
        (line,) = page.select(".copies")
        assert len(line.select("a")) == 12
        assert line.select("b") == []  # names are escaped
        assert len(page.select(".hit")) == 1
        assert address(page, ".hit h2 a").startswith("/article/n0")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "في خبر واحد"),
        (2, "في خبرين"),
        (3, "في 3 أخبار"),
        (10, "في 10 أخبار"),
        (11, "في 11 خبرا"),
        (100, "في 100 خبر"),
        (101, "في 101 خبر"),
        (103, "في 103 أخبار"),
        (1250, "في 1,250 خبرا"),
    ],
)
def test_a_number_of_stories_agrees_with_its_noun(site: Site, number: int, text: str) -> None:
    with site.client.application.test_request_context():
        assert in_stories(number) == text
