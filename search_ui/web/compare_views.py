"""Comparing queries: two or three of them on one timeline."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from flask import Blueprint, render_template, request
from flask_babel import gettext

from search_ui.web.charts import draw_together
from search_ui.web.forms import read_form
from search_ui.web.languages import is_arabic
from search_ui.web.links import Links
from search_ui.web.opened import opened_archive

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
