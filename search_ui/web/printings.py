"""The line of printings of a story: earliest first, with the hours that are known, and what is not known of the order.

An article keeps the day of its printing, and the hour and UTC offset if they were printed. A day without an hour says
nothing of the order within that day. Hours in UTC may have been printed without a zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask_babel import gettext, ngettext

from corpus import Copy, Group, has_hour
from search_ui.export import offset_text
from search_ui.web.template_filters import number

_DAY: Final = timedelta(days=1)
_MAX_MARKS: Final = 300
_MAX_DAYS: Final = 40  # beginnings of days that the picture has lines for


@dataclass(frozen=True, slots=True)
class Printing:
    """A copy in the line. `may_be_first`: no other copy is known to be earlier."""

    copy: Copy
    hour: str = ""
    zone: str = ""
    """The UTC offset, as +3; empty for UTC, which may stand for no zone."""
    may_be_first: bool = False
    after: timedelta | None = None
    """How long after the earliest known hour; None for that hour itself."""

    @property
    def later(self) -> str:
        """How long after the earliest known hour, in words."""
        return _later(self.after) if self.after else ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A printing in the picture, from 0 to 100; a day without an hour has a width."""

    start: float
    width: float
    article_id: str


@dataclass(frozen=True, slots=True)
class LineOfPrintings:
    """The printings of a story, earliest first; the order within a day is unknown where hours are."""

    printings: tuple[Printing, ...]
    first: Printing | None
    """The first in this archive; None if that is not known."""
    papers: int
    without_hour: int
    undated: int
    zones: frozenset[bool]
    """Whether hours have a zone: all, none, or some."""
    marks: tuple[Mark, ...] = ()
    days: tuple[float, ...] = ()
    """Where days begin in the picture."""
    ends: tuple[datetime, datetime] | None = None

    @property
    def candidates(self) -> list[Printing]:
        """The printings of which each may be the first."""
        return [printing for printing in self.printings if printing.may_be_first]

    @property
    def earliest(self) -> Printing | None:
        """The printing with the earliest known hour, if it may be the first."""
        return next((printing for printing in self.candidates if printing.hour), None)


def line_of(group: Group, *, drawn: bool = False, mirrored: bool = False) -> LineOfPrintings:
    """The line of printings of a story; `drawn` as a picture too, `mirrored` with time from right to left."""
    dated = [copy.published for copy in group.copies if copy.published]
    times = [time for time in dated if has_hour(time)]
    early = {copy.article_id for copy in group.may_be_first}
    earliest = min(times, default=None)
    printings = tuple(_printing(copy, copy.article_id in early, earliest) for copy in group.copies)
    first = group.known_first
    marks, days, ends = _picture(group.copies, times, mirrored) if drawn else ((), (), None)
    return LineOfPrintings(
        printings,
        next((printing for printing in printings if printing.copy == first), None),
        len(group.sources),
        len(dated) - len(times),
        len(printings) - len(dated),
        frozenset(bool(time.utcoffset()) for time in times),
        marks,
        days,
        ends,
    )


def candidates(count: int) -> str:
    """That one of several printings was the first."""
    return str(
        ngettext(
            "Which printing was the first in this archive is not known: %(count)s may be.",
            "Which printing was the first in this archive is not known: any of %(count)s may be.",
            count,
            count=number(count),
        )
    )


def undated_printings(count: int) -> str:
    """That printings without a date may have been the first."""
    return str(
        ngettext(
            "Which printing was the first in this archive is not known: %(count)s has no date.",
            "Which printing was the first in this archive is not known: %(count)s have no date.",
            count,
            count=number(count),
        )
    )


def printed_times(line: LineOfPrintings) -> str:
    """How often a story was printed, and in how many papers."""
    times, papers = len(line.printings), line.papers
    often = str(ngettext("printed %(count)s time", "printed %(count)s times", times, count=number(times)))
    where = str(ngettext("in %(count)s paper", "in %(count)s papers", papers, count=number(papers))) if papers else ""
    return where if papers == times else gettext(", ").join(filter(None, (often, where)))


def _printing(copy: Copy, may_be_first: bool, earliest: datetime | None) -> Printing:
    published = copy.published
    if published is None or not has_hour(published):
        return Printing(copy, may_be_first=may_be_first)
    shift = published.utcoffset() or timedelta()
    after = _to_the_minute(published) - _to_the_minute(earliest) if earliest else None
    return Printing(copy, f"{published:%H:%M}", offset_text(shift) if shift else "", may_be_first, after)


def _to_the_minute(time: datetime) -> datetime:
    """The time as it is shown, so that a reader who subtracts two hours gets the time between them that is shown."""
    return time.replace(second=0, microsecond=0)


def _later(after: timedelta) -> str:
    """A time in words: in minutes, in hours and minutes, or from two days on in days."""
    minutes = int(after.total_seconds() // 60)
    if minutes < 1:
        return str(gettext("in the same minute"))
    if minutes < 60:
        return str(ngettext("%(count)s minute later", "%(count)s minutes later", minutes, count=number(minutes)))
    if after < 2 * _DAY:
        hours, rest = divmod(minutes, 60)
        time = str(ngettext("%(count)s hour", "%(count)s hours", hours, count=number(hours)))
        if rest:
            more = ngettext("%(count)s minute", "%(count)s minutes", rest, count=number(rest))
            time = str(gettext("%(hours)s and %(minutes)s", hours=time, minutes=more))
        return str(gettext("%(time)s later", time=time))
    return str(ngettext("%(count)s day later", "%(count)s days later", after.days, count=number(after.days)))


def _picture(
    copies: Sequence[Copy], times: Sequence[datetime], mirrored: bool
) -> tuple[tuple[Mark, ...], tuple[float, ...], tuple[datetime, datetime] | None]:
    """Where the printings are on a line of time; nothing for fewer than two different hours."""
    if len(set(times)) < 2:
        return (), (), None
    zone = times[0].tzinfo
    spans = []
    for copy in copies[:_MAX_MARKS]:
        if copy.published:
            known = has_hour(copy.published)
            start = copy.published if known else copy.published.replace(tzinfo=zone)
            spans.append((start, start if known else start + _DAY, copy.article_id))
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    whole = (last - first) / timedelta(seconds=1)

    def place(time: datetime) -> float:
        return round(100 * ((time - first) / timedelta(seconds=1)) / whole, 2)

    def mark(start: datetime, end: datetime, article_id: str) -> Mark:
        left, right = place(start), place(end)
        return Mark(100 - right if mirrored else left, round(right - left, 2), article_id)

    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
    count = (last - first).days + 1
    days = (midnight + later * _DAY for later in range(count if count <= _MAX_DAYS else 0))
    lines = (place(day) for day in days if first < day < last)
    return (
        tuple(mark(*span) for span in spans),
        tuple(100 - line if mirrored else line for line in lines),
        (first, last),
    )
