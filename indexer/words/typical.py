"""The words that are typical of a match set against the archive: single words, and terms of several.

Candidates come from the beginnings of a sample of the set's stories (`indexer.words.terms`). Each one is then counted
by the index, in the whole set and in the whole archive, as the search for it would count it: no number is estimated.
What is listed is decided by log-likelihood and log ratio (`indexer.words.keyness`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log2
from typing import Final, NamedTuple

from indexer import budget
from indexer.analysis import fold
from indexer.highlight.marker import Marker, without_overlaps
from indexer.spellings.vocabulary import Vocabulary
from indexer.words.clitics import sort_key
from indexer.words.keyness import Counts
from indexer.words.terms import Term, terms_of

SAMPLED_STORIES: Final = 300
"""Stories that are read: a word of every thirtieth story is in at least three of them with a probability of 0.99."""

SAMPLED_LETTERS: Final = 1_000
"""Letters that are read of each, title included: its beginning says what a story is about."""

_LEAST_RATIO_OF_WORDS: Final = 2.0
"""A single word is four times as frequent in the set as elsewhere: «دول» and «رئيس» say little."""

_CANDIDATES: Final = 2  # times as many terms are counted as listed
_WITHIN: Final = 0.6  # a word that so many of its stories have within one listed term adds nothing to it
_SURE: Final = 3.0  # log ratio of its rarest word above which a term is not more likely to be typical


class MatchCounts(NamedTuple):
    """How many articles match a search, and stories, and the other spellings of its words that were searched too."""

    articles: int
    stories: int
    spellings: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TypicalWord:
    """A word or term, and how typical it is.

    `narrowing` is what is added to the query to find only articles that have it: `articles` is their number in the set.
    `counts` are of stories if the request groups, otherwise of articles.
    """

    text: str
    narrowing: str
    several: bool
    articles: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class TypicalWords:
    """The typical words of a set, the surest first: single words, and terms of several words.

    `read` of the `stories` of the set were read to find candidates; `articles` is the size of the set.
    """

    single: tuple[TypicalWord, ...]
    several: tuple[TypicalWord, ...]
    articles: int
    stories: int
    read: int


def find_typical(
    texts: Sequence[str],
    marker: Marker,
    vocabulary: Vocabulary,
    prefetch: Callable[[Callable[[Vocabulary], object]], object],
    count: Callable[[str, bool], MatchCounts],
    *,
    group: bool,
    limit: int,
) -> TypicalWords:
    """The typical words of a set.

    Args:
        texts: titles and beginnings of a sample of the set.
        marker: marks the words of the query, which are left out.
        vocabulary: that of the index.
        prefetch: fetches together what is looked up in it.
        count: counts the articles with what is added to the query: in the set, or if not, in the whole archive.
        group: count stories, so that forty copies of a story count once.
        limit: single words, and terms of several words, at most so many of each.
    """
    articles, stories, _ = count("", True)
    in_set = stories if group else articles
    archive = count("", False)
    in_archive = archive.stories if group else archive.articles
    single, several = terms_of(texts)
    single, several = _foreign_to(marker, single), _foreign_to(marker, several)
    # All forms of a word are counted by its lemma; this count is replaced by that of the search.
    lemmas = [term.lemma for term in single if term.lemma]
    prefetch(lambda terms: [terms.frequency("text_lemma", lemma) for lemma in lemmas])
    forms = {term.printed: tuple(map(fold, term.printed.split())) for term in several}
    of_forms = vocabulary.frequencies(
        "text_form", list(dict.fromkeys(form for each in forms.values() for form in each))
    )

    most = min(_SURE, log2(max(2.0, in_archive / max(1, in_set))))

    def promise(term: Term) -> float:
        """About how typical a term is: one of several words is in no more articles than its rarest word."""
        known = (
            min(of_forms.get(form, 0) for form in forms[term.printed])
            if term.words
            else vocabulary.frequency("text_lemma", term.lemma or "")
        )
        whole = max(vocabulary.doc_count, len(texts))
        counts = Counts(term.texts, len(texts), min(whole, max(known, term.texts)), whole)
        ratio = counts.log_ratio
        return term.texts * (0.5 + min(max(ratio, 0.0), most)) if term.words else counts.log_likelihood * (ratio > 0)

    def likeliest(terms: Iterable[Term]) -> list[Term]:
        """The terms that are worth counting."""
        promising = ((promise(term), term) for term in terms)
        best = sorted(promising, key=lambda pair: (-pair[0], pair[1].printed))
        return [term for value, term in best[: limit * _CANDIDATES] if value > 0]

    def measured(terms: Iterable[Term]) -> list[TypicalWord]:
        found = []
        counted: set[str] = set()  # other spellings of words that are listed already: الكونجرس of الكونغرس
        for term in terms:
            budget.check()
            if not counted.isdisjoint((fold(term.printed), sort_key(term.printed))):
                continue
            narrowing = f'+"{term.printed}"' if term.words else f"+{term.printed}"
            here, everywhere = count(narrowing, True), count(narrowing, False)
            own, all_of_it = (here.stories, everywhere.stories) if group else (here.articles, everywhere.articles)
            if 0 < own <= min(in_set, all_of_it) and all_of_it <= in_archive:
                counts = Counts(own, in_set, all_of_it, in_archive)
                if counts.is_typical and (term.words or counts.log_ratio >= _LEAST_RATIO_OF_WORDS):
                    counted |= everywhere.spellings
                    found.append(TypicalWord(term.printed, narrowing, bool(term.words), here.articles, counts))
        found.sort(key=lambda word: (-word.counts.log_likelihood, word.text))
        unique: dict[str, TypicalWord] = {}  # عبد الله and عبدالله are one name, and are counted as one
        for word in found:
            unique.setdefault(fold(word.text.replace(" ", "")), word)
        return list(unique.values())

    terms, words = measured(likeliest(several)), measured(likeliest(single))
    words = [word for word in words if not _is_half(word, terms)]
    return TypicalWords(tuple(words[:limit]), tuple(terms[:limit]), articles, stories, len(texts))


def _foreign_to(marker: Marker, terms: Iterable[Term]) -> list[Term]:
    """The terms that have a word which the query does not have."""
    terms = list(terms)
    found = marker.all_marks([term.printed for term in terms])
    kept = []
    for term, marks in zip(terms, found, strict=True):
        marked = sum(mark.end - mark.start for mark in without_overlaps(marks))
        if marked < len(term.printed.replace(" ", "")):
            kept.append(term)
    return kept


def _is_half(word: TypicalWord, terms: Iterable[TypicalWord]) -> bool:
    """Whether a word is mostly part of one of the terms: الحرمين of خادم الحرمين الشريفين."""
    return any(word.text in term.text.split() and term.counts.found >= _WITHIN * word.counts.found for term in terms)
