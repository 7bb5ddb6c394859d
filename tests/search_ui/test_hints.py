"""Hints: the library's messages have none, one table has them all, and the commands they name exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import ArticleRemoved
from indexer import IndexMissing
from search_ui.command.cli import COMMANDS
from search_ui.hints import REASONS, hints_of, with_hint
from tests.conftest import ROOT

LIBRARY = [
    path
    for package in ("corpus", "indexer")
    for path in sorted((ROOT / package).rglob("*.py"))
    if path.name != "settings.py"  # its text is the commented `arshif.toml`, for people
]


def texts(path: Path) -> Iterator[str]:
    """The string constants of a module without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.value


def test_no_message_of_the_library_names_a_command() -> None:
    names = re.compile(rf"\barshif ({'|'.join(COMMANDS)})\b|(?<![\w-])--[a-z]+")
    assert [(path.name, text) for path in LIBRARY for text in texts(path) if names.search(text)] == []


def test_errors_get_the_hint_of_their_class() -> None:
    assert with_hint(IndexMissing(Path("a"))) == "the archive has no index yet; run 'arshif index'"
    removed = with_hint(ArticleRemoved("port", datetime(2026, 11, 24, 11, 51, tzinfo=UTC), ""))
    assert removed.endswith("UTC; 'arshif restore port' brings it back")


def test_reasons_get_each_hint_once() -> None:
    reason = "it has no 'text'; its names are: content"
    assert list(hints_of([reason, reason, "the file is empty"])) == [
        "--map text=NAME says which column or field has the text"
    ]


@pytest.mark.parametrize("phrase", [phrase for phrase, _ in REASONS])
def test_every_phrase_is_in_a_message(phrase: str) -> None:
    assert any(phrase in text for path in LIBRARY for text in texts(path))


def test_every_command_that_a_hint_names_exists() -> None:
    source = (ROOT / "search_ui/hints.py").read_text(encoding="utf-8")
    assert set(re.findall(r"'arshif ([a-z]+)", source)) <= set(COMMANDS)
