"""The articles of each source by time of publication, from the counts that an engine makes per source and month."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from indexer.analysis.fields import NameSpellings, printed_time
from indexer.results import SourceTimes


class MonthCount(NamedTuple):
    """The articles of a source in one month, with the first and last day that has any, as `yyyymmdd`.

    `source` is empty for articles without one, and `days` is None for articles without a date.
    """

    source: str
    articles: int
    days: tuple[str, str] | None


def source_times(rows: Iterable[MonthCount], names: NameSpellings) -> tuple[SourceTimes, ...]:
    """The sources with their counts, most articles first, then by name; those without a source have the name ''.

    `rows` may have a source and month several times, and a source in several spellings, which are one in the result.
    """
    months: dict[str, dict[str, int]] = {}
    undated: dict[str, int] = {}
    bounds: dict[str, tuple[str, str]] = {}
    for source, articles, days in rows:
        name = names.shown(source)
        counts = months.setdefault(name, {})
        if days is None:
            undated[name] = undated.get(name, 0) + articles
            continue
        month = printed_time(days[0][:6])
        counts[month] = counts.get(month, 0) + articles
        known = bounds.get(name, days)
        bounds[name] = min(known[0], days[0]), max(known[1], days[1])
    found = []
    for name, counts in months.items():
        span = bounds.get(name)
        first, last = (printed_time(span[0]), printed_time(span[1])) if span else (None, None)
        articles = sum(counts.values()) + undated.get(name, 0)
        found.append(SourceTimes(name, articles, undated.get(name, 0), first, last, tuple(sorted(counts.items()))))
    return tuple(sorted(found, key=lambda times: (-times.articles, times.name)))
