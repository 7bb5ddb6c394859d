"""Pages of hits: their bounds, and the cursor of the next page.

A cursor is a text that a client sends back to get the next page; the server keeps nothing between the two. It holds the
commit, the sort key of the last hit (score or time, and its number in the archive), and its id. On the same commit the
next page begins right after that hit. On another commit it begins after the same article, even if that has moved, or,
if it is gone, after its sort key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from dataclasses import replace
from typing import Final

from indexer.errors import CursorInvalid
from indexer.results import MAX_HIT, MAX_PAGE_SIZE, SearchRequest
from indexer.search.index_reader import CursorPosition

_MAX_CURSOR: Final = 4000  # characters
_DIGEST_BYTES: Final = 6


def bounded(request: SearchRequest) -> SearchRequest:
    """A request with its page and page size within their bounds."""
    return replace(request, page_size=min(max(1, request.page_size), MAX_PAGE_SIZE), page=max(1, request.page))


def page_bounds(request: SearchRequest, after: CursorPosition | None) -> tuple[int, int]:
    """The number of hits before a request's page, and the most that it shows: none beyond `MAX_HIT`.

    After a position nothing is counted, and there is no such bound.
    """
    if after:
        return 0, request.page_size
    offset = (request.page - 1) * request.page_size
    return offset, max(0, min(request.page_size, MAX_HIT - offset))


def write_cursor(position: CursorPosition, request: SearchRequest) -> str:
    """The cursor of a position in the results of a request, in base64url without padding."""
    value = [
        position.version,
        position.key,
        position.number,
        position.article_id,
        position.matched,
        _digest(request),
    ]
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def read_cursor(text: str, request: SearchRequest) -> CursorPosition:
    """The position that a cursor encodes.

    Raises:
        CursorInvalid: the cursor is malformed or belongs to another search.
    """
    if len(text) > _MAX_CURSOR:
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
    return CursorPosition(version, float(key), number, article_id, matched)


def _digest(request: SearchRequest) -> str:
    """Identifies a search: everything except the page, the page size, the facets and the day it runs on."""
    same = replace(request, page=1, page_size=10, facets=False, today=None)
    return hashlib.sha256(repr(same).encode("utf-8", "surrogatepass")).hexdigest()[: 2 * _DIGEST_BYTES]
