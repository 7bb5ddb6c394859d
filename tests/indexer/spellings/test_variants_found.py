"""Searches with another spelling than the archive prints: what matches, and what is highlighted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import Archive, make_article
from indexer.results import MatchLevel
from tests.indexer.small_archive import Search
from tests.indexer.spelling_archive import spelling_archive

FLOOR = 0.97
"""The least share of the pairs of spellings that find each other. صحفي and صحافي do not: they are two words."""

FOUND = [
    ("عبد الله", "0", "عبدالله"),
    ("عبدالله", "1", "عبد الله"),
    ("بعبدالله", "1", "عبد الله"),
    ("أبوظبي", "0", "أبو ظبي"),
    ("أبو ظبي", "1", "أبوظبي"),
    ("رأسمال", "2", "رأس مال"),
    ("إن شاء الله", "6", "انشاء الله"),
    ("انشاء الله", "5", "إن شاء الله"),
    ("صلى الله عليه وسلم", "6", "ﷺ"),
    ("أفب", "7", "أ ف ب"),
    ("أ.ف.ب", "8", "أفب"),
    ("F16", "8", "F-16"),
    ("F-16", "9", "F16"),
    ("يؤكد", "10", "يوكد"),
    ("يوكد", "11", "يؤكد"),
    ("1,000", "13", "1 000"),
    ("ألف", "12", "١٬٠٠٠"),
    ("15", "14", "خمسة عشر"),
    ("٥", "3", "خمسة"),
    ('"قال عبد الله"', "0", "قال عبدالله"),
    ('"وصل عبدالله"', "1", "وصل عبد الله"),
    ('عنوان:"خبر 3"', "3", ""),
]


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    with spelling_archive(tmp_path_factory.mktemp("spellings") / "archive") as archive:
        yield Search(archive)


@pytest.mark.parametrize(("query", "article", "marked"), FOUND, ids=[row[0] for row in FOUND])
def test_variants_match_and_are_highlighted(query: str, article: str, marked: str, search: Search) -> None:
    hit = next(hit for hit in search.page(query, page_size=50).hits if hit.id == article)
    assert hit.matched
    assert marked in [hit.snippet.text[start:end] for start, end in hit.snippet.spans] or not marked


SIDE_BY_SIDE = [
    ("letters with dots", "أ.ف.ب", {"7", "8"}),
    ("letters apart", "أ ف ب", {"7", "8"}),
    ("letters among words", "نقلت أ.ف.ب", {"7"}),
    ("letters and a number", "F-16", {"8", "9"}),
    ("a name of two words", "عبد الله", {"0", "1"}),
    ("with a clitic", "لعبد الله", {"0", "1"}),
    ("the same in one word", "عبدالله", {"0", "1"}),
    ("excluded", "طائرة -F-16", set()),
    ("words that are not a name, anywhere", "رأس مال", {"2", "3", "scattered"}),
]


@pytest.fixture(scope="module")
def scattered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    """The archive, with an article that has the parts of each name far from each other."""
    with spelling_archive(tmp_path_factory.mktemp("scattered") / "archive") as archive:
        text = "الله أعلم، ف هذا ب 16 من أ ثم F، كما قال عبد من رأس الجبل عن مال الشركة"
        archive.add(make_article(id="scattered", title="خبر", paragraphs=[text], source="الغد"))
        yield Search(archive)


@pytest.mark.parametrize(("query", "articles"), [row[1:] for row in SIDE_BY_SIDE], ids=[row[0] for row in SIDE_BY_SIDE])
def test_multiword_units_match_side_by_side(query: str, articles: set[str], scattered: Search) -> None:
    page = scattered.page(query, page_size=50)
    assert {hit.id for hit in page.hits if hit.matched} == articles
    assert page.suggestion is None


def test_parts_of_an_abbreviation_are_not_highlighted_alone(scattered: Search) -> None:
    for hit in scattered.page("أ.ف.ب", page_size=50).hits:
        marked = [hit.snippet.text[start:end] for start, end in hit.snippet.spans]
        assert set(marked) <= {"أ ف ب", "أفب"}


def test_letters_match_side_by_side_without_variants_too(scattered: Search) -> None:
    page = scattered.page("أ.ف.ب", page_size=50, spellings=False)
    assert [hit.id for hit in page.hits if hit.matched] == ["7"]


APART = [
    ("exactly this form", "=عبدالله", "1"),
    ("a word is not two others", "فيلم", "0"),
    ("phrases have no numbers in words", '"5 سيارات"', "3"),
    ("phrases have no other words in one", '"رأس مال"', "3"),
    ("words near each other are as typed", '"قال عبد الله"~5', "0"),
    ("one is no number", "1", "5"),
]


@pytest.mark.parametrize(("_", "query", "article"), APART, ids=[row[0] for row in APART])
def test_words_that_are_not_variants_do_not_match(_: str, query: str, article: str, search: Search) -> None:
    assert article not in search(query, page_size=50)


@pytest.mark.parametrize("query", ["عبد الله", "أبوظبي", "فيلم", "15", "رأس مال"])
def test_variants_that_are_searched_are_not_suggested(query: str, search: Search) -> None:
    assert search.page(query).suggestion is None


def test_the_phrase_is_shown_as_typed(search: Search) -> None:
    (match,) = next(hit for hit in search.page('"قال عبد الله"').hits if hit.id == "0").matches
    assert match.word == "قال عبد الله"
    assert match.printed == "قال عبدالله"
    assert match.level is MatchLevel.SPELLING


def test_most_of_the_shared_pairs_find_each_other(shared_data: Path, tmp_path: Path) -> None:
    lines = (shared_data / "spelling" / "one_or_two_words.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [tuple(line.split("\t")[1:]) for line in lines if not line.startswith("#")]
    with Archive.create(tmp_path / "archive") as archive:
        for number, pair in enumerate(pairs):
            for side, words in zip("ab", pair, strict=True):
                text = f"وصل الوفد إلى القاعة حيث كان {words} موضوع حديث الحاضرين في المساء."
                archive.add(
                    make_article(id=f"{number}{side}", title="خبر من المدينة", paragraphs=[text], source="الغد")
                )
        search = Search(archive)
        met = [
            f"{number}b" in search(a, page_size=100) and f"{number}a" in search(b, page_size=100)
            for number, (a, b) in enumerate(pairs)
        ]
    assert sum(met) >= FLOOR * len(met)


def test_a_word_that_the_archive_prints_in_latin_letters_is_no_unlikely_name(tmp_path: Path) -> None:
    texts = ["Results of the election are expected.", "The election was held.", "بلغ الستين من عمره أمس."]
    with Archive.create(tmp_path / "archive") as archive:
        for number, text in enumerate(texts):
            archive.add(make_article(id=str(number), title="", paragraphs=[text], source="الغد"))
        search = Search(archive)
        assert sorted(search("election")) == ["0", "1"]
