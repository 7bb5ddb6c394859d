"""HTML pages of news sites, by BeautifulSoup: what the page says of itself first, then what it looks like."""

from __future__ import annotations

from datetime import datetime

from bs4 import BeautifulSoup

from corpus.article import Article, make_article
from corpus.encodings import decode
from corpus.errors import UnreadableInput
from corpus.readers.html_body import find_body
from corpus.readers.html_metadata import read_metadata

# Letters of body text below which a page is a list of links, a notice or an error, not an article.
_MIN_LETTERS = 80


def read_html(
    data: bytes,
    name: str,
    *,
    charset: str | None = None,
    url: str | None = None,
    retrieved_at: datetime | None = None,
) -> Article:
    """The article of a page. `charset` is what the transport declared, `url` where the page came from.

    Raises:
        UnreadableInput: the bytes are no text, or there is no article on the page.
    """
    try:
        soup = BeautifulSoup(decode(data, charset), "lxml")
    except ValueError as error:
        raise UnreadableInput(name, str(error)) from error
    # Metadata first: finding the body takes the furniture out of the tree.
    metadata = read_metadata(soup, url)
    body = find_body(soup, metadata)
    if sum(map(str.isalpha, "".join(body.paragraphs))) < _MIN_LETTERS:
        raise UnreadableInput(name, "no article text was found on the page")
    return make_article(
        url=metadata.url,
        title=metadata.title,
        paragraphs=body.paragraphs,
        published=metadata.published or body.published,
        source=metadata.source,
        section=metadata.section or body.section,
        authors=metadata.authors,
        retrieved_at=retrieved_at,
    )
