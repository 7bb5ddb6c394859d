"""Lemmas: what a dictionary lists a printed word under.

The word as printed tells more than its form: `على` is a preposition and `علي` a name, and both fold to one form.
"""

from __future__ import annotations

from indexer.analysis.stemmer import letters_of_stem, stem


def lemmas(printed: str, form: str) -> tuple[str, ...]:
    """The lemmas of a word that is printed so and has this form: mostly one, more where the word is ambiguous."""
    return (stem(form),)


def letters_of_lemma(lemma: str) -> frozenset[str]:
    """The letters that every form with this lemma holds."""
    return letters_of_stem(lemma)
