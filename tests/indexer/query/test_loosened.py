"""The queries that remain of one: each part alone, and without each condition."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.query import Condition, loosened, parse_query, print_query
from indexer.query.loosened import MAX_LOOSENED

TODAY = date(2026, 1, 1)
ALONE = [
    ("زلزال براكين", ["زلزال", "براكين"]),
    ("عنوان:استفتاء زلزال أو سيول", ["عنوان:استفتاء", "زلزال أو سيول"]),
    ("زلزال سيول -مصر بعد:2015", ["زلزال -مصر من:2015-01-01", "سيول -مصر من:2015-01-01"]),
    ("«وقف النار» سوريا", ["«وقف النار»", "سوريا"]),
    ("زلزال -مصر", []),
    ("زلزال", []),
    ("", []),
    ("!؟", []),
]
WITHOUT = [
    ("زلزال -مصر", [(Condition.EXCLUDED, "مصر", "زلزال")]),
    ("زلزال بعد:2015", [(Condition.DATES, "من:2015-01-01", "زلزال")]),
    ("زلزال مصدر:الغد", [(Condition.FIELD, "مصدر:الغد", "زلزال")]),
    ("«وقف النار» سوريا", [(Condition.QUOTED, "«وقف النار»", "وقف النار سوريا")]),
    ("عنوان:«وقف النار»", [(Condition.QUOTED, "عنوان:«وقف النار»", "عنوان:وقف عنوان:النار")]),
    ("=كاف بحر", [(Condition.QUOTED, "=كاف", "كاف بحر")]),
    ("-مصر", [(Condition.EXCLUDED, "مصر", "")]),
    ("زلزال سيول", []),
    ("عنوان:زلزال سيول*", []),
]


@pytest.mark.parametrize(("query", "alone"), ALONE, ids=[query for query, _ in ALONE])
def test_each_part_alone_keeps_the_conditions(query: str, alone: list[str]) -> None:
    assert [one.query for one in loosened(query, TODAY) if one.condition is None] == alone


@pytest.mark.parametrize(("query", "without"), WITHOUT, ids=[query for query, _ in WITHOUT])
def test_without_each_condition(query: str, without: list[tuple[Condition, str, str]]) -> None:
    assert [(one.condition, one.text, one.query) for one in loosened(query, TODAY) if one.condition] == without


def test_long_queries_are_not_taken_apart() -> None:
    words = " -".join(f"كلمة{number}" for number in range(MAX_LOOSENED + 1))
    assert loosened(words) == ()


@given(st.text(alphabet='اب ت"«»:-+()أو~*=2015مصدر', max_size=60))
def test_no_text_raises_and_every_query_is_as_it_is_printed(text: str) -> None:
    for one in loosened(text, TODAY):
        assert print_query(parse_query(one.query, TODAY).node) == one.query
