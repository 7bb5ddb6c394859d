"""The forms of an export: each is a function from hits to pieces of text, so that nothing waits for the last hit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from corpus import printed_date
from search_ui import citation
from search_ui.export.about import About
from search_ui.export.atom import atom
from search_ui.export.values import hit_value

if TYPE_CHECKING:
    from corpus import Article
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
