"""Plans of spelling variants: what matches them, what they add to scores, and what is highlighted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from indexer.analysis import Terms, analyze_words, word_forms
from indexer.analysis.multiword import adjacent_forms, is_abbreviation
from indexer.highlight.matchers import HighlightTerm, PhraseMatcher, WordMatcher, forms_of
from indexer.query.ast import SpellingVariants
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

T = TypeVar("T")


def variant_plans(field_name: str, variants: tuple[tuple[str, ...], ...]) -> tuple[Plan, ...]:
    """What matches variants in a field: those of one word as one term, each of several words as a phrase."""
    words = _one_word_forms(variants)
    phrases = (PhrasePlan(field_name, forms) for forms in _phrase_forms(variants))
    return (*((AnyTerm(field_name, words),) if words else ()), *phrases)


def phrases_as_typed(typed: tuple[str, ...], *, clitics: bool) -> tuple[tuple[str, ...], ...]:
    """The phrases of forms that match words typed as one unit; none for words that match anywhere.

    With `clitics` the first word of a name matches with clitics too.
    """
    forms = adjacent_forms(typed)
    if forms is None:
        return ()
    if not clitics or is_abbreviation(typed):
        return (forms_of(typed),)
    return _distinct((first, *forms[1:]) for first in word_forms(forms[0]))


def merged_levels(terms: Terms, variants: Iterable[tuple[str, ...]]) -> tuple[Plan, ...]:
    """What a word and its variants of one word add to scores: at each level they are one term.

    A rare variant then counts for no more than a common one, which its own inverse document frequency would not do.
    """
    each = [terms, *(one for variant in variants if len(variant) == 1 for one in analyze_words(variant[0]))]
    stems = _distinct(one.stem for one in each if one.stem is not None)
    return (
        # A name has no root of its own: its stem takes the root's weight too.
        AnyTerm("text_stem", stems, STEM_WEIGHT + ROOT_WEIGHT),
        AnyTerm("text_form", _distinct(one.form for one in each), FORM_WEIGHT),
        AnyTerm("title_stem", stems, TITLE_WEIGHT),
        AnyTerm("text_form", (terms.form,), TYPED_WEIGHT),
    )


def variant_items(node: SpellingVariants) -> tuple[HighlightTerm, ...]:
    """What is highlighted of variants."""
    typed = " ".join(node.typed)
    items = [HighlightTerm(typed, PhraseMatcher(forms), MatchLevel.SPELLING) for forms in _phrase_forms(node.variants)]
    if words := _one_word_forms(node.variants):
        items.insert(0, HighlightTerm(typed, WordMatcher("", frozenset(words)), MatchLevel.SPELLING))
    return tuple(items)


def _one_word_forms(variants: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The forms of the variants of one word, with and without clitics."""
    return _distinct(form for one in variants if len(one) == 1 for word in forms_of(one) for form in word_forms(word))


def _phrase_forms(variants: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """The forms of the variants of several words, with and without clitics on the first."""
    several = [forms for one in variants if len(one) > 1 and (forms := forms_of(one))]
    return _distinct((first, *rest) for start, *rest in several for first in word_forms(start))


def _distinct(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
