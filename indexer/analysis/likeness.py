"""Stems that look alike: those that share most of their trigrams.

A stem's trigrams are those of its letters between two marks of its ends; likeness is Dice's coefficient over them
(Dice, 1945): twice what two stems share, by what they have in all. It finds what no rule of stemming joins: foreign
names in several spellings, plurals and endings that stay on.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

LEAST_LIKENESS: Final = 0.5
MOST_LIKE: Final = 50
"""Stems taken for one, the likest first."""

ENDS: Final = "\u0001"


def likeness(a: str, b: str) -> float:
    """How alike two stems are, from 0 to 1: what the index finds, where it holds one of them.

    >>> round(likeness("لافروف", "لفروف"), 2)
    0.73
    """
    first, second = _trigram_set(a), _trigram_set(b)
    return 2.0 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


@lru_cache(maxsize=20_000)
def _trigram_set(stem: str) -> frozenset[str]:
    text = f"{ENDS}{stem}{ENDS}"
    return frozenset(text[at : at + 3] for at in range(len(stem)))
