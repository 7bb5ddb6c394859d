"""What the charts of the pages count: the articles that match, and those that they are a share of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from indexer import ResultPage, SearchRequest, Sort, TimeUnit
from search_ui.charts import Chart, Counted, draw
from search_ui.web.languages import is_arabic
from search_ui.web.served_archive import ServedArchive


class Bases:
    """The articles of which searches are a share: those with the same filters and dates, regardless of their words.

    A search without words is itself such a set: it is a share of the archive within its dates. Searches with the same
    filters are counted once.
    """

    def __init__(self, served: ServedArchive) -> None:
        self._searcher = served.searcher
        self._known: dict[tuple[SearchRequest, TimeUnit], Mapping[str, int]] = {}

    def counted(self, page: ResultPage) -> Counted:
        """A page of results with its base, for a chart."""
        search = base_request(page.request)

        def base(unit: TimeUnit, first: date, last: date) -> Mapping[str, int]:
            if search == _whole_archive(search):
                return self._searcher.published(unit)
            after, before = max(search.after or first, first), min(search.before or last, last)
            within = replace(search, after=after, before=before)
            if (within, unit) not in self._known:
                timeline = self._searcher.search(within).timeline if after <= before else None
                self._known[within, unit] = dict(timeline.counts) if timeline else {}
            return self._known[within, unit]

        assert page.timeline is not None  # requested by `facets`
        return Counted(page.timeline, base, page.request.after, page.request.before)


def base_request(search: SearchRequest) -> SearchRequest:
    """The search for the articles that a search is a share of."""
    base = replace(_whole_archive(search), after=search.after, before=search.before)
    if search.query:
        base = replace(base, sources=search.sources, sections=search.sections, authors=search.authors)
    return base


def _whole_archive(search: SearchRequest) -> SearchRequest:
    return SearchRequest("", facets=True, page_size=1, sort=Sort.NEWEST, today=search.today)


def chart_of(served: ServedArchive, pages: Sequence[ResultPage], *, shares: bool) -> Chart | None:
    """The chart of searches that were counted with facets; None if no hit has a date."""
    bases = Bases(served)
    counted = [bases.counted(page) for page in pages]
    return draw(counted, served.searcher.published, shares=shares, mirrored=is_arabic())


def whole_archive(pages: Sequence[ResultPage]) -> bool:
    """Whether searches are a share of the whole archive, without filters."""
    return all(base_request(page.request) == _whole_archive(page.request) for page in pages)
