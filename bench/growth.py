"""How the cost of building and searching grows: archives of recombined sentences, up to a million articles and more.

The sentences of each synthetic article come from random articles of a real file, so that words have their real
frequencies and new word pairs keep appearing; titles are real. At each size the index is rebuilt in a process of its
own and searched in others (`bench/searching.py`).
"""

from __future__ import annotations

import functools
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final, TypedDict

from bench.picture import draw
from bench.searching import KINDS, PASSES, Found, Headlines, measure, words_of
from bench.timing import both, megabytes, p50_p95, peak_megabytes
from corpus import Archive, ArshifError, Article, ingest, make_article

SENTENCES: Final = 12
_BATCH: Final = 5_000
_SENTENCE: Final = re.compile(r"[^.!؟\n]{20,400}[.!؟\n]")


class Built(TypedDict):
    """The cost of a build: seconds, megabytes of memory, megabytes of files."""

    seconds: float
    peak: float
    size: float


def run(news: Path, sizes: list[int], keep: Path | None, picture: Path | None) -> None:
    """Prints a row per size, then the times of the queries; `picture` is the SVG file to draw them to."""
    if min(sizes) < 1:
        sys.exit("a number of articles is 1 or more")
    if picture and not picture.parent.is_dir():
        sys.exit(f"{picture.parent} is not a directory, to draw into")  # reported now, not after an hour
    with ExitStack() as stack:
        place = keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place.mkdir(parents=True, exist_ok=True)
        print("| articles | build, articles/s | build, peak MB | index MB | open ms | private MB, searching |")
        print("|---|---|---|---|---|---|")
        material = functools.cache(lambda: _material(news))
        found: dict[int, Found] = {}
        for size in sorted(set(sizes)):
            directory = place / f"{news.name}-{size}"
            _make(directory, size, material)
            built = _build_in_process(directory)
            with Archive.open(directory) as archive:
                found[size] = measure(directory, _headlines(archive, size))
            cells = [f"{size:,}", f"{size / built['seconds']:,.0f}", f"{built['peak']:,.0f}", f"{built['size']:,.0f}"]
            cells += [f"{found[size]['opened']:.1f}", f"{found[size]['private']:,.0f}"]
            print(f"| {' | '.join(cells)} |", flush=True)
        print("| at most | | 4,096 | | 200 | 1,024 |\n")
        print(f"| p50 / p95 ms | {' | '.join(f'{size:,}' for size in found)} |\n|---|{'---|' * len(found)}")
        for kind in KINDS:
            for name, times in PASSES.items():
                print(f"| {kind}, {name} | {' | '.join(both(at[times][kind]) for at in found.values())} |")
    if picture:
        curves = {kind: [(size, *p50_p95(at["first"][kind])) for size, at in found.items()] for kind in KINDS}
        picture.write_text(draw(curves, "articles", "ms"), encoding="utf-8")


Material = tuple[list[str], list[str]]
"""Sentences, and titles."""


def _material(news: Path) -> Material:
    with tempfile.TemporaryDirectory() as place, Archive.create(Path(place) / "archive") as archive:
        try:
            ingest.add_paths(archive, [news], ingest.AddSummary())
        except ArshifError as error:
            sys.exit(str(error))
        sentences = [
            sentence.strip() for article in archive.articles() for sentence in _SENTENCE.findall(article.text + "\n")
        ]
        titles = [article.title for article in archive.articles() if len(words_of(article.title)) >= 3]
    if not sentences or not titles:
        sys.exit(f"{news} has no sentences, or no titles of three words, to make articles of")
    return sentences, titles


def _make(directory: Path, size: int, material: Callable[[], Material]) -> None:
    """Fills an archive, or the rest of one whose filling was interrupted."""
    with Archive.open(directory) if directory.exists() else Archive.create(directory) as archive:
        for start in range(archive.article_count(), size, _BATCH):
            with archive.batch():
                for number in range(start, min(start + _BATCH, size)):
                    archive.add(_article(number, *material()))


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


def _headlines(archive: Archive, size: int) -> Headlines:
    chance = random.Random(7)
    while True:
        yield words_of(archive.get(f"g{chance.randrange(size)}").title)


def _build_in_process(directory: Path) -> Built:
    call = [sys.executable, "-m", "bench.growth", str(directory)]
    built: Built = json.loads(subprocess.run(call, stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout)
    return built


def _build(directory: Path) -> Built:
    from indexer import rebuild_index

    with Archive.open(directory) as archive:
        began = perf_counter()
        rebuild_index(archive)
        seconds = perf_counter() - began
        return Built(seconds=seconds, peak=peak_megabytes(), size=megabytes(archive.index_directory))


if __name__ == "__main__":
    print(json.dumps(_build(Path(sys.argv[1]))))
