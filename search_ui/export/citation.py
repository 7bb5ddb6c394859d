"""Citations of an article: as Arabic and English text, in BibTeX and in RIS; and the names of months that they print.

The text has author, title, paper and section, day and hour, the original address; then the archive's name, since when
it has the text, which version, and its address there. Addresses have readable letters, and still work as links.

BibTeX: the fields of `@article` as biblatex reads them, in UTF-8 (https://ctan.org/pkg/biblatex); names in double
braces, since Arabic names are not split into given and family names. RIS: type NEWS, one tag per line, lines ended by
CRLF (https://en.wikipedia.org/wiki/RIS_(file_format)); DB, AN and AV are database, accession number and location in
archives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import quote

from corpus import Article, has_hour, readable_address

FIRST_ISOLATE: Final = "\u2068"
"""Begins text from the article in a citation, which may have another direction; `POP_ISOLATE` ends it."""

POP_ISOLATE: Final = "\u2069"
"""Ends what `FIRST_ISOLATE` begins."""

# Both Arabic names of each month, as the press prints them; CLDR has only one of the two.
ARABIC_MONTHS: Final = (
    "كانون الثاني/يناير",
    "شباط/فبراير",
    "آذار/مارس",
    "نيسان/أبريل",
    "أيار/مايو",
    "حزيران/يونيو",
    "تموز/يوليو",
    "آب/أغسطس",
    "أيلول/سبتمبر",
    "تشرين الأول/أكتوبر",
    "تشرين الثاني/نوفمبر",
    "كانون الأول/ديسمبر",
)
ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_ISOLATES: Final = re.compile("[\u2066-\u2069]")

_BIBTEX_ESCAPES: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{letter: "\\" + letter for letter in "#$%&_{}"},
}
# Characters not escaped in an address, besides letters and digits; braces and backslashes would end its field.
_SAFE_IN_ADDRESS: Final = "/:?#[]@!$&'()*+,;=%-._~"


@dataclass(frozen=True, slots=True)
class ArchiveCopy:
    """The copy in an archive that is cited: the archive's name, the address there, and the version of several.

    `address` is absolute; None where the archive's own address is not known, as on the command line.
    """

    archive: str
    address: str | None = None
    version: int | None = None


def plain(article: Article, copy: ArchiveCopy | None = None, *, isolated: bool = False) -> str:
    """The citation in Arabic; with `isolated`, text from the article and addresses are in direction isolates."""
    return _citation(article, copy, _ARABIC, isolated)


def plain_english(article: Article, copy: ArchiveCopy | None = None, *, isolated: bool = False) -> str:
    """The citation in English; text from the article stays in its language. `isolated` as in `plain`."""
    return _citation(article, copy, _ENGLISH, isolated)


def bibtex(article: Article, copy: ArchiveCopy | None = None) -> str:
    """The BibTeX entry, ending with a newline; `note`, which styles print, names the archive."""
    published, received = article.published, article.retrieved_at
    fields = {
        "author": " and ".join(f"{{{bibtex_text(name)}}}" for name in article.authors),
        "title": f"{{{bibtex_text(article.title)}}}" if article.title else "",
        "journal": bibtex_text(article.source or ""),
        "date": published.date().isoformat() if published else "",
        "year": f"{published.year:04}" if published else "",
        "url": ascii_address(article.url) if article.url else "",
        "urldate": received.date().isoformat() if received else "",
        "note": bibtex_text(_kept(article, copy, _ENGLISH, _unchanged, ascii_address)) if copy else "",
        "archive": bibtex_text(copy.archive) if copy else "",
        "archiveurl": ascii_address(copy.address) if copy and copy.address else "",
        "archivedate": received.date().isoformat() if copy and received else "",
        "langid": "arabic",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@article{{{_key(article)},", *lines, "}", ""])


def ris(article: Article, copy: ArchiveCopy | None = None) -> str:
    """The RIS record; lines end with CRLF."""
    published, received = article.published, article.retrieved_at
    tags = [
        ("TY", "NEWS"),
        *(("AU", name) for name in article.authors),
        ("TI", article.title),
        ("T2", article.source or ""),
        ("SE", article.section or ""),
        ("PY", f"{published.year:04}" if published else ""),
        ("DA", f"{published:%Y/%m/%d}" if published else ""),
        ("LA", "ar"),
        ("UR", ascii_address(article.url) if article.url else ""),
        ("Y2", f"{received:%Y/%m/%d}" if received else ""),
        ("DB", copy.archive if copy else ""),
        ("AN", article.id if copy else ""),
        ("AV", ascii_address(copy.address) if copy and copy.address else ""),
        ("N1", _kept(article, copy, _ENGLISH, _unchanged, ascii_address) if copy else ""),
        ("ID", article.id),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {_one_line(value)}\r\n" for tag, value in tags if value or tag == "ER")


def arabic_day(day: date | datetime) -> str:
    """The day in Arabic, with both names of the month: 23 شباط/فبراير 2017."""
    return f"{day.day} {ARABIC_MONTHS[day.month - 1]} {day.year}"


def english_day(day: date | datetime) -> str:
    """The day in English: 23 February 2017."""
    return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"


def bibtex_text(text: str) -> str:
    """A text as the value of a BibTeX field: one line, with the characters escaped that mean something there."""
    return "".join(_BIBTEX_ESCAPES.get(letter, letter) for letter in _one_line(text))


def ascii_address(url: str) -> str:
    """The address in ASCII, which reference managers leave unchanged."""
    return quote(url, safe=_SAFE_IN_ADDRESS)


@dataclass(frozen=True, slots=True)
class _Words:
    """The words and punctuation of a citation in one language."""

    comma: str
    title: str
    section: str
    since: str
    undated: str
    version: str
    zone: str
    day: Callable[[date | datetime], str]


_ARABIC: Final = _Words(
    "، ", "«{}»", "قسم {}", "محفوظ في {} منذ {}", "محفوظ في {}", "الإصدار {}", "بتوقيت غرينتش{}", arabic_day
)
_ENGLISH: Final = _Words(
    ", ", "“{}”", "section {}", "Archived in {} on {}", "Archived in {}", "version {}", "UTC{}", english_day
)


def _citation(article: Article, copy: ArchiveCopy | None, words: _Words, isolated: bool) -> str:
    own = _isolate if isolated else _unchanged
    parts = [words.comma.join(map(own, article.authors))] if article.authors else []
    if article.title:
        parts.append(words.title.format(own(article.title)))
    printed = [
        own(article.source) if article.source else None,
        words.section.format(own(article.section)) if article.section else None,
        words.day(article.published) if article.published else None,
        own(_hour(article.published, words)) if article.published and has_hour(article.published) else None,
    ]
    if any(printed):
        parts.append(words.comma.join(filter(None, printed)))
    if article.url:
        parts.append(own(readable_address(article.url)))
    if copy:
        parts.append(_kept(article, copy, words, own, readable_address))
    return ". ".join(parts) + "."


def _kept(
    article: Article,
    copy: ArchiveCopy,
    words: _Words,
    own: Callable[[str], str],
    written: Callable[[str], str],
) -> str:
    """Where and since when the text is kept; `written` is how the address is written."""
    received = article.retrieved_at
    since = words.since.format(own(copy.archive), words.day(received)) if received else None
    parts = [
        since or words.undated.format(own(copy.archive)),
        words.version.format(copy.version) if copy.version else None,
        own(written(copy.address)) if copy.address else None,
    ]
    return words.comma.join(filter(None, parts))


def _hour(published: datetime, words: _Words) -> str:
    """The hour as printed, with its zone unless that is UTC: then the zone may not have been printed."""
    shift = published.utcoffset() or timedelta()
    return f"{published:%H:%M} ({words.zone.format(offset_text(shift))})" if shift else f"{published:%H:%M}"


def offset_text(shift: timedelta) -> str:
    """A UTC offset as +3 or +5:30."""
    minutes = round(abs(shift).total_seconds() / 60)
    sign = "+" if shift >= timedelta() else "-"
    return f"{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")


def without_isolates(text: str) -> str:
    """A text for a program: without the invisible characters that keep mixed directions in order on a screen."""
    return _ISOLATES.sub("", text)


def _isolate(text: str) -> str:
    return f"{FIRST_ISOLATE}{without_isolates(text)}{POP_ISOLATE}"


def _unchanged(text: str) -> str:
    return text


def _key(article: Article) -> str:
    """The entry's citation key: the id in letters, digits and dashes; different ids have different keys."""
    return "arshif-" + re.sub(r"[^A-Za-z0-9-]", lambda match: f"_{ord(match[0]):x}_", article.id)


def _one_line(text: str) -> str:
    return " ".join(text.split())
