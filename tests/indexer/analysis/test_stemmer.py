from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import fold, stem
from indexer.analysis.stemmer import (
    _CLITIC_CHAINS,
    _ENDINGS,
    _ENDINGS_OF_PROTECTED,
    _find_protected,
    _protected,
    is_name,
    stemming_steps,
)

ARABIC = st.text(alphabet="ابتثجحخدرزسعفقكلمنهويء", min_size=1, max_size=14)

RULES = [
    ("article", "المفاوضات", "مفاوض"),
    ("article behind و and ب", "وبالمفاوضات", "مفاوض"),
    ("article behind ل", "للمتظاهرين", "متظاهر"),
    ("article behind ف and ل", "فللمجلس", "مجلس"),
    ("article behind ك", "كالمجلس", "مجلس"),
    ("the article needs three letters", "الام", "الام"),
    ("conjunction", "وسيارة", "سيار"),
    ("conjunction before three letters", "وقال", "قال"),
    ("proclitic ب", "بمجلس", "مجلس"),
    ("proclitic ل", "لمجلس", "مجلس"),
    ("proclitic ك", "كمجلس", "مجلس"),
    ("proclitic ف", "فقال", "قال"),
    ("and of و and ب", "وبمجلس", "مجلس"),
    ("the proclitic needs three letters", "بحر", "بحر"),
    ("pronoun", "مجلسهم", "مجلس"),
    ("pronoun of two", "مجلسهما", "مجلس"),
    ("pronoun behind ة", "حكومتها", "حكوم"),
    ("pronoun behind ات", "مفاوضاتهم", "مفاوض"),
    ("dual", "مجلسان", "مجلس"),
    ("dual of ة", "حكومتين", "حكوم"),
    ("plural of men", "مسلحين", "مسلح"),
    ("plural of a verb", "اجتمعوا", "اجتمع"),
    ("nisba", "سياسية", "سياس"),
    ("plural of nisba", "سياسيون", "سياس"),
    ("endings upon endings", "مسلحينها", "مسلح"),
    ("adverb", "رسمياً", "رسم"),
    ("one letter stays", "ب", "ب"),
    ("two letters stay", "لا", "لا"),
    ("number", "2017", "2017"),
    ("Latin", "UNESCO", "unesco"),
    ("letters of both scripts", "G20", "g20"),
]


@pytest.mark.parametrize(("_", "word", "expected"), RULES, ids=[row[0] for row in RULES])
def test_rules(_: str, word: str, expected: str) -> None:
    assert stem(fold(word)) == expected


FAMILIES = [
    "فلسطين الفلسطيني وفلسطين فلسطينيون الفلسطينيين بفلسطين",
    "القدس والقدس بالقدس",
    "الوزير والوزير للوزير وزير ووزيره",
    "وزارة الوزارة لوزارة وزارات ووزارتها",
    "حكومة حكومات الحكومة حكومته",
    "مسؤول مسئول المسؤولين",
    "غزة غزه بغزة وغزة",
    "مفاوضات وبالمفاوضات المفاوضة",
    "سوريا السورية سوري بسوريا سوريين",
    "مصر مصري المصرية بمصر المصريون",
    "ايران الإيرانية ايراني إيرانيين",
    "لبنان اللبناني بلبنان لبنانيون",
    "روسيا الروسي روسية لروسيا الروس",
    "فرنسا الفرنسية فرنسي بفرنسا",
    "العراق عراقي العراقيون بالعراق",
    "السودان سوداني السودانيين",
    "اليمن يمني اليمنيون",
    "كتاب الكتاب كتابه للكتاب بكتابها",
    "لجنة اللجنة بلجنة ولجنتها",
    "برلمان البرلماني برلمانات للبرلمان",
    "قانون القانوني قانونية بقانون",
    "الألعاب ألعاب بالألعاب",
    "الإلكترونية إلكتروني",
    "أسهم الأسهم بأسهمها",
    "مواجهة المواجهات ومواجهتها",
    "محكمة المحكمة لمحكمة",
    "بيت بيتها بيته البيت",
    "وصل وصلت ووصلوا",
    "الله والله بالله لله",
]


@pytest.mark.parametrize("family", FAMILIES)
def test_words_of_one_family_share_a_stem(family: str) -> None:
    assert len({stem(fold(word)) for word in family.split()}) == 1


STRANGERS = [
    "كتاب مكتب كاتب",
    "وزير زير",
    "وزارة زارة",
    "بحر حر",
    "لجنة جنة",
    "فرق رق",
    "كلمة لمة",
    "بنوك نوك",
    "فريق ريق",
    "السودان سود",
    "قانون قان",
    "العراق عرق",
    "لاعب عاب",
    "لقاء قاء",
    "اليمن يمين",
    "وفد فد",
    "وكالة كالة",
    "ألعاب عاب",
    "سلطان سلطة",
    "محكمة مح",
    "صوت صوم",
]


@pytest.mark.parametrize("strangers", STRANGERS)
def test_words_that_look_alike_have_different_stems(strangers: str) -> None:
    words = strangers.split()
    assert len({stem(fold(word)) for word in words}) == len(words)


PROTECTED = [
    "وزير", "وفد", "واشنطن", "وثيق", "بيروت", "بغداد", "برلمان", "لبنان", "لندن", "لقاء", "لاعب", "كتاب", "كبير", "كويت", "كهرباء", "فلسطين", "فريق", "فيروس", "الله", "باريس", "بوتين", "كيري", "سودان", "قانون", "ايران", "افغانستان", "تعاون", "ميزان", "اعلان", "مليون", "تلفزيون",
]  # fmt: skip


@pytest.mark.parametrize("word", PROTECTED)
def test_protected_words_are_their_stem_after_every_clitic(word: str) -> None:
    assert {stem(clitic + word) for clitic in ("", "و", "ب", "ك", "ول", "وب")} == {word}


LISTED = st.sampled_from(sorted(_protected().stems))
CLITICS = st.text(alphabet="وفبلكا", max_size=4)
ENDINGS = st.lists(st.sampled_from((*_ENDINGS, "ا", "ت", "د")), max_size=4).map("".join)


@pytest.mark.slow
@given(st.builds("{}{}{}".format, CLITICS, LISTED, ENDINGS))
def test_the_longest_listed_word_between_clitics_and_endings_is_found(form: str) -> None:
    found = [
        (len(listed), -len(chain), stem_of_group)
        for chain in _CLITIC_CHAINS
        for listed, stem_of_group in _protected().stems.items()
        if form.startswith(chain + listed) and _ENDINGS_OF_PROTECTED.fullmatch(form, len(chain) + len(listed))
    ]
    assert _find_protected(form) == (max(found)[2] if found else None)


def test_names_are_distinguished_from_other_protected_words() -> None:
    assert is_name(stem("فرنسا"))
    assert is_name(stem("الفلسطينيون"))
    assert not is_name(stem("وزير"))


def test_each_word_is_listed_once() -> None:
    text = files("indexer.analysis").joinpath("protected.txt").read_text(encoding="utf-8")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    words = [word for line in lines if not line.startswith("[") for group in line.split() for word in group.split("=")]
    assert sorted(set(words)) == sorted(words)
    assert len({stem(fold(word)) for word in words}) > 1500


def test_steps_name_what_was_stripped() -> None:
    assert stemming_steps("وبالمفاوضات") == [("article وبال", "مفاوضات"), ("ending ات", "مفاوض")]
    assert stemming_steps("وبمجلسها") == [("conjunction و", "بمجلسها"), ("ending ها", "بمجلس"), ("proclitic ب", "مجلس")]
    assert stemming_steps("ولبنان") == [("protected", "لبنان")]
    assert stemming_steps("2017") == []


@given(ARABIC)
def test_the_stem_of_a_stem_is_itself(word: str) -> None:
    assert stem(stem(word)) == stem(word) != ""


@given(ARABIC)
def test_the_last_step_is_the_stem(word: str) -> None:
    steps = stemming_steps(word)
    assert (steps[-1][1] if steps else word) == stem(word)


@given(st.text(min_size=1, max_size=20))
def test_any_text_has_a_stem(word: str) -> None:
    assert stem(word)
