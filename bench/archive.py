"""What a user of one archive waits for: adding, indexing, searching, adding a hundred articles more.

The queries are words of random headlines of the file itself, so that they are met; the random seed is fixed.
"""

from __future__ import annotations

import gzip
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from corpus import Archive, ingest
from indexer import Searcher, SearchRequest, update_index

QUERIES = 200
MORE = 100


def run(news: Path) -> None:
    """Prints a Markdown table."""
    opener = gzip.open if news.suffix == ".gz" else open
    with opener(news, "rb") as stream:
        lines = stream.read().splitlines(keepends=True)
    if len(lines) <= MORE:
        sys.exit(f"{news} has {len(lines)} articles; more than {MORE} are needed")
    rows: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        first, more = directory / "first.jsonl", directory / "more.jsonl"
        first.write_bytes(b"".join(lines[:-MORE]))
        more.write_bytes(b"".join(lines[-MORE:]))
        with Archive.create(directory / "archive") as archive:
            for name, file in (("all but 100", first), ("100 more", more)):
                rows += _add(archive, name, file)
            titles = _titles(archive)
            rows += _search(archive, titles)
            rows.append(("`arshif search` of three words, whole process: p50", _cold(archive, titles)))
            rows.append(("size of articles.db", _megabytes(archive.directory.glob("articles.db*"))))
            rows.append(("size of the index", _megabytes(archive.index_directory.iterdir())))
    rows.append(("peak memory of the process", _peak_memory()))
    print("| | |\n|---|---|")
    for label, value in rows:
        print(f"| {label} | {value} |")


def _add(archive: Archive, name: str, file: Path) -> list[tuple[str, str]]:
    began = perf_counter()
    summary = ingest.AddSummary()
    ingest.add_paths(archive, [file], summary)
    added = perf_counter()
    indexed = update_index(archive).indexed
    done = perf_counter()
    return [
        (f"{name}: keep in the archive", f"{summary.added / (added - began):,.0f} articles/s"),
        (f"{name}: index", f"{indexed / (done - added):,.0f} articles/s"),
        (f"{name}: to searchable", f"{done - began:.2f} s"),
    ]


def _titles(archive: Archive) -> list[list[str]]:
    chosen = random.Random(1)
    titles = [words for article in archive.articles() if len(words := article.title.split()) >= 3]
    return chosen.sample(titles, min(QUERIES, len(titles)))


def _cold(archive: Archive, titles: list[list[str]]) -> str:
    seconds = []
    for title in titles[:20]:
        program = [sys.executable, "-c", "from search_ui.command import main; main()"]
        began = perf_counter()
        options = ["--archive", str(archive.directory), "search", *title[:3]]
        subprocess.run([*program, *options], check=True, capture_output=True)
        seconds.append(perf_counter() - began)
    return f"{statistics.median(seconds):.2f} s"


def _search(archive: Archive, titles: list[list[str]]) -> list[tuple[str, str]]:
    searcher = Searcher(archive)
    rows = []
    for name, queries in {
        "one word": [title[0] for title in titles],
        "three words": [" ".join(title[:3]) for title in titles],
        "any of three words": [" أو ".join(title[:3]) for title in titles],
        "a phrase of two words": [f"«{' '.join(title[:2])}»" for title in titles],
    }.items():
        requests = [SearchRequest(query, facets=True) for query in queries]
        for kind, search in (
            ("the ten best", lambda request: searcher.rank(request, 10)),
            ("with facets, timeline and ten snippets", searcher.search),
        ):
            p50, p95 = _times(search, requests)
            rows.append((f"{name}, {kind}: p50 / p95", f"{p50 * 1000:.2f} / {p95 * 1000:.2f} ms"))
    return rows


def _times(search: Callable[[SearchRequest], object], requests: list[SearchRequest]) -> tuple[float, float]:
    """Median and 95th percentile, in seconds; the first quarter warms the searcher and is not counted."""
    seconds = []
    for request in requests:
        began = perf_counter()
        search(request)
        seconds.append(perf_counter() - began)
    return statistics.median(seconds[len(seconds) // 4 :]), statistics.quantiles(seconds[len(seconds) // 4 :], n=20)[-1]


def _megabytes(paths: Any) -> str:
    return f"{sum(path.stat().st_size for path in paths) / 2**20:,.1f} MB"


def _peak_memory() -> str:
    try:
        import resource
    except ImportError:  # Windows
        return "not told by this system"
    unit = 1 if sys.platform == "darwin" else 1024
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20:,.0f} MB"
