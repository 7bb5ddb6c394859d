"""How building and searching grow: archives of recombined sentences, up to a million articles and more.

Each made-up article takes its sentences from random articles of a real file, so that words keep their frequencies and
new word pairs keep appearing; titles are real ones. At each size the index is built anew, in a process of its own, and
searched in another. A million articles take about half an hour.
"""

from __future__ import annotations

import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final

from corpus import Archive, Article, ingest, make_article

SENTENCES: Final = 12
QUERIES: Final = 200
_BATCH: Final = 5_000
_SENTENCE: Final = re.compile(r"[^.!؟\n]{20,400}[.!؟\n]")


def run(news: Path, sizes: list[int]) -> None:
    """Prints a row a size."""
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        sentences, titles = _material(news, directory / "material")
        print(
            "| articles | build, articles/s | build, peak MB | index MB | open ms | private MB | "
            + " | ".join(f"{kind} p50 / p95 ms" for kind in ("one word", "three words", "any of three", "phrase"))
            + " |\n|"
            + "---|" * 10
        )
        with Archive.create(directory / "archive") as archive:
            made = 0
            for size in sorted(sizes):
                _grow(archive, made, size, sentences, titles)
                made = size
                built = _in_process("build", archive.directory)
                found = _in_process("search", archive.directory)
                row = [
                    f"{size:,}",
                    f"{size / built['seconds']:,.0f}",
                    f"{built['peak']:,.0f}",
                    f"{built['megabytes']:,.0f}",
                ]
                row += [f"{found['open']:.1f}", f"{found['private']:,.0f}"]
                row += [f"{p50:.2f} / {p95:.2f}" for p50, p95 in found["times"]]
                print("| " + " | ".join(row) + " |", flush=True)


def _material(news: Path, place: Path) -> tuple[list[str], list[str]]:
    with Archive.create(place) as archive:
        ingest.add_paths(archive, [news], ingest.AddSummary())
        sentences = [
            sentence.strip() for article in archive.articles() for sentence in _SENTENCE.findall(article.text + "\n")
        ]
        titles = [article.title for article in archive.articles() if article.title]
    return sentences, titles


def _grow(archive: Archive, first: int, last: int, sentences: list[str], titles: list[str]) -> None:
    for start in range(first, last, _BATCH):
        with archive.batch():
            for number in range(start, min(start + _BATCH, last)):
                archive.add(_article(number, sentences, titles))


def _article(number: int, sentences: list[str], titles: list[str]) -> Article:
    chance = random.Random(number)
    body = chance.choices(sentences, k=chance.randint(SENTENCES // 2, SENTENCES * 3 // 2))
    return make_article(
        id=f"g{number}",
        title=chance.choice(titles),
        paragraphs=[" ".join(body[start : start + 3]) for start in range(0, len(body), 3)],
        published=datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(10_000_000)),
        source=f"صحيفة {chance.randrange(40)}",
    )


def _in_process(step: str, directory: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.growth", step, str(directory)], capture_output=True, check=True, encoding="utf-8"
    )
    value: dict[str, float] = json.loads(done.stdout)
    return value


def _build(directory: Path) -> dict[str, float]:
    import resource

    from indexer import rebuild_index

    with Archive.open(directory) as archive:
        began = perf_counter()
        rebuild_index(archive)
        seconds = perf_counter() - began
        size = sum(path.stat().st_size for path in archive.index_directory.iterdir())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak": peak, "megabytes": size / 2**20}


def _search(directory: Path) -> dict[str, object]:
    from indexer import Searcher, SearchRequest

    with Archive.open(directory) as archive:
        chance = random.Random(7)
        count = archive.article_count()
        titles = [archive.get(f"g{chance.randrange(count)}").title.split() for _ in range(2 * QUERIES)]
        titles = [title for title in titles if len(title) >= 3][:QUERIES]
        began = perf_counter()
        searcher = Searcher(archive)
        opened = 1000 * (perf_counter() - began)
        times = []
        for queries in (
            [title[0] for title in titles],
            [" ".join(title[:3]) for title in titles],
            [" أو ".join(title[:3]) for title in titles],
            [f"«{' '.join(title[:2])}»" for title in titles],
        ):
            taken = []
            for query in queries:
                began = perf_counter()
                searcher.rank(SearchRequest(query), 10)
                taken.append(1000 * (perf_counter() - began))
            times.append((statistics.median(taken), statistics.quantiles(taken, n=20)[-1]))
        return {"open": opened, "private": _private_megabytes(), "times": times}


def _private_megabytes() -> float:
    """Memory of this process that no other shares and no file backs; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024


if __name__ == "__main__":
    print(json.dumps({"build": _build, "search": _search}[sys.argv[1]](Path(sys.argv[2]))))
