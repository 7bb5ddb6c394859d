"""Which words are one word, over pairs made by hand. Lowering a floor needs a reason (docs/relevance.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.words import GROUPS, Pair, Step, joins, read_pairs, shares_joined

# The share of the pairs of each row that share a lemma, a little below what was measured.
FLOORS = {
    "clitics": 0.97,
    "duals, sound plurals": 0.97,
    "feminine": 0.97,
    "names with clitics": 0.97,
    "broken plurals": 0.95,
    "strong verbs": 0.95,
    "weak verbs": 0.92,
}
MOST_DIFFERENT = 0.05
"""The greatest share of different words that share a lemma; 23 % share a stem."""


@pytest.fixture(scope="module")
def joined(shared_data: Path) -> dict[str, tuple[int, dict[Step, float]]]:
    return shares_joined(read_pairs(shared_data / "morphology" / "pairs.tsv"))


@pytest.mark.parametrize("group", FLOORS)
def test_words_share_their_lemma(group: str, joined: dict[str, tuple[int, dict[Step, float]]]) -> None:
    count, shares = joined[group]
    assert count >= 10
    assert shares[Step.LEMMA] >= FLOORS[group]


def test_different_words_rarely_share_a_lemma(joined: dict[str, tuple[int, dict[Step, float]]]) -> None:
    _, shares = joined["different words"]
    assert shares[Step.LEMMA] <= MOST_DIFFERENT


LEVELS = [
    ("one form", "مسؤول", "مسئول", {"form", "word", "lemma", "stem", "root"}),
    ("a clitic", "مفاوضات", "والمفاوضات", {"word", "lemma", "stem", "root"}),
    ("a broken plural", "رجل", "رجال", {"lemma", "root"}),
    ("a family", "كاتب", "مكتوب", {"root"}),
    ("nothing", "مدرسة", "قطار", set()),
]


@pytest.mark.parametrize(("one", "other", "levels"), [row[1:] for row in LEVELS], ids=[row[0] for row in LEVELS])
def test_levels(one: str, other: str, levels: set[str]) -> None:
    assert joins(Pair("", one, other)) == joins(Pair("", other, one)) == levels


def test_each_class_is_in_one_row() -> None:
    kinds = [kind for group in GROUPS.values() for kind in group]
    assert len(kinds) == len(set(kinds))
