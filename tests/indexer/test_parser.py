from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.query import And, DateRange, Everything, FieldName, InField, Node, Not, Or, Phrase, Word, parse_query


def words(*texts: str) -> tuple[Word, ...]:
    return tuple(map(Word, texts))


QUERIES: list[tuple[str, Node]] = [
    ("", Everything()),
    ("مفاوضات", Word("مفاوضات")),
    ("مفاوضات أستانة", And(words("مفاوضات", "أستانة"))),
    ('"وقف إطلاق النار"', Phrase(("وقف", "إطلاق", "النار"))),
    ("«وقف إطلاق النار»", Phrase(("وقف", "إطلاق", "النار"))),
    ("»وقف إطلاق النار«", Phrase(("وقف", "إطلاق", "النار"))),
    ("“وقف إطلاق النار”", Phrase(("وقف", "إطلاق", "النار"))),
    ("إيران -اليابان", And((Word("إيران"), Not(Word("اليابان"))))),
    ("إيران \u200f-اليابان", And((Word("إيران"), Not(Word("اليابان"))))),
    ("إيران ليس اليابان", And((Word("إيران"), Not(Word("اليابان"))))),
    ("إيران NOT اليابان", And((Word("إيران"), Not(Word("اليابان"))))),
    ('إيران -"وقف النار"', And((Word("إيران"), Not(Phrase(("وقف", "النار")))))),
    ("-إيران", Not(Word("إيران"))),
    ("--إيران", Not(Word("إيران"))),
    ("إيران-اليابان", And(words("إيران", "اليابان"))),
    ("- من هو", And(words("من", "هو"))),
    ("إيران أو اليابان", Or(words("إيران", "اليابان"))),
    ("إيران او اليابان", Or(words("إيران", "اليابان"))),
    ("إيران OR اليابان", Or(words("إيران", "اليابان"))),
    ("إيران | اليابان", Or(words("إيران", "اليابان"))),
    ("فوز إيران أو اليابان", And((Word("فوز"), Or(words("إيران", "اليابان"))))),
    ("(فوز إيران) أو اليابان", Or((And(words("فوز", "إيران")), Word("اليابان")))),
    ("إيران -(اليابان أو فوز)", And((Word("إيران"), Not(Or(words("اليابان", "فوز")))))),
    ("to be or not", And(words("to", "be", "or", "not"))),
    ("عنوان:إيران", InField(FieldName.TITLE, Word("إيران"))),
    ("عنوان: إيران", InField(FieldName.TITLE, Word("إيران"))),
    ("title:إيران", InField(FieldName.TITLE, Word("إيران"))),
    ('مصدر:"الشرق الأوسط"', InField(FieldName.SOURCE, Phrase(("الشرق", "الأوسط")))),
    ("كاتب:سمير قسم:سياسة", And((InField(FieldName.AUTHOR, Word("سمير")), InField(FieldName.SECTION, Word("سياسة"))))),
    ("تاريخ:2017-02", DateRange(date(2017, 2, 1), date(2017, 2, 28))),
    ("من:2017-02-01", DateRange(date(2017, 2, 1), None)),
    ('إلى:"شباط 2017"', DateRange(None, date(2017, 2, 28))),
    ("من إيران إلى اليابان", And(words("من", "إيران", "إلى", "اليابان"))),
    ("ماذا قال لافروف؟", And(words("ماذا", "قال", "لافروف"))),
    ("٢٣ شباط", And(words("٢٣", "شباط"))),
    ("شباط/فبراير", And(words("شباط", "فبراير"))),
    ('""', Everything()),
    ("🔥 ،؛", Everything()),
]


@pytest.mark.parametrize(("text", "node"), QUERIES, ids=[row[0] or "(empty)" for row in QUERIES])
def test_queries(text: str, node: Node) -> None:
    parsed = parse_query(text)
    assert parsed.node == node
    assert not parsed.warnings


ODD = [
    ('"وقف إطلاق', And(words("وقف", "إطلاق")), "quotation mark"),
    ("وقف» إطلاق", And(words("وقف", "إطلاق")), "quotation mark"),
    ("(وقف", Word("وقف"), "bracket"),
    ("وقف) إطلاق", And(words("وقف", "إطلاق")), "bracket"),
    ("أو وقف", Word("وقف"), "no word beside it"),
    ("وقف أو", Word("وقف"), "no word beside it"),
    ("وقف NOT", Word("وقف"), "no word beside it"),
    ("لون:أحمر", And(words("لون", "أحمر")), "not a field"),
    ("الجعفري: لم يصدر بيان", And(words("الجعفري", "لم", "يصدر", "بيان")), "not a field"),
    ("تاريخ:غدا", Word("غدا"), "not a date"),
]


@pytest.mark.parametrize(("text", "node", "said"), ODD, ids=[row[0] for row in ODD])
def test_what_is_not_understood_is_searched_as_words_and_said(text: str, node: Node, said: str) -> None:
    parsed = parse_query(text)
    assert parsed.node == node
    assert any(said in warning.english for warning in parsed.warnings)
    assert all(warning.arabic for warning in parsed.warnings)


def test_a_very_long_query_is_cut_with_a_warning() -> None:
    parsed = parse_query("مفاوضات " * 1250)
    assert isinstance(parsed.node, And)
    assert len(parsed.node.children) <= 64
    assert parsed.warnings


def test_brackets_a_thousand_deep() -> None:
    parsed = parse_query("(" * 900 + "وقف" + ")" * 900)
    assert "وقف" in repr(parsed.node)
    assert parsed.warnings


OPERATORS = st.sampled_from(
    [
        *'"«»“”()|-:~*؟?\u200f\u202e\ud83d\x00🔥\n ',
        *("أو", "ليس", "OR", "NOT", "عنوان:", "تاريخ:", "من:", "وقف", "النار", "23"),
    ]
)


@settings(max_examples=300)
@given(st.lists(OPERATORS, max_size=40).map(" ".join) | st.lists(OPERATORS, max_size=40).map("".join) | st.text())
def test_no_text_raises(text: str) -> None:
    parsed = parse_query(text)
    assert parsed.node is not None
