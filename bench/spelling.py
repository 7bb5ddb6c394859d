"""Accuracy of did-you-mean: real misspellings, correct words and names, words run together or split.

Each figure is a number of cases and how many of them succeeded. Random samples have a fixed seed, so that every run on
one archive draws the same.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from corpus import Archive
from indexer.analysis import WORD, analyze_word, fold
from indexer.embedded.searcher import EmbeddedSearcher
from indexer.spellings.vocabulary import SurfaceForms, Vocabulary
from indexer.suggest.did_you_mean import SpellChecker

RIGHT_WORDS = 250  # of each of two kinds
NAMES = 200
PAIRS = 100
TORN = 100
HEADLINES = 300
READ = 4_000  # articles whose word pairs are counted
OFTEN = 10  # minimum occurrences of a word pair in them


@dataclass(frozen=True)
class Figure:
    """The cases of a kind, how many succeeded, and those that failed, as (typed, suggested, meant)."""

    kind: str
    cases: int
    well: int
    wrong: tuple[tuple[str, str, str], ...]

    @property
    def share(self) -> float:
        """The share of cases that succeeded."""
        return self.well / self.cases if self.cases else 1.0


class Unknowing:
    """A vocabulary that lacks one form."""

    def __init__(self, lexicon: Vocabulary, form: str) -> None:
        self._lexicon = lexicon
        self._form = form
        self.doc_count = lexicon.doc_count
        self.cooccurrences = lexicon.cooccurrences
        self.adjacent = lexicon.adjacent
        self.forms_with_prefix = lexicon.forms_with_prefix
        self.sample_articles = lexicon.sample_articles

    def frequency(self, field: str, term: str) -> int:
        return 0 if term == self._form else self._lexicon.frequency(field, term)

    def frequencies(self, field: str, terms: Sequence[str]) -> Mapping[str, int]:
        return {term: count for term, count in self._lexicon.frequencies(field, terms).items() if term != self._form}

    def near(self, word: str, limit: int, least: int = 1) -> Mapping[str, tuple[int, float]]:
        return {form: found for form, found in self._lexicon.near(word, limit, least).items() if form != self._form}


class Measurement:
    """The figures of one indexed archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lexicon = EmbeddedSearcher(archive).snapshot
        self._field = max((s.field("text_form") for s in self._lexicon.segments), key=lambda field: field.term_count)
        self._printed = SurfaceForms(self._lexicon, archive)
        self.speller = SpellChecker(self._lexicon, self._printed)

    def misspelt(self, rows: Sequence[tuple[str, str, str]]) -> Iterator[Figure]:
        """Misspelt words alone, by kind: the first correction equals the intended word folded, and exactly."""
        for kind in dict.fromkeys(kind for kind, _, _ in rows):
            yield self._corrected(kind, [(typed, meant) for one, typed, meant in rows if one == kind])
        pairs = [(typed, meant) for _, typed, meant in rows]
        yield self._corrected("misspelt words", pairs)
        exact = sum(self.speller.correct((typed,)) == (meant,) for typed, meant in pairs)
        yield Figure("misspelt words, corrected to the letter", len(pairs), exact, ())

    def misspelt_in_company(self, rows: Sequence[tuple[str, str, str]]) -> Figure:
        """Misspelt words between the neighbours of the intended word in an article."""
        pairs = []
        for _, typed, meant in rows:
            for article in self._archive.get_many(self._lexicon.sample_articles(fold(meant), 5)).values():
                words = WORD.findall(article.text)
                places = [at for at, word in enumerate(words) if fold(word) == fold(meant) and 0 < at < len(words) - 1]
                if places:
                    before, after = words[places[0] - 1], words[places[0] + 1]
                    pairs.append((f"{before} {typed} {after}", f"{before} {meant} {after}"))
                    break
        return self._corrected("misspelt words between right ones", pairs)

    def right(self, names: Iterable[str]) -> Iterator[Figure]:
        """Correct words, names and fragments of headlines, which must not be corrected."""
        yield self._untouched("right words, as often as they are printed", self._by_frequency(RIGHT_WORDS))
        yield self._untouched("right words in 5 to 30 articles", self._between(5, 30, RIGHT_WORDS))
        yield self._untouched("words in 2 to 4 articles, right or not", self._between(2, 4, RIGHT_WORDS))
        printed = sorted({name for name in names if self._lexicon.frequency("text_form", fold(name)) >= 2})
        drawn = random.Random(3).sample(printed, min(NAMES, len(printed)))
        yield self._untouched("right names in 2 articles or more", drawn)
        yield self._untouched("three words of a headline", self._headlines(HEADLINES))
        wrong = [
            (word, " ".join(found), word)
            for word in self._between(5, 30, RIGHT_WORDS)
            if (found := SpellChecker(Unknowing(self._lexicon, word), self._printed).correct((word,)))
        ]
        yield Figure("right words, were they unknown", RIGHT_WORDS, RIGHT_WORDS - len(wrong), tuple(wrong))

    def boundaries(self) -> Iterator[Figure]:
        """Pairs of words run together, and words split at a random place."""
        pairs = self._pairs(PAIRS)
        yield self._corrected("two words run together", [("".join(pair), " ".join(pair)) for pair in pairs])
        chance = random.Random(5)
        torn = []
        for word in self._by_frequency(4 * TORN, seed=6):
            if len(word) >= 6 and len(torn) < TORN:
                place = chance.randrange(1, len(word))
                torn.append((f"{word[:place]} {word[place:]}", word))
        yield self._corrected("words torn in two", torn)

    def _corrected(self, kind: str, pairs: Sequence[tuple[str, str]]) -> Figure:
        wrong = []
        for typed, meant in pairs:
            found = self.speller.correct(tuple(typed.split())) or ()
            if [fold(word) for word in found] != [fold(word) for word in meant.split()]:
                wrong.append((typed, " ".join(found), meant))
        return Figure(kind, len(pairs), len(pairs) - len(wrong), tuple(wrong))

    def _untouched(self, kind: str, texts: Sequence[str]) -> Figure:
        wrong = [
            (text, " ".join(found), text) for text in texts if (found := self.speller.correct(tuple(text.split())))
        ]
        return Figure(kind, len(texts), len(texts) - len(wrong), tuple(wrong))

    def _by_frequency(self, number: int, seed: int = 1) -> list[str]:
        """Words drawn by their frequency in the archive."""
        counts = self._field.doc_frequency.astype(float)
        counts[counts < 5] = 0
        drawn = np.random.default_rng(seed).choice(len(counts), 2 * number, replace=False, p=counts / counts.sum())
        return self._words(drawn.tolist(), number)

    def _between(self, least: int, most: int, number: int) -> list[str]:
        """Words drawn from those in `least` to `most` articles."""
        counts = self._field.doc_frequency
        numbers = np.flatnonzero((counts >= least) & (counts <= most)).tolist()
        random.Random(2).shuffle(numbers)
        return self._words(numbers, number)

    def _words(self, numbers: Iterable[int], most: int) -> list[str]:
        words = (self._field.term(number).decode("utf-8", "surrogatepass") for number in numbers)
        return list(islice((word for word in words if word.isalpha() and "ء" <= word[0] <= "ي"), most))

    def _pairs(self, number: int) -> list[tuple[str, str]]:
        """Frequent pairs of adjacent words without stop words."""
        counts: Counter[tuple[str, str]] = Counter()
        for article in islice(self._archive.articles(), READ):
            words = [word if analyze_word(word).stem and word.isalpha() else "" for word in WORD.findall(article.text)]
            counts.update(pair for pair in pairwise(words) if all(len(word) > 2 for word in pair))
        often = sorted(pair for pair, count in counts.items() if count >= OFTEN)
        return random.Random(4).sample(often, min(number, len(often)))

    def _headlines(self, number: int) -> list[str]:
        ids = sorted(self._archive.ids())
        articles = self._archive.get_many(random.Random(7).sample(ids, min(2 * number, len(ids))))
        chance = random.Random(8)
        pieces = []
        for article_id in sorted(articles):
            words = WORD.findall(articles[article_id].title)
            if len(words) >= 3:
                start = chance.randrange(len(words) - 2)
                pieces.append(" ".join(words[start : start + 3]))
        return pieces[:number]


def read_misspelt(data: Path) -> list[tuple[str, str, str]]:
    """The real misspellings: kind, typed, meant."""
    lines = (data / "spelling" / "misspelt.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [(kind, typed, meant) for kind, typed, meant in rows]


def read_names(data: Path) -> list[str]:
    """Arabic spellings of names, of one word each."""
    lines = (data / "names" / "ar2en.txt").read_text(encoding="utf-8").splitlines()
    return [name for line in lines if len((name := line.split("\t")[0]).split()) == 1]


def measure(archive: Archive, data: Path | None) -> list[Figure]:
    """Returns all figures; those that need the shared data only if it is available."""
    measurement = Measurement(archive)
    figures = []
    if data is not None:
        rows = read_misspelt(data)
        figures += [*measurement.misspelt(rows), measurement.misspelt_in_company(rows)]
    figures += measurement.right(read_names(data) if data is not None else ())
    figures += measurement.boundaries()
    return figures
