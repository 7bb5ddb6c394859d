from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus import Archive, ingest
from indexer import SearchRequest, open_searcher, update_index
from indexer.analysis import WORD, analyze_word, fold, is_known, letters_of_lemma, stop_words, word_forms
from indexer.analysis.analyzer import is_stop_word
from indexer.analysis.lemmatizer import lemmas
from indexer.analysis.lexicon import VERB
from tests.conftest import ROOT

SEEDS = ROOT / "seeds"

ONE_WORD = [
    ("sound plural in ين", "معلم", "المعلمين"),
    ("sound plural in ون", "مواطن", "مواطنون"),
    ("sound plural before a genitive", "باحث", "باحثو"),
    ("sound plural in ات", "حافلة", "الحافلات"),
    ("sound plural of a noun in ى", "مستشفى", "المستشفيات"),
    ("dual", "زورق", "زورقين"),
    ("dual of a noun in ة", "قرية", "قريتان"),
    ("dual before a genitive", "مليون", "مليوني"),
    ("broken plural", "تلميذ", "تلاميذ"),
    ("broken plural in ة", "رغيف", "أرغفة"),
    ("broken plural in ى", "مريض", "المرضى"),
    ("broken plural with a pronoun", "مدرسة", "مدارسهم"),
    ("broken plural with another weak letter", "بئر", "آبار"),
    ("plural of a defective noun", "راعي", "الرعاة"),
    ("defective noun without its ي", "قاضي", "قاض"),
    ("feminine in ة", "قديم", "القديمة"),
    ("feminine of a colour", "أسود", "سوداء"),
    ("feminine of a numeral", "أول", "الأولى"),
    ("plural of an adjective", "جديد", "الجدد"),
    ("relative adjective in the plural", "صحفي", "صحفيات"),
    ("strong verb", "أعلن", "وأعلنت"),
    ("strong verb in the present", "انتظر", "ينتظرن"),
    ("passive", "افتتح", "يُفتتح"),
    ("hollow verb", "قال", "وتقول"),
    ("hollow verb of a derived form", "أراد", "أريد"),
    ("defective verb", "تولى", "وتتولى"),
    ("defective verb that has lost its letter", "أنهى", "ينهون"),
    ("defective verb of four letters", "رأى", "ورأت"),
    ("hamzated verb", "بدأ", "سيبدأ"),
    ("hamzated verb with a pronoun", "سأل", "يسألها"),
    ("geminate verb", "رد", "سيرد"),
    ("assimilated verb", "وصل", "ستصل"),
    ("pronoun onto ة", "أولوية", "أولويتها"),
    ("pronoun onto ى", "مستشفى", "مستشفاه"),
    ("pronoun onto ء", "بناء", "بناؤه"),
    ("five nouns", "أخ", "أخوه"),
    ("preposition before a feminine noun", "واحة", "بواحة"),
    ("preposition before ة with a pronoun", "مدينة", "لمدينتنا"),
    ("article behind ل before ل", "لاعب", "للاعب"),
    ("article behind ل", "نسر", "للنسور"),
    ("conjunction and preposition", "مفاوضة", "وبالمفاوضات"),
    ("accusative", "سائق", "سائقاً"),
    ("ه for ة", "زيادة", "زياده"),
    ("ى for ي", "وادي", "وادى"),
    ("no hamza on alef", "أحمد", "احمد"),
    ("no hamza in a verb", "أعلن", "اعلنت"),
    ("another seat of the hamza", "مسؤول", "المسئول"),
    ("name with a clitic", "ميركل", "لميركل"),
    ("unknown name with a clitic", "هوثورنبي", "لهوثورنبي"),
    ("unknown name with two", "هوثورنبي", "وبهوثورنبي"),
    ("unknown name with the article", "هوثورنبي", "والهوثورنبي"),
]

OTHER_WORDS = [
    ("a noun in ة and one without", "الرياض", "رياضة"),
    ("a city and what و would leave of it", "جدة", "جد"),
    ("a city and what ل would leave of it", "لندن", "دن"),
    ("a noun whose و is its own", "وزير", "زير"),
    ("a noun whose ك is its own", "كلمة", "لمة"),
    ("a noun that begins as a preposition would", "لحم", "لحماية"),
    ("a name that ends as a dual would", "سلمان", "سلم"),
    ("a noun that ends as a plural would", "مدينة", "مدى"),
    ("a country and its people", "مصر", "مصريين"),
    ("a noun and its relative adjective", "قانون", "قانونية"),
    ("the person and the act", "لاعب", "لعبة"),
    ("the verb and the act", "شارك", "مشاركة"),
    ("one hamza and two", "ماء", "مئة"),
    ("a name and a noun with the article", "آل", "الآن"),
    ("a hamza above and one below", "إمام", "أمام"),
    ("ي and ى of another word", "علي", "على"),
]


def meet(one: str, other: str) -> bool:
    return not set(analyze_word(one).lemmas).isdisjoint(analyze_word(other).lemmas)


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in ONE_WORD], ids=[row[0] for row in ONE_WORD])
def test_forms_of_one_word_share_a_lemma(one: str, other: str) -> None:
    assert meet(one, other)


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in OTHER_WORDS], ids=[row[0] for row in OTHER_WORDS])
def test_different_words_share_no_lemma(one: str, other: str) -> None:
    assert not meet(one, other)


def test_an_ambiguous_form_has_both_lemmas() -> None:
    assert analyze_word("كتب").lemmas == ("كتاب", "كتب" + VERB)


def test_final_heh_may_be_a_pronoun_but_teh_marbuta_is_not() -> None:
    assert analyze_word("جامعة").lemmas == ("جامعة",)
    assert set(analyze_word("جامعه").lemmas) == {"جامعة", "جامع"}


@pytest.mark.parametrize("word", ["على", "أمام", "امام", "الى"])
def test_a_stop_word_is_recognized_by_its_spelling(word: str) -> None:
    assert fold(word) in stop_words()
    assert analyze_word(word).lemmas == ()


@pytest.mark.parametrize("word", ["علي", "وعلي", "إمام", "الإمام", "أم", "آية"])
def test_a_word_in_another_spelling_is_not_a_stop_word(word: str) -> None:
    assert analyze_word(word).lemmas


def test_dictionary_words_are_distinguished_from_names() -> None:
    assert all(map(is_known, ("وبالمفاوضات", "يقولون", "حكومة")))
    assert not any(map(is_known, ("ميركل", "هوثورنبي", "17", "NATO")))


# ---------------------------------------------------------------------------------------------------- any string

SEED_WORDS = sorted(
    {
        word
        for line in (SEEDS / "wire.jsonl").read_text(encoding="utf-8").splitlines()
        for word in WORD.findall(json.loads(line)["text"])
    }
)
LETTERS = st.text("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهويىٱ", max_size=10)
MARKED = st.text("اأإآلوفبكسهيىةتمنًٌٍَُِّْـٰپگ۱1a‌", max_size=14)
PRINTED = st.one_of(
    LETTERS,
    MARKED,
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(["", "و", "ف", "ب", "ل", "ال", "وال", "لل", "س", "وبال"]),
            st.sampled_from(SEED_WORDS),
            st.sampled_from(["", "ه", "ها", "هم", "نا", "ي", "ني", "ات", "ين"]),
        ),
    ),
)


@given(PRINTED)
@example("لل")
@example("فإذ")
@example("ىء")
@example("ـَ")
def test_every_word_has_the_letters_of_its_lemmas(printed: str) -> None:
    for word in WORD.findall(printed):
        terms = analyze_word(word)
        assert terms.lemmas or not terms.form or is_stop_word(word, terms.form)
        for lemma in terms.lemmas:
            assert letters_of_lemma(lemma) <= set(terms.form)


@given(PRINTED)
def test_no_lemma_of_a_folded_word_is_empty(printed: str) -> None:
    form = fold(printed)
    assert all(lemmas(form, form)) or not form


# ------------------------------------------------------------------------------------------------------ in articles


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive.create(tmp_path_factory.mktemp("words") / "archive") as archive:
        ingest.add_paths(archive, [SEEDS / "pages", SEEDS / "wire.jsonl"], ingest.AddSummary())
        update_index(archive)
        yield archive


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("تلميذ", "تلاميذ"),
        ("سفينة", "السفن"),
        ("رغيف", "أرغفة"),
        ("مستشفيات", "المستشفى"),
        ("أنهى", "ينهي"),
        ("يصل", "وصلنا"),
        ("يقول", "قالوا"),
        ("جولات", "جولتها"),
    ],
)
def test_a_search_finds_the_articles_that_print_another_form(typed: str, printed: str, seeds: Archive) -> None:
    forms = set(word_forms(fold(typed)))
    holders = {
        article.id
        for article in seeds.articles()
        if printed in (words := WORD.findall(" ".join((article.title, *article.paragraphs))))
        and forms.isdisjoint(map(fold, words))
    }
    found = {article_id for article_id, _ in open_searcher(seeds).scan(SearchRequest(typed, group=False)).ids()}
    assert holders
    assert holders <= found
