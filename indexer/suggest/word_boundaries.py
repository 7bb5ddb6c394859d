"""Words that ran together (مجلسالأمن), and words that were torn apart (العا صمة), by what an archive prints.

Parts are words of their own when the archive prints them side by side; a word is one when the archive prints it whole
many times more often than its parts side by side. In an archive of 39,796 articles 286 of 300 words torn at a random
place are put together, most of the others begin with و; of 11,990 random pairs of words of headlines one is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations, pairwise
from typing import Final

from indexer.spellings.vocabulary import Vocabulary

_TIMES_WHOLE: Final = 5
"""A word is in so many times more articles than its parts side by side when one of these is unknown to the archive."""

_TIMES_WHOLE_NEVER_APART: Final = 10
_TIMES_WHOLE_KNOWN: Final = 50
"""Likewise when both parts are words: the archive never prints them side by side, or does."""

_LEAST_PART: Final = 2
_LEAST_PART_OF_THREE: Final = 3
_MOST_WAYS: Final = 4
_AND: Final = "و"

_STANDS_APART = re.compile("آل|.*\u0640")
"""What is written apart on purpose: the family of someone (آل), and a clitic with a tatweel before a name or number."""


def stands_apart(text: str) -> bool:
    """Whether a word as typed is one that is written apart from the next on purpose."""
    return _STANDS_APART.fullmatch(text) is not None


def were_torn(vocabulary: Vocabulary, first: str, second: str, counts: Mapping[str, int], known: float) -> bool:
    """Whether two forms side by side are one that was torn apart.

    Args:
        vocabulary: of the archive.
        first: a form.
        second: the form behind it.
        counts: in how many articles each of the two is, and both put together.
        known: a form in so many articles is a word.
    """
    whole = counts[first + second]
    # و stands apart in many texts: it was torn off only where the rest is the rarer word, as in و زارة.
    if whole < known or (first == _AND and whole < counts[second]):
        return False
    are_words = min(counts[first], counts[second]) >= known
    if whole < (_TIMES_WHOLE_NEVER_APART if are_words else _TIMES_WHOLE):
        return False
    apart = vocabulary.adjacent([(first, second)])[first, second]
    times = (_TIMES_WHOLE_KNOWN if apart else _TIMES_WHOLE_NEVER_APART) if are_words else _TIMES_WHOLE
    return whole >= times * (apart + 1)


def ways_to_part(vocabulary: Vocabulary, form: str, known: float) -> dict[tuple[str, ...], int]:
    """The ways to part a form in two words, or else in three, and in how many articles they stand side by side.

    Of three words it is the number for the two of them that stand so in fewer articles.
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
    """The ways to part a form in so many words, those of the most frequent words first."""
    least = _LEAST_PART if parts == 2 else _LEAST_PART_OF_THREE
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
    return sorted(words, key=lambda way: (-rarest[way], way))[:_MOST_WAYS]
