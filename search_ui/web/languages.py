"""The languages of the pages: Arabic, and English beside it. Which one a request wants, and its catalogue.

The pages' sentences are in the sources in English; `translations/ar/LC_MESSAGES/messages.po` has the Arabic. The
catalogue is compiled in memory when it is first needed, so no compiled copy can be older than what it was made from.

Numbers, dates and match levels in the reader's language.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale, gettext, lazy_gettext, ngettext
from markupsafe import Markup, escape

from corpus import hijri_date
from indexer import Match, MatchLevel, QueryWarning
from search_ui.export.citation import ARABIC_MONTHS, ENGLISH_MONTHS, FIRST_ISOLATE, POP_ISOLATE, arabic_day, english_day

LANGUAGES: Final = {"ar": "العربية", "en": "English"}
"""Code → the language's own name; the first is the default."""

_DEFAULT: Final = "ar"
_YEAR: Final = 365 * 24 * 3600  # seconds
# What a reader chose once stays chosen: parameter and cookie of one name, with the values that are known.
_CHOICES: Final = {"lang": tuple(LANGUAGES), "calendar": ("gregorian", "hijri")}


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel ships no types
    """The catalogues of this package, which Flask-Babel would look for compiled."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of the request's language."""
        return catalogue(language())


def set_languages(app: Flask) -> None:
    """Makes an application speak the languages."""
    babel = Babel(app, default_locale=_DEFAULT, locale_selector=_wanted)
    babel.domain_instance = Catalogues()
    app.after_request(_remember)
    app.context_processor(lambda: {"language": language(), "calendar": calendar()})


def language() -> str:
    """The code of the language that is spoken now."""
    return _once("language", lambda: str(get_locale() or _DEFAULT))


def is_arabic() -> bool:
    """Whether the language that is spoken now is Arabic."""
    return language() == "ar"


def calendar() -> str:
    """`hijri` where the reader wants Hijri dates beside the Gregorian ones."""
    return _once("calendar", lambda: _chosen("calendar") or "gregorian")


@lru_cache
def catalogue(code: str) -> NullTranslations:
    """The sentences of a language; those of English are the sources' own."""
    source = files("search_ui.web").joinpath("translations", code, "LC_MESSAGES", "messages.po")
    if not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=code))
    compiled.seek(0)
    return Translations(compiled)


def _once(name: str, find: Callable[[], str]) -> str:
    """What is found is kept for the request: a page asks hundreds of times."""
    if not has_request_context():
        return find()
    known: str | None = g.get(name)
    if known is None:
        known = find()
        setattr(g, name, known)
    return known


def _wanted() -> str:
    return _chosen("lang") or request.accept_languages.best_match(list(LANGUAGES)) or _DEFAULT


def _chosen(name: str) -> str | None:
    if not has_request_context():
        return None
    for asked in (request.args.get(name), request.cookies.get(name)):
        if asked in _CHOICES[name]:
            return asked
    return None


def _remember(response: Response) -> Response:
    """Keeps what was chosen in this request; a page of another language is another answer to the same address."""
    for name, known in _CHOICES.items():
        if (asked := request.args.get(name)) in known and response.mimetype == "text/html":
            response.set_cookie(name, asked, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    if response.mimetype == "text/html":
        response.vary.update(("Accept-Language", "Cookie"))
    return response


_HIJRI_AR: Final = (
    "محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة",
    "رجب", "شعبان", "رمضان", "شوال", "ذو القعدة", "ذو الحجة",
)  # fmt: skip
_HIJRI_EN: Final = (
    "Muharram", "Safar", "Rabi I", "Rabi II", "Jumada I", "Jumada II",
    "Rajab", "Shaban", "Ramadan", "Shawwal", "Dhu al-Qadah", "Dhu al-Hijjah",
)  # fmt: skip
_INVISIBLE: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_QUOTES: Final = re.compile("[\"«»“”„‟‹›‘’']")
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


def name_of_level(level: MatchLevel) -> str:
    """How a word matched."""
    return str(_LEVELS[level])


def met_by(match: Match) -> str:
    """How the words of a text matched: by which level; a number in another writing by that."""
    typed, printed = (any(map(str.isdigit, text)) for text in (match.word, match.printed))
    if match.level is MatchLevel.SPELLING and typed != printed:
        return str(gettext("in digits") if printed else gettext("in words"))
    return name_of_level(match.level)


def told(warning: QueryWarning) -> str:
    """A warning in the reader's language."""
    return warning.arabic if is_arabic() else warning.english


def printed_day(published: date | datetime) -> str:
    """The day: 23 شباط/فبراير 2017, or 23 February 2017; with the Hijri date if it was chosen."""
    printed = arabic_day(published) if is_arabic() else english_day(published)
    day = published.date() if isinstance(published, datetime) else published
    if calendar() != "hijri" or not (hijri := hijri_date(day)):
        return printed
    if is_arabic():
        return f"{printed} ({hijri[2]} {_HIJRI_AR[hijri[1] - 1]} {hijri[0]}هـ)"
    return f"{printed} ({hijri[2]} {_HIJRI_EN[hijri[1] - 1]} {hijri[0]} AH)"


def printed_time(time: str) -> str:
    """A time of a timeline, `2017`, `2017-02` or `2017-02-16`, in words."""
    year, *rest = (int(part) for part in time.split("-"))
    if len(rest) == 2:
        return printed_day(date(year, *rest))
    months = ARABIC_MONTHS if is_arabic() else ENGLISH_MONTHS
    return f"{months[rest[0] - 1]} {year}" if rest else str(year)


def days_of(time: str) -> tuple[str, str]:
    """The first and the last day of a time of a timeline, as ISO dates."""
    year, month, day = (*(int(part) for part in time.split("-")), 0, 0)[:3]
    last_month = month or 12
    last = day or monthrange(year, last_month)[1]
    return f"{year:04}-{month or 1:02}-{day or 1:02}", f"{year:04}-{last_month:02}-{last:02}"


def number(value: int) -> str:
    """A number with its thousands parted."""
    return f"{value:,}"


def percent(share: float) -> str:
    """A share of one, in per cent: two significant digits where it is small."""
    value = 100 * share
    return f"{value:.0f}%" if value >= 10 or value == 0 else f"{value:.1f}%" if value >= 0.1 else f"{value:.2g}%"


def count_of_results(count: int) -> str:
    """A number of results with its noun."""
    return str(ngettext("%(count)s result", "%(count)s results", count, count=number(count)))


def in_stories(count: int) -> str:
    """In how many stories the results are."""
    return str(ngettext("in %(count)s story", "in %(count)s stories", count, count=number(count)))


def in_papers(count: int) -> str:
    """In how many papers a story was printed."""
    return str(ngettext("in %(count)s paper", "in %(count)s papers", count, count=number(count)))


def bare(query: str, quotes: bool = True) -> str:
    """A query without insignificant characters: direction marks, extra spaces, dots and hyphens between letters, final
    punctuation; and without quotation marks unless `quotes`.
    """
    parted = _INSIDE_WORDS.sub(" ", _INVISIBLE.sub("", query if quotes else _QUOTES.sub("", query)))
    return " ".join(parted.split()).rstrip("؟?!.…،").rstrip()


def isolated(text: str) -> Markup:
    """A citation, escaped, in which what is the article's own is isolated by elements: marks would be copied along."""
    written = str(escape(text)).replace(FIRST_ISOLATE, "<bdi>").replace(POP_ISOLATE, "</bdi>")
    return Markup(written)


def isolated_dates(text: str) -> Markup:
    """A query, escaped, with its dates in digits isolated: beside Arabic letters, 2017-02 would be drawn as 02-2017."""
    return Markup(_DATES.sub(r'<bdi dir="ltr">\g<0></bdi>', str(escape(text))))


def direction(text: str) -> str:
    """`rtl` or `ltr`, by the first letter that has a direction; text around a quotation follows it."""
    kinds = map(unicodedata.bidirectional, text[:200])
    return "ltr" if next((kind for kind in kinds if kind in ("L", "R", "AL")), "AL") == "L" else "rtl"
