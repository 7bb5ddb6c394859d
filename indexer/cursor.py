"""Where a page of results ended, as a text that a client hands back for the next: nothing is kept between the two.

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
from dataclasses import dataclass, replace

from indexer.errors import CursorInvalid
from indexer.results import SearchRequest

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
