"""Parse dates as Arabic news prints them, in pages, feeds and queries.

A text is folded and split into tokens, each of a kind named by one letter; dates are patterns over these letters:

    d  a number of one or two digits, غرة (the 1st), سلخ (the last day)      y  a number of four digits
    m  a month      l  a Libyan month, or an everyday word                  f  الفاتح: the 1st, or Libyan September
    s  the sign of a calendar (هـ, م)      t  a time of day      z  a time zone      - / .  themselves      w  the rest

So "23 شباط/ فبراير 2017 10:30" is `dm/myt`. Connecting words (شهر, عام, "of") and , ( ) are not tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache

from corpus.article import day_start
from corpus.dates.calendars import (
    YEARS,
    Calendar,
    Month,
    calendar_of_year,
    day_of,
    fold_date_text,
    month_named,
    month_span,
    names_pattern,
    year_span,
)
from corpus.errors import NotADate

# The longest text that is parsed, after collapsing white space: room for both calendars, a time, a zone and a byline.
MAX_LENGTH = 300
_MAX_QUOTED = 80

_LAST_DAY = -1
_DAY_WORDS = {"غره": 1, "سلخ": _LAST_DAY}
_SIGNS = dict.fromkeys(("ه", "هجري", "هجريه", "للهجره", "ah", "h"), Calendar.HIJRI) | dict.fromkeys(
    ("م", "ميلادي", "ميلاديه", "للميلاد", "ad", "ce"), Calendar.GREGORIAN
)

# UTC offsets in hours of zones without summer time and of the names in RFC 2822 and Java dates. Cities with summer time
# (بيروت, القاهرة) are left out: their name alone does not determine the offset.
_ZONES = (
    (r"gmt|utc|(?:ب?توقيت )?[غج]ري?ني?تش|ت\.? ?غ|wet", 0),
    (r"ب?توقيت (?:مكه(?: المكرمه)?|السعوديه|الرياض|الكويت|قطر|الدوحه)|eest", 3),
    (r"ب?توقيت (?:الامارات|ابو ?ظبي|دبي)", 4),
    (r"cet|west", 1),
    (r"eet|cest", 2),
    (r"edt", -4),
    (r"est|cdt", -5),
    (r"cst|mdt", -6),
    (r"mst|pdt", -7),
    (r"pst", -8),
)

# No letter follows. A digit may be on either side of a name: 19ربيع, 2شعبان.
_END = r"(?![^\W\d_])"
_HALF = r"صباحا|مساءا?|ظهرا|عصرا|فجرا|ليلا|بعد الظهر|قبل الظهر|am|pm|[ap]\.m\."
_OFFSET_END = r"(?![\d:]|[-/.]\d)"
_TIME = (
    rf"(?:الساعه (?=\d)|(?=\d\d?:|\d\d? ?(?:{_HALF}){_END}))(?P<hour>[01]?\d|2[0-3])"
    r"(?:[:.](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,9}))?)?(?![\d:]|\.\d)|(?!:|\.?\d|[-/]))"
    rf"(?: ?(?:من )?(?P<half>{_HALF}|صباح|ظهر|عصر|فجر|ليل|[صم]){_END})?"
    rf"(?: ?z{_END}| ?(?P<offset>[-+](?:0\d|1[0-4]):?(?:00|15|30|45)){_OFFSET_END}"
    r"|(?P<offset_hours>[-+](?:0\d|1[0-4]))$)?"
)
# A minus after a space may be a dash before a day, unless a four-digit offset follows.
_ZONE = (
    rf"(?P<zone>{'|'.join(names for names, _ in _ZONES)}){_END}"
    rf"(?:(?: ?(?=\+)|(?=-)| (?=-\d\d:?\d\d))(?P<shift>[-+] ?(?:0?\d|1[0-4])(?::?(?:00|15|30|45))?){_OFFSET_END})?"
)
_EPITHET = "(?: (?:الحرام|الخير|المبارك|المعظم|المكرم|المرجب|الفرد))?"  # رجب المرجب
_BINDING = "من|شهر|لشهر|(?:ال|ل)?عام|(?:ال|ل)?سنه|of|st|nd|rd|th|er"


@cache
def _token_pattern() -> re.Pattern[str]:
    """The pattern of a token; compiled when a date is first read, as few searches read one."""
    return re.compile(
        rf"(?P<t>{_TIME})|(?P<z>{_ZONE})|(?P<number>\d+)|(?P<f>الفاتح{_END})"
        rf"|(?P<m>(?P<name>{names_pattern(doubtful=False)}){_EPITHET}{_END})|(?P<l>{names_pattern(doubtful=True)}{_END})"
        rf"|(?P<day>(?:{'|'.join(_DAY_WORDS)}){_END})|(?P<s>(?:{'|'.join(_SIGNS)}){_END})"
        rf"|(?P<binding>(?:{_BINDING}){_END}|[\s,()])|(?P<mark>[-/.])|(?P<w>[^\W\d_]+|.)",
        re.DOTALL,
    )


# A month may be printed with the names of several regions: كانون الثاني/يناير/جانفي.
_NAMES = "[mlf](?:[-/]?[mlf]){0,3}"
_DATE = re.compile(
    rf"(?P<dmy>[df][-/.]?{_NAMES}[-/.]?[tz]*ys?)|(?P<mdy>{_NAMES}[-/.]?d[-/.]?[tz]*ys?)|(?P<ymd>y[-/.]?{_NAMES}[-/.]?ds?)"
    r"|(?P<digits_dmy>d(?P<a>[-/.])d(?P=a)ys?)|(?P<digits_ymd>y(?P<b>[-/.])d(?P=b)ds?)"
)
_MONTH_OR_YEAR = re.compile(r"(?:m(?:[-/]?m){0,3}[-/.]?|d[-/.])?ys?|y(?:[-/.]?m(?:[-/]?m){0,3}|[-/.]d)s?")

# ISO 8601 without separators, as in metadata and web archives: 20170223, 20170223T103000Z, 20170223103000.
_COMPACT = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:t?([01]\d|2[0-3])([0-5]\d)([0-5]\d))?(?!\d)"
)
# Seconds or milliseconds since 1970. A leading zero is excluded: 0501234567 is a telephone number.
_EPOCH = re.compile(r"([1-9]\d{9})(\d{3})?")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    number: int = 0
    month: Month | None = None
    sign: Calendar | None = None
    clock: time | None = None
    offset: timedelta | None = None


@dataclass(frozen=True, slots=True)
class _Printed:
    """A date, month or year found in a text; `month` and `day` are None if not printed."""

    calendar: Calendar
    year: int
    month: int | None
    day: int | None = None
    in_digits: bool = False

    def span(self) -> tuple[date, date]:
        """The first and the last Gregorian day. Raises ValueError if the calendar has no such date."""
        if self.month is None:
            return year_span(self.calendar, self.year)
        if self.day is None:
            return month_span(self.calendar, self.year, self.month)
        if self.day == _LAST_DAY:
            day = month_span(self.calendar, self.year, self.month)[1]
        else:
            try:
                day = day_of(self.calendar, self.year, self.month, self.day)
            except ValueError:
                if not self.in_digits:
                    raise
                day = day_of(self.calendar, self.year, self.day, self.month)
        return day, day


def parse_date(text: str) -> datetime:
    """Parse the date in a text; the result is aware: time and offset as printed, by default midnight and UTC.

    Words around the date are ignored, and a weekday is not checked. Of several dates the first counts, but a Gregorian
    one before any Hijri one. 3/2/2017 is the third of February.

    Raises:
        NotADate: no date in it, no year or one of two digits, no such day, or over `MAX_LENGTH` characters.
    """
    folded = _fold_short(text)
    if epoch := _EPOCH.fullmatch(folded):
        return _from_epoch(text, int(epoch[1]), int(epoch[2] or 0))
    tokens = _tokens(folded)
    found = _dates(tokens)
    if not found:
        raise _not_a_date(text)
    _, printed = found[0]
    try:
        day, _ = printed.span()
    except ValueError:
        raise _not_a_date(text) from None
    # A time after another date ("updated ...") does not belong to this one.
    ends = (start for start, other in found if other.calendar is printed.calendar and other != printed)
    return _at(day, tokens[: next(ends, None)])


def parse_period(text: str, *, strict: bool = False) -> tuple[date, date]:
    """Parse a day, month or year, Gregorian or Hijri, to its first and last day, both included.

    A month or a year must be the whole text (عام 2017, شباط 2017, 2017-02, 02/2017, رجب 1438هـ); in any other text the
    period is the date that `parse_date` finds, a single day. With `strict`, a day must be the whole text too.

    Raises:
        NotADate: it is none of these, or over `MAX_LENGTH` characters.
    """
    tokens = _tokens(_fold_short(text))
    kinds = _kinds(tokens)
    if _MONTH_OR_YEAR.fullmatch(kinds) and (printed := _read(tokens)):
        try:
            return printed.span()
        except ValueError:
            raise _not_a_date(text) from None
    if strict and not _DATE.fullmatch(kinds):
        raise _not_a_date(text)
    day = parse_date(text).date()
    return day, day


def _fold_short(text: str) -> str:
    # Ten times the length at first: pages have long runs of white space.
    if len(text) > 10 * MAX_LENGTH or len(" ".join(text.split())) > MAX_LENGTH:
        raise _not_a_date(text)
    return _COMPACT.sub(_separated, fold_date_text(text))


def _separated(compact: re.Match[str]) -> str:
    year, month, day, *clock = compact.groups()
    return f"{year}-{month}-{day}" + (f" {':'.join(clock)}" if clock[0] else "")


def _not_a_date(text: str) -> NotADate:
    quoted = text[: 2 * _MAX_QUOTED].strip()
    return NotADate(quoted if len(quoted) <= _MAX_QUOTED else quoted[: _MAX_QUOTED - 1] + "…")


def _from_epoch(text: str, seconds: int, milliseconds: int) -> datetime:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, milliseconds=milliseconds)
    if moment.year not in YEARS[Calendar.GREGORIAN]:
        raise _not_a_date(text)
    return moment


def _tokens(folded: str) -> list[_Token]:
    return [_token(match) for match in _token_pattern().finditer(folded) if match.lastgroup != "binding"]


def _kinds(tokens: list[_Token]) -> str:
    return "".join(token.kind for token in tokens)


def _token(match: re.Match[str]) -> _Token:
    text = match[0]
    match match.lastgroup:
        case "t":
            return _Token("t", clock=_clock(match), offset=_offset(match["offset"] or match["offset_hours"]))
        case "z":
            hours = next(hours for names, hours in _ZONES if re.fullmatch(names, match["zone"]))
            return _Token("z", offset=timedelta(hours=hours) + (_offset(match["shift"]) or timedelta()))
        case "number" if len(text) in (1, 2, 4):
            return _Token("y" if len(text) == 4 else "d", number=int(text))
        case "f" | "l":
            return _Token(match.lastgroup, number=1, month=month_named(text))
        case "m":
            return _Token("m", month=month_named(match["name"]))
        case "day":
            return _Token("d", number=_DAY_WORDS[text])
        case "s":
            return _Token("s", sign=_SIGNS[text])
        case "mark":
            return _Token(text)
    return _Token("w")


def _clock(match: re.Match[str]) -> time:
    hour, half = int(match["hour"]), match["half"] or ""
    if half and hour <= 12:
        if half.startswith("ظهر"):  # noon: from 10 to 3
            evening = hour not in (10, 11)
        elif half.startswith("ليل"):  # night: from 6 to 5
            evening = 6 <= hour < 12
        else:
            evening = half.startswith(("م", "عصر", "بعد", "p"))
        hour = hour % 12 + 12 * evening
    micros = int((match["fraction"] or "0").ljust(6, "0")[:6])
    return time(hour, int(match["minute"] or 0), int(match["second"] or 0), micros)


def _offset(printed: str | None) -> timedelta | None:
    """Parse an offset: +3, +03, +330, +0330 or +03:30."""
    if printed is None:
        return None
    digits = printed[1:].replace(":", "").strip()
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    size = timedelta(hours=int(hours), minutes=int(minutes))
    return -size if printed.startswith("-") else size


def _dates(tokens: list[_Token]) -> list[tuple[int, _Printed]]:
    """The dates with the tokens at which they start: the Gregorian ones, then the Hijri ones, in the order printed."""
    found = []
    for match in _DATE.finditer(_kinds(tokens)):
        parts = tokens[match.start() : match.end()]
        day_first = match.lastgroup in ("dmy", "digits_dmy")
        place = 0 if day_first else max(i for i, token in enumerate(parts) if token.kind == "d")
        if printed := _read(parts[:place] + parts[place + 1 :], parts[place].number, match.lastgroup == "digits_dmy"):
            found.append((match.start(), printed))
    return sorted(found, key=lambda pair: pair[1].calendar is Calendar.HIJRI)


def _read(parts: list[_Token], day: int | None = None, in_digits: bool = False) -> _Printed | None:
    """Interpret a year with or without a month; None if its parts contradict each other.

    The name of the month determines the calendar, then the sign (both are sometimes misprinted), then the year.
    """
    year = next(part.number for part in parts if part.kind == "y")
    sign = next((part.sign for part in parts if part.sign), None)
    named = {part.month for part in parts if part.month}
    months = {month.number for month in named} | {part.number for part in parts if part.kind == "d"}
    calendars = {month.calendar for month in named} if named else {sign or calendar_of_year(year)}
    if len(months) > 1 or len(calendars) > 1 or (calendar := calendars.pop()) is None or year not in YEARS[calendar]:
        return None
    return _Printed(calendar, year, months.pop() if months else None, day, in_digits)


def _at(day: date, tokens: list[_Token]) -> datetime:
    clocks = [(place, token.clock, token.offset) for place, token in enumerate(tokens) if token.clock is not None]
    if not clocks:
        return day_start(day)
    _, clock, offset = clocks[0]
    # A zone after a second time belongs to that time: 22:30 local (19:30 GMT).
    end = clocks[1][0] if len(clocks) > 1 else len(tokens)
    zone = next((token.offset for token in tokens[:end] if token.kind == "z"), None)
    shift = zone if offset is None else offset
    return datetime.combine(day, clock, timezone(shift) if shift else UTC)
