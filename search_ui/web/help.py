"""The help page: `help/query-language.LANGUAGE.md`, of which the English one is also `docs/query-language.md`.

The files are written in a small part of Markdown, which this turns into blocks for the template: headings, paragraphs
and tables, with `code` in them. Code in a column of queries becomes a link to its search.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

_CODE: Final = re.compile(r"(`[^`]+`)")
_CELL_END: Final = re.compile(r"(?<!\\)\|")
_TYPED: Final = ("you write", "تكتب")
"""Headings of the columns whose code is a query."""

_NOT_QUERIES: Final = frozenset({"*", "؟", "?", "~", "~2", "=", '"…"', "«…»", "“…”"})


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line: plain, or code; code that is a query can be tried."""

    text: str
    is_code: bool = False
    is_query: bool = False


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (`level` 1 or 2, with its `anchor`), a paragraph, or a table (`rows`, the first its head)."""

    lines: tuple[Line, ...] = ()
    level: int = 0
    anchor: str = ""
    rows: tuple[tuple[Line, ...], ...] = ()


@lru_cache
def help_page(language: str) -> tuple[Block, ...]:
    """The blocks of the help in a language."""
    text = files("search_ui.web").joinpath("help", f"query-language.{language}.md").read_text(encoding="utf-8")
    return tuple(_blocks(text))


def _blocks(text: str) -> Iterator[Block]:
    for number, part in enumerate(re.split(r"\n\s*\n", text.strip())):
        if heading := re.fullmatch(r"(#+) (.+)", part):
            yield Block((_runs(heading[2]),), len(heading[1]), f"part-{number}")
        elif part.startswith("|"):
            yield Block(rows=tuple(_table(part.splitlines())))
        else:
            yield Block((_runs(" ".join(part.split())),))


def _table(lines: list[str]) -> Iterator[tuple[Line, ...]]:
    head, _, *body = ([cell.strip().replace("\\|", "|") for cell in _CELL_END.split(line)[1:-1]] for line in lines)
    yield tuple(_runs(cell) for cell in head)
    for row in body:
        yield tuple(_runs(cell, typed=head[place] in _TYPED) for place, cell in enumerate(row))


def _runs(text: str, *, typed: bool = False) -> Line:
    runs = []
    for piece in filter(None, _CODE.split(text)):
        code = piece.strip("`") if piece.startswith("`") else ""
        runs.append(Run(code, True, typed and code not in _NOT_QUERIES) if code else Run(piece))
    return tuple(runs)
