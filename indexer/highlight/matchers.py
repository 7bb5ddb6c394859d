"""Matchers: what highlighting looks for in a printed text, for each word, phrase and pattern of a query."""

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
    """A word: the typed form, other forms, and any word of these lemmas, this stem or this root.

    `similar` is a stem whose similar stems match too. With `lemmas`, a printed word of the typed form must have one of
    them, since two words may have the same spelling. So it must with `own`, but other forms of those lemmas do not
    match.
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
    """These forms next to each other, in this order."""

    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NearMatcher:
    """These forms, each as often as listed, the first and the last at most `distance` words apart."""

    forms: tuple[str, ...]
    distance: int

    @property
    def counts(self) -> Counter[str]:
        """How often each form is required."""
        return Counter(self.forms)


@dataclass(frozen=True, slots=True)
class PatternMatcher:
    """Any form that matches a pattern: `*` stands for any letters, `?` for one."""

    pattern: str

    def compiled(self) -> Callable[[str], bool]:
        """A predicate of forms."""
        # The translation takes the shortest match of each star and never backtracks, so that many stars cost no more.
        matches = re.compile(fnmatch.translate(self.pattern)).match
        return lambda form: matches(form) is not None


@dataclass(frozen=True, slots=True)
class FuzzyMatcher:
    """Any form at most `limit` edits from this one."""

    form: str
    limit: int

    def compiled(self) -> Callable[[str], bool]:
        """A predicate of forms."""

        def near(form: str) -> bool:
            budget.check()  # each misspelled word is compared with each word of a text
            return distance(self.form, form, self.limit) <= self.limit

        return near


Matcher = WordMatcher | PhraseMatcher | NearMatcher | PatternMatcher | FuzzyMatcher


@dataclass(frozen=True, slots=True)
class HighlightTerm:
    """A word, phrase or pattern of a query to highlight: as typed, its matcher, and the level of the typed form."""

    typed: str
    matcher: Matcher
    level: MatchLevel


def forms_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """The forms of words; words without letters have none."""
    return tuple(terms.form for word in words for terms in analyze_words(word) if terms.form)


def highlight_phrase(words: tuple[str, ...], others: tuple[tuple[str, ...], ...] = ()) -> tuple[HighlightTerm, ...]:
    """The terms of a phrase, one for each way to print it; none if no word has letters."""
    typed = " ".join(words)
    levels = (MatchLevel.PHRASE, *(MatchLevel.SPELLING for _ in others))
    each = zip(map(forms_of, (words, *others)), levels, strict=True)
    return tuple(HighlightTerm(typed, PhraseMatcher(forms), level) for forms, level in each if forms)


def highlight_near(words: tuple[str, ...], limit: int) -> tuple[HighlightTerm, ...]:
    """The term of words near each other."""
    forms = forms_of(words)
    return (HighlightTerm(" ".join(words), NearMatcher(forms, limit), MatchLevel.PHRASE),) if forms else ()


def highlight_exact(word: str) -> tuple[HighlightTerm, ...]:
    """The term of an exact form."""
    return tuple(HighlightTerm(word, PhraseMatcher((form,)), MatchLevel.FORM) for form in forms_of((word,)))


def highlight_pattern(pattern: str) -> tuple[HighlightTerm, ...]:
    """The term of a word with wildcards."""
    return (HighlightTerm(pattern, PatternMatcher(fold(pattern)), MatchLevel.PATTERN),)


def highlight_fuzzy(word: str, limit: int) -> tuple[HighlightTerm, ...]:
    """The term of a word that may be misspelled."""
    return tuple(HighlightTerm(word, FuzzyMatcher(form, limit), MatchLevel.FUZZY) for form in forms_of((word,)))


def highlight_root(word: str) -> tuple[HighlightTerm, ...]:
    """The term of a root, which every word of it matches."""
    return tuple(
        HighlightTerm(word, WordMatcher("", root=terms.root or terms.form), MatchLevel.ROOT)
        for terms in analyze_words(word)[:1]
    )
