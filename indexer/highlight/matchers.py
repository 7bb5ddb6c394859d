"""Matchers: what highlighting looks for in a printed text, one item for each word or phrase of a query."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from indexer import budget
from indexer.analysis import analyze_words, distance, fold
from indexer.results import MatchLevel


@dataclass(frozen=True, slots=True)
class WordMatcher:
    """A word: the typed form, other forms of it, and any word of these lemmas, this stem or this root.

    `similar` is the stem whose like stems match too. With lemmas a word of the typed form must have one of them, since
    two words may be spelt alike; likewise with `own`, whose other forms do not match.
    """

    form: str
    others: frozenset[str] = frozenset()
    lemmas: frozenset[str] = frozenset()
    stem: str | None = None
    root: str | None = None
    similar: str | None = None
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PhraseMatcher:
    """These forms side by side."""

    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NearMatcher:
    """These forms, each so often, the first and the last at most `distance` words apart."""

    forms: tuple[str, ...]
    distance: int

    @property
    def counts(self) -> Counter[str]:
        """How often each form must be there."""
        return Counter(self.forms)


@dataclass(frozen=True, slots=True)
class PatternMatcher:
    """Any form that fits a pattern: `*` stands for any letters, `?` for one."""

    pattern: str

    def compiled(self) -> Callable[[str], bool]:
        """Whether a form fits."""
        # The translation takes each star's shortest match and never tries another, so that many stars cost no more.
        matches = re.compile(fnmatch.translate(self.pattern)).match
        return lambda form: matches(form) is not None


@dataclass(frozen=True, slots=True)
class FuzzyMatcher:
    """Any form at most `limit` edits from this one."""

    form: str
    limit: int

    def compiled(self) -> Callable[[str], bool]:
        """Whether a form is near enough."""

        def near(form: str) -> bool:
            budget.check()  # each misspelt word is compared with each word of a text
            return distance(self.form, form, self.limit) <= self.limit

        return near


Matcher = WordMatcher | PhraseMatcher | NearMatcher | PatternMatcher | FuzzyMatcher


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a query looks for: as it was typed, and what matches it; `level` is that of the typed form."""

    typed: str
    matcher: Matcher
    level: MatchLevel


def forms_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """The forms of some words; those without letters have none."""
    return tuple(terms.form for word in words for terms in analyze_words(word) if terms.form)


def phrase_items(words: tuple[str, ...], others: tuple[tuple[str, ...], ...] = ()) -> tuple[Item, ...]:
    """The items of a phrase, one for each way to print it; none where no word has letters."""
    typed = " ".join(words)
    levels = (MatchLevel.PHRASE, *(MatchLevel.SPELLING for _ in others))
    each = zip(map(forms_of, (words, *others)), levels, strict=True)
    return tuple(Item(typed, PhraseMatcher(forms), level) for forms, level in each if forms)


def near_items(words: tuple[str, ...], limit: int) -> tuple[Item, ...]:
    """The item of words near each other."""
    forms = forms_of(words)
    return (Item(" ".join(words), NearMatcher(forms, limit), MatchLevel.PHRASE),) if forms else ()


def exact_items(word: str) -> tuple[Item, ...]:
    """The item of an exact form."""
    return tuple(Item(word, PhraseMatcher((form,)), MatchLevel.FORM) for form in forms_of((word,)))


def pattern_items(pattern: str) -> tuple[Item, ...]:
    """The item of a word with wildcards."""
    return (Item(pattern, PatternMatcher(fold(pattern)), MatchLevel.PATTERN),)


def fuzzy_items(word: str, limit: int) -> tuple[Item, ...]:
    """The item of a word that may be misspelt."""
    return tuple(Item(word, FuzzyMatcher(form, limit), MatchLevel.FUZZY) for form in forms_of((word,)))


def root_items(word: str) -> tuple[Item, ...]:
    """The item of a root: any word of it."""
    terms = analyze_words(word)[:1]
    return tuple(Item(word, WordMatcher("", root=one.root or one.form), MatchLevel.ROOT) for one in terms)
