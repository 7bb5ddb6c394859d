"""The numbers of a chart as CSV: first how it was counted, in lines that begin with #, then a line for each period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search_ui.charts.chart import THIN, Chart
from search_ui.export import csv_row

_BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets read UTF-8 as the system's encoding


def table(chart: Chart | None, about: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The table; `about` are the names and values of the first lines.

    A period in which the archive has no article of a search's base is an empty cell, not a zero. `of_1` is the base
    of the first search, `thin` is 1 for a period from which the archive has few articles.
    """
    yield _BYTE_ORDER_MARK
    for name, value in about:
        yield csv_row((f"# {name}", " ".join(value.split())))
    if chart is None:
        return
    numbers = range(1, len(chart.series) + 1)
    names = (name for number in numbers for name in (f"articles_{number}", f"of_{number}", f"share_{number}"))
    yield csv_row(("period", "first_day", "last_day", *names, "archive", "thin"))
    for place, time in enumerate(chart.times):
        cells: list[object] = [time, *chart.days(place)]
        for series in chart.series:
            if not series.base[place]:
                cells += ["", 0, ""]
            else:
                cells += [series.hits[place], series.base[place], f"{series.share(place):.6g}"]
        yield csv_row([*cells, chart.archive[place], int(chart.archive[place] < THIN)])
