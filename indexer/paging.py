"""From ranked articles to a page of results, with the cursor of the next: the same on both engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from corpus import Archive, display_url
from indexer.compiled_query import CompiledQuery
from indexer.cursor import Place, write_cursor
from indexer.hits import Ranked, find_hits
from indexer.marking import Marker
from indexer.results import (
    MAX_HIT,
    MAX_PAGE_SIZE,
    Facet,
    OtherSpellings,
    PartCount,
    QueryWarning,
    ResultPage,
    SearchRequest,
    Timeline,
    Widths,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine answers to a request: the articles of its page, and one more where there is a next page.

    `loose` marks the articles that do not match; the other fields are those of `ResultPage`.
    """

    query: CompiledQuery
    ranked: Sequence[Ranked]
    marker: Marker
    loose: Marker
    total: int
    stories: int
    listed: int
    widths: Widths | None
    parts: tuple[PartCount, ...]
    generation: int
    version: str
    warnings: tuple[QueryWarning, ...] = ()
    suggestion: str | None = None
    facets: tuple[Facet, ...] = ()
    timeline: Timeline | None = None
    nothing: QueryWarning | None = None


def bounded(request: SearchRequest) -> SearchRequest:
    """A request within the bounds of pages."""
    return replace(request, page_size=min(max(1, request.page_size), MAX_PAGE_SIZE), page=max(1, request.page))


def room_of(request: SearchRequest, after: Place | None) -> tuple[int, int]:
    """How many articles lie before a request's page, and how many it may show: none past `MAX_HIT`.

    Behind a place nothing is counted, and there is no such bound.
    """
    if after:
        return 0, request.page_size
    skipped = (request.page - 1) * request.page_size
    return skipped, max(0, min(request.page_size, MAX_HIT - skipped))


def make_page(
    archive: Archive, request: SearchRequest, answer: Answer, after: Place | None, began: float
) -> ResultPage:
    """The page of an answer; `after` is the place of the cursor that it was asked with, `began` when it was."""
    _, shown = room_of(request, after)
    following = None
    if len(answer.ranked) > shown > 0:
        last = answer.ranked[shown - 1]
        place = Place(answer.version, last.key, last.number, last.article_id, last.matched)
        following = write_cursor(place, request)
    return ResultPage(
        request,
        find_hits(archive, answer.ranked[:shown], answer.marker, answer.loose),
        answer.total,
        answer.stories,
        answer.warnings,
        perf_counter() - began,
        answer.query.understood,
        answer.suggestion,
        answer.facets,
        answer.timeline,
        answer.generation,
        following,
        after is not None and after.version != answer.version,
        answer.listed,
        answer.widths,
        answer.parts,
        answer.query.reading,
        answer.query.prose,
        answer.nothing,
        tuple(OtherSpellings(" ".join(one.typed), tuple(map(" ".join, one.others))) for one in answer.query.spelled),
    )


def addressed_page(
    archive: Archive,
    request: SearchRequest,
    ids: tuple[str, ...],
    after: Place | None,
    generation: int,
    version: str,
    began: float,
) -> ResultPage:
    """The page of a query that is an address: the articles that have it, whatever the filters."""
    first = (request.page - 1) * request.page_size
    if after is not None:
        first = ids.index(after.article_id) + 1 if after.article_id in ids else 0
    shown = ids[first : min(first + request.page_size, MAX_HIT)]
    following = None
    if shown and first + len(shown) < len(ids):
        following = write_cursor(Place(version, 0.0, 0, shown[-1]), request)
    return ResultPage(
        request,
        find_hits(archive, [Ranked(one, 0.0) for one in shown], Marker(())),
        len(ids),
        len(ids),
        seconds=perf_counter() - began,
        understood=display_url(request.query.strip()),
        generation=generation,
        next=following,
        moved=after is not None and after.version != version,
        listed=len(ids),
    )
