"""Transcription: the spellings in which a foreign name may be written in Arabic letters, each with its cost.

Arabic has no g, v, p, ch or ñ, writes no short vowels, and has no academy that all papers follow: Guterres is غوتيريش,
غوتيريس, غوتيريز, جوتيريس and قوتيريش. The rules, over folded forms (ة is ه, ى is ي, أ إ آ are ا), hold in both
directions:

    0.4   letters for one sound: g is غ ج ق; t is ت ط; k is ق ك; dh is ذ د ز
    0.4   ch: تش ش; dj: دج ج; x: كس كز; nh: مورينيو مورينهو
    0.4   a doubled letter; a hamza more or less, or for its seat; an -o with its ه; a final -a: سوريا سورية
    0.5   a long vowel between two consonants that is not written: كاميرون كامرون; s is س ص, z ز ظ, th ث ت س, d د ض
    0.6   a diphthong for its vowel: فايسبوك فيسبوك; a last r with its silent
          d or t: هازارد هازار
    0.65  s and z, except in front: غوتيريس غوتيريز
    0.7   letters for similar sounds: v and w are ف و; kh is خ ه ك; ch is تش ج; -es is يش يس; g is ك
    0.8   ا for ي between two consonants: ديفيس دافيس
    1.2   و for another vowel: انجلوس انجليس

The total cost allowed grows with the length of a word (`LIMITS`), since short names have many neighbours. Words that
look Arabic vary only in what no Arabic name distinguishes: doubled letters, hamza, and g. So سهير is not زهير, and
القصيبي not القصبي.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from heapq import heappop, heappush
from itertools import permutations
from typing import Final

MAX_TRANSCRIPTIONS: Final = 700
"""Spellings generated for a word, the cheapest first; each is looked up in microseconds."""

LIMITS: Final = {4: 0.4, 5: 0.6, 6: 1.0, 7: 1.1}
"""The cost allowed for a word, by its number of letters; nothing for shorter ones, `_MAX_COST` for longer ones."""
_MAX_COST: Final = 1.5
MAX_TRANSCRIBED_LETTERS: Final = 20
"""Letters; a longer word is not a name, and would have thousands of spellings."""
_CAUTIOUS: Final = 0.4  # cost allowed for a word that looks Arabic

_ONE_SOUND: Final = 0.4
_VOWEL_UNWRITTEN: Final = 0.5
_OTHER_VOWEL: Final = 0.6
_NEAR_SOUND: Final = 0.7
_SILENT: Final = 0.6
_OTHER: Final = 1.2
_NEAR_VOWEL: Final = 0.8

_VOWELS: Final = "اوي"
Rule = tuple[str, str, float]

_ALWAYS: Final[tuple[Rule, ...]] = (
    ("غ", "ج", _ONE_SOUND), ("غ", "ق", _ONE_SOUND),
    ("ءا", "ا", _ONE_SOUND), ("وء", "و", _ONE_SOUND), ("ءو", "و", _ONE_SOUND),
    ("ءي", "ي", _ONE_SOUND), ("يء", "ي", _ONE_SOUND),
)  # fmt: skip
_INSIDE_OR_END: Final[tuple[Rule, ...]] = (("س", "ز", _OTHER_VOWEL + 0.05),)
_FOREIGN: Final[tuple[Rule, ...]] = (
    ("ج", "ق", _NEAR_SOUND), ("غ", "ك", _NEAR_SOUND), ("ق", "ك", _ONE_SOUND), ("ت", "ط", _ONE_SOUND),
    ("س", "ص", _VOWEL_UNWRITTEN), ("ز", "ظ", _VOWEL_UNWRITTEN), ("ث", "ت", _VOWEL_UNWRITTEN),
    ("ث", "س", _VOWEL_UNWRITTEN), ("ذ", "د", _ONE_SOUND), ("ذ", "ز", _ONE_SOUND), ("د", "ض", _VOWEL_UNWRITTEN),
    ("اء", "ا", _NEAR_SOUND), ("تش", "ش", _ONE_SOUND), ("دج", "ج", _ONE_SOUND), ("كس", "كز", _ONE_SOUND),
    ("نيو", "نهو", _ONE_SOUND),
    ("ءي", "يي", _ONE_SOUND), ("ءا", "يا", _ONE_SOUND), ("اء", "اي", _NEAR_SOUND),
    ("اي", "ي", _OTHER_VOWEL), ("او", "و", _NEAR_SOUND),
    ("ف", "و", _NEAR_SOUND), ("خ", "ه", _NEAR_SOUND), ("خ", "ك", _NEAR_SOUND), ("تش", "ج", _NEAR_SOUND),
    ("ج", "ك", _NEAR_SOUND), ("تس", "ز", _NEAR_SOUND), ("تس", "س", _NEAR_SOUND),
)  # fmt: skip
_FOREIGN_AT_END: Final[tuple[Rule, ...]] = (
    ("ا", "ه", _ONE_SOUND), ("وه", "و", _ONE_SOUND), ("ش", "س", _NEAR_SOUND), ("ش", "ز", _NEAR_SOUND),
    ("رد", "ر", _SILENT), ("رت", "ر", _SILENT), ("برغ", "بورج", _ONE_SOUND), ("برج", "بورغ", _ONE_SOUND),
)  # fmt: skip

_ARABIC: Final = re.compile(
    # Three consonants with the vowels of Arabic patterns, and their usual affixes.
    r"[وفبلك]?عبد.*|(.)(.)\1[اوي]?\2(?:ي|ه|يه|ات)?|ابو?.{3,4}|م?.C[اوي]?C(?:ي|ه|يه|ات)?|م?.[اوي]CC(?:ي|ه|يه|ات)?|م.[اوي]C[اوي]C(?:ي|ه)?|.اCوC|.CC(?:ان|ين|ون|اني|انيه)"
    r"|.CيC(?:ان|ين|ون|اني)|ا.CC(?:ي|ه)?|م?.C[اوي]{2}C(?:ي|ه|ات)?".replace("C", "[^اوي]")
)
_ARTICLE: Final = "ال"


def looks_arabic(form: str) -> bool:
    """Whether a form without its article has the pattern of an Arabic name: شمري, جبير, رفاعي, عثمان."""
    return _ARABIC.fullmatch(form) is not None


def transcriptions(form: str) -> dict[str, float]:
    """The other spellings of a foreign name, given without its article, and their costs, cheapest first.

    At most `MAX_TRANSCRIPTIONS`; none for a name longer than `MAX_TRANSCRIBED_LETTERS`.
    """
    if len(form) > MAX_TRANSCRIBED_LETTERS:
        return {}
    cautious = looks_arabic(form)
    limit = min(_limit(form), _CAUTIOUS) if cautious else _limit(form)
    steps = [tuple(_steps(form, at, cautious=cautious)) for at in range(len(form))]
    found: dict[str, float] = {}
    # Partial spellings: cost, number of letters of the form that they cover, letters.
    partial: list[tuple[float, int, str]] = [(0.0, 0, "")]
    seen: set[tuple[int, str]] = set()
    while partial and len(found) <= MAX_TRANSCRIPTIONS:
        cost, at, spelling = heappop(partial)
        if (at, spelling) in seen:
            continue
        seen.add((at, spelling))
        if at == len(form):
            if cost <= _limit_of_other(spelling):
                found.setdefault(spelling, cost)
            continue
        for taken, put, more in steps[at]:
            if cost + more <= limit + 1e-9:
                heappush(partial, (cost + more, at + taken, spelling + put))
    found.pop(form, None)
    return found


def _limit(form: str) -> float:
    return LIMITS.get(len(form), _MAX_COST if len(form) > max(LIMITS) else 0.0)


def _limit_of_other(spelling: str) -> float:
    """The cost allowed for a result, which may be short itself: كندي is not كينيدي, but مركل is ميركل."""
    return max(_limit(spelling), _VOWEL_UNWRITTEN)


def _steps(form: str, at: int, *, cautious: bool) -> Iterator[tuple[int, str, float]]:
    """The substitutions at a place of a form: number of letters replaced, replacement, cost."""
    letter, rest = form[at], len(form) - at
    yield 1, letter, 0.0
    for length in (1, 2, 3):
        if length <= rest:
            taken = form[at : at + length]
            for put, cost in _rules(cautious=cautious, at_start=at == 0, at_end=length == rest).get(taken, ()):
                yield length, put, cost
    if not at:
        return
    before, behind = form[at - 1], form[at + 1 : at + 2]
    if letter == before:
        yield 1, "", _ONE_SOUND
    elif letter != behind and (behind or letter not in _VOWELS):
        yield 1, letter * 2, _ONE_SOUND
    if cautious:
        return
    if letter not in _VOWELS:
        if before not in _VOWELS and letter not in "هء":
            for vowel in _VOWELS:
                yield 1, vowel + letter, _VOWEL_UNWRITTEN
    elif behind and before not in _VOWELS and behind not in _VOWELS:
        yield 1, "", _VOWEL_UNWRITTEN
        for vowel in _VOWELS:
            if vowel != letter:
                yield 1, vowel, _OTHER if "و" in (vowel, letter) else _NEAR_VOWEL


@cache
def _rules(*, cautious: bool, at_start: bool, at_end: bool) -> Mapping[str, tuple[tuple[str, float], ...]]:
    """The rules at a place of a word: letters → (replacement, cost) of each rule."""
    rules = [*_ALWAYS]
    if not cautious:
        rules += _FOREIGN
        if not at_start:
            rules += _INSIDE_OR_END
        if at_end:
            rules += _FOREIGN_AT_END
    found: dict[str, tuple[tuple[str, float], ...]] = {}
    for x, y, cost in rules:
        for taken, put in permutations((x, y)):
            found[taken] = (*found.get(taken, ()), (put, cost))
    return found
