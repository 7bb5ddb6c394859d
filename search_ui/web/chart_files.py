"""Charts as files: the timeline of a search, or a comparison, as SVG, PNG or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext

from corpus import local_day
from indexer import ResultPage
from search_ui.charts import Chart, picture, png, table
from search_ui.export import About
from search_ui.web.chart_words import method, picture_texts, same_searches, values_title
from search_ui.web.charts import chart_of
from search_ui.web.compared_searches import Comparison
from search_ui.web.exports import attachment
from search_ui.web.forms import PREFERENCES, read_form
from search_ui.web.links import address_with
from search_ui.web.served_archive import ServedArchive, served_archive

chart_files = Blueprint("chart_files", __name__)

_TYPES: Final = {
    "svg": "image/svg+xml; charset=utf-8",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
}
_MAX_PERIODS: Final = 1000  # years, of a picture: it has no more pixels to show them, and takes seconds to draw
_COMMON: Final = ("archive", "index", "made_at", "program")  # metadata that are the same for all searches
_UNCOUNTED: Final = ("sort", "group")  # what has no influence on counts


@chart_files.get("/timeline.<any(svg, png, csv):ending>")
def timeline(ending: str) -> Response:
    """The timeline of a search as a file."""
    form = read_form(request.args)
    if form.notes:
        abort(400, " ".join(form.notes))
    served = served_archive()
    # As in other exports, only a question in another language is searched by meaning.
    meaning = request.args.get("meaning") == "true" and served.has_vectors
    asked = replace(form.request, page=1, page_size=1, meaning=meaning)
    pages = [served.search(asked)]
    return _file(ending, served, pages, request.args.get("chart") == "share", "pages.search")


@chart_files.get("/compare.<any(svg, png, csv):ending>")
def compare(ending: str) -> Response:
    """A comparison as a file."""
    comparison = Comparison(request.args)
    if comparison.notes:
        abort(400, " ".join(comparison.notes))
    if not comparison.searches:
        abort(400, gettext("There is no search to compare."))
    served = served_archive()
    return _file(ending, served, comparison.search(served), comparison.shares, "compared_searches.compare")


def _file(ending: str, served: ServedArchive, pages: Sequence[ResultPage], shares: bool, endpoint: str) -> Response:
    archive = served.archive.settings.name
    # Every reader has a language and a calendar of their own.
    asked = [(name, value) for name, value in request.args.items(multi=True) if name not in PREFERENCES]
    address = address_with(url_for(endpoint, _external=True), asked)
    response = Response(content_type=_TYPES[ending])
    version = served.version()
    if request.if_none_match.contains_weak(version):
        response.status_code = 304
    else:
        chart = chart_of(served, pages, shares=shares)
        if ending == "csv":
            data = "".join(table(chart, _about(chart, pages, archive, address))).encode("utf-8", "replace")
        elif chart is None:
            abort(400, gettext("None of the articles found has a date."))
        elif len(chart.times) > _MAX_PERIODS:
            abort(400, gettext("The dates are too far apart for a picture. Narrow the search by date."))
        else:
            svg = picture(chart, picture_texts(chart, pages, archive, address))
            data = svg.encode("utf-8", "replace") if ending == "svg" else png(svg)
        response.data = data
    response.set_etag(version, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    queries = " - ".join(page.request.query[:30] for page in pages if page.request.query) or archive
    response.headers["Content-Disposition"] = attachment(f"{queries[:48]} {local_day().isoformat()}", ending)
    return response


def _about(chart: Chart | None, pages: Sequence[ResultPage], archive: str, address: str) -> Iterator[tuple[str, str]]:
    """What the table says about itself: how it was counted, and each search as in the metadata of other exports."""
    for number, page in enumerate(pages, 1):
        values = About.of_page(page, archive, address).value() | {"understood": page.understood}
        if number == 1:
            yield from ((name, str(values[name])) for name in _COMMON)
            yield "address", address
        for name, value in values.items():
            if name not in (*_COMMON, *_UNCOUNTED):
                yield f"{name}_{number}", _written(value)
    if chart:
        yield "chart", values_title(chart)
    yield from (("note", note) for note in (*method(chart, pages), *same_searches(pages)))


def _written(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
