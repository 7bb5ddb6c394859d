"""Pages and plain texts: from bytes to a record, regardless of the container.

In plain text a line is a paragraph; the first line is the title if it is short enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from corpus.article import Article, FieldOrigins
from corpus.errors import UnreadableInput
from corpus.readers.damaged_letters import DamagedLetters
from corpus.readers.html import explain_page, no_warning
from corpus.readers.record import Place, Reading, Record
from corpus.readers.saved_pages import archived_copy
from corpus.settings import Source, source_of_url
from corpus.urls import host_of

HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
"""Media types of pages."""

# Of the 29,822 headlines of SaudiNewsNet, 99.9 % have at most 110 characters; the longest has 180.
MAX_TITLE_LENGTH: Final = 150
"""Characters of a title; a longer first line is a paragraph."""

_OF_TEXT: Final = FieldOrigins(
    title="the first line",
    source="the host of the address",
    url="the address that it came from",
    body="the lines",
)
_PARAGRAPH_ENDS: Final = (".", "،", "؛", ",", ";")


def read_page(
    data: bytes,
    place: Place,
    reading: Reading,
    *,
    media_type: str = "text/html",
    charset: str | None = None,
    url: str | None = None,
    label: str | None = None,
    retrieved_at: datetime | None = None,
) -> Record:
    """The record of a page (HTML) or a plain text.

    `charset` is what the transport declared, `url` the page's address, `label` its name in messages (by default that of
    the place), `retrieved_at` when it was received (by default the reading's time).

    Raises:
        UnreadableInput: it contains no article.
    """
    name = label or place.label
    if archived := archived_copy(url):
        url, retrieved_at = archived.url, archived.saved_at or retrieved_at
    when = retrieved_at or reading.retrieved_at
    if media_type in HTML_TYPES:
        found = explain_page(
            data,
            name,
            charset=charset,
            url=url,
            retrieved_at=when,
            seen_at=retrieved_at,
            sources=reading.sources,
        )
        article, taken_from, warnings = found.article, found.origins, list(found.warnings)
    else:
        warnings = []
        article = read_text(
            data, name, charset=charset, url=url, retrieved_at=when, sources=reading.sources, warn=warnings.append
        )
        taken_from = _OF_TEXT
    warning = f"{name}: {'; '.join(warnings)}" if warnings else None
    return Record(article, data, media_type, warning, origin=place.origin, taken_from=taken_from)


def read_text(
    data: bytes,
    name: str,
    *,
    charset: str | None = None,
    url: str | None = None,
    retrieved_at: datetime | None = None,
    sources: Iterable[Source] = (),
    warn: Callable[[str], None] = no_warning,
) -> Article:
    """The article of a plain text; `charset` is what the transport declared, `url` its address.

    `warn` is called when letters are damaged.

    Raises:
        UnreadableInput: it is empty or not text.
    """
    letters = DamagedLetters(name)
    try:
        text = letters.decoded_bytes(data, charset, "text")
    except ValueError as error:
        raise UnreadableInput(name, str(error)) from error
    lines = [line.strip() for line in letters.decoded(text, "text").splitlines()]
    lines = [line for line in lines if line]
    title = lines.pop(0) if begins_with_title(lines) else None
    source = source_of_url(sources, url)
    try:
        article = letters.article(
            url=url,
            title=title,
            paragraphs=lines,
            source=source.name if source else host_of(url).removeprefix("www.") or None,
            retrieved_at=retrieved_at,
        )
    except ValueError as error:
        raise UnreadableInput(name, "it contains no text") from error
    for warning in letters.warnings():
        warn(warning)
    return article


def begins_with_title(lines: list[str]) -> bool:
    """Whether the first of some paragraphs is their title: short, shorter than the longest, and not a sentence."""
    if len(lines) < 2:
        return False
    first, rest = lines[0], lines[1:]
    longest = max(map(len, rest))
    return len(first) <= MAX_TITLE_LENGTH and not first.endswith(_PARAGRAPH_ENDS) and len(first) < longest
