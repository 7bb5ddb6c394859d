"""Similarity of stems: Dice's coefficient over their trigrams.

The trigrams of a stem include marks of its two ends; the coefficient (Dice, 1945) is twice the number that two stems
share, divided by the number that they have in all. It finds what no stemming rule conflates: foreign names in several
spellings, and plurals and endings that were not stripped.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

LEAST_LIKENESS: Final = 0.5
MOST_LIKE: Final = 50
"""Similar stems per stem, the most similar first."""

ENDS: Final = "\u0001"


def likeness(a: str, b: str) -> float:
    """The similarity of two stems, from 0 to 1, as the index computes it.

    >>> round(likeness("لافروف", "لفروف"), 2)
    0.73
    """
    first, second = _trigram_set(a), _trigram_set(b)
    return 2.0 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


@lru_cache(maxsize=20_000)
def _trigram_set(stem: str) -> frozenset[str]:
    text = f"{ENDS}{stem}{ENDS}"
    return frozenset(text[at : at + 3] for at in range(len(stem)))
