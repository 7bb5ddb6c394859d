"""Which reader reads what: by the name of a file, else by its first bytes."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from corpus.article import Article
from corpus.errors import UnreadableInput
from corpus.origin import Origin, OriginKind
from corpus.readers.html import read_html
from corpus.readers.jsonl import read_jsonl
from corpus.readers.text import read_text

MAX_PAGE_BYTES: Final = 32 * 1024 * 1024
"""Pages, text files and JSON lines above this size are refused: no article is that long."""

_HTML: Final = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_TEXT: Final = frozenset({".txt", ".text"})
_JSONL: Final = frozenset({".jsonl", ".ndjson"})
_GZIP_MAGIC: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Record:
    """An article that was read, where, the bytes to keep of its page (none for JSON Lines), a warning if one is due."""

    article: Article
    origin: Origin
    page: bytes | None = None
    media_type: str = ""
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file or line that gave no article, and why."""

    name: str
    reason: str


def readable_name(path: Path) -> bool:
    """Whether a file of this name is one to read when its directory is added."""
    return _extension(path.name) in _HTML | _TEXT | _JSONL


def read_stream(
    stream: IO[bytes], name: str, *, retrieved_at: datetime | None = None, kind: OriginKind = OriginKind.FILE
) -> Iterator[Record | Refusal]:
    """The articles of an open file or of standard input; `name` tells the format and stands in messages and origins.

    What cannot be read comes as a `Refusal`; nothing is raised.
    """
    buffered = io.BufferedReader(stream) if isinstance(stream, io.RawIOBase) else stream
    try:
        head = _peek(buffered)
        if head.startswith(_GZIP_MAGIC):
            buffered = io.BufferedReader(gzip.GzipFile(fileobj=buffered, mode="rb"))
            head = _peek(buffered)
        yield from _read(buffered, head, Origin(kind, name), retrieved_at)
    except (OSError, EOFError, zlib.error) as error:
        yield Refusal(name, _reason(error))


def _read(stream: IO[bytes], head: bytes, origin: Origin, retrieved_at: datetime | None) -> Iterator[Record | Refusal]:
    name = origin.name
    if not head:
        yield Refusal(name, "the file is empty")
        return
    extension = _extension(name)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if extension in _JSONL or (extension not in _HTML | _TEXT and start == b"{"):
        yield from _read_lines(stream, origin, retrieved_at)
        return
    data = stream.read(MAX_PAGE_BYTES + 1)
    if len(data) > MAX_PAGE_BYTES:
        yield Refusal(name, f"larger than {MAX_PAGE_BYTES // 2**20} MB, which no article is")
        return
    is_html = extension in _HTML or (extension not in _TEXT and start == b"<")
    try:
        if is_html:
            yield Record(read_html(data, name, retrieved_at=retrieved_at), origin, data, "text/html")
        else:
            yield Record(read_text(data, name, retrieved_at=retrieved_at), origin, data, "text/plain")
    except UnreadableInput as error:
        yield Refusal(error.name, error.reason)


def _read_lines(stream: IO[bytes], origin: Origin, retrieved_at: datetime | None) -> Iterator[Record | Refusal]:
    name = origin.name
    found = False
    for item in read_jsonl(_bounded_lines(stream, name), name, retrieved_at=retrieved_at):
        found = True
        if isinstance(item, UnreadableInput):
            yield Refusal(item.name, item.reason)
        else:
            article, warning, number = item
            yield Record(article, Origin(origin.kind, name, f"line {number}"), warning=warning)
    if not found:
        yield Refusal(name, "it has no lines")


def _bounded_lines(stream: IO[bytes], name: str) -> Iterator[bytes]:
    while line := stream.readline(MAX_PAGE_BYTES + 1):
        if len(line) > MAX_PAGE_BYTES:
            raise OSError(f"a line is longer than {MAX_PAGE_BYTES // 2**20} MB: the rest was not read")
        yield line


def _peek(stream: IO[bytes]) -> bytes:
    if isinstance(stream, io.BufferedReader):
        return stream.peek(64)[:64]
    head = stream.read(64)
    stream.seek(0)
    return head


def _extension(name: str) -> str:
    lower = name.lower()
    return Path(lower.removesuffix(".gz")).suffix


def _reason(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "the gzip data ends too early: what came before is kept"
    if isinstance(error, (gzip.BadGzipFile, zlib.error)):
        return f"damaged gzip data: {error}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
