"""Printed words without what Arabic attaches in front of them: for sorting lines and for naming terms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from indexer.analysis import INVISIBLE, MARKS, analyze_word, fold

_TATWEEL: Final = "\u0640"
_SIGNS: Final = re.compile(f"[{MARKS}{INVISIBLE}{_TATWEEL}]")
_SHORTEST: Final = 2  # letters of a word without its clitics
_ARTICLE: Final = "ال"
_MERGED: Final = "لل"  # ل and the article


class Parts(NamedTuple):
    """A printed word without marks: the conjunction and the preposition before it, its article, and the rest."""

    conjunction: str
    preposition: str
    article: str
    rest: str

    @property
    def definite(self) -> str:
        """The word with its article, without conjunction and preposition: وللاجئين is اللاجئين."""
        return self.article + self.rest


@lru_cache(maxsize=100_000)
def parts_of(printed: str) -> Parts:
    """The parts of a printed word.

    Letters count as attached only if the word without them has the same lemma, or is a stop word as the whole is: the و
    of وزير is its own, that of وقال is not.
    """
    word = _SIGNS.sub("", printed)
    terms = analyze_word(printed)
    for parts in _splits(word):
        if len(parts.rest) < _SHORTEST:
            continue
        rest = analyze_word(parts.rest)
        if terms.lemmas:
            if rest.lemmas[:1] == terms.lemmas[:1]:
                return parts
        elif rest.form and not rest.lemmas and not parts.preposition:
            return parts
    return Parts("", "", "", word)


def _splits(word: str) -> Iterator[Parts]:
    """The ways to split a word, those with the most attached letters first."""
    for conjunction in (word[:1], "") if word[:1] in ("و", "ف") else ("",):
        rest = word[len(conjunction) :]
        if rest.startswith(_MERGED):
            yield Parts(conjunction, "ل", _ARTICLE, rest[2:])
            yield Parts(conjunction, "ل", _ARTICLE, rest[1:])  # للاعب is ل and اللاعب
        if rest[:1] in ("ب", "ك", "ل"):
            if rest.startswith(_ARTICLE, 1):
                yield Parts(conjunction, rest[0], _ARTICLE, rest[3:])
            yield Parts(conjunction, rest[0], "", rest[1:])
        if rest.startswith(_ARTICLE):
            yield Parts(conjunction, "", _ARTICLE, rest[2:])
        if conjunction:
            yield Parts(conjunction, "", "", rest)


@lru_cache(maxsize=100_000)
def sort_key(printed: str) -> str:
    """The letters by which a word is sorted: folded, without article and attached letters."""
    return fold(parts_of(printed).rest) or fold(printed)
