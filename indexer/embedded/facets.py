"""Facets: counts of all matches by source, section, author and time of publication."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from indexer.analysis.fields import FACET_FIELDS, MOST_BARS, printed_time
from indexer.embedded.doc_sets import DocSet
from indexer.embedded.snapshot import SegmentView, Snapshot
from indexer.results import Facet, Timeline, TimeUnit

DIGITS: Final = {TimeUnit.DAY: 8, TimeUnit.MONTH: 6, TimeUnit.YEAR: 4}
"""Digits of the term of a day that each unit needs."""


def count_facets(snapshot: Snapshot, found: Sequence[DocSet]) -> tuple[Facet, ...]:
    """For each facet its values and the number of hits of each, most frequent first, then by name."""
    facets = []
    for name, field in FACET_FIELDS.items():
        counts: Counter[str] = Counter()
        names = snapshot.names_of(field)
        for segment, matches in zip(snapshot.segments, found, strict=True):
            counted = _counts(segment, field, matches)
            for shown in {names.shown(value) for value in counted}:
                spellings = names.spellings(shown)
                alone = len(spellings) == 1
                counts[shown] += counted[shown] if alone else _hits_of_any(segment, field, spellings, matches)
        facets.append(Facet(name, tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))))
    return tuple(facets)


def count_times(snapshot: Snapshot, found: Sequence[DocSet]) -> Timeline:
    """The hits published on each day, or in each month or year if there are many days; without zeros."""
    parts = [_day_counts(segment, matches) for segment, matches in zip(snapshot.segments, found, strict=True)]
    days = np.concatenate([days for days, _ in parts] or [np.zeros(0, np.int64)])
    counts = np.concatenate([counts for _, counts in parts] or [np.zeros(0, np.int64)])
    for unit in TimeUnit:
        times, places = np.unique(days // 10 ** (8 - DIGITS[unit]), return_inverse=True)
        if len(times) <= MOST_BARS:
            break
    hits = np.bincount(places, counts, len(times)).astype(np.int64)
    named = [printed_time(f"{time:0{DIGITS[unit]}}") for time in times.tolist()]
    totals = snapshot.published(DIGITS[unit])
    return Timeline(unit, tuple(zip(named, hits.tolist(), strict=True)), tuple(totals[time] for time in named))


def _day_counts(segment: SegmentView, matches: DocSet) -> tuple[np.ndarray, np.ndarray]:
    """The distinct days of the hits as numbers `yyyymmdd`, and the number of hits on each; int64[days]."""
    numbers = segment.terms_of("day")[matches.docs]
    counts = np.bincount(numbers[numbers >= 0])
    found = np.flatnonzero(counts)
    return segment.days[found], counts[found]


def _counts(segment: SegmentView, field_name: str, matches: DocSet) -> dict[str, int]:
    field = segment.field(field_name)
    if not field.term_count or not len(matches.docs):
        return {}
    if field_name == "author_name":  # the one field with several values per document
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


def _hits_of_any(segment: SegmentView, field_name: str, values: Sequence[str], matches: DocSet) -> int:
    """Hits with at least one of these values: an article may name an author in two spellings."""
    field = segment.field(field_name)
    numbers = [field.find(value.encode("utf-8", "surrogatepass")) for value in values]
    docs = np.concatenate([field.docs(number) for number in numbers if number >= 0])
    return int(np.isin(matches.docs, docs).sum())
