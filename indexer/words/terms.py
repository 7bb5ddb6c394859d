"""The terms of texts: nouns, names, and two to eight of them together: «مجلس الأمن», «الرئيس الأميركي باراك أوباما».

A term is what is between verbs, stop words, numbers, punctuation and conjunctions (J. Justeson, S. Katz, "Technical
terminology", 1995). Texts are counted, not occurrences. A shorter term is left out if most texts that have it have it
within the same longer one, or if other nouns nearly always surround it, as with nested terms in K. Frantzi et al.,
"Automatic recognition of multi-word terms" (2000): الخارجية السعودي is a fragment of وزير الخارجية السعودي, and
النووي الإيراني of several terms.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from indexer import budget
from indexer.analysis import WORD, analyze_word, is_known, may_be_name
from indexer.analysis.lexicon import VERB, unmarked
from indexer.words.clitics import parts_of

LONGEST: Final = 8
"""Words of a term."""

LEAST_TEXTS: Final = 3
"""A term is in at least so many of the texts."""

_NESTED: Final = 0.6  # of the texts with a term: if so many have it within one longer term, it is a fragment
_FREE_BEFORE: Final = 0.15  # of the texts with a term have it where no other noun precedes it
_FREE_AFTER: Final = 0.1  # and where none follows it, as one often does: وزير الخارجية السعودي
_BREAK: Final = re.compile(r"[^\w\s\u0640\u064b-\u065f\u0670\u200c-\u200f]+|\n|_")
_SERVANT: Final = "عبد"  # printed as one word with the next or as two: عبد الله, عبدالله
_NEVER_FIRST: Final = frozenset(("بن", "بنت"))
_NEVER_LAST: Final = frozenset(
    ("بن", "بنت", "ابن", "ال", "ابو", "ابي", "ابا", "ام", _SERVANT, "ذو", "ذي", "ذات", "غير", "باسم")
)
"""Folded words that need the next one, in names and compounds."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term: its folded words, as it is mostly printed, and the number of texts that have it.

    A single word counts in all its forms, as `lemma`, and has no `words`.
    """

    words: tuple[str, ...]
    printed: str
    texts: int
    lemma: str | None = None


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a run. `first` is it as the first word of a term, without what is attached to it; all but the lemma and
    the two printed forms are folded."""

    form: str
    printed: str
    first: str
    first_printed: str
    lemma: str


class _Found(NamedTuple):
    """A term in a text: as printed, and whether anywhere no noun precedes it, and none follows it."""

    printed: str
    free_before: bool
    free_after: bool


_Terms = dict[tuple[str, ...], _Found]


def terms_of(texts: Iterable[str], least: int = LEAST_TEXTS) -> tuple[list[Term], list[Term]]:
    """The single words, and the terms of several, that at least so many texts have; the most frequent first."""
    runs_of_texts = []
    pairs = Counter[tuple[str, str]]()
    for text in texts:
        budget.check()
        runs = list(_runs(text))
        runs_of_texts.append(runs)
        pairs.update(_pairs_of_text(runs))
    # Of a term that enough texts have, each pair of neighbouring words is in as many: most words begin no such term.
    frequent_pairs = {pair for pair, count in pairs.items() if count >= least}
    of_texts = []
    for runs in runs_of_texts:
        budget.check()
        of_texts.append(_terms_of_text(runs, frequent_pairs))
    counts = Counter(key for terms in of_texts for key in terms)
    frequent = {key: count for key, count in counts.items() if count >= least}
    before, after = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    spelled: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for terms in of_texts:
        for key in terms.keys() & frequent.keys():
            found = terms[key]
            spelled[key][found.printed] += 1
            before[key] += found.free_before
            after[key] += found.free_after
    whole = {
        key: count
        for key, count in frequent.items()
        if after[key] >= _FREE_AFTER * count
        and (before[key] >= _FREE_BEFORE * count or (len(key) > 1 and _begins_with_name(key)))
    }
    fragments = _fragments(frequent)
    found_terms = [
        Term(key, _usual(spelled[key]), count) if len(key) > 1 else Term((), _usual(spelled[key]), count, key[0])
        for key, count in whole.items()
        if key not in fragments
    ]
    found_terms.sort(key=lambda term: (-term.texts, term.printed))
    return [term for term in found_terms if not term.words], [term for term in found_terms if term.words]


def _pairs_of_text(runs: Iterable[list[_Word]]) -> set[tuple[str, str]]:
    """The folded pairs of neighbouring words of a text, the first one also as the first word of a term."""
    pairs = set()
    for run in runs:
        for word, following in pairwise(run):
            pairs.add((word.form, following.form))
            pairs.add((word.first, following.form))
    return pairs


def _terms_of_text(runs: Iterable[list[_Word]], pairs: Collection[tuple[str, str]]) -> _Terms:
    """The terms of a text: single words by their lemma, others by their folded words, if all their pairs are given."""
    terms: _Terms = {}
    for run in runs:
        for first, word in enumerate(run):
            if word.form in _NEVER_FIRST or (first and run[first - 1].form in _NEVER_LAST):
                continue  # the second half of a name
            if word.form not in _NEVER_LAST:
                _add(terms, (word.lemma,), word.first_printed, free=(len(run) == 1, len(run) == 1))
            key: tuple[str, ...] = (word.first,)
            printed = word.first_printed
            before, joined = word.first, False
            for end in range(first + 1, min(len(run), first + LONGEST)):
                last = run[end]
                joins = key[-1] == _SERVANT
                # What is printed as one word or as two has other pairs in other texts.
                split = joined or before.startswith(_SERVANT) or last.form.startswith(_SERVANT)
                if not split and (before, last.form) not in pairs:
                    break
                key = (*key[:-1], key[-1] + last.form) if joins else (*key, last.form)
                before, joined = last.form, joins
                printed = f"{printed} {last.printed}"
                if last.form not in _NEVER_LAST and len(key) > 1:
                    _add(terms, key, printed, free=(not first, end == len(run) - 1))
    return terms


def _add(terms: _Terms, key: tuple[str, ...], printed: str, *, free: tuple[bool, bool]) -> None:
    """Adds an occurrence of a term."""
    known = terms.get(key)
    if known is None:
        terms[key] = _Found(printed, *free)
    elif (free[0] and not known.free_before) or (free[1] and not known.free_after):
        terms[key] = _Found(known.printed, known.free_before or free[0], known.free_after or free[1])


def _begins_with_name(words: tuple[str, ...]) -> bool:
    """Whether a term may begin with a name, which often follows a title: باراك أوباما."""
    return not words[0].startswith("ال") and (may_be_name(words[0]) or not is_known(words[0]))


def _usual(printed: Counter[str]) -> str:
    """The most frequent spelling; of equals the first in the alphabet."""
    return min(printed, key=lambda text: (-printed[text], text))


def _fragments(counts: Mapping[tuple[str, ...], int]) -> set[tuple[str, ...]]:
    """The terms of several words that most texts have within one longer term only."""
    fragments = set()
    for words, count in counts.items():
        for length in range(2, len(words)):
            for start in range(len(words) - length + 1):
                part = words[start : start + length]
                if count >= _NESTED * counts.get(part, count + 1):
                    fragments.add(part)
    return fragments


def _runs(text: str) -> Iterator[list[_Word]]:
    """The runs of nouns and names of a text."""
    for piece in _BREAK.split(text):
        run: list[_Word] = []
        for printed in WORD.findall(piece):
            word = _word(printed)
            if word is None:
                if run:
                    yield run
                run = []
                continue
            continues, term = word
            if not continues and run:
                yield run
                run = []
            run.append(term)
        if run:
            yield run


@lru_cache(maxsize=200_000)
def _word(printed: str) -> tuple[bool, _Word] | None:
    """A noun or a name, and whether it may continue a term: not after a conjunction or a preposition, except للأمم.

    None for verbs, stop words and numbers.
    """
    terms = analyze_word(printed)
    if not terms.lemmas or terms.lemmas[0].endswith(VERB) or any(map(str.isdigit, terms.form)) or len(terms.form) < 2:
        return None
    parts = parts_of(printed)
    continues = not parts.conjunction and (not parts.preposition or (parts.preposition == "ل" and bool(parts.article)))
    first = parts.definite
    return continues, _Word(terms.form, unmarked(printed), analyze_word(first).form, first, terms.lemmas[0])
