"""Charts of articles over time, independent of the web: which values, on which axes, and as which file.

>>> chart = draw([Counted(timeline, published)], published, shares=False, mirrored=False)
>>> picture(chart, Texts(title="زلزال", ...))       # SVG
>>> png(picture(...))                                                # the same, 2,200 pixels wide

`chart.py` counts per period, `axis.py` has the ticks; the page draws them by a template, `picture.py` as a file.
"""

from search_ui.charts.axis import TimeTick, ValueAxis, time_ticks, value_axis
from search_ui.charts.chart import MAX_PERIODS, THIN, Chart, Counted, Series, draw, years_of
from search_ui.charts.picture import Texts, picture, png
from search_ui.charts.table import table

__all__ = [
    "MAX_PERIODS",
    "THIN",
    "Chart",
    "Counted",
    "Series",
    "Texts",
    "TimeTick",
    "ValueAxis",
    "draw",
    "picture",
    "png",
    "table",
    "time_ticks",
    "value_axis",
    "years_of",
]
