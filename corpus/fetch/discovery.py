"""The feeds that a page names (`<link rel="alternate">`), as every paper's front page does."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer

from corpus.encodings import decode

_FEED_TYPES: Final = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})


def feed_links(data: bytes, url: str, charset: str | None = None) -> list[str]:
    """The addresses of the feeds that the page at `url` names, in its order, without those of comments."""
    try:
        soup = BeautifulSoup(decode(data, charset), "lxml", parse_only=SoupStrainer("link"))
    except (ValueError, RecursionError):
        return []
    found = []
    for link in soup.find_all("link", rel="alternate", href=True):
        target = str(link["href"]).strip()
        if str(link.get("type") or "").strip().lower() in _FEED_TYPES and "comments" not in target:
            try:
                found.append(urljoin(url, target))
            except ValueError:
                continue
    return list(dict.fromkeys(found))
