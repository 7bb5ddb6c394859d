"""The latency of suggestions, and the accuracy of did-you-mean (`bench.spelling`).

Besides real misspellings, words of the index are misspelt by one typo of a common kind; the random seed is fixed. Their
correction counts as right if it is the word or another of its stem.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np

from bench.spelling import measure
from corpus import Archive
from indexer.analysis import analyze_word
from indexer.analysis.edit_distance import CONFUSED
from indexer.embedded.searcher import EmbeddedSearcher, Searcher
from indexer.spellings.vocabulary import SurfaceForms
from indexer.suggest.did_you_mean import SpellChecker

WORDS = 500
FREQUENT = 10  # minimum document frequency of a word that is misspelt


def run(directory: Path, data: Path | None, *, show_wrong: bool = False) -> None:
    """Prints a Markdown table; `data` is a directory with real misspellings and names."""
    print("| | |\n|---|---|")
    with Archive.open(directory) as archive:
        for figure in measure(archive, data):
            print(f"| {figure.kind} | {figure.well} of {figure.cases}, {figure.share:.1%} |")
            if show_wrong:
                for typed, suggested, meant in figure.wrong:
                    print(f"|   {typed} | {suggested or '-'}, not {meant} |")
        searcher = EmbeddedSearcher(archive)
        words = _words(searcher)
        for label, value in [*_corrections(archive, searcher, words), *_completions(searcher, words)]:
            print(f"| {label} | {value} |")


def _words(searcher: Searcher) -> list[str]:
    field = max((s.field("text_form") for s in searcher.snapshot.segments), key=lambda field: field.term_count)
    frequent = np.flatnonzero(field.doc_frequency >= FREQUENT).tolist()
    words = [field.term(number).decode() for number in frequent]
    words = [word for word in words if len(word) >= 4 and word.isalpha() and analyze_word(word).stem]
    return random.Random(1).sample(words, min(WORDS, len(words)))


def _corrections(archive: Archive, searcher: Searcher, words: list[str]) -> list[tuple[str, str]]:
    speller = SpellChecker(searcher.snapshot, SurfaceForms(searcher.snapshot, archive))
    speller.correct(("تجربهه",))
    chance = random.Random(2)
    rows = []
    for name, slip in {"a confused letter": _confuse, "another letter, a letter more or less": _slip}.items():
        pairs = [(word, wrong) for word in words if (wrong := slip(word, chance)) and wrong != word]
        unknown = [(word, wrong) for word, wrong in pairs if not searcher.snapshot.frequency("text_form", wrong)]
        times = _times(lambda wrong: speller.correct((wrong,)), [wrong for _, wrong in unknown])
        said = {wrong: " ".join(speller.correct((wrong,)) or ()) for _, wrong in unknown}
        right = sum(_stem(said[wrong]) == _stem(word) for word, wrong in unknown)
        rows.append((f"{name}: {len(unknown)} words unknown to the archive, meant", f"{right / len(unknown):.1%}"))
        rows.append((f"{name}: nothing said", f"{sum(not said[wrong] for _, wrong in unknown) / len(unknown):.1%}"))
        rows.append((f"{name}: p50 / p95", times))
    known = _times(lambda word: speller.correct((word,)), words)
    return [*rows, ("well known words: p50 / p95", known)]


def _completions(searcher: Searcher, words: list[str]) -> list[tuple[str, str]]:
    searcher.suggest("تجر")
    rows = []
    for name, beginnings in {
        "a letter": [word[:1] for word in words],
        "two letters": [word[:2] for word in words],
        "three letters": [word[:3] for word in words],
        "all but the last letter": [word[:-1] for word in words],
        "a word and three letters": [f"{a} {b[:3]}" for a, b in pairwise(words)],
    }.items():
        times = _times(searcher.suggest, beginnings)
        rows.append((f"suggestions for {name}: p50 / p95", times))
    return rows


def _times(call: Callable[[str], object], arguments: list[str]) -> str:
    seconds = []
    for argument in arguments:
        began = perf_counter()
        call(argument)
        seconds.append(perf_counter() - began)
    return f"{statistics.median(seconds) * 1000:.2f} / {statistics.quantiles(seconds, n=20)[-1] * 1000:.2f} ms"


def _stem(word: str) -> str:
    return analyze_word(word).stem or word


def _confuse(word: str, chance: random.Random) -> str | None:
    """The word with one letter replaced by one that is often confused with it."""
    places = [(at, group) for at, letter in enumerate(word) for group in CONFUSED if letter in group and at > 0]
    if not places:
        return None
    at, group = chance.choice(places)
    return word[:at] + chance.choice(group.replace(word[at], "")) + word[at + 1 :]


def _slip(word: str, chance: random.Random) -> str:
    """The word with one typo."""
    at = chance.randrange(1, len(word))
    letter = chance.choice("ابتثجحخدذرزسشصضطظعغفقكلمنهوي")
    return chance.choice(
        [
            word[:at] + letter + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at + 1 :],
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        ]
    )
