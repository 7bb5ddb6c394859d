"""Arabic names of countries, cities, months and weekdays, by their names in another language, from CLDR (Babel).

Only these are certain by a list; other names are spelled by their sound (`indexer.spellings.latin_names`). The cities
are those of the time zones. A country has its adjectives too, since news of Egypt often print المصري alone, and is
found by them, where CLDR has them as the names of languages (French). A month has all its names: يناير and جانفي.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Final

from indexer.analysis import fold
from indexer.query.words import plain_words

if TYPE_CHECKING:
    from babel import Locale

MAX_WORDS_OF_NAME: Final = 5
"""Words of a name that are compared; longer names of territories are those of remote islands."""

_ARABIC: Final = ("ar", "ar_SY", "ar_DZ", "ar_MA")
"""The locales whose names of months differ."""

_SHORT: Final[Mapping[str, tuple[str, ...]]] = {
    "AE": ("الإمارات",),
    "BA": ("البوسنة",),
    "CD": ("الكونغو",),
    "CG": ("الكونغو",),
    "GB": ("بريطانيا",),
    "PS": ("فلسطين",),
    "SA": ("السعودية",),
    "US": ("أمريكا", "أميركا"),
}
"""Shorter names that Arabic news print more often than those of CLDR."""

_OTHER_NAMES: Final[Mapping[tuple[str, str], str]] = {("en", "TR"): "Turkey"}
"""Names of places, by language and code, that news print more often than the one of CLDR, here Türkiye."""

_NO_CITIES: Final = frozenset(
    [
        *("Casey", "Center", "Chita", "Christmas", "Darwin", "Davis", "Easter", "Jersey", "Knox", "Midway", "Norfolk"),
        *("Oral", "Palmer", "Petersburg", "Phoenix", "Regina", "Resolute", "Samara", "Stanley", "Troll", "Truk"),
        *("Unknown", "Wake"),
    ]
)
"""Zones of CLDR that are ordinary words or other names too."""

_NO_PLACES: Final = frozenset(("001", "EZ", "QO", "UM", "XA", "XB", "ZZ"))
_MAY_BE_VERBS: Final = frozenset((("march",), ("may",), ("august",), ("mart",), ("mars",)))
"""Months that are words or other names too, unless they are written as the language writes months."""

_ARTICLE: Final = "ال"
_ENDING: Final = re.compile("(?:ية|يا|ا|ة)$")
_BRACKETED: Final = re.compile(r"\s*\(([^)]*)\)")


class NameKind(Enum):
    """What a name is the name of."""

    PLACE = "place"
    CITY = "city"
    MONTH = "month"
    WEEKDAY = "weekday"
    ADJECTIVE = "adjective"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class ListedName:
    """A name in another language, as CLDR writes it, and its Arabic names, each as words."""

    kind: NameKind
    written: tuple[str, ...]
    arabic: tuple[tuple[str, ...], ...]


@cache
def listed_names(language: str) -> Mapping[tuple[str, ...], ListedName]:
    """The names of a language, by their words in lower case.

    `language` is a code of CLDR (en). Places come first: Georgian is a language, Georgia a place, and no word is both.
    """
    from babel import Locale

    own = Locale.parse(language)
    arabic = [Locale.parse(code) for code in _ARABIC]
    found: dict[tuple[str, ...], ListedName] = {}
    for name in (
        *_places(own, arabic[0]),
        *_cities(own, arabic[0]),
        *_months(own, arabic),
        *_weekdays(own, arabic[0]),
        *_languages(own, arabic[0], _places_by_adjective()),
    ):
        key = tuple(word.casefold() for word in name.written)
        if name.arabic and 0 < len(key) <= MAX_WORDS_OF_NAME:
            found.setdefault(key, name)
    return found


def place_of_adjective(form: str) -> ListedName | None:
    """The place that a folded Arabic adjective is of: السعودية of سعودي; None for any other word."""
    names = _places_by_adjective().get(form.removeprefix(_ARTICLE))
    return ListedName(NameKind.PLACE, (), names) if names else None


def is_written(name: ListedName, typed: tuple[str, ...]) -> bool:
    """Whether a name is typed with the capital letters that its language gives it."""
    return typed == name.written or all(word.isupper() for word in typed if len(word) > 1)


def is_ambiguous(typed: tuple[str, ...]) -> bool:
    """Whether a month is an ordinary word too, so that only its capital letter shows that it is one."""
    return tuple(word.casefold() for word in typed) in _MAY_BE_VERBS


def _places(own: Locale, arabic: Locale) -> Iterator[ListedName]:
    for code, name in own.territories.items():
        if code in _NO_PLACES or code not in arabic.territories:
            continue
        names = _names_of_place(code, arabic)
        for written in (*_parts(name), *_parts(_OTHER_NAMES.get((own.language, code), name))):
            yield ListedName(NameKind.PLACE, written, names)


def _names_of_place(code: str, arabic: Locale) -> tuple[tuple[str, ...], ...]:
    names = _distinct((*_parts(arabic.territories[code]), *map(_words, _SHORT.get(code, ()))))
    return _distinct((*names, *((one,) for each in names for one in _adjectives(each))))


@cache
def _places_by_adjective() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """The names of places, by their folded adjectives."""
    from babel import Locale

    arabic = Locale.parse(_ARABIC[0])
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for code in arabic.territories:
        if code not in _NO_PLACES:
            names = _names_of_place(str(code), arabic)
            found |= {fold(one): names for name in names for one in _adjectives(name) if fold(one) not in found}
    return found


def _cities(own: Locale, arabic: Locale) -> Iterator[ListedName]:
    for zone, value in arabic.time_zones.items():
        name = zone.rpartition("/")[2]
        if zone.startswith(("Antarctica/", "America/Indiana/", "America/North_Dakota/")) or name in _NO_CITIES:
            continue
        # CLDR leaves out a name that is that of the zone.
        written = own.time_zones.get(zone, {}).get("city") or name.replace("_", " ")
        for arabic_name in (value["city"],) if "city" in value else ():
            yield ListedName(NameKind.CITY, _words(written), tuple(_parts(arabic_name)))


def _months(own: Locale, arabic: Iterable[Locale]) -> Iterator[ListedName]:
    for number in range(1, 13):
        names = _distinct(_words(locale.months["format"]["wide"][number]) for locale in arabic)
        for context in ("format", "stand-alone"):
            yield ListedName(NameKind.MONTH, _words(own.months[context]["wide"][number]), names)


def _weekdays(own: Locale, arabic: Locale) -> Iterator[ListedName]:
    for number in range(7):
        names = (_words(arabic.days["format"]["wide"][number]),)
        yield ListedName(NameKind.WEEKDAY, _words(own.days["format"]["wide"][number]), names)


def _languages(own: Locale, arabic: Locale, places: Mapping[str, tuple[tuple[str, ...], ...]]) -> Iterator[ListedName]:
    for code, name in own.languages.items():
        language = _words(arabic.languages.get(code, ""))
        if len(language) == 1:
            place = places.get(fold(language[0].removeprefix(_ARTICLE)))
            yield ListedName(NameKind.ADJECTIVE if place else NameKind.LANGUAGE, _words(name), place or (language,))


def _adjectives(name: tuple[str, ...]) -> Iterator[str]:
    """The adjectives of a country whose name is one word, in each gender and number: مصري of مصر, سوري of سوريا."""
    if len(name) != 1:
        return
    base = _ENDING.sub("", name[0].removeprefix(_ARTICLE) if len(name[0]) > 4 else name[0])
    if len(base) < 3 or base.endswith("ي"):
        return
    yield from (base + ending for ending in ("ي", "ية", "يين", "يون", "يات"))


def _parts(name: str) -> Iterator[tuple[str, ...]]:
    """A name of CLDR, and what it has in brackets: ميانمار (بورما)."""
    yield _words(_BRACKETED.sub("", name))
    for inner in _BRACKETED.findall(name):
        if " " not in inner:
            yield _words(inner)


def _words(text: str) -> tuple[str, ...]:
    return tuple(plain_words(text))


def _distinct(names: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(names))
