from __future__ import annotations

from datetime import date
from time import process_time

import pytest
from hypothesis import given, settings

from indexer.query import (
    MAX_QUERY_WORDS,
    And,
    DateRange,
    Everything,
    Exact,
    FieldName,
    Fuzzy,
    InField,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Root,
    Wildcard,
    Word,
    parse_query,
    print_query,
)
from indexer.query.names import FIELDS, OPERATORS, Bound, field_named, operator_named
from tests.indexer.query_texts import QUERY_TEXTS


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
    ("عنوان:مفاو*", InField(FieldName.TITLE, Wildcard("مفاو*"))),
    ("title:كلمة~", InField(FieldName.TITLE, Fuzzy("كلمة", 1))),
    ("عنوان:=كلمة", InField(FieldName.TITLE, Exact("كلمة"))),
    ('عنوان:"روسيا تركيا"~5', InField(FieldName.TITLE, Near(("روسيا", "تركيا"), 5))),
    ("=كلمة", Exact("كلمة")),
    ('="وقف النار"', Phrase(("وقف", "النار"))),
    ("جذر:مكتبة", Root("مكتبة")),
    ("root:مكتبة", Root("مكتبة")),
    ("مفاوض*", Wildcard("مفاوض*")),
    ("*اوض*", Wildcard("*اوض*")),
    ("م؟اوض", Wildcard("م?اوض")),
    ("كلمة~", Fuzzy("كلمة", 1)),
    ("كلمة~٢", Fuzzy("كلمة", 2)),
    ("إيران–اليابان~", And((Word("إيران"), Fuzzy("اليابان", 1)))),
    ("ليس~", Fuzzy("ليس", 1)),
    ('"روسيا تركيا"~5', Near(("روسيا", "تركيا"), 5)),
    ('"a b c d"~1', Near(("a", "b", "c", "d"), 3)),
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
    ("من:سوريا إلى:تركيا", And(words("سوريا", "تركيا")), "not a date"),
    ("تاريخ:2017-05..2017-02", DateRange(date(2017, 2, 1), date(2017, 5, 31)), "later than the last"),
    ("من:2018 إلى:2017", DateRange(date(2017, 1, 1), date(2018, 12, 31)), "later than the last"),
    (
        "إلى:2017 زلزال من:2018",
        And((DateRange(date(2017, 1, 1), date(2018, 12, 31)), Word("زلزال"))),
        "later than the last",
    ),
    ("*", Everything(), "fewer than 2 letters"),
    ("*؟*", Everything(), "fewer than 2 letters"),
    ("م* وقف", And(words("م", "وقف")), "fewer than 2 letters"),
    ('"وقف إطلا*"', Phrase(("وقف", "إطلا")), "between quotation marks"),
    ("وقف ~ إطلاق", And(words("وقف", "إطلاق")), "no word beside it"),
    ("~", Everything(), "no word beside it"),
    ("مفاوض*~", Wildcard("مفاوض*"), "no word beside it"),
    ("في~", Word("في"), "shorter than 3 letters"),
    ("كلمة~7", Fuzzy("كلمة", 2), "more than 2"),
    ('"روسيا تركيا"~900', Near(("روسيا", "تركيا"), 50), "more than 50"),
    ("(عنوان:)", Word("عنوان"), "Nothing to look for"),
    ("تاريخ:(2017)", And(words("تاريخ", "2017")), "Nothing to look for"),
    ("عنوان:(a جذر:b)", And((InField(FieldName.TITLE, Word("a")), InField(FieldName.TITLE, Word("b")))), "Roots"),
    ("وقف -", Word("وقف"), ""),
]


@pytest.mark.parametrize(("text", "node", "said"), ODD, ids=[row[0] for row in ODD])
def test_what_is_not_understood_is_searched_as_words_and_said(text: str, node: Node, said: str) -> None:
    parsed = parse_query(text)
    assert parsed.node == node
    assert any(said in warning.english for warning in parsed.warnings) or not said
    assert all(warning.arabic for warning in parsed.warnings)


SAME = [
    ("الْعُنْوان: زلزال", "title:زلزال"),
    ("وعنــوان:زلزال", "title:زلزال"),
    ("والعنوان：زلزال", "title:زلزال"),
    ("TITLE:زلزال", "title:زلزال"),
    ("عنوان:(زلزال بركان)", "title:زلزال title:بركان"),
    ("عنوان:-إيران", "title:إيران"),
    ("زلزال أَوْ بركان", "زلزال | بركان"),
    ("زلزال || بركان", "زلزال | بركان"),
    ("زلزال، بركان", "زلزال بركان"),
    ("زلزال؛بركان.غزة!سبتة…طنجة", "زلزال بركان غزة سبتة طنجة"),
    ("زلزال AND بركان && غزة & طنجة و لندن", "زلزال بركان غزة طنجة لندن"),
    ("زلزال \u2212بركان", "زلزال NOT بركان"),
    ("زلزال ليسَ بركان", "زلزال NOT بركان"),
    ("زلزال|-بركان", "زلزال OR -بركان"),
    ('~5"روسيا تركيا"', '"روسيا تركيا"~5'),
    ('5~"روسيا تركيا"', '"روسيا تركيا"~5'),
    ('"روسيا تركيا"5~', '"روسيا تركيا"~5'),
    ('"روسيا تركيا" ~5', '"روسيا تركيا"~5'),
    ('"روسيا تركيا"\u200f~\u200e٥', '"روسيا تركيا"~5'),
    ('٥\u2067~\u2069"روسيا تركيا"', '"روسيا تركيا"~5'),
    ("«روسيا تركيا»~", '"روسيا تركيا"~5'),
    ('"روسيا تركيا" ~3 «مصر ليبيا»', '"روسيا تركيا"~3 "مصر ليبيا"'),
    ("~كلمة", "كلمة~"),
    ("a~b", "a b"),
    ("‹وقف النار›", '"وقف النار"'),
    ("›وقف النار‹", '"وقف النار"'),
    ("„وقف النار“", '"وقف النار"'),
    ("”وقف النار“", '"وقف النار"'),
    ('“وقف النار"', '"وقف النار"'),
    ("‘وقف النار’", '"وقف النار"'),
    ("‚وقف النار‘", '"وقف النار"'),
    ("'l'eau vive'", '"l eau vive"'),
    ("the players' union isn't l'équipe", "the players union isn t l équipe"),
    ("مفاوضات؟", "مفاوضات"),
    ("مفاوض*؟", "مفاوض*"),
    ("مفاوض**", "مفاوض*"),
    ("مفاوض＊", "مفاوض*"),
    ("؟؟؟", ""),
    ("-", ""),
    ("=", ""),
    ("https://a.com/x?q=b*c&d=~e:f", "https a com x q b c d e f"),
    ("www.a.com/x*y", "www a com x y"),
    ("a.com/page?id=5", "a com page id 5"),
    ("source:www.a.com", "source:www source:a source:com"),
    ("name@example.com @name #وسم_آخر", "name example com name وسم آخر"),
    ("الساعة 10:30", "الساعة 10 30"),
    ("زلزال:", "زلزال"),
    ("عنوان:", "عنوان"),
    ("من إلى في", r"من إلى في"),
    ("إلى أين", "إلى أين"),
    ("ليس", r"\ليس"),
    ("أو و", r"\أو \و"),
]


@pytest.mark.parametrize(("text", "other"), SAME, ids=[row[0] for row in SAME])
def test_spellings_of_one_query(text: str, other: str) -> None:
    parsed = parse_query(text)
    assert print_query(parsed.node) == print_query(parse_query(other).node)
    assert not parsed.warnings


def test_names_are_found_in_every_spelling_of_the_tables() -> None:
    for field, names in FIELDS.items():
        for name in names:
            assert field_named(name) is field
            if not name.isascii():
                assert field_named(f"وال{name}") is field
    for operator, names in OPERATORS.items():
        assert [operator_named(name) for name in names] == [operator] * len(names)
    assert field_named("والي") is Bound.BEFORE
    assert [operator_named(word) for word in ("or", "Or", "not", "and", "كتاب")] == [None] * 5


def test_a_very_long_query_is_cut_with_a_warning() -> None:
    parsed = parse_query("مفاوضات " * 1250)
    assert isinstance(parsed.node, And)
    assert len(parsed.node.children) == MAX_QUERY_WORDS
    assert parsed.warnings


def test_a_word_of_ten_thousand_letters_is_cut() -> None:
    parsed = parse_query("ط" * 10_000 + " بركان")
    assert isinstance(parsed.node, Word)
    assert len(parsed.node.text) < 300


def test_brackets_a_thousand_deep() -> None:
    parsed = parse_query("(" * 1000 + "وقف" + ")" * 1000)
    assert "وقف" in repr(parsed.node)
    assert parsed.warnings


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "-(",
        "*",
        "؟",
        "-",
        " -",
        '"',
        "«",
        " '",
        "~",
        '~"',
        "a*",
        "عنوان:",
        "تاريخ: 2017 ",
        "a.",
        "x:",
        "1.",
        "«»",
        "أو ",
        "\u064e",
    ],
)
def test_ten_thousand_characters_of_one_kind_are_read_at_once(piece: str) -> None:
    began = process_time()  # of this process alone, and far more than it takes: it tells what would never end
    parse_query(piece * (10_000 // len(piece)))
    assert process_time() - began < 10


@settings(max_examples=500)
@given(QUERY_TEXTS)
def test_no_text_raises(text: str) -> None:
    parsed = parse_query(text)
    assert parsed.node is not None
    assert all(warning.arabic and warning.english for warning in parsed.warnings)
