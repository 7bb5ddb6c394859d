"""Adding files of every format with the command, and finding an article by its address in every spelling."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from corpus import Archive, make_article
from indexer import SearchRequest, Sort, update_index
from indexer.embedded.searcher import EmbeddedSearcher
from tests.corpus.readers.made_files import PAGE, Warc, gzipped, lines, tarred, zipped
from tests.search_ui.small_site import Site, found, texts
from tests.search_ui.test_command import Arshif

CSV = "id,content,when\na,ضرب زلزال غرب البلاد,2017-02-16\n".encode()


@pytest.fixture
def arshif(tmp_path: Path) -> Arshif:
    command = Arshif(tmp_path)
    command("init")
    return command


FORMS: list[tuple[str, bytes, int]] = [
    ("n.jsonl", lines("a", "b"), 2),
    ("n.json", b"[" + lines("a") + b"," + lines("b") + b"]", 2),
    ("n.csv", b"id,text\na,x\nb,y\n", 2),
    ("n.tsv", b"id\ttext\na\tx\nb\ty\n", 2),
    ("n.zip", zipped({"a.jsonl": lines("a"), "b.csv": b"id,text\nb,y\n"}), 2),
    ("n.tar.gz", tarred({"a.jsonl": lines("a"), "p.html": PAGE}, "w:gz"), 2),
    ("n.warc.gz", Warc().response().data, 1),
    ("n.wacz", zipped({"datapackage.json": b"{}", "archive/d.warc.gz": Warc().response().data}), 1),
    ("n.html.gz", gzipped(PAGE), 1),
]


@pytest.mark.parametrize(("name", "data", "count"), FORMS, ids=[row[0] for row in FORMS])
def test_every_form_from_a_file_a_directory_and_standard_input(
    arshif: Arshif, tmp_path: Path, name: str, data: bytes, count: int
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(data)
    assert arshif.json("add", str(tmp_path / "in" / name))["added"] == count
    assert arshif.json("add", str(tmp_path / "in"))["unchanged"] == count
    assert json.loads(arshif("add", "-", "--format", "json", stdin=data))["unchanged"] == count


def test_foreign_names_on_the_command_line(arshif: Arshif, tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_bytes(CSV)
    told = arshif.result("add", str(path))
    assert told.exit_code == 1
    assert "no column 'text', but: id, content, when" in told.stderr
    arshif("add", str(path), "--map", "text=content,date=when")
    assert arshif.json("search", "زلزال", "--after", "2017-02")["total"] == 1
    assert "unchanged  1" in arshif("add", "-", "-m", "text=content", "-m", "date=when", stdin=CSV)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("text", "not of the form OURS=THEIRS"),
        ("txt=content", "no field 'txt'; known: id, url"),
        ("text=", "text must be"),
    ],
)
def test_an_invalid_map_is_wrong_usage(arshif: Arshif, given: str, told: str) -> None:
    result = arshif.result("add", "-", "--map", given)
    assert result.exit_code == 2
    assert told in result.stderr


def test_rules_of_the_settings_reach_the_command(arshif: Arshif, tmp_path: Path) -> None:
    settings = tmp_path / "archive" / "arshif.toml"
    settings.write_text('[sources."الجريدة"]\nfiles = ["n*.csv"]\nmap = {text = "content"}\n', encoding="utf-8")
    (tmp_path / "n-2017.csv").write_bytes(CSV)
    arshif("add", str(tmp_path / "n-2017.csv"))
    assert arshif.json("show", "a")["source"] == "الجريدة"
    settings.write_text('[sources."الجريدة"]\nbody = "div["\n', encoding="utf-8")
    assert 'sources."الجريدة".body' in arshif.error("status")


def test_what_a_web_archive_ignores_is_reported_in_one_line(arshif: Arshif, tmp_path: Path) -> None:
    warc = Warc().response(status="404 Not Found").response(b"x", Content_Type="image/png").response().data
    (tmp_path / "n.warc.gz").write_bytes(warc + gzip.compress(b"noise"))
    told = arshif.result("add", str(tmp_path / "n.warc.gz")).stderr
    assert "ignored: 1 status 404, 1 image" in told
    assert f"refused: {tmp_path / 'n.warc.gz'}: " in told


ADDRESS = "https://موقع.example/خبر/عاجل?id=7"
SPELLINGS = [
    ADDRESS,
    "https://xn--4gbrim.example/%D8%AE%D8%A8%D8%B1/%d8%b9%D8%A7%D8%AC%D9%84?id=7",
    "HTTPS://موقع.example:443/خبر/عاجل?id=7&utm_source=share&fbclid=x#comments",
]


@pytest.fixture
def addressed(arshif: Arshif) -> Arshif:
    line = {"id": "wire-7", "url": ADDRESS, "title": "زلزال", "text": "ضرب زلزال غرب البلاد."}
    arshif("add", "-", stdin=json.dumps(line).encode() + b"\n" + lines("b"))
    return arshif


@pytest.mark.parametrize("spelling", SPELLINGS, ids=["raw", "encoded", "with tracking"])
def test_an_article_is_shown_and_found_by_its_address_in_every_spelling(addressed: Arshif, spelling: str) -> None:
    assert addressed.json("show", spelling)["id"] == "wire-7"
    page = addressed.json("search", spelling)
    assert [hit["id"] for hit in page["hits"]] == ["wire-7"]
    assert (page["total"], page["warnings"], page["suggestion"]) == (1, [], None)
    with Archive.open(addressed.directory / "archive") as archive:
        site = Site(archive)
        assert found(site.search(spelling)) == ["wire-7"]
        assert texts(site.page("/article", id=spelling), "h1") == ["زلزال"]
        assert site.answer("/article", query_string=None, id="https://no.example/").status_code == 404


def test_an_unknown_address_is_reported_or_searched_as_words(addressed: Arshif) -> None:
    assert "no article with the address 'https://no.example/x'" in addressed.error("show", "https://no.example/x")
    assert addressed.json("search", "https://no.example/x")["total"] == 0
    assert addressed.json("search", f"{ADDRESS} زلزال")["query"].endswith("زلزال")


def test_an_address_given_to_several_articles_lists_them_in_one_order(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        for number in range(15):
            archive.add(make_article(id=str(number), url=ADDRESS, paragraphs=[f"نص {number}"]))
        update_index(archive)
        searcher = EmbeddedSearcher(archive)
        request = SearchRequest(ADDRESS, sort=Sort.OLDEST, page=2)
        page = searcher.search(request)
        assert (page.total, len(page.hits)) == (15, 5)
        ranked = [article_id for article_id, _ in searcher.rank(request, 100).articles]
        assert [hit.id for hit in page.hits] == ranked[10:]
