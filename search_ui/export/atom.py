"""A search as an Atom feed (RFC 4287), with OpenSearch's counts and, where there are more, the next page (RFC 5005)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Final

from search_ui.export.about import About, program
from search_ui.export.citation import readable_address

if TYPE_CHECKING:
    from corpus import Article
    from indexer import Hit

# What XML 1.0 cannot carry in any spelling.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WHITE: Final = str.maketrans({"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})  # or a reader makes spaces of them


def atom(hits: Iterable[tuple[Article, Hit]], about: About) -> Iterator[str]:
    """The feed; an entry's id is made of the article's, so that it is the same in every feed of every search."""
    query = about.request.query
    title = f"{about.archive}: {query}" if query else about.archive
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
        ' xml:lang="ar">\n'
        f"<title>{_text(title)}</title>\n"
        f"<id>{_urn('search', about.archive, repr(about.request))}</id>\n"
        f"<updated>{_time(about.made_at)}</updated>\n"
        f"<author><name>{_text(about.archive)}</name></author>\n"
        f"<generator>{_text(program())}, index {about.generation}</generator>\n"
        f"<opensearch:totalResults>{about.stories}</opensearch:totalResults>\n"
        f'<opensearch:Query role="request" searchTerms={_attribute(query)}/>\n'
    )
    if about.address:
        yield f'<link rel="self" type="application/atom+xml" href={_attribute(about.address)}/>\n'
    if about.next_address:
        yield f'<link rel="next" type="application/atom+xml" href={_attribute(about.next_address)}/>\n'
    for article, hit in hits:
        yield _entry(article, hit)
    yield "</feed>\n"


def _entry(article: Article, hit: Hit) -> str:
    received = article.retrieved_at or article.published or datetime.fromtimestamp(0, UTC)
    lines = [
        "<entry>",
        f"<title>{_text(article.title or hit.snippet.text[:80] or article.id)}</title>",
        f"<id>{_urn('article', article.id)}</id>",
        f"<updated>{_time(received)}</updated>",
    ]
    if article.published:
        lines.append(f"<published>{_time(article.published)}</published>")
    lines += [f"<author><name>{_text(name)}</name></author>" for name in article.authors or (article.source or "",)]
    if article.section:
        lines.append(f"<category term={_attribute(article.section)}/>")
    if article.url and article.url.startswith(("http://", "https://")):
        lines.append(f"<link href={_attribute(readable_address(article.url))}/>")
    lines += [f"<summary>{_text(hit.snippet.text)}</summary>", "</entry>"]
    return "\n".join(lines) + "\n"


def _urn(*names: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(("arshif", *names)).encode("utf-8", "replace").decode()).urn


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text), quote=False)


def _attribute(text: str) -> str:
    return f'"{escape(_NOT_XML.sub("", text)).translate(_WHITE)}"'
