"""The words of a match set as pages and files: keywords in context, and the words typical of these results."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock
from typing import Final

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for

from indexer import (
    LEAST_CERTAINTY,
    MAX_LINES,
    SAMPLED_LETTERS,
    LineOrder,
    SearchRequest,
    Sort,
    TypicalWords,
    neighbours,
    read_concordance,
)
from search_ui.export import About, context_csv, context_text, typical_csv
from search_ui.web.exports import file_response, permanent_url
from search_ui.web.forms import SearchForm, read_form, unknown_value
from search_ui.web.links import Links, parameter
from search_ui.web.served_archive import served_archive

words = Blueprint("words", __name__)

LINES_PER_PAGE: Final = 50
MAX_FILE_LINES: Final = 10_000
"""Lines of a file."""

_IN_FACET: Final = 8  # terms, and single words, beside the results
_ON_PAGE: Final = 40
_CACHED: Final = 500  # sets whose typical words are kept: some megabytes
_MEDIA_TYPES: Final = {"csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8"}
_ORDER: Final = "lines"  # the parameter of the order of lines


@words.get("/search/context")
def context() -> str:
    """One line per occurrence of the query's words."""
    form, order = _context_form()
    searcher = served_archive().searcher
    found = read_concordance(searcher.scan(replace(form.request, facets=False)), order)
    links = ContextLinks(form, order, len(found.lines))
    first = (form.request.page - 1) * LINES_PER_PAGE
    return render_template(
        "context.html",
        form=form,
        found=found,
        order=order,
        lines=found.lines[first : first + LINES_PER_PAGE],
        first=first + 1,
        links=links,
        results=Links(form),
        beside=[("before", neighbours(found.lines, before=True)), ("after", neighbours(found.lines, before=False))],
        pending=searcher.pending_changes(),
        LineOrder=LineOrder,
        Sort=Sort,
        MAX_LINES=MAX_LINES,
        MAX_FILE_LINES=MAX_FILE_LINES,
    )


@words.get("/search/context.<any(csv, txt):ending>")
def context_file(ending: str) -> Response:
    """The occurrences as a file."""
    form, order = _context_form()
    if form.notes:
        abort(400, " ".join(form.notes))
    served = served_archive()
    scan = served.searcher.scan(replace(form.request, facets=False))
    found = read_concordance(scan, order, most=MAX_FILE_LINES)
    texts = context_csv(found.lines, permanent_url) if ending == "csv" else context_text(found.lines)
    about = About.of_scan(scan, served.archive.settings.name, request.url)
    response = file_response(texts, _MEDIA_TYPES[ending], ending, about)
    response.headers["Arshif-Lines"] = str(len(found.lines))
    response.headers["Arshif-Read"] = str(found.read)
    return response


@words.get("/search/words")
def typical() -> str:
    """The words typical of the results, with the numbers that decide."""
    form = read_form(request.args)
    return render_template(
        "words.html",
        form=form,
        found=_typical(form.request, _ON_PAGE),
        links=Links(form),
        pending=served_archive().searcher.pending_changes(),
        LEAST_CERTAINTY=LEAST_CERTAINTY,
        SAMPLED_LETTERS=SAMPLED_LETTERS,
    )


@words.get("/search/words.csv")
def typical_file() -> Response:
    """The words typical of the results as a file."""
    form = read_form(request.args)
    if form.notes:
        abort(400, " ".join(form.notes))
    found = _typical(form.request, _ON_PAGE)
    served = served_archive()
    about = About(
        served.archive.settings.name,
        form.request,
        form.request.query,
        found.articles,
        found.stories,
        served.searcher.generation,
        datetime.now(UTC),
        address=request.url,
    )
    return file_response(typical_csv(found, form.request.query), _MEDIA_TYPES["csv"], "csv", about)


@words.get("/search/words/list")
def typical_list() -> str:
    """The words typical of the results, as the list beside them: the results page fetches it."""
    form = read_form(request.args)
    return render_template("typical_list.html", form=form, found=_typical(form.request, _IN_FACET), links=Links(form))


class ContextLinks(Links):
    """URLs of variations of a page of keywords in context."""

    def __init__(self, form: SearchForm, order: LineOrder, lines: int) -> None:
        super().__init__(form)
        self._search = url_for("words.context")
        self._last = max(1, -(-lines // LINES_PER_PAGE))
        self.values[_ORDER] = _order_value(order)
        self._parts[_ORDER] = parameter(_ORDER, self.values[_ORDER])

    def sorted_by(self, order: LineOrder) -> str:
        """The lines in another order."""
        return self._url({_ORDER: _order_value(order)})


class TypicalWordsCache:
    """The typical words of searches, for one state of archive and index; the least recently used are evicted first."""

    def __init__(self) -> None:
        self._version = ""
        self._found: OrderedDict[tuple[SearchRequest, int], TypicalWords] = OrderedDict()
        self._lock = Lock()

    def get(self, version: str, search: SearchRequest, limit: int) -> TypicalWords | None:
        """The words of a search, if they are cached."""
        with self._lock:
            if version != self._version:
                self._found.clear()
                self._version = version
            found = self._found.get((search, limit))
            if found is not None:
                self._found.move_to_end((search, limit))
            return found

    def put(self, version: str, search: SearchRequest, limit: int, found: TypicalWords) -> None:
        """Cache the words of a search, unless the state has changed since."""
        with self._lock:
            if version == self._version:
                self._found[search, limit] = found
                if len(self._found) > _CACHED:
                    self._found.popitem(last=False)


def _order_value(order: LineOrder) -> str:
    """The value of the parameter; an empty string for the default."""
    return order.value if order is not LineOrder.HITS else ""


def _typical(search: SearchRequest, limit: int) -> TypicalWords:
    """The typical words of a search: its page and order do not matter."""
    search = replace(search, page=1, page_size=1, sort=Sort.RELEVANCE, facets=False)
    cache: TypicalWordsCache = current_app.extensions["arshif.typical_words"]
    served = served_archive()
    version = served.version()
    found = cache.get(version, search, limit)
    if found is None:
        found = served.searcher.typical_words(search, limit)
        cache.put(version, search, limit, found)
    return found


def _context_form() -> tuple[SearchForm, LineOrder]:
    """The search and the order of its lines."""
    form = read_form(request.args, also=frozenset((_ORDER,)))
    text = request.args.get(_ORDER, "")
    if text in ("", *LineOrder):
        return form, LineOrder(text) if text else LineOrder.HITS
    return replace(form, notes=(*form.notes, unknown_value(_ORDER, text))), LineOrder.HITS
