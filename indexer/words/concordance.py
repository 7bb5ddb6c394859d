"""Keywords in context (KWIC): every occurrence of a query's words, with the text before and after it.

A line has one occurrence within its sentence, in the title or in a paragraph. Words and phrases that match side by side
are one occurrence. Lines are sorted by the words beside the keyword without their clitics and articles
(`indexer.words.clitics.sort_key`), which is the order in which readers look for them; ties keep the order of the hits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from corpus import Article, printed_date
from indexer import budget
from indexer.analysis import WORD
from indexer.analysis.sentences import sentence_spans
from indexer.highlight.marker import Mark, Marker, without_overlaps
from indexer.results import QueryWarning, SearchRequest
from indexer.search.hits import Scan
from indexer.words.clitics import sort_key

MAX_LINES: Final = 1_000
"""Lines of a concordance, unless more are requested."""

MAX_SIDE: Final = 160
"""Characters before the keyword, and after it, if the sentence has more."""

_BATCH: Final = 25  # articles in memory at a time
_SECONDS: Final = 2.0  # of reading and marking
_WORDS_COMPARED: Final = 3
_ELLIPSIS: Final = "…"
_LAST: Final = "\U0010ffff"  # sorts after all words
_SPACE: Final = re.compile(r"\s*")


class LineOrder(StrEnum):
    """The order of the lines of a concordance."""

    HITS = "hits"
    BEFORE = "before"
    AFTER = "after"
    DATE = "date"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class ContextLine:
    """One occurrence: `before`, `keyword` and `after` are consecutive text of one sentence as printed.

    With `cut_before` or `cut_after` the sentence has more on that side. `paragraph` is its number in the article, from
    0; None for the title. `mark` is the number of the first mark among those of the article's page, from 1; None if
    that page marks other words, since the article does not have all of the query's.
    """

    article_id: str
    title: str
    url: str | None
    source: str | None
    source_name: str | None
    published: datetime | None
    before: str
    keyword: str
    after: str
    cut_before: bool
    cut_after: bool
    paragraph: int | None
    mark: int | None

    @property
    def shown_source(self) -> str | None:
        """The source, for people."""
        return self.source_name or self.source

    @property
    def shown_before(self) -> str:
        """The text before the keyword, with an ellipsis if it was cut."""
        return f"{_ELLIPSIS} {self.before}" if self.cut_before else self.before

    @property
    def shown_after(self) -> str:
        """The text after the keyword, with an ellipsis if it was cut."""
        return f"{self.after} {_ELLIPSIS}" if self.cut_after else self.after


@dataclass(frozen=True, slots=True)
class Concordance:
    """The lines of the first `read` hits of a request, in the order of the lines.

    `hits` and `articles` are the numbers of all hits, and of all articles that match. If fewer were read, the
    `request.sort` chose them, and the number of lines or the time ended reading: `is_whole` is false.
    """

    request: SearchRequest
    lines: tuple[ContextLine, ...]
    read: int
    hits: int
    articles: int
    is_whole: bool
    has_keywords: bool
    understood: str
    generation: int
    warnings: tuple[QueryWarning, ...]


def read_concordance(
    scan: Scan, order: LineOrder = LineOrder.HITS, *, most: int = MAX_LINES, seconds: float = _SECONDS
) -> Concordance:
    """The concordance of the hits of a request: at most `most` lines, and about so many seconds of reading.

    Raises:
        SearchTooCostly: one batch of articles alone cost more than the limit of the thread.
    """
    lines: list[ContextLine] = []
    read = 0
    is_whole = True
    began = budget.cost()
    remaining = budget.remaining()
    limit = seconds if remaining is None else min(seconds, remaining / 2)
    for found in _lines_of_hits(scan) if scan.marker else ():
        if len(lines) >= most or budget.cost() - began > limit:
            is_whole = False
            break
        read += 1
        room = most - len(lines)
        is_whole = is_whole and len(found) <= room
        lines += found[:room]
    lines.sort(key=_KEYS[order])
    return Concordance(
        scan.request,
        tuple(lines),
        read,
        scan.stories,
        scan.total,
        is_whole,
        bool(scan.marker),
        scan.understood,
        scan.generation,
        scan.warnings,
    )


def _lines_of_hits(scan: Scan) -> Iterator[list[ContextLine]]:
    """The lines of each hit."""
    ranked = scan.ranked()
    while batch := list(islice(ranked, _BATCH)):
        articles = scan.archive.get_many(entry.article_id for entry in batch)
        found = [articles[entry.article_id] for entry in batch if entry.article_id in articles]
        pieces = [[article.title, *article.paragraphs] for article in found]
        marks = iter(scan.marker.all_marks([text for texts in pieces for text in texts]))
        for article, texts in zip(found, pieces, strict=True):
            each = [next(marks) for _ in texts]
            name = scan.archive.source_names.other(article.source)
            yield list(_lines(article, name, texts, each, scan.marker))


def _lines(
    article: Article, source_name: str | None, texts: Sequence[str], marks: Sequence[Sequence[Mark]], marker: Marker
) -> Iterator[ContextLine]:
    """The lines of an article, given its title and paragraphs with all marks of each."""
    is_marked_so = marker.has_all_words(mark for each in marks for mark in each)
    number = 1
    for place, (text, all_marks) in enumerate(zip(texts, marks, strict=True)):
        kept = without_overlaps(all_marks)
        if not kept:
            continue
        sentences = sentence_spans(text) if place else [(0, len(text))]
        for run in _side_by_side(text, kept):
            budget.check()
            start, end = run[0].start, run[-1].end
            first = max((begin for begin, _ in sentences if begin <= start), default=0)
            last = min((stop for _, stop in sentences if stop >= end), default=len(text))
            before = _words_before(text, first, start)
            after = _words_after(text, end, last)
            yield ContextLine(
                article.id,
                article.title,
                article.url,
                article.source,
                source_name,
                article.published,
                text[before:start],
                text[start:end],
                text[end:after],
                before > first,
                after < last,
                place - 1 if place else None,
                number if is_marked_so else None,
            )
            number += len(run)


def _side_by_side(text: str, marks: Sequence[Mark]) -> Iterator[list[Mark]]:
    """The marks, those of different words with only space between them together: مجلس and الأمن."""
    run: list[Mark] = []
    for mark in marks:
        if run and (not text[run[-1].end : mark.start].isspace() or any(mark.term == other.term for other in run)):
            yield run
            run = []
        run.append(mark)
    if run:
        yield run


def _words_before(text: str, first: int, start: int) -> int:
    """Where what is shown before a keyword begins: at the sentence, or at a word."""
    if start - first <= MAX_SIDE:
        return first
    space = text.find(" ", start - MAX_SIDE, start)
    return space + 1 if space >= 0 else start - MAX_SIDE


def _words_after(text: str, end: int, last: int) -> int:
    if last - end <= MAX_SIDE:
        return last
    space = text.rfind(" ", end, end + MAX_SIDE)
    return space if space > end else end + MAX_SIDE


def words_beside(line: ContextLine, *, before: bool) -> list[str]:
    """The printed words next to a keyword, the nearest first."""
    words = WORD.findall(line.before if before else line.after)
    return words[: -_WORDS_COMPARED - 1 : -1] if before else words[:_WORDS_COMPARED]


def _key_beside(*, before: bool) -> Callable[[ContextLine], Any]:
    def key(line: ContextLine) -> Any:
        beside = [sort_key(word) for word in words_beside(line, before=before)]
        # A keyword at the edge of its sentence has nothing to compare: it comes last.
        return [*beside, *[_LAST] * (_WORDS_COMPARED - len(beside))]

    return key


_KEYS: Final[dict[LineOrder, Callable[[ContextLine], Any]]] = {
    LineOrder.HITS: lambda line: 0,
    LineOrder.BEFORE: _key_beside(before=True),
    LineOrder.AFTER: _key_beside(before=False),
    LineOrder.DATE: lambda line: printed_date(line.published) or _LAST,
    LineOrder.SOURCE: lambda line: line.shown_source or _LAST,
}
