"""Searching by meaning: how many of the nearest articles the sketches find, and what a search takes.

The queries are titles of random articles, or of a file. What is found is compared with a comparison of all vectors as
32-bit numbers: the stored bytes, or with `--encode` the encoder's own numbers. For archives larger than the given one,
vectors are made that lie between two of its own. Times are of the processor, with one thread of BLAS if
`OPENBLAS_NUM_THREADS=1` is set.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean
from time import process_time
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bench.timing import both, least, megabytes, private_megabytes
from corpus import Archive
from indexer import SearchRequest, Topic, as_run, evaluate, open_searcher, read_qrels, read_topics
from indexer.meaning.build import configured, vectors_directory
from indexer.meaning.encoder import Encoder, open_encoder
from indexer.meaning.nearest import PassageScan
from indexer.meaning.passages import body_passages, lead_of
from indexer.meaning.vector_files import VectorFile, encode_vectors, merge_files, open_vector_file, write_vector_file
from indexer.meaning.vector_store import LEVELS, MAX_MERGED_BYTES, read_vector_commit

Numbers = NDArray[np.int64]
Vectors = NDArray[np.float32]
Level = Sequence[VectorFile]
T = TypeVar("T")

ROUNDS = 3
DEPTHS = (10, 100)
NOISE = 0.25  # added to made vectors, in standard deviations of the archive's


def run(
    directory: Path,
    *,
    queries: Path | None,
    qrels: Path | None,
    number: int,
    encode: bool,
    made: Sequence[int],
    passages: int,
) -> None:
    """Prints a Markdown table."""
    print("| | |\n|---|---|")
    with Archive.open(directory) as archive:
        encoder = open_encoder(configured(archive))
        topics = _topics(archive, queries, number)
        began = process_time()
        vectors = [encoder.query(topic.text) for topic in topics]
        _row(f"{len(topics)} queries, the vector of one", f"{1000 * (process_time() - began) / len(topics):.1f} ms")
        levels = _stored(archive)
        _row("vectors", f"{sum(file.passage_count for files in levels for file in files):,}")
        _measure_scan(levels, vectors)
        numbers, exact = _encoded(archive, encoder) if encode else _decoded(levels)
        expected = [_brute(numbers, exact, vector, DEPTHS[-1]) for vector in vectors]
        _measure_recall(levels, vectors, expected)
        if qrels:
            _measure_ranking(archive, topics, qrels, levels, vectors, expected)
        _measure_searches(archive, [topic.text for topic in topics])
    for articles in made:
        for each in dict.fromkeys((1, passages)):
            _measure_made(articles, each, exact, vectors)


def _milliseconds(call: Callable[[T], object], arguments: Sequence[T]) -> list[float]:
    """The processor time of each call: other programs do not count."""
    times = []
    for argument in arguments:
        began = process_time()
        call(argument)
        times.append(1000 * (process_time() - began))
    return times


def _row(label: str, value: str) -> None:
    print(f"| {label} | {value} |", flush=True)


def _topics(archive: Archive, queries: Path | None, number: int) -> Sequence[Topic]:
    if queries:
        topics, _ = read_topics(queries.read_bytes(), str(queries))
        return random.Random(1).sample(topics, min(number, len(topics)))
    ids = random.Random(1).sample(list(archive.ids()), min(number, archive.counts().articles))
    return [Topic(article.id, article.title) for article in archive.get_many(ids).values() if article.title]


def _stored(archive: Archive) -> list[Level]:
    directory = vectors_directory(archive)
    commit = read_vector_commit(directory)
    if commit is None:
        raise SystemExit("the archive has no vectors: run 'arshif embed'")
    dimension = commit.identity.dimension
    return [
        [open_vector_file(directory, name, dimension) for name, _ in commit.levels[level].files] for level in LEVELS
    ]


def _decoded(levels: Sequence[Level]) -> tuple[Numbers, Vectors]:
    """The article and the vector of each passage, as stored."""
    merged = [merge_files(files, oldest=True) for files in levels if files]
    numbers = np.concatenate(
        [np.repeat(file.numbers.astype(np.int64), np.diff(file.starts.astype(np.int64))) for file in merged]
    )
    return numbers, np.concatenate([file.codes * file.scales[:, np.newaxis] for file in merged])


def _encoded(archive: Archive, encoder: Encoder) -> tuple[Numbers, Vectors]:
    """The article and the vector of each passage, as the encoder returns them."""
    numbers: list[int] = []
    texts: list[str] = []
    of = archive.numbers(archive.ids())
    for article in archive.articles():
        own = [lead_of(article, encoder.max_letters), *body_passages(article, encoder.max_letters)]
        texts += own
        numbers += [of[article.id]] * len(own)
    return np.array(numbers, np.int64), encoder.passages(texts)


def _brute(numbers: Numbers, exact: Vectors, vector: Vectors, limit: int) -> list[tuple[int, float]]:
    """The nearest articles, by comparison with all vectors."""
    best: dict[int, float] = {}
    cosines = exact @ vector
    for at in np.argsort(-cosines, kind="stable").tolist():
        best.setdefault(int(numbers[at]), float(cosines[at]))
        if len(best) == limit:
            break
    return list(best.items())


def _measure_scan(levels: Sequence[Level], vectors: Sequence[Vectors]) -> None:
    """The time of a scan, and the vectors' memory that it touches."""
    began = process_time()
    scan = PassageScan(levels)
    scan.nearest(vectors[0], DEPTHS[-1])
    _row("the first scan", f"{1000 * (process_time() - began):.1f} ms")
    times = least([_milliseconds(lambda vector: scan.nearest(vector, DEPTHS[-1]), vectors) for _ in range(ROUNDS)])
    _row("a scan, p50 / p95", f"{both(times)} ms")
    numbers = np.unique(np.concatenate([file.numbers for files in levels for file in files]))
    for within in (numbers[::10], numbers[::1000]):

        def narrow(vector: Vectors, within: NDArray[np.uint64] = within) -> object:
            return scan.nearest(vector, DEPTHS[-1], within)

        times = least([_milliseconds(narrow, vectors) for _ in range(ROUNDS)])
        _row(f"within {len(within):,} of {len(numbers):,} articles, p50 / p95", f"{both(times)} ms")
    _row("vectors in memory", f"{_resident_megabytes():.0f} MB, others {private_megabytes():.0f} MB")


def _measure_recall(
    levels: Sequence[Level], vectors: Sequence[Vectors], expected: Sequence[Sequence[tuple[int, float]]]
) -> None:
    scan = PassageScan(levels)
    for depth in DEPTHS:
        shares = []
        for vector, nearest in zip(vectors, expected, strict=True):
            found = {number for number, _ in scan.nearest(vector, depth)}
            shares.append(len(found & {number for number, _ in nearest[:depth]}) / min(depth, len(nearest)))
        _row(f"of the nearest {depth} articles, found", f"{mean(shares):.4f}")


def _measure_ranking(
    archive: Archive,
    topics: Sequence[Topic],
    qrels: Path,
    levels: Sequence[Level],
    vectors: Sequence[Vectors],
    expected: Sequence[Sequence[tuple[int, float]]],
) -> None:
    """nDCG@10 of the nearest articles alone, with sketches and without."""
    scan = PassageScan(levels)
    judged = read_qrels(qrels.read_bytes(), str(qrels))
    ids = {number: article_id for article_id, number in archive.numbers(archive.ids()).items()}
    for label, rankings in (
        ("with sketches", [scan.nearest(vector, DEPTHS[-1]) for vector in vectors]),
        ("with all vectors", expected),
    ):
        run = [
            doc
            for topic, ranking in zip(topics, rankings, strict=True)
            for doc in as_run(topic.id, ((ids[number], value) for number, value in ranking))
        ]
        _row(f"nDCG@10 of the nearest alone, {label}", f"{evaluate(topics, judged, run).means()[0]:.4f}")


def _measure_searches(archive: Archive, texts: Sequence[str]) -> None:
    searcher = open_searcher(archive)
    plain = [SearchRequest(text, page_size=10) for text in texts]
    for label, requests in (
        ("words", plain),
        ("words and meaning", [replace(request, meaning=True) for request in plain]),
    ):
        first = _milliseconds(searcher.search, requests)
        times = least([_milliseconds(searcher.search, requests) for _ in range(ROUNDS)])
        _row(f"a search by {label}, p50 / p95", f"{both(times)} ms; the first time {both(first)} ms")


def _measure_made(articles: int, passages: int, exact: Vectors, vectors: Sequence[Vectors]) -> None:
    """A scan of many vectors, which are made of the archive's."""
    with tempfile.TemporaryDirectory() as name:
        directory, dimension = Path(name), exact.shape[1]
        most = max(MAX_MERGED_BYTES // (passages * (dimension * 9 // 8 + 20)), 1)
        for start in range(0, articles, most):
            count = min(most, articles - start)
            made = _made(exact, count * passages, start).reshape(count, passages, dimension)
            file = encode_vectors(dict(enumerate(made, start)), dimension)
            write_vector_file(directory / f"{start:012}.vec", file)
        print(f"| **{articles:,} articles with {passages} vectors each** | {megabytes(directory):,.0f} MB |")
        files = [open_vector_file(directory, path.name, dimension) for path in sorted(directory.iterdir())]
        _measure_scan([files], vectors)
        expected = [_nearest_in_files(files, vector) for vector in vectors]
        _measure_recall([files], vectors, expected)


def _made(exact: Vectors, count: int, seed: int) -> Vectors:
    """Unit vectors between two of the archive's, with noise."""
    random_ = np.random.default_rng(seed)
    centre, spread = exact.mean(axis=0), exact.std(axis=0)
    made = np.empty((count, exact.shape[1]), np.float32)
    for block in _blocks(count):
        first, second = (exact[random_.integers(0, len(exact), len(made[block]))] for _ in range(2))
        share = random_.uniform(0.5, 0.9, (len(first), 1)).astype(np.float32)
        mixed = share * first + (1 - share) * second - centre
        mixed += NOISE * spread * random_.standard_normal(mixed.shape, np.float32)
        # As far from the centre as the first: those between two others would all be near it.
        length = np.linalg.norm(first - centre, axis=1, keepdims=True)
        mixed = centre + mixed * (length / np.linalg.norm(mixed, axis=1, keepdims=True))
        made[block] = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    return made


def _nearest_in_files(files: Level, vector: Vectors) -> list[tuple[int, float]]:
    found: list[tuple[int, float]] = []
    for file in files:
        cosines = np.concatenate(
            [file.codes[block] @ vector * file.scales[block] for block in _blocks(file.passage_count)]
        )
        best = np.maximum.reduceat(cosines, file.starts[:-1].astype(np.int64))
        for at in np.argsort(-best)[: DEPTHS[-1]].tolist():
            found.append((int(file.numbers[at]), float(best[at])))
    return sorted(found, key=lambda each: -each[1])[: DEPTHS[-1]]


def _blocks(count: int, size: int = 8192) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, count, size))


def _resident_megabytes() -> float:
    """Memory of this process that holds mapped files of vectors; 0 where the system does not report it."""
    try:
        maps = Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0.0
    mapped, total = False, 0
    for line in maps.splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            mapped = line.endswith(".vec")
        elif mapped and line.startswith("Rss:"):
            total += int(line.split()[1])
    return total / 1024
