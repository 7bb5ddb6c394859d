"""What a shared link shows: Open Graph, and schema.org as JSON-LD, in the head of an article's page.

The data block of type `application/ld+json` is not a script: the Content Security Policy does not concern it.
https://ogp.me, https://schema.org/NewsArticle
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from markupsafe import Markup

from corpus import Article, has_hour
from search_ui.export import ArchiveCopy
from search_ui.web.links import article_url

_MAX_DESCRIPTION: Final = 200
_SENTENCE: Final = re.compile(r".{40,}?[.؟?!](?=\s|$)")  # the first that is not as short as a dateline
_LETTERS: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, slots=True)
class Shared:
    """An article for programs that show links: title, description, its time as printed, its permanent address."""

    title: str
    description: str
    published: str | None
    """ISO 8601: a date alone if no hour was printed."""
    section: str | None
    authors: tuple[str, ...]
    address: str
    """Of the article: its newest text."""
    own_address: str
    """Of this text: of its version, unless that is the newest."""
    json_ld: Markup


def shared_article(article: Article, copy: ArchiveCopy, *, newest: bool) -> Shared:
    """What a shared link to this text shows."""
    published = article.published
    address = article_url(article.id, external=True)
    printed = _printed(published) if published else None
    description = _beginning(article)
    return Shared(
        article.title or description,
        description,
        printed,
        article.section,
        article.authors,
        address,
        address if newest else copy.address or address,
        _json_ld(article, copy, address, description, printed),
    )


def _printed(published: datetime) -> str:
    """The time as precisely as it is known: an hour in UTC may have been printed without a zone, and gets none."""
    if not has_hour(published):
        return published.date().isoformat()
    return published.isoformat() if published.utcoffset() else f"{published:%Y-%m-%dT%H:%M:%S}"


def _beginning(article: Article) -> str:
    """The first sentence, or as much of it as fits."""
    first = next((paragraph for paragraph in article.paragraphs if paragraph.strip()), "")
    text = " ".join(first[: 10 * _MAX_DESCRIPTION].split())
    if (sentence := _SENTENCE.match(text)) and len(sentence[0]) <= _MAX_DESCRIPTION:
        return sentence[0]
    if len(text) <= _MAX_DESCRIPTION:
        return text
    return text[:_MAX_DESCRIPTION].rpartition(" ")[0].rstrip("،,؛;: ") + "…"


def _json_ld(article: Article, copy: ArchiveCopy, address: str, description: str, printed: str | None) -> Markup:
    """A schema.org NewsArticle, escaped so that nothing in it ends the element or begins another."""
    web = article.url if article.url and article.url.startswith(("http://", "https://")) else None
    value: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "description": description,
        "datePublished": printed,
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "Organization", "name": article.source} if article.source else None,
        "articleSection": article.section,
        "isPartOf": {"@type": "Collection", "name": copy.archive},
        "url": address,
        "version": copy.version,
        "isBasedOn": web,
        "archivedAt": copy.address,
        "sdDatePublished": article.retrieved_at.date().isoformat() if article.retrieved_at else None,
    }
    text = json.dumps({name: known for name, known in value.items() if known}, ensure_ascii=False)
    return Markup("".join(_LETTERS.get(letter, letter) for letter in text))  # escaped above
