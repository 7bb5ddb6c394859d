"""Did you mean: a query with its misspelt words corrected from the archive's own vocabulary.

A word is a suspect when hardly any article prints it, nor another form of it (`indexer.analysis.inflection`). What was
meant is the form with the highest worth:

    worth  =  FREQUENCY_WEIGHT × log(articles)  -  price of the slip  +  company

The price says how unlikely the slip is (`indexer.analysis.slips`). The company is what stands beside: the other words
of the query, and for a word that the archive prints once or twice its articles, where the right spelling mostly stands
too. A suspect is corrected when the best worth reaches a bar, which is higher for short words, whose neighbours are
many, and for each article that prints it.

Words that ran together (مجلسالأمن) are parted where the archive prints the parts side by side, and a word that was torn
(العا صمة) is put together where the archive prints it whole, and the parts hardly ever side by side.

Where the thresholds were measured: an archive of 39,796 articles of 18 newspapers and radio stations; see
`bench/suggest.py` for the figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import log
from typing import Final

from indexer.analysis import Terms, analyze_words
from indexer.analysis.inflection import attesting_forms, differ_in_inflection
from indexer.analysis.slips import slip_price
from indexer.company import Suspect, company
from indexer.lexicon import Lexicon
from indexer.printed import PrintedForms
from indexer.query import And, Node, Or, Word, print_query

KNOWN: Final = 5
"""A form in so many articles is a word or a name, and never corrected. Of the misspellings of frequent words that the
archive prints, 1 in 70 is in so many articles."""

KNOWN_SHARE: Final = 1 / 20_000
"""In archives of more than 100,000 articles, the share of articles that makes a form known: slips repeat there."""

ESTABLISHED_SHARE: Final = 1 / 8_000
"""The share of articles that a correction must be in, up to `KNOWN` articles: half of the forms of an archive
are in one article, and many of those are slips."""

MAX_CORRECTED: Final = 4
"""A query of more unknown words than these is in another language, and nothing is suggested for it."""

FREQUENCY_WEIGHT: Final = 0.7
"""Less than 1, since people also search for what is rarely printed: 187 of 206 come first with it, 184 with 1."""

_SHORTEST: Final = 3
_LONG: Final = 6
_BARS: Final = {3: 0.0, 4: -2.0, 5: -3.0}
_BAR: Final = -4.0
_PRINTED: Final = 2.0
_PRINTED_SHORT: Final = 2.5
_INFLECTED: Final = 1.0
_INFLECTED_PRINTED: Final = 2.0
_MOST_WEIGHED: Final = 20
_MOST_COMPARED: Final = 6
_OTHERS: Final = 3
_DOUBTED_BELOW: Final = 100
_TIMES_MORE: Final = 20
_LIKELY_SLIP: Final = 5.0

_PARTED: Final = 3.0
_LEAST_PART: Final = 2
_LEAST_PART_OF_MANY: Final = 3
_MOST_PARTINGS: Final = 4
_TIMES_APART: Final = 20
_TIMES_WHOLE: Final = 5
_TIMES_WHOLE_KNOWN: Final = 50
_TIMES_WHOLE_NEVER_APART: Final = 10
_AND: Final = "و"

_STANDS_ALONE = re.compile("آل|.*\u0640")
"""What is written apart on purpose: the family of someone (آل), and a clitic with a tatweel before a name or number."""

_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Typed:
    """One word of a query as typed, and its form where it is one word of letters; empty where it is not."""

    text: str
    form: str
    is_stop: bool


@dataclass(frozen=True, slots=True)
class _Meant:
    """What may have been meant by a word: its forms, one or two, and how much speaks for it."""

    forms: tuple[str, ...]
    worth: float


class Speller:
    """Corrects queries by the vocabulary of one state of an index."""

    def __init__(self, lexicon: Lexicon, printed: PrintedForms) -> None:
        self._lexicon = lexicon
        self._printed = printed
        self._known = max(KNOWN, lexicon.doc_count * KNOWN_SHARE)
        self._established = max(1, min(KNOWN, round(lexicon.doc_count * ESTABLISHED_SHARE)))

    def suggest(self, node: Node) -> str | None:
        """The text of the corrected query; None when nothing in it seems misspelt."""
        corrected = self._corrected(node)
        return None if corrected == node else print_query(corrected)

    def correct(self, words: tuple[str, ...]) -> tuple[str, ...] | None:
        """What was probably meant by words typed side by side, perhaps more or fewer; None when they seem right.

        Corrected words are as the archive prints them, the others as typed.
        """
        typed = [_read(word) for word in words]
        counts = self._counts(typed)
        typed = self._put_together(typed, counts)
        suspects = self._suspects(typed, counts)
        if len(suspects) > MAX_CORRECTED:
            return None
        meant = {one.form: found for one in suspects if (found := self._meant(one))}
        forms = [form for one in typed for form in meant.get(one.form, () if one.text else (one.form,))]
        if not forms:
            return None
        spelled = self._printed.spell(forms)
        corrected: list[str] = []
        for one in typed:
            if one.form in meant:
                corrected += (spelled[form] for form in meant[one.form])
            else:
                corrected.append(one.text or spelled[one.form])
        return tuple(corrected)

    def _corrected(self, node: Node) -> Node:
        """The tree with its runs of plain words corrected."""
        if isinstance(node, Word):
            found = self.correct((node.text,))
            return node if found is None else _all_of([Word(text) for text in found])
        if isinstance(node, Or):
            return replace(node, children=tuple(map(self._corrected, node.children)))
        if not isinstance(node, And):
            return node
        children: list[Node] = []
        run: list[str] = []
        for child in (*node.children, None):
            if isinstance(child, Word):
                run.append(child.text)
                continue
            if run:
                children += (Word(text) for text in self.correct(tuple(run)) or run)
                run = []
            if child is not None:
                children.append(self._corrected(child))
        return _all_of(children)

    def _counts(self, typed: Sequence[_Typed]) -> dict[str, int]:
        """In how many articles each form is, and each two side by side put together."""
        forms = [one.form for one in typed if one.form]
        forms += (a.form + b.form for a, b in pairwise(typed) if a.form and b.form)
        return dict.fromkeys(forms, 0) | dict(self._lexicon.frequencies("text_form", list(dict.fromkeys(forms))))

    def _put_together(self, typed: Sequence[_Typed], counts: Mapping[str, int]) -> list[_Typed]:
        """The words, those that were torn apart put together: with a form, but no text as typed."""
        done: list[_Typed] = []
        for one in typed:
            before = done[-1] if done else one
            torn = done and before.text and before.form and one.form and not _STANDS_ALONE.fullmatch(before.text)
            if torn and self._were_torn(before.form, one.form, counts):
                done[-1] = _Typed("", done[-1].form + one.form, False)
            else:
                done.append(one)
        return done

    def _were_torn(self, first: str, second: str, counts: Mapping[str, int]) -> bool:
        """Whether two forms side by side are one that the archive knows, and hardly stand side by side in it."""
        whole = counts[first + second]
        if whole < self._known or (first == _AND and whole < counts[second]):
            return False
        are_known = min(counts[first], counts[second]) >= self._known
        if whole < (_TIMES_WHOLE_NEVER_APART if are_known else _TIMES_WHOLE):
            return False
        apart = self._lexicon.adjacent([(first, second)])[first, second]
        times = (_TIMES_WHOLE_KNOWN if apart else _TIMES_WHOLE_NEVER_APART) if are_known else _TIMES_WHOLE
        return whole >= times * (apart + 1)

    def _suspects(self, typed: Sequence[_Typed], counts: Mapping[str, int]) -> list[Suspect]:
        """The words that are neither stop words nor known to the archive, nor attested by other forms of theirs."""
        rare = [
            one
            for one in typed
            if one.text and len(one.form) >= _SHORTEST and not one.is_stop and counts[one.form] < self._known
        ]
        if not rare:
            return []
        attesting = {one.form: attesting_forms(one.form, is_feminine=one.text.endswith("ة")) for one in rare}
        asked = sorted(frozenset().union(*attesting.values()))
        frequencies = self._lexicon.frequencies("text_form", asked)
        known = {form for form in asked if frequencies.get(form, 0) >= self._known}
        suspects = {form for form, others in attesting.items() if not others & known}
        trusted = ["" if one.form in suspects else one.form for one in typed]
        telling = [form for form, one in zip(trusted, typed, strict=True) if form and not one.is_stop]
        found = {}
        for before, one, behind in zip(["", *trusted], typed, [*trusted[1:], ""], strict=False):
            if one.form in suspects and one.form not in found:
                others = tuple(telling[:_OTHERS])
                found[one.form] = Suspect(one.form, counts[one.form], before, behind, others)
        return list(found.values())

    def _meant(self, suspect: Suspect) -> tuple[str, ...] | None:
        """The forms that were probably meant by a suspect; None where nothing is likely enough."""
        length = len(suspect.form)
        bar = _BARS.get(length, _BAR) + _PRINTED * log(1 + suspect.printed)
        if suspect.printed and length < _LONG - 1:
            bar += _PRINTED_SHORT
        found = [*self._parted(suspect), *self._respelled(suspect, 1)]
        best = _best(found)
        if (best is None or best.worth < bar) and length >= _LONG:
            best = _best([*found, *self._respelled(suspect, 2)])
        return best.forms if best is not None and best.worth >= bar else None

    def _respelled(self, suspect: Suspect, limit: int) -> list[_Meant]:
        """The forms within a distance that may have been meant, the likeliest with their company."""
        near = self._lexicon.near(suspect.form, limit, self._established)
        counts = {
            form: articles
            for form, (articles, _) in near.items()
            if form != suspect.form and articles >= self._established
        }
        worths = self._worths(suspect, counts)
        doubted: set[str] = set()
        while worths:
            form = max(worths, key=lambda form: (worths[form], form))
            if counts[form] >= _DOUBTED_BELOW or form in doubted:
                break
            doubted.add(form)
            if better := self._better_known(form, counts[form]):
                del worths[form]
                counts |= better
                worths |= self._worths(suspect, {one: better[one] for one in better if one not in doubted})
        best = sorted(worths, key=lambda form: (-worths[form], form))[:_MOST_COMPARED]
        beside = company(self._lexicon, suspect, {form: counts[form] for form in best})
        return [_Meant((form,), worths[form] + beside[form]) for form in best]

    def _worths(self, suspect: Suspect, counts: Mapping[str, int]) -> dict[str, float]:
        """What speaks for each of some forms but its company."""
        frequent = sorted(counts, key=lambda form: (-counts[form], form))[:_MOST_WEIGHED]
        worths = {form: FREQUENCY_WEIGHT * log(counts[form]) - slip_price(suspect.form, form) for form in frequent}
        inflected = _INFLECTED_PRINTED if suspect.printed else _INFLECTED
        return {form: worth - inflected * differ_in_inflection(suspect.form, form) for form, worth in worths.items()}

    def _better_known(self, form: str, articles: int) -> dict[str, int]:
        """The forms beside which this one is itself a likely misspelling; empty where it is well established."""
        near = self._lexicon.near(form, 1, max(self._established, _TIMES_MORE * articles))
        return {
            other: count
            for other, (count, _) in near.items()
            if other != form
            and count >= _TIMES_MORE * articles
            and slip_price(form, other) <= _LIKELY_SLIP
            and not differ_in_inflection(form, other)
        }

    def _parted(self, suspect: Suspect) -> list[_Meant]:
        """The ways to part a word in two, or else in three, so that the archive prints the parts side by side."""
        least = max(2, _TIMES_APART * suspect.printed)
        for parts in (2, 3):
            ways = self._ways_to_part(suspect.form, parts)
            pairs = dict.fromkeys(pair for way in ways for pair in pairwise(way))
            apart = self._lexicon.adjacent(list(pairs)) if pairs else {}
            rarest = {way: min(apart[pair] for pair in pairwise(way)) for way in ways}
            if found := [
                _Meant(way, FREQUENCY_WEIGHT * log(articles) - _PARTED * (parts - 1))
                for way, articles in rarest.items()
                if articles >= least
            ]:
                return found
        return []

    def _ways_to_part(self, word: str, parts: int) -> list[tuple[str, ...]]:
        """The likeliest ways to part a word in so many parts that are all known."""
        length = len(word)
        least = _LEAST_PART if parts == 2 else _LEAST_PART_OF_MANY
        spans = [
            (start, end)
            for start in range(length)
            for end in range(start + least, length + 1)
            if (start == 0 or end == length or parts > 2) and end - start < length
        ]
        if length < least * parts:
            return []
        counts = self._lexicon.frequencies("text_form", list({word[start:end] for start, end in spans}))
        rarest: dict[tuple[str, ...], int] = {}
        for places in combinations(range(least, length - least + 1), parts - 1):
            way = tuple(word[start:end] for start, end in pairwise((0, *places, length)))
            if (count := min(counts.get(part, 0) for part in way)) >= self._known:
                rarest[way] = count
        return sorted(rarest, key=lambda way: (-rarest[way], way))[:_MOST_PARTINGS]


def _read(text: str) -> _Typed:
    terms = _only(analyze_words(text))
    if terms is None or not _LETTERS.fullmatch(terms.form):
        return _Typed(text, "", False)
    return _Typed(text, terms.form, terms.stem is None)


def _only(terms: list[Terms]) -> Terms | None:
    return terms[0] if len(terms) == 1 else None


def _best(found: Sequence[_Meant]) -> _Meant | None:
    return max(found, key=lambda one: (one.worth, one.forms), default=None)


def _all_of(children: Sequence[Node]) -> Node:
    """An `And` of some nodes, or the only one of them."""
    return children[0] if len(children) == 1 else And(tuple(children))
