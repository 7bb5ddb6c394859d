"""The marker: finds what matches a query in printed texts, for snippets, titles and whole articles.

Few words of a text match a query, and the letters of most others rule them out (`indexer.highlight.prefilter`): only
the rest is analyzed, each distinct run of characters once.
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
from indexer.highlight.matchers import (
    FuzzyMatcher,
    HighlightTerm,
    NearMatcher,
    PatternMatcher,
    PhraseMatcher,
    WordMatcher,
)
from indexer.highlight.prefilter import least_masks, letter_mask, prefilter
from indexer.results import Match, MatchLevel


class Mark(NamedTuple):
    """`text[start:end]` matches term number `term` of the query, at a level; the weight of the exact form is 1."""

    start: int
    end: int
    term: int
    weight: float
    level: MatchLevel


_WordMatch = tuple[int, float, MatchLevel]
"""The term of the query that a word matches, the weight and the level."""
_RunMatch = tuple[int, int, _WordMatch | None, str]
"""(start, end) offsets of a word in a run, its match, and its form; no match for a word that only phrases have."""

_LEMMA_WEIGHT: Final = 0.7
_STEM_WEIGHT: Final = 0.6
_ROOT_WEIGHT: Final = 0.4
_SIMILAR_WEIGHT: Final = 0.3
_MAX_CACHED: Final = 100_000  # distinct runs per query; a long article has some thousands
_CHECK_EVERY: Final = 4096  # cached runs between two checks of the budget
_LEVEL_ORDER: Final = {level: place for place, level in enumerate(MatchLevel)}  # the surest first


class Marker:
    """Finds what matches the words and phrases of one query; excluded words are not marked.

    Args:
        terms: what the query highlights.
        similar: the similar stems of each stem that has them; without it, similarity is computed for every word.
    """

    def __init__(self, terms: Sequence[HighlightTerm], similar: Mapping[str, Collection[str]] | None = None) -> None:
        self._terms = terms
        self._measured: dict[str, int] = {}  # stems whose similar stems are not given
        self._forms: dict[str, tuple[int, float, MatchLevel]] = {}
        self._own_lemmas: dict[str, frozenset[str]] = {}  # typed forms that match only words of these lemmas
        self._lemmas: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._roots: dict[str, int] = {}
        self._predicates: list[tuple[Callable[[str], bool], int]] = []  # patterns and misspelled words
        self._similar: dict[str, int] = {}
        self._run_cache: dict[str, list[_RunMatch]] = {}  # articles repeat the same runs
        self._phrases: list[tuple[PhraseMatcher | NearMatcher, int]] = []
        for number, term in enumerate(terms):
            match term.matcher:
                case WordMatcher():
                    self._add_word(term.matcher, number, similar, is_spelling=term.level is MatchLevel.SPELLING)
                case PhraseMatcher() | NearMatcher():
                    self._phrases.append((term.matcher, number))
                case PatternMatcher() | FuzzyMatcher():
                    self._predicates.append((term.matcher.compiled(), number))
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
        return bool(self._forms or self._predicates or self._phrases or self._roots)

    def all_marks(self, texts: list[str]) -> list[list[Mark]]:
        """The matches in each text, in order; words within a marked phrase have marks of their own too.

        Many texts at once cost less than one at a time.
        """
        found: list[list[Mark]] = [[] for _ in texts]
        if not self:
            return found
        places: list[list[tuple[int, str]]] = [[] for _ in texts]  # (offset, form) of the words of phrases in each text
        if len(self._run_cache) > _MAX_CACHED:
            self._run_cache.clear()
        for at, (number, start, end) in enumerate(prefilter(texts, self._masks)):
            run = texts[number][start:end]
            matches = self._run_cache.get(run)
            if matches is None or at % _CHECK_EVERY == 0:
                budget.check()
            if matches is None:
                matches = self._run_cache[run] = self._match_words(run)
            for first, last, match, form in matches:
                if match is not None:
                    found[number].append(Mark(start + first, start + last, *match))
                if form in self._phrase_forms:
                    places[number].append((start + first, form))
        if self._phrases:
            for text, marks, words in zip(texts, found, places, strict=True):
                marks.extend(self._phrase_marks(text, words))
                # Of two marks with the same start the longer one is the phrase, which contains the word.
                marks.sort(key=lambda mark: (mark.start, -mark.end))
        return found

    def marks(self, text: str) -> list[Mark]:
        """The matches in a text, in order, without overlaps."""
        return without_overlaps(self.all_marks([text])[0])

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """As `marks`, the (start, end) character offsets only."""
        return spans(self.marks(text))

    def has_all_words(self, marks: Iterable[Mark]) -> bool:
        """Whether some marks include each word and phrase of the query as typed."""
        terms = self._terms
        return {terms[mark.term].typed for mark in marks} == {term.typed for term in terms}

    def matches(self, texts: Iterable[tuple[str, Iterable[Mark]]]) -> tuple[Match, ...]:
        """The surest match of each term as typed, the first of equals, from texts with all their marks."""
        best: dict[str, Match] = {}
        for text, marks in texts:
            for mark in marks:
                typed = self._terms[mark.term].typed
                known = best.get(typed)
                if known is None or _LEVEL_ORDER[mark.level] < _LEVEL_ORDER[known.level]:
                    best[typed] = Match(typed, text[mark.start : mark.end], mark.level)
        return tuple(best[typed] for typed in dict.fromkeys(term.typed for term in self._terms) if typed in best)

    def _letter_masks(self) -> list[int] | None:
        """The letter masks for the prefilter; None if patterns or similarity must be tried on every word."""
        if self._predicates or self._measured:
            return None
        letters: list[Collection[str]] = [*self._forms, *self._phrase_forms]
        letters += map(letters_of_lemma, self._lemmas)
        letters += map(letters_of_stem, (*self._stems, *self._similar))
        for root in self._roots:
            letters += letters_of_root(root)
        return least_masks(map(letter_mask, letters))

    def _match_words(self, run: str) -> list[_RunMatch]:
        """The words of a run that match the query, or that are part of a phrase."""
        matches = []
        for word in WORD.finditer(run):
            terms = analyze_word(word.group())
            match = self._match_word(terms)
            if match is not None or terms.form in self._phrase_forms:
                matches.append((*word.span(), match, terms.form))
        return matches

    def _phrase_marks(self, text: str, places: list[tuple[int, str]]) -> list[Mark]:
        """The marks of phrases in a text, from the (offset, form) of the words of phrases in it, in order."""
        found = []
        tokens: list[Token] | None = None
        present = {form for _, form in places}
        for phrase, number in self._phrases:
            if not present.issuperset(phrase.forms):
                continue
            if isinstance(phrase, PhraseMatcher):
                begins = (at for at, form in places if form == phrase.forms[0])
                ends = ((at, _end_of_phrase(text, at, phrase.forms)) for at in begins)
                weight, level = 1.0 * len(phrase.forms), self._terms[number].level
                found += [Mark(at, end, number, weight, level) for at, end in ends if end is not None]
            else:
                tokens = analyze(text) if tokens is None else tokens
                found += _near_marks(tokens, phrase, number)
        return found

    def _match_word(self, terms: Terms) -> _WordMatch | None:
        """How one word matches the query, if it does."""
        form, stem, root, lemmas = terms
        if (match := self._forms.get(form)) is not None:
            own = self._own_lemmas.get(form)
            if own is None or not own.isdisjoint(lemmas):
                return match
        for matches, number in self._predicates:
            if matches(form):
                return number, 1.0, self._terms[number].level
        for lemma in lemmas:
            if (term := self._lemmas.get(lemma)) is not None:
                return term, _LEMMA_WEIGHT, MatchLevel.LEMMA
        if stem is None:
            return None
        if (term := self._stems.get(stem)) is not None:
            return term, _STEM_WEIGHT, MatchLevel.STEM
        if root is not None and (term := self._roots.get(root)) is not None:
            return term, _ROOT_WEIGHT, MatchLevel.ROOT
        term = self._similar.get(stem)
        if term is None and self._measured:
            term = next((term for own, term in self._measured.items() if likeness(own, stem) >= LEAST_LIKENESS), None)
        return None if term is None else (term, _SIMILAR_WEIGHT, MatchLevel.SIMILAR)


def without_overlaps(marks: Iterable[Mark]) -> list[Mark]:
    """The marks, given in order, without those that overlap an earlier one."""
    result: list[Mark] = []
    for mark in marks:
        if not result or mark.start >= result[-1].end:
            result.append(mark)
    return result


def spans(marks: Iterable[Mark]) -> tuple[tuple[int, int], ...]:
    """The (start, end) character offsets of marks."""
    return tuple((mark.start, mark.end) for mark in marks)


def _end_of_phrase(text: str, start: int, forms: tuple[str, ...]) -> int | None:
    """The end of a phrase that starts at `start`; None if the words there are not its forms."""
    budget.check()
    # A word of marks alone has no form and cannot be part of a phrase; in the index it still has a position.
    end = start
    words = islice(WORD.finditer(text, start), len(forms))
    for form in forms:
        word = next(words, None)
        if word is None or analyze_word(word.group()).form != form:
            return None
        end = word.end()
    return end


def _near_marks(tokens: list[Token], near: NearMatcher, term: int) -> list[Mark]:
    """The words of every minimal window that contains all the forms, if it is short enough."""
    places = [place for place, token in enumerate(tokens) if token.terms.form in near.forms]
    missing = near.counts
    incomplete = len(missing)  # forms of which the window has too few
    marked: set[int] = set()
    left = 0
    for right, place in enumerate(places):
        form = tokens[place].terms.form
        missing[form] -= 1
        incomplete -= missing[form] == 0
        while incomplete == 0:
            if place - places[left] <= near.distance:
                marked.update(places[left : right + 1])
            form = tokens[places[left]].terms.form
            missing[form] += 1
            incomplete += missing[form] == 1
            left += 1
    return [Mark(tokens[place].start, tokens[place].end, term, 1.0, MatchLevel.PHRASE) for place in sorted(marked)]
