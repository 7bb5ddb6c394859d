"""The search form: the parameters of an address become a request; invalid ones become notes, not errors."""

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
from search_ui.web.api.parameters import MOST_VALUES, NAME_LETTERS

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
        "group",
        "page",
        "size",
        "chart",
    )
)
"""What the address of a search may hold."""

OF_EVERY_PAGE: Final = frozenset(("lang", "calendar"))

_SHOWN: Final = 40  # characters of the reader's text that a note repeats
_MOST_UNKNOWN: Final = 5  # parameters that are noted

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class SearchForm:
    """A form as it was filled in, the request that it makes, and notes on what could not be read."""

    request: SearchRequest
    after: str
    before: str
    notes: tuple[str, ...]


def read_form(values: MultiDict[str, str], *, group: bool = True, also: frozenset[str] = frozenset()) -> SearchForm:
    """Reads the values of an address (`PARAMETERS`; source, section and author may be repeated).

    `group` is the value where the address gives none, `also` are further parameters that are not unknown.
    """
    unknown = [name for name in values if name not in PARAMETERS | OF_EVERY_PAGE | also]
    notes = [str(gettext("Unknown parameter: “%(name)s”.", name=name[:_SHOWN])) for name in unknown[:_MOST_UNKNOWN]]
    notes += [
        str(gettext("The parameter “%(name)s” is given more than once: only the first is used.", name=name))
        for name in sorted(PARAMETERS - {"source", "section", "author", *also})
        if len(values.getlist(name)) > 1
    ]
    after, before = (values.get(name, "").strip()[:NAME_LETTERS] for name in ("after", "before"))
    today = local_day()
    # One character past the limit is enough for the search to say that it was cut.
    query = values.get("q", "").strip()[: MAX_QUERY_LENGTH + 1]
    if values.get("chart", "") not in ("", "hits", "share"):
        notes.append(_unknown_value("chart", values["chart"]))
    request = SearchRequest(
        query=query,
        sources=_chosen(values, "source", notes),
        sections=_chosen(values, "section", notes),
        after=_day(after, lambda days: days.first, today, notes),
        before=_day(before, lambda days: days.last, today, notes),
        # Without words there is nothing to be relevant to.
        sort=_one_of(Sort, "sort", values, notes) or (Sort.RELEVANCE if query else Sort.NEWEST),
        page=_page(values.get("page") or "1", notes),
        page_size=_size(values.get("size") or str(PAGE_SIZE), notes),
        authors=_chosen(values, "author", notes),
        facets=True,
        match=_one_of(MatchMode, "match", values, notes) or MatchMode.ALL,
        forms=_one_of(WordForms, "forms", values, notes) or WordForms.LEMMA,
        group=_flag("group", values, notes, default=group),
        today=today,
        spellings=_flag("spellings", values, notes, default=True),
    )
    return SearchForm(request, after, before, tuple(notes))


def _chosen(values: MultiDict[str, str], name: str, notes: list[str]) -> tuple[str, ...]:
    """The values of a filter, within the bounds of the API."""
    chosen = tuple(dict.fromkeys(value for value in values.getlist(name) if value))
    if too_long := next((value for value in chosen if len(value) > NAME_LETTERS), ""):
        notes.append(_unknown_value(name, too_long))
        chosen = tuple(value for value in chosen if len(value) <= NAME_LETTERS)
    if len(chosen) > MOST_VALUES:
        notes.append(
            str(
                gettext(
                    "Only the first %(count)s values of the parameter “%(name)s” are used.",
                    count=MOST_VALUES,
                    name=name,
                )
            )
        )
    return chosen[:MOST_VALUES]


def _day(text: str, bound: Callable[[DayRange], date | None], today: date, notes: list[str]) -> date | None:
    if not text:
        return None
    try:
        days = find_days(text, today)
    except NotADate:
        days = DayRange(None, None)
    day = bound(days)
    if day is None:
        notes.append(str(gettext("“%(text)s” is not a date.", text=text[:_SHOWN])))
    elif days.assumptions:
        notes.append(str(gettext("“%(text)s” was read as %(day)s.", text=text[:_SHOWN], day=day.isoformat())))
    return day


def _one_of(kind: type[E], name: str, values: MultiDict[str, str], notes: list[str]) -> E | None:
    text = values.get(name, "")
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        notes.append(_unknown_value(name, text))
        return None


def _flag(name: str, values: MultiDict[str, str], notes: list[str], *, default: bool) -> bool:
    text = values.get(name, "")
    if text not in ("", "true", "false"):
        notes.append(_unknown_value(name, text))
    return text == "true" if text in ("true", "false") else default


def _unknown_value(name: str, text: str) -> str:
    return str(gettext("“%(value)s” is not a valid value of the parameter “%(name)s”.", value=text[:_SHOWN], name=name))


def _page(text: str, notes: list[str]) -> int:
    # isdecimal also takes Arabic digits, and int() reads them; the length bounds the number.
    if text.isdecimal() and len(text) <= 6 and int(text) >= 1:
        return int(text)
    notes.append(str(gettext("The page number is not valid: this is the first page.")))
    return 1


def _size(text: str, notes: list[str]) -> int:
    if text in map(str, PAGE_SIZES):
        return int(text)
    notes.append(str(gettext("The number of results per page is not valid.")))
    return PAGE_SIZE
