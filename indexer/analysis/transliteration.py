"""Transliteration: the Arabic spellings that a name in Latin letters probably has, each with its cost.

What one to four Latin letters become is in `transliteration.txt`, with costs: minus the natural logarithm of how often
they do, at the beginning of a name, inside it and at its end. Costs add up along a name, so that the cheapest spellings
are the likeliest. English, French, German, Turkish and Spanish habits are all in it: sh, ch and ş are ش.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Final

MAX_TRANSLITERATIONS: Final = 900
"""Spellings that are given for a name, the likeliest."""

MAX_TRANSLITERATED_LETTERS: Final = 20
"""A longer word is no name."""

_WIDTH: Final = 200  # of the beam: beginnings that are kept behind each letter
_ARTICLE: Final = "ال"
_ARTICLE_COST: Final = 0.7
_LOOKED_AT: Final = (3, 5, 7)
"""Letters of a beginning, its article aside, with which it is asked whether any word begins so."""

ExistingPrefixes = Callable[[Collection[str]], Collection[str]]
"""Those of some beginnings with which some word begins."""
_LONGEST: Final = 6  # letters of a rule
_SPECIAL: Final = str.maketrans(
    {
        "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ð": "dh", "ğ": "gh",
        "ş": "sh", "ç": "ch", "š": "sh", "č": "ch", "ž": "zh", "ñ": "ny", "'": "", "\u2019": "",
    }
)  # fmt: skip
_LATIN: Final = re.compile("[a-z]+")


def latin_letters(word: str) -> str | None:
    """A word's Latin letters, lower and without accents; None for a word that has others."""
    plain = word.lower().translate(_SPECIAL)
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return plain if _LATIN.fullmatch(plain) and len(plain) <= MAX_TRANSLITERATED_LETTERS else None


def transliterations(latin: str, begun: ExistingPrefixes = set, *, is_start: bool = False) -> dict[str, float]:
    """The likeliest Arabic spellings of a name in Latin letters, as folded forms, and their costs, cheapest first.

    With and without the article. `begun` leaves out what is no beginning of any word, so that there is room for what
    is. With `is_start` more letters follow, and the spellings are beginnings.
    """
    reached: list[dict[str, float]] = [{"": 0.0, _ARTICLE: _ARTICLE_COST}, *({} for _ in latin)]
    known = {"": True}
    for at in range(len(latin)):
        likeliest = _likeliest(reached[at], begun, known)
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
            _put_in(reached[at + 1])
    found = sorted(reached[-1].items(), key=lambda item: (item[1], item[0]))
    return {spelling: cost for spelling, cost in found[:MAX_TRANSLITERATIONS] if spelling}


def _likeliest(
    reached: Mapping[str, float], begun: ExistingPrefixes, known: dict[str, bool]
) -> list[tuple[str, float]]:
    """The likeliest of the spellings so far with which some word begins; what is known of beginnings is kept."""
    alive = sorted(reached.items(), key=lambda item: item[1])[: 3 * _WIDTH]
    for letters in _LOOKED_AT:  # what no word begins with at three letters, none does at five
        starts = [_start(spelling, letters) for spelling, _ in alive]
        asked = {start for start in starts if start not in known}
        there = begun(asked) if asked else ()
        known |= {start: start in there for start in asked}
        alive = [item for item, start in zip(alive, starts, strict=True) if known[start]]
    return alive[:_WIDTH]


def _start(spelling: str, letters: int) -> str:
    """The first letters of a spelling, its article aside; nothing of one that has fewer."""
    if spelling.startswith(_ARTICLE):
        letters += len(_ARTICLE)
    return spelling[:letters] if len(spelling) >= letters else ""


def _put_in(reached: dict[str, float]) -> None:
    """Adds long vowels that the Latin letters do not show."""
    likeliest = sorted(reached.items(), key=lambda item: item[1])[: _WIDTH // 4]
    for spelling, cost in likeliest:
        for put, costs in _rules()["-"]:
            total = cost + costs[1]
            if spelling[-1:] != put and total < reached.get(spelling + put, total + 1):
                reached[spelling + put] = total


@cache
def _rules() -> Mapping[str, tuple[tuple[str, tuple[float, float, float]], ...]]:
    """For some Latin letters what they may become, and its cost in front, inside and at the end."""
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
