"""The page on the query language agrees with the parser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from indexer.query import (
    MAX_DEPTH,
    MAX_QUERY_LENGTH,
    MAX_QUERY_LETTERS,
    MAX_QUERY_WORDS,
    Everything,
    parse_query,
    print_query,
)
from indexer.query.lexer import DEFAULT_NEAR, FIELDS, OPERATORS
from indexer.query.words import MAX_NEAR_DISTANCE

PAGE = (Path(__file__).parents[3] / "docs" / "query-language.md").read_text(encoding="utf-8")
_CODE = re.compile(r"`([^`]+)`")


def rows(first_heading: str) -> list[tuple[list[str], str]]:
    """The rows of every table with this heading in its first column: the code in each row, and its last cell."""
    found = []
    inside = False
    for line in PAGE.splitlines():
        if not line.startswith("|"):
            inside = False
        elif line.startswith(f"| {first_heading} |"):
            inside = True
        elif inside and not line.startswith("|---"):
            found.append((_CODE.findall(line.replace(r"\|", "|")), line.split(" | ")[-1].rstrip(" |")))
    return found


EXAMPLES = [code for codes, _ in rows("you write") for code in codes if re.search(r"\w.*\w", code)]


def test_every_name_of_a_field_is_in_the_table() -> None:
    documented = {code for codes, _ in rows("field") for code in codes}
    assert documented == {name for names in FIELDS.values() for name in names}


def test_every_spelling_of_an_operator_is_in_the_table() -> None:
    documented = {code for codes, _ in rows("operator") for code in codes}
    assert documented == {name for names in OPERATORS.values() for name in names} | {"|", "||", "-", "−", "+"}
    for spelling in documented:
        assert print_query(parse_query(f"a {spelling}b" if spelling in "-−+" else f"a {spelling} b").node) in (
            "a أو b",
            "a -b",
            "a +b",
            "+a +b",
        )


def test_every_field_is_shown_by_its_canonical_name() -> None:
    shown = {code.partition(":")[0] for codes, _ in rows("you write") for code in codes if ":" in code}
    assert {names[0] for names in FIELDS.values()} <= shown


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_understood(example: str) -> None:
    parsed = parse_query(example)
    assert not isinstance(parsed.node, Everything)
    assert not parsed.warnings


@pytest.mark.parametrize(("codes", "meaning"), [row for row in rows("you write") if len(row[0]) > 1])
def test_spellings_in_one_row_are_of_one_kind(codes: list[str], meaning: str) -> None:
    kinds = {type(parse_query(code).node) for code in codes if re.search(r"\w.*\w", code)}
    assert len(kinds) <= 1, meaning


def test_the_canonical_example_and_the_limits() -> None:
    typed, canonical = re.findall(r"`([^`]+)` is `([^`]+)`\.", PAGE)[-1]
    assert print_query(parse_query(typed).node) == canonical
    assert (
        f"{MAX_QUERY_LENGTH:,} characters, {MAX_QUERY_LETTERS:,} of them in words, {MAX_QUERY_WORDS} words, "
        f"and brackets {MAX_DEPTH} deep" in PAGE
    )
    assert f"The default is {DEFAULT_NEAR}, the maximum {MAX_NEAR_DISTANCE}." in PAGE
