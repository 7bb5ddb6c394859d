"""HTML pages of news sites, by BeautifulSoup: rules of their source, what they say of themselves, their look."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from bs4 import BeautifulSoup

from corpus.article import Article, make_article
from corpus.encodings import decode
from corpus.errors import UnreadableInput
from corpus.readers.html_body import find_body
from corpus.readers.html_metadata import read_metadata
from corpus.readers.html_rules import Ruled, apply_rules
from corpus.sources import Source, source_of_url

# Letters of body text below which a page is a list of links, a notice or an error, not an article.
_MIN_LETTERS: Final = 80
# The longest pages of news, with all their comments, have some ten thousand elements; a tree of more than this takes
# gigabytes, and minutes to judge.
_MAX_TAGS: Final = 50_000


def _no_warning(text: str) -> None:
    """Where nobody asks."""


def read_html(
    data: bytes,
    name: str,
    *,
    charset: str | None = None,
    url: str | None = None,
    retrieved_at: datetime | None = None,
    sources: Iterable[Source] = (),
    warn: Callable[[str], None] = _no_warning,
) -> Article:
    """The article of a page.

    `charset` is what the transport declared, `url` where the page came from; `sources` are those whose rules apply to
    pages of their hosts, and `warn` is told when such a rule matches nothing.

    Raises:
        UnreadableInput: the bytes are no text, or there is no article on the page.
    """
    try:
        text = decode(data, charset)
    except ValueError as error:
        raise UnreadableInput(name, str(error)) from error
    if text.count("<") > _MAX_TAGS:
        raise UnreadableInput(name, f"it has more than {_MAX_TAGS:,} tags, the limit for a page")
    soup = BeautifulSoup(text, "lxml")
    # Metadata first: finding the body takes the furniture out of the tree.
    metadata = read_metadata(soup, url)
    source = source_of_url(sources, metadata.url) or source_of_url(sources, url)
    ruled = apply_rules(soup, source) if source and source.selectors else Ruled()
    for missed in ruled.missed:
        warn(f"the rule for {missed} of {source.name if source else ''} matches nothing and was ignored")
    body = find_body(soup, metadata)
    paragraphs = ruled.paragraphs or body.paragraphs
    if not ruled.paragraphs and sum(map(str.isalpha, "".join(paragraphs))) < _MIN_LETTERS:
        raise UnreadableInput(name, "no article text was found on the page")
    try:
        return make_article(
            url=metadata.url,
            title=ruled.title or metadata.title,
            paragraphs=paragraphs,
            published=ruled.published or metadata.published or body.published,
            source=source.name if source else metadata.source,
            section=metadata.section or body.section,
            authors=ruled.authors or metadata.authors,
            retrieved_at=retrieved_at,
        )
    except ValueError as error:
        raise UnreadableInput(name, str(error)) from error
