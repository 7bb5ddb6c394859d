"""Articles from the web: feeds, sitemaps and pages, fetched politely.

>>> from corpus.fetch import Fetcher, FetchState, FetchSummary, fetch_urls
>>> summary = FetchSummary()
>>> fetcher = Fetcher(contact="https://archive.example/about", held_until=FetchState(archive).held_until)
>>> fetch_urls(archive, ["https://paper.example/rss.xml"], summary, fetcher, limit=20)
>>> summary.added
20
"""

from corpus.fetch.addresses import is_any, is_public
from corpus.fetch.client import Limits
from corpus.fetch.crawl import fetch_urls
from corpus.fetch.fetcher import Fetcher
from corpus.fetch.pauses import Pauses
from corpus.fetch.state import FetchState
from corpus.fetch.summary import FetchSummary

__all__ = ["FetchState", "FetchSummary", "Fetcher", "Limits", "Pauses", "fetch_urls", "is_any", "is_public"]
