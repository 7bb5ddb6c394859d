"""Saved searches: new hits are reported once, completely, and by exactly the same search."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from search_ui.command import searches
from tests.search_ui.test_command import Arshif


@pytest.fixture
def arshif(tmp_path: Path) -> Arshif:
    arshif = Arshif(tmp_path)
    arshif("init")
    add(arshif, {"id": "old", "title": "زلزال قديم", "text": "نص", "source": "الغد", "date": "2017-01-01"})
    return arshif


def add(arshif: Arshif, *articles: dict[str, str]) -> None:
    arshif("add", "-", stdin="\n".join(map(json.dumps, articles)).encode())


def alerts(arshif: Arshif, *arguments: str) -> list[tuple[str, str, str]]:
    lines = arshif("alert", "--format", "jsonl", *arguments).splitlines()
    return [(value["alert"], value["change"], value["id"]) for value in map(json.loads, lines)]


def test_only_what_was_added_since_is_reported_and_only_once(arshif: Arshif) -> None:
    assert "(1 article matches)" in arshif("alert", "add", "quakes", "زلزال")
    assert alerts(arshif) == []
    add(
        arshif, {"id": "new", "title": "الزلزال الجديد", "text": "نص"}, {"id": "other", "title": "مباراة", "text": "نص"}
    )
    assert alerts(arshif) == [("quakes", "added", "new")]
    assert alerts(arshif) == []


def test_a_revision_is_reported_as_one_and_a_new_article_revised_as_new(arshif: Arshif) -> None:
    arshif("alert", "add", "quakes", "زلزال")
    add(arshif, {"id": "old", "title": "زلزال قديم", "text": "نص آخر"}, {"id": "new", "title": "زلزال", "text": "نص"})
    add(arshif, {"id": "new", "title": "زلزال", "text": "نص ثان"})
    assert set(alerts(arshif)) == {("quakes", "revised", "old"), ("quakes", "added", "new")}


def test_an_alert_keeps_to_its_filters(arshif: Arshif) -> None:
    arshif("alert", "add", "one", "زلزال", "--source", "الغد", "--after", "2018", "--before", "2019-06")
    arshif("alert", "add", "all", "--from-start")
    fitting = {"title": "زلزال", "text": "نص", "source": "الغد", "date": "2019-06-30"}
    add(
        arshif,
        {**fitting, "id": "fits"},
        {**fitting, "id": "elsewhere", "source": "النهضة"},
        {**fitting, "id": "early", "date": "2017-05-05"},
        {**fitting, "id": "late", "date": "2019-07-01"},
    )
    assert alerts(arshif, "--only", "one") == [("one", "added", "fits")]
    assert {article for _, _, article in alerts(arshif)} == {"old", "fits", "elsewhere", "early", "late"}


def test_a_new_copy_of_a_known_story_is_reported(arshif: Arshif) -> None:
    story = " ".join(f"كلمة{number}" for number in range(80)) + " زلزال"
    add(arshif, {"id": "first", "title": "خبر", "text": story, "date": "2020-01-01"})
    arshif("alert", "add", "quakes", "زلزال")
    add(arshif, {"id": "copy", "title": "خبر", "text": story, "date": "2020-01-02"})
    assert alerts(arshif) == [("quakes", "added", "copy")]


def test_articles_are_reported_once_they_are_indexed(arshif: Arshif) -> None:
    arshif("alert", "add", "quakes", "زلزال")
    arshif("add", "--no-index", "-", stdin=json.dumps({"id": "new", "title": "زلزال", "text": "نص"}).encode())
    assert alerts(arshif) == []
    arshif("index")
    assert alerts(arshif) == [("quakes", "added", "new")]


def test_what_was_interrupted_is_reported_again(arshif: Arshif, monkeypatch: pytest.MonkeyPatch) -> None:
    arshif("alert", "add", "quakes", "زلزال")
    add(arshif, *({"id": f"n{number}", "title": f"زلزال {number}", "text": f"نص {number}"} for number in range(3)))

    def cut(values: Iterable[object]) -> None:
        next(iter(values))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(searches, "print_json_lines", cut)
        assert arshif.result("alert", "--format", "jsonl").exit_code == 130
    assert {article for _, _, article in alerts(arshif)} == {"n0", "n1", "n2"}


def test_an_alert_is_a_feed(arshif: Arshif) -> None:
    arshif("alert", "add", "quakes", "زلزال", "--from-start")
    feed = ElementTree.fromstring(arshif("alert", "--only", "quakes", "--format", "atom"))
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1
    assert arshif.result("alert", "--format", "atom").exit_code == 2


def test_people_read_names_and_titles(arshif: Arshif) -> None:
    arshif("alert", "add", "quakes", "زلزال", "--from-start")
    lines = arshif("alert").splitlines()
    assert lines[0].startswith("quakes: ")
    assert lines[1].split() == ["added", "زلزال", "قديم", "·", "الغد", "·", "2017-01-01", "·", "old"]
    assert arshif("alert").splitlines()[1] == "  nothing new"


def test_saved_searches_are_named_and_removed(arshif: Arshif) -> None:
    arshif("alert", "add", "quakes", "زلزال")
    assert "already" in arshif.error("alert", "add", "quakes", "هزة")
    arshif("alert", "add", "new", "--source", "الغد")
    assert arshif("alert", "list") == "new     arshif alert  every article; source: الغد\nquakes  arshif alert  زلزال\n"
    assert [one["name"] for one in json.loads(arshif("alert", "list", "--format", "json"))] == ["new", "quakes"]
    arshif("alert", "remove", "new")
    arshif("alert", "remove", "quakes")
    assert "no saved search" in arshif.error("alert", "remove", "quakes")
    assert "no saved search" in arshif.error("alert", "--only", "quakes")
    assert arshif("alert") == ""
