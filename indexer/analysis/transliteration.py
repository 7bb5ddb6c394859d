"""Transliteration: the likely Arabic spellings of a name in Latin letters, each with its cost.

`transliteration.txt` maps one to four Latin letters to Arabic ones, with costs: minus the natural logarithm of the
frequency, at the beginning, inside and at the end of a name. Costs add up along a name, so that the cheapest spellings
are the likeliest. It covers English, French, German, Turkish and Spanish conventions: sh, ch and ş are ش.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Final

MAX_TRANSLITERATIONS: Final = 900
"""Spellings generated for a name, the likeliest first."""

MAX_TRANSLITERATED_LETTERS: Final = 20
"""Letters; a longer word is not a name."""

_WIDTH: Final = 200  # of the beam: partial spellings kept after each letter
_ARTICLE: Final = "ال"
_ARTICLE_COST: Final = 0.7
_CHECKED_LENGTHS: Final = (3, 5, 7)
"""Letters of a partial spelling, without its article, at which it is checked against existing prefixes."""

ExistingPrefixes = Callable[[Collection[str]], Collection[str]]
"""Returns those of some prefixes with which a word of the archive begins."""
_LONGEST: Final = 6  # letters of a rule
_SPECIAL: Final = str.maketrans(
    {
        "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ð": "dh", "ğ": "gh",
        "ş": "sh", "ç": "ch", "š": "sh", "č": "ch", "ž": "zh", "ñ": "ny", "'": "", "\u2019": "",
    }
)  # fmt: skip
_LATIN: Final = re.compile("[a-z]+")


def latin_letters(word: str) -> str | None:
    """The Latin letters of a word, in lower case, without accents; None for a word with other letters."""
    plain = word.lower().translate(_SPECIAL)
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return plain if _LATIN.fullmatch(plain) and len(plain) <= MAX_TRANSLITERATED_LETTERS else None


def transliterations(
    latin: str, existing_prefixes: ExistingPrefixes = set, *, is_start: bool = False
) -> dict[str, float]:
    """The likeliest Arabic spellings of a name in Latin letters, as folded forms, and their costs, cheapest first.

    They are with and without the article. `existing_prefixes` prunes spellings that no word begins with. With
    `is_start` the name is still being typed, and the spellings are prefixes.
    """
    reached: list[dict[str, float]] = [{"": 0.0, _ARTICLE: _ARTICLE_COST}, *({} for _ in latin)]
    known = {"": True}
    for at in range(len(latin)):
        likeliest = _likeliest(reached[at], existing_prefixes, known)
        for length in range(1, min(_LONGEST, len(latin) - at) + 1):
            ends = at + length == len(latin) and not is_start
            place = 0 if at == 0 else 2 if ends else 1
            rules = _rules().get(latin[at : at + length], ())
            beyond = reached[at + length]
            for spelling, cost in likeliest:
                for put, costs in rules:
                    longer, total = spelling + put, cost + costs[place]
                    if total < beyond.get(longer, total + 1):
                        beyond[longer] = total
        if at + 1 < len(latin):
            _insert_vowels(reached[at + 1])
    found = sorted(reached[-1].items(), key=lambda item: (item[1], item[0]))
    return {spelling: cost for spelling, cost in found[:MAX_TRANSLITERATIONS] if spelling}


def _likeliest(
    reached: Mapping[str, float], existing_prefixes: ExistingPrefixes, known: dict[str, bool]
) -> list[tuple[str, float]]:
    """The likeliest partial spellings that a word begins with; `known` caches prefixes."""
    alive = sorted(reached.items(), key=lambda item: item[1])[: 3 * _WIDTH]
    for letters in _CHECKED_LENGTHS:  # a prefix that does not exist at three letters needs no check at five
        starts = [_start(spelling, letters) for spelling, _ in alive]
        asked = {start for start in starts if start not in known}
        there = existing_prefixes(asked) if asked else ()
        known |= {start: start in there for start in asked}
        alive = [item for item, start in zip(alive, starts, strict=True) if known[start]]
    return alive[:_WIDTH]


def _start(spelling: str, letters: int) -> str:
    """The first letters of a spelling, after its article; empty for a shorter one."""
    if spelling.startswith(_ARTICLE):
        letters += len(_ARTICLE)
    return spelling[:letters] if len(spelling) >= letters else ""


def _insert_vowels(reached: dict[str, float]) -> None:
    """Add long vowels that the Latin letters do not show."""
    likeliest = sorted(reached.items(), key=lambda item: item[1])[: _WIDTH // 4]
    for spelling, cost in likeliest:
        for put, costs in _rules()["-"]:
            total = cost + costs[1]
            if spelling[-1:] != put and total < reached.get(spelling + put, total + 1):
                reached[spelling + put] = total


@cache
def _rules() -> Mapping[str, tuple[tuple[str, tuple[float, float, float]], ...]]:
    """Latin letters → what they may become, with its costs at the beginning, inside and at the end."""
    path = Path(__file__).with_name("transliteration.txt")
    found: dict[str, tuple[tuple[str, tuple[float, float, float]], ...]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if fields := line.partition("#")[0].split():
            latin, arabic, first, inside, last = fields
            rule = (arabic.replace("-", ""), (float(first), float(inside), float(last)))
            found[latin] = (*found.get(latin, ()), rule)
            if len(latin) == 1 and latin not in "aeiouy-" and rule[0]:  # a doubled consonant is written once
                found[latin * 2] = (*found.get(latin * 2, ()), rule)
    return found
