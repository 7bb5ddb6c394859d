"""Counting all hits by their values: sources, sections, authors, and the time they were published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from indexer.matches import Matches
from indexer.results import Facet, Timeline, TimeUnit
from indexer.snapshot import SegmentView, Snapshot

FIELDS: Final = {"source": "source_name", "section": "section_name", "author": "author_name"}
"""Facet → the field of its names."""

MOST_BARS: Final = 120
"""A timeline of more bars than this is not read: the next larger unit takes its place."""

_DIGITS: Final = {TimeUnit.DAY: 8, TimeUnit.MONTH: 6, TimeUnit.YEAR: 4}


def count_facets(snapshot: Snapshot, found: Sequence[Matches]) -> tuple[Facet, ...]:
    """For each facet its values with the number of hits of each, most frequent first, then by name."""
    facets = []
    for name, field in FIELDS.items():
        counts: Counter[str] = Counter()
        for segment, matches in zip(snapshot.segments, found, strict=True):
            counts.update(_counts(segment, field, matches))
        facets.append(Facet(name, tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))))
    return tuple(facets)


def count_times(snapshot: Snapshot, found: Sequence[Matches]) -> Timeline:
    """How many hits were published on each day, or in each month or year where there are many; without gaps' zeros."""
    days: Counter[str] = Counter()
    for segment, matches in zip(snapshot.segments, found, strict=True):
        days.update(_counts(segment, "day", matches))
    for unit in TimeUnit:
        counts: Counter[str] = Counter()
        for day, count in days.items():
            counts[printed_period(day[: _DIGITS[unit]])] += count
        if len(counts) <= MOST_BARS:
            break
    return Timeline(unit, tuple(sorted(counts.items())))


def _counts(segment: SegmentView, field_name: str, matches: Matches) -> dict[str, int]:
    field = segment.field(field_name)
    if not field.term_count or not len(matches.docs):
        return {}
    if field_name == "author_name":  # the one field of which a document may have several values
        is_hit = np.zeros(segment.doc_count, np.int64)
        is_hit[matches.docs] = 1
        counts = np.add.reduceat(is_hit[field.flat_docs], field.starts[:-1].astype(np.intp))
    else:
        numbers = segment.terms_of(field_name)[matches.docs]
        counts = np.bincount(numbers[numbers >= 0], minlength=field.term_count)
    return {
        field.term(number).decode("utf-8", "surrogatepass"): int(counts[number])
        for number in np.flatnonzero(counts).tolist()
    }


def printed_period(digits: str) -> str:
    """`20170216` as `2017-02-16`, `201702` as `2017-02`."""
    return "-".join(filter(None, (digits[:4], digits[4:6], digits[6:])))
