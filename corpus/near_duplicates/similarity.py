"""Similarity of two texts, and when it makes them one story.

A *shingle* is a run of three folded words (Broder, "On the resemblance and containment of documents", 1997), as a
64-bit hash. Folding makes shingles equal across papers' spellings. A *sketch* is the hashes below a fixed limit, one in
ten: a sample that is drawn alike from any two texts, and in proportion to their lengths, so that a text shares a tenth
of what it shares with a much longer one.

The measure is *containment* (Broder, 1997): the share of the shorter text's shingles that the longer text also has. A
paper that prints the first half of a wire story has nothing else in it; Jaccard's measure would be one half. Headlines
are not compared: each paper writes its own.

The minimum depends on how the two were printed (`MIN_CONTAINMENT`). Two papers within three days: 58 %. The same paper,
or an unknown one: 90 %, an article reprinted with corrections, since a paper's follow-ups and lists repeat more than a
rewritten wire story does. Undated: 85 %. Further apart in time: 95 %, a reprint, or 88 % if both are long.

A much shorter text is a copy if the longer one *begins* with it (`_begins_with`); otherwise it is an item of a survey.

Daily columns (weather, congratulations, executions) are similar and are not the same news. They are recognized by
articles of other times: an article that is 60 % contained in one of last month and in one of the month before is
written to a formula. Its copies must be more similar to each other than to those by `MARGIN`, or share what is left
when the formula is taken away (`share_rest`). A text that returns at one other time only was printed again.
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
"""Ratio of the shorter text's shingles to the longer's below which the longer must begin with the shorter."""

MIN_PART_RATIO: Final = 0.125
MIN_PART_SHINGLES: Final = 25
"""Shorter texts, and shorter parts of long ones, are not compared as parts: boilerplate is in many texts."""

MIN_STORED: Final = 400
"""The containment from which a pair of the same days is stored: below that of a story, it still counts in the mean of a
group (`corpus.near_duplicates.linkage`).
"""

MIN_FORMULA: Final = 300
"""Containment in an article of another time from which both are formulaic."""

MIN_RETURNED: Final = 600
_RETURNED: Final = 500
"""A text that is contained by `MIN_RETURNED` in articles of one other time, and by `_RETURNED` in none of a third, was
printed again at that time. A formula returns more often.
"""

MIN_REST: Final = 6
MIN_SHARED_REST: Final = 0.3
"""Two formulaic texts are one story if they share this part of at least so many shingles that are not formula: names,
places, numbers. Of 21 pairs of different stories that were read, none shared more than 18 %.
"""

MARGIN: Final = 200
"""How much more similar than to their formula such articles must be to each other; at most `_MAX_MINIMUM`."""

ENOUGH_BONDS: Final = 50
"""An article that is one story with this many articles of the same days follows the most similar of them
(`leader_of`). No story in real papers has so many copies: the limit keeps thousands of near-copies from being compared
with each other.
"""

_MAX_MINIMUM: Final = 950
_MAX_FORMULAS: Final = 24
# Jaccard's measure from which two texts are copies; at different times only if nearly every word is equal: a daily
# notice in which only the date changes has up to 94 %.
_COPY: Final = 0.9
_COPY_APART: Final = 0.97

# A text begins with a part if a tenth of what they share lies within its first sixth, and half within its first five
# eighths (thousandths of the text). Nine tenths of an item of a survey lie further behind.
_BEGIN: Final = 1000 // 6
_MIDDLE: Final = 5000 // 8
_ITEM_RATIO: Final = 0.6
_BEHIND: Final = 400

# Shorter texts of different times are not reprints below 95 %: if only a date differs, 90 % of sixty words are equal.
_MIN_LATE_SHINGLES: Final = 60

SHINGLE_WORDS: Final = 3

SKETCH_RATE: Final = 12
MIN_SKETCH: Final = 16
MAX_SKETCH: Final = 48
"""A sketch has one in `SKETCH_RATE` of a text's hashes, but not fewer or more than these."""

# Cached hashes of distinct printed words: about 60 MB.
_MEMO_LIMIT: Final = 300_000
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_SKETCH_LIMIT: Final = np.uint64(2**64 // SKETCH_RATE)


class Relation(IntEnum):
    """How one article is related to another; the numbers are stored in the archive.

    `OPENS` and `WITHIN`: it is a part of the other, whose beginning it is or is not. `OPENED_BY` and `HOLDS`: the
    other is that part of it.
    """

    TWO_PAPERS = 0
    SAME_PAPER = 1
    APART = 2
    UNDATED = 3
    COPY = 4
    OPENS = 5
    OPENED_BY = 6
    WITHIN = 7
    HOLDS = 8
    LATE = 9
    """Apart in time, nearly equal and long."""

    @property
    def reverse(self) -> Relation:
        """The same, seen from the other article."""
        return _REVERSE.get(self, self)


_REVERSE: Final = {
    Relation.OPENS: Relation.OPENED_BY,
    Relation.OPENED_BY: Relation.OPENS,
    Relation.WITHIN: Relation.HOLDS,
    Relation.HOLDS: Relation.WITHIN,
}
_MIN_PART: Final = 700
_NEVER: Final = 1001

MIN_CONTAINMENT: Final = {
    Relation.TWO_PAPERS: 580,
    Relation.SAME_PAPER: 900,
    Relation.APART: 950,
    Relation.UNDATED: 850,
    Relation.COPY: 0,
    Relation.OPENS: _MIN_PART,
    Relation.OPENED_BY: _MIN_PART,
    Relation.WITHIN: _NEVER,
    Relation.HOLDS: _NEVER,
    Relation.LATE: 880,
}
"""The containment from which two articles are one story."""

_STORED_FROM: Final = {
    Relation.TWO_PAPERS: MIN_STORED,
    Relation.SAME_PAPER: MIN_STORED,
    Relation.APART: MIN_FORMULA,
    Relation.OPENS: MIN_STORED,
    Relation.WITHIN: _MIN_PART,
}
_SAME_DAYS: Final = frozenset({Relation.TWO_PAPERS, Relation.SAME_PAPER, Relation.OPENS, Relation.OPENED_BY})
_OTHER_DAYS: Final = frozenset({Relation.APART, Relation.LATE})


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is compared of an article: its shingles, the ordinal of its printed day, its source.

    `places` says where in the text each shingle first occurs, in thousandths of the text.
    """

    article: int
    shingles: np.ndarray
    places: np.ndarray
    day: int | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A similar article, its day, the containment (thousandths), and how the two are related."""

    other: int
    contained: int
    relation: Relation
    day: int | None = None


class _WordHashes(dict[str, int]):
    """Printed word → hash of its form, the same on every machine; 0 for a word of marks only."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MEMO_LIMIT:
            self.clear()
        form = fold(word).encode("utf-8", "surrogatepass")
        value = self[word] = int.from_bytes(blake2b(form, digest_size=8).digest(), "little") if form else 0
        return value


_hashes: Final = _WordHashes()


def fingerprint(article: int, text: str, day: int | None, source: str | None) -> Fingerprint:
    """The fingerprint of an article with this text."""
    runs = _runs(text)
    order = runs.argsort(kind="stable")  # the first of equal ones first
    ascending = runs[order]
    is_first = np.ones(len(runs), bool)
    is_first[1:] = ascending[1:] != ascending[:-1]
    places = (order[is_first] * 1000 // max(len(runs), 1)).astype(np.uint16)
    return Fingerprint(article, ascending[is_first], places, day, source)


def shingles(text: str) -> np.ndarray:
    """The distinct shingles of a text, ascending, uint64; empty for fewer than three words."""
    return np.unique(_runs(text))


def sketch(all_shingles: np.ndarray) -> list[int]:
    """The sketch: the low 32 bits of the smallest hashes, as signed numbers; all hashes of a short text.

    A collision of 32 bits makes a candidate that the comparison of the texts rejects.
    """
    size = min(max(int(np.searchsorted(all_shingles, _SKETCH_LIMIT)), MIN_SKETCH), MAX_SKETCH)
    # The high bits of the smallest hashes are much the same for every text; the low ones differ.
    smallest = all_shingles[:size].astype(np.uint32).view(np.int32)
    return sorted(set(smallest.tolist()))


def shared(a: np.ndarray, b: np.ndarray) -> int:
    """The number of common hashes of two ascending arrays."""
    return len(_common_places(a, b) if len(a) <= len(b) else _common_places(b, a))


def compare(a: Fingerprint, b: Fingerprint) -> Pair | None:
    """Compare two articles: the pair of `a` with `b`; None if it is not to be stored."""
    short, long = (a, b) if len(a.shingles) <= len(b.shingles) else (b, a)
    size = len(short.shingles)
    if size < MIN_SHINGLES or size < MIN_PART_RATIO * len(long.shingles):
        return None
    relation = _relation(a, b)
    is_part = size < MIN_LENGTH_RATIO * len(long.shingles)
    if is_part and (relation not in _SAME_DAYS or size < MIN_PART_SHINGLES):
        return None
    places = _common_places(short.shingles, long.shingles)
    common = len(places)
    contained = 1000 * common // size
    if is_part:
        if contained < MIN_STORED:
            return None
        # One paper's report and its follow-up often begin alike.
        is_beginning = relation is Relation.TWO_PAPERS or contained >= MIN_CONTAINMENT[relation]
        relation = Relation.OPENS if is_beginning and _begins_with(long.places[places]) else Relation.WITHIN
    elif common >= (_COPY_APART if relation is Relation.APART else _COPY) * (size + len(long.shingles) - common):
        relation = Relation.COPY
    elif relation is Relation.APART and contained >= MIN_CONTAINMENT[Relation.LATE] and size >= _MIN_LATE_SHINGLES:
        relation = Relation.LATE
    elif relation in _SAME_DAYS and size < _ITEM_RATIO * len(long.shingles) and _is_behind(long.places[places]):
        relation = Relation.WITHIN
    if contained < _STORED_FROM.get(relation, MIN_CONTAINMENT[relation]):
        return None
    return Pair(b.article, contained, relation if short is a else relation.reverse, b.day)


def formula_share(pairs: list[Pair]) -> int:
    """The formulaic share of an article: its greatest containment in one of another time that is not a reprint.

    0 if it returns at one other time only: then it was printed again.
    """
    share = max((pair.contained for pair in pairs if _is_formula(pair)), default=0)
    return 0 if share >= MIN_RETURNED and _returns_once(pairs) else share


def bond_of(pair: Pair, formula_of_both: int, *, rest_is_shared: bool = False) -> Bond | None:
    """The bond of a pair, given the greater of the articles' formulaic shares; None if there is none.

    `rest_is_shared`: the two share what is not formula (`share_rest`).
    """
    if pair.relation is Relation.COPY:
        return Bond.COPY
    if is_in_doubt(pair, formula_of_both) and not rest_is_shared:
        return None  # it may be similar by its formula alone
    if pair.contained >= MIN_CONTAINMENT[pair.relation]:
        return Bond.STORY
    is_like = pair.relation in _SAME_DAYS or (pair.relation in _OTHER_DAYS and pair.contained >= MIN_STORED)
    return Bond.LIKE if is_like else None


def is_in_doubt(pair: Pair, formula_of_both: int) -> bool:
    """Whether two articles may be similar by their formula alone."""
    is_doubtful = bool(formula_of_both) and pair.contained < min(formula_of_both + MARGIN, _MAX_MINIMUM)
    return is_doubtful and pair.relation is not Relation.COPY


def share_rest(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two texts are one story by what is left of their shingles without formula."""
    size = min(len(a), len(b))
    return size >= MIN_REST and shared(a, b) >= MIN_SHARED_REST * size


def formulas_of(pairs: list[Pair]) -> list[int]:
    """The articles of other times that show what of an article is formula: the most similar ones."""
    if not formula_share(pairs):
        return []
    found = sorted((-pair.contained, pair.other) for pair in pairs if _is_formula(pair))
    return [other for _, other in found[:_MAX_FORMULAS]]


def is_printed_together(pair: Pair) -> bool:
    """Whether the two articles are of the same days, and neither copies nor items of a survey."""
    return pair.relation in _SAME_DAYS


def opens(pair: Pair) -> bool:
    """Whether the pair's first article is a copy of the beginning of the other."""
    return pair.relation is Relation.OPENS and pair.contained >= _MIN_PART


def holds(pair: Pair) -> bool:
    """Whether the pair's other article is a part of the first."""
    return pair.relation in (Relation.OPENED_BY, Relation.HOLDS) and pair.contained >= _MIN_PART


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
    return Pair(nearest.other, nearest.contained, Relation.COPY, nearest.day)


def _begins_with(places: np.ndarray) -> bool:
    """Whether a text begins with a part, from the places of what they share."""
    places = np.sort(places)
    return bool(places[len(places) // 10] <= _BEGIN and places[len(places) // 2] <= _MIDDLE)


def _is_behind(places: np.ndarray) -> bool:
    """Whether a text does not begin with a part, but with another matter."""
    return len(places) > 0 and bool(np.sort(places)[len(places) // 10] > _BEHIND)


def _is_formula(pair: Pair) -> bool:
    return pair.relation in _OTHER_DAYS and pair.contained < MIN_CONTAINMENT[Relation.APART]


def _returns_once(pairs: list[Pair]) -> bool:
    """Whether all articles of other times that are much like an article are of one time."""
    days = {pair.day for pair in pairs if pair.relation in _OTHER_DAYS and pair.contained >= _RETURNED}
    known = sorted(day for day in days if day is not None)
    return bool(known) and known[-1] - known[0] <= NEAR_DAYS


def _relation(a: Fingerprint, b: Fingerprint) -> Relation:
    if a.day is None or b.day is None:
        return Relation.UNDATED
    if abs(a.day - b.day) > NEAR_DAYS:
        return Relation.APART
    # An unknown source may be the same one.
    return Relation.TWO_PAPERS if a.source and b.source and a.source != b.source else Relation.SAME_PAPER


def _runs(text: str) -> np.ndarray:
    """The shingles of a text in its order."""
    printed = WORD.findall(text)
    words = np.fromiter(map(_hashes.__getitem__, printed), np.uint64, len(printed))
    words = words[words != 0]
    count = len(words) - SHINGLE_WORDS + 1
    if count < 1:
        return np.zeros(0, np.uint64)
    mixed = np.zeros(count, np.uint64)
    for place in range(SHINGLE_WORDS):
        mixed = _mix(mixed * _GOLDEN + words[place : place + count])
    return mixed


def _common_places(short: np.ndarray, long: np.ndarray) -> np.ndarray:
    """Where in an ascending array those hashes are that a shorter one also has."""
    if not len(short):
        return np.zeros(0, np.intp)
    places = long.searchsorted(short)
    places[places == len(long)] = 0
    found: np.ndarray = places[long[places] == short]
    return found


def _mix(values: np.ndarray) -> np.ndarray:
    """Spread each bit over all others (the last step of splitmix64: Steele, Lea and Flood, 2014); uint64, wrapping."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed
