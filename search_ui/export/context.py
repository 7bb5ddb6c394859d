"""Keywords in context and typical words as files: CSV, and lines of text with the keyword in the middle."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from corpus import printed_date
from search_ui.export.citation import without_isolates
from search_ui.export.formats import csv_row

if TYPE_CHECKING:
    from indexer import Concordance, ContextLine, TypicalWord, TypicalWords

_BYTE_ORDER_MARK: Final = "\ufeff"  # without it spreadsheets read UTF-8 as the system's encoding
_COLUMNS: Final = (
    "before", "keyword", "after", "where", "title", "source", "date", "id", "url", "archive_url",
)  # fmt: skip
_WORD_COLUMNS: Final = (
    "text", "words", "articles_in_results", "counted_in_results", "results", "counted_in_archive", "archive",
    "log_likelihood", "log_ratio", "query",
)  # fmt: skip
_BREAKS: Final = dict.fromkeys(map(ord, "\n\r\t\u2028\u2029"), " ")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


def context_csv(lines: Iterable[ContextLine], permanent: Callable[[str], str] | None = None) -> Iterator[str]:
    """CSV (RFC 4180) with a header and a row per line; `where` is `title` or the number of the paragraph, from 1."""
    yield _BYTE_ORDER_MARK + csv_row(_COLUMNS)
    for line in lines:
        value = context_value(line)
        yield csv_row(
            [
                *(value[name] for name in ("before", "keyword", "after")),
                "title" if line.paragraph is None else line.paragraph + 1,
                *(value[name] or "" for name in ("title", "source", "date", "id", "url")),
                permanent(line.article_id) if permanent else "",
            ]
        )


def context_text(lines: Iterable[ContextLine], side: int = 60, *, isolated: bool = False) -> Iterator[str]:
    """Lines of text, aligned at the keyword: so many characters before it and after it, then source, date and id.

    In a text read from right to left, what comes before is on the right. With `isolated` the source keeps its place
    beside text of the other direction, on terminals that order letters by Unicode's rules.
    """
    lines = list(lines)
    widest = max((_width(_one_line(line.keyword)) for line in lines), default=0)
    for line in lines:
        before = _last(_one_line(line.shown_before).rstrip(), side)
        after = _first(_one_line(line.shown_after).lstrip(), side)
        about = " · ".join(filter(None, (line.shown_source, _day(line), line.article_id)))
        if isolated:
            about = f"{_FIRST_STRONG_ISOLATE}{about}{_POP_ISOLATE}"
        keyword = f"[{_one_line(line.keyword)}]"
        yield (
            f"{_padding(before, side)}{before} {keyword}{_padding(keyword, widest + 2)} {after}"
            f"{_padding(after, side)}  {about}\n"
        )


def concordance_value(found: Concordance) -> dict[str, Any]:
    """Keywords in context as plain JSON values: the articles that match, those that were read, and the lines."""
    return {
        "understood": without_isolates(found.understood),
        "total": found.articles,
        "stories": found.hits,
        "read": found.read,
        "whole": found.is_whole,
        "lines": [context_value(line) for line in found.lines],
    }


def context_value(line: ContextLine) -> dict[str, Any]:
    """A line as plain JSON values; `paragraph` counts from 0, null is the title."""
    return {
        "before": _one_line(line.shown_before),
        "keyword": _one_line(line.keyword),
        "after": _one_line(line.shown_after),
        "paragraph": line.paragraph,
        "id": line.article_id,
        "title": line.title,
        "url": line.url,
        "source": line.shown_source,
        "date": printed_date(line.published),
    }


def typical_value(word: TypicalWord) -> dict[str, Any]:
    """A typical word as plain JSON values."""
    counts = word.counts
    return {
        "text": word.text,
        "narrowing": word.narrowing,
        "articles": word.articles,
        "found": counts.found,
        "found_in_archive": counts.found_in_archive,
        "archive": counts.articles_in_archive,
        "log_likelihood": round(counts.log_likelihood, 2),
        "log_ratio": round(counts.log_ratio, 2),
    }


def typical_csv(found: TypicalWords, query: str) -> Iterator[str]:
    """CSV with a header and a row per word: `counted` are stories if the search groups, otherwise articles."""
    yield _BYTE_ORDER_MARK + csv_row(_WORD_COLUMNS)
    for word in (*found.several, *found.single):
        counts = word.counts
        yield csv_row(
            [
                word.text,
                "several" if word.several else "one",
                word.articles,
                counts.found,
                counts.articles,
                counts.found_in_archive,
                counts.articles_in_archive,
                round(counts.log_likelihood, 2),
                round(counts.log_ratio, 2),
                f"{query} {word.narrowing}".strip(),
            ]
        )


def _day(line: ContextLine) -> str | None:
    return line.published.date().isoformat() if line.published else None


def _one_line(text: str) -> str:
    return text.translate(_BREAKS)


def _width(text: str) -> int:
    """Columns of a text: marks above and below letters, and invisible characters, take none."""
    return sum(unicodedata.category(letter) not in ("Mn", "Me", "Cf") for letter in text)


def _padding(text: str, width: int) -> str:
    return " " * max(0, width - _width(text))


def _last(text: str, width: int) -> str:
    """The end of a text, of whole words."""
    words = text.split(" ")
    while len(words) > 1 and _width(" ".join(words)) > width:
        del words[0]
    return " ".join(words)


def _first(text: str, width: int) -> str:
    words = text.split(" ")
    while len(words) > 1 and _width(" ".join(words)) > width:
        del words[-1]
    return " ".join(words)
