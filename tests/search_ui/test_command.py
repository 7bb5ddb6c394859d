from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from indexer.analysis import analyze_word
from search_ui.command.cli import COMMANDS, cli
from tests.conftest import COMMAND, ROOT
from tests.search_ui.arshif import Arshif

LINES = [
    {
        "id": "talks",
        "title": "محادثات أستانة",
        "text": "انطلقت المُفاوَضات في أستانة.",
        "date": "2017-02-16",
        "source": "النهضة",
    },
    {"id": "match", "title": "فوز اليابان على إيران", "text": "فازت اليابان.", "date": "2019-03-01", "source": "الغد"},
    {"id": "iran", "title": "زلزال في إيران", "text": "ضرب زلزال غرب إيران.", "date": "2017-11-13", "source": "الغد"},
]


@pytest.fixture
def arshif(tmp_path: Path) -> Arshif:
    command = Arshif(tmp_path)
    command("init")
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in LINES), encoding="utf-8")
    command("add", str(path))
    return command


def test_from_an_empty_folder_to_marked_snippets(arshif: Arshif) -> None:
    printed = arshif("search", "مفاوضات")
    assert "محادثات أستانة" in printed
    assert "[المُفاوَضات]" in printed


def test_search_as_json(arshif: Arshif) -> None:
    value = arshif.json("search", "مفاوضات")
    assert value["total"] == 1
    assert value["warnings"] == []
    (hit,) = value["hits"]
    assert {"id", "title", "url", "source", "date", "score", "snippet"} <= set(hit)
    (span,) = hit["snippet"]["spans"]
    assert hit["snippet"]["text"][slice(*span)] == "المُفاوَضات"
    assert hit["date"] == "2017-02-16"


def test_search_as_json_lines_and_csv(arshif: Arshif) -> None:
    lines = [json.loads(line) for line in arshif("search", "إيران", "--format", "jsonl").splitlines()]
    rows = list(csv.DictReader(io.StringIO(arshif("search", "إيران", "--format", "csv").removeprefix("\ufeff"))))
    assert {row["id"] for row in rows} == {line["id"] for line in lines} == {"match", "iran"}


@pytest.mark.parametrize("query", [["إيران -اليابان"], ["إيران", "-اليابان"], ["--", "إيران", "-اليابان"]])
def test_a_minus_belongs_to_the_query(arshif: Arshif, query: list[str]) -> None:
    lines = arshif("search", "--format", "jsonl", *query).splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["iran"]


def test_filters_sort_and_pages(arshif: Arshif) -> None:
    def ids(*arguments: str) -> list[str]:
        return [json.loads(line)["id"] for line in arshif("search", "--format", "jsonl", *arguments).splitlines()]

    assert ids("--sort", "newest") == ["match", "iran", "talks"]
    assert ids("--sort", "oldest", "--limit", "1", "--page", "2") == ["iran"]
    assert ids("إيران", "--source", "الغد", "--before", "تشرين الثاني 2017") == ["iran"]
    assert ids("--after", "2019") == ["match"]


def test_warnings_are_printed_to_standard_error(arshif: Arshif) -> None:
    result = arshif.result("search", 'لون:أحمر "', "--format", "csv")
    assert result.exit_code == 0
    assert "not a field" in result.stderr
    assert "not a field" not in result.stdout
    warnings = arshif.json("search", "لون:أحمر")["warnings"]
    assert ["not a field" in warnings[0], "No article has all the words" in warnings[1]] == [True, True]


def test_show(arshif: Arshif) -> None:
    assert "ضرب زلزال غرب إيران." in arshif("show", "iran")
    assert arshif.json("show", "iran")["text"] == "ضرب زلزال غرب إيران."
    assert "no article with the id 'none'" in arshif.error("show", "none")


def test_what_show_prints_can_be_added_again(arshif: Arshif) -> None:
    line = arshif("show", "iran", "--format", "jsonl")
    assert "unchanged  1" in arshif("add", "-", stdin=line.encode())


def test_analyze_needs_no_archive(tmp_path: Path) -> None:
    printed = Arshif(tmp_path)("analyze", "وبالمُفاوَضاتِ")
    assert [line.split()[-1] for line in printed.splitlines()] == [
        "وبالمُفاوَضاتِ",
        "وبالمفاوضات",
        "وبالمفاوضات",
        *analyze_word("وبالمُفاوَضاتِ").lemmas,
        "مفاوضات",
        "مفاوض",
        "مفاوض",
        "فوض",
    ]
    rows = json.loads(Arshif(tmp_path)("analyze", "من", "--format", "json"))
    assert rows[-1] == {"word": "من", "step": "lemma", "result": "(stop word)"}


def test_add_sums_up_and_names_each_refusal(arshif: Arshif, tmp_path: Path) -> None:
    (tmp_path / "empty.html").touch()
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "x", "text": "جديد"}\n{broken\n', encoding="utf-8")
    result = arshif.result("add", str(bad), str(tmp_path / "empty.html"))
    assert result.exit_code == 0
    assert "added      1" in result.stdout
    assert "refused    2" in result.stdout
    assert "bad.jsonl, line 2: not valid JSON" in result.stderr
    assert "empty.html: the file is empty" in result.stderr


def test_add_of_nothing_readable_fails(arshif: Arshif) -> None:
    result = arshif.result("add", "nowhere.html")
    assert result.exit_code == 1
    assert "No such file" in result.stderr


def test_add_without_index_and_then_index(arshif: Arshif) -> None:
    arshif("add", "-", "--no-index", stdin='{"id": "x", "text": "برشلونة"}'.encode())
    answer = arshif.json("search", "برشلونة")
    assert (answer["total"], answer["pending_changes"]) == (0, 1)
    for options in ([], ["--format", "csv"], ["--all", "--format", "jsonl"]):
        told = arshif.result("search", "إيران", *options).stderr
        assert told == "arshif: 1 change is not indexed yet and not searched; run 'arshif index'\n"
    assert "1 change behind" in arshif("status")
    assert "indexed  1" in arshif("index")
    answer = arshif.json("search", "برشلونة")
    assert (answer["total"], answer["pending_changes"]) == (1, 0)
    assert arshif.result("search", "إيران").stderr == ""
    assert "up to date" in arshif("status")


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="this system gives open files no names")
@pytest.mark.parametrize("options", [[], ["--no-index"]])
def test_the_time_taken_includes_reading(arshif: Arshif, options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.pipe()
    clock, began = [100.0], threading.Event()

    def look() -> float:
        now = clock[0]
        began.set()
        return now

    monkeypatch.setattr("search_ui.command.cli.perf_counter", look)

    def write_late() -> None:
        assert began.wait(60)
        clock[0] += 7
        with os.fdopen(theirs, "wb") as stream:
            stream.write(json.dumps({"id": "n", "text": "برشلونة"}).encode())

    with os.fdopen(ours, "rb"):
        writer = threading.Thread(target=write_late)
        writer.start()
        counts = arshif.json("add", f"/dev/fd/{ours}", *options)
        writer.join()
    assert counts["added"] == 1
    assert counts["seconds"] == 7


def test_what_was_done_is_reported_if_indexing_fails(arshif: Arshif) -> None:
    arshif("export", str(arshif.directory / "all.jsonl"))
    settings = arshif.archive / "arshif.toml"
    embedded = settings.read_text(encoding="utf-8")
    settings.write_text('engine = "opensearch"\n[opensearch]\nhosts = ["http://127.0.0.1:1"]\n', encoding="utf-8")
    new = json.dumps({"id": "new", "text": "زلزال جديد في طهران"}).encode()
    for command, done in (
        (("add", "-"), "added      1"),
        (("remove", "talks"), "removed          1"),
        (("restore", "talks"), "restored     1"),
        (("import", str(arshif.directory / "all.jsonl")), "unchanged  3"),
    ):
        result = arshif.result(*command, stdin=new)
        assert result.exit_code == 1
        assert done in result.stdout
        note, error = result.stderr.splitlines()
        assert note == "note: the change is in the archive, but not in the index yet"
        assert error.startswith("arshif: the search cluster at http://127.0.0.1:1 is not available")
    settings.write_text(embedded, encoding="utf-8")
    arshif("index")
    assert arshif.json("search", "زلزال")["total"] == 2
    assert arshif.json("search", "مفاوضات")["total"] == 1


def test_status_and_reindex(arshif: Arshif) -> None:
    value = arshif.json("status")
    assert (value["articles"], value["sources"], value["first_day"]) == (3, 2, "2017-02-16")
    assert "indexed  3" in arshif("reindex")


def test_status_for_programs_has_snake_case_keys_and_numbers(arshif: Arshif) -> None:
    value = arshif.json("status")
    assert [name for name in value if not name.replace("_", "").isalpha() or not name.islower()] == []
    assert all(isinstance(value[name], int) for name in value if name.endswith("_bytes"))
    assert (value["pending_changes"], value["problem"]) == (0, None)
    assert "size of articles" in arshif("status")


def test_a_search_that_finds_nothing_says_why_and_what_to_try(arshif: Arshif) -> None:
    lines = arshif("search", "كسكسي", "--source", "الغد").splitlines()
    assert lines[1:] == [
        "No article that meets the other conditions has كسكسي.",
        "try fewer words, another word for the same thing, or no quotation marks; try without --source",
    ]


def test_the_archive_can_be_named_after_the_command_too(arshif: Arshif) -> None:
    result = CliRunner().invoke(cli, ["status", "--archive", str(arshif.directory / "archive")])
    assert result.exit_code == 0
    result = CliRunner().invoke(cli, ["status"], env={"ARSHIF_ARCHIVE": str(arshif.directory / "archive")})
    assert result.exit_code == 0


def test_an_error_that_the_user_can_fix_is_one_line(arshif: Arshif, tmp_path: Path) -> None:
    assert "already" in arshif.error("init")
    assert "'غدا' is not a date" in arshif.error("search", "x", "--after", "غدا")
    empty = Arshif(tmp_path / "elsewhere")
    assert "arshif init" in empty.error("search", "x")
    (tmp_path / "elsewhere" / "archive").mkdir(parents=True)
    assert "not an Arshif archive" in empty.error("status")


def test_an_archive_without_index_names_the_command_to_run(tmp_path: Path) -> None:
    command = Arshif(tmp_path)
    command("init")
    assert "arshif index" in command.error("search", "x")
    assert "no index yet" in command("status")


def test_wrong_usage_is_exit_code_2(arshif: Arshif) -> None:
    assert arshif.result("search", "--sort", "sideways").exit_code == 2
    assert arshif.result("nonsense").exit_code == 2
    assert arshif.result("add").exit_code == 2


def test_ten_thousand_characters(arshif: Arshif) -> None:
    assert arshif.json("search", "إيران " * 1700)["warnings"]


@pytest.mark.slow
def test_it_prints_arabic_in_every_locale(arshif: Arshif) -> None:
    arguments = ["--archive", str(arshif.directory / "archive"), "search", "زلزال"]
    done = subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONPATH": "."},
        check=True,
    )
    assert "زلزال" in done.stdout.decode("utf-8")


def test_no_line_of_a_list_of_commands_is_cut_at_80_columns() -> None:
    top = cli.make_context("arshif", [], resilient_parsing=True, terminal_width=80)
    groups = [(cli, top)]
    for name in COMMANDS:
        if isinstance(command := cli.get_command(top, name), click.Group):
            groups.append((command, click.Context(command, parent=top, info_name=name)))
    assert len(groups) > 3
    lines = [line for command, context in groups for line in command.get_help(context).splitlines()[1:]]
    assert [line for line in lines if line.endswith("...")] == []


def test_every_command_and_option_has_its_line_of_help() -> None:
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert command.help, name
        result = CliRunner().invoke(cli, [name, "--help"])
        assert result.exit_code == 0
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert getattr(parameter, "help", None), f"{name} {parameter.opts}"


NOT_FOR_SEARCH = {
    "bs4", "flask", "ir_measures", "lxml", "numpy.ma", "pytrec_eval", "scipy", "waitress", "zipfile",
    "search_ui.command.archives", "search_ui.command.evaluation", "search_ui.web",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("query", ["مفاوضات أستانة", "المفاوظات", "مفاوضات في أستانة أمس"])
def test_a_search_loads_only_what_it_needs(arshif: Arshif, query: str) -> None:
    program = (
        "import sys; from search_ui.command.cli import cli;"
        f"cli(['--archive', {str(arshif.directory)!r}, 'search', {query!r}], standalone_mode=False);"
        f"sys.exit(str(sorted({NOT_FOR_SEARCH} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, cwd=ROOT)
    assert done.stderr.decode().splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["search", "x", "--befor", "2017"], "No such option '--befor'. Did you mean '--before'?"),
        (["search", "--matchh=any", "x"], "No such option '--matchh'. Did you mean '--match'?"),
        (["suggest", "--lmit", "3", "مفا"], "No such option '--lmit'. Did you mean '--limit'?"),
        (["alert", "add", "wheat", "قمح", "--sourc", "المنارة"], "No such option '--sourc'. Did you mean '--source'?"),
    ],
    ids=["search", "with =", "suggest", "alert"],
)
def test_a_mistyped_option_is_not_part_of_the_query(arshif: Arshif, words: list[str], message: str) -> None:
    result = arshif.result(*words)
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize("word", ["-جنيف", "-geneva", "-sudan", "-news"])
def test_an_excluded_word_is_not_read_as_options(arshif: Arshif, word: str) -> None:
    page = arshif.json("search", "مفاوضات", word, "-n5")
    assert word in page["query"]
    assert len(page["hits"]) <= 5


def test_words_after_two_dashes_are_searched(arshif: Arshif) -> None:
    assert json.loads(arshif("search", "--format", "json", "--", "--befor", "-n5"))["query"] == "--befor -n5"


def test_all_pages_at_once_have_no_page_number(arshif: Arshif) -> None:
    result = arshif.result("search", "x", "--format", "csv", "--all", "--page", "3")
    assert (result.exit_code, "leave out --page" in result.output) == (2, True)
