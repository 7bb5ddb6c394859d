"""Questions in another language: how they are read over an Arabic archive."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Archive, make_article
from indexer import rebuild_index
from indexer.embedded.snapshot import open_snapshot
from indexer.query import parse_query
from indexer.query.foreign import ForeignQuestion, typed_name
from indexer.spellings.cldr_names import listed_names
from indexer.spellings.foreign_questions import LANGUAGES
from indexer.spellings.variant_finder import VariantFinder, variant_sources
from indexer.spellings.vocabulary import SurfaceForms

TEXTS = [
    "وصل أوباما إلى كينيا والتقى بوتين في موسكو وعاد إلى نيويورك",
    "قال الوزير المصري في القاهرة إن يوليو تموز من عام 2015 كان حارا",
    "عقد الاجتماع بجدة وحضره عبد الفتاح السيسي والأمير فيصل من السعودية وفرنسا وألمانيا ومالي، ثم غادر جدة",
    "الأمم المتحدة في اليمن وتونس، جاك لندن كاتب، قمة بريكس",
    "مقال بالفرنسية les prix du pétrole ont augmenté hier dans la capitale",
]


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VariantFinder]:
    with Archive.create(tmp_path_factory.mktemp("foreign") / "archive") as archive:
        for number in range(6):
            for at, text in enumerate(TEXTS):
                archive.add(make_article(id=f"{at}-{number}", title=f"خبر {number}", paragraphs=[text]))
        rebuild_index(archive)
        snapshot = open_snapshot(archive.index_directory)
        yield VariantFinder(snapshot, SurfaceForms(snapshot, archive), variant_sources(archive.settings))


def read(finder: VariantFinder, text: str) -> ForeignQuestion | None:
    return finder.foreign_question(parse_query(text))


def required(question: ForeignQuestion | None) -> list[str]:
    assert question is not None
    return list(map(typed_name, question.choices[0]))


READ = [
    ("What did Obama do in Kenya?", "en", ["Kenya", "Obama"]),
    ("what did obama do in kenya", "en", ["kenya", "obama"]),
    ("WHAT DID OBAMA DO IN KENYA", "en", ["KENYA", "OBAMA"]),
    ("When did Obama fly to New York?", "en", ["Obama", "New York"]),
    ("Who met Abdel Fattah el-Sisi in Jeddah?", "en", ["Abdel Fattah", "Sisi", "Jeddah"]),
    ("How hot was it in July 2015?", "en", ["July", "2015"]),
    ("Que s'est-il passé en juillet au Caire ?", "fr", ["juillet", "Caire"]),
    ("Pourquoi l'Égypte a-t-elle invité Obama ?", "fr", ["Égypte", "Obama"]),
    ("Obama Kenya'ya neden gitti?", "tr", ["Kenya", "Obama"]),
    ("¿Por qué viajó Obama a Egipto?", "es", ["Egipto", "Obama"]),
    ("Warum war Obama in Ägypten?", "de", ["Ägypten"]),
    ("Who was seen with Jack London?", "en", ["Jack"]),
    ("How does the weather change over the years?", "en", []),
    ("sudden weather upheavals qwrt", None, []),
    ("Obama prices", None, ["Obama"]),
    ("What will 2 of the 50 ministers do in Kenya?", "en", ["50", "Kenya"]),
    ("What did the G20 decide in Kenya?", "en", ["Kenya"]),
    ("What did he do on the 7th of July?", "en", ["July"]),
    ("Pourquoi l'E\u0301gypte a-t-elle gagne\u0301 ?", "fr", ["Égypte"]),
]


@pytest.mark.parametrize(("text", "language", "names"), READ, ids=[row[0] for row in READ])
def test_names_months_and_numbers_are_required(
    text: str, language: str | None, names: list[str], finder: VariantFinder
) -> None:
    question = read(finder, text)
    assert question is not None
    assert question.language == language
    assert sorted(required(question)) == sorted(names)


def test_turkey_has_its_adjectives_as_other_countries_have() -> None:
    assert ("تركي",) in listed_names("en")["turkey",].arabic


NOT_FOREIGN = [
    ("in Arabic", "ماذا فعل أوباما في كينيا؟"),
    ("in two scripts", "ماذا فعل Obama في كينيا؟"),
    ("one word", "Obama"),
    ("names alone", "Obama Putin"),
    ("listed names alone", "United Nations Yemen"),
    ("function words alone", "what is it"),
    ("single letters", "a b c"),
    ("with operators", "Obama -Kenya"),
    ("a phrase", '"What did Obama do"'),
    ("numbers alone", "2015 2016 2017"),
    ("in a language that the archive prints", "Pourquoi les prix du pétrole ont augmenté hier ?"),
    ("blank", " "),
    ("punctuation", "?!"),
]


@pytest.mark.parametrize("text", [text for _, text in NOT_FOREIGN], ids=[name for name, _ in NOT_FOREIGN])
def test_other_queries_are_no_foreign_questions(text: str, finder: VariantFinder) -> None:
    assert read(finder, text) is None


def arabic(question: ForeignQuestion | None, typed: str) -> set[str]:
    assert question is not None
    node = next(node for node in question.choices[0] if typed_name(node) == typed)
    nodes = getattr(node, "children", (node,))
    return {" ".join(variant) for variant in nodes[0].variants}


def test_a_country_has_its_adjectives_that_the_archive_prints(finder: VariantFinder) -> None:
    # No article prints مصر.
    assert arabic(read(finder, "What did the minister of Egypt say?"), "Egypt") == {"مصري"}


def test_a_listed_name_is_required_also_if_no_article_has_it(finder: VariantFinder) -> None:
    assert arabic(read(finder, "What did the minister of Bolivia say?"), "Bolivia") == {"بوليفيا"}


def test_a_month_has_its_names_of_all_countries(finder: VariantFinder) -> None:
    assert arabic(read(finder, "How hot was it in July?"), "July") == {"يوليو", "تموز"}


def test_a_name_is_not_required_if_it_is_an_ordinary_word_of_titles(finder: VariantFinder) -> None:
    assert required(read(finder, "Where was the National Bank of Kenya founded?")) == ["Kenya"]


def test_the_first_word_is_no_name_by_its_capital_letter(finder: VariantFinder) -> None:
    assert required(read(finder, "Jack said what to whom?")) == []


def test_latin_names_turned_off_turn_off_foreign_questions(finder: VariantFinder) -> None:
    off = VariantFinder(finder._vocabulary, finder._printed, ())
    assert read(off, "What did Obama do in Kenya?") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_cldr_names_are_arabic(language: str) -> None:
    names = listed_names(language)
    assert len(names) > 500
    for key, name in names.items():
        assert key
        assert all(all(words) for words in name.arabic)


ANY_LATIN = st.text(st.characters(max_codepoint=0x24F) | st.sampled_from("'’-?.,AaEeİıßşğ 019"), max_size=300)
WORDS = st.lists(
    st.sampled_from(
        ["what", "did", "Obama", "the", "Kenya", "de", "May", "WHO", "ne", "2015", "al", "Abdel", "qx", "G20"]
    ),
    max_size=70,
).map(" ".join)


@given(ANY_LATIN | WORDS)
def test_no_text_raises_or_takes_long(text: str) -> None:
    with _Shared() as finder:
        began = process_time()
        question = read(finder, text)
        assert process_time() - began < 10
        if question is not None:
            assert question.choices[-1] == ()
            assert question.language in (None, *LANGUAGES)


class _Shared:
    """The finder of the module for a property, which cannot take a fixture of it."""

    finder: VariantFinder | None = None

    def __enter__(self) -> VariantFinder:
        assert _Shared.finder is not None
        return _Shared.finder

    def __exit__(self, *error: object) -> None:
        pass


@pytest.fixture(scope="module", autouse=True)
def _shared(finder: VariantFinder) -> Iterator[None]:
    _Shared.finder = finder
    yield
    _Shared.finder = None
