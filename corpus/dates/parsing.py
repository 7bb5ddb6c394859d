"""Parse dates as Arabic news prints them, in pages, feeds and queries.

A text is folded and split into tokens, each of a kind named by one letter; dates are patterns over these letters:

    d  a number of one or two digits, غرة (the 1st), سلخ (the last day)      y  a number of four digits
    m  a month      l  a Libyan month, or an everyday word                  f  الفاتح: the 1st, or Libyan September
    s  the sign of a calendar (هـ, م)      t  a time of day      z  a time zone      - / . | :  themselves  w  the rest

So "23 شباط/ فبراير 2017 10:30" is `dm/myt`. Connecting words (شهر, عام, "of") and , ( ) are not tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache

from corpus.article import day_start
from corpus.dates import period_words as words
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

# Weekdays without the article, as Drupal prints them (خميس, 10/03/2019), and in French.
_WEEKDAYS = (
    words.WEEKDAYS
    | {name.removeprefix("ال"): day for name, day in words.WEEKDAYS.items()}
    | {
        fold_date_text(name): day
        for day, names in enumerate(
            (
                "lundi, lun",
                "mardi, tues",
                "mercredi, mer, الأربعا, أربعا",
                "jeudi, jeu, thur, thurs",
                "vendredi, ven",
                "samedi, sam",
                "dimanche, dim",
            )
        )
        for name in names.split(", ")
    }
)
_WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# No letter follows. A digit may be on either side of a name: 19ربيع, 2شعبان.
_END = r"(?![^\W\d_])"
_HALF = r"صباحا|مساءا?|ظهرا|عصرا|فجرا|ليلا|بعد الظهر|قبل الظهر|am|pm|[ap]\.m\."
_OFFSET_END = r"(?![\d:]|[-/.]\d)"
_TIME = (
    rf"(?:الساعه (?=\d)|(?=\d\d?:|\d\d?h[0-5]\d(?!\d)|\d\d? ?(?:{_HALF}){_END}))(?P<hour>[01]?\d|2[0-3])"
    r"(?:[:.h](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,9}))?)?(?![\d:]|\.\d)|(?!:|\.?\d|[-/]))"
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
        rf"|(?P<binding>(?:{_BINDING}){_END}|[\s,()])|(?P<mark>[-/.|:])|(?P<w>[^\W\d_]+|.)",
        re.DOTALL,
    )


# A month may be printed with the names of several regions: كانون الثاني/يناير/جانفي.
_NAMES = "[mlf](?:[-/]?[mlf]){0,3}"
_DATE = re.compile(
    rf"(?P<dmy>[df][-/.]?{_NAMES}[-/.]?[tz]*ys?)|(?P<mdy>{_NAMES}[-/.]?d[-/.]?[tz]*ys?)|(?P<ymd>y[-/.]?{_NAMES}[-/.]?ds?)"
    r"|(?P<digits_dmy>d(?P<a>[-/.])d(?P=a)ys?)|(?P<digits_ymd>y(?P<b>[-/.])d(?P=b)ds?)"
)
# A year of two digits, if no date has four: 15/10/19, 15-Oct-19, and after a weekday 15 Oct 19.
_SHORT_DATE = re.compile(
    rf"(?<![-/.dy])(?:(?P<digits>d(?P<a>[-/.])d(?P=a)ds?)|(?P<named>d(?P<b>[-/.]?){_NAMES}(?P=b)d))(?![-/.dym])"
)
_MONTH_OR_YEAR = re.compile(r"(?:m(?:[-/]?m){0,3}[-/.]?|d[-/.])?ys?|y(?:[-/.]?m(?:[-/]?m){0,3}|[-/.]d)s?")

# ISO 8601 without separators, as in metadata and web archives: 20170223, 20170223T103000Z, 20170223103000.
_COMPACT = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:t?([01]\d|2[0-3])([0-5]\d)([0-5]\d))?(?!\d)"
)
# Seconds or milliseconds since 1970. A leading zero is excluded: 0501234567 is a telephone number.
_EPOCH = re.compile(r"([1-9]\d{9})(\d{3})?")


# What may be between a weekday and its date: a time, a mark, the Hijri date and one word (الموافق).
_BESIDE = re.compile(r"[-/.|:tz]*|[-/.|:tz]*[dmyslf/.-]+[w|:]?[-/.s]*")
_AFTER = re.compile(r"[-/.|tz]*w")
_NEXT_DATE = re.compile(r"[-/.|:]*[dmy]")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    number: int = 0
    month: Month | None = None
    sign: Calendar | None = None
    clock: time | None = None
    offset: timedelta | None = None
    weekday: int | None = None
    digits: int = 0
    """The number of digits."""


# كانون 2, ت1, ج1 between a day and a year; تشرين2 2016 is a month too.
_NUMBERED_MONTH = re.compile(words.PRINTED_NUMBERED_MONTH)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """The date in a text, and why it is in doubt; None if it is not."""

    moment: datetime
    doubt: str | None = None
    readings: tuple[date, ...] = ()
    """The days that it may be; `moment` is on the first."""


@dataclass(frozen=True, slots=True)
class _Printed:
    """A date, month or year found in a text; `month` and `day` are None if not printed."""

    calendar: Calendar
    year: int
    month: int | None
    day: int | None = None
    in_digits: bool = False
    year_may_be_first: bool = False
    """Whether 15-08-07 may also be of 2015."""

    def span(self) -> tuple[date, date]:
        """The first and the last Gregorian day. Raises ValueError if the calendar has no such date."""
        if self.month is None:
            return year_span(self.calendar, self.year)
        if self.day is None:
            return month_span(self.calendar, self.year, self.month)
        if self.day == _LAST_DAY:
            day = month_span(self.calendar, self.year, self.month)[1]
        elif readings := self.readings():
            day = readings[0]
        else:
            raise ValueError("no such day")
        return day, day

    def readings(self) -> tuple[date, ...]:
        """The days that a day in digits may be: the day first, the month first, the year first."""
        if self.month is None or self.day is None or self.day == _LAST_DAY:
            return ()
        orders = [(self.year, self.month, self.day)]
        if self.in_digits:
            orders.append((self.year, self.day, self.month))
        if self.year_may_be_first:
            orders.append((self.year // 100 * 100 + self.day, self.month, self.year % 100))
        found = []
        for year, month, day in orders:
            try:
                found.append(day_of(self.calendar, year, month, day))
            except ValueError:
                continue
        return tuple(dict.fromkeys(found))


def parse_date(text: str) -> datetime:
    """Parse the date in a text; the result is aware: time and offset as printed, by default midnight and UTC.

    Words around the date are ignored. Of several dates the first counts, but a Gregorian one before any Hijri one.
    3/2/2017 is the third of February, but the second of March beside the weekday of that day, or beside its Hijri date.

    Raises:
        NotADate: no date in it, no year or one of two digits, no such day, or over `MAX_LENGTH` characters.
    """
    return _find(text).moment


def find_date(text: str, *, not_after: datetime | None = None) -> FoundDate:
    """Like `parse_date`, with years of two digits, and whether the date is in doubt.

    It is in doubt if day and month can be swapped and nothing decides between them, or if it has another weekday than
    the one printed. The date is not after `not_after` (when the text was received), if it has such a reading.

    Raises:
        NotADate: no date in it, no year, no such day, or over `MAX_LENGTH` characters.
    """
    return _find(text, not_after=not_after, short_years=True)


def _find(text: str, *, not_after: datetime | None = None, short_years: bool = False) -> FoundDate:
    folded = _fold_short(text)
    if epoch := _EPOCH.fullmatch(folded):
        return FoundDate(_from_epoch(text, int(epoch[1]), int(epoch[2] or 0)))
    tokens = _tokens(folded)
    found = _dates(tokens)
    if not found and short_years:
        found = _short_dates(tokens, not_after)
    if not found:
        raise _not_a_date(text)
    place, printed = found[0]
    try:
        readings = printed.readings() or printed.span()[:1]
    except ValueError:
        raise _not_a_date(text) from None
    weekday = _weekday(tokens, place)
    kept, doubt = _decide(readings, printed, weekday, [other for _, other in found[1:]], not_after)
    # A time after another date ("updated ...") does not belong to this one.
    ends = (start for start, other in found if other.calendar is printed.calendar and other != printed)
    moment = _at(kept[0], tokens[: next(ends, None)])
    return FoundDate(moment, f"'{_quoted(text)}' {doubt}: kept as {kept[0]}" if doubt else None, kept)


def _decide(
    readings: tuple[date, ...],
    printed: _Printed,
    weekday: int | None,
    others: list[_Printed],
    not_after: datetime | None,
) -> tuple[tuple[date, ...], str | None]:
    """The readings that are left, the likeliest first, and the doubt."""
    # Hijri dates are not printed with the month first.
    if printed.calendar is Calendar.HIJRI:
        readings = readings[:1]
    others = [other for other in others if other.calendar is not printed.calendar]
    beside = {day for other in others for day in other.readings()[:1]}
    known = [day for day in readings if any(abs((day - other).days) <= 2 for other in beside)]
    readings = tuple(known) or readings
    if weekday is None:
        if not_after:
            limit = not_after.date() + timedelta(days=1)
            readings = tuple(day for day in readings if day <= limit) or readings
    elif fitting := tuple(day for day in readings if _has_weekday(day, weekday, printed.calendar)):
        readings = fitting
    else:
        return readings, f"was not a {_WEEKDAY_NAMES[weekday]}"
    if len(readings) == 1:
        return readings, None
    return readings, f"may be {' or '.join(f'{day.day} {day:%B %Y}' for day in readings)}"


def _has_weekday(day: date, weekday: int, calendar: Calendar) -> bool:
    # Printed Hijri dates differ from the tables by a day.
    apart = (day.weekday() - weekday + 3) % 7 - 3
    return abs(apart) <= (calendar is Calendar.HIJRI)


def _weekday(tokens: list[_Token], place: int) -> int | None:
    """The weekday beside a date that starts at a token: before it, or before the Hijri date that precedes it."""
    kinds = _kinds(tokens)
    for before in range(place - 1, -1, -1):
        if (weekday := tokens[before].weekday) is not None:
            return weekday if _BESIDE.fullmatch(kinds, before + 1, place) else None
    end = next(
        (match.end() for match in (*_DATE.finditer(kinds), *_SHORT_DATE.finditer(kinds)) if match.start() == place),
        place,
    )
    after = _AFTER.match(kinds, end)
    if after and (weekday := tokens[after.end() - 1].weekday) is not None and not _NEXT_DATE.match(kinds, after.end()):
        return weekday
    return None


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
    return _COMPACT.sub(_separated, _NUMBERED_MONTH.sub(_numbered_month, fold_date_text(text)))


def _numbered_month(short: re.Match[str]) -> str:
    """The whole name of a month such as كانون 2, ت1, ج1."""
    name = words.SHORT_MONTHS.get(short[1], short[1])
    return f" {name} {'الاول' if short[2] in ('1', 'i') else 'الثاني'} "


def _separated(compact: re.Match[str]) -> str:
    year, month, day, *clock = compact.groups()
    return f"{year}-{month}-{day}" + (f" {':'.join(clock)}" if clock[0] else "")


def _not_a_date(text: str) -> NotADate:
    return NotADate(_quoted(text))


def _quoted(text: str) -> str:
    quoted = " ".join(text[: 2 * _MAX_QUOTED].split())
    return quoted if len(quoted) <= _MAX_QUOTED else quoted[: _MAX_QUOTED - 1] + "…"


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
            return _Token("y" if len(text) == 4 else "d", number=int(text), digits=len(text))
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
    return _Token("w", weekday=_WEEKDAYS.get(text))


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


def _short_dates(tokens: list[_Token], not_after: datetime | None) -> list[tuple[int, _Printed]]:
    """Like `_dates`, for years of two digits."""
    newest = (not_after or datetime.now(UTC)).year
    found = []
    for match in _SHORT_DATE.finditer(_kinds(tokens)):
        parts = tokens[match.start() : match.end()]
        numbers = [part for part in parts if part.kind == "d"]
        sign = parts[-1].sign
        year = _century(numbers[-1].number, sign, newest) + numbers[-1].number
        if numbers[-1].digits != 2 or year < 100:
            continue
        in_digits = match.lastgroup == "digits" or match["digits"] is not None
        year_first = in_digits and sign is None and match["a"] == "-" and numbers[0].digits == 2
        year_token = replace(numbers[-1], kind="y", number=year)
        rest = [year_token if part is numbers[-1] else part for part in parts if part is not numbers[0]]
        printed = _read(rest, numbers[0].number, in_digits)
        if printed is None:
            continue
        printed = replace(printed, year_may_be_first=year_first)
        # Without marks, the number may count something else: 15 Oct 19 killed.
        if not in_digits and not match["b"]:
            weekday = _weekday(tokens, match.start())
            if weekday is None or not any(day.weekday() == weekday for day in printed.readings()):
                continue
        found.append((match.start(), printed))
    return found


def _century(year: int, sign: Calendar | None, newest: int) -> int:
    """The century of a year of two digits; 0 if it is not clear: 36 is 1436 to a Saudi reader."""
    if sign is Calendar.HIJRI:
        return 1400
    if year <= newest % 100:
        return newest // 100 * 100
    return (newest // 100 - 1) * 100 if year >= 50 else 0


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
