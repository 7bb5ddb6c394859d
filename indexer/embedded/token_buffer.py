"""Collecting the words of many articles as numbers, for inversion in bulk.

Texts are divided between their words, and each run of characters becomes a number. Each distinct run is split into
words once, when it first occurs, and each distinct word analysed once. Only when a segment is written are the numbers
of runs replaced by those of words, and these by those of the terms of each level.

Dividing many texts with arrays takes half the time of `str.split` and a dictionary, whose hundreds of thousands of
words fit in no processor's cache. A run of at most eight common characters is packed into an integer of eight bytes,
one byte per character: equal runs have equal integers, so nothing is hashed and nothing can collide. Longer runs and
those with other characters, one in twenty in news, are kept as strings.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

import numpy as np

from indexer.analysis import OF_WORDS, Level, Terms, analyze_words
from indexer.codec import FieldArrays, Kind, invert

BLOCK: Final = 4_000_000
"""Characters divided together: some 2,000 articles. The arrays take 100 megabytes; larger blocks are no faster."""

_PACKED: Final = 8  # characters of the longest packed run
_USUAL: Final = (*range(0x21, 0x7F), *range(0x600, 0x6A0))  # ASCII and the Arabic letters, digits, marks: 254 in all
_BETWEEN: Final = 0  # the byte of characters that separate runs
_OTHER: Final = 255  # the byte of characters that are not packed
_LAST: Final = 0x3001  # no character from this one on is a space


class TokenBuffer:
    """The words of one field of consecutive documents. Texts wait until there are enough to divide together."""

    def __init__(self, numbers: RunNumbers) -> None:
        self._numbers = numbers
        self._waiting: list[str] = []
        self._characters = 0  # of the waiting texts
        self._runs: list[np.ndarray] = []  # numbers, uint32[runs of a block]
        self._counts: list[np.ndarray] = []  # runs of each document, int64[documents of a block]

    def add(self, text: str) -> None:
        """Adds the next document's text."""
        self._waiting.append(text)
        self._characters += len(text)
        if self._characters >= BLOCK:
            self._number_waiting()

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Word numbers, documents and positions of all words, uint32[words] each."""
        self._number_waiting()
        words, ends_of_runs = self._numbers.words(np.concatenate(self._runs))
        last_runs = np.cumsum(np.concatenate(self._counts)) - 1  # -1 for documents before the first run
        ends = np.append(ends_of_runs, 0)[last_runs]
        lengths = np.diff(ends, prepend=0)
        docs = np.repeat(np.arange(len(ends), dtype=np.uint32), lengths)
        positions = np.arange(len(words), dtype=np.uint32)
        positions -= np.repeat((ends - lengths).astype(np.uint32), lengths)
        return words, docs, positions

    def _number_waiting(self) -> None:
        distinct, places, counts = cut(self._waiting)
        numbers = np.fromiter(map(self._numbers.__getitem__, distinct), np.uint32, len(distinct))
        self._runs.append(numbers[places])
        self._counts.append(counts)
        self._waiting, self._characters = [], 0


class RunNumbers(dict[str, int]):
    """The number of each run of printed characters. A run is one or more whole words, mostly one.

    Words with the same terms at every level have one number, no matter how they are printed.
    """

    def __init__(self) -> None:
        self.terms: list[Terms] = []
        """The terms of each word, by the word's number."""
        self._words: dict[Terms, int] = {}  # its terms → the word's number
        self._words_of_runs = array("I")  # of all runs, one after the other
        self._ends = array("Q")  # where those of each run end

    def __missing__(self, run: str) -> int:
        for terms in analyze_words(run):
            self._words_of_runs.append(self.word(terms))
        number = self[run] = len(self._ends)
        self._ends.append(len(self._words_of_runs))
        return number

    def word(self, terms: Terms) -> int:
        """The number of the word with these terms."""
        word = self._words.setdefault(terms, len(self.terms))
        if word == len(self.terms):
            self.terms.append(terms)
        return word

    def words(self, runs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of the words of these runs, uint32[words], and where those of each run end, int64[runs]."""
        all_ends = np.array(self._ends, np.int64)
        counts = np.diff(all_ends, prepend=0)[runs]
        ends = np.cumsum(counts)
        # For each word of the result its place among the words of the distinct runs.
        places = np.repeat(all_ends[runs] - ends, counts)
        places += np.arange(len(places))
        return np.array(self._words_of_runs, np.uint32)[places], ends


class LevelTerms:
    """The terms of one level, and the numbers of each word's terms."""

    def __init__(self, words: list[Terms], level: Level) -> None:
        numbers: dict[str, int] = {}
        self._documents_only = level is Level.LEMMA
        # Most words have one term; second terms are in a second array, and so on.
        self._of_word = [
            np.array([numbers.setdefault(term, len(numbers)) if term else -1 for term in terms], np.int32)
            for terms in _ranks(words, level)
        ]
        self._terms = [term.encode("utf-8", "surrogatepass") for term in numbers]

    def invert(self, words: np.ndarray, docs: np.ndarray, positions: np.ndarray | None, doc_count: int) -> FieldArrays:
        """The postings of the words at this level; words without a term have none. Arrays are [words]."""
        parts = [_with_terms(numbers[words], docs, positions) for numbers in self._of_word]
        numbers, docs, positions = parts[0]
        if len(parts) > 1:
            numbers, docs = (np.concatenate([part[at] for part in parts]) for at in (0, 1))
            positions = None if positions is None else np.concatenate([part[2] for part in parts])
        kind = Kind.EXISTENCE if self._documents_only else None
        return invert(
            numbers.view(np.uint32),
            docs,
            positions,
            self._terms,
            kind=kind,
            doc_count=doc_count,
            has_lengths=not self._documents_only,
        )


class Runs(NamedTuple):
    """The runs of some texts, one text after the other."""

    distinct: list[str]
    """The packed runs, each once, then the others, each as often as it occurs."""
    numbers: np.ndarray
    """The place of each run in `distinct`, int64[runs]."""
    counts: np.ndarray
    """How many runs each text has, int64[texts]."""


def cut(texts: Sequence[str]) -> Runs:
    """Divides texts into runs of characters, at spaces and at punctuation that is in no word.

    A run is some whole words, or none. It has several words if they are separated by other characters.
    """
    alphabet = _alphabet()
    # Spaces at both ends, and after the last run so many that eight bytes can be read from its last character on.
    text = " ".join(("", *texts, " " * _PACKED))
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    characters = alphabet.bytes[np.minimum(codes, _LAST)]
    inside = characters != _BETWEEN
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    lengths = ends - starts
    whole = lengths > _PACKED  # runs that stay strings
    whole[np.searchsorted(starts, np.flatnonzero(characters == _OTHER), "right") - 1] = True

    # Eight bytes from each place on, overlapping, as one integer; the bytes after the run are masked.
    windows = np.ndarray(len(characters) - _PACKED + 1, "<u8", characters.data, strides=(1,))
    packed = windows[starts[~whole]] & alphabet.masks[lengths[~whole]]
    distinct, places = np.unique(packed, return_inverse=True)
    letters = alphabet.characters[distinct.astype("<u8").view(np.uint8)]
    strings: list[str] = letters.view(f"=U{_PACKED}").tolist()
    numbers = np.empty(len(starts), np.int64)
    numbers[~whole] = places
    numbers[whole] = np.arange(len(strings), len(strings) + np.count_nonzero(whole))
    strings += [text[start:end] for start, end in zip(starts[whole].tolist(), ends[whole].tolist(), strict=True)]

    text_ends = np.cumsum([len(each) + 1 for each in texts], dtype=np.int64)
    return Runs(strings, numbers, np.diff(np.searchsorted(starts, text_ends, "right"), prepend=0))


def _ranks(words: list[Terms], level: Level) -> Iterator[Iterable[str | None]]:
    """The first term of each word at a level, then the second of each, and so on; None if a word has none."""
    if level is not Level.LEMMA:
        yield map(attrgetter(level.value), words)
        return
    for rank in range(max((len(word.lemmas) for word in words), default=0) or 1):
        yield (word.lemmas[rank] if len(word.lemmas) > rank else None for word in words)


def _with_terms(numbers: np.ndarray, docs: np.ndarray, positions: Any) -> tuple[np.ndarray, np.ndarray, Any]:
    """The tokens that have a term."""
    kept = numbers >= 0
    if kept.all():
        return numbers, docs, positions
    return numbers[kept], docs[kept], None if positions is None else positions[kept]


class _Alphabet(NamedTuple):
    bytes: np.ndarray  # uint8[code point up to _LAST]: _BETWEEN, _OTHER or the byte of a usual character
    characters: np.ndarray  # uint32[256]: the code point of each byte; of _BETWEEN zero, which ends a string
    masks: np.ndarray  # uint64[length]: the bytes of a run of that length


@cache
def _alphabet() -> _Alphabet:
    of_character = np.full(_LAST + 1, _OTHER, np.uint8)
    of_character[list(_USUAL)] = np.arange(1, _OTHER)
    of_character[[code for code in range(_LAST) if chr(code).isspace()]] = _BETWEEN
    of_character[[code for code in _USUAL if not OF_WORDS.match(chr(code))]] = _BETWEEN
    of_byte = np.zeros(_OTHER + 1, np.uint32)
    of_byte[1:_OTHER] = _USUAL
    masks = [(1 << 8 * length) - 1 for length in range(_PACKED + 1)]
    return _Alphabet(of_character, of_byte, np.array(masks, np.uint64))
