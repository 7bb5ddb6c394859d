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
from functools import cache, lru_cache
from itertools import product
from typing import Final

from indexer.analysis.stemmer import absent_letters, is_name

_PATTERNS: Final = """
    استفعال
    استفعل مستفعل يستفعل تستفعل نستفعل افتعال انفعال متفاعل يتفاعل تتفاعل نتفاعل مفاعيل تفاعيل فواعيل افاعيل افعلاء
    مفعول متفعل يتفعل تتفعل نتفعل مفتعل يفتعل تفتعل نفتعل منفعل ينفعل تنفعل مفعال مفاعل يفاعل تفاعل تفعيل افعال
    افتعل انفعل فواعل فاعول فعاءل فعايل فعلاء فعلان افاعل
    مفعل يفعل تفعل فاعل فعيل فعول افعل فعال نفعل فوعل فيعل
"""
_ROOT_LETTERS: Final = "فعل"
_ASSIMILATED = re.compile("[امتين](?:[صض]ط|زد)(?=..)")
_FUTURE = re.compile("س(?=[يتنا]...)")
_AFFIX = re.compile("(?<=...)[تانو]$|^[يتنما](?=...)")
_ARABIC_WORD = re.compile("[ء-ي]+")
_BECAME: Final = {"ا": "اء", "ت": "تطد"}
"""A letter of a root → the letters of a stem that it may have been, by rules 3 and 6; the weak middle apart."""


def _compile() -> dict[int, tuple[re.Pattern[str], tuple[tuple[int, ...], ...]]]:
    """For each length one expression with a group a pattern, and where the root's letters stand in each."""
    by_length: dict[int, list[str]] = {}
    for pattern in _PATTERNS.split():
        by_length.setdefault(len(pattern), []).append(pattern)
    return {length: _compile_length(patterns) for length, patterns in by_length.items()}


def _compile_length(patterns: list[str]) -> tuple[re.Pattern[str], tuple[tuple[int, ...], ...]]:
    # No pattern adds a ف, ع or ل of its own, so each is where the root's letter stands.
    places = tuple(tuple(pattern.index(letter) for letter in _ROOT_LETTERS) for pattern in patterns)
    groups = (re.sub(f"[{_ROOT_LETTERS}]", ".", pattern) for pattern in patterns)
    return re.compile("|".join(f"({group})" for group in groups)), places


_COMPILED: Final = _compile()


@lru_cache(maxsize=100_000)  # three words in four have a stem that another had
def root(stem: str) -> str:
    """The root of a stem; of two letters where its last is doubled. Never raises, never empty but for an empty stem."""
    if is_name(stem) or not _ARABIC_WORD.fullmatch(stem):
        return stem
    word = stem[1:] if _FUTURE.match(stem) else stem
    if assimilated := _ASSIMILATED.match(word):
        word = f"{word[: assimilated.end() - 1]}ت{word[assimilated.end() :]}"
    while len(word) > 3:
        if (found := _by_pattern(word)) is not None:
            word = found
        elif len(word) > 4 and (affix := _AFFIX.search(word)):
            word = word[: affix.start()] + word[affix.end() :]
        else:
            break
    word = word.replace("ء", "ا")
    if len(word) != 3:
        return word
    if word[1] in "اي":
        word = f"{word[0]}و{word[2]}"
    return word[:-1] if word[1] == word[2] else word


def letters_of_root(root: str) -> list[frozenset[str]]:
    """Sets of letters: every form with this root holds all letters of one of them.

    >>> sorted(map(sorted, letters_of_root("فوض")))
    [['ء', 'ض', 'ف'], ['ا', 'ض', 'ف'], ['ض', 'ف', 'و'], ['ض', 'ف', 'ي']]
    """
    weak_middle = len(root) == 3 and root[1] == "و" and root.count("و") == 1
    became = _BECAME | {"و": "وايء"} if weak_middle else _BECAME
    letters = frozenset(root) - _absent_letters().get(root, frozenset())
    return [frozenset(chosen) for chosen in product(*(became.get(letter, letter) for letter in letters))]


@cache
def _absent_letters() -> dict[str, frozenset[str]]:
    """As `absent_letters`, for the roots of these stems."""
    absent: dict[str, frozenset[str]] = {}
    for stem, letters in absent_letters().items():
        absent[root(stem)] = absent.get(root(stem), frozenset()) | letters
    return absent


def _by_pattern(word: str) -> str | None:
    if len(word) not in _COMPILED:
        return None
    expression, places = _COMPILED[len(word)]
    if not (found := expression.fullmatch(word)) or found.lastindex is None:
        return None
    return "".join(word[place] for place in places[found.lastindex - 1])
