"""Words in which a hamza is left out, or sits elsewhere: رييس and رئيس, يوكد and يؤكد, هيأة and هيئة.

No rule can fold these, as سائل is not سايل and رؤية not روية: which of two is meant, the archive says. One is another
spelling of the other where the one without its hamza is hardly a word of its own. A source of `indexer.spellings`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from indexer.analysis import fold, stop_words
from indexer.lexicon import Lexicon, least_known

_TIMES_MORE: Final = 20
_TIMES_MORE_THAN_KNOWN: Final = 200
"""A form without the hamza is a misspelling where the one with it is in so many times more articles, by whether the
archive knows it."""

_TOO_FEW: Final = 100
"""Articles that tell nothing of what is rare: in so small an archive both are printed by accident."""

_LEAST: Final = 4  # letters: of shorter words nearly every letter makes another word
_HAMZA: Final = "ء"
_SEATS: Final = {"ؤ": "و", "ئ": "ي"}


def hamza_spellings(words: tuple[str, ...], lexicon: Lexicon) -> tuple[tuple[str, ...], ...]:
    """The other spelling of a word by a hamza, as a form, where the archive prints it."""
    if len(words) != 1:
        return ()
    form = fold(words[0])
    if len(form) < _LEAST or form in stop_words() or not form.isalpha():
        return ()
    with_hamza, without = list(dict.fromkeys(_with_hamza(form))), list(dict.fromkeys(_without_hamza(words[0], form)))
    asked = [*with_hamza, *without]
    if not asked:
        return ()
    counts = dict.fromkeys((form, *asked), 0) | dict(lexicon.frequencies("text_form", [form, *asked]))
    known = least_known(lexicon)

    def is_misspelt(bare: str, right: str) -> bool:
        times = _TIMES_MORE if counts[bare] < known else _TIMES_MORE_THAN_KNOWN
        return lexicon.doc_count < _TOO_FEW or counts[bare] * times <= counts[right]

    others = [other for other in with_hamza if counts[other] and is_misspelt(form, other)]
    others += [other for other in without if counts[other] and is_misspelt(other, form)]
    return tuple((other,) for other in sorted(others, key=lambda other: -counts[other]))


def _with_hamza(form: str) -> Iterator[str]:
    """A form with a hamza in place of one of its letters inside."""
    for at in range(1, len(form) - 1):
        if _may_be_left_out(form[at - 1], form[at], form[at + 1]):
            yield form[:at] + _HAMZA + form[at + 1 :]


def _without_hamza(printed: str, form: str) -> Iterator[str]:
    """A form with another letter in place of one hamza inside: و or ي, if that is its seat, or ا."""
    letters = ["ا", *(letter for seat, letter in _SEATS.items() if seat in printed)]
    for at in range(1, len(form) - 1):
        for letter in letters if form[at] == _HAMZA else ():
            if _may_be_left_out(form[at - 1], letter, form[at + 1]):
                yield form[:at] + letter + form[at + 1 :]


def _may_be_left_out(before: str, letter: str, behind: str) -> bool:
    """Whether a letter between two others may stand for a hamza: where و and ي would be its seat, and ا after ي."""
    match letter:
        case "و":
            return behind != "ي"
        case "ي":
            return before in "اي" or behind in "يو"
        case "ا":
            return before == "ي"
    return False
