"""Which segments a commit merges: so many that searches stay quick, so few that additions stay cheap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SMALL_SEGMENT: Final = 1000
"""Documents; smaller segments are merged whatever is written: it takes milliseconds, and searches see fewer."""

MOST_BYTES: Final = 1_200_000_000
"""No merge makes a segment of more bytes: half a million articles of news. Merging holds twice as much in memory."""


@dataclass(frozen=True, slots=True)
class SegmentSize:
    """Documents that live in a segment, documents that were deleted, bytes of its postings."""

    live: int
    deleted: int
    size: int

    @property
    def bytes_left(self) -> int:
        """About how many bytes its living documents take."""
        return self.size * self.live // max(1, self.live + self.deleted)


def choose_merges(segments: Sequence[SegmentSize], most_bytes: int = MOST_BYTES) -> list[list[int]]:
    """The segments to commit, by the numbers of those of which each is made; a segment that stays stands alone.

    The smallest are merged while the next is at most twice as large as they together, so that n additions leave about
    log3(n) segments, and each article is rewritten as often (the logarithmic method of Bentley and Saxe, 1980).
    Segments more than half deleted are merged whatever comes, alone too; those without living documents are left out.
    """
    groups: list[list[int]] = []
    taken: list[int] = []
    live = size = 0
    for number in sorted(range(len(segments)), key=lambda number: segments[number].live):
        segment = segments[number]
        if not segment.live:
            continue
        near = not taken or segment.live <= max(2 * live, SMALL_SEGMENT) or segment.deleted > segment.live
        if not near:
            groups.append([number])
            continue
        if taken and size + segment.bytes_left > most_bytes:
            groups.append(taken)
            taken, live, size = [], 0, 0
        taken.append(number)
        live += segment.live
        size += segment.bytes_left
    return [*groups, taken] if taken else groups
