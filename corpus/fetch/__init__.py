"""Articles from the web: feeds, sitemaps and pages, fetched politely.

>>> from corpus.fetch import Fetcher, FetchState, FetchSummary, fetch_urls, items_at
>>> summary = FetchSummary()
>>> fetcher = Fetcher(contact="https://archive.example/about", held_until=FetchState(archive).held_until)
>>> fetch_urls(archive, ["https://paper.example/rss.xml"], summary, fetcher, limit=20)
>>> summary.added
20
"""

from corpus.fetch.client import Limits, allow_any, is_public, post
from corpus.fetch.crawl import FetchSummary, fetch_urls, items_at
from corpus.fetch.fetcher import Fetcher, Pauses
from corpus.fetch.frontier import FetchState

__all__ = [
    "FetchState",
    "FetchSummary",
    "Fetcher",
    "Limits",
    "Pauses",
    "allow_any",
    "fetch_urls",
    "is_public",
    "items_at",
    "post",
]
