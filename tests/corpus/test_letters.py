from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.letters import fold

RULES = [
    ("harakat", "المُفاوَضاتِ", "المفاوضات"),
    ("shadda and tanween", "حقّاً", "حقا"),
    ("tatweel", "المســـلحة", "المسلحه"),
    ("dagger alef", "الكتٰب", "الكتاب"),
    ("dagger alef among harakat", "الْعَـٰلَمِينَ", "العالمين"),
    ("dagger alef in a word printed without alef", "هٰذا", "هذا"),
    ("that and its clitics", "وَكَذَٰلِكَ", "وكذلك"),
    ("the Merciful", "الرَّحْمَـٰنِ", "الرحمن"),
    ("but", "ولٰكنّها", "ولكنها"),
    ("God", "اللّٰه", "الله"),
    ("god", "إلٰه", "اله"),
    ("those", "أُو۟لَٰئِكَ", "اولءك"),
    ("dagger alef on a final ى", "موسىٰ", "موسي"),
    ("dagger alef on a final Persian ya", "عیسیٰ", "عيسي"),
    ("dagger alef on ى inside", "التورىٰة", "التوراه"),
    ("dagger alef on a waw that is not heard", "الصلوٰة", "الصلاه"),
    ("dagger alef on a waw and a mute alef", "الربوٰا", "الربا"),
    ("dagger alef twice", "السمٰوٰت", "السماوات"),
    ("dagger alef with hamza", "إسرٰءيل", "اسراءيل"),
    ("small waw", "داوۥد", "داود"),
    ("small waw at the end", "لهۥ", "له"),
    ("small ya inside", "إبرٰهۦم", "ابراهيم"),
    ("small ya at the end", "بهۦ", "به"),
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
    ("misspelt with ya", "شاطيء", "شاطء"),
    ("misspelt in the plural", "الطواريء", "الطوارء"),
    ("final hamza on ya", "شاطئ", "شاطء"),
    ("thing", "شيء", "شيء"),
    ("thing without its ya", "بالشئ", "بالشيء"),
    ("thing with ى", "شىء", "شيء"),
    ("nothing", "لاشيء", "لاشيء"),
    ("no thing", "ناشئ", "ناشء"),
    ("may light", "أضيء", "اضيء"),
    ("slow with ى", "بطىء", "بطيء"),
    ("a man", "امرىء", "امرء"),
    ("slow is not slowness", "بطيء", "بطيء"),
    ("bad", "سيئ", "سيء"),
    ("bad with ىء", "سيىء", "سيء"),
    ("hundred", "مائة", "مءه"),
    ("hundreds", "ثلاثمائة", "ثلاثمءه"),
    ("two hundred", "مائتين", "مءتين"),
    ("no hundred", "ماءه", "ماءه"),
    ("hamza and alef in the beginning", "ءامنوا", "امنوا"),
    ("behind the article", "الءاخرة", "الاخره"),
    ("groups", "فئات", "فءات"),
    ("Quran", "القرءان", "القران"),
    ("Kurdish alef", "ئاراس", "اراس"),
    ("the end of a Persian name", "ئي", "ءي"),
    ("Kurdish vowels", "ئێران", "ايران"),
    ("Kurdish r and vowel", "ڕۆژ", "روز"),
    ("Kurdish liquids", "گوڵ", "كول"),
    ("Persian ya and kaf", "کریم", "كريم"),
    ("Persian gaf", "گرگان", "كركان"),
    ("Urdu heh", "ہند", "هند"),
    ("loan letters", "ڤيينا", "فيينا"),
    ("Tunisian gaf", "ڨفصة", "قفصه"),
    ("Moroccan gaf", "أڭادير", "اكادير"),
    ("Maghrebi fa and qaf", "ڧڢصة", "قفصه"),
    ("Urdu retroflexes", "ٹانڈا", "تاندا"),
    ("presentation forms", "ﺳﻮرﻳﺎ", "سوريا"),
    ("lam-alef ligature", "ﻻ", "لا"),
    ("Allah ligature", "ﷲ", "الله"),
    ("presentation harakat", "م\ufe77د", "مد"),
    ("Arabic digits", "٢٠١٧", "2017"),
    ("Persian digits", "۲۰۱۷", "2017"),
    ("thousands", "١٬٢٥٠", "1250"),
    ("thousands with commas", "1,250,000", "1250000"),
    ("decimals", "٣٫٥", "3.5"),
    ("decimal comma", "12,5", "12.5"),
    ("decimal comma in Arabic digits", "١٢,٥", "12.5"),
    ("a list of numbers has no decimals", "5,10,15", "5,10,15"),
    ("years are no decimals", "2014,2015", "2014,2015"),
    ("thousands with points", "1.250.000", "1250000"),
    ("thousands with points and a decimal comma", "1.250,75", "1250.75"),
    ("one point before three zeros", "20.000", "20000"),
    ("one point before other digits may be a decimal", "1.250", "1.250"),
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
