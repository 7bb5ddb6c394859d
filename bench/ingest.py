"""Adds the same articles from every file format: throughput, memory, and whether the archives are equal.

The files are made from one JSON Lines file. WARC and WACZ hold each article as a minimal page: title, date, source and
paragraphs in plain HTML, which the page reader must extract; their articles are compared by URL, because pages have no
ids.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from bench.file_forms import FORMS, Articles
from corpus import Archive, Article, canonical_url

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
    "seconds": took, "cpu": time.process_time(), "peak": peak,
    "added": summary.added, "revised": summary.revised, "unchanged": summary.unchanged, "refused": summary.refused,
    "first": [f"{one.name}: {one.reason}" for one in summary.refusals[:3]],
}))
"""


def run(news: Path, articles: int | None = None, only: list[str] | None = None) -> None:
    """Prints a Markdown table. `only` names the files to add; the first format is always added, as the reference."""
    opener = gzip.open if news.suffix == ".gz" else open
    with opener(news, "rt", encoding="utf-8") as stream:
        rows: Articles = [json.loads(line) for line, _ in zip(stream, range(articles or sys.maxsize), strict=False)]
    print(f"{len(rows):,} articles\n")
    print(
        "| form | size | articles/s | of one core | peak memory | refused | the same |\n|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        expected: dict[str, str] | None = None
        for name, make, of_pages in (form for form in FORMS if not only or form.name in (FORMS[0].name, *only)):
            path = directory / name
            path.write_bytes(make(rows))
            for through in ("file", "stdin"):
                result = _add(directory / "archive", path, through)
                found = _contents(directory / "archive", by_address=of_pages)
                if expected is None:
                    expected = _contents(directory / "archive", by_address=False)
                    by_address = _contents(directory / "archive", by_address=True)
                same = _same(found, by_address if of_pages else expected)
                _remove(directory / "archive")
                done = result["added"] + result["revised"] + result["unchanged"]
                row = (
                    name if through == "file" else f"{name}, standard input",
                    f"{path.stat().st_size / 2**20:,.1f} MB",
                    f"{done / result['seconds']:,.0f}",
                    f"{done / result['cpu']:,.0f}",
                    f"{result['peak'] / 2**20:,.0f} MB",
                    f"{result['refused']:,}",
                    same,
                )
                print(f"| {' | '.join(row)} |", flush=True)
                for line in result["first"]:
                    print(f"  refused: {line}", file=sys.stderr)
            path.unlink()


def _add(archive: Path, path: Path, through: str) -> dict[str, Any]:
    command = [sys.executable, "-c", _ADD, str(archive), str(path), through]
    if through == "file":
        done = subprocess.run(command, check=True, capture_output=True)
    else:
        # Through a pipe, which is not seekable.
        with subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as cat:
            done = subprocess.run(command, check=True, stdin=cat.stdout, stdout=subprocess.PIPE)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _contents(archive: Path, *, by_address: bool) -> dict[str, str]:
    """What each article prints, by id or by URL; the last article of a URL."""
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
