"""Writes the same articles as a file of every format that the readers support."""

from __future__ import annotations

import bz2
import csv
import gzip
import html
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

FIELDS: Final = ("id", "url", "title", "text", "date", "source", "section", "author")
_PARTS: Final = 10  # members of a ZIP or tar file

Articles = list[dict[str, Any]]


class Form(NamedTuple):
    """A format: its file name, the function that writes it, and whether it holds HTML pages instead of data."""

    name: str
    make: Callable[[Articles], bytes]
    of_pages: bool = False


def lines(rows: Articles) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def page(row: dict[str, Any]) -> bytes:
    """An article as a minimal page: title, source and date as metadata, one element per paragraph."""
    paragraphs = "\n".join(f"<p>{html.escape(line)}</p>" for line in row["text"].splitlines() if line.strip())
    title = html.escape(row.get("title") or "")
    return (
        f'<html lang="ar"><head><title>{title}</title><meta property="og:title" content="{title}">'
        f'<meta property="og:site_name" content="{html.escape(row.get("source") or "")}">'
        f'<meta property="article:published_time" content="{html.escape(row.get("date") or "")}"></head>'
        f'<body><h1>{title}</h1><div itemprop="articleBody">\n{paragraphs}\n</div></body></html>'
    ).encode()


def warc(rows: Articles, *, compressed: bool = True) -> bytes:
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=compressed)
    for row in rows:
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        payload = io.BytesIO(page(row))
        url = row.get("url") or "https://bench.example/"
        writer.write_record(writer.create_warc_record(url, "response", payload=payload, http_headers=headers))
    return stream.getvalue()


def _json_array(rows: Articles) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=1).encode()


def _json_object(rows: Articles) -> bytes:
    return json.dumps({"total": len(rows), "articles": rows}, ensure_ascii=False).encode()


def _table(rows: Articles, delimiter: str = ",") -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, FIELDS, delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        author = row.get("author")
        writer.writerow({**row, "author": "; ".join(author)} if isinstance(author, list) else row)
    return stream.getvalue().encode()


def _tab_table(rows: Articles) -> bytes:
    return _table(rows, "\t")


def _zip(rows: Articles) -> bytes:
    return _zipped(_parts(rows), zipfile.ZIP_DEFLATED)


def _wacz(rows: Articles) -> bytes:
    # A WACZ also lists its pages with their texts, which must not be read as further articles.
    listed = [{"format": "json-pages-1.0", "id": "pages"}, *({"url": row.get("url"), "text": "x"} for row in rows)]
    members = [
        ("datapackage.json", json.dumps({"profile": "data-package", "wacz_version": "1.1.1"}).encode()),
        ("archive/data.warc.gz", warc(rows)),
        ("pages/pages.jsonl", "\n".join(map(json.dumps, listed)).encode()),
    ]
    return _zipped(members, zipfile.ZIP_STORED)


def _zipped(members: Iterable[tuple[str, bytes]], method: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def _tar(rows: Articles) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, data in _parts(rows):
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return stream.getvalue()


def _parts(rows: Articles) -> Iterator[tuple[str, bytes]]:
    size = -(-len(rows) // _PARTS)
    for number, start in enumerate(range(0, len(rows), size)):
        yield f"part-{number}.jsonl", lines(rows[start : start + size])


FORMS: Final = (
    Form("news.jsonl", lines),
    Form("news.jsonl.gz", lambda rows: gzip.compress(lines(rows))),
    Form("news.jsonl.bz2", lambda rows: bz2.compress(lines(rows))),
    Form("news.jsonl.xz", lambda rows: lzma.compress(lines(rows), preset=1)),
    Form("news.json", _json_array),
    Form("around.json", _json_object),
    Form("news.csv", _table),
    Form("news.tsv", _tab_table),
    Form("news.zip", _zip),
    Form("news.tar.gz", _tar),
    Form("pages.warc.gz", warc, of_pages=True),
    Form("pages.wacz", _wacz, of_pages=True),
)
