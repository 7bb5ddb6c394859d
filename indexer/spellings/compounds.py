"""One word or several: عبد الله and عبدالله, أبو ظبي and أبوظبي, رأس مال and رأسمال, إن شاء الله and انشاء الله.

The other spellings of words that stand side by side: put together, or parted, as the archive prints them. A source of
`indexer.spellings.expansion`. Two words and the one that they make are the same word

- when the first begins names (عبد, أبو, أم, بن, ذو …) or the second ends them (الله, الدين, الرحمن): but where the one
  is a word of its own only if the second hardly ever stands without the first, so that بنزين is not بن زين;
- when the archive prints both, and the two stand side by side in a good share of the articles that hold the rarer of
  them: in لم is all over the news and في لم hardly anywhere, so that فيلم is one word;
- when a stop word is one of them, only if the other hardly ever stands without it, and is about as often printed
  so as in one word: لا سيما and لاسيما, but not إن شاء and إنشاء. إن شاء الله is انشاء الله all the same.

Letters of an abbreviation (أ ف ب, أ.ف.ب, U.N.), letters with a number (F-16), groups of digits (1 000) and the words of
a ligature (ﷺ) are put together and parted likewise. آل is not put together with the next word: آل خليفة would be
الخليفة. What the archive prints in one way alone is left to suggestions (`indexer.suggest.word_boundaries`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from indexer.analysis import WORD, fold, stop_words
from indexer.spellings.vocabulary import Vocabulary, least_known

LEAST_SHARE: Final = 0.1
"""Two words are a unit when they stand side by side in this share of the articles that hold the rarer of them."""

LEAST_SHARE_OF_NAME: Final = 0.3
LEAST_SHARE_WITH_STOP_WORD: Final = 0.3
LEAST_SHARE_OF_FRAGMENTS: Final = 0.5
"""Likewise of words of which one is not in enough articles to be known."""

_MOST_PHRASES: Final = 8
"""Ways to print a phrase of several names that are looked for."""

_TIMES_MORE: Final = 50
"""What is printed in one way in so many times more articles than in the other has lost a space there, or was torn."""

_TIMES_MORE_WITH_STOP_WORD: Final = 3
_MOST_WORDS: Final = 4
_LEAST_PART: Final = 2
_LEAST_NAME: Final = 3
_LEAST_LETTERS_OF_ABBREVIATION: Final = 3
_LEAST_OF_THREE: Final = 8
"""Letters of three words or more that are one by no accident."""

_NAME: Final = re.compile("([وفبكل]?)(عبد|ابو|ابا|ابي|ابن|بن|ام|ذو|ذي|ذا)")
_SURELY_NAME: Final = ("عبد", "ابو", "ابا", "ابي")
_ENDS_NAME: Final = ("الله", "الدين", "الرحمن")
_GOD: Final = "الله"
_HAMZA: Final = "ء"
_PERSIAN_ENDING: Final = "ءي"
_CLITICS: Final = frozenset(("ال", "وال", "بال", "فال", "كال", "لل", "ول", "فل", "وب", "فب", "سي", "وس"))
_ENDINGS: Final = frozenset((
    "ين", "ون", "ان", "ات", "ها", "هم", "هن", "هما", "نا", "كم", "كن", "ني", "وا", "يه", "تين", "تان", "يين",
))  # fmt: skip
_PROCLITICS: Final = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "ال", "وال", "بال", "لل")
_TOO_FEW: Final = 1000
"""Articles in which a common name may never stand without a clitic."""

_PROCLITIC: Final = re.compile("[وفبكل](?=..)")
_SHORT_LETTERS: Final = re.compile("[a-z]{1,3}")
_LETTERS_AND_NUMBER: Final = re.compile(r"([a-z]+)(\d+)")
_NUMBER_IN_GROUPS: Final = re.compile(r"\d{1,3}(?: \d{3})+")


class _Printed(NamedTuple):
    """In how many articles what may be one word or two is."""

    whole: int
    apart: int


def one_or_two_words(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """The other spellings of words side by side, in fewer words or more, as forms; those that the archive prints."""
    if not 1 <= len(words) <= _MOST_WORDS:
        return ()
    forms = tuple(map(fold, words))
    if not all(forms):
        return ()
    if parts := _parts_of_ligature(words[0]) if len(words) == 1 else ():
        others = _beside(vocabulary, tuple(map(fold, parts)))
    else:
        others = _parted(forms[0], vocabulary) if len(forms) == 1 else _put_together(forms, vocabulary)
    return tuple(dict.fromkeys(other for other in others if other != forms))


def are_abbreviation(words: Sequence[str]) -> bool:
    """Whether words side by side are the letters of an abbreviation, or letters and a number: أ ف ب, F 16."""
    forms = tuple(map(fold, words))
    if all(len(form) == 1 and form.isalpha() for form in forms):
        return True
    return len(forms) == 2 and bool(_SHORT_LETTERS.fullmatch(forms[0])) and forms[1].isdecimal()


def beside(words: Sequence[str]) -> tuple[str, ...] | None:
    """The forms of what was typed in several words and is met only where they stand side by side; None for others.

    An abbreviation, or a name of two words, without a clitic before it.
    """
    forms = tuple(map(fold, words))
    if len(forms) < 2 or are_abbreviation(words):
        return forms if len(forms) > 1 else None
    return _bare_name((forms[0], forms[1])) if len(forms) == 2 and _is_name(*forms) else None


def names_in_phrase(words: Sequence[str], vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """A phrase with its names in one word for two or two for one, as forms, in all ways that the archive prints.

    Only names of the first rule of this module: in a phrase all else is as typed.
    """
    phrases: list[tuple[str, ...]] = [()]
    forms = [form for form in map(fold, words) if form]
    at = 0
    while at < len(forms):
        ways: list[tuple[str, ...]] = [(forms[at],)]
        pair = tuple(forms[at : at + 2])
        if len(pair) == 2 and _is_name(*pair) and (found := _as_one(*pair, vocabulary)) and found.whole:
            ways = [pair, ("".join(pair),)]
        else:
            parted = (way for way in _ways(forms[at]) if _is_name(*way))
            ways += [way for way in parted if (found := _as_one(*way, vocabulary)) and found.apart][:1]
        at += len(ways[0])
        phrases = [(*phrase, *way) for phrase in phrases for way in ways][:_MOST_PHRASES]
    typed = tuple(forms)
    others = [phrase for phrase in phrases if phrase != typed]
    beside = vocabulary.adjacent([phrase for phrase in others if len(phrase) > 1]) if others else {}
    return tuple(phrase for phrase in others if beside.get(phrase, len(phrase) == 1))


def _put_together(forms: tuple[str, ...], vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    whole = "".join(forms)
    if all(len(form) == 1 and form.isalpha() for form in forms):
        if len(forms) >= _LEAST_LETTERS_OF_ABBREVIATION or whole.isascii():
            yield from _printed(vocabulary, whole)
    elif whole.isdecimal():
        if _NUMBER_IN_GROUPS.fullmatch(" ".join(forms)):
            yield from _printed(vocabulary, whole)
    elif len(forms) == 2:
        first, second = forms
        if _LETTERS_AND_NUMBER.fullmatch(whole) and first.isalpha():
            yield from _printed(vocabulary, whole)
        elif second.startswith(_HAMZA):  # no word begins so, but what Persian names end with: خامنه ئي
            yield from _printed(vocabulary, first.removesuffix("ه") + second)
        elif second == _GOD and (way := _with_god(first, vocabulary)):
            yield way
        elif not second.isdecimal():
            begins = _NAME.fullmatch(first)
            for bare in (begins[2],) if begins and _is_name(first, second) else _without_clitic(first):
                if (found := _as_one(bare, second, vocabulary)) and found.whole:
                    yield (bare + second,)
                    break
    else:
        if whole in _ligatures() or (len(whole) >= _LEAST_OF_THREE and all(map(_may_be_part, forms))):
            yield from _printed(vocabulary, whole)
        first, second, *rest = forms
        if rest == [_GOD]:
            yield from _beside(vocabulary, (first + second, _GOD))


def _parted(form: str, vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    if found := _LETTERS_AND_NUMBER.fullmatch(form):
        yield from _beside(vocabulary, found.groups())
    elif form.isdecimal():
        # 5 500 may be two numbers.
        if not form.startswith("0") and (len(form) > 4 or form.endswith("000")):
            first = len(form) % 3 or 3
            yield from _beside(vocabulary, (form[:first], *(form[at : at + 3] for at in range(first, len(form), 3))))
    elif form.isalpha():
        if _LEAST_LETTERS_OF_ABBREVIATION <= len(form) <= _MOST_WORDS or (form.isascii() and len(form) == 2):
            yield from _letters(form, vocabulary)
        if form.endswith(_PERSIAN_ENDING) and len(form) > len(_PERSIAN_ENDING) + _LEAST_PART:
            yield from _beside(vocabulary, (f"{form.removesuffix(_PERSIAN_ENDING)}ه", _PERSIAN_ENDING))
        if not form.isascii():
            yield from _words_of(form, vocabulary)


def _words_of(form: str, vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    ways = [way for bare in _without_clitic(form) for way in _ways(bare)]
    asked = {one: None for way in ways for forms in _forms_of(*way, vocabulary) for one in forms}
    counts = vocabulary.frequencies("text_form", list(asked)) if asked else {}
    found = [
        (first, second)
        for first, second in ways
        if counts.get(second, 0) and (one := _as_one(first, second, vocabulary)) and one.apart
    ]
    # A name tells where it is to be parted.
    names = dict.fromkeys(_bare_name(way) for way in found if _is_name(*way))
    yield from list(names)[:1] or found[:1]
    for first, second in ways:
        if second == _GOD and (wish := _with_god(first, vocabulary)):
            yield wish


def _bare_name(way: tuple[str, str]) -> tuple[str, str]:
    """A name without the clitic before it."""
    first, second = way
    begins = _NAME.fullmatch(first)
    return (begins[2], second) if begins else way


def _ways(form: str) -> Iterator[tuple[str, str]]:
    """The ways to part a form in two words."""
    for end in range(_LEAST_PART, len(form) - _LEAST_PART + 1):
        yield form[:end], form[end:]


def _without_clitic(form: str) -> Iterator[str]:
    """A form, and what of it is left without a letter that may be a clitic."""
    yield form
    if _PROCLITIC.match(form):
        yield form[1:]


def _is_name(first: str, second: str) -> bool:
    """Whether two forms are the parts of a name by one of them."""
    if second in _ENDS_NAME:
        return first not in _CLITICS
    return bool(_NAME.fullmatch(first)) and len(second) >= _LEAST_NAME and second not in stop_words()


def _as_one(first: str, second: str, vocabulary: Vocabulary) -> _Printed | None:
    """How the archive prints two forms, in one word and side by side; None where these are not the same word.

    By the first three rules of this module. Clitics in front are counted in.
    """
    name = _is_name(first, second)
    stops = (first in stop_words()) + (second in stop_words())
    if not name and (stops == 2 or not (_may_be_part(first) and _may_be_part(second)) or second in _ENDINGS):
        return None
    firsts, _, wholes = asked = _forms_of(first, second, vocabulary)
    counts = vocabulary.frequencies("text_form", [form for forms in asked for form in forms])
    whole, apart = sum(counts.get(form, 0) for form in wholes), counts.get(second, 0)
    if not whole and not name:
        return None
    printed = [form for form in firsts if counts.get(form, 0)]
    together = sum(vocabulary.adjacent([(form, second) for form in printed]).values()) if apart and printed else 0
    rarer = min(apart, sum(counts[form] for form in printed))
    share = together / rarer if rarer else 0.0
    known = least_known(vocabulary)
    if name:
        sure = second in _ENDS_NAME or first.endswith(_SURELY_NAME)
        is_name = sure or whole < known or together >= LEAST_SHARE_OF_NAME * apart
        return _Printed(whole, together) if is_name else None
    times, least = _TIMES_MORE, LEAST_SHARE
    if stops:
        times, least = _TIMES_MORE_WITH_STOP_WORD, LEAST_SHARE_WITH_STOP_WORD
    elif rarer < known:
        least = LEAST_SHARE_OF_FRAGMENTS
    if not whole or not together or share < least or together > times * whole:
        return None
    if whole > times * together:  # torn in print: what was typed in two is that word, but nobody looks for its pieces
        return _Printed(whole, 0) if rarer < known and not stops else None
    return _Printed(whole, together)


def _forms_of(first: str, second: str, vocabulary: Vocabulary) -> tuple[list[str], list[str], list[str]]:
    """What is counted of two forms: the first, the second and both in one word."""
    return _with_clitics(first, vocabulary), [second], _with_clitics(first + second, vocabulary)


def _may_be_part(form: str) -> bool:
    return len(form) >= _LEAST_PART and form not in _CLITICS


def _with_clitics(form: str, vocabulary: Vocabulary) -> list[str]:
    """A form, and with each clitic in front that names often have: a small archive may print it so alone."""
    return [clitic + form for clitic in (_PROCLITICS if vocabulary.doc_count < _TOO_FEW else ("",))]


def _with_god(form: str, vocabulary: Vocabulary) -> tuple[str, ...] | None:
    """The parts of a form before الله, with it, where they are words of such a wish: انشاء الله is إن شاء الله."""
    ways = [(first, second) for first, second in _ways(form) if first in stop_words() and first not in _CLITICS]
    if not ways:
        return None
    beside = vocabulary.adjacent([(*way, _GOD) for way in ways])
    counts = vocabulary.frequencies("text_form", [second for _, second in ways])
    for way in ways:
        together = beside[*way, _GOD]
        if together and together >= LEAST_SHARE_WITH_STOP_WORD * counts.get(way[1], 0):
            return (*way, _GOD)
    return None


def _letters(form: str, vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    """The letters of an abbreviation one by one, where the archive prints them side by side."""
    letters = tuple(form)
    together, whole = vocabulary.adjacent([letters])[letters], vocabulary.frequencies("text_form", [form])
    if together and whole.get(form, 0) <= together:
        yield letters


def _beside(vocabulary: Vocabulary, forms: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Forms, where the archive prints each beside the next."""
    if vocabulary.adjacent([forms])[forms]:
        yield forms


def _printed(vocabulary: Vocabulary, form: str) -> Iterator[tuple[str, ...]]:
    """A form, where the archive prints it."""
    if any(vocabulary.frequencies("text_form", _with_clitics(form, vocabulary)).values()):
        yield (form,)


def _parts_of_ligature(word: str) -> list[str]:
    """The words that one character stands for: ﷺ; none for what is no ligature of several words."""
    if word.isascii() or len(word) != 1:
        return []
    parts = WORD.findall(unicodedata.normalize("NFKC", word))
    return parts if len(parts) > 1 else []


@cache
def _ligatures() -> frozenset[str]:
    """The forms of ligatures that stand for several words."""
    return frozenset(fold(chr(code)) for code in range(0xFDF0, 0xFDFE) if _parts_of_ligature(chr(code)))
