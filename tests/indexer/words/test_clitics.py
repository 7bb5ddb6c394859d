"""Words without their clitics: what is attached, and what only looks so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.words.clitics import parts_of, sort_key

PARTS = [
    ("وزير", ("", "", "", "وزير")),
    ("والوزير", ("و", "", "ال", "وزير")),
    ("ووزير", ("و", "", "", "وزير")),
    ("بالميناء", ("", "ب", "ال", "ميناء")),
    ("للاجئين", ("", "ل", "ال", "لاجئين")),
    ("وللأمم", ("و", "ل", "ال", "أمم")),
    ("لبنان", ("", "", "", "لبنان")),
    ("باراك", ("", "", "", "باراك")),
    ("فيينا", ("", "", "", "فيينا")),
    ("والتي", ("و", "", "", "التي")),
    ("كان", ("", "", "", "كان")),
    ("المُفاوَضات", ("", "", "ال", "مفاوضات")),
    ("و", ("", "", "", "و")),
    ("London", ("", "", "", "London")),
]


@pytest.mark.parametrize(("printed", "parts"), PARTS, ids=[printed for printed, _ in PARTS])
def test_parts(printed: str, parts: tuple[str, str, str, str]) -> None:
    assert tuple(parts_of(printed)) == parts


@pytest.mark.parametrize(
    "spellings",
    [("أحمد", "احمد", "وأحمد"), ("الميناء", "ميناء", "بالميناء"), ("مدرسة", "المدرسة", "مَدرسه")],
    ids=lambda spellings: spellings[0],
)
def test_spellings_and_clitics_sort_alike(spellings: tuple[str, ...]) -> None:
    assert len({sort_key(each) for each in spellings}) == 1


@given(st.text(alphabet="وفبلكسالمنةىأإآ ُـab1\u200f", max_size=12))
def test_no_word_raises_and_the_rest_is_never_empty(printed: str) -> None:
    assert parts_of(printed).rest or not printed.strip("ُـ\u200f")
    sort_key(printed)
