"""Variants by hamza, and old spellings: رييس and رئيس, يوكد and يؤكد, هيأة and هيئة, برئ and بريء; الصلوة and الصلاة.

No rule can fold these, as سائل is not سايل and رؤية not روية: the archive shows which of two is meant. They are
variants of each other if the one without the hamza is hardly ever printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from indexer.analysis import fold, stop_words
from indexer.spellings.name_variants import min_variant_frequency
from indexer.spellings.vocabulary import Vocabulary, least_known

_TIMES_MORE: Final = 20
_TIMES_MORE_THAN_KNOWN: Final = 200
"""A form without the hamza is a misspelling if the form with it is in so many times more articles; the higher figure is
for one that is frequent enough to be known."""

_SMALL_ARCHIVE: Final = 1000
"""Articles; in a smaller archive frequencies do not show what is rare."""

_MIN_LETTERS: Final = 4  # in a shorter word a hamza nearly always makes another word
_ARTICLE: Final = "ال"
_HAMZA: Final = "ء"
_SEATS: Final = {"ؤ": "و", "ئ": "ي"}
_OLD: Final = re.compile("([وف]?[بكل]?(?:ال)?|[وف]?لل)(صل|زك|حي|مشك|نج)[وا]ه")
"""Words once written with و for ا."""


def orthographic_variants(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """The variants of a word by hamza or old و, as forms; those that the archive prints, the most frequent first."""
    if len(words) != 1:
        return ()
    form = fold(words[0])
    if not form.isalpha() or form.isascii() or form in stop_words():
        return ()
    with_hamza, without, old = set(_with_hamza(words[0], form)), set(_without_hamza(words[0], form)), set(_old(form))
    asked = sorted(with_hamza | without | old)
    if not asked:
        return ()
    counts = dict.fromkeys((form, *asked), 0) | dict(vocabulary.frequencies("text_form", [form, *asked]))
    known = least_known(vocabulary)

    def is_misspelt(bare: str, right: str) -> bool:
        times = _TIMES_MORE if counts[bare] < known else _TIMES_MORE_THAN_KNOWN
        return vocabulary.doc_count < _SMALL_ARCHIVE or counts[bare] * times <= counts[right]

    others = [
        other
        for other in asked
        if counts[other]
        and (
            other in old
            or (other in with_hamza and is_misspelt(form, other))
            or (
                other in without
                and is_misspelt(other, form)
                and counts[other] >= min_variant_frequency(form, counts[form])
            )
        )
    ]
    return tuple((other,) for other in sorted(others, key=lambda other: -counts[other]))


def _with_hamza(printed: str, form: str) -> Iterator[str]:
    """A form with a hamza for one letter inside, or with ي before its final hamza."""
    if len(form.removeprefix(_ARTICLE)) >= _MIN_LETTERS:
        for at in range(1, len(form) - 1):
            if _may_be_left_out(form[at - 1], form[at], form[at + 1]):
                yield form[:at] + _HAMZA + form[at + 1 :]
    if printed.endswith("ئ") and form.endswith(_HAMZA) and form[-2:-1] not in "اويء":
        yield f"{form[:-1]}ي{_HAMZA}"


def _without_hamza(printed: str, form: str) -> Iterator[str]:
    """A form with ا, or the seat و or ي, for one hamza inside; or without the ي before its final hamza."""
    letters = ["ا", *(letter for seat, letter in _SEATS.items() if seat in printed)]
    for at in range(1, len(form) - 1) if len(form.removeprefix(_ARTICLE)) >= _MIN_LETTERS else ():
        for letter in letters if form[at] == _HAMZA else ():
            if _may_be_left_out(form[at - 1], letter, form[at + 1]):
                yield form[:at] + letter + form[at + 1 :]
    if form.endswith(f"ي{_HAMZA}"):
        yield f"{form[:-2]}{_HAMZA}"


def _may_be_left_out(before: str, letter: str, behind: str) -> bool:
    """Whether a letter between two others may stand for a hamza: و or ي where it would be the seat, ا after ي."""
    match letter:
        case "و":
            return behind != "ي"
        case "ي":
            return before in "اي" or behind in "يو"
        case "ا":
            return before == "ي"
    return False


def _old(form: str) -> Iterator[str]:
    if _OLD.fullmatch(form):
        yield form[:-2] + {"و": "ا", "ا": "و"}[form[-2]] + form[-1]
