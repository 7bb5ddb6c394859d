"""Autocomplete: completions of the last word of a query being typed, and titles with the words typed so far.

A prefix is looked up as typed, and with and without the article: المفاوضا and مفاوضا are both prefixes of مفاوضات and
المفاوضات. Of the forms with one lemma only the most frequent is shown, since all match the same articles. A prefix in
Latin letters is also looked up as the Arabic letters that it may stand for: solei completes to سليماني.
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
from indexer.spellings.name_variants import exonyms_with_prefix
from indexer.spellings.vocabulary import SurfaceForms, Vocabulary

MAX_PREFIX: Final = 300
"""Characters; nothing is suggested for a longer text."""

MAX_LIMIT: Final = 50

_WORDS_WITH_TITLES: Final = 5
"""Of eight suggestions at most so many are words if there are titles too."""
_MORE_TITLES: Final = 2  # fetched beyond the limit, as equal titles are dropped
_MIN_TITLE_PREFIX: Final = 2  # letters
_CANDIDATES: Final = 60  # the most frequent forms with a prefix, of which one per lemma is taken
_OTHER_ARTICLE: Final = 0.1
"""Weight of the frequency of a form with another article than was typed."""
_MIN_SHARE: Final = 0.005
"""Words with less than this share of the best frequency are probably misspellings, and left out."""
_MAX_WORDS: Final = 12
_MIN_LATIN_PREFIX: Final = 3  # letters
_MAX_LATIN_PREFIXES: Final = 16
_SAMPLES: Final = 1
_LATIN_WEIGHT: Final = 1.5
_WORD_IN_LATIN: Final = 0.02
_ARTICLE = re.compile("^([وف]?(?:[بك]?ال|لل))(?=.)")


class Autocomplete:
    """Completes queries by one commit of an index.

    Args:
        vocabulary: its forms.
        printed: their printed spellings.
        archive: has the titles.
        best: the ids of the best articles that match a plan, at most so many.
        latin_names: whether prefixes in Latin letters are completed to Arabic words too.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        printed: SurfaceForms,
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
        """At most `limit` suggestions: words, the most frequent first, then titles."""
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

    def prefetch(self, prefix: str, limit: int, vocabulary: Vocabulary) -> None:
        """Ask another vocabulary what `suggest` would ask."""
        if (words := _words(prefix)) and (open_word := _open_word(prefix, words)):
            self._printed.sample_articles(self._forms(open_word, limit + 1, vocabulary), vocabulary, _SAMPLES)

    def _completions(self, prefix: str, limit: int) -> list[str]:
        """The completions of a prefix, with or without the article, as printed; the most frequent first."""
        forms = self._forms(prefix, limit, self._vocabulary)
        return list(dict.fromkeys(self._printed.spell(forms, samples=_SAMPLES).values()))

    def _forms(self, prefix: str, limit: int, vocabulary: Vocabulary) -> list[str]:
        counts: dict[str, float] = {}
        for start in _with_articles(prefix):
            share = 1.0 if start == prefix else _OTHER_ARTICLE
            for form, articles in vocabulary.forms_with_prefix(start, _CANDIDATES).items():
                counts[form] = max(counts.get(form, 0.0), share * articles)
        arabic = self._arabic_prefixes(prefix, vocabulary)
        for start, share in arabic:
            for form, articles in vocabulary.forms_with_prefix(start, _CANDIDATES).items():
                weight = share * articles * (_WORD_IN_LATIN if _is_ordinary(form, articles, vocabulary) else 1.0)
                counts[form] = max(counts.get(form, 0.0), weight)
        if arabic:
            # The exonyms of a name are likelier than what its letters may stand for.
            top = max(counts.values(), default=0.0)
            for form, articles in exonyms_with_prefix(prefix, vocabulary).items():
                counts[form] = top + articles
        least = max(counts.values(), default=0.0) * _MIN_SHARE
        forms: list[str] = []
        lemmas: set[str] = set()
        for form, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            if count < least or len(forms) == limit:
                break
            own = _lemmas(form)
            if not lemmas.issuperset(own):
                forms.append(form)
                if form != prefix:  # the prefix itself is shown only if it is printed differently
                    lemmas.update(own)
        return forms

    def _arabic_prefixes(self, prefix: str, vocabulary: Vocabulary) -> list[tuple[str, float]]:
        """The Arabic prefixes that a prefix in Latin letters may stand for, with their likelihoods."""
        latin = latin_letters(prefix) if self._latin_names else None
        if latin is None or len(latin) < _MIN_LATIN_PREFIX:
            return []
        starts = transliterations(latin, vocabulary.existing_prefixes, is_start=True)
        long_enough = (item for item in starts.items() if len(item[0]) >= _MIN_TITLE_PREFIX)
        return [(start, exp(-_LATIN_WEIGHT * cost)) for start, cost in islice(long_enough, _MAX_LATIN_PREFIXES)]

    def _titles(self, words: list[str], prefix: str, limit: int) -> list[Suggestion]:
        """Titles with all the words and a word with the prefix; the best first, without duplicates."""
        plans: list[Plan] = [title_plan(word) for word in words if fold(word)]
        if len(prefix) >= _MIN_TITLE_PREFIX:
            plans.append(
                Disjunction(tuple(WildcardPlan("title_form", f"{start}*") for start in _with_articles(prefix)))
            )
        elif prefix:
            return []
        if not plans:
            return []
        ids = self._best(Conjunction(tuple(plans)), limit + _MORE_TITLES)
        articles = self._archive.get_many(ids)
        titles: dict[str, str] = {}
        for article_id in ids:
            if article_id in articles:
                titles.setdefault(articles[article_id].title, article_id)
        return [Suggestion(SuggestionKind.TITLE, title, article_id) for title, article_id in titles.items()][:limit]


def _words(prefix: str) -> list[re.Match[str]]:
    """The words of a text being typed; none if it is too long."""
    words = list(WORD.finditer(prefix)) if len(prefix) <= MAX_PREFIX else []
    return words if len(words) <= _MAX_WORDS else []


def _open_word(prefix: str, words: Sequence[re.Match[str]]) -> str:
    """The last word, folded, if it is still being typed; empty after a space or a mark."""
    last = words[-1]
    is_open = not re.search(r"[\s\W]", prefix[last.end() :].strip("\u200f\u200e"))
    return fold(last.group()) if is_open else ""


def _is_ordinary(form: str, articles: int, vocabulary: Vocabulary) -> bool:
    """Whether a form is not a name, which a prefix in Latin letters nearly always stands for."""
    if is_known(form):
        return not is_name(stem(form))
    return form[0] in PROCLITICS and vocabulary.frequencies("text_form", [form[1:]]).get(form[1:], 0) > articles


def _with_articles(prefix: str) -> tuple[str, ...]:
    """A prefix as typed, without its article, and with one."""
    bare = _ARTICLE.sub("", prefix)
    return tuple(dict.fromkeys((prefix, bare, f"ال{bare}")))


def _lemmas(form: str) -> tuple[str, ...]:
    """The lemmas of a form; none for a stop word."""
    terms = next(iter(analyze_words(form)), None)
    return terms.lemmas if terms is not None and terms.form == form else ()
