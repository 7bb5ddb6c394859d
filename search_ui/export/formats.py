"""The forms of an export: each is a function from hits to pieces of text, so that nothing waits for the last hit.

Articles, hits and groups as plain JSON values: the same on the command line, in exports and in the JSON API.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from corpus import printed_date
from search_ui.export import citation
from search_ui.export.about import About
from search_ui.export.atom import atom

if TYPE_CHECKING:
    from corpus import Article, Copy, Group
    from indexer import Hit


Hits = Iterable["tuple[Article, Hit]"]

_COLUMNS: Final = (
    "id", "title", "url", "archive_url", "source", "section", "author", "date", "score", "story", "story_first",
    "story_papers", "copies", "snippet", "text",
)  # fmt: skip
_BYTE_ORDER_MARK: Final = "\ufeff"  # without it spreadsheets take UTF-8 for the system's own encoding
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Export:
    """A form: its name, media type, ending of files, how it is written, and whether that tells marks and snippets."""

    name: str
    media_type: str
    ending: str
    write: Callable[[Hits, About], Iterator[str]]
    marked: bool = True


def csv_row(cells: Iterable[object], *, end: str = "\r\n") -> str:
    """A line of CSV (RFC 4180), in which what a spreadsheet would run as a formula gets an apostrophe.

    See OWASP, "CSV Injection". Marks of direction before the sign hide it from the eye and not from the spreadsheet.
    """
    stream = io.StringIO()
    csv.writer(stream, lineterminator=end).writerow(_inert(cell) if isinstance(cell, str) else cell for cell in cells)
    return stream.getvalue()


def spreadsheet(hits: Hits, about: About) -> Iterator[str]:
    """CSV (RFC 4180) with a header line, a row per hit, the texts whole.

    `story` names the group of near-duplicates that an article is in, `story_first` the article that was published first
    of it, `story_papers` how many papers printed it.
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
    """A JSON object a line: of a whole search first what it is, then each hit, its text whole."""
    if about.whole:
        yield _json_line({"search": about.value()})
    for article, hit in hits:
        address = about.permanent(article.id) if about.permanent else None
        yield _json_line({**hit_value(hit), "archive_url": address, "text": article.text})


def bibtex(hits: Hits, about: About) -> Iterator[str]:
    """BibTeX; of a whole search first a comment of what it is."""
    if about.whole:
        # A comment ends at its brace.
        said = json.dumps(about.value(), ensure_ascii=False).replace("{", "(").replace("}", ")")
        yield f"@comment{{{said}}}\n\n"
    for article, _ in hits:
        yield citation.bibtex(article) + "\n"


def ris(hits: Hits, about: About) -> Iterator[str]:
    """RIS, which knows no comments."""
    for article, _ in hits:
        yield citation.ris(article) + "\r\n"


EXPORTS: Final = {
    "csv": Export("CSV", "text/csv; charset=utf-8", "csv", spreadsheet),
    "jsonl": Export("JSON Lines", "application/x-ndjson; charset=utf-8", "jsonl", json_lines),
    "bibtex": Export("BibTeX", "application/x-bibtex; charset=utf-8", "bib", bibtex, marked=False),
    "ris": Export("RIS", "application/x-research-info-systems; charset=utf-8", "ris", ris, marked=False),
    "atom": Export("Atom", "application/atom+xml; charset=utf-8", "atom", atom),
}


def _json_line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _inert(cell: str) -> str:
    seen = cell.lstrip(" \u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
    return "'" + cell if len(seen) > 1 and seen.startswith(_FORMULA) else cell  # a sign alone is none


COPIES_OF_HIT: Final = 20
"""Copies of its story that a hit lists: a page of hits would otherwise list thousands a hundred times."""


def hit_value(hit: Hit) -> dict[str, Any]:
    """A hit; spans are [start, end) offsets in characters (Unicode code points)."""
    return {
        "id": hit.id,
        "title": hit.title.text,
        "title_spans": [list(span) for span in hit.title.spans],
        "url": hit.url,
        "source": hit.source,
        "section": hit.section,
        "author": list(hit.authors),
        "date": printed_date(hit.published),
        "score": round(hit.score, 4),
        "matched": hit.matched,
        "snippet": {"text": hit.snippet.text, "spans": [list(span) for span in hit.snippet.spans]},
        "matches": [
            {"word": match.word, "printed": match.printed, "level": match.level.value} for match in hit.matches
        ],
        "copies": hit.copies,
        "group": group_value(hit.group, COPIES_OF_HIT) if hit.group else None,
    }


def article_value(article: Article) -> dict[str, Any]:
    """An article as the JSON Lines reader takes it."""
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "date": printed_date(article.published),
        "source": article.source,
        "section": article.section,
        "author": list(article.authors),
    }


def group_value(group: Group, most: int | None = None) -> dict[str, Any]:
    """A group; the copies by their dates, the first publisher's first, `most` of them and of the sources listed."""
    return {
        "name": group.name,
        "papers": len(group.sources),
        "sources": list(group.sources[:most]),
        "count": len(group.copies),
        "copies": [_copy_value(copy) for copy in group.copies[:most]],
    }


def _copy_value(copy: Copy) -> dict[str, Any]:
    date = printed_date(copy.published)
    return {"id": copy.article_id, "title": copy.title, "source": copy.source, "date": date}
