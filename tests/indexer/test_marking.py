from __future__ import annotations

import pytest

from indexer.marking import Marker
from indexer.query import parse_query

TEXT = "قال المسؤول إن المُفاوَضات بين روسيا وتركيا وإيران تستأنف قريبا، والمفاوضون في روسيا ينتظرون تركيا."

MARKED = [
    ("=المفاوضات", ["المُفاوَضات"]),
    ("=مفاوضات", []),
    ("المفاوض*", ["المُفاوَضات"]),
    ("*مفاوض*", ["المُفاوَضات", "والمفاوضون"]),
    ("رو؟يا", ["روسيا", "روسيا"]),
    ("رو؟يا -إيران", ["روسيا", "روسيا"]),
    ("المسول~", ["المسؤول"]),
    ("روصيا~", ["روسيا", "روسيا"]),
    ("عنوان:روس*", ["روسيا", "روسيا"]),
    ("كاتب:روس*", []),
    ('"تركيا روسيا"~2', ["روسيا", "تركيا"]),
    ('"تركيا روسيا"~1', []),
    ('"روسيا وتركيا"~1', ["روسيا", "وتركيا"]),
    ('"وتركيا روسيا"~1', ["روسيا", "وتركيا"]),
    ('"روسيا روسيا"~20', ["روسيا", "روسيا"]),
    ('"روسيا روسيا"~2', []),
    ('"روسيا وتركيا إيران"~9', []),
]


@pytest.mark.parametrize(("query", "marked"), MARKED, ids=[row[0] for row in MARKED])
def test_what_meets_a_query_is_marked(query: str, marked: list[str]) -> None:
    marker = Marker(parse_query(query).node)
    assert [TEXT[start:end] for start, end in marker.spans(TEXT)] == marked


def test_many_stars_on_a_long_word_take_no_time() -> None:
    marker = Marker(parse_query("م*" * 30 + "ب").node)
    assert marker.spans("م" * 60 + " " + "م" * 59 + "ب") == ((61, 121),)


def test_near_words_in_a_long_text_take_no_time() -> None:
    marker = Marker(parse_query('"روسيا تركيا"~50').node)
    assert len(marker.spans("روسيا تركيا " * 20_000)) == 40_000
