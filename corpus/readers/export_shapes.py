"""What the exports of programs have in common: a shape is how to recognize an object, and where its fields are.

A shape is recognized by names and types that only that program writes, never by the name of the file.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from corpus.readers.markup import lines_of_html

Value = Mapping[str, Any]

_MAX_OFFSET: Final = timedelta(hours=14)
_QUARTER: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The article in an object of an export: plain text, one string per paragraph; None or empty if missing.

    `site` is the source unless the settings name one; `received_at` is when the program saved it.
    """

    text: tuple[str, ...]
    id: str | None = None
    url: str | None = None
    title: str | None = None
    date: str | int | None = None
    source: str | None = None
    site: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    received_at: str | None = None
    warning: str | None = None
    """What may be wrong with it; each warning is reported once per file."""


class NotAnArticle(Exception):
    """The object is not meant to be an article; the message is its kind, as it is counted."""


class NoArticle(Exception):
    """The object should be an article, and has none; the message is the reason, for the user."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The objects of one program; `is_one` and `read` get an object and the values around the array that it is in.

    `read` raises `NotAnArticle` or `NoArticle` for the objects without an article. An object with our own field `text`
    has only a shape that uses that name.
    """

    name: str
    is_one: Callable[[Value, Value], bool]
    read: Callable[[Value, Value], Post]
    uses_text: bool = False


def at(value: Any, path: str) -> Any:
    """The value at a path of names and numbers of elements: `_embedded.author.0.name`; None if there is none."""
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def text_at(value: Any, *paths: str) -> str | None:
    """The first text at one of the paths that is not blank."""
    found = (at(value, path) for path in paths)
    return next((text for text in found if isinstance(text, str) and text.strip()), None)


def list_at(value: Any, path: str) -> list[Any]:
    """The array at a path; empty if there is none."""
    found = at(value, path)
    return found if isinstance(found, list) else []


def id_at(value: Any, path: str) -> str | None:
    """The id at a path, a text or a whole number."""
    found = at(value, path)
    return str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else None


def has(*paths: str) -> Callable[[Value, Value], bool]:
    """A function that tells whether an object has texts (which may be empty) at all of the paths."""
    return lambda value, around: all(isinstance(at(value, path), str) for path in paths)


def plain_lines(text: str | None) -> tuple[str, ...]:
    """The lines of a plain text."""
    return tuple(line for line in map(str.strip, (text or "").splitlines()) if line)


def html_lines(text: str | None) -> tuple[str, ...]:
    """The paragraphs of HTML.

    Raises:
        NoArticle: it has too many tags.
    """
    try:
        return tuple(lines_of_html(text or ""))
    except ValueError as error:
        raise NoArticle(str(error)) from error


def html_line(text: str | None) -> str | None:
    """HTML as one line: a title, a name."""
    if text and "<" in text:
        return " ".join(html_lines(text)) or None
    return html.unescape(text).strip() or None if text else None


def local_time(local: object, utc: object) -> str | None:
    """A moment given twice, as printed in an unknown time zone and in UTC, with the offset that follows from both.

    Each may be missing or invalid; `utc` may be a number of seconds.
    """
    printed, known = _moment(local), _moment(utc)
    if printed is None or known is None:
        return str(local) if printed else known.isoformat() if known else None
    offset = printed - known
    if abs(offset) > _MAX_OFFSET or offset % _QUARTER:
        return known.isoformat()
    return printed.replace(tzinfo=timezone(offset)).isoformat()


def _moment(value: object) -> datetime | None:
    """A moment as if it were in UTC."""
    try:
        if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(value))
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found and found.year > 1 else None
