"""The search form: what stands in an address becomes a request; what cannot be read becomes a note, not an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from corpus import NotADate, parse_period
from indexer import MAX_QUERY_LENGTH, SearchRequest, Sort

PAGE_SIZE = 10
PAGE_SIZES = (10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class SearchForm:
    """A form as it was filled in, the request that it makes, and notes on what could not be read."""

    request: SearchRequest
    after: str
    before: str
    notes: tuple[str, ...]


def read_form(values: MultiDict[str, str]) -> SearchForm:
    """Reads the values of an address: q, source, section, author (repeatable), after, before, sort, page, size."""
    notes: list[str] = []
    after, before = values.get("after", "").strip(), values.get("before", "").strip()
    # One character past the limit is enough for the search to say that it was cut.
    query = values.get("q", "").strip()[: MAX_QUERY_LENGTH + 1]
    request = SearchRequest(
        query=query,
        sources=_chosen(values, "source"),
        sections=_chosen(values, "section"),
        after=_day(after, lambda period: period[0], notes),
        before=_day(before, lambda period: period[1], notes),
        # Without words there is nothing to be relevant to.
        sort=_sort(values.get("sort", ""), Sort.RELEVANCE if query else Sort.NEWEST, notes),
        page=_page(values.get("page") or "1", notes),
        page_size=_size(values.get("size") or str(PAGE_SIZE), notes),
        authors=_chosen(values, "author"),
        facets=True,
    )
    return SearchForm(request, after, before, tuple(notes))


def _chosen(values: MultiDict[str, str], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values.getlist(name) if value))


def _day(text: str, bound: Callable[[tuple[date, date]], date], notes: list[str]) -> date | None:
    if not text:
        return None
    try:
        return bound(parse_period(text))
    except NotADate:
        notes.append(str(gettext("«%(text)s» is no date: it was passed over.", text=text[:40])))
        return None


def _sort(text: str, default: Sort, notes: list[str]) -> Sort:
    if not text:
        return default
    try:
        return Sort(text)
    except ValueError:
        notes.append(str(gettext("An unknown order: it was passed over.")))
        return default


def _page(text: str, notes: list[str]) -> int:
    # isdecimal also takes Arabic digits, and int() reads them; the length bounds the number.
    if text.isdecimal() and len(text) <= 6 and int(text) >= 1:
        return int(text)
    notes.append(str(gettext("An unknown page number: this is the first page.")))
    return 1


def _size(text: str, notes: list[str]) -> int:
    if text in map(str, PAGE_SIZES):
        return int(text)
    notes.append(str(gettext("An unknown number of results a page: it was passed over.")))
    return PAGE_SIZE
