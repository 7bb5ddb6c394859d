"""The lexicon: the dictionary words that a form can be, its spellings, and the frequency of each reading.

A table of inflected forms without clitics, built by `lexicon/build.py` and shipped as `lexicon.marisa` (a MARISA trie
of the folded forms; Yata, "Prefix/Patricia Trie Dictionary Compression", 2011) and `lexicon.bin` (their readings).
Opening maps the trie into memory and reads the rest, six megabytes: readings stay integers, lemmas and spellings become
strings.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import IntFlag
from functools import cache
from pathlib import Path
from typing import Final, Protocol

import marisa_trie

from corpus import letters
from indexer.errors import LexiconDamaged

TRIE_FILE: Final = "lexicon.marisa"
DATA_FILE: Final = "lexicon.bin"

VERB: Final = "/v"
"""Suffix of a verb's lemma, which distinguishes it from a noun with the same letters: علم is a flag, يعلم knows."""

MAX_WEIGHT: Final = 255
WEIGHT_STEPS: Final = 4
"""Steps of a weight per bit."""

_MAGIC: Final = b"arshif lexicon 1\n"
_COUNTS: Final = 6  # starts, readings, and the bytes of four texts: lemmas, spellings, common letters, sources


# Letters that folding changes: a spelling has these, and a dot for every other letter.
_SPELLED: Final = "أإآٱؤئءىة"
_UNMARKING: Final = tuple(step for name, step in letters.FOLDING_STEPS[:3])
_PLAIN_LETTERS: Final = frozenset(map(chr, (*range(0x621, 0x63B), *range(0x641, 0x64B))))


class FormKind(IntFlag):
    """What a form is, and what may be attached to it."""

    NOUN = 1
    PAST = 2
    PRESENT = 4
    NAME = 8
    NO_ARTICLE = 16
    NO_PRONOUN = 32
    BOUND = 64  # occurs only before a pronoun
    ACCUSATIVE = 128  # never after a preposition


FormReading = tuple[int, int, int, int]
"""A reading of a form: the number of its lemma, its `FormKind`, its weight and the number of its spelling.

The weight is its rarity, in quarters of a bit.
"""


class Table(Protocol):
    """Forms and their readings."""

    def prefixes(self, text: str) -> Iterable[tuple[str, int]]:
        """The folded forms that are prefixes of a text, with their numbers."""

    def readings(self, form: int) -> Sequence[FormReading]:
        """The readings of a form, the likeliest first."""

    def fitting(self, form: int, onto: int, never_onto: int) -> Iterable[tuple[int, FormReading]]:
        """The readings with a kind of `onto` and none of `never_onto`, each with its place among all of the form."""

    def lemma(self, number: int) -> str:
        """A lemma as a dictionary spells it."""

    def spelling(self, number: int) -> str:
        """The spelling of a reading where folding changes letters: those letters, and a dot for every other one."""


class Lexicon:
    """A table in two files.

    Raises:
        LexiconDamaged: a file is missing, truncated, of another version, or from another build than the other.
    """

    def __init__(self, directory: Path) -> None:
        self._trie = marisa_trie.Trie()
        try:
            self._trie.mmap(str(directory / TRIE_FILE))
        except (OSError, RuntimeError) as error:  # marisa's own errors are RuntimeErrors
            raise LexiconDamaged(directory / TRIE_FILE, "it cannot be mapped") from error
        try:
            data = (directory / DATA_FILE).read_bytes()
            self._starts, self._readings, self._lemmas, self._spellings, self._letters = _unpack(data)
        except (OSError, ValueError) as error:
            raise LexiconDamaged(directory / DATA_FILE, str(error)) from error
        if len(self._trie) != len(self._starts) - 1:
            raise LexiconDamaged(directory / DATA_FILE, f"it is not of the forms of {TRIE_FILE}")

    def prefixes(self, text: str) -> Iterable[tuple[str, int]]:
        """As `Table`."""
        found: Iterable[tuple[str, int]] = self._trie.iter_prefixes_with_ids(text)
        return found

    def readings(self, form: int) -> list[FormReading]:
        """As `Table`."""
        return [
            (value >> 32, (value >> 24) & 0xFF, (value >> 16) & 0xFF, value & 0xFFFF)
            for value in self._readings[self._starts[form] : self._starts[form + 1]]
        ]

    def readings_of(self, form: str) -> list[FormReading]:
        """The readings of a folded form; none if the lexicon does not have it."""
        number = self._trie.get(form)
        return [] if number is None else self.readings(number)

    def fitting(self, form: int, onto: int, never_onto: int) -> list[tuple[int, FormReading]]:
        """As `Table`; only fitting readings are unpacked."""
        found = []
        for place, value in enumerate(self._readings[self._starts[form] : self._starts[form + 1]]):
            kind = (value >> 24) & 0xFF
            if kind & onto and not kind & never_onto:
                found.append((place, (value >> 32, kind, (value >> 16) & 0xFF, value & 0xFFFF)))
        return found

    def lemma(self, number: int) -> str:
        """As `Table`."""
        return self._lemmas[number]

    def spelling(self, number: int) -> str:
        """As `Table`."""
        return self._spellings[number]

    def common_letters(self, lemma: str) -> str | None:
        """The folded letters that every form of a lemma has; None for a lemma that the lexicon does not have."""
        number = bisect_left(self._lemmas, lemma)
        return self._letters[number] if number < len(self._lemmas) and self._lemmas[number] == lemma else None


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon, opened on first use."""
    return Lexicon(Path(__file__).parent)


def spelling_of(word: str) -> str:
    """The spelling of a word without marks: the letters that folding changes, and dots for all others.

    >>> spelling_of("أستانة")
    'أ....ة'
    """
    return word.translate(_DOTS)


def unmarked(word: str) -> str:
    """A printed word without marks and foreign letters, with hamza, ى and ة as printed."""
    if _PLAIN_LETTERS.issuperset(word):
        return word if not word.endswith("ىء") else word[:-2] + "ء"
    for step in _UNMARKING:
        word = step(word)
    return word if not word.endswith("ىء") else word[:-2] + "ء"


def pack(
    forms: dict[str, list[FormReading]], lemmas: Sequence[str], spellings: Sequence[str], directory: Path, about: str
) -> None:
    """Write a table: folded form → its readings; `lemmas` must be sorted."""
    shared: list[set[str] | None] = [None] * len(lemmas)
    for form, own in forms.items():
        for lemma in {reading[0] for reading in own}:
            known = shared[lemma]
            shared[lemma] = set(form) if known is None else known & set(form)
    common = ["".join(sorted(each or ())) for each in shared]
    trie = marisa_trie.Trie(forms)
    # Of the 64 bits of a reading 32 are the lemma, 8 the kind, 8 the weight, 16 the spelling.
    starts, readings = array("I", [0]), array("Q")
    by_number = sorted(forms, key=trie.key_id)
    for form in by_number:
        for lemma, kind, weight, spelling in forms[form]:
            readings.append(lemma << 32 | kind << 24 | min(weight, MAX_WEIGHT) << 16 | spelling)
        starts.append(len(readings))
    texts = ["\n".join(part).encode() for part in (lemmas, spellings, common, about.splitlines())]
    sizes = " ".join(map(str, (len(starts), len(readings), *map(len, texts)))).encode()
    trie.save(str(directory / TRIE_FILE))
    parts = (_MAGIC, sizes, b"\n", starts.tobytes(), readings.tobytes(), *texts)
    (directory / DATA_FILE).write_bytes(b"".join(parts))


def _unpack(data: bytes) -> tuple[array[int], array[int], list[str], list[str], list[str]]:
    """Read what `pack` wrote.

    Raises:
        ValueError: it is of another version, or its sizes do not match.
    """
    if not data.startswith(_MAGIC):
        raise ValueError("it is no lexicon, or one of another version")
    line_end = data.index(b"\n", len(_MAGIC))
    counts = list(map(int, data[len(_MAGIC) : line_end].split()))
    starts, readings = array("I"), array("Q")
    at = line_end + 1
    if len(counts) != _COUNTS or len(data) != at + counts[0] * starts.itemsize + counts[1] * readings.itemsize + sum(
        counts[2:]
    ):
        raise ValueError("it is cut short, or longer than it says")
    for values, count in ((starts, counts[0]), (readings, counts[1])):
        end = at + count * values.itemsize
        values.frombytes(data[at:end])
        at = end
    texts = []
    for size in counts[2:5]:
        texts.append(data[at : at + size].decode().split("\n"))
        at += size
    lemmas, spellings, common = texts
    if not starts or starts[-1] != len(readings) or len(lemmas) != len(common):
        raise ValueError("its parts do not fit together")
    return starts, readings, lemmas, spellings, common


class _Dots(dict[int, str]):
    def __missing__(self, code: int) -> str:
        letter = self[code] = chr(code) if chr(code) in _SPELLED else "."
        return letter


_DOTS: Final = _Dots()
