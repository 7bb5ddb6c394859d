"""When two texts are one story: how much of the shorter stands in the longer, and what is asked of it.

The measure is *containment* (Broder, 1997): the share of the shorter text's shingles that the longer one has too. A
paper that prints the first half of a wire story contains nothing else; Jaccard's measure would call them half alike.
Headlines do not count: each paper writes its own.

What is asked depends on how the two came to be printed (`LEAST`). Two papers within three days: 58 %. The same paper
again, or a name missing: 90 %, an article printed anew with corrections, since a paper's follow-ups and lists repeat
more than a rewritten wire story does. Undated: 85 %. Longer apart: 95 %, a reprint.

Daily columns (the weather, a congratulation, an execution) are much alike and are not the same news. They give
themselves away by what was printed at other times: an article that is 60 % contained in another one of last month is
written to a formula, and its copies must be nearer to each other than to that by `MARGIN`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from corpus.grouping.linkage import Bond
from corpus.grouping.shingles import shared

NEAR_DAYS: Final = 3
"""Days apart within which papers print the same wire story."""

LEAST_SHINGLES: Final = 8
"""Shorter texts are not grouped: ten words are a caption or a notice, and too easily alike."""

LEAST_LENGTH: Final = 0.45
"""The shorter text's shingles by the longer's, at least. Below, it is an item of a survey of the news, and the survey
would join all its items."""


class Relation(IntEnum):
    """How two articles stand to each other; the numbers are kept in the archive."""

    TWO_PAPERS = 0
    SAME_PAPER = 1
    APART = 2
    UNDATED = 3
    COPY = 4


# All shares are counted in thousandths, as they are kept.
LEAST: Final = {
    Relation.TWO_PAPERS: 580,
    Relation.SAME_PAPER: 900,
    Relation.APART: 950,
    Relation.UNDATED: 850,
    Relation.COPY: 0,
}
"""The containment that makes two articles one story."""

LEAST_KEPT: Final = 400
"""The containment of articles of the same days that is remembered: less than makes a story, it still counts in the mean
of a group (`corpus.grouping.linkage`)."""

LEAST_FORMULA: Final = 300
"""Containment in an article of another time from which both count as written to a formula."""

MARGIN: Final = 200
"""How much nearer than to their formula such articles must be to each other; never more than `_MOST_ASKED`."""

ENOUGH_BONDS: Final = 50
"""Articles of the same days that an article is one story with, from which it follows the most alike of them
(`leader_of`). No story of real papers has so many printings: it keeps thousands of near-copies from being compared
with each other."""

_MOST_ASKED: Final = 950
_KEPT: Final = {
    Relation.TWO_PAPERS: LEAST_KEPT,
    Relation.SAME_PAPER: LEAST_KEPT,
    Relation.APART: LEAST_FORMULA,
}
# Jaccard's measure from which two texts are copies. Of another time only what is the same word for word: a notice of
# every day, with no more than its date changed, is as much as 94 % alike.
_COPY: Final = 0.9
_COPY_APART: Final = 0.97


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What of an article is compared: its shingles, the ordinal of its printed day, who printed it."""

    article: int
    shingles: np.ndarray
    day: int | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Another article, how much of the shorter is contained in the longer (thousandths), how the two stand."""

    other: int
    contained: int
    relation: Relation


def compare(a: Fingerprint, b: Fingerprint) -> Pair | None:
    """How `b` stands to `a`; None where it is nothing to keep."""
    short, long = sorted((len(a.shingles), len(b.shingles)))
    if short < LEAST_SHINGLES or short < LEAST_LENGTH * long:
        return None
    common = shared(a.shingles, b.shingles)
    contained = 1000 * common // short
    relation = _relation(a, b)
    if common >= (_COPY_APART if relation is Relation.APART else _COPY) * (short + long - common):
        relation = Relation.COPY
    return Pair(b.article, contained, relation) if contained >= _KEPT.get(relation, LEAST[relation]) else None


def formula(pairs: list[Pair]) -> int:
    """How much of an article is formula: its greatest containment in one of another time that is no reprint of it."""
    return max((pair.contained for pair in pairs if _is_formula(pair)), default=0)


def bond_of(pair: Pair, formula_of_both: int) -> Bond | None:
    """What ties a pair, of articles of which so much is formula (the greater of the two); None where nothing does."""
    if pair.relation is Relation.COPY:
        return Bond.COPY
    if formula_of_both and pair.contained < min(formula_of_both + MARGIN, _MOST_ASKED):
        return None  # it may be alike by its formula alone
    if pair.contained >= LEAST[pair.relation]:
        return Bond.STORY
    return Bond.LIKE if pair.relation in (Relation.TWO_PAPERS, Relation.SAME_PAPER) else None


def leader_of(pairs: list[Pair]) -> Pair | None:
    """What an article follows that is one story with so many others already: the most alike, as its copy.

    A follower is in its leader's group, has no other pairs, and no later article is compared with it: what is like it
    is like those that it was compared with.
    """
    own = formula(pairs)
    same_days = (Relation.TWO_PAPERS, Relation.SAME_PAPER, Relation.COPY)
    bonded = [pair for pair in pairs if pair.relation in same_days and bond_of(pair, own) in (Bond.STORY, Bond.COPY)]
    if len(bonded) < ENOUGH_BONDS:
        return None
    nearest = max(bonded, key=lambda pair: (pair.contained, -pair.other))
    return Pair(nearest.other, nearest.contained, Relation.COPY)


def _is_formula(pair: Pair) -> bool:
    return pair.relation is Relation.APART and pair.contained < LEAST[Relation.APART]


def _relation(a: Fingerprint, b: Fingerprint) -> Relation:
    if a.day is None or b.day is None:
        return Relation.UNDATED
    if abs(a.day - b.day) > NEAR_DAYS:
        return Relation.APART
    # A source that is not named may be the same one.
    return Relation.TWO_PAPERS if a.source and b.source and a.source != b.source else Relation.SAME_PAPER
