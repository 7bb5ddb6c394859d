"""The help page: reads `help/query-language.LANGUAGE.md` into blocks for its template.

The files use a small part of Markdown: headings, paragraphs, tables, and `code`. Code in a column of queries becomes a
link to its search. The English file is also `docs/query-language.md`.
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
_QUERY_COLUMNS: Final = ("you write", "تكتب")
"""Headers of the columns whose code is a query."""

MEANING_ANCHOR: Final = "by-meaning"
"""The anchor of the part about search by meaning, to which the results link."""

_MEANING_HEADINGS: Final = ("By meaning", "بحسب المعنى")
_NOT_QUERIES: Final = frozenset({"*", "؟", "?", "~", "~2", "=", '"…"', "«…»", "“…”"})


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line: text, code, or code that is a query and gets a link."""

    text: str
    is_code: bool = False
    is_query: bool = False


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (`level` 1 or 2, with its `anchor`), a paragraph, or a table (`rows`, the first its header)."""

    lines: tuple[Line, ...] = ()
    level: int = 0
    anchor: str = ""
    rows: tuple[tuple[Line, ...], ...] = ()


@lru_cache
def help_page(language: str) -> tuple[Block, ...]:
    """Return the blocks of the help page in a language."""
    text = files("search_ui.web").joinpath("help", f"query-language.{language}.md").read_text(encoding="utf-8")
    return tuple(_blocks(text))


def _blocks(text: str) -> Iterator[Block]:
    for number, part in enumerate(re.split(r"\n\s*\n", text.strip())):
        if heading := re.fullmatch(r"(#+) (.+)", part):
            anchor = MEANING_ANCHOR if heading[2] in _MEANING_HEADINGS else f"part-{number}"
            yield Block((_runs(heading[2]),), len(heading[1]), anchor)
        elif part.startswith("|"):
            yield Block(rows=tuple(_table(part.splitlines())))
        else:
            yield Block((_runs(" ".join(part.split())),))


def _table(lines: list[str]) -> Iterator[tuple[Line, ...]]:
    head, _, *body = ([cell.strip().replace("\\|", "|") for cell in _CELL_END.split(line)[1:-1]] for line in lines)
    yield tuple(_runs(cell) for cell in head)
    for row in body:
        yield tuple(_runs(cell, queries=head[place] in _QUERY_COLUMNS) for place, cell in enumerate(row))


def _runs(text: str, *, queries: bool = False) -> Line:
    runs = []
    for piece in filter(None, _CODE.split(text)):
        code = piece.strip("`") if piece.startswith("`") else ""
        runs.append(Run(code, True, queries and code not in _NOT_QUERIES) if code else Run(piece))
    return tuple(runs)
