"""Citations of an article: as Arabic and English text, in BibTeX and in RIS; and the names of months that they print.

BibTeX: the fields of `@article` as biblatex reads them, in UTF-8 (https://ctan.org/pkg/biblatex); names in double
braces, since Arabic names are not split into given and family names. RIS: type NEWS, one tag per line, lines ended by
CRLF (https://en.wikipedia.org/wiki/RIS_(file_format)).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Final
from urllib.parse import quote

from corpus import Article

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


def plain(article: Article, *, isolated: bool = False) -> str:
    """The citation in Arabic: author, title, source, day, address, and when the archive retrieved it.

    With `isolated`, text from the article is enclosed in direction isolates.
    """
    return _citation(article, isolated, "، ", "«{}»", "(حُفظ في {})", arabic_day)


def plain_english(article: Article, *, isolated: bool = False) -> str:
    """The citation in English; text from the article stays in its language. `isolated` as in `plain`."""
    return _citation(article, isolated, ", ", "“{}”", "(Archived {})", english_day)


def bibtex(article: Article) -> str:
    """The BibTeX entry, ending with a newline."""
    published, received = article.published, article.retrieved_at
    fields = {
        "author": " and ".join(f"{{{_bibtex(name)}}}" for name in article.authors),
        "title": f"{{{_bibtex(article.title)}}}" if article.title else "",
        "journal": _bibtex(article.source or ""),
        "date": published.date().isoformat() if published else "",
        "year": f"{published.year:04}" if published else "",
        "url": ascii_address(article.url) if article.url else "",
        "urldate": received.date().isoformat() if received else "",
        "langid": "arabic",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@article{{{_key(article)},", *lines, "}", ""])


def ris(article: Article) -> str:
    """The RIS record; lines end with CRLF."""
    published, received = article.published, article.retrieved_at
    tags = [
        ("TY", "NEWS"),
        *(("AU", name) for name in article.authors),
        ("TI", article.title),
        ("T2", article.source or ""),
        ("PY", f"{published.year:04}" if published else ""),
        ("DA", f"{published:%Y/%m/%d}" if published else ""),
        ("LA", "ar"),
        ("UR", ascii_address(article.url) if article.url else ""),
        ("Y2", f"{received:%Y/%m/%d}" if received else ""),
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


def ascii_address(url: str) -> str:
    """The address in ASCII, which reference managers leave unchanged."""
    return quote(url, safe=_SAFE_IN_ADDRESS)


def _citation(
    article: Article, isolated: bool, comma: str, quoted: str, archived: str, day: Callable[[date | datetime], str]
) -> str:
    own = _isolate if isolated else _unchanged
    parts = [comma.join(map(own, article.authors))] if article.authors else []
    if article.title:
        parts.append(quoted.format(own(article.title)))
    source = own(article.source) if article.source else None
    printed = [part for part in (source, day(article.published) if article.published else None) if part]
    if printed:
        parts.append(comma.join(printed))
    if article.url:
        parts.append(own(ascii_address(article.url)))
    if article.retrieved_at:
        parts.append(archived.format(day(article.retrieved_at)))
    return ". ".join(parts) + "."


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


def _bibtex(text: str) -> str:
    return "".join(_BIBTEX_ESCAPES.get(letter, letter) for letter in _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())
