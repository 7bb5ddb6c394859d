"""How far apart two spellings are: an edit distance that knows which letters Arabic writers confuse.

Over folded forms, so ه and ة, ى and ي, أ إ آ and ا are the same already. What each edit costs:

    1     a letter more, a letter less, another letter, two neighbours changing places
    0.5   another letter that sounds or looks alike: one of `CONFUSED`
    0.5   a hamza more or less: مسؤول and مسول, شيء and شي
    0.5   a hamza for the letter that would be its seat: شاطئ and شاطي, رؤوس and رووس

It is the optimal string alignment: no letter is changed twice.

Most pairs are told apart by their letters alone. An edit that costs 1 changes the set of a word's letters by at most
two, and so does one that costs ½. In a second set the letters that are confused are one, and hamza and its seats are
none: there edits that cost ½ change nothing. So the two sets together differ by at most four for each 1 of distance.

How far one word is from many at once: `indexer.analysis.edit_distance` over arrays, to leave out what is too far.

The letters of all forms are bytes, the last eight bits of their code points: within the Arabic block that keeps them
apart, and letters of other scripts can only come nearer than they are. So the numbers are never more than the true
distance, and what they leave is measured again, letter by letter.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import permutations
from math import inf
from typing import Final

import numpy as np

CONFUSED: Final = ("ذز", "ذد", "ضظ", "ثس", "ثت", "طت", "قكغ", "غج", "صس", "ءايو")
"""Groups of letters that are written for each other: by sound, by dialect, in foreign names (غوغل، قوقل، كوكل، جوجل),
and the hamza with its seats. Of a group of hamza only the pairs with ء count."""

_HAMZA: Final = "ء"
_HALF: Final = frozenset(
    pair for group in CONFUSED for pair in permutations(group, 2) if _HAMZA not in group or _HAMZA in pair
)


def distance(a: str, b: str, limit: float) -> float:
    """The distance between two folded forms; `math.inf` when it is more than `limit`.

    Symmetric; time in proportion to the length and `limit`, as only the band of alignments within it is looked at.
    """
    if a == b:
        return 0.0 if limit >= 0 else inf
    band = int(2 * limit)  # letters that can be put in or left out, at the price of hamzas
    if abs(len(a) - len(b)) > band or _differing(a, b) > 4 * limit:
        return inf
    width = len(b) + 1
    before: list[float] = [inf] * width
    row = [0.0, *(inf for _ in b)]
    for j, letter in enumerate(b[:band], start=1):
        row[j] = row[j - 1] + _indel(letter)
    for i, x in enumerate(a, start=1):
        first, last = max(1, i - band), min(len(b), i + band)
        now = [inf] * width
        if i <= band:
            now[0] = row[0] + _indel(x)
        for j in range(first, last + 1):
            y = b[j - 1]
            best = row[j - 1] if x == y else row[j - 1] + (0.5 if (x, y) in _HALF else 1.0)
            best = min(best, row[j] + _indel(x), now[j - 1] + _indel(y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                best = min(best, before[j - 2] + 1.0)
            now[j] = best
        if min(now) > limit and min(row) > limit:  # a swap reaches over one row
            return inf
        before, row = row, now
    return row[-1] if row[-1] <= limit else inf


def _indel(letter: str) -> float:
    return 0.5 if letter == _HAMZA else 1.0


def _differing(a: str, b: str) -> int:
    """How many letters, and how many kinds of letters, one has and the other has not."""
    (a_letters, a_kinds), (b_letters, b_kinds) = _masks(a), _masks(b)
    return (a_letters ^ b_letters).bit_count() + (a_kinds ^ b_kinds).bit_count()


@lru_cache(maxsize=50_000)
def _masks(form: str) -> tuple[int, int]:
    """The bits of a form's letters, and those of their kinds."""
    bits = kind_bits()
    letters = kinds_of_letters = 0
    for letter in form:
        low = ord(letter) & 63
        letters |= 1 << low
        kinds_of_letters |= bits[low]
    return letters, kinds_of_letters


@cache
def kinds() -> dict[str, str]:
    """Each letter that is confused → one letter for all of its kind; hamza and its seats → none."""
    kind: dict[str, str] = {}
    for group in CONFUSED:
        if _HAMZA not in group:
            # A letter may be in two groups, which are then one kind.
            joined = {kind.get(letter, letter) for letter in group}
            kind |= dict.fromkeys(group, min(joined))
            kind = {letter: min(joined) if one in joined else one for letter, one in kind.items()}
    return kind | {letter: "" for group in CONFUSED if _HAMZA in group for letter in group}


@cache
def kind_bits() -> tuple[int, ...]:
    """For the last six bits of a letter's code point the bit of its kind, none for hamza and its seats; [64].

    Letters of other scripts share those of Arabic, and can only come nearer than they are.
    """
    bits = [1 << low for low in range(64)]
    for letter, one in kinds().items():
        bits[ord(letter) & 63] = 1 << (ord(one) & 63) if one else 0
    return tuple(bits)


FAR = 250
_ARABIC = 0x600


def least_distances(word: str, letters: np.ndarray, lengths: np.ndarray, limit: int) -> np.ndarray:
    """Twice the distance to each form, or less, where it is within the limit; uint8[forms].

    Args:
        word: a folded form.
        letters: the letters of the forms, padded, uint8[longest, forms].
        lengths: of the forms, [forms].
        limit: where to stop counting; beyond it the numbers are only sure to be beyond it too.
    """
    indels, changes = _costs()
    own = np.array([ord(letter) & 0xFF for letter in word], np.intp)
    longest, count = letters.shape
    band = 2 * limit
    result = np.full(count, FAR, np.uint8)
    kept = np.arange(count)
    before = np.full((longest + 1, count), FAR, np.uint8)
    row = before.copy()
    row[0] = 0
    for j in range(1, min(longest, band) + 1):
        row[j] = row[j - 1] + indels[letters[j - 1]]
    puts = indels[letters]
    for i, code in enumerate(own.tolist(), start=1):
        if i > limit:
            # Forms that are too far already, by this row and the one before, are left out of what follows.
            near = np.minimum(row.min(axis=0, initial=FAR), before.min(axis=0, initial=FAR)) <= 2 * limit
            kept, letters, puts = kept[near], letters[:, near], puts[:, near]
            before, row = before[:, near], row[:, near]
        now = np.full((longest + 1, len(kept)), FAR, np.uint8)
        taken = indels[code]
        if i <= band:
            now[0] = row[0] + taken
        first, last = max(1, i - band), min(longest, i + band)
        if first <= last:
            # What a change or a letter less gives, for the whole row; a letter more goes from column to column.
            part = slice(first, last + 1)
            best = row[first - 1 : last] + changes[code][letters[first - 1 : last]]
            np.minimum(best, row[part] + taken, out=best)
            if i > 1 and last > 1:
                start = max(2, first)
                swapped = (letters[start - 2 : last - 1] == code) & (letters[start - 1 : last] == own[i - 2])
                swaps = np.where(swapped, before[start - 2 : last - 1] + np.uint8(2), np.uint8(FAR))
                np.minimum(best[start - first :], swaps, out=best[start - first :])
            now[part] = best
            for j in range(first, last + 1):
                np.minimum(now[j], now[j - 1] + puts[j - 1], out=now[j])
            np.minimum(now, FAR, out=now)
        before, row = row, now
    result[kept] = row[lengths[kept], np.arange(len(kept))]
    return result


@cache
def _costs() -> tuple[np.ndarray, np.ndarray]:
    """Twice the cost of a letter more or less, uint8[256], and of one letter for another, uint8[256, 256]."""
    letters = [chr(_ARABIC + low) for low in range(256)]
    indels = np.array([int(2 * distance("", letter, 1)) for letter in letters], np.uint8)
    changes = np.full((256, 256), 2, np.uint8)
    np.fill_diagonal(changes, 0)
    for x, y in permutations(sorted(set("".join(CONFUSED))), 2):
        changes[ord(x) & 0xFF, ord(y) & 0xFF] = int(2 * min(distance(x, y, 1), 1))
    return indels, changes
