from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.letters import fold

RULES = [
    ("harakat", "المُفاوَضاتِ", "المفاوضات"),
    ("shadda and tanween", "حقّاً", "حقا"),
    ("tatweel", "المســـلحة", "المسلحه"),
    ("dagger alef", "هٰذا", "هذا"),
    ("alef with hamza", "أحمد", "احمد"),
    ("alef with hamza below", "إيران", "ايران"),
    ("alef madda", "آستانة", "استانه"),
    ("alef wasla", "ٱلنار", "النار"),
    ("combining hamza and madda", "ا\u0654حمد", "احمد"),
    ("ta marbuta", "أستانة", "استانه"),
    ("final alef maqsura is ya", "الجعفرى", "الجعفري"),
    ("never alef", "إلى", "الي"),
    ("seated hamzas are one", "مسؤول", "مسءول"),
    ("on ya", "مسئول", "مسءول"),
    ("misspelt final hamza", "شاطىء", "شاطء"),
    ("final hamza on ya", "شاطئ", "شاطء"),
    ("Persian ya and kaf", "کریم", "كريم"),
    ("Persian gaf", "گرگان", "كركان"),
    ("Urdu heh", "ہند", "هند"),
    ("loan letters", "ڤيينا", "فيينا"),
    ("presentation forms", "ﺳﻮرﻳﺎ", "سوريا"),
    ("lam-alef ligature", "ﻻ", "لا"),
    ("Allah ligature", "ﷲ", "الله"),
    ("presentation harakat", "م\ufe77د", "مد"),
    ("Arabic digits", "٢٠١٧", "2017"),
    ("Persian digits", "۲۰۱۷", "2017"),
    ("thousands", "١٬٢٥٠", "1250"),
    ("thousands with commas", "1,250,000", "1250000"),
    ("decimals", "٣٫٥", "3.5"),
    ("a list of numbers is no thousands", "23,24", "23,24"),
    ("Latin", "Évian", "evian"),
    ("Latin capitals", "UNESCO", "unesco"),
    ("zero-width joiner", "كلمه\u200cها", "كلمهها"),
    ("direction marks", "إيران\u200f", "ايران"),
    ("marks alone", "ـَّ", ""),
]


@pytest.mark.parametrize(("_", "printed", "form"), RULES, ids=[row[0] for row in RULES])
def test_folding(_: str, printed: str, form: str) -> None:
    assert fold(printed) == form


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(word: str) -> None:
    assert fold(fold(word)) == fold(word)


@given(st.text(alphabet=st.characters(min_codepoint=0x600, max_codepoint=0x6FF), max_size=20))
def test_folding_twice_is_folding_once_in_arabic(word: str) -> None:
    assert fold(fold(word)) == fold(word)
