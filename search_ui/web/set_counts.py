"""Counts that explain the set of a search: by forms of its words, by spelling, and what empties it if nothing matches.

Every number here was counted by the search that its link makes: a click finds exactly so many articles. Each costs one
more search: what empties a set is always counted, forms and spellings only when their menu is opened (`counts=true`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from indexer import Condition, MatchMode, ResultPage, SearchRequest, SearchTooCostly, TimeUnit, WordForms, loosened
from search_ui.web.links import Links
from search_ui.web.served_archive import ServedArchive

MAX_SPELLINGS = 8
"""Spellings that are counted for one page."""

MAX_PARTS = 4
"""Forms are counted for queries of at most so many parts: in longer ones they hardly tell anything."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Another search, and how many articles it finds. `kind` says what it leaves out of this one."""

    text: str
    url: str
    articles: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class SetCounts:
    """What the page says about its set.

    `forms` has the count of each `WordForms`, empty if they were not counted. `spellings` has each other spelling
    alone. If nothing matches, `parts` has each part of the query alone, `without` the search without one of its
    conditions, if that finds anything, and `span` the archive's first and last day if dates limit the search.
    """

    forms: dict[WordForms, int]
    spellings: tuple[Choice, ...] = ()
    parts: tuple[Choice, ...] = ()
    without: tuple[Choice, ...] = ()
    span: tuple[date, date] | None = None


def count_set(served: ServedArchive, page: ResultPage, links: Links, *, counted: bool) -> SetCounts:
    """The counts of a page, with `counted` also of its forms and spellings; none if they cost too much."""
    is_empty = not page.total and bool(page.request.query or links.filtered)
    try:
        return SetCounts(
            _forms(served, page) if counted else {},
            tuple(_spellings(served, page, links)) if counted else (),
            tuple(_parts(served, page, links)) if is_empty else (),
            tuple(_without(served, page, links)) if is_empty else (),
            _span(served, page) if is_empty else None,
        )
    except SearchTooCostly:
        return SetCounts({})


def _forms(served: ServedArchive, page: ResultPage) -> dict[WordForms, int]:
    if page.mode_counts is None or page.prose or page.foreign or len(page.parts) > MAX_PARTS:
        return {}
    counts = {}
    for forms in WordForms:
        same = forms is page.request.forms
        counts[forms] = page.total if same else served.searcher.count(replace(page.request, forms=forms))
    return counts


def _spellings(served: ServedArchive, page: ResultPage, links: Links) -> Iterator[Choice]:
    """Each spelling of the words that have others, as typed first."""
    room = MAX_SPELLINGS
    for one in page.spellings:
        for other in (one.typed, *one.others):
            query = _replaced(page.request.query, one.typed, other)
            if query is None or room == 0:
                return
            room -= 1
            articles = served.searcher.count(replace(page.request, query=query, spellings=False))
            yield Choice(other, links.only_spelling(query), articles)


def _replaced(query: str, typed: str, other: str) -> str | None:
    """The query with other words; None if it does not have these words so."""
    pattern = rf"(?<!\w){re.escape(typed)}(?!\w)"
    return re.sub(pattern, lambda _: other, query, count=1) if re.search(pattern, query) else None


def _parts(served: ServedArchive, page: ResultPage, links: Links) -> Iterator[Choice]:
    if page.prose or page.foreign or page.request.match is MatchMode.ANY:
        return
    for part in loosened(page.request.query, page.request.today):
        if part.condition is None:
            articles = served.searcher.count(replace(page.request, query=part.query))
            yield Choice(part.text, links.instead(part.query), articles)


def _without(served: ServedArchive, page: ResultPage, links: Links) -> Iterator[Choice]:
    """The search without each of its conditions, and without all filters, as far as that finds anything."""
    request, searcher = page.request, served.searcher
    filters: list[tuple[str, str, SearchRequest]] = [
        ("source", links.without("source"), replace(request, sources=())),
        ("section", links.without("section"), replace(request, sections=())),
        ("author", links.without("author"), replace(request, authors=())),
        ("dates", links.between("", ""), replace(request, after=None, before=None)),
    ]
    filters = [(kind, url, other) for kind, url, other in filters if other != request]
    if len(filters) > 1:
        bare = replace(request, sources=(), sections=(), authors=(), after=None, before=None)
        filters.append(("filters", links.unfiltered(), bare))
    found = False
    for kind, url, other in filters:
        if (kind != "filters" or not found) and (articles := searcher.count(other)):
            found = True
            yield Choice("", url, articles, kind)
    if page.prose or page.foreign:
        return
    for each in loosened(request.query, request.today):
        if each.condition and (articles := searcher.count(replace(request, query=each.query))):
            yield Choice(each.text, links.instead(each.query), articles, f"query {each.condition}")


def _span(served: ServedArchive, page: ResultPage) -> tuple[date, date] | None:
    request = page.request
    dated = bool(request.after or request.before) or any(
        each.condition is Condition.DATES for each in loosened(request.query, request.today)
    )
    days = served.searcher.published(TimeUnit.DAY) if dated else None
    return (date.fromisoformat(min(days)), date.fromisoformat(max(days))) if days else None
