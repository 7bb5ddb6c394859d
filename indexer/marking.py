"""Which places of a printed text a query meets: for snippets, titles and whole articles."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from indexer.analysis import Terms, Token, analyze, analyze_words, distance, fold
from indexer.query import And, Exact, FieldName, Fuzzy, InField, Near, Node, Or, Phrase, Root, Wildcard, Word


@dataclass(frozen=True, slots=True)
class Mark:
    """`text[start:end]` meets the query's item number `item`; `weight` is 1 for the very form, less for a stem."""

    start: int
    end: int
    item: int
    weight: float


@dataclass(frozen=True, slots=True)
class _Sequence:
    """A phrase: these forms side by side."""

    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Close:
    """These forms, each so often, the first and the last at most `distance` words apart."""

    forms: Counter[str]
    distance: int


@dataclass(frozen=True, slots=True)
class _OfRoot:
    """Any word of this root."""

    root: str


_Like = Callable[[str], bool]
"""Whether a form is like a pattern or a misspelt word."""
_Item = Terms | _OfRoot | _Sequence | _Close | _Like

_STEM_WEIGHT: Final = 0.7
_ROOT_WEIGHT: Final = 0.4
_MEMO_LIMIT: Final = 100_000  # distinct forms whose likeness is remembered; a long article prints some thousands


class Marker:
    """Finds what meets the words and phrases of one query; what the query excludes is not marked."""

    def __init__(self, node: Node, *, weak: bool = False) -> None:
        """Prepares a query; with `weak`, words of the same root are marked too, as they were searched."""
        items = _items(node)
        # Stop words are marked only when the user asked for nothing else.
        words = [terms for terms in items if isinstance(terms, Terms)]
        if any(terms.stem is not None for terms in words) or len(words) < len(items):
            items = [item for item in items if not isinstance(item, Terms) or item.stem is not None]
        self._forms: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._roots: dict[str, int] = {}
        self._likes: list[tuple[_Like, int]] = []
        self._liked: dict[str, int | None] = {}
        self._phrases: list[tuple[_Sequence | _Close, int]] = []
        for number, item in enumerate(items):
            if isinstance(item, Terms):
                self._forms.setdefault(item.form, number)
                if item.stem is not None:
                    self._stems.setdefault(item.stem, number)
                if weak and item.root is not None:
                    self._roots.setdefault(item.root, number)
            elif isinstance(item, _OfRoot):
                self._roots.setdefault(item.root, number)
            elif isinstance(item, (_Sequence, _Close)):
                self._phrases.append((item, number))
            else:
                self._likes.append((item, number))

    def __bool__(self) -> bool:
        return bool(self._forms or self._likes or self._phrases or self._roots)

    def marks(self, text: str) -> list[Mark]:
        """The places of `text` that meet the query, in order, none overlapping another."""
        if not self:
            return []
        tokens = analyze(text)
        found = [mark for token in tokens if (mark := self._word_mark(token))]
        for phrase, item in self._phrases:
            found.extend(
                _phrase_marks(tokens, phrase.forms, item)
                if isinstance(phrase, _Sequence)
                else _close_marks(tokens, phrase, item)
            )
        # The longer of two that begin together is the phrase, which holds the word.
        found.sort(key=lambda mark: (mark.start, -mark.end))
        apart: list[Mark] = []
        for mark in found:
            if not apart or mark.start >= apart[-1].end:
                apart.append(mark)
        return apart

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """As `marks`: the (start, end) character offsets alone."""
        return tuple((mark.start, mark.end) for mark in self.marks(text))

    def _word_mark(self, token: Token) -> Mark | None:
        form = token.terms.form
        item = self._forms.get(form)
        if item is None and self._likes:
            item = self._like(form)
        if item is not None:
            return Mark(token.start, token.end, item, 1.0)
        if token.terms.stem is not None and (item := self._stems.get(token.terms.stem)) is not None:
            return Mark(token.start, token.end, item, _STEM_WEIGHT)
        if token.terms.root is not None and (item := self._roots.get(token.terms.root)) is not None:
            return Mark(token.start, token.end, item, _ROOT_WEIGHT)
        return None

    def _like(self, form: str) -> int | None:
        if form not in self._liked:
            if len(self._liked) >= _MEMO_LIMIT:
                self._liked.clear()
            self._liked[form] = next((number for like, number in self._likes if like(form)), None)
        return self._liked[form]


def _items(node: Node) -> list[_Item]:
    """What the query looks for in titles and bodies: words as terms, all else by its forms."""
    match node:
        case Word():
            return [terms for terms in analyze_words(node.text) if terms.form]
        case Root():
            return [_OfRoot(terms.root or terms.form) for terms in analyze_words(node.text)[:1]]
        case Phrase():
            return [_Sequence(forms)] if (forms := _forms(node.words)) else []
        case Exact():
            return [_Sequence((form,)) for form in _forms((node.text,))]
        case Wildcard():
            return [_wildcard(node.pattern)]
        case Fuzzy():
            return [_fuzzy(form, node.distance) for form in _forms((node.text,))]
        case Near():
            return [_Close(Counter(forms), node.distance)] if (forms := _forms(node.words)) else []
        case InField():
            return _items(node.child) if node.field is FieldName.TITLE else []
        case And() | Or():
            return [item for child in node.children for item in _items(child)]
    return []


def _forms(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(terms.form for word in words for terms in analyze_words(word) if terms.form)


def _wildcard(pattern: str) -> _Like:
    # The translation takes each star's shortest match and never tries another, so that many stars cost no more.
    matches = re.compile(fnmatch.translate(fold(pattern))).match
    return lambda form: matches(form) is not None


def _fuzzy(word: str, limit: int) -> _Like:
    return lambda form: distance(word, form, limit) <= limit


def _phrase_marks(tokens: list[Token], forms: tuple[str, ...], item: int) -> list[Mark]:
    # Tokens of marks alone have no form and no place in a phrase; the index counts them as a position all the same.
    return [
        Mark(tokens[at].start, tokens[at + len(forms) - 1].end, item, 1.0 * len(forms))
        for at in range(len(tokens) - len(forms) + 1)
        if tokens[at].terms.form == forms[0]
        and all(tokens[at + offset].terms.form == form for offset, form in enumerate(forms))
    ]


def _close_marks(tokens: list[Token], close: _Close, item: int) -> list[Mark]:
    """The words of every shortest stretch that holds all the forms, where it is short enough."""
    places = [place for place, token in enumerate(tokens) if token.terms.form in close.forms]
    missing = Counter(close.forms)
    wanted = len(close.forms)  # forms of which some are missing
    met: set[int] = set()
    left = 0
    for right, place in enumerate(places):
        form = tokens[place].terms.form
        missing[form] -= 1
        wanted -= missing[form] == 0
        while wanted == 0:
            if place - places[left] <= close.distance:
                met.update(places[left : right + 1])
            form = tokens[places[left]].terms.form
            missing[form] += 1
            wanted += missing[form] == 1
            left += 1
    return [Mark(tokens[place].start, tokens[place].end, item, 1.0) for place in sorted(met)]
