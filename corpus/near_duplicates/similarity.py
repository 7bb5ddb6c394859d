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

What a text says, as numbers that can be compared: its shingles, and a small sketch of them.

A *shingle* is a run of three folded words (Broder, "On the resemblance and containment of documents", 1997), kept as
a 64-bit hash. Folding makes papers that spell differently print the same words. A *sketch* is the sixteen smallest
hashes: a sample that any two texts draw alike, so that the share of it that they have in common tells how much of the
texts is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from typing import Final

import numpy as np

from corpus.letters import WORD, fold
from corpus.near_duplicates.linkage import Bond

NEAR_DAYS: Final = 3
"""Days apart within which papers print the same wire story."""

LEAST_SHINGLES: Final = 8
"""Shorter texts are not grouped: ten words are a caption or a notice, and too easily alike."""

LEAST_LENGTH: Final = 0.45
"""The shorter text's shingles by the longer's, at least. Below, it is an item of a survey of the news, and the survey
would join all its items."""

LEAST_KEPT: Final = 400
"""The containment of articles of the same days that is remembered: less than makes a story, it still counts in the mean
of a group (`corpus.near_duplicates.linkage`)."""

LEAST_FORMULA: Final = 300
"""Containment in an article of another time from which both count as written to a formula."""

MARGIN: Final = 200
"""How much nearer than to their formula such articles must be to each other; never more than `_MOST_ASKED`."""

ENOUGH_BONDS: Final = 50
"""Articles of the same days that an article is one story with, from which it follows the most alike of them
(`leader_of`). No story of real papers has so many printings: it keeps thousands of near-copies from being compared
with each other."""

_MOST_ASKED: Final = 950
# Jaccard's measure from which two texts are copies. Of another time only what is the same word for word: a notice of
# every day, with no more than its date changed, is as much as 94 % alike.
_COPY: Final = 0.9
_COPY_APART: Final = 0.97

SHINGLE_WORDS: Final = 3

SKETCH_SIZE: Final = 16

# Distinct printed words whose hashes are remembered: about 60 MB.
_MEMO_LIMIT: Final = 300_000
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


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

_KEPT: Final = {
    Relation.TWO_PAPERS: LEAST_KEPT,
    Relation.SAME_PAPER: LEAST_KEPT,
    Relation.APART: LEAST_FORMULA,
}


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


class _WordHashes(dict[str, int]):
    """Printed word → hash of its form, the same on every machine; 0 for a word that is nothing but marks."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MEMO_LIMIT:
            self.clear()
        form = fold(word).encode("utf-8", "surrogatepass")
        value = self[word] = int.from_bytes(blake2b(form, digest_size=8).digest(), "little") if form else 0
        return value


_hashes: Final = _WordHashes()


def shingles(text: str) -> np.ndarray:
    """The distinct shingles of a text, ascending; uint64. None in a text of fewer than three words."""
    printed = WORD.findall(text)
    words = np.fromiter(map(_hashes.__getitem__, printed), np.uint64, len(printed))
    words = words[words != 0]
    count = len(words) - SHINGLE_WORDS + 1
    if count < 1:
        return np.zeros(0, np.uint64)
    mixed = np.zeros(count, np.uint64)
    for place in range(SHINGLE_WORDS):
        mixed = _mix(mixed * _GOLDEN + words[place : place + count])
    return np.unique(mixed)


def sketch(all_shingles: np.ndarray) -> list[int]:
    """The low 32 bits of the smallest hashes, as signed numbers; all hashes of a short text.

    A chance collision of 32 bits makes a candidate that the comparison of whole texts refuses.
    """
    # The smallest hashes of any text have much the same high bits: the low ones tell them apart.
    smallest = all_shingles[:SKETCH_SIZE].astype(np.uint32).view(np.int32)
    numbers: list[int] = np.unique(smallest).tolist()
    return numbers


def shared(a: np.ndarray, b: np.ndarray) -> int:
    """How many hashes two ascending arrays have in common."""
    if len(a) > len(b):
        a, b = b, a
    if not len(a):
        return 0
    places = np.searchsorted(b, a)
    places[places == len(b)] = 0
    return int(np.count_nonzero(b[places] == a))


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


def formula_share(pairs: list[Pair]) -> int:
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
    own = formula_share(pairs)
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


def _mix(values: np.ndarray) -> np.ndarray:
    """Spreads each bit over all others (the last step of splitmix64: Steele, Lea and Flood, 2014); uint64, wrapping."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed
