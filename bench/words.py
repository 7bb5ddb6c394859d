"""`./run bench words ARCHIVE --data DIR`: which words share a term at each level, and the recall of a search for one.

Pairs of words of the news (`morphology/pairs.tsv`) are labelled with whether they should match each other. Recall: of
the articles that print only the other word of a pair, the share in the match set of a search for the one. `--sample`
prints the forms of lemmas drawn by their frequency in the archive, to be judged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from statistics import mean, median
from typing import Final, NamedTuple
from unittest.mock import patch

import numpy as np

from corpus import Archive
from indexer import SearchRequest
from indexer.analysis import WORD, Level, analyze_word, analyzer, fold, lemmatizer, word_forms
from indexer.embedded.searcher import EmbeddedSearcher
from indexer.embedded.snapshot import Snapshot

_LIMITS: Final = (0.0, 0.5, 1.0, 2.0, 100.0)
"""Factors for the maximum cost, in bits, of a further lemma of an ambiguous word."""

_MOST_FORMS: Final = 40
"""Maximum of printed forms shown per lemma."""


class Step(StrEnum):
    """How two words can match: by a level of analysis, or as one word with different prefixes."""

    FORM = "form"
    WORD = "word"
    LEMMA = "lemma"
    STEM = "stem"
    ROOT = "root"


GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "clitics": ("clitic",),
    "duals, sound plurals": ("dual_sound_plural",),
    "feminine": ("feminine",),
    "names with clitics": ("name_clitic",),
    "broken plurals": ("broken_plural",),
    "strong verbs": ("verb",),
    "weak verbs": ("verb_defective_hollow", "verb_hamzated", "verb_geminate", "verb_assimilated"),
    "relative adjectives": ("nisba",),
    "verbal nouns": ("verbal_noun",),
    "different words": ("must_not",),
}
"""Rows of the table, and the classes of pairs in each."""

_IN_ARTICLES: Final = ("broken plurals", "strong verbs", "weak verbs")


class Pair(NamedTuple):
    """Two words, and the class of the pair."""

    kind: str
    one: str
    other: str


class Found(NamedTuple):
    """One word of a pair, searched: how many articles print only the other word, and how many of these match."""

    typed: str
    other: str
    articles: int
    found: int

    @property
    def share(self) -> float:
        return self.found / self.articles


def run(directory: Path, data: Path | None, show: bool, limits: bool, sample: int, seed: int) -> None:
    """Prints the figures."""
    pairs = read_pairs(data / "morphology" / "pairs.tsv") if data is not None else []
    if pairs:
        _print_levels(pairs, show)
    if pairs and limits:
        _print_limits(pairs)
    with Archive.open(directory) as archive:
        if pairs:
            _print_found(archive, pairs, show)
        for lemma, forms in drawn_lemmas(archive, sample, seed) if sample else ():
            shown = "، ".join(f"{form} {count}" for form, count in forms[:_MOST_FORMS])
            print(f"{lemma}: {shown}{'، …' if len(forms) > _MOST_FORMS else ''}")


def read_pairs(path: Path) -> list[Pair]:
    """Reads tab-separated lines: class, level, and two words."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return [Pair(row[0], row[2], row[3]) for row in rows if len(row) > 3]


def joins(pair: Pair) -> frozenset[Step]:
    """The levels at which two words share a term."""
    met = {Step(level) for level in Level if not _terms(pair.one, level).isdisjoint(_terms(pair.other, level))}
    if fold(pair.other) in word_forms(fold(pair.one)) or fold(pair.one) in word_forms(fold(pair.other)):
        met.add(Step.WORD)
    return frozenset(met)


def _terms(word: str, level: Level) -> frozenset[str]:
    """The terms of a word at a level; a stop word has its form only, since searches use no other."""
    terms = analyze_word(word)
    return frozenset(terms.at(level) or (terms.form,))


def shares_joined(pairs: Sequence[Pair]) -> dict[str, tuple[int, dict[Step, float]]]:
    """For each row of `GROUPS`: the number of its pairs, and the share of them that match at each level."""
    found = {}
    for group, kinds in GROUPS.items():
        each = [joins(pair) for pair in pairs if pair.kind in kinds]
        if each:
            found[group] = len(each), {step: sum(step in met for met in each) / len(each) for step in Step}
    return found


def _print_levels(pairs: Sequence[Pair], show: bool) -> None:
    print(f"| pairs | | {' | '.join(Step)} |\n|---|---|{'---|' * len(Step)}")
    for group, (count, shares) in shares_joined(pairs).items():
        print(f"| {group} | {count} | {' | '.join(f'{shares[step]:.0%}' for step in Step)} |")
    if show:
        for group, kinds in GROUPS.items():
            joinable = group != "different words"
            wrong = [pair for pair in pairs if pair.kind in kinds and (Step.LEMMA in joins(pair)) is not joinable]
            print(f"{group}, wrong at lemma:", "; ".join(f"{pair.one} | {pair.other}" for pair in wrong))


def _print_limits(pairs: Sequence[Pair]) -> None:
    """The shares at the lemma for other maximum costs of a further lemma than the default."""
    print(f"\n| bits, times the product's | {' | '.join(GROUPS)} |\n|---|{'---|' * len(GROUPS)}")
    for times in _LIMITS:
        with ExitStack() as changed:
            for name, bits in list(vars(lemmatizer).items()):
                if name.startswith("_ALSO"):
                    changed.enter_context(patch.object(lemmatizer, name, bits * times))
            _clear_caches()
            shares = shares_joined(pairs)
            print(f"| {times:g} | {' | '.join(f'{shares[group][1][Step.LEMMA]:.1%}' for group in GROUPS)} |")
    _clear_caches()


def _clear_caches() -> None:
    """Clears the caches of the analysis."""
    lemmatizer._lemmas.cache_clear()
    analyzer._cache.clear()


def _print_found(archive: Archive, pairs: Sequence[Pair], show: bool) -> None:
    print(
        "\n| articles with the other word alone | searches | articles | found: median | mean |\n|---|---|---|---|---|"
    )
    for group in _IN_ARTICLES:
        each = list(found_by_other(archive, [pair for pair in pairs if pair.kind in GROUPS[group]]))
        if each:
            shares = [one.share for one in each]
            articles = sum(one.articles for one in each)
            print(f"| {group} | {len(each)} | {articles:,} | {median(shares):.1%} | {mean(shares):.1%} |", flush=True)
        if show:
            least = sorted(each, key=lambda one: one.share)[:15]
            print("least:", "; ".join(f"{one.typed} → {one.other} {one.share:.0%} of {one.articles}" for one in least))


def found_by_other(archive: Archive, pairs: Sequence[Pair]) -> Iterator[Found]:
    """Both directions of each pair, if the archive prints both words, and one of them without the other."""
    searcher = EmbeddedSearcher(archive)
    snapshot = searcher.snapshot
    for pair in pairs:
        printed = {word: _printing(snapshot, word) for word in (pair.one, pair.other)}
        if not all(map(len, printed.values())):
            continue
        for typed, other in ((pair.one, pair.other), (pair.other, pair.one)):
            alone = set(np.setdiff1d(printed[other], printed[typed], assume_unique=True).tolist())
            if alone:
                ids = (article_id for article_id, _ in searcher.scan(SearchRequest(typed, group=False)).ids())
                yield Found(typed, other, len(alone), len(alone.intersection(map(snapshot.document_of, ids))))


def _printing(snapshot: Snapshot, word: str) -> np.ndarray:
    """The documents that print a word, with or without prefixes."""
    found = [np.empty(0, np.int64)]
    for form in word_forms(fold(word)):
        for segment, number in zip(snapshot.segments, snapshot.find("text_form", form), strict=True):
            if number >= 0:
                found.append(segment.field("text_form").docs(number).astype(np.int64) + segment.base)
    return np.unique(np.concatenate(found))


def drawn_lemmas(archive: Archive, number: int, seed: int) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Lemmas drawn by their frequency in the archive, each with its printed forms, most frequent first."""
    printed: Counter[str] = Counter()
    for article in archive.articles():
        for text in (article.title, *article.paragraphs):
            printed.update(WORD.findall(text))
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for word, count in printed.items():
        for lemma in analyze_word(word).lemmas:
            forms[lemma][word] += count
    lemmas = sorted(forms)
    counts = np.array([forms[lemma].total() for lemma in lemmas], float)
    drawn = np.random.default_rng(seed).choice(len(lemmas), min(number, len(lemmas)), False, counts / counts.sum())
    for at in drawn.tolist():
        yield lemmas[at], forms[lemmas[at]].most_common()
