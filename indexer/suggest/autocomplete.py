"""Suggestions while a query is being typed: its last word completed, and titles that hold what was typed.

A beginning is looked up as it stands, and with and without the article: both المفاوضا and مفاوضا are beginnings of
مفاوضات and of المفاوضات. Of the words with one lemma the most frequent is shown, since all of them find the same. A
beginning in Latin letters is also looked up as the Arabic letters that it may stand for: solei begins سليماني.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice
from math import exp
from typing import Final

from corpus import Archive
from indexer.analysis import PROCLITICS, WORD, analyze_words, fold, is_known, is_name, stem
from indexer.analysis.transliteration import latin_letters, transliterations
from indexer.query.compiler import title_plan
from indexer.query.plan import Conjunction, Disjunction, Plan, WildcardPlan
from indexer.results import Suggestion, SuggestionKind
from indexer.spellings.name_variants import begun_exonyms
from indexer.spellings.vocabulary import PrintedForms, Vocabulary

MAX_PREFIX: Final = 300
"""Characters; a longer text is no beginning of anything, and nothing is suggested."""

MAX_LIMIT: Final = 50

_WORDS_WITH_TITLES: Final = 5
"""Of eight suggestions at most so many are words, where there are titles too."""
_TWINS: Final = 2  # titles fetched beyond the limit, in place of those that were printed twice
_LEAST_IN_TITLES: Final = 2  # letters of a beginning that is looked for in titles
_CANDIDATES: Final = 60  # the most frequent forms of a range, of which those with new lemmas are taken
_OTHER_BEGINNING: Final = 0.1
"""What the frequency of a word counts that begins so only with another article than was typed."""
_LEAST_SHARE: Final = 0.005
"""Words with less than this share of the best one's frequency are slips of the pen, and left out."""
_MAX_WORDS: Final = 12
_LEAST_LATIN: Final = 3  # letters of a beginning that is looked up in Arabic
_LATIN_BEGINNINGS: Final = 16
_WITNESSES: Final = 1
_LATIN_WEIGHT: Final = 1.5
_WORD_IN_LATIN: Final = 0.02
_ARTICLE = re.compile("^([وف]?(?:[بك]?ال|لل))(?=.)")


class Autocomplete:
    """Completes what is typed, by one state of an index.

    Args:
        vocabulary: its words.
        printed: their spellings.
        archive: where the titles are.
        best: gives the ids of the first so many articles that meet a plan.
        latin_names: whether beginnings in Latin letters are completed by Arabic words too.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        printed: PrintedForms,
        archive: Archive,
        best: Callable[[Plan, int], list[str]],
        *,
        latin_names: bool = True,
    ) -> None:
        self._vocabulary = vocabulary
        self._best = best
        self._printed = printed
        self._archive = archive
        self._latin_names = latin_names

    def suggest(self, prefix: str, limit: int) -> tuple[Suggestion, ...]:
        """At most `limit` suggestions, words first, the most frequent first, then titles."""
        limit = min(limit, MAX_LIMIT)
        words = _words(prefix)
        if not words or limit < 1:
            return ()
        last = words[-1]
        whole = [match.group() for match in words]
        open_word = _open_word(prefix, words)
        titles = self._titles(whole[:-1] if open_word else whole, open_word, limit)
        room = max(limit - len(titles), limit * _WORDS_WITH_TITLES // 8, 1)
        completed = [
            Suggestion(SuggestionKind.WORD, prefix[: last.start()] + printed)
            for printed in (self._completions(open_word, room + 1) if open_word else ())
            if printed != last.group()
        ][:room]
        return (*completed, *titles[: limit - len(completed)])

    def ask(self, prefix: str, limit: int, vocabulary: Vocabulary) -> None:
        """Asks another vocabulary what `suggest` would ask its own."""
        if (words := _words(prefix)) and (open_word := _open_word(prefix, words)):
            self._printed.witnesses(self._forms(open_word, limit + 1, vocabulary), vocabulary, _WITNESSES)

    def _completions(self, beginning: str, limit: int) -> list[str]:
        """The words that begin so, with or without the article, as printed; the most frequent first."""
        forms = self._forms(beginning, limit, self._vocabulary)
        return list(dict.fromkeys(self._printed.spell(forms, witnesses=_WITNESSES).values()))

    def _forms(self, beginning: str, limit: int, vocabulary: Vocabulary) -> list[str]:
        counts: dict[str, float] = {}
        for start in _beginnings(beginning):
            share = 1.0 if start == beginning else _OTHER_BEGINNING
            for form, articles in vocabulary.beginning(start, _CANDIDATES).items():
                counts[form] = max(counts.get(form, 0.0), share * articles)
        arabic = self._arabic_beginnings(beginning, vocabulary)
        for start, share in arabic:
            for form, articles in vocabulary.beginning(start, _CANDIDATES).items():
                worth = share * articles * (_WORD_IN_LATIN if _is_ordinary(form, articles, vocabulary) else 1.0)
                counts[form] = max(counts.get(form, 0.0), worth)
        if arabic:
            # What is known by a name in Latin letters is likelier than what the letters may stand for.
            top = max(counts.values(), default=0.0)
            for form, articles in begun_exonyms(beginning, vocabulary).items():
                counts[form] = top + articles
        least = max(counts.values(), default=0.0) * _LEAST_SHARE
        forms: list[str] = []
        lemmas: set[str] = set()
        for form, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            if count < least or len(forms) == limit:
                break
            own = _lemmas(form)
            if not lemmas.issuperset(own):
                forms.append(form)
                if form != beginning:  # which is shown only where it is printed in another way than it was typed
                    lemmas.update(own)
        return forms

    def _arabic_beginnings(self, beginning: str, vocabulary: Vocabulary) -> list[tuple[str, float]]:
        """The Arabic letters that a beginning in Latin letters may stand for, and how likely each is."""
        latin = latin_letters(beginning) if self._latin_names else None
        if latin is None or len(latin) < _LEAST_LATIN:
            return []
        starts = transliterations(latin, vocabulary.begun, is_start=True)
        long_enough = (item for item in starts.items() if len(item[0]) >= _LEAST_IN_TITLES)
        return [(start, exp(-_LATIN_WEIGHT * cost)) for start, cost in islice(long_enough, _LATIN_BEGINNINGS)]

    def _titles(self, words: list[str], beginning: str, limit: int) -> list[Suggestion]:
        """Titles that hold all the words and a word that begins so; the best first, none twice."""
        plans: list[Plan] = [title_plan(word) for word in words if fold(word)]
        if len(beginning) >= _LEAST_IN_TITLES:
            plans.append(
                Disjunction(tuple(WildcardPlan("title_form", f"{start}*") for start in _beginnings(beginning)))
            )
        elif beginning:
            return []
        if not plans:
            return []
        ids = self._best(Conjunction(tuple(plans)), limit + _TWINS)
        articles = self._archive.get_many(ids)
        titles: dict[str, str] = {}
        for article_id in ids:
            if article_id in articles:
                titles.setdefault(articles[article_id].title, article_id)
        return [Suggestion(SuggestionKind.TITLE, title, article_id) for title, article_id in titles.items()][:limit]


def _words(prefix: str) -> list[re.Match[str]]:
    """The words of a prefix; none of one that is too long."""
    words = list(WORD.finditer(prefix)) if len(prefix) <= MAX_PREFIX else []
    return words if len(words) <= _MAX_WORDS else []


def _open_word(prefix: str, words: Sequence[re.Match[str]]) -> str:
    """The last word, folded, while it is typed: after a space it is complete, and in front of any mark that ends it."""
    last = words[-1]
    is_open = not re.search(r"[\s\W]", prefix[last.end() :].strip("\u200f\u200e"))
    return fold(last.group()) if is_open else ""


def _is_ordinary(form: str, articles: int, vocabulary: Vocabulary) -> bool:
    """Whether a form is no name, which a beginning in Latin letters nearly always is."""
    if is_known(form):
        return not is_name(stem(form))
    return form[0] in PROCLITICS and vocabulary.frequencies("text_form", [form[1:]]).get(form[1:], 0) > articles


def _beginnings(beginning: str) -> tuple[str, ...]:
    """What was typed, without its article, and with one."""
    bare = _ARTICLE.sub("", beginning)
    return tuple(dict.fromkeys((beginning, bare, f"ال{bare}")))


def _lemmas(form: str) -> tuple[str, ...]:
    """The lemmas of a form; none for a stop word."""
    terms = next(iter(analyze_words(form)), None)
    return terms.lemmas if terms is not None and terms.form == form else ()
