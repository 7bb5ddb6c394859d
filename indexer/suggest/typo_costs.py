"""Typo costs: how unlikely it is that one spelling was typed for another, by fingers or by ear.

A cost is minus the natural logarithm of the frequency of a typing error, up to a constant, so that it can be weighed
against the logarithm of a document frequency. No single cost matters much: of 206 real misspellings 189 have the right
word first in an archive of 39,796 articles, and 184 to 190 if any one cost is changed by 1.

    1.5   ض for ظ, ظ for ض; a hamza after the letter that is its seat: دافيء for دافئ
    2.5   a doubled letter: مدررسة; two neighbours swapped: مردسة; a hamza too many or missing;
          a letter that sounds alike (`indexer.analysis.edit_distance.CONFUSED`, and ذ for ض and ظ)
    3     one of two equal letters missing: مقر for مقرر; a long vowel missing: مدرس for مدارس;
          a letter of the same shape on the adjacent key: مدبنة for مدينة
    3.5   another letter missing
    4     a letter of the same shape with other dots: مررعة for مزرعة; ت for ة
    4.5   a letter two places from its own: مرسدة for مدرسة
    5     the adjacent key, or that key hit too; a long vowel too many
    6     another letter too many
    7     another letter for the right one

An error in the first letter is rare and costs 1 more, unless it is by ear or a doubled letter.
Letters are those of folded forms, keys those of the Arabic 101 layout.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations
from math import inf
from typing import Final

from indexer.analysis.edit_distance import CONFUSED

_HAMZA: Final = "ء"
_SEATS: Final = frozenset("ايو")
_VOWELS: Final = frozenset("ايو")
_SAME_SHAPE: Final = ("بتثني", "جحخ", "دذ", "رز", "سش", "صض", "طظ", "عغ", "فق", "هت")
_SOUND_ALIKE: Final = (*CONFUSED, "ذظض")
_ROWS: Final = (
    ("ض ص ث ق ف غ ع ه خ ح ج د", 0.0),
    ("ش س ي ب ل ا ت ن م ك ط", 0.25),
    ("ء ء ء ر لا ي ه و ز ظ", 0.75),
)
"""The folded letters on three rows of keys, and how far each row is shifted to the right, in keys."""
_REACH: Final = 1.85
"""Keys at most this far apart are adjacent: in the next row the two above or below, and one more."""

_EMPHATIC: Final = 1.5
_HAMZA_AFTER_SEAT: Final = 1.5
_DOUBLED: Final = 2.5
_SWAPPED: Final = 2.5
_MOVED: Final = 4.5
_SOUND: Final = 2.5
_ONE_HAMZA: Final = 2.5
_ONE_OF_TWO_MISSING: Final = 3.0
_VOWEL_MISSING: Final = 3.0
_SHAPE_AND_KEY: Final = 3.0
_SHAPE: Final = 4.0
_LETTER_MISSING: Final = 3.5
_KEY: Final = 5.0  # of an added long vowel too
_LETTER_ADDED: Final = 6.0
_OTHER_LETTER: Final = 7.0
_FIRST_LETTER: Final = 1.0


def typo_cost(typed: str, meant: str) -> float:
    """The cost of the likeliest typing errors that turn one folded form into another; 0 for equal forms."""
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    end = 0
    while end < min(len(typed), len(meant)) - start and typed[-1 - end] == meant[-1 - end]:
        end += 1
    # Keep one equal letter on either side: whether a letter was doubled or swapped depends on it.
    start, end = max(0, start - 1), max(0, end - 1)
    return _cost(typed[start : len(typed) - end], meant[start : len(meant) - end], is_start=start == 0)


def _cost(typed: str, meant: str, *, is_start: bool) -> float:
    costs = [[inf] * (len(meant) + 1) for _ in range(len(typed) + 1)]
    costs[0][0] = 0.0
    for i in range(len(typed) + 1):
        typed_first = _FIRST_LETTER if is_start and i == 1 else 0.0
        for j in range(len(meant) + 1):
            meant_first = _FIRST_LETTER if is_start and j == 1 else 0.0
            known = [costs[i][j]]
            if i and j:
                known.append(
                    costs[i - 1][j - 1] + _substitution(typed[i - 1], meant[j - 1], min(typed_first, meant_first))
                )
            if i:
                known.append(costs[i - 1][j] + _insertion(typed, i - 1, typed_first))
            if j:
                known.append(costs[i][j - 1] + _deletion(meant, j - 1, meant_first))
            if i > 1 and j > 1 and typed[i - 2 : i] == meant[j - 1] + meant[j - 2]:
                known.append(costs[i - 2][j - 2] + _SWAPPED)
            if i > 2 and j > 2 and _is_moved(typed[i - 3 : i], meant[j - 3 : j]):
                known.append(costs[i - 3][j - 3] + _MOVED)
            costs[i][j] = min(known)
    return costs[-1][-1]


def _is_moved(typed: str, meant: str) -> bool:
    """Whether one of three letters moved from before the other two to after them, or the other way round."""
    return typed in (meant[1:] + meant[0], meant[2] + meant[:2])


def _substitution(typed: str, meant: str, first: float) -> float:
    cost = 0.0 if typed == meant else _substitutions().get((typed, meant), _OTHER_LETTER)
    return cost if cost <= _SOUND else cost + first


def _insertion(typed: str, at: int, first: float) -> float:
    letter = typed[at]
    beside = (typed[at - 1 : at] if at else "") + typed[at + 1 : at + 2]
    if letter in beside:
        return _DOUBLED
    if letter == _HAMZA:
        return _ONE_HAMZA
    if letter in _SEATS and typed[at + 1 : at + 2] == _HAMZA:
        return _HAMZA_AFTER_SEAT
    if letter in _VOWELS or any((letter, other) in _adjacent_keys() for other in beside):
        return _KEY + first
    return _LETTER_ADDED + first


def _deletion(meant: str, at: int, first: float) -> float:
    letter = meant[at]
    if letter in (meant[at - 1 : at] if at else "") + meant[at + 1 : at + 2]:
        return _ONE_OF_TWO_MISSING
    if letter == _HAMZA:
        return _ONE_HAMZA
    return (_VOWEL_MISSING if letter in _VOWELS else _LETTER_MISSING) + first


@cache
def _substitutions() -> dict[tuple[str, str], float]:
    """The cost of one letter for another, for the likelier pairs; (typed, meant)."""
    substitutions = dict.fromkeys(_adjacent_keys(), _KEY)
    shapes = [pair for group in _SAME_SHAPE for pair in permutations(group, 2)]
    substitutions |= {pair: _SHAPE_AND_KEY if pair in substitutions else _SHAPE for pair in shapes}
    substitutions |= {
        pair: _SOUND
        for group in _SOUND_ALIKE
        for pair in permutations(group, 2)
        if _HAMZA not in group or _HAMZA in pair
    }
    return substitutions | dict.fromkeys((("ض", "ظ"), ("ظ", "ض")), _EMPHATIC)


@cache
def _adjacent_keys() -> frozenset[tuple[str, str]]:
    """Pairs of letters on adjacent keys."""
    places = [
        (letter, x + shift, y)
        for y, (row, shift) in enumerate(_ROWS)
        for x, key in enumerate(row.split())
        for letter in key
    ]
    return frozenset(
        (a, b)
        for a, ax, ay in places
        for b, bx, by in places
        if a != b and abs(ay - by) <= 1 and (ax - bx) ** 2 + (ay - by) ** 2 <= _REACH**2
    )
