"""Did you mean: a query with its misspelt words corrected from the archive's own vocabulary.

A word is corrected when hardly any article holds it in any shape, and a near neighbour is in many times more. What is
near is measured by `indexer.analysis.distance`, so that the letters which Arabic writers confuse come first.
"""

from __future__ import annotations

import re
from dataclasses import replace
from math import log
from typing import Final

from indexer.analysis import Terms, analyze_words
from indexer.lexicon import Lexicon
from indexer.printed import PrintedForms
from indexer.query import And, Node, Or, Required, Word, print_query

TIMES_MORE: Final = 20
"""A neighbour of a word that the archive holds must be in so many times more articles than the word's stem."""

RAREST: Final = 1 / 2000
"""A word whose stem is in a larger share of the articles is no misspelling, whatever stands near it."""

MAX_CORRECTED: Final = 4
"""A query of more unknown words than these is in another language, and nothing is suggested for it."""

_SHORTEST: Final = 3
_LONG: Final = 6
_DISTANCE_WEIGHT: Final = 6.0
"""A neighbour that is 1 further away must be in e to this power times more articles to be better."""

_LETTERS = re.compile(r"[^\W\d_]+")


class Speller:
    """Corrects queries by the vocabulary of one state of an index."""

    def __init__(self, lexicon: Lexicon, printed: PrintedForms) -> None:
        self._lexicon = lexicon
        self._printed = printed

    def suggest(self, node: Node) -> str | None:
        """The text of the corrected query; None when nothing in it seems misspelt."""
        suspects = [text for text in dict.fromkeys(_plain_words(node)) if self._is_suspect(text)]
        if len(suspects) > MAX_CORRECTED:
            return None
        better = {text: form for text in suspects if (form := self.correct(text))}
        if not better:
            return None
        spelled = self._printed.spell(better.values())
        return print_query(_corrected(node, {text: spelled[form] for text, form in better.items()}))

    def correct(self, text: str) -> str | None:
        """The form that was probably meant by a word; None when it seems to be well spelled, or nothing is near."""
        terms = _only(analyze_words(text))
        if terms is None or terms.stem is None or not self._is_suspect(text):
            return None
        known = self._lexicon.frequency("text_stem", terms.stem)
        # What is within 1 is nearly always better than what is not, and found in a fifth of the time.
        limits = (1, 2) if len(terms.form) >= _LONG else (1,)
        return next((form for limit in limits if (form := self._best(terms.form, terms.stem, limit, known))), None)

    def _is_suspect(self, text: str) -> bool:
        """Whether a word is of letters, no stop word, and hardly known to the archive."""
        terms = _only(analyze_words(text))
        if terms is None or terms.stem is None or len(terms.form) < _SHORTEST or not _LETTERS.fullmatch(terms.form):
            return False
        known = self._lexicon.frequency("text_stem", terms.stem)
        return known <= max(1, RAREST * self._lexicon.doc_count)

    def _best(self, word: str, stem: str, limit: int, known: int) -> str | None:
        """The best form within a distance; `known` articles hold the word's stem."""
        near = self._lexicon.near(word, limit)
        neighbours = [
            form
            for form, (frequency, _) in near.items()
            if frequency >= TIMES_MORE * known and _is_other_word(form, stem)
        ]
        return max(
            neighbours,
            key=lambda form: (log(near[form][0]) - _DISTANCE_WEIGHT * near[form][1], form),
            default=None,
        )


def _only(terms: list[Terms]) -> Terms | None:
    return terms[0] if len(terms) == 1 else None


def _is_other_word(form: str, stem: str) -> bool:
    """Whether a form is neither a stop word nor of this stem: those would find what the word itself finds."""
    terms = _only(analyze_words(form))
    return terms is not None and terms.stem is not None and terms.stem != stem


def _plain_words(node: Node) -> list[str]:
    if isinstance(node, Word):
        return [node.text]
    if isinstance(node, Required):
        return _plain_words(node.child)
    return [text for child in node.children for text in _plain_words(child)] if isinstance(node, (And, Or)) else []


def _corrected(node: Node, better: dict[str, str]) -> Node:
    if isinstance(node, Word):
        return Word(better.get(node.text, node.text))
    if isinstance(node, (And, Or)):
        return replace(node, children=tuple(_corrected(child, better) for child in node.children))
    if isinstance(node, Required):
        return Required(_corrected(node.child, better))
    return node
