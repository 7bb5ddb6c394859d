"""Did you mean: a query with its misspelled words corrected from the archive's own vocabulary.

A word is checked if hardly any article prints it, nor another form of it (`indexer.suggest.inflection`). Candidates
are the forms within a small edit distance; the one with the highest score is the correction:

    score  =  FREQUENCY_WEIGHT × log(articles)  -  typo cost  +  co-occurrence

- The typo cost is how unlikely the typing error is (`indexer.suggest.typo_costs`).
- The co-occurrence is how much likelier the words around make the candidate (`cooccurrence_scores`).

The correction is offered if its score reaches a threshold, which is higher for short words, as these have many
neighbours, and for words that the archive prints. Words run together are split, and split words joined
(`indexer.suggest.word_boundaries`).

The figures were measured on an archive of 39,796 articles of 15 sources, with 206 real misspellings and 3,943 names;
`bench/spelling.py` measures them again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Final

from indexer import budget
from indexer.analysis import analyze_word, analyze_words, fold
from indexer.query import print_query, replace_word_runs, without_variants
from indexer.query.plan import CompiledQuery
from indexer.spellings.vocabulary import SurfaceForms, Vocabulary, least_known
from indexer.suggest.inflection import attesting_forms, differ_in_inflection
from indexer.suggest.typo_costs import typo_cost
from indexer.suggest.word_boundaries import is_split_word, is_written_apart, split_candidates

ESTABLISHED_SHARE: Final = 1 / 2_000
"""A correction must be in this share of the articles, or in as many as make a form known, whichever is fewer: half of
the forms of an archive are in one article, and many of these are misspellings."""

MAX_UNKNOWN: Final = 4
"""Unknown words; a query with more is probably in another language, and nothing is suggested."""

FREQUENCY_WEIGHT: Final = 0.7
"""Less than 1, since people also search for rare words: with it 189 of the 206 misspellings have the right word first,
with 1 185."""

_MIN_LENGTH: Final = 3
_THRESHOLDS: Final = {3: 0.0, 4: -2.0, 5: -3.0, 6: -4.0, 7: -4.5}
_LOWEST_THRESHOLD: Final = -5.0
"""The score that a correction must reach, by the number of letters. Of the 206 misspellings 89.8 % are corrected
rightly, of right words unknown to the archive 88.7 % are left alone, of the names 0.9 % are corrected. With all
thresholds 1 higher these are 87.4, 92.7 and 0.6 %, with all 1 lower 90.8, 86.8 and 2.0 %."""

_PENALTY_PRINTED: Final = 2.0
"""Raises the threshold by so many times log(1 + articles that print the word), as names may be rare too. With half of
it 90.3 % of the misspellings are corrected rightly, but also 2.3 % of the names."""

_SHORT: Final = 5
_PENALTY_PRINTED_SHORT: Final = 2.5
"""Raises the threshold for printed words of fewer than `_SHORT` letters, as most are names. Without it 1.5 % of the
names are corrected."""

_LONG: Final = 6
"""Letters; only words of so many are corrected by candidates at a distance of more than 1."""

_TIMES_ESTABLISHED: Final = 4
"""Candidates at a distance above 1 must be in so many times more articles, as two errors in a word are rare."""

_PENALTY_INFLECTED: Final = 1.0
_PENALTY_INFLECTED_PRINTED: Final = 2.0
"""Lowers the score of a candidate that may be an inflected form of the word rather than its correction."""

_DOUBTED: Final = 20
_TIMES_MORE: Final = 30
_LIKELY_TYPO: Final = 5.0
"""A candidate may itself be a misspelling: if it is in fewer articles than `_DOUBTED` times those of a known form, and
a likely typing error makes it from a form in `_TIMES_MORE` times more articles, that form takes its place."""

_LOST_SPACE: Final = 3.0
_MIN_ADJACENT: Final = 2
_TIMES_ADJACENT: Final = 20
"""A word is split if so many articles print the parts side by side, and so many times more than print the word."""

_MIN_EVIDENCE: Final = -2.0
_MAX_EVIDENCE: Final = 3.0
"""Bounds of each piece of evidence: a coincidence in one article must not outweigh the likelier typing error."""

_UNSEEN: Final = 0.5  # probability left to pairs that the archive has not printed yet
_CORRECTED_BESIDE: Final = 0.45  # articles with a misspelling that have the right spelling too

_MAX_SCORED: Final = 20
_MAX_COMPARED: Final = 6
_MAX_CONTEXT: Final = 3
_SAMPLES: Final = 5

_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word that may be misspelled, with its context in the query, as folded forms.

    `articles` is its document frequency. `before` and `after` are empty at the ends of the query and beside other
    unknown words; `others` are further words that are neither unknown nor stop words.
    """

    form: str
    articles: int
    before: str = ""
    after: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _QueryWord:
    """A word of a query as typed, or None if joined from two; its form is empty unless it is one word of letters."""

    text: str | None
    form: str
    is_stop: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A correction of a word, one form or several that were run together, with its score."""

    forms: tuple[str, ...]
    score: float


class SpellChecker:
    """Corrects queries by the vocabulary of one commit of an index."""

    def __init__(self, vocabulary: Vocabulary, printed: SurfaceForms) -> None:
        self._vocabulary = vocabulary
        self._printed = printed
        self._known = least_known(vocabulary)
        self._established = max(1, min(round(self._known), round(vocabulary.doc_count * ESTABLISHED_SHARE)))

    def suggest(self, query: CompiledQuery) -> str | None:
        """The text of the corrected query; None if nothing seems misspelled."""
        runs = query.correctable
        if len(runs) > 1 and sum(len(self._read(run)[1]) for run in runs) > MAX_UNKNOWN:
            return None
        searched = {(*one.typed, *other) for one in query.spelling_variants for other in one.variants}
        # Names in Latin letters and abbreviations need no correction: their variants are searched.
        understood = {
            one.typed[0]
            for one in query.spelling_variants
            if len(one.typed) == 1 and (one.typed[0].isascii() or any(len(other) > 1 for other in one.variants))
        }
        better = {
            run: corrected
            for run in runs
            if (corrected := self.correct(run)) and not _is_searched_already(run, corrected, searched, understood)
        }
        return print_query(replace_word_runs(without_variants(query.node), better)) if better else None

    def correct(self, words: tuple[str, ...]) -> tuple[str, ...] | None:
        """The correction of words typed side by side, which may be more or fewer; None if they seem right.

        Corrected words are spelled as the archive prints them, the others as typed.
        """
        budget.check()
        typed, unknown = self._read(words)
        if len(unknown) > MAX_UNKNOWN:
            return None
        meant: dict[str, tuple[str, ...]] = {one.form: (one.form,) for one in typed if one.text is None}
        meant |= {one.form: found for one in unknown if (found := self._correction(one))}
        if not meant:
            return None
        spelled = self._printed.spell((form for forms in meant.values() for form in forms), samples=_SAMPLES)
        corrected: list[str] = []
        for one in typed:
            if one.form in meant:
                corrected += (spelled[form] for form in meant[one.form])
            elif one.text is not None:
                corrected.append(one.text)
        return tuple(corrected)

    def _read(self, words: tuple[str, ...]) -> tuple[list[_QueryWord], list[UnknownWord]]:
        """The words, with split ones joined, and those that are unknown."""
        typed = [_query_word(word) for word in words]
        asked = {one.form for one in typed if one.form}
        asked.update(a.form + b.form for a, b in pairwise(typed) if a.form and b.form)
        if not asked:
            return typed, []
        counts = dict.fromkeys(asked, 0) | dict(self._vocabulary.frequencies("text_form", list(asked)))
        # An inflected form of a French or English word is as well known as the word.
        if stems := {form: stem for form in asked if form.isascii() and (stem := analyze_word(form).stem)}:
            frequencies = self._vocabulary.frequencies("text_stem", sorted(set(stems.values())))
            counts |= {form: max(counts[form], frequencies.get(stem, 0)) for form, stem in stems.items()}
        typed = self._join_split_words(typed, counts)
        return typed, self._unknown_words(typed, counts)

    def _join_split_words(self, typed: Sequence[_QueryWord], counts: Mapping[str, int]) -> list[_QueryWord]:
        """The words, with each two that are one split word joined."""
        done: list[_QueryWord] = []
        for one in typed:
            before = done[-1] if done else None
            if (
                before is not None
                and before.text is not None
                and before.form
                and one.form
                and max(len(before.form), len(one.form)) > 1  # single letters are an abbreviation
                and not is_written_apart(before.text)
                and is_split_word(self._vocabulary, before.form, one.form, counts, self._known)
            ):
                done[-1] = _QueryWord(None, before.form + one.form, is_stop=False)
            else:
                done.append(one)
        return done

    def _unknown_words(self, typed: Sequence[_QueryWord], counts: Mapping[str, int]) -> list[UnknownWord]:
        """The words that are neither stop words, nor known to the archive, nor attested by other forms of them."""
        attesting = {
            one.form: attesting_forms(one.form, is_feminine=one.text.endswith("ة"))
            for one in typed
            if one.text and len(one.form) >= _MIN_LENGTH and not one.is_stop and counts[one.form] < self._known
        }
        if not attesting:
            return []
        asked = sorted(frozenset().union(*attesting.values()))
        frequencies = self._vocabulary.frequencies("text_form", asked)
        known = {form for form in asked if frequencies.get(form, 0) >= self._known}
        unattested = {form for form, others in attesting.items() if not others & known}
        trusted = ["" if one.form in unattested else one.form for one in typed]
        content = [form for form, one in zip(trusted, typed, strict=True) if form and not one.is_stop]
        unknown: dict[str, UnknownWord] = {}
        for at, one in enumerate(typed):
            if one.form in unattested and one.form not in unknown:
                before, after = trusted[at - 1] if at else "", trusted[at + 1] if at + 1 < len(typed) else ""
                others = tuple(content[:_MAX_CONTEXT])
                unknown[one.form] = UnknownWord(one.form, counts[one.form], before, after, others)
        return list(unknown.values())

    def _correction(self, word: UnknownWord) -> tuple[str, ...] | None:
        """The forms of the best candidate; None if none reaches the threshold."""
        length = len(word.form)
        threshold = _THRESHOLDS.get(length, _LOWEST_THRESHOLD) + _PENALTY_PRINTED * log(1 + word.articles)
        if word.articles and length < _SHORT:
            threshold += _PENALTY_PRINTED_SHORT
        best = _best([*self._split_candidates(word), *self._similar_candidates(word, 1, self._established)])
        # A candidate within 1 is nearly always better, and found in a fifth of the time.
        if length >= _LONG and (best is None or best.score < threshold):
            best = _best(self._similar_candidates(word, 2, _TIMES_ESTABLISHED * self._established))
        return best.forms if best is not None and best.score >= threshold else None

    def _split_candidates(self, word: UnknownWord) -> list[Candidate]:
        """The words that were run together in a word, if the archive prints them side by side."""
        least = max(_MIN_ADJACENT, _TIMES_ADJACENT * word.articles)
        return [
            Candidate(way, FREQUENCY_WEIGHT * log(articles) - _LOST_SPACE * (len(way) - 1))
            for way, articles in split_candidates(self._vocabulary, word.form, self._known).items()
            if articles >= least
        ]

    def _similar_candidates(self, word: UnknownWord, limit: int, least: int) -> list[Candidate]:
        """The best candidates within an edit distance and in at least so many articles."""
        near = self._vocabulary.near(word.form, limit, least)
        counts = {form: articles for form, (articles, _) in near.items() if articles >= least}
        counts.pop(word.form, None)
        if word.form.isascii():  # its other forms are searched already
            stem = analyze_word(word.form).stem
            counts = {form: articles for form, articles in counts.items() if analyze_word(form).stem != stem}
        scores = self._scores(word, counts)
        doubted: set[str] = set()
        while scores:
            form = max(scores, key=lambda form: (scores[form], form))
            if counts[form] >= _DOUBTED * self._known or form in doubted:
                break
            doubted.add(form)
            if better := self._better_known(form, counts[form]):
                del scores[form]
                counts |= better
                scores |= self._scores(word, {one: better[one] for one in better if one not in doubted})
        best = sorted(scores, key=lambda form: (-scores[form], form))[:_MAX_COMPARED]
        beside = cooccurrence_scores(self._vocabulary, word, {form: counts[form] for form in best})
        return [Candidate((form,), scores[form] + beside[form]) for form in best]

    def _scores(self, word: UnknownWord, counts: Mapping[str, int]) -> dict[str, float]:
        """The scores of the most frequent of some forms, without co-occurrence."""
        frequent = sorted(counts, key=lambda form: (-counts[form], form))[:_MAX_SCORED]
        scores = {form: FREQUENCY_WEIGHT * log(counts[form]) - typo_cost(word.form, form) for form in frequent}
        inflected = _PENALTY_INFLECTED_PRINTED if word.articles else _PENALTY_INFLECTED
        return {form: score - inflected * differ_in_inflection(word.form, form) for form, score in scores.items()}

    def _better_known(self, form: str, articles: int) -> dict[str, int]:
        """The frequent forms of which this one is itself a likely misspelling; none if it is well established."""
        least = max(self._established, _TIMES_MORE * articles)
        return {
            other: count
            for other, (count, _) in self._vocabulary.near(form, 1, least).items()
            if count >= least and typo_cost(form, other) <= _LIKELY_TYPO and not differ_in_inflection(form, other)
        }


def cooccurrence_scores(vocabulary: Vocabulary, word: UnknownWord, counts: Mapping[str, int]) -> dict[str, float]:
    """How much likelier the context of a word makes each of some forms, as logarithms.

    Summed are

    - neighbours: how often the form is adjacent to the word before or after, against what the frequencies of both let
      expect. Half of the probability is left to pairs that the archive has not printed yet.
    - topic: how many articles have the form and another word of the query, against chance.
    - articles: if the archive prints the misspelling, its articles have the right spelling too in 45 of 100 cases (33
      of 72 misspellings that an archive of 39,796 articles prints). A right word has a look-alike beside it by chance
      alone.

    Args:
        vocabulary: of the archive.
        word: the unknown word.
        counts: the forms, with their document frequencies.
    """
    scores = dict.fromkeys(counts, 0.0)
    if not counts:
        return scores
    total = max(1, vocabulary.doc_count)
    around = [form for form in dict.fromkeys((word.before, word.after, *word.others)) if form]
    beside = vocabulary.frequencies("text_form", around) if around else {}
    if around:
        pairs = [(word.before, form) for form in counts if word.before]
        pairs += [(form, word.after) for form in counts if word.after]
        for (first, second), articles in vocabulary.adjacent(pairs).items():
            form, other = (second, first) if second in counts and first == word.before else (first, second)
            by_chance = max(1, counts[form]) * max(1, beside.get(other, 0)) / total
            scores[form] += _bounded(_UNSEEN + (1 - _UNSEEN) * articles / by_chance)
    for other in word.others:
        together = vocabulary.cooccurrences(other, list(counts))
        for form, articles in together.items():
            by_chance = counts[form] * beside.get(other, 0) / total
            scores[form] += _bounded((articles + 0.5) / (by_chance + 0.5))
    if word.articles:
        for form, articles in vocabulary.cooccurrences(word.form, list(counts)).items():
            by_chance = min(1.0, counts[form] / total)
            with_it = articles * log(_CORRECTED_BESIDE / by_chance)
            without = (word.articles - articles) * log(
                (1 - _CORRECTED_BESIDE) / max(1 - by_chance, 1 - _CORRECTED_BESIDE)
            )
            # Inflected forms of one word are in the same articles anyway.
            most = 0.0 if differ_in_inflection(word.form, form) else _MAX_EVIDENCE
            scores[form] += max(_MIN_EVIDENCE, min(most, with_it + without))
    return scores


def _query_word(text: str) -> _QueryWord:
    terms = analyze_words(text)
    if len(terms) != 1 or not _LETTERS.fullmatch(terms[0].form):
        return _QueryWord(text, "", is_stop=False)
    return _QueryWord(text, terms[0].form, terms[0].stem is None)


def _is_searched_already(
    run: tuple[str, ...],
    corrected: tuple[str, ...],
    searched: Collection[tuple[str, ...]],
    understood: Collection[str],
) -> bool:
    """Whether each correction is already searched as a variant of the word, or the word needs none."""
    if len(run) != len(corrected):
        return (*run, *corrected) in searched
    forms = {tuple(map(fold, words)) for words in searched}
    pairs = zip(run, corrected, strict=True)
    return all(one in understood or (fold(one), fold(other)) in forms for one, other in pairs if one != other)


def _best(found: Sequence[Candidate]) -> Candidate | None:
    return max(found, key=lambda one: (one.score, one.forms), default=None)


def _bounded(times: float) -> float:
    return max(_MIN_EVIDENCE, min(_MAX_EVIDENCE, log(times)))
