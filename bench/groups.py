"""Near-duplicates: the cost of grouping, the sizes of groups, and the recall of modified copies.

Copies are made of articles that are in no group: another paper prints them the next day with a share of their words or
sentences replaced or cut. Replacements come from other articles; the random seed is fixed. Precision cannot be
computed: `--pairs` draws pairs of articles in one group, to be judged by a reader. `--judged` compares the groups with
pairs that were judged (`near_duplicate_pairs.tsv`).
"""

from __future__ import annotations

import csv
import gzip
import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from time import perf_counter, process_time

from bench.timing import peak_megabytes
from corpus import (
    Archive,
    Article,
    Group,
    count_groups,
    group_names,
    groups_of,
    ingest,
    make_article,
    near_duplicates,
    printed_date,
)

MORE = 100
RETOLD = 100  # articles copied with each kind of change
LETTERS = 300  # of a text that are shown
CHANGED = (0.0, 0.01, 0.05, 0.1)  # of the words of a near-copy
STORY_WORDS = 250
ALPHABET = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"

JUDGED = Path(__file__).parent / "near_duplicate_pairs.tsv"

Retell = Callable[[list[str], list[str], random.Random], list[str]]
"""From the sentences of an article and of another to those of the modified copy."""


def run(news: Path | None, pairs: int, seed: int, copies: Sequence[int], judged: bool) -> None:
    """Prints Markdown tables, or pairs to judge; for `copies` of one story, which need no news, the cost alone."""
    if copies:
        _print_copies(copies)
    if news is None:
        if not copies:
            sys.exit("name a file of articles, or numbers of copies")
        return
    opener = gzip.open if news.suffix == ".gz" else open
    with opener(news, "rb") as stream:
        lines = stream.read().splitlines(keepends=True)
    if len(lines) <= MORE:
        sys.exit(f"{news} has {len(lines)} articles; more than {MORE} are needed")
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        with Archive.create(directory / "archive") as archive:
            rows = []
            for name, part in (("all but 100", lines[:-MORE]), ("100 more", lines[-MORE:])):
                file = directory / "part.jsonl"
                file.write_bytes(b"".join(part))
                ingest.add_paths(archive, [file], ingest.AddSummary())
                before = _pages(archive)
                began, began_cpu = perf_counter(), process_time()
                done = near_duplicates.group_changes(archive)
                times = f"{perf_counter() - began:.2f} s, {process_time() - began_cpu:.2f} s of a processor"
                rows.append((f"{name}: {done.articles:,} articles", times))
                rows.append((f"{name}: tables", f"{(_pages(archive) - before) * 4096 / 2**20:.1f} MB"))
            if judged:
                _print_judged(archive)
                return
            groups = _groups(archive)
            if pairs:
                _print_pairs(archive, groups, pairs, seed)
                return
            rows += [("peak memory of the process", f"{peak_megabytes():,.0f} MB"), *_sizes(archive, groups)]
            print("| | |\n|---|---|")
            for label, value in rows:
                print(f"| {label} | {value} |")
            _print_recall(archive)


def _pages(archive: Archive) -> int:
    """Pages of the database that are in use."""
    return int(
        archive.run_sql("SELECT p.page_count - f.freelist_count FROM pragma_page_count p, pragma_freelist_count f")[0][
            0
        ]
    )


def _groups(archive: Archive) -> list[Group]:
    found = groups_of(archive, [article.id for article in archive.articles()])
    return sorted({group.name: group for group in found.values()}.values(), key=lambda group: group.name)


def _sizes(archive: Archive, groups: Sequence[Group]) -> Iterator[tuple[str, str]]:
    counts = count_groups(archive)
    yield "groups", f"{counts.groups:,}, with {counts.articles:,} articles"
    sizes = Counter(len(group.copies) for group in groups)
    yield "their sizes", ", ".join(f"{size}: {number:,}" for size, number in sorted(sizes.items()))
    papers = Counter(len(group.sources) for group in groups)
    yield "sources in a group", ", ".join(f"{size}: {number:,}" for size, number in sorted(papers.items()))


# ------------------------------------------------------------------------------------------- many copies of one story


def _print_copies(numbers: Sequence[int]) -> None:
    print("| near-copies of one story | words changed in each | CPU seconds | largest group |")
    print("|---|---|---|---|")
    for share in CHANGED:
        for number in numbers:
            with tempfile.TemporaryDirectory() as place, Archive.create(Path(place) / "archive") as archive:
                with archive.batch():
                    for article in _near_copies(number, share):
                        archive.add(article)
                began = process_time()
                near_duplicates.group_changes(archive)
                took = process_time() - began
                sizes = Counter(group_names(archive, archive.ids()).values())
                largest = max(sizes.values(), default=0)
            print(f"| {number:,} | {share:.0%} | {took:.1f} | {largest:,} |", flush=True)


def _near_copies(number: int, share: float) -> Iterator[Article]:
    """Copies of a story of 250 words by as many papers on one day, each with different words replaced."""
    chance = random.Random(1)
    words = ["".join(chance.choices(ALPHABET, k=chance.randint(3, 7))) for _ in range(5000)]
    story = chance.choices(words, k=STORY_WORDS)
    for paper in range(number):
        text = [chance.choice(words) if chance.random() < share else word for word in story]
        yield make_article(
            id=f"copy {paper}",
            title=f"عنوان {paper}",
            paragraphs=[" ".join(text)],
            source=f"paper {paper}",
            published=datetime(2017, 2, 16, tzinfo=UTC),
        )


# -------------------------------------------------------------------------------------------------------- judged pairs


def _print_judged(archive: Archive) -> None:
    """Recall and precision on the judged pairs; also weighted by the number of pairs in each range."""
    with JUDGED.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader((line for line in stream if not line.startswith("#")), delimiter="\t"))
    names = group_names(archive, [row[key] for row in rows for key in ("article", "other")])
    known = set(archive.ids())
    rows = [row for row in rows if row["article"] in known and row["other"] in known]
    if not rows:
        sys.exit("none of the judged pairs is in this file")
    drawn = Counter((row["half"], row["range"]) for row in rows)
    print("| half | copies joined | recall | joined pairs right | precision | both, weighted | retold joined |")
    print("|---|---|---|---|---|---|---|")
    apart = []
    for half in dict.fromkeys(row["half"] for row in rows):
        counts: Counter[tuple[str, bool]] = Counter()
        weights: dict[tuple[str, bool], float] = defaultdict(float)
        for row in rows:
            if row["half"] == half:
                one, other = (names.get(row[key]) for key in ("article", "other"))
                key = (row["judgement"], one is not None and one == other)
                counts[key] += 1
                weights[key] += int(row["pairs_in_range"]) / drawn[half, row["range"]]
                if key in (("copy", False), ("different", True)):
                    apart.append((half, *key, row["range"], row["reason"], row["article"], row["other"]))
        recall, precision = _rates(counts)
        weighted = ", ".join(f"{rate:.1%}" for rate in _rates(weights))
        right, wrong = counts["copy", True], counts["different", True]
        retold = counts["retold", True], counts["retold", True] + counts["retold", False]
        print(
            f"| {half} | {right} of {right + counts['copy', False]} | {recall:.1%} | {right} of {right + wrong} |"
            f" {precision:.1%} | {weighted} | {retold[0]} of {retold[1]} |"
        )
    print("\nwrong:")
    for line in apart:
        print(" ", *line)


def _rates(counts: Mapping[tuple[str, bool], float]) -> tuple[float, float]:
    right = counts["copy", True]
    return right / max(right + counts["copy", False], 1), right / max(right + counts["different", True], 1)


# ------------------------------------------------------------------------------------------------------ pairs to judge


def _print_pairs(archive: Archive, groups: Sequence[Group], number: int, seed: int) -> None:
    pairs = [pair for group in groups for pair in combinations([copy.article_id for copy in group.copies], 2)]
    for place, pair in enumerate(random.Random(seed).sample(pairs, min(number, len(pairs))), 1):
        print(f"\n{place} of {number}, drawn from {len(pairs):,}")
        for article_id in pair:
            article = archive.get(article_id)
            print(" · ".join(filter(None, ["   " + article.title, article.source, printed_date(article.published)])))
            print("   " + article.text[:LETTERS].replace("\n", " / "))


# --------------------------------------------------------------------------------------------------------- retellings


def _words_replaced(share: float) -> Retell:
    def retell(own: list[str], other: list[str], chance: random.Random) -> list[str]:
        foreign = " ".join(other).split()
        return [
            " ".join(chance.choice(foreign) if chance.random() < share else word for word in sentence.split())
            for sentence in own
        ]

    return retell


def _sentences_replaced(share: float) -> Retell:
    def retell(own: list[str], other: list[str], chance: random.Random) -> list[str]:
        replaced = set(chance.sample(range(len(own)), round(share * len(own))))
        return [chance.choice(other) if place in replaced else sentence for place, sentence in enumerate(own)]

    return retell


def _end_cut(share: float) -> Retell:
    def retell(own: list[str], other: list[str], chance: random.Random) -> list[str]:
        words = " ".join(own).split()
        return [" ".join(words[: round((1 - share) * len(words))])]

    return retell


def _shuffled(share: float) -> Retell:
    def retell(own: list[str], other: list[str], chance: random.Random) -> list[str]:
        kept = own[: len(own) - round(share * len(own))]
        chance.shuffle(kept)
        return kept

    return retell


_WAYS: dict[str, tuple[Callable[[float], Retell], tuple[float, ...]]] = {
    "words replaced": (_words_replaced, (0.02, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25)),
    "sentences replaced": (_sentences_replaced, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)),
    "end cut off": (_end_cut, (0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6)),
    "end cut off, sentences in another order": (_shuffled, (0.0, 0.2, 0.4, 0.5)),
}


def _print_recall(archive: Archive) -> None:
    chance = random.Random(1)
    alone = [article for article in archive.articles() if len(_sentences(article)) >= 6 and len(article.text) < 4000]
    grouped = groups_of(archive, [article.id for article in alone])
    alone = [article for article in alone if article.id not in grouped and article.published]
    settings = [(name, make(share), share) for name, (make, shares) in _WAYS.items() for share in shares]
    chance.shuffle(alone)
    each = min(RETOLD, len(alone) // len(settings))
    chosen = [alone[each * place : each * (place + 1)] for place in range(len(settings))]
    others = [sentence for article in alone for sentence in _sentences(article)]
    with archive.batch():
        for (name, retell, share), originals in zip(settings, chosen, strict=True):
            for article in originals:
                text = retell(_sentences(article), chance.sample(others, 20), chance)
                archive.add(_modified(article, text, f"{name} {share}"))
    near_duplicates.group_changes(archive)
    print(f"\n| of {each} modified copies found, by kind and share of the change | |\n|---|---|")
    for name, (_, shares) in _WAYS.items():
        found = []
        for (other, _, share), originals in zip(settings, chosen, strict=True):
            if other == name and share in shares:
                met = groups_of(archive, [article.id for article in originals])
                hits = sum(
                    any(copy.article_id == f"{name} {share} {article.id}" for copy in met[article.id].copies)
                    for article in originals
                    if article.id in met
                )
                found.append(f"{share:.0%}: {hits / each:.0%}")
        print(f"| {name} | {', '.join(found)} |")


def _sentences(article: Article) -> list[str]:
    return [part.strip() for part in re.split(r"[.\n،؛]+", article.text) if part.strip()]


def _modified(article: Article, sentences: list[str], name: str) -> Article:
    assert article.published is not None
    return make_article(
        id=f"{name} {article.id}",
        title="عنوان آخر",
        paragraphs=["، ".join(sentences)],
        source="another paper",
        published=article.published + timedelta(days=1),
    )
