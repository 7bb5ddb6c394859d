"""Small files of every format, and the items that the readers yield."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterable
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from corpus import Article, OriginKind
from corpus.readers import Ignored, Item, Record, Refusal, read_stream

SENTENCE = "قال الوزير إن المفاوضات ستستأنف غدا في العاصمة بحضور وفود الدول المشاركة كلها."
PAGE = f"<html><body><article><h1>عنوان الخبر</h1>{f'<p>{SENTENCE}</p>' * 3}</article></body></html>".encode()
URL = "https://a.example/خبر/1"


def line(name: str = "a", **values: Any) -> bytes:
    """A line of JSON Lines."""
    return json.dumps({"id": name, "text": f"نص {name}", **values}, ensure_ascii=False).encode() + b"\n"


def lines(*names: str) -> bytes:
    return b"".join(map(line, names))


class Pipe(io.RawIOBase):
    """A stream that is not seekable and returns few bytes per read."""

    def __init__(self, data: bytes, piece: int = 1000) -> None:
        self._stream = io.BytesIO(data)
        self._piece = piece

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(min(len(buffer), self._piece))
        buffer[: len(data)] = data
        return len(data)


class Read:
    """The items that a reader yielded, by kind."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.items = list(items)

    @property
    def articles(self) -> list[Article]:
        return [item.article for item in self.items if isinstance(item, Record)]

    @property
    def ids(self) -> list[str]:
        return [article.id for article in self.articles]

    @property
    def records(self) -> list[Record]:
        return [item for item in self.items if isinstance(item, Record)]

    @property
    def reasons(self) -> list[str]:
        return [f"{item.name}: {item.reason}" for item in self.items if isinstance(item, Refusal)]

    @property
    def ignored(self) -> list[str]:
        return [item.kind for item in self.items if isinstance(item, Ignored)]


def read(data: bytes, name: str = "file", **options: Any) -> Read:
    """Reads a file of these bytes, as `arshif add` does."""
    return Read(read_stream(io.BytesIO(data), name, size=len(data), **options))


def read_piped(data: bytes, **options: Any) -> Read:
    """Reads the bytes through a pipe, under a name without an extension."""
    return Read(read_stream(io.BufferedReader(Pipe(data)), "standard input", kind=OriginKind.STDIN, **options))


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w", form: int = tarfile.PAX_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return stream.getvalue()


class Warc:
    """Builds a WARC file."""

    def __init__(self, *, gzip: bool = True) -> None:
        self._stream = io.BytesIO()
        self._writer = WARCWriter(self._stream, gzip=gzip)

    def response(
        self,
        body: bytes = PAGE,
        url: str = URL,
        status: str = "200 OK",
        warc: dict[str, str] | None = None,
        **http: str,
    ) -> Warc:
        headers = [(name.replace("_", "-"), value) for name, value in ({"Content_Type": "text/html"} | http).items()]
        return self.record("response", body, url, StatusAndHeaders(status, headers, protocol="HTTP/1.1"), warc)

    def record(
        self,
        kind: str,
        body: bytes = b"",
        url: str = URL,
        http: StatusAndHeaders | None = None,
        warc: dict[str, str] | None = None,
        content_type: str = "",
    ) -> Warc:
        record = self._writer.create_warc_record(
            url,
            kind,
            payload=io.BytesIO(body),
            http_headers=http,
            warc_content_type=content_type,
            warc_headers_dict={"WARC-Date": "2017-02-16T10:00:00Z", **(warc or {})},
        )
        self._writer.write_record(record)
        return self

    @property
    def data(self) -> bytes:
        return self._stream.getvalue()


def gzipped(data: bytes, layers: int = 1) -> bytes:
    for _ in range(layers):
        data = gzip.compress(data, mtime=0)
    return data
