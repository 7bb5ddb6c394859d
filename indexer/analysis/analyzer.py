"""From printed text to the terms of each level, with offsets into the text as it was printed.

Levels are steps of precision: the *form* is the word as printed, folded; the *lemma* is what a dictionary lists it
under; the *stem* is the form without clitics and common endings; the *root* is what a family of stems shares. A stop
word has its form alone: it can be found in phrases and costs nothing elsewhere.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from indexer.analysis.lemmatizer import is_spelled_so, lemmas, shown_lemma
from indexer.analysis.letters import FOLDING_STEPS, WORD, fold
from indexer.analysis.lexicon import unmarked
from indexer.analysis.stemmer import PROCLITICS, root, stem, stemming_steps

ANALYSIS_VERSION: Final = 3
"""Raised with every change of the rules: an index built with another version asks for `arshif reindex`."""

MAX_TERM_LENGTH: Final = 64
"""Longer words (codes, run-together text) are cut to this many characters, alike in articles and queries."""

# The memo is emptied when it holds this many distinct printed words (about 400 MB); real archives of a million
# articles print fewer than that many.
_MEMO_LIMIT = 2_000_000

_SHORTEST_WITH_CLITIC: Final = 3


class Level(StrEnum):
    """A step of precision at which words are compared."""

    FORM = "form"
    LEMMA = "lemma"
    STEM = "stem"
    ROOT = "root"


class Terms(NamedTuple):
    """One printed word at each level; `form` is empty for a word of marks alone, a stop word has its form alone.

    An ambiguous word has several lemmas. Words that are printed differently may have one form and different terms
    else.
    """

    form: str
    stem: str | None
    root: str | None
    lemmas: tuple[str, ...]

    def at(self, level: Level) -> tuple[str, ...]:
        """The terms at a level, mostly one; none where the word has none."""
        if level is Level.LEMMA:
            return self.lemmas
        term = {Level.FORM: self.form, Level.STEM: self.stem, Level.ROOT: self.root}[level]
        return (term,) if term else ()


class Token(NamedTuple):
    """One printed word: `text[start:end]` of the analysed text, and its terms."""

    start: int
    end: int
    terms: Terms


class _Memo(dict[str, Terms]):
    """Printed word → its terms. A dictionary look-up in C is what makes indexing fast: each word is analysed once."""

    def __missing__(self, printed: str) -> Terms:
        if len(self) >= _MEMO_LIMIT:
            self.clear()
        form = fold(printed)[:MAX_TERM_LENGTH]
        if is_stop_word(printed, form):
            terms = Terms(form, None, None, ())
        else:
            stemmed = stem(form)
            terms = Terms(form, stemmed, root(stemmed), lemmas(printed, form) if form else ())
        self[printed] = terms
        return terms


_memo = _Memo()


@cache
def stop_words() -> frozenset[str]:
    """The folded forms of the stop list (`stopwords.txt`)."""
    return frozenset(_stop_spellings())


@cache
def _stop_spellings() -> dict[str, frozenset[str]]:
    """The folded form of each stop word → how it is spelled."""
    text = Path(__file__).with_name("stopwords.txt").read_text(encoding="utf-8")
    words = [word for line in text.splitlines() for word in line.partition("#")[0].split()]
    return {form: frozenset(unmarked(word) for word in words if fold(word) == form) for form in map(fold, words)}


def is_stop_word(printed: str, form: str) -> bool:
    """Whether a printed word with this form is a stop word: على is one, the name علي is none.

    A word that is spelled otherwise than the stop word of its form is another word where the lexicon has it so (إمام,
    which أمام is not), else a careless spelling (امام). With a clitic it is one too (بأي, وعليهما), if it is spelled as
    the stop word is and no word of its own.
    """
    stops = _stop_spellings()
    if (spellings := stops.get(form)) is not None:
        word = unmarked(printed)
        return word in spellings or not is_spelled_so(word, form)
    if form[:1] not in PROCLITICS or len(form) < _SHORTEST_WITH_CLITIC or (spellings := stops.get(form[1:])) is None:
        return False
    word = unmarked(printed)
    return word[1:] in spellings and not is_spelled_so(word, form)


def analyze(text: str) -> list[Token]:
    """The words of a text in order. `text[token.start:token.end]` is the word as printed, harakat included."""
    return [Token(m.start(), m.end(), _memo[m.group()]) for m in WORD.finditer(text)]


def analyze_words(text: str) -> list[Terms]:
    """The terms of each word of a text in order, without offsets: what the index needs."""
    return list(map(_memo.__getitem__, WORD.findall(text)))


def analyze_word(printed: str) -> Terms:
    """The terms of one printed word, for callers who cut the text themselves (`WORD.findall`) and count words first."""
    return _memo[printed]


def explain(text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What each step makes of each word: (printed word, [(step, result), …]), levels and what changed it."""
    explained = []
    for printed in WORD.findall(text):
        steps = []
        word = printed
        for name, step in FOLDING_STEPS:
            if (folded := step(word)) != word:
                steps.append((name, folded))
                word = folded
        terms = _memo[printed]
        steps.append((Level.FORM.value, terms.form))
        if terms.stem is None or terms.root is None:
            steps.append((Level.LEMMA.value, "(stop word)"))
        else:
            steps += [(Level.LEMMA.value, shown_lemma(lemma)) for lemma in terms.lemmas]
            steps += stemming_steps(terms.form)
            steps += [(Level.STEM.value, terms.stem), (Level.ROOT.value, terms.root)]
        explained.append((printed, steps))
    return explained
