"""The search form: turns the parameters of a URL into a search request; invalid ones become notes, not errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from corpus import DayRange, NotADate, find_days, local_day
from indexer import MAX_QUERY_LENGTH, MatchMode, SearchRequest, Sort, WordForms
from search_ui.web.api.parameters import MAX_NAME_LENGTH, MAX_VALUES
from search_ui.web.served_archive import served_archive

PAGE_SIZE = 10
PAGE_SIZES = (10, 20, 50, 100)

PARAMETERS: Final = frozenset(
    (
        "q",
        "source",
        "section",
        "author",
        "after",
        "before",
        "sort",
        "match",
        "forms",
        "spellings",
        "meaning",
        "group",
        "page",
        "size",
        "chart",
    )
)
"""The parameters of a search's URL."""

PREFERENCES: Final = frozenset(("lang", "calendar", "months", "digits"))
"""The parameters of every page."""

_QUOTED: Final = 40  # characters of a value that a note quotes
_MAX_UNKNOWN: Final = 5  # unknown parameters that are noted

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class SearchForm:
    """A search request, the dates as they were typed, and notes about invalid parameters.

    Dates that crossed are swapped, here as in the request.
    """

    request: SearchRequest
    after: str
    before: str
    notes: tuple[str, ...]


def read_form(values: MultiDict[str, str], *, group: bool = True, also: frozenset[str] = frozenset()) -> SearchForm:
    """Read the parameters of a URL (`PARAMETERS`; source, section and author may be repeated).

    `group` is the default of that parameter, `also` are further parameters that are known.
    """
    unknown = [name for name in values if name not in PARAMETERS | PREFERENCES | also]
    notes = [str(gettext("Unknown parameter: “%(name)s”.", name=name[:_QUOTED])) for name in unknown[:_MAX_UNKNOWN]]
    notes += [
        str(gettext("The parameter “%(name)s” is given more than once: only the first is used.", name=name))
        for name in sorted(PARAMETERS - {"source", "section", "author", *also})
        if len(values.getlist(name)) > 1
    ]
    today = local_day()
    dates = _dates(values, today, notes)
    # One character over the limit, so that the search reports that the query was truncated.
    query = values.get("q", "").strip()[: MAX_QUERY_LENGTH + 1]
    if values.get("chart", "") not in ("", "hits", "share"):
        notes.append(unknown_value("chart", values["chart"]))
    request = SearchRequest(
        query=query,
        sources=_filter_values(values, "source", notes),
        sections=_filter_values(values, "section", notes),
        after=dates.first,
        before=dates.last,
        # Without words, no article is more relevant than another.
        sort=_one_of(Sort, "sort", values, notes) or (Sort.RELEVANCE if query else Sort.NEWEST),
        page=_page(values.get("page") or "1", notes),
        page_size=_size(values.get("size") or str(PAGE_SIZE), notes),
        authors=_filter_values(values, "author", notes),
        facets=True,
        match=_one_of(MatchMode, "match", values, notes) or MatchMode.ALL,
        forms=_one_of(WordForms, "forms", values, notes) or WordForms.LEMMA,
        group=_flag("group", values, notes, default=group),
        today=today,
        spellings=_flag("spellings", values, notes, default=True),
        meaning=_flag("meaning", values, notes, default=served_archive().meaning_by_default),
    )
    return SearchForm(request, dates.after, dates.before, tuple(notes))


def _filter_values(values: MultiDict[str, str], name: str, notes: list[str]) -> tuple[str, ...]:
    """The values of a filter, within the limits of the API."""
    selected = tuple(dict.fromkeys(value for value in values.getlist(name) if value))
    if too_long := next((value for value in selected if len(value) > MAX_NAME_LENGTH), ""):
        notes.append(unknown_value(name, too_long))
        selected = tuple(value for value in selected if len(value) <= MAX_NAME_LENGTH)
    if len(selected) > MAX_VALUES:
        notes.append(
            str(
                gettext(
                    "Only the first %(count)s values of the parameter “%(name)s” are used.",
                    count=MAX_VALUES,
                    name=name,
                )
            )
        )
    return selected[:MAX_VALUES]


@dataclass(frozen=True, slots=True)
class _Dates:
    """Two dates as they were typed, and the days that they mean."""

    after: str
    before: str
    first: date | None
    last: date | None


def _dates(values: MultiDict[str, str], today: date, notes: list[str]) -> _Dates:
    """The dates of the filter, swapped if the first is after the last."""
    after, before = (values.get(name, "").strip()[:MAX_NAME_LENGTH] for name in ("after", "before"))
    given = _days(after, before, today, notes)
    if given.first is None or given.last is None or given.first <= given.last:
        return given
    swapped = _days(before, after, today, [])
    if swapped.first is None or swapped.last is None:
        return given
    notes.append(
        str(
            gettext(
                "The dates were the wrong way round and have been swapped: from %(first)s to %(last)s.",
                first=swapped.first.isoformat(),
                last=swapped.last.isoformat(),
            )
        )
    )
    return swapped


def _days(after: str, before: str, today: date, notes: list[str]) -> _Dates:
    first = _day(after, lambda days: days.first, today, notes)
    return _Dates(after, before, first, _day(before, lambda days: days.last, today, notes))


def _day(text: str, bound: Callable[[DayRange], date | None], today: date, notes: list[str]) -> date | None:
    if not text:
        return None
    try:
        days = find_days(text, today)
    except NotADate:
        days = DayRange(None, None)
    day = bound(days)
    if day is None:
        notes.append(str(gettext("“%(text)s” is not a date.", text=text[:_QUOTED])))
    elif days.assumptions:
        notes.append(str(gettext("“%(text)s” was read as %(day)s.", text=text[:_QUOTED], day=day.isoformat())))
    return day


def _one_of(kind: type[E], name: str, values: MultiDict[str, str], notes: list[str]) -> E | None:
    text = values.get(name, "")
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        notes.append(unknown_value(name, text))
        return None


def _flag(name: str, values: MultiDict[str, str], notes: list[str], *, default: bool) -> bool:
    text = values.get(name, "")
    if text not in ("", "true", "false"):
        notes.append(unknown_value(name, text))
    return text == "true" if text in ("true", "false") else default


def unknown_value(name: str, text: str) -> str:
    """The note about an invalid value of a parameter."""
    return str(
        gettext("“%(value)s” is not a valid value of the parameter “%(name)s”.", value=text[:_QUOTED], name=name)
    )


def _page(text: str, notes: list[str]) -> int:
    # isdecimal and int() accept Arabic digits too; the length limits the number.
    if text.isdecimal() and len(text) <= 6 and int(text) >= 1:
        return int(text)
    notes.append(str(gettext("The page number is not valid: this is the first page.")))
    return 1


def _size(text: str, notes: list[str]) -> int:
    if text in map(str, PAGE_SIZES):
        return int(text)
    notes.append(str(gettext("The number of results per page is not valid.")))
    return PAGE_SIZE
