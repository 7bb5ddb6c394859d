"""The formats in which a list or a selection of articles is written as text: CSV, JSON Lines, BibTeX, RIS, citations.

Each is a generator of pieces of text, so that the file is never in memory as a whole. Articles that were removed from
the archive have a line that says so: nothing of a list is left out in silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from corpus import printed_date
from search_ui.export import citation
from search_ui.export.about import program
from search_ui.export.formats import article_value, csv_row
from search_ui.export.listing import Listed, Listing

_COLUMNS: Final = (
    "number", "state", "note", "id", "title", "url", "archive_url", "source", "section", "author", "date", "added_at",
    "text",
)  # fmt: skip
_BYTE_ORDER_MARK: Final = "\ufeff"  # without it spreadsheets read UTF-8 as the system's encoding
_STATES: Final = {"removed": "أُزيل من الأرشيف", "missing": "غير موجود في الأرشيف"}


@dataclass(frozen=True, slots=True)
class ListFormat:
    """A format: its media type, and its writer, which takes the language of citations, `ar` or `en`."""

    media_type: str
    write: Callable[[Iterable[Listed], Listing, str], Iterator[str]]


def spreadsheet(articles: Iterable[Listed], listing: Listing, language: str) -> Iterator[str]:
    """CSV with a header and a row per article; `state` is a `ListedState`."""
    yield _BYTE_ORDER_MARK + csv_row(_COLUMNS)
    for listed in articles:
        entry, article = listed.entry, listed.article
        printed = ["", "", "", "", "", "", "", ""]
        if article is not None:
            printed = [
                article.title,
                article.url or "",
                listing.address(article.id),
                article.source or "",
                article.section or "",
                "; ".join(article.authors),
                printed_date(article.published) or "",
                article.text,
            ]
        *fields, text = printed
        added = entry.added_at.isoformat(timespec="seconds") if entry.added_at else ""
        yield csv_row([listed.number, listed.state.value, entry.note, entry.article_id, *fields, added, text])


def json_lines(articles: Iterable[Listed], listing: Listing, language: str) -> Iterator[str]:
    """JSON Lines: an object about the list, then one per article, as the JSON Lines reader takes it, with its note."""
    about = {
        "name": listing.name,
        "description": listing.description,
        "archive": listing.archive,
        "articles": len(listing.entries),
        "made_at": listing.made_at.isoformat(timespec="seconds"),
        "program": program(),
    }
    yield _json_line({"list": about})
    for listed in articles:
        yield _json_line(listed_value(listed, listing))


def listed_value(listed: Listed, listing: Listing) -> dict[str, Any]:
    """An article of a list as plain JSON values."""
    entry = listed.entry
    printed = article_value(listed.article) if listed.article else {"id": entry.article_id}
    kept = {
        "note": entry.note,
        "state": listed.state.value,
        "added_at": entry.added_at.isoformat(timespec="seconds") if entry.added_at else None,
        "added_revision": entry.revision,
        "added_content_hash": entry.content_hash,
    }
    return {**printed, "number": listed.number, "archive_url": listing.address(entry.article_id) or None, **kept}


def bibtex(articles: Iterable[Listed], listing: Listing, language: str) -> Iterator[str]:
    """BibTeX; a note is the field `annotation`, as biblatex reads it."""
    for listed in articles:
        if listed.article is None:
            # Neither may contain a brace, which would end the comment.
            yield f"@comment({_plain_id(listed)}: {listed.state.value})\n\n"
            continue
        written = citation.bibtex(listed.article, listed.copy)
        if note := citation.bibtex_text(listed.entry.note):
            written = f"{written.rstrip().removesuffix('}')}  annotation = {{{note}}},\n}}\n"
        yield written + "\n"


def ris(articles: Iterable[Listed], listing: Listing, language: str) -> Iterator[str]:
    """RIS; a note is the tag N1. It has no comments: removed articles are left out, as they have nothing to cite."""
    for listed in articles:
        if listed.article is None:
            continue
        written = citation.ris(listed.article, listed.copy)
        if note := " ".join(listed.entry.note.split()):
            end = "ER  - \r\n"
            written = f"{written.removesuffix(end)}N1  - {note}\r\n{end}"
        yield written + "\r\n"


def citations(articles: Iterable[Listed], listing: Listing, language: str) -> Iterator[str]:
    """Numbered citations as plain text in a language, each with its note."""
    cite = citation.plain if language == "ar" else citation.plain_english
    label = "ملاحظة" if language == "ar" else "Note"
    yield f"{listing.name}\n{listing.archive}\n\n"
    for listed in articles:
        if listed.article is None:
            state = _STATES[listed.state.value] if language == "ar" else listed.state.value
            yield f"{listed.number}. {listed.entry.article_id}: {state}\n"
        else:
            yield f"{listed.number}. {cite(listed.article, listed.copy)}\n"
        for place, line in enumerate(listed.entry.note.splitlines()):
            yield f"   {line}\n" if place else f"   {label}: {line}\n"
        yield "\n"


LIST_FORMATS: Final = {
    "txt": ListFormat("text/plain; charset=utf-8", citations),
    "bib": ListFormat("application/x-bibtex; charset=utf-8", bibtex),
    "ris": ListFormat("application/x-research-info-systems; charset=utf-8", ris),
    "csv": ListFormat("text/csv; charset=utf-8", spreadsheet),
    "jsonl": ListFormat("application/x-ndjson; charset=utf-8", json_lines),
}
"""The formats by the ending of their files."""


def _plain_id(listed: Listed) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in listed.entry.article_id)


def _json_line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
