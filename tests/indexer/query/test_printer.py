from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings

from indexer.query import (
    MAX_QUERY_WORDS,
    And,
    DateRange,
    Node,
    Not,
    Nothing,
    Or,
    Required,
    display_query,
    parse_query,
    print_query,
)
from tests.indexer.query_texts import QUERY_TEXTS

CANONICAL = [
    ("", ""),
    ("مفاوضات أستانة", "مفاوضات أستانة"),
    ('"وقف إطلاق النار"', "«وقف إطلاق النار»"),
    ("زلزال OR بركان", "زلزال أو بركان"),
    ("زلزال NOT (إيران | تركيا)", "زلزال -(إيران أو تركيا)"),
    ("(فوز إيران) أو اليابان", "(فوز إيران) أو اليابان"),
    ("((فوز) (إيران اليابان))", "فوز (إيران اليابان)"),
    ("a OR b c", "(a أو b) c"),
    ("+a AND -b", "+a -b"),
    ("a AND (b c) OR d 2017", "+a +((b c) أو d) 2017"),
    ("x AND 15", "+x +(15)"),
    ("x NOT 15", "x -(15)"),
    ("؟؟؟", "«»"),
    ("نكون أو لا نكون؟", r"نكون \أو لا نكون"),
    ("القمة أو القاع: رحلة فريق في عام كامل من المباريات", "القمة أو القاع رحلة فريق في عام كامل من المباريات"),
    ("(a b) c d e f g h ||  |", "((a b) c d e f g h)"),
    ("عنوان:زلزال «وقف النار» a b c d e f g", "عنوان:زلزال «وقف النار» a b c d e f g"),
    ('"وقف النار" a b c d e f g OR', "(«وقف النار» a b c d e f g)"),
    ("-(-إيران)", "إيران"),
    ('title:"x y"~3', "عنوان:«x y»~3"),
    ("title:(a OR b)", "عنوان:a أو عنوان:b"),
    ("root:كتب =كتاب", "جذر:كتب =كتاب"),
    ("م?او** color?d*", "م؟او* color?d*"),
    ("كلمة~1 كلمة~2", "كلمة~ كلمة~2"),
    ("date:2017-02", "تاريخ:2017-02-01..2017-02-28"),
    ("date:2017-02-16", "تاريخ:2017-02-16"),
    ("since:2017", "من:2017-01-01"),
    ("until:2017", "إلى:2017-12-31"),
    ("إلى:2018 from:2017", "تاريخ:2017-01-01..2018-12-31"),
    (r"\أو x/NOT", r"\أو x \NOT"),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL, ids=[row[0] or "(empty)" for row in CANONICAL])
def test_canonical_text(text: str, canonical: str) -> None:
    assert print_query(parse_query(text).node) == canonical


DISPLAYED = [
    ("مفاوضات أستانة", "مفاوضات أستانة"),
    ("إيران -اليابان", "إيران [-اليابان]"),
    ("-(a أو b)", "[-[(a أو b)]]"),
    ('مصدر:"Al Hayat"', "[مصدر:[«Al Hayat»]]"),
    ("تاريخ:2017", "[تاريخ:[2017-01-01]..[2017-12-31]]"),
    ('"روسيا تركيا"~5', "[«روسيا تركيا»~5]"),
]


@pytest.mark.parametrize(("text", "shown"), DISPLAYED, ids=[row[0] for row in DISPLAYED])
def test_isolates_keep_marks_beside_their_words(text: str, shown: str) -> None:
    assert display_query(parse_query(text).node) == shown.replace("[", "\u2068").replace("]", "\u2069")


def strip_isolates(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


def is_simple(node: Node) -> bool:
    if isinstance(node, And | Or):
        alike = isinstance(node, Or) and any(isinstance(child, Or) for child in node.children)
        return len(node.children) > 1 and not alike and all(map(is_simple, node.children))
    if isinstance(node, Required):
        return not isinstance(node.child, Required | Not | DateRange) and is_simple(node.child)
    return not isinstance(node, Not) or (not isinstance(node.child, Not | Required) and is_simple(node.child))


def depth(node: Node) -> int:
    if isinstance(node, And | Or):
        return 1 + max(map(depth, node.children))
    return 1 + depth(node.child) if isinstance(node, Not | Required) else 0


@pytest.mark.slow
@settings(max_examples=1500)
@given(QUERY_TEXTS)
def test_a_printed_query_parses_as_the_same_tree(text: str) -> None:
    node = parse_query(text).node
    printed = print_query(node)
    again = parse_query(printed)
    assert again.node == node
    assert not again.warnings or isinstance(node, Nothing)
    assert print_query(again.node) == printed
    displayed = display_query(node)
    assert strip_isolates(displayed) == printed
    assert parse_query(displayed).node == node
    as_text = parse_query(text).as_text
    assert parse_query(print_query(as_text)).node == as_text
    assert is_simple(node)
    assert depth(node) <= 2 * MAX_QUERY_WORDS


NESTED = "".join(f"(w{n} {'-' if n % 3 else ''}(v{n} | " for n in range(60))


@pytest.mark.parametrize(
    "text",
    [
        NESTED,
        NESTED + "x" + "))" * 60,
        "(" * 64 + "-أ-ب أو ج" + ")" * 64,
        "أ|" * 2000,
        ("تاريخ:1700-1800 أو " * 200),
        "".join(f"-عنوان:{'ط' * 31}{n} | " for n in range(200)),
        "ط" * 10_000,
        "1." * 5_000,
        "كِ" * 3_000,
        "ط" * 9_000 + "*" + " بركان",
    ],
    ids=lambda text: text[:20],
)
def test_queries_at_the_limits_parse_as_the_same_tree(text: str) -> None:
    node = parse_query(text).node
    assert parse_query(print_query(node)).node == node
    assert print_query(node)


def test_dates_are_printed_in_iso() -> None:
    day = date(2017, 2, 16).isoformat()
    assert day in print_query(parse_query("تاريخ:16 شباط/فبراير 2017").node)
