"""Roots: the three or four letters that the words of a family share, found by the pattern of the stem.

Without a dictionary, in the way of Taghva, Elkhoury and Coombs ("Arabic Stemming Without a Root Dictionary", 2005): a
stem is held against the patterns of its length, most telling first, and gives up the letters that stand where ف ع ل
do. The patterns are written as they stand in a grammar, after folding (أ إ آ are ا) and stemming (no ة at the end).

1. a name (`protected.txt`) and what is not Arabic      stays
2. the future's س before ي ت ن ا                         off: سيتفاوض → يتفاوض
3. the ت of افتعل that became ط or د                    back to ت: اصطدام → اصتدام, ازدحام → ازتحام
4. patterns of seven, six, five and four letters         استفعال → فعل
5. no pattern, more than four letters                    an ending ت ا ن و or a prefix ي ت ن م ا off, and again
6. the root                                              ء is ا, a doubled last letter is one: ردد → رد,
                                                         a weak middle is و: قال, قيل → قول

A root is a guess that is right often enough to help recall; it never outranks a stem in the ranking.
"""

from __future__ import annotations

import re
from typing import Final

from indexer.analysis.stemmer import is_name

_PATTERNS: Final = """
    استفعال
    استفعل مستفعل يستفعل تستفعل نستفعل افتعال انفعال متفاعل يتفاعل تتفاعل نتفاعل مفاعيل تفاعيل فواعيل افاعيل افعلاء
    مفعول متفعل يتفعل تتفعل نتفعل مفتعل يفتعل تفتعل نفتعل منفعل ينفعل تنفعل مفعال مفاعل يفاعل تفاعل تفعيل افعال
    افتعل انفعل فواعل فاعول فعاءل فعايل فعلاء فعلان افاعل
    مفعل يفعل تفعل فاعل فعيل فعول افعل فعال نفعل فوعل فيعل
"""
_ROOT_LETTERS: Final = "فعل"
_ASSIMILATED = re.compile("^([امتين])(?:([صض])ط|(ز)د)(?=..)")
_HOLLOW = re.compile("^(.)[اي](.)$")
_FUTURE = re.compile("^س(?=[يتنا]...)")
_AFFIX = re.compile("(?<=...)[تانو]$|^[يتنما](?=...)")
_ARABIC_WORD = re.compile("[ء-ي]+")


def _compile() -> dict[int, tuple[tuple[re.Pattern[str], tuple[int, ...]], ...]]:
    by_length: dict[int, list[tuple[re.Pattern[str], tuple[int, ...]]]] = {}
    for pattern in _PATTERNS.split():
        letters = list(pattern)
        # No pattern adds a ف, ع or ل of its own, so each is where the root's letter stands.
        at = tuple(letters.index(letter) for letter in _ROOT_LETTERS)
        regex = re.compile("".join("." if place in at else letter for place, letter in enumerate(letters)))
        by_length.setdefault(len(pattern), []).append((regex, at))
    return {length: tuple(patterns) for length, patterns in by_length.items()}


_COMPILED: Final = _compile()


def root(stem: str) -> str:
    """The root of a stem; of two letters where the last is doubled. Never raises, empty only if the stem is."""
    if is_name(stem) or not _ARABIC_WORD.fullmatch(stem):
        return stem
    word = _ASSIMILATED.sub(r"\1\2\3ت", _FUTURE.sub("", stem))
    while len(word) > 3:
        if (found := _by_pattern(word)) is not None:
            word = found
        elif len(word) > 4 and (affix := _AFFIX.search(word)):
            word = word[: affix.start()] + word[affix.end() :]
        else:
            break
    word = _HOLLOW.sub(r"\1و\2", word.replace("ء", "ا"))
    return word[:-1] if len(word) == 3 and word[1] == word[2] else word


def _by_pattern(word: str) -> str | None:
    for regex, at in _COMPILED.get(len(word), ()):
        if regex.fullmatch(word):
            return "".join(word[place] for place in at)
    return None
