"""Exports of a search and of an article: complete, safe to open, the same from the command and from the page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

import pytest

from corpus import Archive, make_article
from indexer import update_index
from search_ui.export import EXPORTS, ArchiveCopy, citation
from tests.search_ui.small_site import Site
from tests.search_ui.test_command import Arshif

MANY = 230  # more than are in memory at once
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def arshif(tmp_path_factory: pytest.TempPathFactory) -> Arshif:
    """Many articles; no test may change them."""
    arshif = Arshif(tmp_path_factory.mktemp("exports"))
    arshif("init")
    with Archive.open(arshif.directory / "archive") as archive:
        with archive.batch():
            for number in range(MANY):
                archive.add(
                    make_article(
                        id=f"a{number}",
                        title=f"خبر {number}",
                        paragraphs=[f"زلزال رقم {number}", "فقرة ثانية"],
                        source="الغد",
                        published=datetime(2017, 1, 1 + number % 28, tzinfo=UTC),
                    )
                )
        update_index(archive)
    return arshif


@pytest.fixture(scope="module")
def site(arshif: Arshif) -> Iterator[Site]:
    with Archive.open(arshif.directory / "archive") as archive:
        yield Site(archive)


def printed(arshif: Arshif, *arguments: str) -> str:
    """The command's output, with its line ends."""
    return arshif.result(*arguments).stdout_bytes.decode()


def ids_in(form: str, text: str) -> list[str]:
    match form:
        case "csv":
            return [row["id"] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))]
        case "jsonl":
            return [value["id"] for line in text.splitlines() if "search" not in (value := json.loads(line))]
        case "bibtex":
            return [line[len("@article{arshif-") : -1] for line in text.splitlines() if line.startswith("@article")]
        case "ris":
            return [line[6:] for line in text.split("\r\n") if line.startswith("ID")]
    entries = ElementTree.fromstring(text).iter(f"{ATOM}entry")
    return ["a" + str(entry.find(f"{ATOM}title").text).removeprefix("خبر ") for entry in entries]  # type: ignore[union-attr]


@pytest.mark.parametrize("form", [name for name in EXPORTS if name != "atom"])
def test_the_page_and_the_command_write_every_hit_in_the_order_of_the_search(
    site: Site, arshif: Arshif, form: str
) -> None:
    answer = site.answer(f"/search.{EXPORTS[form].ending}", q="زلزال", sort="oldest")
    assert answer.status_code == 200
    written = ids_in(form, answer.data.decode())
    assert len(set(written)) == len(written) == MANY
    assert written == ids_in(form, printed(arshif, "search", "زلزال", "--sort", "oldest", "--format", form, "--all"))
    shown = [hit["id"] for hit in arshif.json("search", "زلزال", "--sort", "oldest", "-n", "100")["hits"]]
    assert written[:100] == shown
    assert answer.headers["Arshif-Total"] == str(MANY)
    assert unquote(answer.headers["Arshif-Query"]) == "زلزال"
    assert {"Arshif-Index", "Arshif-Made-At", "Arshif-Program"} <= set(answer.headers.keys())


def test_the_pages_of_a_feed_list_every_hit(site: Site, arshif: Arshif) -> None:
    ids: list[str] = []
    where: str | None = "/search.atom?q=" + quote("زلزال")
    while where:
        text = site.answer(where).data.decode()
        ids += ids_in("atom", text)
        links = {link.get("rel"): link.get("href") for link in ElementTree.fromstring(text).iter(f"{ATOM}link")}
        where = "{0.path}?{0.query}".format(urlsplit(links["next"])) if links.get("next") else None
    assert ids == ids_in("atom", arshif("search", "زلزال", "--sort", "newest", "--format", "atom", "--all"))
    assert len(set(ids)) == MANY


def test_an_unchanged_feed_is_not_sent_again(site: Site) -> None:
    first = site.answer("/search.atom", q="زلزال")
    again = site.client.get("/search.atom?q=زلزال", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_json_lines_begin_with_the_search_and_hold_the_texts_whole(site: Site) -> None:
    first, second, *_ = (
        site.answer("/search.jsonl", q="زلزال", source="الغد", after="2017-01-02").data.decode().splitlines()
    )
    about = json.loads(first)["search"]
    assert (about["query"], about["source"], about["after"]) == ("زلزال", ["الغد"], "2017-01-02")
    assert about["total"] == sum(1 for number in range(MANY) if number % 28)
    assert json.loads(second)["text"].endswith("فقرة ثانية")


def test_an_invalid_parameter_gives_no_file(site: Site) -> None:
    answer = site.answer("/search.csv", q="زلزال", after="غدا")
    assert answer.status_code == 400
    assert "غدا" in answer.text
    assert site.answer("/search.exe", q="زلزال").status_code == 404


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\u200f=cmd|' /C calc'!A0", " =1", "＝1", "\u2067-2+3"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_spreadsheet_runs_no_formula(text: str, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add(make_article(id=text, title=text, paragraphs=[text], source=text, authors=[text], section=text))
        update_index(archive)
        (row,) = csv.DictReader(io.StringIO(Site(archive).answer("/search.csv").data.decode("utf-8-sig")))
    of_text = ("id", "title", "source", "section", "author", "snippet", "text")
    assert all(row[name].startswith("'") for name in of_text)
    assert all(cell[:1] not in ("=", "+", "-", "@") for cell in row.values())


HOSTILE = "}} \\input{x} % & $ # _ ^ ~ </title><script>&amp; \u202e"


def test_hostile_text_breaks_no_form(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive", name=HOSTILE) as archive:
        archive.add(
            make_article(
                id=HOSTILE,
                title=HOSTILE,
                paragraphs=[HOSTILE],
                authors=[HOSTILE],
                url=f"https://x.example/}}{{\\{HOSTILE}",
            )
        )
        update_index(archive)
        site = Site(archive)
        feed = ElementTree.fromstring(site.answer("/search.atom", q=HOSTILE).data)
        description = ElementTree.fromstring(site.answer("/opensearch.xml").data)
        bib = site.answer("/search.bib").data.decode()
        ris = site.answer("/search.ris").data.decode()
        lines = site.answer("/search.jsonl").data.decode().splitlines()
        named = site.answer(f"/article.bib?id={quote(HOSTILE)}")
    assert feed.find(f"{ATOM}title").text.endswith(HOSTILE)  # type: ignore[union-attr]
    assert len(description) == 9
    plain = bib.replace(r"\\", "").replace(r"\{", "").replace(r"\}", "")
    assert plain.count("{") == plain.count("}")
    assert "\\input" not in bib.split("\n", 1)[1]  # the first line is a comment
    assert [line[:6] for line in ris.split("\r\n") if line] == [
        f"{tag}  - " for tag in ("TY", "AU", "TI", "LA", "UR", "Y2", "DB", "AN", "AV", "N1", "ID", "ER")
    ]
    assert json.loads(lines[1])["title"] == " ".join(HOSTILE.split())
    assert "\n" not in named.headers["Content-Disposition"]


def test_a_citation_says_who_what_where_and_when(site: Site, arshif: Arshif) -> None:
    article = make_article(
        id="x1",
        title="محادثات أستانة",
        paragraphs=["نص"],
        authors=["سمير الخطيب", "هدى سليم"],
        source="النهضة",
        published=datetime(2017, 2, 16, tzinfo=UTC),
        url="https://nahda.example/أخبار/1",
        retrieved_at=datetime(2024, 5, 1, tzinfo=UTC),
    )
    address = "https://nahda.example/" + quote("أخبار") + "/1"
    kept = ArchiveCopy("أرشيف المدينة", "https://archive.example/article/x1?revision=2", 2)
    assert citation.plain(article, kept) == (
        "سمير الخطيب، هدى سليم. «محادثات أستانة». النهضة، 16 شباط/فبراير 2017. https://nahda.example/أخبار/1. "
        "محفوظ في أرشيف المدينة منذ 1 أيار/مايو 2024، الإصدار 2، https://archive.example/article/x1?revision=2."
    )
    assert citation.bibtex(article).splitlines() == [
        "@article{arshif-x1,",
        "  author = {{سمير الخطيب} and {هدى سليم}},",
        "  title = {{محادثات أستانة}},",
        "  journal = {النهضة},",
        "  date = {2017-02-16},",
        "  year = {2017},",
        f"  url = {{{address}}},",
        "  urldate = {2024-05-01},",
        "  langid = {arabic},",
        "}",
    ]
    assert citation.ris(article).split("\r\n")[:5] == [
        "TY  - NEWS",
        "AU  - سمير الخطيب",
        "AU  - هدى سليم",
        "TI  - محادثات أستانة",
        "T2  - النهضة",
    ]
    for ending, form in (("bib", "bibtex"), ("ris", "ris")):
        served = site.answer(f"/article/a7.{ending}")
        here = served.data.decode().splitlines()
        # The command does not know the archive's own address.
        there = [line for line in here if not line.startswith(("AV  -", "  archiveurl"))]
        own = ", http://localhost/article/a7"
        assert own in served.text
        assert [line.replace(own, "") for line in there] == printed(arshif, "show", "a7", "--format", form).splitlines()
        assert f"a7.{ending}" in served.headers["Content-Disposition"]
    assert site.answer("/article/none.bib").status_code == 404


def test_two_ids_are_never_cited_by_one_key() -> None:
    keys = {
        citation.bibtex(make_article(id=name, paragraphs=["x"])).split(",")[0]
        for name in ("a b", "a_b", "a-b", "a_20_b", "أ", "ا")
    }
    assert len(keys) == 6


def test_pages_link_to_the_opensearch_description(site: Site) -> None:
    (link,) = site.page("/").select('link[rel="search"]')
    answer = site.answer(str(link["href"]))
    assert answer.mimetype == "application/opensearchdescription+xml"
    root = ElementTree.fromstring(answer.data)
    templates = [element.get("template") for element in root if element.tag.endswith("Url")]
    assert templates == ["http://localhost/search?q={searchTerms}", "http://localhost/search.atom?q={searchTerms}"]
