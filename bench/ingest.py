"""The same articles through every file form: how fast, in how much memory, and whether the archive is the same.

The forms are made from one JSON Lines file. Those of pages (WARC, WACZ) hold each article as a minimal page: its title,
date, source and paragraphs in plain HTML, which the reader of pages must find again; their articles are compared by
address, since pages carry no ids.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import html
import io
import json
import lzma
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from corpus import Archive, Article, canonical_url

FIELDS: Final = ("id", "url", "title", "text", "date", "source", "section", "author")
_PARTS: Final = 10  # files in an archive of several
_ADD: Final = """
import json, resource, sys, time
from pathlib import Path
from corpus import Archive, ingest
directory, path = map(Path, sys.argv[1:3])
summary = ingest.AddSummary()
began = time.perf_counter()
with Archive.create(directory) as archive:
    if sys.argv[3] == "stdin":
        ingest.add_stream(archive, sys.stdin.buffer, "standard input", summary)
    else:
        ingest.add_paths(archive, [path], summary)
took = time.perf_counter() - began
try:  # what the kernel counts as this process's own includes what the process that started it held
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
except OSError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({
    "seconds": took, "peak": peak,
    "added": summary.added, "revised": summary.revised, "unchanged": summary.unchanged, "refused": summary.refused,
    "first": [f"{one.name}: {one.reason}" for one in summary.refusals[:3]],
}))
"""

Articles = list[dict[str, Any]]


def run(news: Path, articles: int | None = None) -> None:
    """Prints a Markdown table."""
    opener = gzip.open if news.suffix == ".gz" else open
    with opener(news, "rt", encoding="utf-8") as stream:
        rows: Articles = [json.loads(line) for line, _ in zip(stream, range(articles or sys.maxsize), strict=False)]
    print(f"{len(rows):,} articles\n")
    print("| form | size | articles/s | peak memory | refused | the same |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        expected: dict[str, str] | None = None
        for name, make, pages in _forms():
            path = directory / name
            make(path, rows)
            for through in ("file", "stdin"):
                told = _add(directory / "archive", path, through)
                found = _contents(directory / "archive", by_address=pages)
                if expected is None:
                    expected = _contents(directory / "archive", by_address=False)
                    by_address = _contents(directory / "archive", by_address=True)
                same = _same(found, by_address if pages else expected)
                _remove(directory / "archive")
                done = told["added"] + told["revised"] + told["unchanged"]
                row = (
                    name if through == "file" else f"{name}, standard input",
                    f"{path.stat().st_size / 2**20:,.1f} MB",
                    f"{done / told['seconds']:,.0f}",
                    f"{told['peak'] / 2**20:,.0f} MB",
                    f"{told['refused']:,}",
                    same,
                )
                print(f"| {' | '.join(row)} |", flush=True)
                for line in told["first"]:
                    print(f"  refused: {line}", file=sys.stderr)
            path.unlink()


def _add(archive: Path, path: Path, through: str) -> dict[str, Any]:
    command = [sys.executable, "-c", _ADD, str(archive), str(path), through]
    if through == "file":
        done = subprocess.run(command, check=True, capture_output=True)
    else:
        # Through a pipe, which cannot be sought in.
        with subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as cat:
            done = subprocess.run(command, check=True, stdin=cat.stdout, stdout=subprocess.PIPE)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _contents(archive: Path, *, by_address: bool) -> dict[str, str]:
    """What is printed in each article, by id or by address; the last one of an address."""
    with Archive.open(archive) as opened:
        if not by_address:
            return {article.id: article.content_hash() for article in opened.articles()}
        return {canonical_url(article.url): _printed(article) for article in opened.articles() if article.url}


def _printed(article: Article) -> str:
    day = article.published.isoformat() if article.published else ""
    return "\n".join([article.title, day, article.source or "", *article.paragraphs])


def _same(found: dict[str, str], expected: dict[str, str]) -> str:
    equal = sum(found.get(key) == value for key, value in expected.items())
    return "yes" if found == expected else f"{equal:,} of {len(expected):,}"


def _remove(archive: Path) -> None:
    for path in sorted(archive.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    archive.rmdir()


# The forms


def _forms() -> Iterator[tuple[str, Callable[[Path, Articles], None], bool]]:
    """Name, how it is made, whether it holds pages."""
    yield "news.jsonl", lambda path, rows: path.write_bytes(_jsonl(rows)) and None, False
    yield "news.jsonl.gz", lambda path, rows: path.write_bytes(gzip.compress(_jsonl(rows))) and None, False
    yield "news.jsonl.bz2", lambda path, rows: path.write_bytes(bz2.compress(_jsonl(rows))) and None, False
    yield "news.jsonl.xz", lambda path, rows: path.write_bytes(lzma.compress(_jsonl(rows), preset=1)) and None, False
    yield "news.json", _json_array, False
    yield "around.json", _json_object, False
    yield "news.csv", lambda path, rows: _table(path, rows, ","), False
    yield "news.tsv", lambda path, rows: _table(path, rows, "\t"), False
    yield "news.zip", _zip, False
    yield "news.tar.gz", _tar, False
    yield "pages.warc.gz", lambda path, rows: path.write_bytes(_warc(rows)) and None, True
    yield "pages.wacz", _wacz, True


def _jsonl(rows: Articles) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def _json_array(path: Path, rows: Articles) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def _json_object(path: Path, rows: Articles) -> None:
    path.write_text(json.dumps({"total": len(rows), "articles": rows}, ensure_ascii=False), encoding="utf-8")


def _table(path: Path, rows: Articles, delimiter: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS, delimiter=delimiter, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def _parts(rows: Articles) -> Iterator[tuple[str, bytes]]:
    size = -(-len(rows) // _PARTS)
    for number, start in enumerate(range(0, len(rows), size)):
        yield f"part-{number}.jsonl", _jsonl(rows[start : start + size])


def _zip(path: Path, rows: Articles) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _parts(rows):
            archive.writestr(name, data)


def _tar(path: Path, rows: Articles) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in _parts(rows):
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))


def _page(row: dict[str, Any]) -> bytes:
    paragraphs = "\n".join(f"<p>{html.escape(line)}</p>" for line in row["text"].splitlines() if line.strip())
    return (
        f'<html lang="ar"><head><title>{html.escape(row["title"])}</title>'
        f'<meta property="og:title" content="{html.escape(row["title"])}">'
        f'<meta property="og:site_name" content="{html.escape(row["source"])}">'
        f'<meta property="article:published_time" content="{row["date"]}"></head>'
        f'<body><h1>{html.escape(row["title"])}</h1><div itemprop="articleBody">\n{paragraphs}\n</div></body></html>'
    ).encode()


def _warc(rows: Articles) -> bytes:
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True)
    for row in rows:
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        record = writer.create_warc_record(row["url"], "response", payload=io.BytesIO(_page(row)), http_headers=headers)
        writer.write_record(record)
    return stream.getvalue()


def _wacz(path: Path, rows: Articles) -> None:
    began = perf_counter()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("datapackage.json", json.dumps({"profile": "data-package", "wacz_version": "1.1.1"}))
        archive.writestr("archive/data.warc.gz", _warc(rows))
        # A WACZ lists its pages with their texts too: they must not be read a second time.
        lines = [{"format": "json-pages-1.0", "id": "pages"}, *({"url": row["url"], "text": "x"} for row in rows)]
        archive.writestr("pages/pages.jsonl", "\n".join(map(json.dumps, lines)))
    print(f"made {path.name} in {perf_counter() - began:.0f} s", file=sys.stderr)
