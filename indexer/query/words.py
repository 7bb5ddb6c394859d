"""The words of one token: plain, exact, fuzzy, with wildcards, as a phrase or near each other."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from indexer.analysis import MARKS, MAX_RUN, WORD, fold
from indexer.query import warnings
from indexer.query.ast import Exact, Fuzzy, Near, Phrase, Wildcard, Word
from indexer.results import QueryWarning

Leaf = Word | Phrase | Exact | Wildcard | Fuzzy | Near
"""A node that may be in a field."""

MAX_FUZZY_DISTANCE: Final = 2
MAX_NEAR_DISTANCE: Final = 50
MIN_PATTERN_LETTERS: Final = 2
MIN_FUZZY_LETTERS: Final = 3

MAX_WORD_LENGTH: Final = 256
"""Characters, harakat included: several times the longest term that the index distinguishes."""

_PIECE: Final = re.compile(rf"(?:[^\W_]|[{MARKS}*?]|(?<=\d)[.,\u066b\u066c](?=\d))+")
# Long vowels three times or more, other letters four times: تتتابع, and وووري and وووجه with their و, are words.
_STRETCHED: Final = re.compile(r"([اىيه])\1{2,}|^و{4,}|(?<=.)و{3,}|([\u0621-\u063f\u0641-\u064a])\2{3,}")
_WILDCARDS: Final = re.compile(r"[*?]+")
_WILDCARD_IN_WORD: Final = re.compile(r"\w\*|\*\w|\w\?\w")


def split_words(text: str) -> list[str]:
    """The words of a text as typed; of a run of letters longer than a word can be, the first word."""
    words = []
    full = -1  # where a word of the greatest length ended
    for found in WORD.finditer(text):
        if found.start() != full:
            words.append(found.group())
        full = found.end() if found.start() == full or found.end() - found.start() >= MAX_RUN else -1
    return [word if len(word) <= MAX_WORD_LENGTH else WORD.findall(word[:MAX_WORD_LENGTH])[0] for word in words]


def plain_words(text: str) -> list[str]:
    """The words of a text that are searched: without those of marks alone, stretched ones shortened."""
    return [unstretched(word) for word in split_words(text) if fold(word)]


def unstretched(word: str) -> str:
    """A word without letters repeated for emphasis: عااااجل is عاجل, مبرووووك is مبروك."""
    return _STRETCHED.sub(lambda run: run[0][0], word)


def parse_run(text: str, distance: int | None, warn: Callable[[QueryWarning], None]) -> list[Leaf]:
    """The words of a run: exact after a `=`; with a `distance`, the last one fuzzy."""
    exactly = text.startswith("=")
    leaves: list[Leaf] = []
    for piece in _PIECE.findall(text) if "*" in text or "?" in text else (text,):
        leaves.extend(_wildcard(piece, warn) or (_exact(piece) if exactly else map(Word, plain_words(piece))))
    if distance is not None:
        last = leaves.pop() if leaves else None
        if isinstance(last, (Word, Exact)):
            last = _fuzzy(last, distance, warn)
        else:
            warn(warnings.lone_operator("~"))
        leaves.extend([last] if last else [])
    return leaves


def parse_phrase(text: str, distance: int | None, warn: Callable[[QueryWarning], None]) -> list[Leaf]:
    """The words between quotation marks, as a phrase or within a `distance` of each other; none for marks alone."""
    words = tuple(split_words(text))
    if _WILDCARD_IN_WORD.search(text):
        warn(warnings.wildcard_in_phrase(text))
    if not any(map(fold, words)):
        return []
    if distance is None or len(words) == 1:
        if distance is not None:
            warn(warnings.lone_operator("~"))
        return [Phrase(words)]
    if distance > MAX_NEAR_DISTANCE:
        warn(warnings.distance_cut(MAX_NEAR_DISTANCE))
    return [Near(words, max(min(distance, MAX_NEAR_DISTANCE), len(words) - 1))]


def _exact(piece: str) -> list[Exact]:
    return [Exact(word) for word in split_words(piece) if fold(word)]


def _wildcard(piece: str, warn: Callable[[QueryWarning], None]) -> list[Leaf]:
    """The pattern in a piece; none if its question marks are punctuation, or too few letters are fixed."""
    pattern = piece.strip("?")
    if not _WILDCARDS.search(pattern) or len(pattern) > MAX_WORD_LENGTH:
        return []
    if sum(letter.isalnum() for letter in fold(pattern)) < MIN_PATTERN_LETTERS:
        warn(warnings.short_pattern(piece, MIN_PATTERN_LETTERS))
        return []
    return [Wildcard(_WILDCARDS.sub(_simplest, pattern))]


def _simplest(wildcards: re.Match[str]) -> str:
    """Equivalent wildcards without redundant stars; a star stays outermost, where a question mark is punctuation."""
    ones = "?" * wildcards[0].count("?")
    if "*" not in wildcards[0]:
        return ones
    return f"*{ones}" if wildcards.start() == 0 else f"{ones}*"


def _fuzzy(word: Word | Exact, distance: int, warn: Callable[[QueryWarning], None]) -> Leaf:
    if len(fold(word.text)) < MIN_FUZZY_LETTERS:
        warn(warnings.short_for_fuzzy(word.text, MIN_FUZZY_LETTERS))
        return word
    if distance > MAX_FUZZY_DISTANCE:
        warn(warnings.distance_cut(MAX_FUZZY_DISTANCE))
    return Fuzzy(word.text, min(distance, MAX_FUZZY_DISTANCE))
