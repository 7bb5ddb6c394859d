"""The pages of searching: results, query completion, help.

Each view reads a form, makes one call and renders.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from indexer import MAX_HIT, Facet, ResultPage, SearchRequest, Suggestion, SuggestionKind
from search_ui.charts import years_of
from search_ui.web.chart_words import words_of
from search_ui.web.charts import chart_of
from search_ui.web.drawing import Drawing
from search_ui.web.forms import PAGE_SIZES, SearchForm, read_form
from search_ui.web.help_page import MEANING_ANCHOR, help_page
from search_ui.web.home_page import home_page
from search_ui.web.languages import language
from search_ui.web.links import Links, article_url
from search_ui.web.served_archive import ServedArchive, served_archive
from search_ui.web.set_counts import count_set
from search_ui.web.template_filters import number

pages = Blueprint("pages", __name__)

_MAX_PREFIX: Final = 200  # characters of the typed text that are completed


@pages.get("/")
def home() -> str:
    """The search form and what the archive holds."""
    return render_template("home.html", form=read_form(request.args), **home_page(served_archive()))


@pages.get("/search")
def search() -> str:
    """A page of results."""
    served = served_archive()
    form = _with_archive_spellings(read_form(request.args, also=frozenset(("counts",))), served)
    counted = request.args.get("counts") == "true"
    page = served.search(form.request)
    links = Links(form, page)
    sizes = [(size, number(size), None, links.sized(size)) for size in PAGE_SIZES]
    return render_template(
        "search.html",
        form=form,
        page=page,
        pending=served.searcher.pending_changes(),
        offers_meaning=served.has_vectors,
        answers=served.answers(page),
        links=links,
        set_counts=count_set(served, page, links, counted=counted),
        counted=counted,
        sizes=sizes,
        compare_here=links.compare() if links.short and (form.request.query or links.filtered) else None,
        facets=_facets(served, replace(form.request, meaning=page.request.meaning), page.facets),
        **_timeline(served, page, links),
        MAX_HIT=MAX_HIT,
        MEANING_ANCHOR=MEANING_ANCHOR,
    )


@pages.get("/suggest")
def suggest() -> Response:
    """Completions of a query as it is typed, as JSON: `{"suggestions": [{"kind", "text", "url"}]}`."""
    suggestions = served_archive().searcher.suggest(request.args.get("q", "")[:_MAX_PREFIX])
    return jsonify(suggestions=[_suggestion_value(suggestion) for suggestion in suggestions])


@pages.get("/favicon.ico")
def favicon() -> Response:
    """The icon at the address where programs look that do not read the page's link to it."""
    return current_app.send_static_file("favicon.ico")


@pages.get("/help")
def help() -> str:
    """The query language, from the text that is also `docs/query-language.md`."""
    return render_template("help.html", form=read_form(request.args), document=help_page(language()))


def _with_archive_spellings(form: SearchForm, served: ServedArchive) -> SearchForm:
    """The form with the names in its filters as the archive spells them, so that they equal the facets' values."""
    search = form.request

    def names(facet: str, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(served.searcher.name_of(facet, name) for name in given))

    spelled = replace(
        search,
        sources=names("source", _stored_sources(served, search.sources)),
        sections=names("section", search.sections),
        authors=names("author", search.authors),
    )
    return replace(form, request=spelled)


def _stored_sources(served: ServedArchive, given: tuple[str, ...]) -> tuple[str, ...]:
    """The sources as they are stored: a filter may have the name by which some are shown."""
    return tuple(name for source in given for name in served.archive.source_names.stored(source) or (source,))


def _facets(served: ServedArchive, search: SearchRequest, facets: tuple[Facet, ...]) -> list[Facet]:
    """The facets of the page; a facet with selected values also counts its other values, as if none were selected."""
    without = {
        "source": replace(search, sources=()),
        "section": replace(search, sections=()),
        "author": replace(search, authors=()),
    }
    selected = {"source": search.sources, "section": search.sections, "author": search.authors}
    widened = []
    for facet in facets:
        values = dict(facet.values)
        if (wider := without[facet.name]) != search:
            page = served.searcher.search(replace(wider, page=1, page_size=1))
            values = next(dict(other.values) for other in page.facets if other.name == facet.name)
        missing = ((name, 0) for name in selected[facet.name] if name not in values)
        widened.append(Facet(facet.name, (*values.items(), *missing)))
    return widened


def _timeline(served: ServedArchive, page: ResultPage, links: Links) -> dict[str, Any]:
    """The chart and the years of the results page; none for a search too long to be repeated in hundreds of links."""
    if not page.timeline or not links.short:
        return {"chart": None, "years": []}
    chart = chart_of(served, [page], shares=links.values["chart"] == "share")
    years = years_of(page.timeline)
    if chart is None or len(chart.times) == 1:
        return {"chart": None, "years": years}
    return {"chart": Drawing(chart), "chart_words": words_of(chart, [page]), "years": years}


def _suggestion_value(suggestion: Suggestion) -> dict[str, str | None]:
    is_title = suggestion.kind is SuggestionKind.TITLE
    url = article_url(suggestion.article_id or "") if is_title else None
    return {"kind": suggestion.kind.value, "text": suggestion.text, "url": url}
