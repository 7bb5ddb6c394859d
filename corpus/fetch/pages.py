"""From a fetched page to its article."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from corpus.article import Article
from corpus.errors import UnreadableInput
from corpus.fetch.announced import Announced, at_home, sources_at_home
from corpus.fetch.client import Response
from corpus.fetch.discovery import feed_links
from corpus.readers.html import read_html
from corpus.readers.limits import MAX_PAGE_BYTES
from corpus.sources import Source

PAGE_TYPE: Final = "text/html"


def read_page(
    response: Response, announced: Announced | None, *, sources: Iterable[Source], warn: Callable[[str], None]
) -> Article:
    """The article of a page, with what was announced of it where the page lacks it.

    `sources` are those of the archive's settings, whose rules apply to pages of their hosts; `warn` is told when such a
    rule matches nothing.

    Raises:
        UnreadableInput: there is no article on the page.
    """
    parts = urlsplit(response.url)
    try:
        if len(response.body) > MAX_PAGE_BYTES:
            raise UnreadableInput(response.url, f"larger than {MAX_PAGE_BYTES // 2**20} MB, the limit for an article")
        # Also where an article was that has gone: many sites then lead to their front page.
        if not parts.path.strip("/") and not parts.query:
            raise UnreadableInput(response.url, "the front page of a site, not an article")
        article = read_html(
            response.body,
            response.url,
            charset=response.charset,
            url=response.url,
            retrieved_at=datetime.now(UTC),
            sources=sources_at_home(sources, response.url),
            warn=warn,
        )
    except RecursionError as error:
        raise UnreadableInput(response.url, "the page is nested too deeply") from error
    except UnreadableInput as error:
        feeds = feed_links(response.body, response.url, response.charset) if announced is None else []
        if not feeds:
            raise
        hint = f"it links to feeds: {', '.join(feeds)}"
        raise UnreadableInput(response.url, f"{error.reason}; {hint}") from error
    article = at_home(article, response.url)
    return announced.fill(article) if announced else article
