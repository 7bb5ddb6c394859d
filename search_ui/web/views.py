"""The pages of searching: each view reads a form, makes one call and renders."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, jsonify, render_template, request

from indexer import MAX_HIT, Facet, SearchRequest, SuggestionKind
from search_ui.web.charts import draw, years_of
from search_ui.web.forms import PAGE_SIZES, SearchForm, read_form
from search_ui.web.help import help_page
from search_ui.web.languages import is_arabic, language
from search_ui.web.links import Links, article_url
from search_ui.web.opened import OpenArchive, opened_archive

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
