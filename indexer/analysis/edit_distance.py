"""Edit distance between folded forms, aware of the letters that Arabic writers confuse.

ه and ة, ى and ي, أ إ آ and ا are already the same in folded forms. The costs:

    1     insertion, deletion, substitution, swap of two neighbours
    0.5   substitution of a letter that sounds or looks alike: one of `CONFUSED`
    0.5   insertion or deletion of a hamza: مسؤول and مسول, شيء and شي
    0.5   substitution of a hamza for the letter that would be its seat: شاطئ and شاطي, رؤوس and رووس

It is the optimal string alignment: no letter is edited twice.

Most pairs are ruled out by their sets of letters. An edit of cost 1 changes the set of a word's letters by at most two,
and so does one of cost 0.5. In a second set letters that are confused are one, and hamza and its seats are none: there
edits of cost 0.5 change nothing. So both sets together differ by at most four per 1 of distance.

`least_distances` compares one word with many at once, as arrays, to rule out forms that are too far. Letters are bytes
there, the last eight bits of their code points: the Arabic block stays distinct, and letters of other scripts can only
come nearer. The results are never more than the true distance, and what remains is measured by `distance`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import permutations
from math import inf
from typing import Final

import numpy as np

CONFUSED: Final = ("ذز", "ذد", "ضظ", "ثس", "ثت", "طت", "قكغ", "غج", "صس", "ءايو")
"""Groups of letters that are confused: by sound, by dialect, in foreign names (غوغل، قوقل، كوكل، جوجل), and the hamza
with its seats. Of the group of the hamza only pairs with ء count."""

FAR = 250  # twice a distance beyond any limit; fits a byte
_ARABIC = 0x600
_HAMZA: Final = "ء"
_HALF: Final = frozenset(
    pair for group in CONFUSED for pair in permutations(group, 2) if _HAMZA not in group or _HAMZA in pair
)


def distance(a: str, b: str, limit: float) -> float:
    """The distance between two folded forms; `math.inf` if it is more than `limit`.

    Symmetric. Takes time in proportion to length times `limit`, since only that band of alignments is computed.
    """
    if a == b:
        return 0.0 if limit >= 0 else inf
    band = int(2 * limit)  # insertions or deletions, at the cost of hamzas
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
        if min(now) > limit and min(row) > limit:  # a swap reaches back two rows
            return inf
        before, row = row, now
    return row[-1] if row[-1] <= limit else inf


def least_distances(word: str, letters: np.ndarray, lengths: np.ndarray, limit: int) -> np.ndarray:
    """Twice the distance to each form, or a lower bound of it; uint8[forms].

    Args:
        word: a folded form.
        letters: the letters of the forms, padded, uint8[longest, forms].
        lengths: of the forms, [forms].
        limit: of the distance; results beyond it are only known to be beyond it.
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
            # Drop the forms that are too far already, by this row and the one before.
            near = np.minimum(row.min(axis=0, initial=FAR), before.min(axis=0, initial=FAR)) <= 2 * limit
            kept, letters, puts = kept[near], letters[:, near], puts[:, near]
            before, row = before[:, near], row[:, near]
        now = np.full((longest + 1, len(kept)), FAR, np.uint8)
        taken = indels[code]
        if i <= band:
            now[0] = row[0] + taken
        first, last = max(1, i - band), min(longest, i + band)
        if first <= last:
            # Substitutions and deletions for the whole row at once; insertions go from column to column.
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
def kinds() -> dict[str, str]:
    """Each letter of `CONFUSED` → one letter for its kind; hamza and its seats → empty."""
    kind: dict[str, str] = {}
    for group in CONFUSED:
        if _HAMZA not in group:
            # A letter in two groups makes them one kind.
            joined = {kind.get(letter, letter) for letter in group}
            kind |= dict.fromkeys(group, min(joined))
            kind = {letter: min(joined) if one in joined else one for letter, one in kind.items()}
    return kind | {letter: "" for group in CONFUSED if _HAMZA in group for letter in group}


@cache
def kind_bits() -> tuple[int, ...]:
    """The last six bits of a letter's code point → the bit of its kind, 0 for hamza and its seats; [64].

    Letters of other scripts share bits with Arabic ones, and can only come nearer.
    """
    bits = [1 << low for low in range(64)]
    for letter, one in kinds().items():
        bits[ord(letter) & 63] = 1 << (ord(one) & 63) if one else 0
    return tuple(bits)


def _indel(letter: str) -> float:
    return 0.5 if letter == _HAMZA else 1.0


def _differing(a: str, b: str) -> int:
    """The number of letters, plus that of kinds of letters, in one form and not in the other."""
    (a_letters, a_kinds), (b_letters, b_kinds) = _masks(a), _masks(b)
    return (a_letters ^ b_letters).bit_count() + (a_kinds ^ b_kinds).bit_count()


@lru_cache(maxsize=50_000)
def _masks(form: str) -> tuple[int, int]:
    """The letters of a form, and their kinds, as bits."""
    bits = kind_bits()
    letters = kinds_of_letters = 0
    for letter in form:
        low = ord(letter) & 63
        letters |= 1 << low
        kinds_of_letters |= bits[low]
    return letters, kinds_of_letters


@cache
def _costs() -> tuple[np.ndarray, np.ndarray]:
    """Twice the cost of an insertion or deletion, uint8[256], and of a substitution, uint8[256, 256]."""
    letters = [chr(_ARABIC + low) for low in range(256)]
    indels = np.array([int(2 * distance("", letter, 1)) for letter in letters], np.uint8)
    changes = np.full((256, 256), 2, np.uint8)
    np.fill_diagonal(changes, 0)
    for x, y in permutations(sorted(set("".join(CONFUSED))), 2):
        changes[ord(x) & 0xFF, ord(y) & 0xFF] = int(2 * min(distance(x, y, 1), 1))
    return indels, changes
