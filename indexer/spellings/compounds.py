"""Variants in one word or several: عبد الله and عبدالله, أبو ظبي and أبوظبي, رأس مال and رأسمال.

Words side by side are joined, and words split, as the archive prints them. Two words and their concatenation are the
same word

- if they are a name (`indexer.analysis.multiword`); if the second is frequent without the first, only where the archive
  hardly prints the concatenation or prints the two side by side often enough: بنزين is not بن زين;
- if the archive prints both, and the two are side by side in a good share of the articles with the rarer of them:
  في لم is hardly anywhere, so فيلم is one word;
- if one is a stop word, only if the other hardly ever occurs without it, and both spellings are about equally frequent:
  لا سيما and لاسيما, but not إن شاء and إنشاء. إن شاء الله is انشاء الله all the same.

Abbreviations (أ ف ب, أ.ف.ب, U.N.), letters with a number (F-16), groups of digits (1 000) and the words of a ligature
(ﷺ) are joined and split likewise. آل is not joined to the next word: آل خليفة would be الخليفة. What the archive
prints in one way only is left to did-you-mean (`indexer.suggest.word_boundaries`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from indexer.analysis import fold, stop_words
from indexer.analysis.multiword import (
    ATTACHED_CLITICS,
    is_compound_name,
    is_sure_name,
    ligature_forms,
    ligature_words,
    name_beginning,
    strip_clitic,
)
from indexer.spellings.vocabulary import Vocabulary, least_known

MIN_ADJACENT_SHARE: Final = 0.1
"""Two words are a unit if they are side by side in this share of the articles with the rarer of them."""

MIN_ADJACENT_SHARE_OF_NAME: Final = 0.3
MIN_ADJACENT_SHARE_WITH_STOP_WORD: Final = 0.3
MIN_ADJACENT_SHARE_OF_FRAGMENTS: Final = 0.5
"""The share if one of the words is too rare to be known."""

_MAX_PHRASES: Final = 8
"""Variants of a phrase with several names that are looked up."""

_TIMES_MORE: Final = 50
"""A spelling in so many times fewer articles than the other is a missing or an extra space, and no variant."""

_TIMES_MORE_WITH_STOP_WORD: Final = 3
_MAX_WORDS: Final = 4
_MIN_PART: Final = 2
_MIN_ABBREVIATION: Final = 3
_MIN_LETTERS_OF_THREE: Final = 8
"""Letters of three words or more whose concatenation is no coincidence."""

_GOD: Final = "الله"
_HAMZA: Final = "ء"
_PERSIAN_ENDING: Final = "ءي"
_ENDINGS: Final = frozenset((
    "ين", "ون", "ان", "ات", "ها", "هم", "هن", "هما", "نا", "كم", "كن", "ني", "وا", "يه", "تين", "تان", "يين",
))  # fmt: skip
_PROCLITICS: Final = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "ال", "وال", "بال", "لل")
_SMALL_ARCHIVE: Final = 1000
"""Articles; in a smaller archive even common names may occur with a clitic only."""

_PROCLITIC: Final = re.compile("[وفبكل](?=..)")
_LETTERS_AND_NUMBER: Final = re.compile(r"([a-z]+)(\d+)")
_NUMBER_IN_GROUPS: Final = re.compile(r"\d{1,3}(?: \d{3})+")


class _Counts(NamedTuple):
    """In how many articles a compound is printed as one word (`joined`), and as two words side by side (`adjacent`)."""

    joined: int
    adjacent: int


def compound_variants(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """The variants of words side by side, in fewer or more words, as forms; only those that the archive prints."""
    if not 1 <= len(words) <= _MAX_WORDS:
        return ()
    forms = tuple(map(fold, words))
    if not all(forms):
        return ()
    if parts := ligature_words(words[0]) if len(words) == 1 else ():
        others = _if_adjacent(vocabulary, tuple(map(fold, parts)))
    else:
        others = _split(forms[0], vocabulary) if len(forms) == 1 else _joined(forms, vocabulary)
    return tuple(dict.fromkeys(other for other in others if other != forms))


def phrase_variants(words: Sequence[str], vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """The variants of a phrase with its names in one word or two, as forms; only those that the archive prints.

    Only names vary; all other words of a phrase are as typed.
    """
    phrases: list[tuple[str, ...]] = [()]
    forms = [form for form in map(fold, words) if form]
    at = 0
    while at < len(forms):
        ways: list[tuple[str, ...]] = [(forms[at],)]
        pair = tuple(forms[at : at + 2])
        if (
            len(pair) == 2
            and is_compound_name(*pair)
            and (found := _count_compound(*pair, vocabulary))
            and found.joined
        ):
            ways = [pair, ("".join(pair),)]
        else:
            splits = (way for way in _splits(forms[at]) if is_compound_name(*way))
            ways += [way for way in splits if (found := _count_compound(*way, vocabulary)) and found.adjacent][:1]
        at += len(ways[0])
        phrases = [(*phrase, *way) for phrase in phrases for way in ways][:_MAX_PHRASES]
    typed = tuple(forms)
    others = [phrase for phrase in phrases if phrase != typed]
    beside = vocabulary.adjacent([phrase for phrase in others if len(phrase) > 1]) if others else {}
    return tuple(phrase for phrase in others if beside.get(phrase, len(phrase) == 1))


def _joined(forms: tuple[str, ...], vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    whole = "".join(forms)
    if all(len(form) == 1 and form.isalpha() for form in forms):
        if len(forms) >= _MIN_ABBREVIATION or whole.isascii():
            yield from _if_printed(vocabulary, whole)
    elif whole.isdecimal():
        if _NUMBER_IN_GROUPS.fullmatch(" ".join(forms)):
            yield from _if_printed(vocabulary, whole)
    elif len(forms) == 2:
        first, second = forms
        if _LETTERS_AND_NUMBER.fullmatch(whole) and first.isalpha():
            yield from _if_printed(vocabulary, whole)
        elif second.startswith(_HAMZA):  # not a word, but the ending of Persian names: خامنه ئي
            yield from _if_printed(vocabulary, first.removesuffix("ه") + second)
        elif second == _GOD and (way := _split_wish(first, vocabulary)):
            yield way
        elif not second.isdecimal():
            begins = name_beginning(first)
            for bare in (begins,) if begins and is_compound_name(first, second) else _without_clitic(first):
                if (found := _count_compound(bare, second, vocabulary)) and found.joined:
                    yield (bare + second,)
                    break
    else:
        if whole in ligature_forms() or (len(whole) >= _MIN_LETTERS_OF_THREE and all(map(_may_be_part, forms))):
            yield from _if_printed(vocabulary, whole)
        first, second, *rest = forms
        if rest == [_GOD]:
            yield from _if_adjacent(vocabulary, (first + second, _GOD))


def _split(form: str, vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    if found := _LETTERS_AND_NUMBER.fullmatch(form):
        yield from _if_adjacent(vocabulary, found.groups())
    elif form.isdecimal():
        # 5 500 may be two numbers.
        if not form.startswith("0") and (len(form) > 4 or form.endswith("000")):
            first = len(form) % 3 or 3
            yield from _if_adjacent(
                vocabulary, (form[:first], *(form[at : at + 3] for at in range(first, len(form), 3)))
            )
    elif form.isalpha():
        if _MIN_ABBREVIATION <= len(form) <= _MAX_WORDS or (form.isascii() and len(form) == 2):
            yield from _spelled_out(form, vocabulary)
        if form.endswith(_PERSIAN_ENDING) and len(form) > len(_PERSIAN_ENDING) + _MIN_PART:
            yield from _if_adjacent(vocabulary, (f"{form.removesuffix(_PERSIAN_ENDING)}ه", _PERSIAN_ENDING))
        if not form.isascii():
            yield from _split_in_two(form, vocabulary)


def _split_in_two(form: str, vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    ways = [way for bare in _without_clitic(form) for way in _splits(bare)]
    asked = {one: None for way in ways for forms in _counted_forms(*way, vocabulary) for one in forms}
    counts = vocabulary.frequencies("text_form", list(asked)) if asked else {}
    found = [
        (first, second)
        for first, second in ways
        if counts.get(second, 0) and (one := _count_compound(first, second, vocabulary)) and one.adjacent
    ]
    # A name shows where to split.
    names = dict.fromkeys(strip_clitic(*way) for way in found if is_compound_name(*way))
    yield from list(names)[:1] or found[:1]
    for first, second in ways:
        if second == _GOD and (phrase := _split_wish(first, vocabulary)):
            yield phrase


def _splits(form: str) -> Iterator[tuple[str, str]]:
    """Each way to split a form in two."""
    for end in range(_MIN_PART, len(form) - _MIN_PART + 1):
        yield form[:end], form[end:]


def _without_clitic(form: str) -> Iterator[str]:
    """A form, and the form without its first letter if that may be a clitic."""
    yield form
    if _PROCLITIC.match(form):
        yield form[1:]


def _count_compound(first: str, second: str, vocabulary: Vocabulary) -> _Counts | None:
    """How often the archive prints two forms joined and side by side; None if these are not the same word.

    These are the first three rules of this module. Forms with clitics count too.
    """
    name = is_compound_name(first, second)
    stops = (first in stop_words()) + (second in stop_words())
    if not name and (stops == 2 or not (_may_be_part(first) and _may_be_part(second)) or second in _ENDINGS):
        return None
    firsts, _, wholes = asked = _counted_forms(first, second, vocabulary)
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
        is_name = is_sure_name(first, second) or whole < known or together >= MIN_ADJACENT_SHARE_OF_NAME * apart
        return _Counts(whole, together) if is_name else None
    times, least = _TIMES_MORE, MIN_ADJACENT_SHARE
    if stops:
        times, least = _TIMES_MORE_WITH_STOP_WORD, MIN_ADJACENT_SHARE_WITH_STOP_WORD
    elif rarer < known:
        least = MIN_ADJACENT_SHARE_OF_FRAGMENTS
    if not whole or not together or share < least or together > times * whole:
        return None
    if whole > times * together:  # split by a misprint: the joined word is a variant, the pieces are none
        return _Counts(whole, 0) if rarer < known and not stops else None
    return _Counts(whole, together)


def _counted_forms(first: str, second: str, vocabulary: Vocabulary) -> tuple[list[str], list[str], list[str]]:
    """The forms to count: of the first, of the second, and of both joined."""
    return _with_clitics(first, vocabulary), [second], _with_clitics(first + second, vocabulary)


def _may_be_part(form: str) -> bool:
    return len(form) >= _MIN_PART and form not in ATTACHED_CLITICS


def _with_clitics(form: str, vocabulary: Vocabulary) -> list[str]:
    """A form; in a small archive also with each clitic that names often have, as it may print nothing else."""
    return [clitic + form for clitic in (_PROCLITICS if vocabulary.doc_count < _SMALL_ARCHIVE else ("",))]


def _split_wish(form: str, vocabulary: Vocabulary) -> tuple[str, ...] | None:
    """A form before الله, split in two, if the three words are a set phrase: انشاء الله is إن شاء الله."""
    ways = [
        (first, second) for first, second in _splits(form) if first in stop_words() and first not in ATTACHED_CLITICS
    ]
    if not ways:
        return None
    beside = vocabulary.adjacent([(*way, _GOD) for way in ways])
    counts = vocabulary.frequencies("text_form", [second for _, second in ways])
    for way in ways:
        together = beside[*way, _GOD]
        if together and together >= MIN_ADJACENT_SHARE_WITH_STOP_WORD * counts.get(way[1], 0):
            return (*way, _GOD)
    return None


def _spelled_out(form: str, vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    """The letters of an abbreviation one by one, if the archive prints them side by side."""
    letters = tuple(form)
    together, whole = vocabulary.adjacent([letters])[letters], vocabulary.frequencies("text_form", [form])
    if together and whole.get(form, 0) <= together:
        yield letters


def _if_adjacent(vocabulary: Vocabulary, forms: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Forms, if the archive prints them side by side."""
    if vocabulary.adjacent([forms])[forms]:
        yield forms


def _if_printed(vocabulary: Vocabulary, form: str) -> Iterator[tuple[str, ...]]:
    """A form, if the archive prints it."""
    if any(vocabulary.frequencies("text_form", _with_clitics(form, vocabulary)).values()):
        yield (form,)
