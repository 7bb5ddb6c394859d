from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import fold, root, stem

FAMILIES = [
    ("كتب", "كتاب كاتب مكتب كتب مكتبة كتابة مكتوب الكتابات"),
    ("فوض", "مفاوضات فاوض يتفاوض تفاوض تفويض سيتفاوضون مفاوض"),
    ("سوس", "سياسة سياسي السياسيين"),
    ("نخب", "انتخاب ناخب انتخابات منتخب ينتخب الناخبين"),
    ("خدم", "استخدام استخدم مستخدم يستخدم خدمة خادم"),
    ("علن", "إعلان أعلن يعلن علني"),
    ("فجر", "انفجار انفجر منفجر تفجير متفجرات"),
    ("عون", "تعاون متعاون يتعاون معاون"),
    ("صدم", "اصطدام مصطدم صدمة"),
    ("زحم", "ازدحام مزدحم زحمة"),
    ("قر", "قرار تقرير مقرر قرارات"),
    ("وزر", "وزير وزارة وزراء الوزارية"),
    ("سول", "سؤال مسؤول سأل"),
    ("قول", "قول قال يقول مقال"),
    ("حكم", "حاكم محكمة محاكم حكومة حكم"),
    ("فوز", "فائز فوز يفوز فاز"),
    ("لعب", "لاعب لعب ملعب ملاعب ألعاب"),
]


@pytest.mark.parametrize(("expected", "family"), FAMILIES, ids=[row[0] for row in FAMILIES])
def test_words_of_a_family_share_a_root(expected: str, family: str) -> None:
    assert {word: root(stem(fold(word))) for word in family.split()} == dict.fromkeys(family.split(), expected)


@pytest.mark.parametrize("name", ["فلسطين", "لبنان", "بغداد", "باريس", "كارتر", "unesco", "2017"])
def test_names_and_foreign_words_are_their_own_root(name: str) -> None:
    assert root(stem(name)) == stem(name)


@pytest.mark.parametrize("word", ["برنامج", "زلزل", "دحرج"])
def test_roots_of_four_letters_are_kept(word: str) -> None:
    assert len(root(word)) >= 4


@given(st.text(min_size=1, max_size=20))
def test_any_stem_has_a_root(word: str) -> None:
    assert root(word)


@given(st.text(alphabet="ابتثجحخدرزسعفقكلمنهويء", min_size=1, max_size=14))
def test_no_root_is_longer_than_its_stem(word: str) -> None:
    assert 0 < len(root(word)) <= len(word)
