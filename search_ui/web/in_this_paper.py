"""The articles before and after one in its paper, by hour and then in the order of the archive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from corpus import ArshifError, Article, Heading, headings_of
from indexer import MAX_HIT, SearchRequest, Sort
from search_ui.web.archive_calendar import archive_calendar
from search_ui.web.served_archive import ServedArchive

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The articles before and after one, and whether other years have articles of its day."""

    before: Heading | None = None
    after: Heading | None = None
    same_day: bool = False


def neighbours(served: ServedArchive, article: Article) -> Neighbours:
    """The neighbours of an article; none without a day, a source or an index."""
    if article.published is None:
        return Neighbours()
    day = article.published.date()
    try:
        same_day = bool(archive_calendar(served).same_days(day))
        if not article.source:
            return Neighbours(same_day=same_day)
        of_source = SearchRequest("", sources=(article.source,), sort=Sort.OLDEST, group=False)
        ids = _of_day(served, of_source, day)
        if article.id not in ids:
            return Neighbours(same_day=same_day)
        place = ids.index(article.id)
        before = ids[place - 1] if place else _nearest(served, of_source, day, before=True)
        after = ids[place + 1] if place + 1 < len(ids) else _nearest(served, of_source, day, before=False)
    except ArshifError:
        # The archive is the truth: an article is shown even if its index is missing or damaged.
        return Neighbours()
    headings = headings_of(served.archive, filter(None, (before, after)))
    return Neighbours(headings.get(before or ""), headings.get(after or ""), same_day)


def _of_day(served: ServedArchive, request: SearchRequest, day: date) -> list[str]:
    ranking = served.searcher.rank(replace(request, after=day, before=day), MAX_HIT)
    return [article_id for article_id, _ in ranking.articles]


def _nearest(served: ServedArchive, request: SearchRequest, day: date, *, before: bool) -> str | None:
    """The last article of the day before, or the first of the day after, that has any."""
    if day in (date.min, date.max):
        return None
    if not before:
        ranking = served.searcher.rank(replace(request, after=day + _DAY), 1)
        return ranking.articles[0][0] if ranking.articles else None
    ranking = served.searcher.rank(replace(request, before=day - _DAY, sort=Sort.NEWEST), 1)
    if not ranking.articles:
        return None
    found = headings_of(served.archive, [ranking.articles[0][0]]).get(ranking.articles[0][0])
    if found is None or found.published is None:
        return None
    ids = _of_day(served, request, found.published.date())
    return ids[-1] if ids else None
