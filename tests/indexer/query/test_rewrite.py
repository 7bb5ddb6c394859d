"""Which words of a query get spelling variants."""

from __future__ import annotations

from indexer.query import add_variants, parse_query
from indexer.query.rewrite import MAX_UNKNOWN_WORDS

LATIN = [f"name{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]


def asked(query: str) -> set[str]:
    words: set[str] = set()

    def others(typed: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        words.update(typed)
        return ()

    add_variants(parse_query(query).node, others, others)
    return words


def test_only_the_first_unknown_words_are_looked_up() -> None:
    assert asked(" ".join(LATIN)) == set(LATIN[:MAX_UNKNOWN_WORDS])


def test_dictionary_words_are_not_counted() -> None:
    assert {"الحكومة", "الموازنة", LATIN[0]} <= asked(f"الحكومة {' '.join(LATIN)} الموازنة")


def test_alternatives_share_the_limit() -> None:
    assert asked(f"({' '.join(LATIN[:6])}) OR ({' '.join(LATIN[6:])})") == set(LATIN[:MAX_UNKNOWN_WORDS])
