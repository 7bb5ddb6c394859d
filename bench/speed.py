"""Arshif beside other engines, what is wanted of it, and what each kind of query costs: one file, one run.

The last hundred articles of the file, or a tenth if that is fewer, are kept back, to be added at the end. Each engine
builds its index once, Arshif first. Then all search for any of the first three words of random headlines: after
the same warm-up, queries in blocks, the engines in turn at each block, so that whatever else the machine does hits them
alike. Each query is asked once: p50 and p95 are plain quantiles over queries that no engine has seen. The random seed
is fixed.
"""

from __future__ import annotations

import gc
import gzip
import random
import re
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Final

from bench.engines import NotMeasured, Search, any_of, build_arshif, other_engines
from bench.timing import both, megabytes, milliseconds, p50_p95
from corpus import Archive, ingest
from indexer import Searcher, SearchRequest, update_index

MORE: Final = 100
TRIAL: Final = 10
WARM_UP: Final = 100
WARM_UP_ROUNDS: Final = 5  # Java compiles what it has run often
BLOCKS: Final = 8
BLOCK: Final = 50
QUERIES: Final = 200  # of each kind
COLD: Final = 20
_WORD: Final = re.compile(r"[\w\u064B-\u0652]+")  # with its vowel signs, which \w leaves out
_NONE: Final = "–"

Headlines = Iterator[list[str]]
"""The words of random headlines, three at least, without punctuation."""


@dataclass(slots=True)
class Measured:
    """What one engine took to index, and the time of each query in milliseconds; or why it was not measured."""

    name: str
    rate: float = 0.0  # articles/s
    megabytes: float = 0.0
    search: Search | None = None
    times: list[float] | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Want:
    """A figure with its two bounds, each with what it is called; `digits` after the point."""

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
        told = self._number(self.measured) if self.measured is not None else f"not measured: {why_not}"
        bounds = [(self.at_least, self.at_least_is), (self.aim, self.aim_is)]
        return f"| {' | '.join([self.figure, told, *(self._bound(*bound) for bound in bounds)])} |"

    def _bound(self, bound: float | None, called: str) -> str:
        if bound is None:
            return f"{called}: not measured | {_NONE}" if called else f"{_NONE} | {_NONE}"
        told = f"{called}: {self._number(bound)}" if called else self._number(bound)
        if self.measured is None:
            return f"{told} | {_NONE}"
        met = self.measured >= bound if self.more_is_better else self.measured <= bound
        return f"{told} | {'met' if met else '**not met**'}"

    def _number(self, value: float) -> str:
        return f"{value:,.{self.digits}f} {self.unit}"


def run(news: Path, articles: int | None) -> None:
    """Prints three Markdown tables."""
    lines = _lines(news)[:articles]
    more = min(MORE, len(lines) // 10)
    if not more:
        sys.exit(f"{news} has {len(lines)} articles; ten at least are needed")
    with tempfile.TemporaryDirectory() as place, Archive.create(Path(place) / "archive") as archive:
        kept = _keep(archive, lines[:-more], Path(place) / "first.jsonl")
        count = archive.counts().articles
        if not count:
            sys.exit(f"{news} has no article that can be read")
        headlines = _headlines(archive)
        print(
            f"{count:,} articles, kept in the archive at {kept:,.0f} articles/s, "
            f"{megabytes(archive.directory):,.0f} MB without the index.\n"
        )
        engines = _build(archive, count, Path(place))
        _search(engines, headlines)
        _print_engines(engines)
        kinds, full = _kinds(archive, headlines)
        cold, why_not = _cold(archive, headlines)
        added = _add(archive, lines[-more:], Path(place) / "more.jsonl")
        _print_wants(engines, kinds, full, (cold, why_not), (more, added))
        _print_kinds(kinds, full)


def _lines(news: Path) -> list[bytes]:
    try:
        with gzip.open(news, "rb") if news.suffix == ".gz" else news.open("rb") as stream:
            return stream.read().splitlines(keepends=True)
    except (OSError, EOFError) as error:
        sys.exit(f"{news} cannot be read: {error}")


def _keep(archive: Archive, lines: list[bytes], file: Path) -> float:
    """Adds articles to the archive; gives articles/s."""
    file.write_bytes(b"".join(lines))
    began = perf_counter()
    summary = ingest.AddSummary()
    ingest.add_paths(archive, [file], summary)
    return summary.added / (perf_counter() - began)


def _headlines(archive: Archive) -> Headlines:
    titles = [words for article in archive.articles() if len(words := _WORD.findall(article.title)) >= 3]
    if not titles:
        sys.exit("no article has a title of three words, to be searched for")
    random.Random(1).shuffle(titles)
    return cycle(titles)  # small files give the same headlines again


# ------------------------------------------------------------------------------------------------------- the engines


def _build(archive: Archive, count: int, place: Path) -> list[Measured]:
    engines = [Measured("Arshif, three levels, from its archive")]
    began = perf_counter()
    engines[0].search = build_arshif(archive)
    engines[0].rate = count / (perf_counter() - began)
    engines[0].megabytes = megabytes(archive.index_directory)
    articles = list(archive.articles())  # in memory before the clock of the others starts
    for number, engine in enumerate(other_engines()):
        engines.append(measured := Measured(engine.name))
        trial, directory = place / f"trial{number}", place / f"engine{number}"
        trial.mkdir()
        directory.mkdir()
        try:
            engine.build(articles[:TRIAL], trial)  # loads libraries and starts Java before the clock
        except NotMeasured as error:
            measured.why_not = str(error)
            continue
        began = perf_counter()
        measured.search = engine.build(articles, directory)
        measured.rate = count / (perf_counter() - began)
        measured.megabytes = megabytes(directory)
    del articles
    gc.collect()
    return engines


def _search(engines: list[Measured], headlines: Headlines) -> None:
    warm_up = [words[:3] for words in islice(headlines, WARM_UP)]
    blocks = [[words[:3] for words in islice(headlines, BLOCK)] for _ in range(BLOCKS)]
    for engine in engines:
        if engine.search:
            found = sum(map(engine.search, warm_up * WARM_UP_ROUNDS))
            if not found:
                engine.why_not, engine.search = "it finds nothing", None
    for block in blocks:
        for engine in engines:
            if engine.search:
                engine.times = [*(engine.times or []), *milliseconds(engine.search, block)]


def _print_engines(engines: list[Measured]) -> None:
    print("| any of three words, the ten best | articles/s | × Whoosh | MB | p50 ms | × Whoosh | p95 ms | × Whoosh |")
    print("|---|---|---|---|---|---|---|---|")
    whoosh = engines[1]
    base = p50_p95(whoosh.times) if whoosh.times else None
    for engine in engines:
        if not engine.times:
            print(f"| {engine.name} | not measured: {engine.why_not} | | | | | | |")
            continue
        cells = [engine.name, f"{engine.rate:,.0f}", f"{engine.rate / whoosh.rate:.1f}" if base else _NONE]
        cells.append(f"{engine.megabytes:,.0f}")
        for number, time in enumerate(p50_p95(engine.times)):
            cells += [f"{time:.2f}", f"{base[number] / time:.1f}" if base else _NONE]
        print(f"| {' | '.join(cells)} |")
    print(flush=True)


# ------------------------------------------------------------------------------------------------------------ Arshif


Kinds = dict[str, list[float]]
"""Milliseconds of each query by the kind of query."""

_THREE: Final = "three words"
_PHRASE: Final = "a phrase of two words"


def _kinds(archive: Archive, headlines: Headlines) -> tuple[Kinds, Kinds]:
    """The ten best by id alone, and the whole page: facets, timeline and ten snippets."""
    searcher = Searcher(archive)
    ranked, full = Kinds(), Kinds()
    spell: dict[str, Callable[[list[str]], str]] = {
        "one word": lambda words: words[0],
        _THREE: lambda words: " ".join(words[:3]),
        "any of three words": lambda words: any_of(words[:3]),
        _PHRASE: lambda words: f"«{' '.join(words[:2])}»",
    }
    for kind, query in spell.items():
        requests = [SearchRequest(query(words), facets=True) for words in islice(headlines, 2 * QUERIES)]
        ranked[kind] = milliseconds(lambda request: searcher.rank(request, 10), requests[:QUERIES])
        full[kind] = milliseconds(searcher.search, requests[QUERIES:])
    return ranked, full


def _cold(archive: Archive, headlines: Headlines) -> tuple[float | None, str]:
    """Median seconds of the installed command, or why there are none."""
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
    """Adds articles to the archive and its index; seconds until they can be found."""
    began = perf_counter()
    _keep(archive, lines, file)
    update_index(archive)
    return perf_counter() - began


def _print_wants(
    engines: list[Measured], ranked: Kinds, full: Kinds, cold: tuple[float | None, str], added: tuple[int, float]
) -> None:
    ours, whoosh, _, tantivy, lucene = engines
    p50, p95 = p50_p95(ours.times or [0, 0])
    slow, slower = p50_p95(whoosh.times) if whoosh.times else (None, None)
    print("| | measured | at least | | aim | |\n|---|---|---|---|---|---|")
    eight = 8 * whoosh.rate if whoosh.times else None
    theirs = lucene.rate if lucene.times else None
    fast = p50_p95(tantivy.times)[0] if tantivy.times else None
    ratio = ("Whoosh / 20", "Tantivy")
    phrase, page = p50_p95(ranked[_PHRASE])[0], p50_p95(full[_THREE])[0]
    wants = [
        Want("index build", "articles/s", ours.rate, eight, theirs, "8 × Whoosh", "Lucene", True, 0),
        Want("any of three words, ten best: p50", "ms", p50, slow and slow / 20, fast, *ratio),
        Want("any of three words, ten best: p95", "ms", p95, slower and slower / 20, None, ratio[0]),
        Want("phrase of two words, ten best: p50", "ms", phrase, 2, 0.5),
        Want("three words, facets, timeline, ten snippets: p50", "ms", page, 8, 4),
        Want("`arshif search`, whole process: p50", "s", cold[0], 0.5, 0.3),
        Want("size of the index", "MB", ours.megabytes, 80, 40, digits=0),
        Want(f"adding {added[0]} articles, to searchable", "s", added[1], 1, 0.3),
    ]
    for want in wants:
        print(want.row(cold[1]))
    print()


def _print_kinds(ranked: Kinds, full: Kinds) -> None:
    print("| each query asked once: p50 / p95 ms | the ten best | with facets, timeline and ten snippets |")
    print("|---|---|---|")
    for kind in ranked:
        print(f"| {kind} | {both(ranked[kind])} | {both(full[kind])} |")
