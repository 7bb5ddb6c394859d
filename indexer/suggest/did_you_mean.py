"""Did you mean: a query with its misspelt words corrected from the archive's own vocabulary.

A word is a suspect when hardly any article prints it, nor another form of it (`indexer.suggest.inflection`). What was
meant is the form with the highest worth:

    worth  =  FREQUENCY_WEIGHT × log(articles)  -  price of the slip  +  company

The price says how unlikely the slip is (`indexer.suggest.slips`). The company is what stands beside: the other words
of the query, and the other words of the articles that print the suspect. A suspect is corrected
when the best worth reaches a bar, which is higher for short words, whose neighbours are many, and for printed ones.

Words that ran together are parted, and torn ones put together: see `indexer.suggest.word_boundaries`.

The thresholds were measured on an archive of 39,796 articles of 15 sources, with 206 real misspellings and 3,943 names;
`bench/spelling.py` measures them again.

Which of some forms belongs where a misspelt word stands: by what stands beside it in the archive's articles.

Three things are asked of the archive. Each answer is the logarithm of how much likelier it makes the form:

- neighbours: how often the form stands beside the word before or behind, against what the frequencies of both let
  expect. Half of the chance is left to pairs that the archive has not printed yet.
- topic: how many articles hold the form and another word of the query, against what chance has.
- articles: where an archive prints a misspelling, its articles hold the right spelling too in 45 of 100 cases (33 of 72
  misspellings that an archive of 39,796 articles prints). A right word has a look-alike beside it by chance alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Final

from indexer import budget
from indexer.analysis import analyze_words, fold
from indexer.query import as_typed, print_query, with_runs
from indexer.query.plan import CompiledQuery
from indexer.spellings.vocabulary import PrintedForms, Vocabulary, least_known
from indexer.suggest.inflection import attesting_forms, differ_in_inflection
from indexer.suggest.slips import slip_price
from indexer.suggest.word_boundaries import stands_apart, ways_to_part, were_torn

ESTABLISHED_SHARE: Final = 1 / 2_000
"""The share of articles that a correction must be in, or as many as make a form known where that is less: half of the
forms of an archive are in one article, and many of those are slips."""

MAX_CORRECTED: Final = 4
"""A query of more suspects than these is in another language, and nothing is suggested for it."""

FREQUENCY_WEIGHT: Final = 0.7
"""Less than 1, since people also search for what is rarely printed: of the 206 misspellings 189 have what was meant
first with it, 185 with 1."""

_SHORTEST: Final = 3
_BARS: Final = {3: 0.0, 4: -2.0, 5: -3.0, 6: -4.0, 7: -4.5}
_LOWEST_BAR: Final = -5.0
"""The worth that a correction must reach, by the letters of the suspect. Of the 206 misspellings 89.8 % are corrected
rightly, of right words that the archive does not know 88.7 % are let alone, of the names 0.9 % are corrected. With all
bars 1 higher these are 87.4, 92.7 and 0.6 %, with all 1 lower 90.8, 86.8 and 2.0 %."""

_PRINTED: Final = 2.0
"""The bar is higher by so many times log(1 + articles that print the suspect): names are printed once or twice too.
With half of it 90.3 % of the misspellings are corrected rightly, but 2.3 % of the names are corrected."""

_SHORT: Final = 5
_PRINTED_SHORT: Final = 2.5
"""It is higher by this, too, for printed suspects of fewer than `_SHORT` letters, as most of them are names. Without it
1.5 % of the names are corrected."""

_LONG: Final = 6
"""Only words of so many letters are also corrected by what is further than 1 away."""

_TIMES_ESTABLISHED: Final = 4
"""What is further than 1 away must be in so many times more articles, as two slips in a word are rare."""

_INFLECTED: Final = 1.0
_INFLECTED_PRINTED: Final = 2.0
"""What a form is worth less when it may be another form of the suspect rather than what was meant by it."""

_DOUBTED: Final = 20
_TIMES_MORE: Final = 30
_LIKELY_SLIP: Final = 5.0
"""A form in fewer articles than `_DOUBTED` times those of a known one is itself misspelt when a likely slip makes it of
a form in `_TIMES_MORE` times more articles: then that one is offered."""

_LOST_SPACE: Final = 3.0
_LEAST_BESIDE: Final = 2
_TIMES_BESIDE: Final = 20
"""A word is parted where so many articles print the parts side by side, and so many times more than print the word."""

_MOST_WEIGHED: Final = 20
_MOST_COMPARED: Final = 6
_OTHERS: Final = 3
_WITNESSES: Final = 5

_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Typed:
    """One word of a query as typed, None where it was torn; and its form, empty for what is not one word of letters."""

    text: str | None
    form: str
    is_stop: bool


@dataclass(frozen=True, slots=True)
class _Meant:
    """What may have been meant by a word: one form, or several that ran together, and how much speaks for it."""

    forms: tuple[str, ...]
    worth: float


class Speller:
    """Corrects queries by the vocabulary of one state of an index."""

    def __init__(self, vocabulary: Vocabulary, printed: PrintedForms) -> None:
        self._vocabulary = vocabulary
        self._printed = printed
        self._known = least_known(vocabulary)
        self._established = max(1, min(round(self._known), round(vocabulary.doc_count * ESTABLISHED_SHARE)))

    def suggest(self, query: CompiledQuery) -> str | None:
        """The text of the corrected query; None when nothing in it seems misspelt."""
        runs = query.correctable
        if len(runs) > 1 and sum(len(self._read(run)[1]) for run in runs) > MAX_CORRECTED:
            return None
        searched = {(*one.typed, *other) for one in query.spelled for other in one.others}
        # A name in Latin letters and an abbreviation are understood by what they are searched as.
        understood = {
            one.typed[0]
            for one in query.spelled
            if len(one.typed) == 1 and (one.typed[0].isascii() or any(len(other) > 1 for other in one.others))
        }
        better = {
            run: corrected
            for run in runs
            if (corrected := self.correct(run)) and not _is_searched(run, corrected, searched, understood)
        }
        return print_query(with_runs(as_typed(query.node), better)) if better else None

    def correct(self, words: tuple[str, ...]) -> tuple[str, ...] | None:
        """What was probably meant by words typed side by side, perhaps more or fewer; None when they seem right.

        Corrected words are as the archive prints them, the others as typed.
        """
        budget.check()
        typed, suspects = self._read(words)
        if len(suspects) > MAX_CORRECTED:
            return None
        meant: dict[str, tuple[str, ...]] = {one.form: (one.form,) for one in typed if one.text is None}
        meant |= {one.form: found for one in suspects if (found := self._meant(one))}
        if not meant:
            return None
        spelled = self._printed.spell((form for forms in meant.values() for form in forms), witnesses=_WITNESSES)
        corrected: list[str] = []
        for one in typed:
            if one.form in meant:
                corrected += (spelled[form] for form in meant[one.form])
            elif one.text is not None:
                corrected.append(one.text)
        return tuple(corrected)

    def _read(self, words: tuple[str, ...]) -> tuple[list[_Typed], list[Suspect]]:
        """The words, torn ones put together, and those of them that may be misspelt."""
        typed = [_typed(word) for word in words]
        asked = {one.form for one in typed if one.form}
        asked.update(a.form + b.form for a, b in pairwise(typed) if a.form and b.form)
        if not asked:
            return typed, []
        counts = dict.fromkeys(asked, 0) | dict(self._vocabulary.frequencies("text_form", list(asked)))
        typed = self._put_together(typed, counts)
        return typed, self._suspects(typed, counts)

    def _put_together(self, typed: Sequence[_Typed], counts: Mapping[str, int]) -> list[_Typed]:
        """The words, each two that were torn apart put together."""
        done: list[_Typed] = []
        for one in typed:
            before = done[-1] if done else None
            if (
                before is not None
                and before.text is not None
                and before.form
                and one.form
                and max(len(before.form), len(one.form)) > 1  # letters are those of an abbreviation
                and not stands_apart(before.text)
                and were_torn(self._vocabulary, before.form, one.form, counts, self._known)
            ):
                done[-1] = _Typed(None, before.form + one.form, is_stop=False)
            else:
                done.append(one)
        return done

    def _suspects(self, typed: Sequence[_Typed], counts: Mapping[str, int]) -> list[Suspect]:
        """The words that are neither stop words nor known to the archive, nor attested by other forms of theirs."""
        attesting = {
            one.form: attesting_forms(one.form, is_feminine=one.text.endswith("ة"))
            for one in typed
            if one.text and len(one.form) >= _SHORTEST and not one.is_stop and counts[one.form] < self._known
        }
        if not attesting:
            return []
        asked = sorted(frozenset().union(*attesting.values()))
        frequencies = self._vocabulary.frequencies("text_form", asked)
        known = {form for form in asked if frequencies.get(form, 0) >= self._known}
        unattested = {form for form, others in attesting.items() if not others & known}
        trusted = ["" if one.form in unattested else one.form for one in typed]
        telling = [form for form, one in zip(trusted, typed, strict=True) if form and not one.is_stop]
        suspects: dict[str, Suspect] = {}
        for at, one in enumerate(typed):
            if one.form in unattested and one.form not in suspects:
                before, behind = trusted[at - 1] if at else "", trusted[at + 1] if at + 1 < len(typed) else ""
                others = tuple(telling[:_OTHERS])
                suspects[one.form] = Suspect(one.form, counts[one.form], before, behind, others)
        return list(suspects.values())

    def _meant(self, suspect: Suspect) -> tuple[str, ...] | None:
        """The forms that were probably meant by a suspect; None where nothing is likely enough."""
        length = len(suspect.form)
        bar = _BARS.get(length, _LOWEST_BAR) + _PRINTED * log(1 + suspect.printed)
        if suspect.printed and length < _SHORT:
            bar += _PRINTED_SHORT
        best = _best([*self._parted(suspect), *self._respelled(suspect, 1, self._established)])
        # What is within 1 is nearly always better than what is not, and found in a fifth of the time.
        if length >= _LONG and (best is None or best.worth < bar):
            best = _best(self._respelled(suspect, 2, _TIMES_ESTABLISHED * self._established))
        return best.forms if best is not None and best.worth >= bar else None

    def _parted(self, suspect: Suspect) -> list[_Meant]:
        """The words that ran together in a suspect, where the archive prints them side by side."""
        least = max(_LEAST_BESIDE, _TIMES_BESIDE * suspect.printed)
        return [
            _Meant(way, FREQUENCY_WEIGHT * log(articles) - _LOST_SPACE * (len(way) - 1))
            for way, articles in ways_to_part(self._vocabulary, suspect.form, self._known).items()
            if articles >= least
        ]

    def _respelled(self, suspect: Suspect, limit: int, least: int) -> list[_Meant]:
        """The forms within a distance and in at least so many articles that may have been meant, the likeliest ones."""
        near = self._vocabulary.near(suspect.form, limit, least)
        counts = {form: articles for form, (articles, _) in near.items() if articles >= least}
        counts.pop(suspect.form, None)
        worths = self._worths(suspect, counts)
        doubted: set[str] = set()
        while worths:
            form = max(worths, key=lambda form: (worths[form], form))
            if counts[form] >= _DOUBTED * self._known or form in doubted:
                break
            doubted.add(form)
            if better := self._better_known(form, counts[form]):
                del worths[form]
                counts |= better
                worths |= self._worths(suspect, {one: better[one] for one in better if one not in doubted})
        best = sorted(worths, key=lambda form: (-worths[form], form))[:_MOST_COMPARED]
        beside = company(self._vocabulary, suspect, {form: counts[form] for form in best})
        return [_Meant((form,), worths[form] + beside[form]) for form in best]

    def _worths(self, suspect: Suspect, counts: Mapping[str, int]) -> dict[str, float]:
        """What speaks for each of some forms but its company."""
        frequent = sorted(counts, key=lambda form: (-counts[form], form))[:_MOST_WEIGHED]
        worths = {form: FREQUENCY_WEIGHT * log(counts[form]) - slip_price(suspect.form, form) for form in frequent}
        inflected = _INFLECTED_PRINTED if suspect.printed else _INFLECTED
        return {form: worth - inflected * differ_in_inflection(suspect.form, form) for form, worth in worths.items()}

    def _better_known(self, form: str, articles: int) -> dict[str, int]:
        """The forms beside which this one is itself a likely misspelling; empty where it is well established."""
        least = max(self._established, _TIMES_MORE * articles)
        return {
            other: count
            for other, (count, _) in self._vocabulary.near(form, 1, least).items()
            if count >= least and slip_price(form, other) <= _LIKELY_SLIP and not differ_in_inflection(form, other)
        }


def _typed(text: str) -> _Typed:
    terms = analyze_words(text)
    if len(terms) != 1 or not _LETTERS.fullmatch(terms[0].form):
        return _Typed(text, "", is_stop=False)
    return _Typed(text, terms[0].form, terms[0].stem is None)


def _is_searched(
    run: tuple[str, ...],
    corrected: tuple[str, ...],
    searched: Collection[tuple[str, ...]],
    understood: Collection[str],
) -> bool:
    """Whether each word that was corrected is searched as it was corrected to already, or is understood anyway."""
    if len(run) != len(corrected):
        return (*run, *corrected) in searched
    forms = {tuple(map(fold, words)) for words in searched}
    pairs = zip(run, corrected, strict=True)
    return all(one in understood or (fold(one), fold(other)) in forms for one, other in pairs if one != other)


def _best(found: Sequence[_Meant]) -> _Meant | None:
    return max(found, key=lambda one: (one.worth, one.forms), default=None)


_LEAST: Final = -2.0
_MOST: Final = 3.0
"""What one answer counts at most: a chance coincidence in one article must not outweigh the likelier slip."""

_UNSEEN: Final = 0.5
_CORRECTED_BESIDE: Final = 0.45


@dataclass(frozen=True, slots=True)
class Suspect:
    """A word that may be misspelt, and what stands around it in the query, as folded forms.

    `printed` articles hold it. `before` and `behind` are empty at the ends of the query and beside other suspects;
    `others` are further words that are neither suspects nor stop words.
    """

    form: str
    printed: int
    before: str = ""
    behind: str = ""
    others: tuple[str, ...] = ()


def company(vocabulary: Vocabulary, suspect: Suspect, counts: Mapping[str, int]) -> dict[str, float]:
    """How much likelier each form is made by what stands beside the suspect; `counts` articles hold it."""
    worths = dict.fromkeys(counts, 0.0)
    if not counts:
        return worths
    total = max(1, vocabulary.doc_count)
    around = [form for form in dict.fromkeys((suspect.before, suspect.behind, *suspect.others)) if form]
    beside = vocabulary.frequencies("text_form", around) if around else {}
    if around:
        pairs = [(suspect.before, form) for form in counts if suspect.before]
        pairs += [(form, suspect.behind) for form in counts if suspect.behind]
        for (first, second), articles in vocabulary.adjacent(pairs).items():
            form, other = (second, first) if second in counts and first == suspect.before else (first, second)
            by_chance = max(1, counts[form]) * max(1, beside.get(other, 0)) / total
            worths[form] += _bounded(_UNSEEN + (1 - _UNSEEN) * articles / by_chance)
    for other in suspect.others:
        together = vocabulary.together(other, list(counts))
        for form, articles in together.items():
            by_chance = counts[form] * beside.get(other, 0) / total
            worths[form] += _bounded((articles + 0.5) / (by_chance + 0.5))
    if suspect.printed:
        for form, articles in vocabulary.together(suspect.form, list(counts)).items():
            by_chance = min(1.0, counts[form] / total)
            with_it = articles * log(_CORRECTED_BESIDE / by_chance)
            without = (suspect.printed - articles) * log(
                (1 - _CORRECTED_BESIDE) / max(1 - by_chance, 1 - _CORRECTED_BESIDE)
            )
            # Forms of one word share their articles anyway.
            most = 0.0 if differ_in_inflection(suspect.form, form) else _MOST
            worths[form] += max(_LEAST, min(most, with_it + without))
    return worths


def _bounded(times: float) -> float:
    return max(_LEAST, min(_MOST, log(times)))
