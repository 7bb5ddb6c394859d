"""One page or text, whatever it came in: the one way from its bytes to a record."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from corpus.readers.html import read_html
from corpus.readers.record import Place, Reading, Record
from corpus.readers.text import read_text

HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
"""Media types that are read as pages."""


def read_page(
    data: bytes,
    place: Place,
    reading: Reading,
    *,
    media_type: str = "text/html",
    charset: str | None = None,
    url: str | None = None,
    shown: str | None = None,
    retrieved_at: datetime | None = None,
) -> Record:
    """The record of a page (HTML) or a plain text.

    `charset` is what the transport declared, `url` where the page came from, `shown` its name in messages (that of the
    place, if none is given), `retrieved_at` when (else the reading's own time).

    Raises:
        UnreadableInput: there is no article in it.
    """
    name = shown or place.shown
    when = retrieved_at or reading.retrieved_at
    warnings: list[str] = []
    if media_type in HTML_TYPES:
        article = read_html(
            data, name, charset=charset, url=url, retrieved_at=when, sources=reading.sources, warn=warnings.append
        )
    else:
        article = read_text(data, name, charset=charset, url=url, retrieved_at=when, sources=reading.sources)
    warning = f"{name}: {'; '.join(warnings)}" if warnings else None
    return Record(article, data, media_type, warning, origin=place.origin)
