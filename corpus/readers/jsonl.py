"""JSON Lines: one article a line, plain or gzip.

    {"id": …, "url": …, "title": …, "text": …, "date": …, "source": …, "section": …, "author": …}

`text` is required, its paragraphs split by newlines; the others are optional; other names are passed over.
`author` is a name or a list of names; `date` is read as pages' dates are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from corpus.article import Article, make_article
from corpus.dates import parse_date
from corpus.errors import NotADate, UnreadableInput

_TEXT_FIELDS: Final = ("url", "title", "text", "source", "section")


def read_jsonl(
    lines: Iterable[bytes], name: str, *, retrieved_at: datetime | None = None
) -> Iterator[tuple[Article, str | None, int] | UnreadableInput]:
    """The articles of the lines, each with a warning or None and its line's number.

    A line that gives none yields (not raises) its error.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line == b"\xef\xbb\xbf":
            continue
        where = f"{name}, line {number}"
        try:
            yield *_read_line(line, where, retrieved_at), number
        except UnreadableInput as error:
            yield error


def _read_line(line: bytes, where: str, retrieved_at: datetime | None) -> tuple[Article, str | None]:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableInput(where, "not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise UnreadableInput(where, f"not valid JSON: {error.msg} at character {error.pos + 1}") from error
    except (RecursionError, ValueError) as error:
        raise UnreadableInput(where, "not valid JSON: nested too deeply or a number too long") from error
    if not isinstance(value, dict):
        raise UnreadableInput(where, "not a JSON object")
    fields = {field: _text(value, field, where) for field in _TEXT_FIELDS}
    if fields["text"] is None:
        raise UnreadableInput(where, "it has no 'text'")
    published, warning = _date(value.get("date"), where)
    try:
        article = make_article(
            id=_id(value.get("id"), where),
            url=fields["url"],
            title=fields["title"],
            paragraphs=fields["text"].splitlines(),
            published=published,
            source=fields["source"],
            section=fields["section"],
            authors=_authors(value.get("author"), where),
            retrieved_at=retrieved_at,
        )
    except ValueError as error:
        raise UnreadableInput(where, "its 'text' is empty") from error
    return article, warning


def _text(value: dict[str, Any], field: str, where: str) -> str | None:
    found = value.get(field)
    if found is None or isinstance(found, str):
        return found
    raise UnreadableInput(where, f"{field!r} must be a text")


def _id(given: object, where: str) -> str | None:
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    raise UnreadableInput(where, "'id' must be a text or a whole number")


def _authors(given: object, where: str) -> tuple[str, ...]:
    names = [given] if isinstance(given, str) else given
    if names is None:
        return ()
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return tuple(names)
    raise UnreadableInput(where, "'author' must be a text or a list of texts")


def _date(given: object, where: str) -> tuple[datetime | None, str | None]:
    if given is None or given == "":
        return None, None
    try:
        if isinstance(given, bool) or not isinstance(given, (str, int)):
            raise NotADate(str(given)[:80])
        return parse_date(str(given)), None
    except NotADate as error:
        return None, f"{where}: kept without a date: {error}"
