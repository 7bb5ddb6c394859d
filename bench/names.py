"""`./run bench names ARCHIVE --data DIR`: recall and precision of the spelling variants of names.

Two measures: pairs of spellings of one name (`spelling/name_variants.tsv`), counting only pairs whose spellings both
occur in the archive; and names with a Latin spelling (`names/ar2en.txt`), with all their Arabic spellings as the
vocabulary.
`--sample` prints the variants of names drawn by their frequency in the archive, to be judged.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from corpus import Archive
from indexer.analysis import analyze_word, fold
from indexer.analysis.transliteration import latin_letters, transliterations
from indexer.embedded.searcher import EmbeddedSearcher
from indexer.embedded.snapshot import Snapshot
from indexer.spellings.name_variants import name_variants

FIRST = 3
"""A Latin spelling counts as read correctly if its Arabic one is among the first so many."""

_ARABIC = re.compile("[ء-ي]{2,}")
_LEAST = 3  # articles that print a drawn word, at least


def run(directory: Path, data: Path | None, names: int, sample: int, seed: int) -> None:
    """Prints the figures."""
    with Archive.open(directory) as archive:
        snapshot = EmbeddedSearcher(archive).snapshot
        if data is not None:
            matched, printed, missed = variants_matched(snapshot, read_pairs(data / "spelling" / "name_variants.tsv"))
            parted = sum(len(one.split()) != len(other.split()) for one, other in missed)
            share = matched / max(1, printed)
            print(f"printed pairs that match in both directions: {matched} of {printed} ({share:.0%})")
            print(f"the same without pairs of different numbers of words: {matched} of {printed - parted}")
            print("missed:", "; ".join(" | ".join(pair) for pair in missed))
            right, read = latin_read(read_latin(data / "names" / "ar2en.txt"), names)
            print(
                f"Latin spellings with the Arabic one among the first {FIRST}: {right} of {read} ({right / read:.0%})"
            )
        for word, others in drawn_variants(snapshot, sample, seed):
            print(word, "->", ", ".join(others))


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Pairs of spellings of one name, tab-separated."""
    lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return [(line[0], line[1]) for line in lines if len(line) > 1]


def variants_matched(snapshot: Snapshot, pairs: Sequence[tuple[str, str]]) -> tuple[int, int, list[tuple[str, str]]]:
    """How many pairs match in both directions, how many the archive prints, and the pairs that do not match."""
    printed = [
        pair
        for pair in pairs
        if all(snapshot.frequency("text_form", fold(word)) for name in pair for word in name.split())
    ]
    missed = [(a, b) for a, b in printed if not (_matches(snapshot, a, b) and _matches(snapshot, b, a))]
    return len(printed) - len(missed), len(printed), missed


def _matches(snapshot: Snapshot, typed: str, other: str) -> bool:
    words, others = typed.split(), other.split()
    return len(words) == len(others) and all(
        fold(one) == fold(two)
        or analyze_word(one).stem == analyze_word(two).stem
        or (fold(two),) in name_variants((one,), snapshot)
        for one, two in zip(words, others, strict=True)
    )


def read_latin(path: Path) -> list[tuple[str, str]]:
    """Names of one word: Latin letters, Arabic form."""
    rows = (line.split("\t")[:2] for line in path.read_text(encoding="utf-8").splitlines())
    names = ((latin_letters(latin.strip()), fold(arabic)) for arabic, latin in rows)
    return [(latin, arabic) for latin, arabic in names if latin and len(latin) > 1 and _ARABIC.fullmatch(arabic)]


def latin_read(names: Sequence[tuple[str, str]], most: int, seed: int = 5) -> tuple[int, int]:
    """Of names drawn at random: how many are read correctly, and how many were drawn."""
    printed = {arabic for _, arabic in names}
    starts = {arabic[:length] for arabic in printed for length in range(1, len(arabic) + 1)}
    expected: Mapping[str, set[str]] = defaultdict(set)
    for latin, arabic in names:
        expected[latin].add(arabic)
    drawn = np.random.default_rng(seed).permutation(sorted(expected))[:most].tolist()

    def existing_prefixes(asked: Collection[str]) -> set[str]:
        return starts.intersection(asked)

    right = 0
    for latin in drawn:
        first = [form for form in transliterations(latin, existing_prefixes) if form in printed][:FIRST]
        right += not expected[latin].isdisjoint(first)
    return right, len(drawn)


def drawn_variants(snapshot: Snapshot, names: int, seed: int) -> list[tuple[str, list[str]]]:
    """The spelling variants of words drawn by frequency, for so many words that have any."""
    field = max((segment.field("text_form") for segment in snapshot.segments), key=lambda field: field.term_count)
    counts = field.doc_frequency.astype(float)
    counts[counts < _LEAST] = 0
    most = int(np.count_nonzero(counts))
    drawn = np.random.default_rng(seed).choice(len(counts), most, replace=False, p=counts / counts.sum())
    found: list[tuple[str, list[str]]] = []
    for number in drawn.tolist():
        if len(found) >= names:
            break
        word = field.term(number).decode("utf-8", "surrogatepass")
        if others := name_variants((word,), snapshot):
            found.append((word, [" ".join(other) for other in others]))
    return found
