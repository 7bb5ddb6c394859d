"""Word boundaries: words run together (مجلسالأمن) and words split in two (العا صمة), judged by what an archive prints.

Parts are words of their own if the archive prints them side by side. Two words are one if the archive prints it joined
many times more often than side by side. In an archive of 39,796 articles 286 of 300 words split at a random place are
joined, most of the others begin with و; of 11,990 random pairs of words of headlines one is joined.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations, pairwise
from typing import Final

from indexer.spellings.vocabulary import Vocabulary

_TIMES_JOINED: Final = 5
"""A word must be in so many times more articles than its parts side by side if one part is unknown to the archive."""

_TIMES_JOINED_NEVER_APART: Final = 10
_TIMES_JOINED_KNOWN: Final = 50
"""The same if both parts are words, which the archive never prints side by side, or does."""

_MIN_PART: Final = 2
_MIN_PART_OF_THREE: Final = 3
_MAX_WAYS: Final = 4
_AND: Final = "و"

_WRITTEN_APART = re.compile("آل|.*\u0640")
"""Words written apart on purpose: آل, and a clitic with a tatweel before a name or number."""


def is_written_apart(text: str) -> bool:
    """Whether a word as typed is written apart from the next one on purpose."""
    return _WRITTEN_APART.fullmatch(text) is not None


def is_split_word(vocabulary: Vocabulary, first: str, second: str, counts: Mapping[str, int], known: float) -> bool:
    """Whether two forms side by side are one word that was split.

    Args:
        vocabulary: of the archive.
        first: a form.
        second: the form after it.
        counts: the document frequencies of each of the two, and of both joined.
        known: a form in so many articles is a word.
    """
    whole = counts[first + second]
    # Many texts print و apart: it was split off only if the rest is the rarer word, as in و زارة.
    if whole < known or (first == _AND and whole < counts[second]):
        return False
    are_words = min(counts[first], counts[second]) >= known
    if whole < (_TIMES_JOINED_NEVER_APART if are_words else _TIMES_JOINED):
        return False
    apart = vocabulary.adjacent([(first, second)])[first, second]
    times = (_TIMES_JOINED_KNOWN if apart else _TIMES_JOINED_NEVER_APART) if are_words else _TIMES_JOINED
    return whole >= times * (apart + 1)


def split_candidates(vocabulary: Vocabulary, form: str, known: float) -> dict[tuple[str, ...], int]:
    """The ways to split a form in two words, otherwise in three, and in how many articles these are side by side.

    For three words the number is that of the rarer of the two pairs.
    """
    for parts in (2, 3):
        ways = _ways(vocabulary, form, parts, known)
        pairs = dict.fromkeys(pair for way in ways for pair in pairwise(way))
        beside = vocabulary.adjacent(list(pairs)) if pairs else {}
        articles = {way: min(beside[pair] for pair in pairwise(way)) for way in ways}
        if any(articles.values()):
            return articles
    return {}


def _ways(vocabulary: Vocabulary, form: str, parts: int, known: float) -> list[tuple[str, ...]]:
    """The ways to split a form in so many words, those with the most frequent words first."""
    least = _MIN_PART if parts == 2 else _MIN_PART_OF_THREE
    ways = [
        tuple(form[start:end] for start, end in pairwise((0, *places, len(form))))
        for places in combinations(range(least, len(form) - least + 1), parts - 1)
        if all(end - start >= least for start, end in pairwise(places))
    ]
    if not ways:
        return []
    counts = vocabulary.frequencies("text_form", list({part for way in ways for part in way}))
    rarest = {way: min(counts.get(part, 0) for part in way) for way in ways}
    words = [way for way in ways if rarest[way] >= known]
    return sorted(words, key=lambda way: (-rarest[way], way))[:_MAX_WAYS]
