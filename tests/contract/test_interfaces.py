"""Both engines through every interface: the command, the pages, the API, exports and alerts."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from corpus import Archive, make_article, near_duplicates
from search_ui.web import create_app
from tests.indexer.small_archive import ARTICLES, fill
from tests.search_ui.arshif import Arshif


@pytest.fixture(scope="module")
def arshif(new_archive: Callable[[], Archive]) -> Arshif:
    archive = new_archive()
    fill(archive)
    with archive.batch():
        for number in range(12):
            text = f"بركان رقم {number} " + " ".join(f"كلمة{7 * number + at}" for at in range(40))
            for copy in range(1 + number % 2):
                archive.add(make_article(id=f"v{number}-{copy}", title="بركان", paragraphs=[text], source=f"ج{copy}"))
    near_duplicates.group_changes(archive)
    arshif = Arshif(archive.directory.parent)
    arshif("index")
    return arshif


@pytest.fixture(scope="module")
def get(arshif: Arshif) -> Callable[..., Any]:
    client = create_app({"ARCHIVE": arshif.archive}).test_client()

    def ask(path: str, **query: object) -> Any:
        answer = client.get(path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer

    return ask


def test_search_suggest_and_show(arshif: Arshif) -> None:
    value = arshif.json("search", "بركان", "--facets", "--limit", "3")
    assert (value["total"], value["stories"], len(value["hits"])) == (18, 12, 3)
    assert "ج0" in json.dumps(value["facets"], ensure_ascii=False)
    for options, count in (((), 18), (("--no-group",), 18), (("--group",), 12)):
        lines = arshif("search", "بركان", "--all", *options, "--format", "jsonl").splitlines()
        assert sum('"id": "v' in line for line in lines) == count
    assert "المفاوضات" in arshif("suggest", "المفاو")
    assert "v" in arshif("show", "v2-0", "--similar")


def test_status_and_check(arshif: Arshif) -> None:
    status = arshif.json("status")
    assert (status["pending_changes"], status["problem"]) == (0, None)
    assert status["index_bytes"] > 0
    assert str(len(ARTICLES) + 18) in arshif("check")


def test_batch_and_evaluate(arshif: Arshif, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("evaluation")
    (place / "topics.jsonl").write_text(json.dumps({"id": "1", "text": "زلزال غرب إيران"}) + "\n", encoding="utf-8")
    (place / "qrels.txt").write_text("1 0 iran 1\n", encoding="utf-8")
    run = arshif("batch", str(place / "topics.jsonl"), "--format", "trec")
    assert run.splitlines()[0].split()[2] == "iran"
    (place / "run.txt").write_text(run, encoding="utf-8")
    searched = arshif("evaluate", str(place / "topics.jsonl"), str(place / "qrels.txt"))
    assert "1.0000" in searched
    assert "1.0000" in arshif(
        "evaluate", str(place / "topics.jsonl"), str(place / "qrels.txt"), "--run", str(place / "run.txt")
    )


def test_pages(get: Callable[..., Any]) -> None:
    page = get("/search", q="بركان").text
    assert "ج0" in page
    assert "<mark>" in page
    assert get("/search", q="بركان", page=2).text != page
    assert "بركان" in get("/article/v2-0", q="بركان").text
    assert get("/healthz/ready").text == "ready\n"
    assert "23" in get("/status").text
    assert "arshif_pending_changes 0" in get("/metrics").text


def test_compare_page(get: Callable[..., Any]) -> None:
    page = get("/compare", q=["بركان", "زلزال", "إيران"]).text
    (table,) = re.findall(r"<table.*?</table>", page, re.S)
    assert "18" in page
    assert [year in table for year in ("2016", "2017", "2018", "2019")] == [False, True, False, True]


def test_api_cursors(get: Callable[..., Any]) -> None:
    for group, count in (("true", 12), ("false", 18)):
        asked = {"q": "بركان", "limit": 5, "group": group}
        value = get("/api/v1/search", **asked).json
        ids = [hit["id"] for hit in value["hits"]]
        while value["next"]:
            value = get("/api/v1/search", **asked, cursor=value["next"]).json
            ids += [hit["id"] for hit in value["hits"]]
        assert len(set(ids)) == len(ids) == count
        assert value["total"] == 18
    assert get("/api/v1/suggest", q="المفاو").json["suggestions"]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "bib", "ris", "atom"])
def test_exports(get: Callable[..., Any], ending: str) -> None:
    for group, count in (("", 18), ("true", 12)):
        text = get(f"/search.{ending}", q="بركان", group=group).text
        if ending == "atom":
            assert text.count("<entry>") == count
        elif ending == "csv":
            assert text.count("\nv") == count
        else:
            assert sum(f"v{number}-" in text for number in range(12)) == 12


def test_alerts_report_new_articles_once(arshif: Arshif) -> None:
    assert "(18 articles match)" in arshif("alert", "add", "volcanoes", "بركان")
    assert arshif("alert", "--format", "jsonl") == ""
    new = json.dumps({"id": "new", "title": "بركان جديد", "text": "حمم"}, ensure_ascii=False)
    arshif("add", "-", stdin=io.BytesIO(new.encode()).read())
    (line,) = arshif("alert", "--format", "jsonl").splitlines()
    assert json.loads(line)["id"] == "new"
    assert arshif("alert", "--format", "jsonl") == ""
    assert arshif("remove", "new", "--reason", "a test") is not None
    arshif("index")
    assert arshif.json("search", "بركان")["total"] == 18


def test_reindex_command(arshif: Arshif) -> None:
    assert str(len(ARTICLES) + 18) in arshif("reindex")
    assert arshif.json("search", "بركان")["total"] == 18
