"""The pages: each view reads a form, makes one call and renders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, render_template, request, url_for

from corpus import ArshifError, groups_of
from indexer import MAX_HIT, Hit, ResultPage, mark_text
from search_ui.web.forms import SearchForm, read_form

if TYPE_CHECKING:
    from search_ui.web.app import OpenArchive

pages = Blueprint("pages", __name__)


@pages.get("/")
def home() -> str:
    """The search form and what the archive holds."""
    return render_template("home.html", form=read_form(request.args), counts=_open().counts)


@pages.get("/search")
def search() -> str:
    """A page of results."""
    form = read_form(request.args)
    opened = _open()
    page = opened.searcher.search(form.request)
    return render_template(
        "search.html", form=form, page=page, counts=opened.counts, links=Links(form, page), MAX_HIT=MAX_HIT
    )


@pages.get("/article")
@pages.get("/article/<path:article_id>")
def article(article_id: str = "") -> str:
    """An article whole, with the words of the query marked."""
    archive = _open().archive
    found = archive.find(article_id or request.args.get("id", ""))
    form = read_form(request.args)
    title, *paragraphs = mark_text(form.request.query, [found.title, *found.paragraphs])
    return render_template(
        "article.html",
        article=found,
        title=title,
        paragraphs=paragraphs,
        revisions=archive.revisions(found.id),
        group=groups_of(archive, [found.id]).get(found.id),
        similar=_similar(found.id),
        form=form,
    )


@pages.app_template_global()
def article_url(article_id: str, query: str = "") -> str:
    """An article's address; browsers and proxies shorten paths with empty or dotted parts, so not with such an id."""
    if {"", ".", ".."} & set(article_id.split("/")):
        return url_for("pages.article", id=article_id, q=query or None)
    return url_for("pages.article", article_id=article_id, q=query or None)


@pages.get("/healthz")
def healthz() -> Response:
    """Says that the server answers."""
    return Response("ok\n", mimetype="text/plain")


class Links:
    """Addresses of searches near this one: another page, one filter less."""

    def __init__(self, form: SearchForm, page: ResultPage) -> None:
        self._values: dict[str, Any] = {
            "q": form.request.query,
            "source": form.request.sources,
            "section": form.request.sections,
            "after": form.after,
            "before": form.before,
            "sort": request.args.get("sort", ""),
        }
        self._last = min(page.page_count, MAX_HIT // page.request.page_size)
        self._current = page.request.page

    def page(self, number: int) -> str:
        """The same search at another page."""
        return self._url(self._values | {"page": number if number > 1 else ""})

    def without(self, name: str, value: str = "") -> str:
        """The same search without one filter."""
        kept = tuple(other for other in self._values[name] if other != value) if value else ""
        return self._url(self._values | {name: kept})

    def instead(self, query: str) -> str:
        """Another query with the same filters."""
        return self._url(self._values | {"q": query})

    @property
    def previous(self) -> int | None:
        """The number of the page before: the last one, for a page beyond it."""
        return min(self._current - 1, self._last) or None

    @property
    def next(self) -> int | None:
        """The number of the page after."""
        return self._current + 1 if self._current < self._last else None

    @property
    def numbers(self) -> list[int | None]:
        """Page numbers to show: the first, the last, those around this one; None for a gap."""
        middle = min(self._current, self._last)
        near = range(middle - 2, middle + 3)
        shown = sorted({1, self._last, *near} & set(range(1, self._last + 1)))
        with_gaps: list[int | None] = []
        for number in shown:
            if with_gaps and number - (with_gaps[-1] or 0) > 1:
                with_gaps.append(None)
            with_gaps.append(number)
        return with_gaps

    def _url(self, values: dict[str, Any]) -> str:
        return url_for("pages.search", **{name: value for name, value in values.items() if value})


def _similar(article_id: str) -> tuple[Hit, ...]:
    try:
        return _open().searcher.more_like(article_id)
    except ArshifError:
        # The archive is the truth: an article is shown whole whatever state its index is in.
        return ()


def _open() -> OpenArchive:
    opened: OpenArchive = current_app.extensions["arshif"]
    return opened
