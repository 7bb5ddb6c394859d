from __future__ import annotations

import pytest

from indexer.analysis import fold
from indexer.analysis.transcription import LIMITS, MAX_TRANSCRIPTIONS, looks_arabic, transcriptions

ONE_NAME = [
    ("g", "غوتيريش", "جوتيريش"),
    ("g as q", "إنستغرام", "انستقرام"),
    ("g as k", "إنجلترا", "إنكلترا"),
    ("g and s", "غوتيريش", "جوتيريس"),
    ("s and z", "غوتيريس", "غوتيريز"),
    ("t", "موريتانيا", "موريطانيا"),
    ("x", "مكسيكو", "مكزيكو"),
    ("th", "إثيوبيا", "إتيوبيا"),
    ("ch", "مانشستر", "مانتشستر"),
    ("a vowel that is not written", "كاميرون", "كامرون"),
    ("a vowel in a word of five letters", "ميركل", "مركل"),
    ("another vowel", "مارسيليا", "مارساليا"),
    ("a diphthong", "فيسبوك", "فايسبوك"),
    ("a doubled letter", "ليفربول", "ليفربوول"),
    ("nh", "مورينيو", "مورينهو"),
    ("a last letter that is not heard", "هازارد", "هازار"),
    ("the last vowel", "فالنسيا", "فالنسية"),
    ("v and w", "فولفسبورغ", "وولفسبورغ"),
    ("a vowel, and g", ["سان", "بطرسبرغ"][1], "بطرسبورج"),
    ("hamza", "رافاييل", "رافائيل"),
]
TWO_NAMES = [
    ("ميلان", "ميلانو"),
    ("كوريا", "كوري"),
    ("هولاند", "هولندا"),
    ("لبنان", "ليبيا"),
    ("نجران", "جيران"),
    ("عدن", "عدنان"),
    ("سلمان", "سليمان"),
    ("حسن", "حسين"),
    ("عمر", "عمرو"),
    ("خالد", "خلود"),
    ("طالبان", "طالباني"),
    ("زهير", "سهير"),
    ("قصبي", "قصيبي"),
    ("عثمان", "عثيمين"),
    ("جوجل", "جيجل"),
    ("فرانسيسكو", "فرانشيسكو"),
    ("ميليشيا", "ميليسا"),
]


@pytest.mark.parametrize(("a", "b"), [row[1:] for row in ONE_NAME], ids=[row[0] for row in ONE_NAME])
def test_a_foreign_name_has_this_transcription(a: str, b: str) -> None:
    assert fold(b) in transcriptions(fold(a))


@pytest.mark.parametrize(("a", "b"), TWO_NAMES)
def test_different_names_are_no_transcriptions(a: str, b: str) -> None:
    assert fold(b) not in transcriptions(fold(a))
    assert fold(a) not in transcriptions(fold(b))


@pytest.mark.parametrize("name", ["شمري", "جبير", "رفاعي", "عثمان", "زهير", "عبدالله", "خالد"])
def test_arabic_names_have_arabic_patterns(name: str) -> None:
    assert looks_arabic(name)


@pytest.mark.parametrize("name", ["غوتيريش", "كاميرون", "اوباما", "ميركل", "فيسبوك", "بلاتر"])
def test_foreign_names_have_no_arabic_patterns(name: str) -> None:
    assert not looks_arabic(name)


def test_transcriptions_are_limited_and_the_cheapest_come_first() -> None:
    found = transcriptions("سوتشيتالغيموريانسكو")
    assert 0 < len(found) <= MAX_TRANSCRIPTIONS
    assert list(found.values()) == sorted(found.values())
    assert max(transcriptions("ميركل").values()) <= LIMITS[5]
    assert transcriptions("") == transcriptions("غو") == {}
