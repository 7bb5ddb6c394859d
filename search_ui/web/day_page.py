"""The articles of one day, by source and section, in the order of their hours where these are known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from corpus import Group, Heading, groups_of, headings_of
from indexer import MAX_HIT, SearchRequest, Sort
from search_ui.web.served_archive import ServedArchive

MAX_LISTED: Final = 300
"""Titles on the page of a day; a day with more shows the first of each source."""

MAX_OF_SOURCE: Final = 1000
"""Titles on the page of a day and one source."""

_MAX_BLOCKS: Final = 60  # sources whose first titles are shown; the others are names with their counts
_LEAST_SHOWN: Final = 3  # titles of each of them


@dataclass(frozen=True, slots=True)
class Section:
    """The titles of one section of a source; the name is empty for articles without one."""

    name: str
    articles: tuple[Heading, ...]


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """A source on the page of a day; the name is empty for articles without one.

    `articles` counts all its articles of the day, `left_out` those that are not listed here though they are listed on
    the page of the source, and `elsewhere` the copies of stories that are listed under the source that is first in the
    archive's order.
    """

    name: str
    articles: int
    sections: tuple[Section, ...]
    left_out: int
    elsewhere: int


@dataclass(frozen=True, slots=True)
class DayPage:
    """A day: the number of its articles and stories, and its sources, most articles first.

    `whole` is whether every story is listed, and `groups` has the copies of those that are.
    """

    total: int
    stories: int
    blocks: tuple[SourceBlock, ...]
    others: tuple[SourceBlock, ...]
    """Further sources, without their titles."""
    groups: dict[str, Group]
    whole: bool


def day_page(served: ServedArchive, day: date, source: str | None) -> DayPage:
    """The page of a day; of one source, if given (empty: of the articles without a source).

    Raises:
        SearchTooCostly: as `Searcher.search`.
    """
    searcher = served.searcher
    sources = (source,) if source else ()
    request = SearchRequest("", sources=sources, after=day, before=day, sort=Sort.OLDEST, page_size=1, facets=True)
    found = searcher.search(request)
    ranking = searcher.rank(request, MAX_HIT)
    headings = headings_of(served.archive, (article_id for article_id, _ in ranking.articles))
    by_source: dict[str, list[Heading]] = {}
    names: dict[tuple[str, str | None], str] = {}

    def name_of(facet: str, name: str | None) -> str:
        """The spelling of a name in its facet."""
        key = facet, name
        if key not in names:
            names[key] = searcher.name_of(facet, name) if name else ""
        return names[key]

    for heading in headings.values():
        by_source.setdefault(name_of("source", heading.source), []).append(heading)
    counts = Counter(dict(next(facet.values for facet in found.facets if facet.name == "source")))
    if without := found.total - counts.total():
        counts[""] = without
    if source is not None:
        counts = Counter({name: count for name, count in counts.items() if bool(name) == bool(source)})
        by_source = {name: by_source.get(name, []) for name in counts}
    total = counts.total()
    listed = sum(map(len, by_source.values()))
    most = MAX_LISTED if source is None else MAX_OF_SOURCE
    whole = listed <= most
    shown = most if whole or source is not None else max(_LEAST_SHOWN, most // min(_MAX_BLOCKS, len(counts)))
    ordered = sorted(counts, key=lambda name: (not name, -counts[name], name))
    blocks = []
    for place, name in enumerate(ordered):
        its = sorted(by_source.get(name, []), key=_hour)
        kept = its[:shown] if whole or place < _MAX_BLOCKS else []
        sections = _sections(kept, lambda heading: name_of("section", heading.section), divided=len(kept) == len(its))
        elsewhere = counts[name] - len(its) if found.stories <= MAX_HIT else 0  # beyond it, not all were read
        blocks.append(SourceBlock(name, counts[name], sections, len(its) - len(kept), elsewhere))
    first = blocks if whole else blocks[:_MAX_BLOCKS]
    ids = [heading.article_id for block in first for part in block.sections for heading in part.articles]
    groups = groups_of(served.archive, ids)
    stories = found.stories if source is None else listed
    return DayPage(total, stories, tuple(first), tuple(blocks[len(first) :]), groups, whole)


def _hour(heading: Heading) -> tuple[bool, datetime]:
    """Those without an hour come last: nothing tells what they preceded."""
    return not heading.with_hour, heading.published or datetime.max.replace(tzinfo=UTC)


def _sections(headings: list[Heading], name_of: Callable[[Heading], str], *, divided: bool) -> tuple[Section, ...]:
    """Headings by section, most first, those without a section last; undivided if not all of a source are listed."""
    parts: dict[str, list[Heading]] = {}
    for heading in headings:
        parts.setdefault(name_of(heading) if divided else "", []).append(heading)
    ordered = sorted(parts.items(), key=lambda part: (not part[0], -len(part[1]), part[0]))
    return tuple(Section(name, tuple(articles)) for name, articles in ordered)
