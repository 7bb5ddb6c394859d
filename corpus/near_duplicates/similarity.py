"""Similarity of two texts, and when it makes them one story.

A *shingle* is a run of three folded words (Broder, "On the resemblance and containment of documents", 1997), as a
64-bit hash. Folding makes shingles equal across papers' spellings. A *sketch* is the sixteen smallest hashes: a sample
that is drawn alike from any two texts, so that the common share of their sketches estimates that of the texts.

The measure is *containment* (Broder, 1997): the share of the shorter text's shingles that the longer text also has. A
paper that prints the first half of a wire story has nothing else in it; Jaccard's measure would be one half. Headlines
are not compared: each paper writes its own.

The minimum depends on how the two were printed (`MIN_CONTAINMENT`). Two papers within three days: 58 %. The same paper,
or an unknown one: 90 %, an article reprinted with corrections, since a paper's follow-ups and lists repeat more than a
rewritten wire story does. Undated: 85 %. Further apart in time: 95 %, a reprint.

Daily columns (weather, congratulations, executions) are similar and are not the same news. They are recognized by
articles of other times: an article that is 60 % contained in one of last month is written to a formula, and its copies
must be more similar to each other than to that one by `MARGIN`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from typing import Final

import numpy as np

from corpus.letters import WORD, fold
from corpus.near_duplicates.linkage import Bond

# Containments are in thousandths, as stored; MIN_LENGTH_RATIO and _COPY are fractions.

NEAR_DAYS: Final = 3
"""Days within which papers print the same wire story."""

MIN_SHINGLES: Final = 8
"""Shorter texts are not grouped: ten words are a caption or a notice, and similar too easily."""

MIN_LENGTH_RATIO: Final = 0.45
"""Minimum ratio of the shorter text's shingles to the longer's. Below it, the shorter is an item in a survey of the
news, which would join all its items.
"""

MIN_STORED: Final = 400
"""The containment from which a pair of the same days is stored: below that of a story, it still counts in the mean of a
group (`corpus.near_duplicates.linkage`).
"""

MIN_FORMULA: Final = 300
"""Containment in an article of another time from which both are formulaic."""

MARGIN: Final = 200
"""How much more similar than to their formula such articles must be to each other; at most `_MAX_MINIMUM`."""

ENOUGH_BONDS: Final = 50
"""An article that is one story with this many articles of the same days follows the most similar of them
(`leader_of`). No story in real papers has so many copies: the limit keeps thousands of near-copies from being compared
with each other.
"""

_MAX_MINIMUM: Final = 950
# Jaccard's measure from which two texts are copies; at different times only if nearly every word is equal: a daily
# notice in which only the date changes has up to 94 %.
_COPY: Final = 0.9
_COPY_APART: Final = 0.97

SHINGLE_WORDS: Final = 3

SKETCH_SIZE: Final = 16

# Cached hashes of distinct printed words: about 60 MB.
_MEMO_LIMIT: Final = 300_000
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


class Relation(IntEnum):
    """How two articles are related; the numbers are stored in the archive."""

    TWO_PAPERS = 0
    SAME_PAPER = 1
    APART = 2
    UNDATED = 3
    COPY = 4


MIN_CONTAINMENT: Final = {
    Relation.TWO_PAPERS: 580,
    Relation.SAME_PAPER: 900,
    Relation.APART: 950,
    Relation.UNDATED: 850,
    Relation.COPY: 0,
}
"""The containment from which two articles are one story."""

_STORED_FROM: Final = {
    Relation.TWO_PAPERS: MIN_STORED,
    Relation.SAME_PAPER: MIN_STORED,
    Relation.APART: MIN_FORMULA,
}


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is compared of an article: its shingles, the ordinal of its printed day, its source."""

    article: int
    shingles: np.ndarray
    day: int | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A similar article: the containment (thousandths), and how the two are related."""

    other: int
    contained: int
    relation: Relation


class _WordHashes(dict[str, int]):
    """Printed word → hash of its form, the same on every machine; 0 for a word of marks only."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MEMO_LIMIT:
            self.clear()
        form = fold(word).encode("utf-8", "surrogatepass")
        value = self[word] = int.from_bytes(blake2b(form, digest_size=8).digest(), "little") if form else 0
        return value


_hashes: Final = _WordHashes()


def shingles(text: str) -> np.ndarray:
    """The distinct shingles of a text, ascending, uint64; empty for fewer than three words."""
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
    """The sketch: the low 32 bits of the smallest hashes, as signed numbers; all hashes of a short text.

    A collision of 32 bits makes a candidate that the comparison of the texts rejects.
    """
    # The high bits of the smallest hashes are much the same for every text; the low ones differ.
    smallest = all_shingles[:SKETCH_SIZE].astype(np.uint32).view(np.int32)
    numbers: list[int] = np.unique(smallest).tolist()
    return numbers


def shared(a: np.ndarray, b: np.ndarray) -> int:
    """The number of common hashes of two ascending arrays."""
    if len(a) > len(b):
        a, b = b, a
    if not len(a):
        return 0
    places = np.searchsorted(b, a)
    places[places == len(b)] = 0
    return int(np.count_nonzero(b[places] == a))


def compare(a: Fingerprint, b: Fingerprint) -> Pair | None:
    """Compare two articles: the pair of `a` with `b`; None if it is not to be stored."""
    short, long = sorted((len(a.shingles), len(b.shingles)))
    if short < MIN_SHINGLES or short < MIN_LENGTH_RATIO * long:
        return None
    common = shared(a.shingles, b.shingles)
    contained = 1000 * common // short
    relation = _relation(a, b)
    if common >= (_COPY_APART if relation is Relation.APART else _COPY) * (short + long - common):
        relation = Relation.COPY
    return (
        Pair(b.article, contained, relation)
        if contained >= _STORED_FROM.get(relation, MIN_CONTAINMENT[relation])
        else None
    )


def formula_share(pairs: list[Pair]) -> int:
    """The formulaic share of an article: its greatest containment in one of another time that is not a reprint."""
    return max((pair.contained for pair in pairs if _is_formula(pair)), default=0)


def bond_of(pair: Pair, formula_of_both: int) -> Bond | None:
    """The bond of a pair, given the greater of the articles' formulaic shares; None if there is none."""
    if pair.relation is Relation.COPY:
        return Bond.COPY
    if formula_of_both and pair.contained < min(formula_of_both + MARGIN, _MAX_MINIMUM):
        return None  # it may be similar by its formula alone
    if pair.contained >= MIN_CONTAINMENT[pair.relation]:
        return Bond.STORY
    return Bond.LIKE if pair.relation in (Relation.TWO_PAPERS, Relation.SAME_PAPER) else None


def leader_of(pairs: list[Pair]) -> Pair | None:
    """The pair of an article's leader, if it is one story with many others: the most similar of them, as a copy.

    A follower is in its leader's group and has no other pairs, and no later article is compared with it: what is
    similar to it is similar to its leader.
    """
    own = formula_share(pairs)
    same_days = (Relation.TWO_PAPERS, Relation.SAME_PAPER, Relation.COPY)
    bonded = [pair for pair in pairs if pair.relation in same_days and bond_of(pair, own) in (Bond.STORY, Bond.COPY)]
    if len(bonded) < ENOUGH_BONDS:
        return None
    nearest = max(bonded, key=lambda pair: (pair.contained, -pair.other))
    return Pair(nearest.other, nearest.contained, Relation.COPY)


def _is_formula(pair: Pair) -> bool:
    return pair.relation is Relation.APART and pair.contained < MIN_CONTAINMENT[Relation.APART]


def _relation(a: Fingerprint, b: Fingerprint) -> Relation:
    if a.day is None or b.day is None:
        return Relation.UNDATED
    if abs(a.day - b.day) > NEAR_DAYS:
        return Relation.APART
    # An unknown source may be the same one.
    return Relation.TWO_PAPERS if a.source and b.source and a.source != b.source else Relation.SAME_PAPER


def _mix(values: np.ndarray) -> np.ndarray:
    """Spread each bit over all others (the last step of splitmix64: Steele, Lea and Flood, 2014); uint64, wrapping."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed
