"""The formats of exports (CSV, JSON Lines, BibTeX, RIS, Atom), and hits, articles and groups as plain JSON values.

Each format is a generator from hits to pieces of text, so that output starts before the last hit is read. The JSON
values are the same on the command line, in exports and in the JSON API.
"""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any, Final

from corpus import printed_date, printed_fields
from search_ui.export import citation
from search_ui.export.about import About, program
from search_ui.export.citation import ArchiveCopy, ascii_address

if TYPE_CHECKING:
    from corpus import Article, Copy, Group
    from indexer import Answer, Hit

Hits = Iterable["tuple[Article, Hit]"]

MAX_COPIES_PER_HIT: Final = 20
"""Copies and sources listed per hit: a story can have thousands, and a page of hits repeats them per hit."""

_COLUMNS: Final = (
    "id", "title", "url", "archive_url", "source", "section", "author", "date", "score", "story", "story_first",
    "story_papers", "copies", "snippet", "text",
)  # fmt: skip
_BYTE_ORDER_MARK: Final = "\ufeff"  # without it spreadsheets read UTF-8 as the system's encoding
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# Characters that XML 1.0 cannot contain, not even escaped.
_INVALID_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# In attributes, which parsers would otherwise normalize to spaces.
_XML_WHITE_SPACE: Final = str.maketrans({"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


@dataclass(frozen=True, slots=True)
class Export:
    """A format: name, media type, file extension, writer, and whether it contains snippets with marks (`marked`)."""

    name: str
    media_type: str
    ending: str
    write: Callable[[Hits, About], Iterator[str]]
    marked: bool = True


def spreadsheet(hits: Hits, about: About) -> Iterator[str]:
    """CSV (RFC 4180) with a header and one row per hit, with its full text.

    `story` is the article's group of near-duplicates, `story_first` the article of it that was published first,
    `story_papers` the number of papers that printed it.
    """
    yield _BYTE_ORDER_MARK + csv_row(_COLUMNS)
    for article, hit in hits:
        written = [
            article.id,
            article.title,
            article.url or "",
            about.permanent(article.id) if about.permanent else "",
            article.source or "",
            article.section or "",
            "; ".join(article.authors),
            printed_date(article.published) or "",
            round(hit.score, 4),
            hit.group.name if hit.group else "",
            hit.group.first.article_id if hit.group else "",
            len(hit.group.sources) if hit.group else 1,
            hit.copies,
            hit.snippet.text,
            article.text,
        ]
        yield csv_row(written)


def json_lines(hits: Hits, about: About) -> Iterator[str]:
    """One JSON object per line: for a whole search first its metadata, then each hit with its full text."""
    if about.whole:
        yield _json_line({"search": about.value()})
    for article, hit in hits:
        address = about.permanent(article.id) if about.permanent else None
        yield _json_line({**hit_value(hit), "archive_url": address, "text": article.text})


def bibtex(hits: Hits, about: About) -> Iterator[str]:
    """BibTeX; for a whole search, with its metadata in a comment at the beginning."""
    if about.whole:
        # A brace would end the comment.
        metadata = json.dumps(about.value(), ensure_ascii=False).replace("{", "(").replace("}", ")")
        yield f"@comment{{{metadata}}}\n\n"
    for article, hit in hits:
        yield citation.bibtex(_for_people(article, hit), _copy(article, about)) + "\n"


def ris(hits: Hits, about: About) -> Iterator[str]:
    """RIS, which has no comments."""
    for article, hit in hits:
        yield citation.ris(_for_people(article, hit), _copy(article, about)) + "\r\n"


def atom(hits: Iterable[tuple[Article, Hit]], about: About) -> Iterator[str]:
    """An Atom feed (RFC 4287) with OpenSearch's counts and a link to the next page (RFC 5005).

    An entry's id depends only on the article's, so that it is the same in the feeds of all searches. It links to the
    article in the archive, if the archive's address is known, and to the paper's page.
    """
    query = about.request.query
    title = f"{about.archive}: {query}" if query else about.archive
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
        ' xml:lang="ar">\n'
        f"<title>{xml_text(title)}</title>\n"
        f"<id>{_urn('search', about.archive, repr(about.request))}</id>\n"
        f"<updated>{_iso_time(about.made_at)}</updated>\n"
        f"<author><name>{xml_text(about.archive)}</name></author>\n"
        f"<generator>{xml_text(program())}, index {about.generation}</generator>\n"
        f"<opensearch:totalResults>{about.stories}</opensearch:totalResults>\n"
        f'<opensearch:Query role="request" searchTerms={_xml_attribute(query)}/>\n'
    )
    if about.address:
        yield f'<link rel="self" type="application/atom+xml" href={_xml_attribute(about.address)}/>\n'
    if about.next_address:
        yield f'<link rel="next" type="application/atom+xml" href={_xml_attribute(about.next_address)}/>\n'
    for article, hit in hits:
        yield _atom_entry(article, hit, about.permanent(article.id) if about.permanent else None)
    yield "</feed>\n"


EXPORTS: Final = {
    "csv": Export("CSV", "text/csv; charset=utf-8", "csv", spreadsheet),
    "jsonl": Export("JSON Lines", "application/x-ndjson; charset=utf-8", "jsonl", json_lines),
    "bibtex": Export("BibTeX", "application/x-bibtex; charset=utf-8", "bib", bibtex, marked=False),
    "ris": Export("RIS", "application/x-research-info-systems; charset=utf-8", "ris", ris, marked=False),
    "atom": Export("Atom", "application/atom+xml; charset=utf-8", "atom", atom),
}


def csv_row(cells: Iterable[object], *, end: str = "\r\n") -> str:
    """A line of CSV (RFC 4180), with an apostrophe before cells that a spreadsheet would run as a formula.

    See OWASP, "CSV Injection". Direction marks before the sign hide it from readers, not from spreadsheets.
    """
    stream = io.StringIO()
    csv.writer(stream, lineterminator=end).writerow(_inert(cell) if isinstance(cell, str) else cell for cell in cells)
    return stream.getvalue()


def hit_value(hit: Hit) -> dict[str, Any]:
    """A hit; spans are [start, end) offsets in characters (Unicode code points)."""
    return {
        "id": hit.id,
        "title": hit.title.text,
        "title_spans": [list(span) for span in hit.title.spans],
        "url": hit.url,
        "source": hit.source,
        **source_name_value(hit.source_name),
        "section": hit.section,
        "author": list(hit.authors),
        "date": printed_date(hit.published),
        "score": round(hit.score, 4),
        "matched": hit.matched,
        "by_meaning": hit.by_meaning,
        "snippet": {
            "text": hit.snippet.text,
            "spans": [list(span) for span in hit.snippet.spans],
            "nearest": list(hit.snippet.nearest) if hit.snippet.nearest else None,
        },
        "matches": [
            {"word": match.word, "printed": match.printed, "level": match.level.value} for match in hit.matches
        ],
        "copies": hit.copies,
        "group": group_value(hit.group, MAX_COPIES_PER_HIT) if hit.group else None,
    }


def answer_value(answer: Answer) -> dict[str, Any]:
    """A sentence that may answer a question; spans are offsets into it, `paragraph` counts from 0."""
    return {
        "id": answer.id,
        "title": answer.title,
        "url": answer.url,
        "source": answer.source,
        "date": printed_date(answer.published),
        "sentence": {"text": answer.sentence.text, "spans": [list(span) for span in answer.sentence.spans]},
        "paragraph": answer.paragraph,
    }


def article_value(article: Article) -> dict[str, Any]:
    """An article, in the format that the JSON Lines reader accepts."""
    return {"id": article.id, **printed_fields(article)}


def group_value(group: Group, most: int | None = None) -> dict[str, Any]:
    """A group, its copies in the order of their dates; `most` limits the number of copies and sources listed."""
    return {
        "name": group.name,
        "papers": len(group.sources),
        "sources": list(group.sources[:most]),
        "count": len(group.copies),
        "copies": [_copy_value(copy) for copy in group.copies[:most]],
    }


def _copy_value(copy: Copy) -> dict[str, Any]:
    date = printed_date(copy.published)
    named = source_name_value(copy.source_name)
    return {"id": copy.article_id, "title": copy.title, "source": copy.source, **named, "date": date}


def _for_people(article: Article, hit: Hit) -> Article:
    return replace(article, source=hit.source_name) if hit.source_name else article


def _copy(article: Article, about: About) -> ArchiveCopy:
    return ArchiveCopy(about.archive, about.permanent(article.id) if about.permanent else None)


def source_name_value(other: str | None) -> dict[str, str]:
    """The name by which a source is shown, if it is another than the stored one."""
    return {"source_name": other} if other else {}


def _json_line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _inert(cell: str) -> str:
    seen = cell.lstrip(" \u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
    return "'" + cell if len(seen) > 1 and seen.startswith(_FORMULA) else cell  # a sign alone is no formula


def _atom_entry(article: Article, hit: Hit, address: str | None) -> str:
    received = article.retrieved_at or article.published or datetime.fromtimestamp(0, UTC)
    lines = [
        "<entry>",
        f"<title>{xml_text(article.title or hit.snippet.text[:80] or article.id)}</title>",
        f"<id>{_urn('article', article.id)}</id>",
        f"<updated>{_iso_time(received)}</updated>",
    ]
    if article.published:
        lines.append(f"<published>{_iso_time(article.published)}</published>")
    lines += [
        f"<author><name>{xml_text(name)}</name></author>" for name in article.authors or (hit.shown_source or "",)
    ]
    if article.section:
        lines.append(f"<category term={_xml_attribute(article.section)}/>")
    if address:
        lines.append(f'<link rel="alternate" type="text/html" href={_xml_attribute(address)}/>')
    if article.url and article.url.startswith(("http://", "https://")):
        # RFC 4287, 4.2.7.2: `via` is where the entry comes from, and `alternate` where it can be read.
        rel = ' rel="via"' if address else ""
        lines.append(f"<link{rel} href={_xml_attribute(ascii_address(article.url))}/>")
    lines += [f"<summary>{xml_text(hit.snippet.text)}</summary>", "</entry>"]
    return "\n".join(lines) + "\n"


def _urn(*names: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(("arshif", *names)).encode("utf-8", "replace").decode()).urn


def _iso_time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def xml_text(text: str) -> str:
    """The text escaped for XML, without the characters that XML 1.0 cannot contain."""
    return escape(_INVALID_IN_XML.sub("", text), quote=False)


def _xml_attribute(text: str) -> str:
    return f'"{escape(_INVALID_IN_XML.sub("", text)).translate(_XML_WHITE_SPACE)}"'
