"""Arshif compared with other engines and with its requirements, and the cost of each kind of query: one file, one run.

The last hundred articles of the file, or a tenth if that is fewer, are held back, to be added at the end. Each engine
builds its index once, Arshif first. Then all search for any of the first three words of random headlines. Each engine
stays open, as in a server, and may cache anything. The same queries run in three rounds, in blocks, with the engines in
turn within each block, so that other load affects them alike. The time of a query is the median of its three rounds;
its time in the first round is reported as well. p50 and p95 are plain quantiles over queries. The cost of each kind of
query is measured on Arshif alone, as the least of three processes. Building and adding are measured once. The random
seed is fixed.
"""

from __future__ import annotations

import gc
import gzip
import random
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Final

from bench.engines import NotMeasured, Open, build_arshif, other_engines
from bench.searching import KINDS, PASSES, PHRASE, ROUNDS, THREE, Found, Headlines, measure, words_of
from bench.timing import both, megabytes, milliseconds, p50_p95
from corpus import Archive, ingest
from indexer import update_index

MORE: Final = 100
TRIAL: Final = 10
WARM_UP: Final = 500  # other queries; Java compiles code that runs often
BLOCKS: Final = 8
BLOCK: Final = 50
COLD: Final = 20
_NONE: Final = "–"


@dataclass(slots=True)
class Measured:
    """Indexing with one engine, and its milliseconds per query, first and median; or why it was not measured."""

    name: str
    rate: float = 0.0  # articles/s
    megabytes: float = 0.0
    open: Open | None = None
    first: list[float] | None = None
    times: list[float] | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A figure and its two bounds, each with its name; `digits` decimals."""

    figure: str
    unit: str
    measured: float | None
    at_least: float | None
    aim: float | None
    at_least_is: str = ""
    aim_is: str = ""
    more_is_better: bool = False
    digits: int = 2

    def row(self, why_not: str = "") -> str:
        """A row of the table."""
        cell = self._number(self.measured) if self.measured is not None else f"not measured: {why_not}"
        bounds = [(self.at_least, self.at_least_is), (self.aim, self.aim_is)]
        return f"| {' | '.join([self.figure, cell, *(self._bound(*bound) for bound in bounds)])} |"

    def _bound(self, bound: float | None, called: str) -> str:
        if bound is None:
            return f"{called}: not measured | {_NONE}" if called else f"{_NONE} | {_NONE}"
        cell = f"{called}: {self._number(bound)}" if called else self._number(bound)
        if self.measured is None:
            return f"{cell} | {_NONE}"
        met = self.measured >= bound if self.more_is_better else self.measured <= bound
        return f"{cell} | {'met' if met else '**not met**'}"

    def _number(self, value: float) -> str:
        return f"{value:,.{self.digits}f} {self.unit}"


def run(news: Path, articles: int | None) -> None:
    """Prints three Markdown tables: engines, requirements, kinds of query."""
    lines = _lines(news)[:articles]
    more = min(MORE, len(lines) // 10)
    if not more:
        sys.exit(f"{news} has {len(lines)} articles; ten at least are needed")
    with tempfile.TemporaryDirectory() as place, Archive.create(Path(place) / "archive") as archive:
        rate = _add_to_archive(archive, lines[:-more], Path(place) / "first.jsonl")
        count = archive.article_count()
        if not count:
            sys.exit(f"{news} has no article that can be read")
        headlines = _headlines(archive)
        print(
            f"{count:,} articles, added to the archive at {rate:,.0f} articles/s, "
            f"{megabytes(archive.directory):,.0f} MB without the index.\n"
        )
        engines = _build(archive, count, Path(place))
        _search(engines, headlines)
        _print_engines(engines)
        found = measure(archive.directory, headlines)
        cold, why_not = _cold(archive, headlines)
        added = _add(archive, lines[-more:], Path(place) / "more.jsonl")
        _print_requirements(engines, found, (cold, why_not), (more, added))
        _print_kinds(found)


def _lines(news: Path) -> list[bytes]:
    try:
        with gzip.open(news, "rb") if news.suffix == ".gz" else news.open("rb") as stream:
            return stream.read().splitlines(keepends=True)
    except (OSError, EOFError) as error:
        sys.exit(f"{news} cannot be read: {error}")


def _add_to_archive(archive: Archive, lines: list[bytes], file: Path) -> float:
    """Adds articles to the archive; returns articles/s."""
    file.write_bytes(b"".join(lines))
    began = perf_counter()
    summary = ingest.AddSummary()
    ingest.add_paths(archive, [file], summary)
    return summary.added / (perf_counter() - began)


def _headlines(archive: Archive) -> Headlines:
    titles = [words for article in archive.articles() if len(words := words_of(article.title)) >= 3]
    if not titles:
        sys.exit("no article has a title of three words, to be searched for")
    random.Random(1).shuffle(titles)
    return cycle(titles)  # a small file repeats its headlines


# ------------------------------------------------------------------------------------------------------- the engines


def _build(archive: Archive, count: int, place: Path) -> list[Measured]:
    engines = [Measured("Arshif, four levels, from its archive")]
    began = perf_counter()
    engines[0].open = build_arshif(archive)
    engines[0].rate = count / (perf_counter() - began)
    engines[0].megabytes = megabytes(archive.index_directory)
    articles = list(archive.articles())  # in memory before the others are timed
    for number, engine in enumerate(other_engines()):
        engines.append(measured := Measured(engine.name))
        trial, directory = place / f"trial{number}", place / f"engine{number}"
        trial.mkdir()
        directory.mkdir()
        try:
            engine.build(articles[:TRIAL], trial)  # loads libraries and starts Java before the timed build
        except NotMeasured as error:
            measured.why_not = str(error)
            continue
        began = perf_counter()
        measured.open = engine.build(articles, directory)
        measured.rate = count / (perf_counter() - began)
        measured.megabytes = megabytes(directory)
    del articles
    gc.collect()
    return engines


def _search(engines: list[Measured], headlines: Headlines) -> None:
    warm_up = [words[:3] for words in islice(headlines, WARM_UP)]
    blocks = [[words[:3] for words in islice(headlines, BLOCK)] for _ in range(BLOCKS)]
    searches = {engine.name: engine.open() for engine in engines if engine.open}
    for name, search in searches.items():
        if not sum(map(search, warm_up)):
            sys.exit(f"{name} finds nothing")
    rounds: dict[str, list[list[float]]] = {name: [[] for _ in range(ROUNDS)] for name in searches}
    for number in range(ROUNDS):
        for block in blocks:
            for name, search in searches.items():
                rounds[name][number] += milliseconds(search, block)
    for engine in engines:
        if engine.open:
            engine.first = rounds[engine.name][0]
            engine.times = list(map(statistics.median, zip(*rounds[engine.name], strict=True)))


def _print_engines(engines: list[Measured]) -> None:
    kinds = " | ".join(f"{what} ms | × Whoosh" for what in ("first p50", "p50", "p95"))
    print(f"| any of three words, the ten best | articles/s | × Whoosh | MB | {kinds} |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    whoosh = engines[1]
    base = _quantiles(whoosh)
    for engine in engines:
        if not (found := _quantiles(engine)):
            print(f"| {engine.name} | not measured: {engine.why_not} | | | | | | | | |")
            continue
        cells = [engine.name, f"{engine.rate:,.0f}", f"{engine.rate / whoosh.rate:.1f}" if base else _NONE]
        cells.append(f"{engine.megabytes:,.0f}")
        for number, time in enumerate(found):
            cells += [f"{time:.2f}", f"{base[number] / time:.1f}" if base else _NONE]
        print(f"| {' | '.join(cells)} |")
    print(flush=True)


def _quantiles(engine: Measured) -> tuple[float, float, float] | None:
    """The median of first times, and the median and 95th percentile of all; None if there are none."""
    return (statistics.median(engine.first), *p50_p95(engine.times)) if engine.first and engine.times else None


# ------------------------------------------------------------------------------------------------------------ Arshif


def _cold(archive: Archive, headlines: Headlines) -> tuple[float | None, str]:
    """Median seconds of the installed command, or the reason why there are none."""
    command = shutil.which("arshif", path=sysconfig.get_path("scripts"))
    if command is None:
        return None, "the command `arshif` is not installed beside this Python"
    seconds = []
    for words in islice(headlines, COLD):
        began = perf_counter()
        call = [command, "--archive", str(archive.directory), "search", "--", *words[:3]]
        subprocess.run(call, check=True, capture_output=True)
        seconds.append(perf_counter() - began)
    return statistics.median(seconds), ""


def _add(archive: Archive, lines: list[bytes], file: Path) -> float:
    """Adds articles to the archive and its index; returns the seconds until they are searchable."""
    began = perf_counter()
    _add_to_archive(archive, lines, file)
    update_index(archive)
    return perf_counter() - began


def _print_requirements(
    engines: list[Measured], found: Found, cold: tuple[float | None, str], added: tuple[int, float]
) -> None:
    ours, whoosh, _, tantivy, lucene = engines
    p50, p95 = p50_p95(ours.times or [0, 0])
    slow, slower = p50_p95(whoosh.times) if whoosh.times else (None, None)
    print("| | measured | at least | | aim | |\n|---|---|---|---|---|---|")
    eight = 8 * whoosh.rate if whoosh.times else None
    theirs = lucene.rate if lucene.times else None
    fast = p50_p95(tantivy.times)[0] if tantivy.times else None
    ratio = ("Whoosh / 20", "Tantivy")
    phrase, page = p50_p95(found["first"][PHRASE])[0], p50_p95(found["pages"][THREE])[0]
    wants = [
        Requirement("index build", "articles/s", ours.rate, eight, theirs, "8 × Whoosh", "Lucene", True, 0),
        Requirement("any of three words, ten best: p50", "ms", p50, slow and slow / 20, fast, *ratio),
        Requirement("any of three words, ten best: p95", "ms", p95, slower and slower / 20, None, ratio[0]),
        Requirement("phrase of two words, ten best: p50", "ms", phrase, 2, 0.5),
        Requirement("three words, facets, timeline, ten snippets: p50", "ms", page, 8, 4),
        Requirement("`arshif search`, whole process: p50", "s", cold[0], 0.5, 0.3),
        Requirement("size of the index", "MB", ours.megabytes, 80, 40, digits=0),
        Requirement(f"adding {added[0]} articles, to searchable", "s", added[1], 1, 0.3),
    ]
    for want in wants:
        print(want.row(cold[1]))
    print()


def _print_kinds(found: Found) -> None:
    print(f"| p50 / p95 ms | {' | '.join(PASSES)} |\n|---|{'---|' * len(PASSES)}")
    for kind in KINDS:
        print(f"| {kind} | {' | '.join(both(found[times][kind]) for times in PASSES.values())} |")
