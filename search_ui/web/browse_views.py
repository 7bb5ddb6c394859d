"""The pages of the calendar: years, a year, a month, a day, and the articles without a date.

Addresses: `/browse`, `/browse/2015`, `/browse/2015/08`, `/browse/2015/08/06`. Outside the span of the archive there is
no page, so that nothing can follow links without end.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from babel.dates import get_day_names
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from corpus import headings_of, hijri_date
from indexer import MAX_HIT
from search_ui.web.archive_calendar import ArchiveCalendar, archive_calendar, week_start, year_rows
from search_ui.web.day_page import day_page
from search_ui.web.forms import PREFERENCES
from search_ui.web.languages import calendar, language
from search_ui.web.links import article_url
from search_ui.web.served_archive import served_archive
from search_ui.web.template_filters import days_of, hijri_month

browse = Blueprint("browse", __name__)

PER_PAGE: Final = 100
"""Articles on a page of those without a date."""

_QUOTED: Final = 40  # characters of a parameter's name that a note quotes
_MAX_UNKNOWN: Final = 5


class PlainLinks:
    """Links to articles, without a search to come back to: for macros that expect `Links`."""

    article: Callable[..., str] = staticmethod(article_url)


@browse.app_template_global()
def day_url(day: date) -> str:
    """The page of a day."""
    return url_for("browse.day", year=f"{day.year:04}", month=f"{day.month:02}", number=f"{day.day:02}")


@browse.app_template_global()
def time_url(time: str) -> str:
    """The page of a year (`2015`), month (`2015-08`) or day (`2015-08-06`)."""
    return f"{url_for('browse.years')}/{time.replace('-', '/')}"


@browse.get("/browse")
def years() -> str:
    """The years of the archive with their months."""
    served = served_archive()
    if is_empty():
        return render_template("browse.html", calendar_of=None, rows=(), notes=notes_of())
    known = archive_calendar(served)
    return render_template(
        "browse.html",
        calendar_of=known,
        rows=list(year_rows(known.months, known.month_shades)),
        undated=undated_count(),
        notes=notes_of(),
    )


@browse.get("/browse/undated")
def undated() -> str:
    """The articles without a date, the last added first."""
    notes = notes_of("page")
    number = page_number(notes)
    count = undated_count()
    last = max(1, -(-min(count, MAX_HIT) // PER_PAGE))
    served = served_archive()
    ids = served.searcher.undated((number - 1) * PER_PAGE, PER_PAGE) if number <= last else ()
    articles = headings_of(served.archive, ids).values()
    return render_template(
        "browse_undated.html", articles=articles, count=count, number=number, last=last, notes=notes, MAX_HIT=MAX_HIT
    )


@browse.get("/browse/<year>")
def year(year: str) -> str | Response:
    """The days of a year, in twelve months."""
    first, last = _span(year)
    known = _including(first, last)
    if other := _other_address(f"{first:%Y}".zfill(4)):
        return other
    grids = [(f"{first.year:04}-{month:02}", known.weeks(first.year, month, hijri=False)) for month in range(1, 13)]
    return render_template(
        "browse_year.html",
        time=f"{first.year:04}",
        grids=grids,
        **_neighbours(known, f"{first.year:04}"),
        calendar_of=known,
        weekdays=_weekdays(),
        notes=notes_of(),
    )


@browse.get("/browse/<year>/<month>")
def month(year: str, month: str) -> str | Response:
    """The days of a month."""
    first, last = _span(year, month)
    known = _including(first, last)
    time = first.isoformat()[:7]
    if other := _other_address(time.replace("-", "/")):
        return other
    return render_template(
        "browse_month.html",
        time=time,
        weeks=known.weeks(first.year, first.month, hijri=calendar() == "hijri"),
        hijri_months=_hijri_months(first, last),
        **_neighbours(known, time),
        calendar_of=known,
        weekdays=_weekdays(),
        notes=notes_of(),
    )


@browse.get("/browse/<year>/<month>/<number>")
def day(year: str, month: str, number: str) -> str | Response:
    """The articles of a day, of all sources or of one."""
    the_day, _ = _span(year, month, number)
    known = _including(the_day, the_day)
    if other := _other_address(the_day.isoformat().replace("-", "/")):
        return other
    source = request.args.get("source")
    time = the_day.isoformat()
    near = [the_day + timedelta(days=step) if the_day not in (date.min, date.max) else the_day for step in (-1, 1)]
    return render_template(
        "browse_day.html",
        time=time,
        day=the_day,
        weekday=get_day_names("wide", "stand-alone", get_locale())[the_day.weekday()],
        page=day_page(served_archive(), the_day, source),
        source=source,
        links=PlainLinks,
        day_before=near[0] if known.includes(near[0], near[0]) else None,
        day_after=near[1] if known.includes(near[1], near[1]) else None,
        **_neighbours(known, time),
        other_years=known.same_days(the_day),
        other_hijri_years=known.same_hijri_days(the_day) if calendar() == "hijri" else (),
        notes=notes_of("source"),
    )


def notes_of(*known: str) -> list[str]:
    """Notes about parameters of the address that the page does not know."""
    unknown = [name for name in request.args if name not in PREFERENCES and name not in known]
    return [str(gettext("Unknown parameter: “%(name)s”.", name=name[:_QUOTED])) for name in unknown[:_MAX_UNKNOWN]]


def page_number(notes: list[str]) -> int:
    """The parameter `page`; if it is no number, 1 and a note."""
    text = request.args.get("page") or "1"
    if text.isdecimal() and len(text) <= 6 and int(text) >= 1:
        return int(text)
    notes.append(str(gettext("The page number is not valid: this is the first page.")))
    return 1


def is_empty() -> bool:
    """Whether no article was added yet, so that there may be no index either."""
    return not served_archive().archive.article_count()


def undated_count() -> int:
    """The number of articles without a date."""
    return sum(source.undated for source in served_archive().searcher.source_times())


def _span(year: str, month: str = "", day: str = "") -> tuple[date, date]:
    """The first and the last day of a year, a month or a day; aborts with 404 if there is none."""
    numbers = [text for text in (year, month, day) if text]
    # isdecimal and int() accept Arabic digits too.
    if not all(text.isdecimal() and len(text) <= 4 for text in numbers):
        abort(404)
    values = [int(text) for text in numbers]
    try:
        first = date(*(*values, 1, 1)[:3])
    except ValueError:
        abort(404)
    _, last = days_of(first.isoformat()[: 3 * len(values) + 1])  # of 2015, 2015-08 or 2015-08-06
    return first, date.fromisoformat(last)


def _including(first: date, last: date) -> ArchiveCalendar:
    """The calendar of the archive, if it includes some of these days; otherwise aborts with 404."""
    if is_empty():
        abort(404)
    known = archive_calendar(served_archive())
    if not known.includes(first, last):
        abort(404)
    return known


def _other_address(path: str) -> Response | None:
    """A redirect to the one address of a page, from such as `/browse/2015/8` and `/browse/٢٠١٥`."""
    address = f"{url_for('browse.years')}/{path}"
    if address == url_for(str(request.endpoint), **(request.view_args or {})):
        return None
    query = request.query_string.decode("latin-1")
    return redirect(f"{address}?{query}" if query else address, 301)


def _neighbours(known: ArchiveCalendar, time: str) -> dict[str, Any]:
    """The periods with articles before and after one, of the same length."""
    before, after = known.before(time), known.after(time)
    size = len(time)
    return {"previous": before[:size] if before else None, "next": after[:size] if after else None}


def _weekdays() -> list[tuple[str, str]]:
    """The days of the week, short and in full, beginning with the reader's first."""
    start = week_start()
    short, full = (get_day_names(width, "stand-alone", get_locale()) for width in ("short", "wide"))
    names = [(short[place % 7], full[place % 7]) for place in range(start, start + 7)]
    # Unicode's short names in Arabic have إثنين.
    return [(name.removeprefix("ال"), name) for _, name in names] if language() == "ar" else names


def _hijri_months(first: date, last: date) -> str:
    """The Hijri months of a Gregorian one, if the reader chose that calendar and the tables have them."""
    if calendar() != "hijri":
        return ""
    ends = [hijri_date(first), hijri_date(last)]
    return " – ".join(dict.fromkeys(hijri_month(hijri[1], hijri[0]) for hijri in ends if hijri))
