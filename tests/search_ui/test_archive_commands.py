"""Commands on whole archives: remove, restore, show --revisions, export, import, compare, check, status."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from search_ui.command import history
from tests.search_ui.arshif import Arshif

FIRST = {
    "id": "talks",
    "title": "محادثات أستانة",
    "text": "انطلقت المفاوضات أمس.\nفقرة ثانية.\nفقرة ثالثة.",
    "source": "النهضة",
}
SECOND = {**FIRST, "text": "انطلقت المفاوضات اليوم في أستانة.\nفقرة ثانية.\nفقرة ثالثة.", "date": "2017-02-16"}
OTHER = {"id": "iran", "title": "زلزال في إيران", "text": "ضرب زلزال غرب إيران."}


@pytest.fixture
def arshif(tmp_path: Path) -> Arshif:
    command = Arshif(tmp_path)
    command("init")
    for number, lines in enumerate(([FIRST, OTHER], [SECOND]), 1):
        file = tmp_path / f"day{number}.jsonl"
        file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        command("add", str(file))
    return command


def test_show_says_where_an_article_came_from(arshif: Arshif, tmp_path: Path) -> None:
    arshif("add", "-", stdin=json.dumps(OTHER).encode())
    printed = arshif("show", "iran")
    assert "revision 1, recorded 20" in printed
    assert f"from file {tmp_path / 'day1.jsonl'}, line 2, 20" in printed
    assert "from standard input, line 1, 20" in printed
    assert "revision 2 of 2" in arshif("show", "talks")


def test_show_as_json_has_all_that_is_kept(arshif: Arshif, tmp_path: Path) -> None:
    arshif("remove", "talks", "--reason", "خطأ")
    arshif("restore", "talks")
    value = arshif.json("show", "talks")
    assert [revision["number"] for revision in value["revisions"]] == [1, 2]
    (origin,) = value["revisions"][1]["origins"]
    assert (origin["kind"], origin["name"], origin["part"]) == ("file", str(tmp_path / "day2.jsonl"), "line 1")
    assert value["removals"][0]["reason"] == "خطأ"
    assert value["removals"][0]["restored_at"]


def test_revisions_say_what_changed(arshif: Arshif, tmp_path: Path) -> None:
    first, place, second, other_place = arshif("show", "talks", "--revisions").splitlines()
    assert first.startswith("1. 20")
    assert first.endswith("UTC  first")
    assert second.endswith("UTC  +3 -1 words in 1 paragraph; date (none) -> 2017-02-16")
    assert "day1.jsonl, line 1" in place
    assert "day2.jsonl, line 1" in other_place


def test_revisions_in_other_forms(arshif: Arshif) -> None:
    value = arshif.json("show", "talks", "--revisions")
    assert [one["article"]["text"] for one in value["revisions"]] == [FIRST["text"], SECOND["text"]]
    lines = [json.loads(line) for line in arshif("show", "talks", "--revisions", "-f", "jsonl").splitlines()]
    assert lines == value["revisions"]
    header, *rows = arshif("show", "talks", "--revisions", "-f", "csv").splitlines()
    assert header == "number,recorded_at,changed,page,page_type,origins"
    assert len(rows) == 2


@pytest.mark.parametrize("numbers", [[], ["1..2"]])
def test_a_difference_marks_words_and_counts_the_rest(arshif: Arshif, numbers: list[str]) -> None:
    printed = arshif("show", "talks", "--diff", *numbers)
    assert "انطلقت المفاوضات [-أمس-]{+اليوم في أستانة+}." in printed
    assert "(2 paragraphs unchanged)" in printed
    assert "date (none) -> 2017-02-16" in printed
    assert "{+أمس+}" in arshif("show", "talks", "--diff", "2..1")


def test_a_difference_in_other_forms(arshif: Arshif) -> None:
    value = arshif.json("show", "talks", "--diff", "1..2")
    assert (value["from"], value["to"]) == (1, 2)
    assert value["paragraphs"][0][1] == {"kind": "removed", "text": "أمس"}
    assert value["fields"] == [{"name": "date", "before": None, "after": "2017-02-16"}]
    assert json.loads(arshif("show", "talks", "--diff", "1..2", "-f", "jsonl")) == value
    assert "paragraph 1,removed,أمس" in arshif("show", "talks", "--diff", "1..2", "-f", "csv").splitlines()


def test_a_difference_is_coloured_on_a_terminal(arshif: Arshif, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_on_a_terminal", lambda: True)
    result = arshif.result("show", "talks", "--diff", color=True)
    assert "\x1b[31m\x1b[9mأمس\x1b[0m" in result.stdout
    assert "[-" not in result.stdout


@pytest.mark.parametrize(
    ("numbers", "told"), [("1..3", "no revision 3"), ("0..1", "no revision 0"), (None, "there is nothing to compare")]
)
def test_unknown_revisions_are_reported(arshif: Arshif, numbers: str | None, told: str) -> None:
    if numbers:
        assert told in arshif.error("show", "talks", "--diff", numbers)
    else:
        assert told in arshif.error("show", "iran", "--diff")


def test_an_invalid_range_is_wrong_usage(arshif: Arshif) -> None:
    result = arshif.result("show", "--diff", "talks")
    assert result.exit_code == 2
    assert arshif.result("show", "talks", "--diff", "1-2").exit_code == 2


def test_removing_and_restoring(arshif: Arshif) -> None:
    printed = arshif("remove", "iran", "--reason", "طلب الناشر")
    assert "removed             1" in printed
    assert "removed from index  1" in printed
    assert arshif.json("search", "إيران")["total"] == 0
    line = arshif.error("show", "iran")
    assert "was removed on 20" in line
    assert "طلب الناشر" in line
    assert "arshif restore iran" in line
    assert "removed 20" in arshif("show", "iran", "--revisions").splitlines()[-1]
    assert "already removed  1" in arshif("remove", "iran")
    assert "restored" in arshif("restore", "iran")
    assert arshif.json("search", "إيران")["total"] == 1


def test_one_wrong_id_removes_none(arshif: Arshif) -> None:
    assert "'none'" in arshif.error("remove", "iran", "none")
    assert arshif.json("status")["removed"] == 0


def test_removed_without_indexing_is_no_longer_shown(arshif: Arshif) -> None:
    arshif("remove", "iran", "--no-index")
    assert arshif.json("search", "إيران")["hits"] == []
    assert "1 change behind" in arshif("status")
    arshif("index")
    assert arshif.json("search", "إيران")["total"] == 0


def test_adding_a_removed_article_again_names_restore(arshif: Arshif) -> None:
    arshif("remove", "iran")
    result = arshif.result("add", "-", stdin=json.dumps(OTHER).encode())
    assert result.exit_code == 1
    assert "refused: standard input, line 1: the article 'iran' was removed" in result.stderr
    assert "'arshif restore ID' brings a removed article back" in result.stderr


def test_export_import_compare(arshif: Arshif, tmp_path: Path) -> None:
    arshif("remove", "iran")
    assert "pages      0" in arshif("export", "--pages", str(tmp_path / "backup"))
    other = Arshif(tmp_path / "elsewhere")
    other("init")
    assert "added      2" in other("import", str(tmp_path / "backup"))
    assert "both archives have the same contents" in arshif("compare", str(other.archive))
    assert other.json("search", "مفاوضات")["total"] == 1
    assert other.json("search", "إيران")["total"] == 0
    arshif("restore", "iran")
    result = arshif.result("compare", str(other.archive))
    assert result.exit_code == 1
    assert "iran: title not the same" in result.stdout


def test_export_to_a_file_and_to_standard_output_are_the_same_lines(arshif: Arshif, tmp_path: Path) -> None:
    arshif("export", str(tmp_path / "out.jsonl"))
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert arshif("export", "-").splitlines()[1:-1] == lines[1:-1]
    assert arshif.result("export", "--pages", "-").exit_code == 2


def test_what_cannot_be_imported_is_one_line(arshif: Arshif, tmp_path: Path) -> None:
    assert "nothing was imported" in arshif.error("import", str(tmp_path / "day1.jsonl"))
    assert "No such file" in arshif.error("import", str(tmp_path / "nowhere"))
    assert "cannot export to" in arshif.error("export", str(tmp_path / "nowhere" / "x.jsonl"))


def test_check_reports_and_repairs(arshif: Arshif) -> None:
    assert arshif.json("check") == {
        "articles": 2,
        "removed": 0,
        "revisions": 3,
        "pages": 0,
        "indexed_articles": 2,
        "repaired": 0,
        "problems": 0,
    }
    (path,) = (arshif.archive / "index").glob("*.arr")
    path.write_bytes(path.read_bytes()[:-1])
    connection = sqlite3.connect(arshif.archive / "articles.db")
    connection.execute("DELETE FROM changes WHERE number = 2")
    connection.commit()
    result = arshif.result("check")
    assert result.exit_code == 1
    assert "problem: the change log has" in result.stderr
    assert "problem: the index at" in result.stderr
    result = arshif.result("check", "--repair")
    assert result.exit_code == 0
    assert "repaired: rebuilt the change log" in result.stderr
    assert "repaired: rebuilt the index" in result.stderr
    assert arshif.json("check")["problems"] == 0
    connection.execute("UPDATE revisions SET text = 'x' WHERE number = 2")
    connection.commit()
    connection.close()
    result = arshif.result("check", "--repair")
    assert result.exit_code == 1
    assert "problem: talks: revision 2 is damaged" in result.stderr


def test_check_notes_an_index_that_is_behind(arshif: Arshif) -> None:
    arshif("add", "-", "--no-index", stdin=b'{"id": "x", "text": "t"}')
    result = arshif.result("check")
    assert result.exit_code == 0
    assert "note: the index is 1 change behind" in result.stderr


def test_status_at_a_glance(arshif: Arshif) -> None:
    arshif("remove", "iran")
    value = arshif.json("status")
    assert (value["articles"], value["removed"], value["revisions"]) == (1, 1, 3)
    assert (value["added_last_day"], value["added_last_week"]) == (2, 2)
    assert value["last_added"].endswith("+00:00")
    assert (value["pending_changes"], value["problem"]) == (0, None)


def test_a_plain_export_of_an_archive_with_pages_is_whole_when_imported(arshif: Arshif, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    text = "أعلنت إدارة الميناء استئناف الملاحة ظهر اليوم بعد توقف دام أسبوعا بسبب الرياح. " * 5
    page.write_text(
        f"<html><head><title>ميناء</title></head><body><article><h1>ميناء</h1><p>{text}</p></article></body></html>",
        encoding="utf-8",
    )
    arshif("add", str(page))
    arshif("export", str(tmp_path / "out.jsonl"))
    other = Arshif(tmp_path / "elsewhere")
    other("init")
    assert "pages that are not in the export: 1;" in other.result("import", str(tmp_path / "out.jsonl")).stderr
    result = other.result("check")
    assert result.exit_code == 0
    assert result.stderr == "note: pages that were not imported with their articles: 1\n"
    # Nor are they lost for an export of that archive.
    result = other.result("export", "--pages", str(tmp_path / "again"))
    assert (result.exit_code, result.stderr) == (0, "")
    # They may be imported later; pages lost after that are reported as lost.
    arshif("export", "--pages", str(tmp_path / "backup"))
    other("import", str(tmp_path / "backup"))
    assert other.result("check").stderr == ""
    for kept in (other.archive / "pages").rglob("*.gz"):
        kept.unlink()
    assert "is missing" in other.result("check").stderr


def damage(arshif: Arshif, statement: str) -> None:
    connection = sqlite3.connect(arshif.archive / "articles.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_damaged_row_is_named_and_stops_nothing_else(arshif: Arshif, tmp_path: Path) -> None:
    damage(arshif, "UPDATE articles SET first_seen = '2O26' WHERE id = 'talks'")
    for target in (str(tmp_path / "out.jsonl"), "-"):
        result = arshif.result("export", target)
        assert result.exit_code == 1
        assert result.stderr == "damaged: talks: its row in articles is damaged: the article was left out\n"
    assert '"id": "iran"' in (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    damage(arshif, "UPDATE revisions SET recorded_at = '2O26' WHERE number = 2")
    assert "talks: the current revision is damaged in articles.db" in arshif.result("show", "talks").stderr
    assert arshif.json("show", "iran")["id"] == "iran"
    assert [hit["id"] for hit in arshif.json("search", "إيران")["hits"]] == ["iran"]
    assert arshif.json("search", "مفاوضات")["hits"] == []
    damage(arshif, "UPDATE origins SET last_seen = 'x' WHERE article = 2")
    assert arshif.json("show", "iran")["revisions"][0]["origins"] == []
    result = arshif.result("check")
    assert result.exit_code == 1
    assert sorted(result.stderr.splitlines()) == [
        "arshif: 'arshif check --repair' rebuilds what can be rebuilt from the articles",
        "problem: iran: where revision 1 came from is damaged",
        "problem: talks: its row in articles is damaged",
        "problem: talks: revision 2 is damaged",
    ]


def test_two_newspapers_of_one_id(arshif: Arshif) -> None:
    other = {"id": "talks", "text": "نص عكاظ عن السوق", "source": "عكاظ"}
    result = arshif.result("add", "-", stdin=json.dumps(other).encode())
    assert result.exit_code == 0
    assert (
        "warning: standard input, line 1: the id 'talks' belongs to another source's article: kept as 'talks@عكاظ'"
        in (result.stderr.splitlines())
    )
    shown = arshif.result("show", "talks")
    assert "النهضة" in shown.stdout
    assert shown.stderr == "note: articles of other sources have the same id: talks@عكاظ\n"
    assert arshif.json("show", "talks@عكاظ")["title"] in (None, "")
    assert [hit["id"] for hit in arshif.json("search", "السوق")["hits"]] == ["talks@عكاظ"]
    assert arshif.json("check")["problems"] == 0
