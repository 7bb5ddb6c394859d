"""The analyzer: from printed text to the terms of each level, with offsets into the text as printed.

Levels are degrees of precision: the *form* is the word as printed, folded; the *lemma* is its dictionary headword; the
*stem* is the form without clitics and common endings; the *root* is what a family of stems shares. A stop word has
nothing but its form: it matches in phrases, and alone.

Tokenizing and folding are those of `corpus.letters`, so that near-duplicates and the index follow the same rules.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from corpus import letters
from indexer.analysis import latin
from indexer.analysis.lemmatizer import has_spelling, lemmas, shown_lemma
from indexer.analysis.lexicon import unmarked
from indexer.analysis.stemmer import PROCLITICS, root, stem, stemming_steps

WORD: Final = letters.WORD
MARKS: Final = letters.MARKS
INVISIBLE: Final = letters.INVISIBLE
MAX_RUN: Final = letters.MAX_RUN
MAY_BECOME: Final = letters.MAY_BECOME
OF_WORDS: Final = letters.OF_WORDS
fold: Final = letters.fold

ANALYSIS_VERSION: Final = 4
"""Raised with every change of the rules: an index built with another version must be rebuilt (`arshif reindex`)."""

MAX_TERM_LENGTH: Final = 64
"""Longer words (codes, text without spaces) are cut to this many characters, in articles and in queries."""

# Distinct printed words (about 400 MB), at which the cache is emptied; archives of a million articles have fewer.
_CACHE_LIMIT = 2_000_000

_MIN_LENGTH_WITH_CLITIC: Final = 3


class Level(StrEnum):
    """How precisely words are compared."""

    FORM = "form"
    LEMMA = "lemma"
    STEM = "stem"
    ROOT = "root"


class Terms(NamedTuple):
    """The terms of a printed word at each level; `form` is empty for a word of marks alone.

    A stop word has nothing but its form. An ambiguous word has several lemmas. Words printed differently may have the
    same form and other terms that differ.
    """

    form: str
    stem: str | None
    root: str | None
    lemmas: tuple[str, ...]

    def at(self, level: Level) -> tuple[str, ...]:
        """The terms at a level: mostly one, none for a stop word."""
        if level is Level.LEMMA:
            return self.lemmas
        term = {Level.FORM: self.form, Level.STEM: self.stem, Level.ROOT: self.root}[level]
        return (term,) if term else ()


class Token(NamedTuple):
    """A printed word, `text[start:end]`, and its terms."""

    start: int
    end: int
    terms: Terms


class _TermsCache(dict[str, Terms]):
    """Printed word → its terms. Each distinct word is analyzed once: the dictionary lookup in C makes indexing fast."""

    def __missing__(self, printed: str) -> Terms:
        if len(self) >= _CACHE_LIMIT:
            self.clear()
        form = fold(printed)[:MAX_TERM_LENGTH]
        if is_stop_word(printed, form):
            terms = Terms(form, None, None, ())
        elif latin.is_latin(form):
            stemmed = latin.stem(form)
            terms = Terms(form, stemmed, stemmed, latin.lemmas(form))
        else:
            stemmed = stem(form)
            terms = Terms(form, stemmed, root(stemmed), lemmas(printed, form) if form else ())
        self[printed] = terms
        return terms


_cache = _TermsCache()


@cache
def stop_words() -> frozenset[str]:
    """The folded forms of the stop words, Arabic (`stopwords.txt`), French and English."""
    return latin.stop_words().union(_stop_spellings())


@cache
def _stop_spellings() -> dict[str, frozenset[str]]:
    """The folded form of each stop word → its spellings."""
    text = Path(__file__).with_name("stopwords.txt").read_text(encoding="utf-8")
    words = [word for line in text.splitlines() for word in line.partition("#")[0].split()]
    return {form: frozenset(unmarked(word) for word in words if fold(word) == form) for form in map(fold, words)}


def is_stop_word(printed: str, form: str) -> bool:
    """Whether a printed word with this form is a stop word: على is one, the name علي is not.

    A word spelled differently than the stop word of its form is another word if the lexicon has that spelling (إمام is
    not أمام), otherwise a careless spelling of it (امام). A stop word with a clitic (بأي, وعليهما) is one too if it is
    spelled like the stop word and the lexicon does not have it as a word.
    """
    if latin.is_latin(form):
        return latin.is_stop_word(printed, form)
    stops = _stop_spellings()
    if (spellings := stops.get(form)) is not None:
        word = unmarked(printed)
        return word in spellings or not has_spelling(word, form)
    if form[:1] not in PROCLITICS or len(form) < _MIN_LENGTH_WITH_CLITIC or (spellings := stops.get(form[1:])) is None:
        return False
    word = unmarked(printed)
    return word[1:] in spellings and not has_spelling(word, form)


def analyze(text: str) -> list[Token]:
    """The tokens of a text in order. `text[token.start:token.end]` is the word as printed, harakat included."""
    return [Token(m.start(), m.end(), _cache[m.group()]) for m in WORD.finditer(text)]


def analyze_words(text: str) -> list[Terms]:
    """The terms of each word of a text in order, without offsets, for indexing."""
    return list(map(_cache.__getitem__, WORD.findall(text)))


def analyze_word(printed: str) -> Terms:
    """The terms of a printed word, for callers that tokenize (`WORD.findall`) and count words themselves."""
    return _cache[printed]


def explain(text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Trace the analysis of each word: (printed word, [(step, result), …]), with its levels and what changed it."""
    explained = []
    for printed in WORD.findall(text):
        steps = []
        word = printed
        for name, step in letters.FOLDING_STEPS:
            if (folded := step(word)) != word:
                steps.append((name, folded))
                word = folded
        terms = _cache[printed]
        steps.append((Level.FORM.value, terms.form))
        if terms.stem is None or terms.root is None:
            steps.append((Level.LEMMA.value, "(stop word)"))
        else:
            steps += [(Level.LEMMA.value, shown_lemma(lemma)) for lemma in terms.lemmas]
            steps += stemming_steps(terms.form)
            steps += [(Level.STEM.value, terms.stem), (Level.ROOT.value, terms.root)]
        explained.append((printed, steps))
    return explained
