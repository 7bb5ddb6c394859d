"""Variants of numbers, in digits and words: 5 is خمسة and خمس, 50 is خمسون and خمسين, 15 is خمسة عشر, 300 is ثلاثمئة.

The spelling variants of numbers that the archive prints: 2 to 99, full hundreds, and thousands up to ten. Larger ones
are hardly ever written out, and nobody prints a million in figures. 1 is left out, as واحد is mostly not a number ("one
of"). In words, each case and gender is a variant of the others. With the article (العشرون) it is an ordinal or a date,
and has no variants.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final

from indexer.analysis import fold
from indexer.spellings.vocabulary import Vocabulary

_ONES: Final = {
    3: ("ثلاثة", "ثلاث"),
    4: ("أربعة", "أربع"),
    5: ("خمسة", "خمس"),
    6: ("ستة", "ست"),
    7: ("سبعة", "سبع"),
    8: ("ثمانية", "ثماني", "ثمان"),
    9: ("تسعة", "تسع"),
}
_TENS: Final = {2: "عشر", 3: "ثلاث", 4: "أربع", 5: "خمس", 6: "ست", 7: "سبع", 8: "ثمان", 9: "تسع"}
_TWO: Final = ("اثنان", "اثنين", "اثنتان", "اثنتين", "إثنان", "إثنين")
_CASES: Final = ("ان", "ين", "ا", "ي")
_HUNDREDS: Final = {3: "ثلاث", 4: "أربع", 5: "خمس", 6: "ست", 7: "سبع", 8: "ثمان", 9: "تسع"}


def numeral_variants(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """The variants of a number as typed, as forms; only those that the archive prints, digits first."""
    forms = tuple(map(fold, words))
    number = _numbers().get(forms)
    if number is None:
        return ()
    others = [other for other in _spellings()[number] if other != forms]
    counts = vocabulary.frequencies("text_form", sorted({form for other in others for form in other}))
    printed = [other for other in others if all(counts.get(form, 0) for form in other)]
    pairs = dict.fromkeys(pair for other in printed for pair in pairwise(other))
    beside = vocabulary.adjacent(list(pairs)) if pairs else {}
    # The most frequent first: some numbers have more variants than are searched.
    articles = {
        other: min((beside[pair] for pair in pairwise(other)), default=counts.get(other[0], 0)) for other in printed
    }
    return tuple(
        sorted(filter(articles.__getitem__, printed), key=lambda other: (not other[0].isdecimal(), -articles[other]))
    )


@cache
def _numbers() -> dict[tuple[str, ...], int]:
    """The number that each spelling means."""
    return {spelling: number for number, spellings in _spellings().items() for spelling in spellings}


@cache
def _spellings() -> dict[int, tuple[tuple[str, ...], ...]]:
    """The spellings of each number, as forms."""
    return {
        number: tuple(dict.fromkeys(((str(number),), *(tuple(fold(word) for word in one.split()) for one in written))))
        for number, written in _written()
    }


def _written() -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each number and its spellings in words."""
    yield 2, _TWO
    yield from _ONES.items()
    yield 10, ("عشرة", "عشر")
    yield 11, ("أحد عشر", "إحدى عشرة", "احدى عشر")
    yield 12, ("اثنا عشر", "اثني عشر", "اثنتا عشرة", "اثنتي عشرة", "اثنى عشر")
    for ones, (masculine, *feminine) in _ONES.items():
        yield 10 + ones, (f"{masculine} عشر", *(f"{one} عشرة" for one in feminine))
    units = {1: ("واحد", "واحدة", "إحدى"), 2: _TWO, **_ONES}
    for tens, start in _TENS.items():
        both = (f"{start}ون", f"{start}ين")
        yield 10 * tens, both
        for ones, forms in units.items():
            yield 10 * tens + ones, tuple(f"{one} و{ten}" for one in forms for ten in both)
    yield 100, ("مئة",)
    yield 200, tuple(f"مئت{case}" for case in _CASES)
    for hundreds, start in _HUNDREDS.items():
        more = ("ثماني مئة", "ثمانيمئة") if hundreds == 8 else ()
        yield 100 * hundreds, (f"{start}مئة", f"{start} مئة", *more)
    yield 1000, ("ألف",)
    yield 2000, tuple(f"ألف{case}" for case in _CASES[:2])
    for thousands in range(3, 10):
        yield 1000 * thousands, tuple(f"{one} آلاف" for one in _ONES[thousands])
    yield 10_000, ("عشرة آلاف",)
