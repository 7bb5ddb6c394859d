"""robots.txt as RFC 9309 has it: what a site asks robots not to read, how fast to come, where its sitemaps are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from protego import Protego

from corpus.encodings import decode
from corpus.errors import FetchFailed
from corpus.fetch.client import Response

PRODUCT: Final = "Arshif"
"""The name that a robots.txt calls us by (RFC 9309, 2.2.1)."""

MAX_BYTES: Final = 500 * 1024
"""What is read of a robots.txt: RFC 9309, 2.5."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the robots.txt of one site says. Without a parsed file everything is allowed, or, if `failure`, nothing."""

    parsed: Protego | None = None
    failure: FetchFailed | None = None

    def allow(self, url: str) -> bool:
        """Whether the address may be fetched."""
        return self.parsed is None or self.parsed.can_fetch(url, PRODUCT)

    @property
    def crawl_delay(self) -> float:
        """The seconds between two requests that the site asks for, 0 where it asks for none."""
        if self.parsed is None:
            return 0
        rate = self.parsed.request_rate(PRODUCT)
        return max(self.parsed.crawl_delay(PRODUCT) or 0, rate.seconds / rate.requests if rate else 0)

    @property
    def sitemaps(self) -> list[str]:
        """The addresses of its sitemaps, as it spells them."""
        return list(self.parsed.sitemaps) if self.parsed else []


def robots_url(url: str) -> str:
    """Where the robots.txt of an address's site is: one for each scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def read_rules(url: str, get: Callable[[str], Response]) -> Rules:
    """Fetches the robots.txt at `url` by `get`, which follows redirects.

    Where there is none (4xx), all is allowed. Where it cannot be had (5xx, 429, no answer), nothing is until it can
    (RFC 9309, 2.3.1.3 and 2.3.1.4).
    """
    try:
        response = get(url)
    except FetchFailed as error:
        return Rules(failure=error)
    if response.status == 200:
        try:
            return Rules(Protego.parse(decode(response.body[:MAX_BYTES])))
        except ValueError:  # a picture or the like: there are no rules in it
            return Rules()
    if 400 <= response.status < 500 and response.status != 429:
        return Rules()
    reason = f"its robots.txt responds with status {response.status}: the site must not be read"
    return Rules(failure=FetchFailed(url, reason, lasting=False))
