"""The pages of the sources: all of them, one of them, and the map of sources and months.

An address has the name of a source as the index has it. A name that a path cannot carry is in the query, `?name=…`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext

from indexer import Facet, SearchRequest, Sort, SourceTimes
from search_ui.web.archive_calendar import Shades, year_rows
from search_ui.web.browse_views import is_empty, notes_of, page_number
from search_ui.web.languages import is_arabic
from search_ui.web.links import fits_path
from search_ui.web.served_archive import served_archive
from search_ui.web.template_filters import source_name

sources = Blueprint("sources", __name__)

PER_PAGE: Final = 100
"""Sources on a page of their list."""

ROWS: Final = 50
"""Sources on a page of the map."""

NEWEST: Final = 10
"""Articles that the page of a source lists."""

ORDERS: Final = ("articles", "name", "first")

_MOST_MONTHS: Final = 24  # columns of months; with more there are years
_MOST_YEARS: Final = 30  # columns of years; with more there are decades
_SPARK_BARS: Final = 40
_SPARK_HEIGHT: Final = 20
_MAX_GAPS: Final = 100


@dataclass(frozen=True, slots=True)
class Gap:
    """Months in a row in which a source has no articles, between its first and its last day."""

    first: str
    last: str
    months: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the map: its label (a month `2015-08`, a year `2015`, or a decade `1990-1999`) and its months."""

    label: str
    first: str
    last: str

    def count(self, months: Sequence[tuple[str, int]]) -> int:
        """The articles of these months."""
        return sum(count for month, count in months if self.first <= month <= self.last)


@sources.app_template_global()
def source_url(name: str) -> str:
    """The page of a source. A name that does not fit a path goes in the query."""
    return url_for("sources.source_path" if fits_path(name) else "sources.source", name=name)


@sources.get("/sources")
def all_sources() -> str:
    """Every source with its first and last day, its articles, and these by time."""
    notes = notes_of("sort", "page")
    order = request.args.get("sort") or ORDERS[0]
    if order not in ORDERS:
        notes.append(
            str(gettext("“%(value)s” is not a valid value of the parameter “%(name)s”.", value=order[:40], name="sort"))
        )
        order = ORDERS[0]
    number = page_number(notes)
    times = [] if is_empty() else list(served_archive().searcher.source_times())
    named = _ordered((one for one in times if one.name), order)
    shown = named[(number - 1) * PER_PAGE : number * PER_PAGE]
    ends = _ends(times)
    return render_template(
        "sources.html",
        sources=[(one, _sparkline(dict(one.months), *ends)) for one in shown],
        count=len(named),
        without=sum(one.articles for one in times if not one.name),
        ends=ends,
        order=order,
        number=number,
        last=max(1, -(-len(named) // PER_PAGE)),
        spark_size=(_SPARK_BARS, _SPARK_HEIGHT),
        notes=notes,
        empty=not times,
    )


@sources.get("/source", endpoint="source")
@sources.get("/sources/<path:name>", endpoint="source_path")
def source(name: str = "") -> str:
    """A source: what it has in the archive, its newest articles, and a search in it."""
    served = served_archive()
    given = name or request.args.get("name", "")
    times = None if is_empty() else _named(given)
    if times is None:
        abort(404)
    found = served.searcher.search(
        SearchRequest("", sources=(times.name,), sort=Sort.NEWEST, page_size=NEWEST, facets=True)
    )
    months = dict(times.months)
    shades = Shades.of_counts(months.values())
    gaps = list(_gaps(times.months))
    return render_template(
        "source.html",
        source=times,
        found=found,
        facets={facet.name: _without_empty(facet) for facet in found.facets},
        rows=list(year_rows(months, shades)),
        shades=shades,
        gaps=gaps[:_MAX_GAPS],
        gap_count=len(gaps),
        links=_RestrictedBox(times.name),
        notes=notes_of(*(() if name else ("name",))),
    )


@sources.get("/browse/sources")
def source_map() -> str:
    """The articles of each source by month, or by year or decade if the archive is long."""
    notes = notes_of("from", "to", "page")
    number = page_number(notes)
    # Articles without a source have the last row, so that the columns add up to the articles of the archive.
    times = [] if is_empty() else sorted(served_archive().searcher.source_times(), key=lambda one: not one.name)
    ends = _ends(times)
    begin, end = request.args.get("from", ""), request.args.get("to", "")
    if (begin or end) and ends[0]:
        if not (_is_year(begin) and _is_year(end) and begin <= end):
            abort(404)
        ends = (max(ends[0], f"{begin}-01"), min(ends[1], f"{end}-12"))
        if ends[0] > ends[1]:
            abort(404)
    columns = _columns(*ends) if ends[0] else []
    known = len(times)
    times = [one for one in times if any(ends[0] <= month <= ends[1] for month, _ in one.months)]
    shown = times[(number - 1) * ROWS : number * ROWS]
    rows = [(one, [column.count(one.months) for column in columns]) for one in shown]
    totals = [sum(column.count(one.months) for one in times) for column in columns]
    return render_template(
        "source_map.html",
        columns=columns,
        rows=rows,
        totals=totals,
        shades=Shades.of_counts(count for _, counts in rows for count in counts),
        narrowed=bool(begin),
        values={"from": begin, "to": end} if begin else {},
        number=number,
        last=max(1, -(-len(times) // ROWS)),
        notes=notes,
        left_out=known - len(times),
        empty=not known,
    )


class _RestrictedBox:
    """Makes the search box search in one source: what it needs of `Links`."""

    def __init__(self, name: str) -> None:
        self.hidden = [("source", name)]


def _named(given: str) -> SourceTimes | None:
    """The source with a name in any spelling, stored or shown; if several are shown by it, the largest of them."""
    served = served_archive()
    by_name = {one.name: one for one in served.searcher.source_times() if one.name}
    stored = (given, *served.archive.source_names.stored(given)) if given.strip() else ()
    found = [by_name[name] for other in stored if (name := served.searcher.name_of("source", other)) in by_name]
    return max(found, key=lambda one: one.articles, default=None)


def _ordered(times: Iterator[SourceTimes], order: str) -> list[SourceTimes]:
    if order == "name":
        return sorted(times, key=lambda one: (source_name(one.name).casefold(), one.name))
    if order == "first":
        return sorted(times, key=lambda one: (one.first_day or "~", one.name))  # those without dates come last
    return list(times)


def _without_empty(facet: Facet) -> tuple[tuple[str, int], ...]:
    return tuple((value, count) for value, count in facet.values if value)


def _ends(times: Sequence[SourceTimes]) -> tuple[str, str]:
    """The first and the last month with articles."""
    months = [month for one in times for month, _ in (one.months[:1] + one.months[-1:])]
    return (min(months), max(months)) if months else ("", "")


def _sparkline(months: Mapping[str, int], first: str, last: str) -> str:
    """The outline of a source's articles over the span of the archive, as an SVG path; each has its own scale.

    Time runs in the direction of reading. The numbers beside it are what is read: it shows only when a source printed.
    """
    if not months:
        return ""
    begin, count = _number(first), _number(last) - _number(first) + 1
    per_bar = -(-count // _SPARK_BARS)
    bars: Counter[int] = Counter()
    for month, articles in months.items():
        bars[(_number(month) - begin) // per_bar] += articles
    width = _SPARK_BARS / -(-count // per_bar)
    top = max(bars.values())
    parts = []
    for place, articles in sorted(bars.items()):
        x = _SPARK_BARS - (place + 1) * width if is_arabic() else place * width
        height = _SPARK_HEIGHT * articles / top
        parts.append(f"M{x:.4g} {_SPARK_HEIGHT}v{-height:.3g}h{width:.4g}v{height:.3g}z")
    return "".join(parts)


def _gaps(months: Sequence[tuple[str, int]]) -> Iterator[Gap]:
    for (before, _), (after, _) in pairwise(months):
        missing = _number(after) - _number(before) - 1
        if missing:
            yield Gap(_month(_number(before) + 1), _month(_number(after) - 1), missing)


def _columns(first: str, last: str) -> list[Column]:
    """The columns between two months: months, years or decades."""
    months = range(_number(first), _number(last) + 1)
    if len(months) <= _MOST_MONTHS:
        return [Column(_month(number), _month(number), _month(number)) for number in months]
    years = range(int(first[:4]), int(last[:4]) + 1)
    if len(years) <= _MOST_YEARS:
        return [Column(f"{year:04}", f"{year:04}-01", f"{year:04}-12") for year in years]
    decades = sorted({year // 10 * 10 for year in years})
    return [Column(f"{year:04}-{year + 9:04}", f"{year:04}-01", f"{year + 9:04}-12") for year in decades]


def _number(month: str) -> int:
    year, number = map(int, month.split("-"))
    return 12 * year + number - 1


def _month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdecimal() and text != "0000"
