"""How unlikely it is that one spelling was typed for another: the slips of fingers and of ears, each with its price.

A price is minus the natural logarithm of how often a slip happens, up to a constant, so that it can be weighed against
the logarithm of a frequency. None of them matters much by itself: of 206 real misspellings 189 have the right word
first in an archive of 39,796 articles, and 184 to 190 when any one price is changed by 1.

    1.5   ض for ظ, ظ for ض; a hamza behind the letter that is its seat: دافيء for دافئ
    2.5   a doubled letter: مدررسة; two neighbours changing places: مردسة; a hamza more or less;
          a letter that sounds alike (`indexer.analysis.edit_distance.CONFUSED`, and ذ for ض and ظ)
    3     one of two equal letters left out: مقر for مقرر; a long vowel left out: مدرس for مدارس;
          a letter of the same shape on the key beside: مدبنة for مدينة
    3.5   another letter left out
    4     a letter of the same shape with other dots: مررعة for مزرعة; ت for ة
    4.5   a letter two places from its own: مرسدة for مدرسة
    5     the key beside the right one, or hit together with it; a long vowel too many
    6     another letter too many
    7     another letter for the right one

The first letter is rarely wrong: 1 more for a slip there, other than of the ear or a doubled letter.
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
"""The letters on three rows of keys, folded, and by how much of a key each row is shifted to the right."""
_REACH: Final = 1.85
"""Keys no further apart than this are beside each other: in the next row the two above or below, and one more."""

_EMPHATIC: Final = 1.5
_SEAT_TOO: Final = 1.5
_DOUBLED: Final = 2.5
_SWAPPED: Final = 2.5
_MOVED: Final = 4.5
_SOUND: Final = 2.5
_ONE_HAMZA: Final = 2.5
_HALVED: Final = 3.0
_VOWEL_LOST: Final = 3.0
_SHAPE_AND_KEY: Final = 3.0
_SHAPE: Final = 4.0
_LOST: Final = 3.5
_KEY: Final = 5.0
_VOWEL_MORE: Final = 5.0
_MORE: Final = 6.0
_OTHER: Final = 7.0
_FIRST: Final = 1.0


def slip_price(typed: str, meant: str) -> float:
    """The price of the likeliest slips that make one folded form of another; 0 when they are the same."""
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    end = 0
    while end < min(len(typed), len(meant)) - start and typed[-1 - end] == meant[-1 - end]:
        end += 1
    # A letter on either side stays: whether one was doubled, or changed places, depends on it.
    start, end = max(0, start - 1), max(0, end - 1)
    return _price(typed[start : len(typed) - end], meant[start : len(meant) - end], is_start=start == 0)


def _price(typed: str, meant: str, *, is_start: bool) -> float:
    prices = [[inf] * (len(meant) + 1) for _ in range(len(typed) + 1)]
    prices[0][0] = 0.0
    for i in range(len(typed) + 1):
        typed_first = _FIRST if is_start and i == 1 else 0.0
        for j in range(len(meant) + 1):
            meant_first = _FIRST if is_start and j == 1 else 0.0
            known = [prices[i][j]]
            if i and j:
                known.append(prices[i - 1][j - 1] + _changed(typed[i - 1], meant[j - 1], min(typed_first, meant_first)))
            if i:
                known.append(prices[i - 1][j] + _too_many(typed, i - 1, typed_first))
            if j:
                known.append(prices[i][j - 1] + _left_out(meant, j - 1, meant_first))
            if i > 1 and j > 1 and typed[i - 2 : i] == meant[j - 1] + meant[j - 2]:
                known.append(prices[i - 2][j - 2] + _SWAPPED)
            if i > 2 and j > 2 and _is_moved(typed[i - 3 : i], meant[j - 3 : j]):
                known.append(prices[i - 3][j - 3] + _MOVED)
            prices[i][j] = min(known)
    return prices[-1][-1]


def _is_moved(typed: str, meant: str) -> bool:
    """Whether one of three letters stands behind the other two instead of before them, or the other way round."""
    return typed in (meant[1:] + meant[0], meant[2] + meant[:2])


def _changed(typed: str, meant: str, first: float) -> float:
    price = 0.0 if typed == meant else _changes().get((typed, meant), _OTHER)
    return price if price <= _SOUND else price + first


def _too_many(typed: str, at: int, first: float) -> float:
    letter = typed[at]
    beside = (typed[at - 1 : at] if at else "") + typed[at + 1 : at + 2]
    if letter in beside:
        return _DOUBLED
    if letter == _HAMZA:
        return _ONE_HAMZA
    if letter in _SEATS and typed[at + 1 : at + 2] == _HAMZA:
        return _SEAT_TOO
    if letter in _VOWELS or any((letter, other) in _beside() for other in beside):
        return _KEY + first
    return _MORE + first


def _left_out(meant: str, at: int, first: float) -> float:
    letter = meant[at]
    if letter in (meant[at - 1 : at] if at else "") + meant[at + 1 : at + 2]:
        return _HALVED
    if letter == _HAMZA:
        return _ONE_HAMZA
    return (_VOWEL_LOST if letter in _VOWELS else _LOST) + first


@cache
def _changes() -> dict[tuple[str, str], float]:
    """The price of one letter for another, of the pairs that are likelier than any; (typed, meant)."""
    changes = dict.fromkeys(_beside(), _KEY)
    shapes = [pair for group in _SAME_SHAPE for pair in permutations(group, 2)]
    changes |= {pair: _SHAPE_AND_KEY if pair in changes else _SHAPE for pair in shapes}
    changes |= {
        pair: _SOUND
        for group in _SOUND_ALIKE
        for pair in permutations(group, 2)
        if _HAMZA not in group or _HAMZA in pair
    }
    return changes | dict.fromkeys((("ض", "ظ"), ("ظ", "ض")), _EMPHATIC)


@cache
def _beside() -> frozenset[tuple[str, str]]:
    """Pairs of letters whose keys are beside each other."""
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
