"""What other spellings of a word add to a compiled query: what matches, what adds to scores, what is marked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from indexer.analysis import Terms, analyze_words, word_forms
from indexer.highlight.matchers import HighlightTerm, PhraseMatcher, WordMatcher, forms_of
from indexer.query.ast import Spelled
from indexer.query.plan import (
    FORM_WEIGHT,
    ROOT_WEIGHT,
    STEM_WEIGHT,
    TITLE_WEIGHT,
    TYPED_WEIGHT,
    AnyTerm,
    PhrasePlan,
    Plan,
)
from indexer.results import MatchLevel
from indexer.spellings.compounds import are_abbreviation, beside

T = TypeVar("T")


def other_spellings(field_name: str, others: tuple[tuple[str, ...], ...]) -> tuple[Plan, ...]:
    """What matches other spellings in a field: those of one word together, those of several each by itself."""
    words = _one_word_forms(others)
    sequences = (PhrasePlan(field_name, forms) for forms in _several_word_forms(others))
    return (*((AnyTerm(field_name, words),) if words else ()), *sequences)


def _one_word_forms(others: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The forms of the spellings of one word, with and without clitics."""
    return _distinct(form for one in others if len(one) == 1 for word in forms_of(one) for form in word_forms(word))


def _several_word_forms(others: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """The forms of the spellings of several words, with and without clitics on the first."""
    several = [forms for one in others if len(one) > 1 and (forms := forms_of(one))]
    return _distinct((first, *rest) for start, *rest in several for first in word_forms(start))


def side_by_side(typed: tuple[str, ...], *, clitics: bool) -> tuple[tuple[str, ...], ...]:
    """The forms side by side that match words typed in place of one; none for words that match wherever they stand."""
    forms = beside(typed)
    if forms is None:
        return ()
    if not clitics or are_abbreviation(typed):
        return (forms_of(typed),)
    return _distinct((first, *forms[1:]) for first in word_forms(forms[0]))


def levels_together(terms: Terms, others: Iterable[tuple[str, ...]]) -> tuple[Plan, ...]:
    """What a word and its other spellings of one word add to scores: at each level they are one term.

    So a spelling that few articles print counts for no more than a common one.
    """
    each = [terms, *(one for other in others if len(other) == 1 for one in analyze_words(other[0]))]
    stems = _distinct(one.stem for one in each if one.stem is not None)
    return (
        # A name has no root of its own: its stem stands for it.
        AnyTerm("text_stem", stems, STEM_WEIGHT + ROOT_WEIGHT),
        AnyTerm("text_form", _distinct(one.form for one in each), FORM_WEIGHT),
        AnyTerm("title_stem", stems, TITLE_WEIGHT),
        AnyTerm("text_form", (terms.form,), TYPED_WEIGHT),
    )


def highlight_spellings(node: Spelled) -> tuple[HighlightTerm, ...]:
    """What is marked of other spellings."""
    typed = " ".join(node.typed)
    items = [
        HighlightTerm(typed, PhraseMatcher(forms), MatchLevel.SPELLING) for forms in _several_word_forms(node.others)
    ]
    if words := _one_word_forms(node.others):
        items.insert(0, HighlightTerm(typed, WordMatcher("", frozenset(words)), MatchLevel.SPELLING))
    return tuple(items)


def _distinct(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
