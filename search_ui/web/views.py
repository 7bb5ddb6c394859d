"""The pages of searching: each view reads a form, makes one call and renders.

Comparing queries: two or three of them on one timeline.

The help page: `help/query-language.LANGUAGE.md`, of which the English one is also `docs/query-language.md`.

The files are written in a small part of Markdown, which this turns into blocks for the template: headings, paragraphs
and tables, with `code` in them. Code in a column of queries becomes a link to its search.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Final

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import gettext

from indexer import MAX_HIT, Facet, SearchRequest, SuggestionKind
from search_ui.web.charts import draw, draw_together, years_of
from search_ui.web.forms import PAGE_SIZES, SearchForm, read_form
from search_ui.web.languages import is_arabic, language
from search_ui.web.links import Links, article_url
from search_ui.web.open_archive import OpenArchive, opened_archive

pages = Blueprint("pages", __name__)

_MOST_TYPED = 200  # characters of what is typed that are completed


@pages.get("/")
def home() -> str:
    """The search form and what the archive holds."""
    form = read_form(request.args)
    return render_template("home.html", form=form, counts=opened_archive().counts)


@pages.get("/search")
def search() -> str:
    """A page of results."""
    opened = opened_archive()
    form = _named(read_form(request.args), opened)
    page = opened.searcher.search(form.request)
    links = Links(form, page)
    chart = None
    if page.timeline and links.short:
        shares = links.values["chart"] == "share"
        chart = draw(page.timeline, opened.searcher.published, shares=shares, mirrored=is_arabic())
    return render_template(
        "search.html",
        form=form,
        page=page,
        pending=opened.searcher.pending_changes(),
        links=links,
        chart=chart,
        facets=_facets(opened, form.request, page.facets),
        years=years_of(page.timeline) if page.timeline and links.short else [],
        MAX_HIT=MAX_HIT,
        PAGE_SIZES=PAGE_SIZES,
    )


@pages.get("/suggest")
def suggest() -> Response:
    """What the box offers while a query is typed, as JSON: `{"suggestions": [{"kind", "text", "url"}]}`."""
    found = opened_archive().searcher.suggest(request.args.get("q", "")[:_MOST_TYPED])
    return jsonify(
        suggestions=[
            {
                "kind": suggestion.kind.value,
                "text": suggestion.text,
                "url": article_url(suggestion.article_id or "") if suggestion.kind is SuggestionKind.TITLE else None,
            }
            for suggestion in found
        ]
    )


@pages.get("/help")
def help() -> str:
    """The query language, from the text that is also `docs/query-language.md`."""
    return render_template("help.html", form=read_form(request.args), document=help_page(language()))


def _named(form: SearchForm, opened: OpenArchive) -> SearchForm:
    """The form with the names of its filters as the archive spells them, so that they are the facets' own."""
    asked = form.request

    def names(facet: str, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(opened.searcher.name_of(facet, name) for name in given))

    named = replace(
        asked,
        sources=names("source", asked.sources),
        sections=names("section", asked.sections),
        authors=names("author", asked.authors),
    )
    return replace(form, request=named)


def _facets(opened: OpenArchive, asked: SearchRequest, found: tuple[Facet, ...]) -> list[Facet]:
    """The facets to choose from: where some values are chosen, the others with what choosing them too would find."""
    without = {
        "source": replace(asked, sources=()),
        "section": replace(asked, sections=()),
        "author": replace(asked, authors=()),
    }
    facets = []
    for facet in found:
        values = dict(facet.values)
        if (wider := without[facet.name]) != asked:
            page = opened.searcher.search(replace(wider, page=1, page_size=1))
            values = next(dict(other.values) for other in page.facets if other.name == facet.name)
        chosen = {"source": asked.sources, "section": asked.sections, "author": asked.authors}[facet.name]
        facets.append(Facet(facet.name, (*values.items(), *((name, 0) for name in chosen if name not in values))))
    return facets


compared = Blueprint("compared", __name__)

MOST_QUERIES: Final = 3


@compared.get("/compare")
def compare() -> str:
    """The times of several queries side by side; further filters count for all of them."""
    form = read_form(request.args, also=frozenset(("q",)))
    # One letter past the limit is enough for the search to say that it was cut, as in `read_form`.
    given = [query.strip() for query in request.args.getlist("q") if query.strip()]
    queries = given[:MOST_QUERIES]
    if len(given) > MOST_QUERIES:
        note = gettext("Only the first %(count)s searches are compared.", count=MOST_QUERIES)
        form = replace(form, notes=(*form.notes, str(note)))
    searcher = opened_archive().searcher
    pages = [searcher.search(replace(form.request, query=query, page=1, page_size=1)) for query in queries]
    shares = request.args.get("chart") == "share"
    timelines = [page.timeline for page in pages if page.timeline]
    charts = draw_together(timelines, searcher.published, shares=shares, mirrored=is_arabic())
    return render_template(
        "compare.html",
        form=form,
        links=Links(form),
        queries=queries,
        pages=pages,
        charts=charts,
        shares=shares,
        MOST_QUERIES=MOST_QUERIES,
    )


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
