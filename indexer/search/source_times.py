"""The articles of each source by time of publication, from the counts that an engine makes per source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from indexer.analysis.fields import NameSpellings, printed_time
from indexer.results import SourceTimes


class SourceCounts(NamedTuple):
    """The articles of one spelling of a source, or of a part of them: by month (`yyyymm`), and without a date.

    `source` is empty for articles without one. `days` are the first and last day as `yyyymmdd`; None without dates.
    """

    source: str
    months: Sequence[tuple[int, int]]
    undated: int
    days: tuple[int, int] | None


def source_times(rows: Iterable[SourceCounts], names: NameSpellings) -> tuple[SourceTimes, ...]:
    """The sources with their counts, most articles first, then by name; those without a source have the name ''.

    `rows` may have a source several times, and in several spellings, which are one in the result.
    """
    months: dict[str, Counter[int]] = {}
    undated: Counter[str] = Counter()
    days: dict[str, list[int]] = {}
    for row in rows:
        name = names.shown(row.source)
        counts = months.setdefault(name, Counter())
        for month, articles in row.months:
            counts[month] += articles
        undated[name] += row.undated
        days.setdefault(name, []).extend(row.days or ())
    found = []
    for name, counts in months.items():
        its_days = days[name]
        found.append(
            SourceTimes(
                name,
                counts.total() + undated[name],
                undated[name],
                printed_time(f"{min(its_days):08}") if its_days else None,
                printed_time(f"{max(its_days):08}") if its_days else None,
                tuple((_month(month), count) for month, count in sorted(counts.items())),
            )
        )
    return tuple(sorted(found, key=lambda times: (-times.articles, times.name)))


@lru_cache(maxsize=10_000)
def _month(number: int) -> str:
    return printed_time(f"{number:06}")
