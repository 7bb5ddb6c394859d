from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.analysis import WORD, analyze_word
from indexer.results import Match, MatchLevel
from tests.indexer.markers import marker_of

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
def test_matches_of_a_query_are_marked(query: str, marked: list[str]) -> None:
    marker = marker_of(query)
    assert [TEXT[start:end] for start, end in marker.spans(TEXT)] == marked


def test_many_stars_on_a_long_word_are_fast() -> None:
    marker = marker_of("م*" * 30 + "ب")
    assert marker.spans("م" * 60 + " " + "م" * 59 + "ب") == ((61, 121),)


def test_near_words_in_a_long_text_are_fast() -> None:
    marker = marker_of('"روسيا تركيا"~50')
    assert len(marker.spans("روسيا تركيا " * 20_000)) == 40_000


PRINTED = st.text("روسياب \n\t\u00a0\u200f\u200d\u2029،.-«»ًـ2٣m€", max_size=30)


@given(PRINTED)
def test_words_never_span_white_space(text: str) -> None:
    assert WORD.findall(text) == [word for chunk in text.split() for word in WORD.findall(chunk)]


@example("روس", [])
@given(PRINTED, st.lists(PRINTED, max_size=3))
def test_every_matching_word_is_marked_regardless_of_its_context(text: str, before: list[str]) -> None:
    marker = marker_of("روسيا m")
    lemmas = {*analyze_word("روسيا").lemmas, *analyze_word("m").lemmas}
    for other in before:  # cached words of other texts change nothing
        marker.spans(other)
    expected = [found.span() for found in WORD.finditer(text) if lemmas & {*analyze_word(found.group()).lemmas}]
    assert list(marker.spans(text)) == expected


def test_very_long_words_are_fast() -> None:
    marker = marker_of("ممم")
    assert marker.spans("م" * 300_000 + " ممم " + "م" * 300_000) == ((300_001, 300_004),)


MATCHES = [
    ("مفاوضات", [("مفاوضات", "المُفاوَضات", "lemma")]),
    ("المفاوضات", [("المفاوضات", "المُفاوَضات", "form")]),
    ("وتركيا روسيا", [("وتركيا", "وتركيا", "form"), ("روسيا", "روسيا", "form")]),
    ("=المفاوضات", [("المفاوضات", "المُفاوَضات", "form")]),
    ("مفاوض", [("مفاوض", "والمفاوضون", "lemma")]),
    ("*مفاوض*", [("*مفاوض*", "المُفاوَضات", "pattern")]),
    ("المسول~", [("المسول", "المسؤول", "fuzzy")]),
    ('"المسؤول إن"', [("المسؤول إن", "المسؤول إن", "phrase")]),
    ('"تركيا روسيا"~2', [("تركيا روسيا", "روسيا", "phrase")]),
    ('روسيا "روسيا وتركيا"', [("روسيا", "روسيا", "form"), ("روسيا وتركيا", "روسيا وتركيا", "phrase")]),
    ("جذر:المفاوضات", [("المفاوضات", "المُفاوَضات", "root")]),
    ("اليابان -روسيا", []),
    ("في روسيا", [("روسيا", "روسيا", "form")]),
    ("", []),
]


@pytest.mark.parametrize(("query", "matches"), MATCHES, ids=[row[0] for row in MATCHES])
def test_matches_have_the_typed_word_the_printed_word_and_the_level(
    query: str, matches: list[tuple[str, str, str]]
) -> None:
    marker = marker_of(query)
    found = marker.matches([(TEXT, *marker.all_marks([TEXT]))])
    assert found == tuple(Match(word, printed, MatchLevel(level)) for word, printed, level in matches)


def test_the_surest_match_is_chosen_and_the_title_before_the_body() -> None:
    marker = marker_of("روسيا")
    title, body = "بروسيا وروسيا", "روسيا ثم روسيا"
    assert marker.matches(zip((title, body), marker.all_marks([title, body]), strict=True))[0].printed == "روسيا"
    assert (
        marker.matches(zip((title, "وروسيا"), marker.all_marks([title, "وروسيا"]), strict=True))[0].printed == "بروسيا"
    )


def test_similar_words_are_marked_in_the_nearest_articles() -> None:
    text = "قال ميستورا أمس"
    assert marker_of("ميستوارا").spans(text) == ()
    marker = marker_of("ميستوارا", loose=True)
    assert marker.spans(text) == ((4, 11),)
    assert marker.matches([(text, *marker.all_marks([text]))]) == (Match("ميستوارا", "ميستورا", MatchLevel.SIMILAR),)


def test_only_stems_that_were_searched_are_similar() -> None:
    marker = marker_of("ميستوارا", loose=True, similar={})
    assert marker.spans("قال ميستورا أمس") == ()
