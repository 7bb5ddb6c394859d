"""Template filters: numbers, dates, match labels and origins as the pages print them, in the reader's language."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, datetime
from pathlib import Path
from typing import Final

from flask import Flask
from flask_babel import gettext, lazy_gettext, ngettext
from markupsafe import Markup, escape

from corpus import Origin, OriginKind, display_url, has_hour, hijri_date, readable_address
from indexer import Match, MatchLevel, QueryWarning
from search_ui.export import offset_text
from search_ui.export.citation import ARABIC_MONTHS, ENGLISH_MONTHS, FIRST_ISOLATE, POP_ISOLATE, english_day
from search_ui.web.languages import calendar, digits, is_arabic, months
from search_ui.web.served_archive import served_archive

_HIJRI_AR: Final = (
    "محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة",
    "رجب", "شعبان", "رمضان", "شوال", "ذو القعدة", "ذو الحجة",
)  # fmt: skip
_HIJRI_EN: Final = (
    "Muharram", "Safar", "Rabi I", "Rabi II", "Jumada I", "Jumada II",
    "Rajab", "Shaban", "Ramadan", "Shawwal", "Dhu al-Qadah", "Dhu al-Hijjah",
)  # fmt: skip
_MAGHREB_MONTHS: Final = (
    "جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان", "جويلية", "أوت", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
)  # fmt: skip
_ARABIC_DIGITS: Final = str.maketrans("0123456789,.%", "٠١٢٣٤٥٦٧٨٩٬٫٪")
_INVISIBLE: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_QUOTES: Final = re.compile("[\"«»“”„‟‹›‘’']")
_ARABIC: Final = re.compile("[\u0621-\u064a]")
_DATES: Final = re.compile(r"\d+(?:(?:[-/]|\.\.)\d+)+")
_INSIDE_WORDS: Final = re.compile(r"(?<=\w)[.\-\u2010\u2011](?=\w)")
_LEVELS: Final = {
    MatchLevel.PHRASE: lazy_gettext("phrase"),
    MatchLevel.FORM: lazy_gettext("exact form"),
    MatchLevel.SPELLING: lazy_gettext("another spelling"),
    MatchLevel.PATTERN: lazy_gettext("wildcard"),
    MatchLevel.FUZZY: lazy_gettext("similar spelling"),
    MatchLevel.LEMMA: lazy_gettext("another form"),
    MatchLevel.STEM: lazy_gettext("same stem"),
    MatchLevel.ROOT: lazy_gettext("same root"),
    MatchLevel.SIMILAR: lazy_gettext("similar word"),
}
_KINDS: Final = {
    OriginKind.FILE: lazy_gettext("file"),
    OriginKind.STDIN: lazy_gettext("standard input"),
    OriginKind.WARC: lazy_gettext("web archive"),
    OriginKind.FEED: lazy_gettext("feed"),
    OriginKind.URL: lazy_gettext("web page"),
}

_OF_FILES: Final = (OriginKind.FILE, OriginKind.WARC)
# The names that the readers of `corpus` give to parts of a file.
_PARTS: Final = {
    "line": lazy_gettext("line %(number)s"),
    "row": lazy_gettext("row %(number)s"),
    "entry": lazy_gettext("entry %(number)s"),
    "element": lazy_gettext("element %(number)s"),
}
_COUNTED: Final = re.compile(rf"({'|'.join(_PARTS)}) (\d+)")


def source_name(source: str) -> str:
    """The name by which a source is shown."""
    return served_archive().archive.source_names.shown(source)


def set_filters(app: Flask) -> None:
    """Register the filters of an application's templates."""
    app.jinja_env.filters.update(
        source_name=source_name,
        day=printed_day,
        time=printed_time,
        days=days_of,
        results=count_of_results,
        articles=count_of_articles,
        sources=count_of_sources,
        stories=in_stories,
        number=number,
        percent=percent,
        decimal=decimal,
        match_label=match_label,
        warning_text=warning_text,
        origin_kind=origin_kind,
        origin_name=origin_name,
        origin_part=origin_part,
        readable_url=display_url,
        readable_address=readable_address,
        hour=printed_hour,
        utc_hour=utc_hour,
        in_digits=in_digits,
        bare=bare,
        isolated=isolated,
        isolated_dates=isolated_dates,
        direction=direction,
        lang=lang,
        zip=lambda rows: list(zip(*rows, strict=True)),
    )


def printed_day(published: date | datetime) -> str:
    """The day, as 23 شباط/فبراير 2017 or 23 February 2017; with the Hijri date if the reader chose that calendar.

    Arabic pages have the names of months and the digits that the reader chose.
    """
    day = published.date() if isinstance(published, datetime) else published
    printed = in_digits(f"{day.day} {_month(day.month)} {day.year}") if is_arabic() else english_day(day)
    if calendar() != "hijri" or not (hijri := hijri_date(day)):
        return printed
    if is_arabic():
        return f"{printed} {in_digits(f'({hijri[2]} {_HIJRI_AR[hijri[1] - 1]} {hijri[0]}هـ)')}"
    return f"{printed} ({hijri[2]} {_HIJRI_EN[hijri[1] - 1]} {hijri[0]} AH)"


def printed_hour(published: datetime, source: str | None = None) -> str:
    """The hour that was printed, with its UTC offset unless that is 0; empty if none is known."""
    known = served_archive().archive.source_names.published(source, published)
    if known is None or not has_hour(known):
        return ""
    shift = known.utcoffset()
    zone = f" ({gettext('UTC%(offset)s', offset=offset_text(shift))})" if shift else ""
    return in_digits(f"{known:%H:%M}{zone}")


def utc_hour(time: datetime) -> str:
    """The hour of what the archive recorded itself, which it does in UTC."""
    zone = gettext("UTC")
    return f"{in_digits(f'{time:%H:%M}')} {zone}"


def decimal(value: float) -> str:
    """A number with one decimal, in the digits that the reader chose."""
    return in_digits(f"{value:.1f}")


def printed_time(time: str) -> str:
    """A period of a timeline (`2017`, `2017-02` or `2017-02-16`) in words."""
    year, *rest = (int(part) for part in time.split("-"))
    if len(rest) == 2:
        return printed_day(date(year, *rest))
    if not rest:
        return in_digits(str(year))
    return in_digits(f"{_month(rest[0])} {year}")


def hijri_month(month: int, year: int | None = None) -> str:
    """A Hijri month in words, with its year if given."""
    name = (_HIJRI_AR if is_arabic() else _HIJRI_EN)[month - 1]
    return name if year is None else in_digits(f"{name} {year}هـ") if is_arabic() else f"{name} {year} AH"


def days_of(time: str) -> tuple[str, str]:
    """The first and the last day of a period of a timeline, as ISO dates."""
    year, month, day = (*(int(part) for part in time.split("-")), 0, 0)[:3]
    last_month = month or 12
    last = day or monthrange(year, last_month)[1]
    return f"{year:04}-{month or 1:02}-{day or 1:02}", f"{year:04}-{last_month:02}-{last:02}"


def number(value: int) -> str:
    """A number with thousands separators, in the digits that the reader chose."""
    return in_digits(f"{value:,}")


def percent(share: float) -> str:
    """A fraction as a percentage, with two significant digits if it is small."""
    value = 100 * share
    return in_digits(
        f"{value:.0f}%" if value >= 10 or value == 0 else f"{value:.1f}%" if value >= 0.1 else f"{value:.2g}%"
    )


def count_of_results(count: int) -> str:
    """A number of results with its noun."""
    return str(ngettext("%(count)s result", "%(count)s results", count, count=number(count)))


def count_of_articles(count: int) -> str:
    """A number of articles with its noun."""
    return str(ngettext("%(count)s article", "%(count)s articles", count, count=number(count)))


def count_of_sources(count: int) -> str:
    """A number of sources with its noun."""
    return str(ngettext("%(count)s source", "%(count)s sources", count, count=number(count)))


def in_stories(count: int) -> str:
    """The number of stories of the results."""
    return str(ngettext("in %(count)s story", "in %(count)s stories", count, count=number(count)))


def match_label(match: Match) -> str:
    """How a word of the text matched: its level, or that a number is written in digits or in words."""
    typed, printed = (any(map(str.isdigit, text)) for text in (match.word, match.printed))
    if match.level is MatchLevel.SPELLING and typed != printed:
        return str(gettext("in digits") if printed else gettext("in words"))
    return str(_LEVELS[match.level])


def warning_text(warning: QueryWarning) -> str:
    """A warning in the reader's language."""
    return warning.arabic if is_arabic() else warning.english


def origin_kind(origin: Origin) -> str:
    """The kind of an origin, in the reader's language."""
    return str(_KINDS[origin.kind])


def origin_name(origin: Origin) -> str:
    """The name of an origin; of a path only the file name, since paths on this machine are not public."""
    return Path(origin.name).name if origin.kind in _OF_FILES else origin.name


def origin_part(origin: Origin) -> str:
    """The part of an origin, such as a line or row, in the reader's language; empty for the whole of it."""
    return str(gettext(", ")).join(map(_part_label, (origin.part or "").split(", ")))


def bare(query: str, quotes: bool = True) -> str:
    """A query without insignificant characters: direction marks, extra spaces, dots and hyphens between letters, final
    punctuation; and without quotation marks unless `quotes`.
    """
    parted = _INSIDE_WORDS.sub(" ", _INVISIBLE.sub("", query if quotes else _QUOTES.sub("", query)))
    return " ".join(parted.split()).rstrip("؟?!.…،").rstrip()


def isolated(text: str) -> Markup:
    """A citation, escaped, with direction isolates as `<bdi>` elements: characters would be copied along."""
    written = str(escape(text)).replace(FIRST_ISOLATE, "<bdi>").replace(POP_ISOLATE, "</bdi>")
    return Markup(written)


def isolated_dates(text: str) -> Markup:
    """A query, escaped, with dates in digits isolated: beside Arabic letters, 2017-02 would look like 02-2017."""
    return Markup(_DATES.sub(r'<bdi dir="ltr">\g<0></bdi>', str(escape(text))))


def direction(text: str) -> str:
    """`rtl` or `ltr`, by the first letter with a direction."""
    kinds = map(unicodedata.bidirectional, text[:200])
    return "ltr" if next((kind for kind in kinds if kind in ("L", "R", "AL")), "AL") == "L" else "rtl"


def lang(text: str) -> Markup:
    """The attribute `lang="ar"` for Arabic text in a page of another language, by its first letter; otherwise nothing.

    In a template: `<bdi{{ title|lang }}>`. Latin letters may be of any language, so they get no attribute.
    """
    return Markup(' lang="ar"') if not is_arabic() and direction(text) == "rtl" and _ARABIC.search(text) else Markup()


def _month(number: int) -> str:
    """The name of a month in the reader's language, and of those in Arabic the one that was chosen."""
    if not is_arabic():
        return ENGLISH_MONTHS[number - 1]
    if months() == "maghreb":
        return _MAGHREB_MONTHS[number - 1]
    syriac, roman = ARABIC_MONTHS[number - 1].split("/")
    return {"syriac": syriac, "roman": roman}.get(months(), f"{syriac}/{roman}")


def in_digits(text: str) -> str:
    """A number, a day or an hour in the digits that the reader chose; not a sentence, whose points would change too."""
    return text.translate(_ARABIC_DIGITS) if digits() == "arabic" and is_arabic() else text


def _part_label(step: str) -> str:
    counted = _COUNTED.fullmatch(step)
    return str(_PARTS[counted[1]]) % {"number": f"{int(counted[2]):,}"} if counted else step
