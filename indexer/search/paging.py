"""From ranked articles to a page of results, with the cursor of the next: the same on both engines.

Where a page of results ended, as a text that a client hands back for the next: nothing is kept between the two.

It holds the commit, what the last hit was sorted by (score or time, and its number in the archive), and its id. On the
same commit the next page goes on right behind it. On another one it goes on behind the same article, wherever that
stands now, or, where it is gone, at its place.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from corpus import Archive, display_url
from indexer.errors import CursorInvalid
from indexer.highlight.marker import Marker
from indexer.query.plan import CompiledQuery
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
from indexer.search.hits import Ranked, find_hits


@dataclass(frozen=True, slots=True)
class PageContents:
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


def page_bounds(request: SearchRequest, after: Place | None) -> tuple[int, int]:
    """How many articles lie before a request's page, and how many it may show: none past `MAX_HIT`.

    Behind a place nothing is counted, and there is no such bound.
    """
    if after:
        return 0, request.page_size
    skipped = (request.page - 1) * request.page_size
    return skipped, max(0, min(request.page_size, MAX_HIT - skipped))


def make_page(
    archive: Archive, request: SearchRequest, answer: PageContents, after: Place | None, began: float
) -> ResultPage:
    """The page of an answer; `after` is the place of the cursor that it was asked with, `began` when it was."""
    _, shown = page_bounds(request, after)
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
        tuple(
            OtherSpellings(" ".join(one.typed), tuple(map(" ".join, one.variants)))
            for one in answer.query.spelling_variants
        ),
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


_MOST_LETTERS = 4000
_DIGEST_BYTES = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Position of the last hit of a page: its commit (`SearchEngine.version`), its sort key (score or time), its number
    in the archive, its id, whether it matched."""

    version: str
    key: float
    number: int
    article_id: str
    matched: bool = True


def write_cursor(place: Place, request: SearchRequest) -> str:
    """The cursor of a place in the results of a request; letters that need no escaping in an address."""
    value = [place.version, place.key, place.number, place.article_id, place.matched, _digest(request)]
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def read_cursor(text: str, request: SearchRequest) -> Place:
    """The place that a cursor names.

    Raises:
        CursorInvalid: it is no cursor, or one of another search.
    """
    if len(text) > _MOST_LETTERS:
        raise CursorInvalid("was not issued by this server")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, key, number, article_id, matched, digest = json.loads(data.decode("utf-8", "surrogatepass"))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise CursorInvalid("was not issued by this server") from error
    numbers = type(number) is int and isinstance(key, (int, float)) and not isinstance(key, bool)
    others = isinstance(version, str) and isinstance(article_id, str) and isinstance(matched, bool)
    if not (numbers and others and max(abs(key), abs(number)) < 2**63 and math.isfinite(key)):
        raise CursorInvalid("was not issued by this server")
    if digest != _digest(request):
        raise CursorInvalid("belongs to another search")
    return Place(version, float(key), number, article_id, matched)


def _digest(request: SearchRequest) -> str:
    """What tells one search from another: all but where its page begins, how much is shown, and the day it runs on."""
    same = replace(request, page=1, page_size=10, facets=False, today=None)
    return hashlib.sha256(repr(same).encode("utf-8", "surrogatepass")).hexdigest()[: 2 * _DIGEST_BYTES]
