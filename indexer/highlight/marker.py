"""Which places of printed texts a query meets: for snippets, titles and whole articles.

Few words of a text meet a query, and its letters tell most of the others apart (`indexer.highlight.prefilter`):
only what is left is analysed, each distinct run of characters once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from indexer import budget
from indexer.analysis import (
    WORD,
    Terms,
    Token,
    analyze,
    analyze_word,
    letters_of_lemma,
    letters_of_root,
    letters_of_stem,
)
from indexer.analysis.likeness import LEAST_LIKENESS, likeness
from indexer.highlight.matchers import FuzzyMatcher, Item, NearMatcher, PatternMatcher, PhraseMatcher, WordMatcher
from indexer.highlight.prefilter import least_masks, letter_mask, prefilter
from indexer.results import Match, MatchLevel


class Mark(NamedTuple):
    """`text[start:end]` meets item number `item` of the query, at a level; `weight` is 1 for the very form."""

    start: int
    end: int
    item: int
    weight: float
    level: MatchLevel


_How = tuple[int, float, MatchLevel]
"""The item of the query, the weight and the level at which a word meets it."""
_Met = tuple[int, int, _How | None, str]
"""(start, end) offsets of a word into a run, how it meets the query, its form; None for a word of phrases alone."""

_LEMMA_WEIGHT: Final = 0.7
_STEM_WEIGHT: Final = 0.6
_ROOT_WEIGHT: Final = 0.4
_SIMILAR_WEIGHT: Final = 0.3
_MEMO_LIMIT: Final = 100_000  # distinct runs that are remembered for one query; a long article has some thousands
_CHECKED: Final = 4096  # words that are remembered, between two looks at the budget
_SUREST: Final = {level: place for place, level in enumerate(MatchLevel)}


class Marker:
    """Finds what matches the words and phrases of one query; what the query excludes is not marked.

    Args:
        items: what the query looks for.
        similar: for each stem whose like stems match too, which those are; without it likeness is measured.
    """

    def __init__(self, items: Sequence[Item], similar: Mapping[str, Collection[str]] | None = None) -> None:
        self._items = items
        self._measured: dict[str, int] = {}  # stems whose like stems nobody named
        self._forms: dict[str, tuple[int, float, MatchLevel]] = {}
        self._own_lemmas: dict[str, frozenset[str]] = {}  # typed forms that are met only by a word of these lemmas
        self._lemmas: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._roots: dict[str, int] = {}
        self._likes: list[tuple[Callable[[str], bool], int]] = []
        self._similar: dict[str, int] = {}
        self._met: dict[str, list[_Met]] = {}  # runs that were held against the query, as articles print them again
        self._phrases: list[tuple[PhraseMatcher | NearMatcher, int]] = []
        for number, item in enumerate(items):
            match item.matcher:
                case WordMatcher():
                    self._add_word(item.matcher, number, similar, is_spelling=item.level is MatchLevel.SPELLING)
                case PhraseMatcher() | NearMatcher():
                    self._phrases.append((item.matcher, number))
                case PatternMatcher() | FuzzyMatcher():
                    self._likes.append((item.matcher.compiled(), number))
        self._phrase_forms = {form for phrase, _ in self._phrases for form in phrase.forms}
        self._masks = self._letter_masks()

    def _add_word(
        self, word: WordMatcher, number: int, similar: Mapping[str, Collection[str]] | None, *, is_spelling: bool
    ) -> None:
        if word.form and word.form not in self._forms:
            self._forms[word.form] = (number, 1.0, MatchLevel.FORM)
            if own := word.lemmas or word.own:
                self._own_lemmas[word.form] = own
        weight, level = (1.0, MatchLevel.SPELLING) if is_spelling else (_LEMMA_WEIGHT, MatchLevel.LEMMA)
        for form in word.others:
            if form not in self._forms:
                self._forms[form] = (number, weight, level)
                if word.own:
                    self._own_lemmas[form] = word.own
        for lemma in word.lemmas:
            self._lemmas.setdefault(lemma, number)
        if word.stem is not None:
            self._stems.setdefault(word.stem, number)
        if word.root is not None:
            self._roots.setdefault(word.root, number)
        if word.similar is not None and similar is None:
            self._measured.setdefault(word.similar, number)
        elif word.similar is not None and similar is not None:
            for stem in similar.get(word.similar, ()):
                self._similar.setdefault(stem, number)

    def __bool__(self) -> bool:
        return bool(self._forms or self._likes or self._phrases or self._roots)

    def all_marks(self, texts: list[str]) -> list[list[Mark]]:
        """For each text the places that meet the query, in order, with the words that are marked within phrases too.

        Many texts at once cost less than each by itself.
        """
        found: list[list[Mark]] = [[] for _ in texts]
        if not self:
            return found
        places: list[list[tuple[int, str]]] = [[] for _ in texts]  # where each text has words of phrases, and which
        if len(self._met) > _MEMO_LIMIT:
            self._met.clear()
        for at, (number, start, end) in enumerate(prefilter(texts, self._masks)):
            run = texts[number][start:end]
            met = self._met.get(run)
            if met is None or at % _CHECKED == 0:
                budget.check()
            if met is None:
                met = self._met[run] = self._meet_words(run)
            for first, last, how, form in met:
                if how is not None:
                    found[number].append(Mark(start + first, start + last, *how))
                if form in self._phrase_forms:
                    places[number].append((start + first, form))
        if self._phrases:
            for text, marks, words in zip(texts, found, places, strict=True):
                marks.extend(self._phrase_marks(text, words))
                # The longer of two that begin together is the phrase, which holds the word.
                marks.sort(key=lambda mark: (mark.start, -mark.end))
        return found

    def marks(self, text: str) -> list[Mark]:
        """The places of `text` that meet the query, in order, none overlapping another."""
        return without_overlaps(self.all_marks([text])[0])

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """As `marks`: the (start, end) character offsets alone."""
        return spans(self.marks(text))

    def matches(self, texts: Iterable[tuple[str, Iterable[Mark]]]) -> tuple[Match, ...]:
        """For each thing typed that the texts meet, the first of its surest marks; given all marks of each."""
        best: dict[str, Match] = {}
        for text, marks in texts:
            for mark in marks:
                typed = self._items[mark.item].typed
                known = best.get(typed)
                if known is None or _SUREST[mark.level] < _SUREST[known.level]:
                    best[typed] = Match(typed, text[mark.start : mark.end], mark.level)
        return tuple(best[typed] for typed in dict.fromkeys(item.typed for item in self._items) if typed in best)

    def _letter_masks(self) -> list[int] | None:
        """The letters of what is wanted, for the sieve; None where patterns or likeness are tried on every word."""
        if self._likes or self._measured:
            return None
        letters: list[Collection[str]] = [*self._forms, *self._phrase_forms]
        letters += map(letters_of_lemma, self._lemmas)
        letters += map(letters_of_stem, (*self._stems, *self._similar))
        for root in self._roots:
            letters += letters_of_root(root)
        return least_masks(map(letter_mask, letters))

    def _meet_words(self, run: str) -> list[_Met]:
        """The words of a run that meet the query, or a part of a phrase."""
        met = []
        for found in WORD.finditer(run):
            terms = analyze_word(found.group())
            how = self._meet(terms)
            if how is not None or terms.form in self._phrase_forms:
                met.append((*found.span(), how, terms.form))
        return met

    def _phrase_marks(self, text: str, places: list[tuple[int, str]]) -> list[Mark]:
        """The marks of phrases; given where the text has words of phrases, in order, and their forms."""
        found = []
        tokens: list[Token] | None = None
        present = {form for _, form in places}
        for phrase, number in self._phrases:
            if not present.issuperset(phrase.forms):
                continue
            if isinstance(phrase, PhraseMatcher):
                begins = (at for at, form in places if form == phrase.forms[0])
                ends = ((at, _end_of_phrase(text, at, phrase.forms)) for at in begins)
                weight, level = 1.0 * len(phrase.forms), self._items[number].level
                found += [Mark(at, end, number, weight, level) for at, end in ends if end is not None]
            else:
                tokens = analyze(text) if tokens is None else tokens
                found += _close_marks(tokens, phrase, number)
        return found

    def _meet(self, terms: Terms) -> _How | None:
        """How one word meets the query, if it does."""
        form, stem, root, lemmas = terms
        if (how := self._forms.get(form)) is not None:
            own = self._own_lemmas.get(form)
            if own is None or not own.isdisjoint(lemmas):
                return how
        for like, liked in self._likes:
            if like(form):
                return liked, 1.0, self._items[liked].level
        for lemma in lemmas:
            if (item := self._lemmas.get(lemma)) is not None:
                return item, _LEMMA_WEIGHT, MatchLevel.LEMMA
        if stem is None:
            return None
        if (item := self._stems.get(stem)) is not None:
            return item, _STEM_WEIGHT, MatchLevel.STEM
        if root is not None and (item := self._roots.get(root)) is not None:
            return item, _ROOT_WEIGHT, MatchLevel.ROOT
        item = self._similar.get(stem)
        if item is None and self._measured:
            item = next((item for own, item in self._measured.items() if likeness(own, stem) >= LEAST_LIKENESS), None)
        return None if item is None else (item, _SIMILAR_WEIGHT, MatchLevel.SIMILAR)


def without_overlaps(marks: Iterable[Mark]) -> list[Mark]:
    """Those of marks in order that do not overlap one before."""
    kept: list[Mark] = []
    for mark in marks:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def spans(marks: Iterable[Mark]) -> tuple[tuple[int, int], ...]:
    """The (start, end) character offsets of marks."""
    return tuple((mark.start, mark.end) for mark in marks)


def _end_of_phrase(text: str, start: int, forms: tuple[str, ...]) -> int | None:
    """Where the phrase of these forms ends that begins at `start`; None if other words stand there."""
    budget.check()
    # A word of marks alone has no form and no place in a phrase; the index counts it as a position all the same.
    end = start
    words = islice(WORD.finditer(text, start), len(forms))
    for form in forms:
        word = next(words, None)
        if word is None or analyze_word(word.group()).form != form:
            return None
        end = word.end()
    return end


def _close_marks(tokens: list[Token], close: NearMatcher, item: int) -> list[Mark]:
    """The words of every shortest stretch that holds all the forms, where it is short enough."""
    places = [place for place, token in enumerate(tokens) if token.terms.form in close.forms]
    missing = close.counts
    wanted = len(missing)  # forms of which some are missing
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
