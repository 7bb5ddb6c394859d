from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.suggest.typo_costs import typo_cost

PRICES = [
    ("nothing", "مدرسه", "مدرسه", 0.0),
    ("a letter that sounds the same", "مضله", "مظله", 1.5),
    ("a seat too many", "دافيء", "دافء", 1.5),
    ("a doubled letter", "مدررسه", "مدرسه", 2.5),
    ("a doubled first letter", "ممدرسه", "مدرسه", 2.5),
    ("neighbours that changed places", "مردسه", "مدرسه", 2.5),
    ("a hamza more", "مدرءسه", "مدرسه", 2.5),
    ("a hamza less", "بيه", "بيءه", 2.5),
    ("by sound, the first letter too", "ذهور", "زهور", 2.5),
    ("one of two equal letters left out", "مقر", "مقرر", 3.0),
    ("same shape, key beside", "مدبنه", "مدينه", 3.0),
    ("a vowel left out", "مدرس", "مدارس", 3.0),
    ("the first letter, same shape, key beside", "حوار", "جوار", 4.0),
    ("same shape, key far away", "مزرعه", "مررعه", 4.0),
    ("a letter left out", "مدسه", "مدرسه", 3.5),
    ("a letter two places from its own", "مرسده", "مدرسه", 4.5),
    ("the first letter left out", "درسه", "مدرسه", 4.5),
    ("the key beside", "مدرسخ", "مدرسه", 5.0),
    ("a vowel too many", "مدروسه", "مدرسه", 5.0),
    ("hit together with the key beside", "مدرسيه", "مدرسه", 5.0),
    ("a letter too many", "مدقرسه", "مدرسه", 6.0),
    ("any other letter", "مدعسه", "مدرسه", 7.0),
    ("the first letter for any other", "عدرسه", "مدرسه", 8.0),
    ("two slips", "ممدبنه", "مدينه", 5.5),
    ("all of it", "", "مد", 8.0),
]  # fmt: skip


@pytest.mark.parametrize(("_", "typed", "meant", "price"), PRICES, ids=[row[0] for row in PRICES])
def test_typo_costs(_: str, typed: str, meant: str, price: float) -> None:
    assert typo_cost(typed, meant) == price


LETTERS = st.text("ءاويبتحجسشضظمهz", max_size=8)


@given(LETTERS, LETTERS)
def test_only_equal_words_cost_nothing(typed: str, meant: str) -> None:
    assert (typo_cost(typed, meant) == 0) == (typed == meant)
    assert typo_cost(typed, meant) >= 0
