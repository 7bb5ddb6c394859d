"""The sources of the lexicon: the words of Arramooz, names, and the frequencies of lemmas and printed words."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from babel import Locale
from pyarabic import araby

from indexer import analysis
from indexer.analysis.lexicon import unmarked

TOKENS = 7.5e8
"""The sum of the counts of Arramooz's frequency list."""


class Plural(NamedTuple):
    """A broken plural; a defective one lacks its ي: أراض."""

    word: str
    vocalized: str
    is_defective: bool


class Noun(NamedTuple):
    """A noun or adjective of Arramooz; `plurals` are its broken plurals, `singular` is that of a plural."""

    word: str
    vocalized: str
    is_adjective: bool
    is_plural: bool
    singular: str
    plurals: tuple[Plural, ...]
    feminine: bool
    masculine_plural: bool
    is_defective: bool
    is_elative: bool


class Verb(NamedTuple):
    """A verb of Arramooz: its vocalized past, and the vowel of its present."""

    past: str
    future_type: str


class Counted(NamedTuple):
    """A lemma of the frequency list: unvocalized, vocalized, part of speech, tokens."""

    word: str
    vocalized: str
    part_of_speech: str
    count: int


_ADJECTIVES = ("فاعل", "مفعول", "صفة", "منسوب", "مبالغة", "تفضيل")


def bare(vocalized: str) -> str:
    """A word of a dictionary without marks, with alef wasla as ا."""
    return unmarked(vocalized.strip().replace("ٱ", "ا"))


def nouns() -> Iterator[Noun]:
    """The nouns and adjectives."""
    rows = _database("arabicdictionary.sqlite").execute(
        "select vocalized, wordtype, number, single, broken_plural, feminable, masculin_plural, mankous from nouns"
    )
    for vocalized, kind, number, single, plurals, feminable, masculine_plural, defective in rows:
        word = bare(vocalized)
        if not word.isalpha():
            continue
        broken = tuple(
            _plural(text)
            for text in re.split("[;،,]", re.sub(r"\(.*", "", plurals or ""))
            if _is_plural(bare(text), word, text)
        )
        yield Noun(
            word,
            vocalized.strip(),
            any(name in kind for name in _ADJECTIVES),
            number == "جمع تكسير",
            bare(single or ""),
            broken,
            bool(feminable),
            bool(masculine_plural),
            bool(defective) or vocalized.endswith("ٍ") or (vocalized.endswith("ِي") and "منسوب" not in kind),
            "تفضيل" in kind or ("مشبهة" in kind and word.startswith("أ")),
        )


def _is_plural(plural: str, singular: str, text: str) -> bool:
    """Whether a text is a plural, not a remark: it has all consonants of the singular, or vowels and two of them."""
    consonants = set(singular) - set("اويةىءأإآؤئ")
    shared = len(consonants & set(plural))
    is_vocalized = any(mark in text for mark in "ًٌٍَُِّْ")
    return (
        plural.isalpha() and len(plural) > 2 and shared >= min(2 if is_vocalized else len(consonants), len(consonants))
    )


def _plural(text: str) -> Plural:
    word = bare(text)
    # الْمَبَانِي beside مَبَانٍ: the article is written if the form without it loses its last letter.
    definite = "الْ" in text[:4]
    return Plural(word[2:] if definite else word, text.strip(), text.strip().endswith("ٍ"))


def names() -> Iterator[str]:
    """Names without their articles: those of `names.txt` and the stemmer's list, and CLDR's countries and cities."""
    for path in (Path(__file__).with_name("names.txt"), Path(analysis.__file__).with_name("protected.txt")):
        for line in path.read_text(encoding="utf-8").partition("[words]")[0].splitlines():
            for group in line.partition("#")[0].split():
                yield bare(group.partition("=")[0])
    arabic = Locale("ar")
    cities = (zone.get("city", "") for zone in arabic.time_zones.values())
    for name in (*arabic.territories.values(), *cities):
        yield bare(name)


def particles() -> Iterator[str]:
    """Prepositions, conjunctions and other particles."""
    for (word,) in _database("stopwords.sqlite").execute("select distinct word from classedstopwords"):
        if len(bare(word)) > 2 and bare(word).isalpha():
            yield bare(word)


def verbs() -> Iterator[Verb]:
    """The verbs."""
    rows = _database("arabicdictionary.sqlite").execute("select vocalized, future_type from verbs")
    for vocalized, future_type in rows:
        yield Verb(vocalized, future_type or "فتحة")


def counts() -> Iterator[Counted]:
    """The frequency list of lemmas."""
    for vocalized, kind, count in _database("wordfreq.sqlite").execute(
        "select vocalized, word_type, freq from wordfreq"
    ):
        word = bare(vocalized)
        if word.isalpha():
            yield Counted(word, vocalized, kind, count)


def additions() -> Iterator[tuple[str, list[str]]]:
    """The lines of `additions.txt`: a lemma and its forms."""
    for line in Path(__file__).with_name("additions.txt").read_text(encoding="utf-8").splitlines():
        if words := line.partition("#")[0].split():
            yield words[0], words[1:]


def printed_words(least: float) -> dict[str, float]:
    """Arabic words as printed, with their shares of all words; those with at least this share."""
    from wordfreq import get_frequency_dict

    every = get_frequency_dict("ar", "large")
    return {word: share for word, share in every.items() if share >= least and araby.is_arabicword(word)}


def _database(name: str) -> sqlite3.Connection:
    return sqlite3.connect(str(resources.files("arramooz") / "data" / name))
