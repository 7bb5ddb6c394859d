"""How far one word is from many at once: `indexer.analysis.distance` over arrays, to leave out what is too far.

The letters of all forms are bytes, the last eight bits of their code points: within the Arabic block that keeps them
apart, and letters of other scripts can only come nearer than they are. So the numbers are never more than the true
distance, and what they leave is measured again, letter by letter.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations

import numpy as np

from indexer.analysis import distance
from indexer.analysis.distance import CONFUSED

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
