"""Which places of a printed text a query meets: for snippets, titles and whole articles.

No word holds a space, so the words of a text are those of its chunks, the stretches between white space. Few of them
meet a query: each distinct chunk is held against it once, and only those that meet it are then looked for in the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from typing import Final, NamedTuple

from indexer.analysis import WORD, Terms, Token, analyze, analyze_each, known_terms
from indexer.query import Node
from indexer.results import Match, MatchLevel
from indexer.similar import LEAST_LIKENESS, likeness
from indexer.wanted import Close, Like, OfRoot, SideBySide, items_of


class Mark(NamedTuple):
    """`text[start:end]` meets item number `item` of the query, at a level; `weight` is 1 for the very form."""

    start: int
    end: int
    item: int
    weight: float
    level: MatchLevel


_How = tuple[int, float, MatchLevel]
"""The item of the query, the weight and the level at which a word meets it."""
_MetWords = tuple[tuple[int, int, _How], ...]
"""(start, end) offsets into a chunk, and how the word there meets the query."""

_STEM_WEIGHT: Final = 0.7
_ROOT_WEIGHT: Final = 0.4
_SIMILAR_WEIGHT: Final = 0.3
_MEMO_LIMIT: Final = 100_000  # distinct chunks that are remembered for one query; a long article has some thousands
_SPACE: Final = re.compile(r"\s")
_SUREST: Final = {level: place for place, level in enumerate(MatchLevel)}


class Marker:
    """Finds what meets the words and phrases of one query; what the query excludes is not marked.

    Args:
        node: the query.
        weak: words of the same root and words that are alike are marked too, as they were searched.
        similar: for each stem of the query the stems that were searched as like it; without it likeness is measured.
    """

    def __init__(self, node: Node, *, weak: bool = False, similar: Mapping[str, Collection[str]] | None = None) -> None:
        items = items_of(node)
        # Stop words are marked only when the user asked for nothing else.
        words = [item.wanted for item in items if isinstance(item.wanted, Terms)]
        if any(terms.stem is not None for terms in words) or len(words) < len(items):
            items = [item for item in items if not isinstance(item.wanted, Terms) or item.wanted.stem is not None]
        self._items = items
        self._measured = weak and similar is None
        self._forms: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._roots: dict[str, int] = {}
        self._likes: list[tuple[Like, int]] = []
        self._similar: dict[str, int] = {}
        self._read: set[str] = set()  # the texts that were read
        self._held: set[str] = set()  # the chunks that were held against the query, as articles print them again
        self._met: dict[str, _MetWords] = {}  # those of them that meet it
        self._phrases: list[tuple[SideBySide | Close, int]] = []
        for number, item in enumerate(items):
            wanted = item.wanted
            if isinstance(wanted, Terms):
                self._forms.setdefault(wanted.form, number)
                if wanted.stem is not None:
                    self._stems.setdefault(wanted.stem, number)
                    for stem in (similar or {}).get(wanted.stem, ()) if weak else ():
                        self._similar.setdefault(stem, number)
                if weak and wanted.root is not None:
                    self._roots.setdefault(wanted.root, number)
            elif isinstance(wanted, OfRoot):
                self._roots.setdefault(wanted.root, number)
            elif isinstance(wanted, (SideBySide, Close)):
                self._phrases.append((wanted, number))
            else:
                self._likes.append((wanted, number))
        self._by_stem: Set[str | None] = {*self._stems, *self._similar}
        # Patterns and measured likeness are tried on every word.
        self._by_terms = not self._likes and not self._measured

    def __bool__(self) -> bool:
        return bool(self._forms or self._likes or self._phrases or self._roots)

    def read(self, texts: Iterable[str]) -> None:
        """Looks at texts that are about to be marked: together they cost less, since they share most words."""
        if len(self._held) > _MEMO_LIMIT:
            self._read, self._held, self._met = set(), set(), {}
        texts = set(texts) - self._read
        self._hold(set(" ".join(texts).split()) - self._held)
        self._read |= texts

    def marks(self, text: str) -> list[Mark]:
        """The places of `text` that meet the query, in order, none overlapping another."""
        return apart(self.all_marks(text))

    def all_marks(self, text: str) -> list[Mark]:
        """As `marks`, with the words that are marked within phrases too."""
        if not self:
            return []
        self.read((text,))
        found = [
            Mark(at + start, at + end, *how)
            for chunk, words in self._met.items()
            if chunk in text
            for at in _places(text, chunk)
            for start, end, how in words
        ]
        tokens = analyze(text) if self._phrases else []
        for phrase, number in self._phrases:
            level = self._items[number].level
            found.extend(
                _phrase_marks(tokens, phrase.forms, number, level)
                if isinstance(phrase, SideBySide)
                else _close_marks(tokens, phrase, number)
            )
        # The longer of two that begin together is the phrase, which holds the word.
        found.sort(key=lambda mark: (mark.start, -mark.end))
        return found

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """As `marks`: the (start, end) character offsets alone."""
        return spans(self.marks(text))

    def matches(self, texts: Iterable[tuple[str, Iterable[Mark]]]) -> tuple[Match, ...]:
        """For each item of the query that the texts meet, the first of its surest marks; given all marks of each."""
        best: dict[int, Match] = {}
        for text, marks in texts:
            for mark in marks:
                known = best.get(mark.item)
                if known is None or _SUREST[mark.level] < _SUREST[known.level]:
                    best[mark.item] = Match(self._items[mark.item].typed, text[mark.start : mark.end], mark.level)
        return tuple(best[item] for item in sorted(best))

    def _hold(self, chunks: Set[str]) -> None:
        """Holds chunks against the query."""
        others = set()  # those that hold more than a word, or one that was never met
        for chunk, terms in zip(chunks, map(known_terms, chunks), strict=True):
            if terms is None:
                others.add(chunk)
            elif (how := self._meet(terms)) is not None:
                self._met[chunk] = ((0, len(chunk), how),)
        words = set(WORD.findall(" ".join(others)))
        met = {
            word: how
            for word, terms in zip(words, analyze_each(words), strict=True)
            if (how := self._meet(terms)) is not None
        }
        for chunk in others if met else ():
            if not met.keys().isdisjoint(WORD.findall(chunk)):
                found = [(place.start(), place.end(), met.get(place.group())) for place in WORD.finditer(chunk)]
                self._met[chunk] = tuple((start, end, how) for start, end, how in found if how is not None)
        self._held |= chunks

    def _meet(self, terms: Terms) -> _How | None:
        """How one word meets the query, if it does."""
        form, stem, root = terms
        if self._by_terms and stem not in self._by_stem and root not in self._roots and form not in self._forms:
            return None  # nearly always
        if (item := self._forms.get(form)) is not None:
            return item, 1.0, MatchLevel.FORM
        for like, liked in self._likes:
            if like(form):
                return liked, 1.0, self._items[liked].level
        if stem is None:
            return None
        if (item := self._stems.get(stem)) is not None:
            return item, _STEM_WEIGHT, MatchLevel.STEM
        if root is not None and (item := self._roots.get(root)) is not None:
            return item, _ROOT_WEIGHT, MatchLevel.ROOT
        item = self._similar.get(stem)
        if item is None and self._measured:
            item = next((item for own, item in self._stems.items() if likeness(own, stem) >= LEAST_LIKENESS), None)
        return None if item is None else (item, _SIMILAR_WEIGHT, MatchLevel.SIMILAR)


def _places(text: str, chunk: str) -> Iterator[int]:
    """Where a chunk stands in a text between white space. Takes time linear in the text."""
    at = text.find(chunk)
    while at >= 0:
        end = at + len(chunk)
        # The next one is behind the next space, whether this is the whole of what stands before it or a part.
        space = _SPACE.search(text, end)
        if (at == 0 or text[at - 1].isspace()) and (end == len(text) or (space and space.start() == end)):
            yield at
        at = text.find(chunk, space.end()) if space else -1


def apart(marks: Iterable[Mark]) -> list[Mark]:
    """Those of marks in order that do not overlap one before."""
    kept: list[Mark] = []
    for mark in marks:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def spans(marks: Iterable[Mark]) -> tuple[tuple[int, int], ...]:
    """The (start, end) character offsets of marks."""
    return tuple((mark.start, mark.end) for mark in marks)


def _phrase_marks(tokens: list[Token], forms: tuple[str, ...], item: int, level: MatchLevel) -> list[Mark]:
    # Tokens of marks alone have no form and no place in a phrase; the index counts them as a position all the same.
    return [
        Mark(tokens[at].start, tokens[at + len(forms) - 1].end, item, 1.0 * len(forms), level)
        for at in range(len(tokens) - len(forms) + 1)
        if tokens[at].terms.form == forms[0]
        and all(tokens[at + offset].terms.form == form for offset, form in enumerate(forms))
    ]


def _close_marks(tokens: list[Token], close: Close, item: int) -> list[Mark]:
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
    return [Mark(tokens[place].start, tokens[place].end, item, 1.0, MatchLevel.PHRASE) for place in sorted(met)]
