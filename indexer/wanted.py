"""What a query looks for in a printed text: its words and phrases, each with what meets it."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from indexer import budget
from indexer.analysis import Terms, analyze_words, distance, fold
from indexer.query import And, Exact, FieldName, Fuzzy, InField, Near, Node, Or, Phrase, Required, Root, Wildcard, Word
from indexer.results import MatchLevel


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A phrase: these forms side by side."""

    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Close:
    """These forms, each so often, the first and the last at most `distance` words apart."""

    forms: Counter[str]
    distance: int


@dataclass(frozen=True, slots=True)
class OfRoot:
    """Any word of this root."""

    root: str


Like = Callable[[str], bool]
"""Whether a form is like a pattern or a misspelt word."""
Wanted = Terms | OfRoot | SideBySide | Close | Like


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the query looks for: as it was typed, and what meets it; `level` where there is but one."""

    typed: str
    wanted: Wanted
    level: MatchLevel


def items_of(node: Node) -> list[Item]:
    """What the query looks for in titles and bodies: words as terms, all else by its forms."""
    match node:
        case Word():
            return [Item(node.text, terms, MatchLevel.FORM) for terms in analyze_words(node.text) if terms.form]
        case Root():
            terms = analyze_words(node.text)[:1]
            return [Item(node.text, OfRoot(one.root or one.form), MatchLevel.ROOT) for one in terms]
        case Phrase():
            words = " ".join(node.words)
            return [Item(words, SideBySide(forms), MatchLevel.PHRASE)] if (forms := _forms(node.words)) else []
        case Exact():
            return [Item(node.text, SideBySide((form,)), MatchLevel.FORM) for form in _forms((node.text,))]
        case Wildcard():
            return [Item(node.pattern, _wildcard(node.pattern), MatchLevel.PATTERN)]
        case Fuzzy():
            fuzzy = [_fuzzy(form, node.distance) for form in _forms((node.text,))]
            return [Item(node.text, one, MatchLevel.FUZZY) for one in fuzzy]
        case Near():
            close = Close(Counter(_forms(node.words)), node.distance)
            return [Item(" ".join(node.words), close, MatchLevel.PHRASE)] if close.forms else []
        case InField():
            return items_of(node.child) if node.field is FieldName.TITLE else []
        case Required():
            return items_of(node.child)
        case And() | Or():
            return [item for child in node.children for item in items_of(child)]
    return []


def _forms(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(terms.form for word in words for terms in analyze_words(word) if terms.form)


def _wildcard(pattern: str) -> Like:
    # The translation takes each star's shortest match and never tries another, so that many stars cost no more.
    matches = re.compile(fnmatch.translate(fold(pattern))).match
    return lambda form: matches(form) is not None


def _fuzzy(word: str, limit: int) -> Like:
    def near(form: str) -> bool:
        budget.check()  # each misspelt word is compared with each word of a text
        return distance(word, form, limit) <= limit

    return near
