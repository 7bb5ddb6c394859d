"""Other spellings of names on both engines: what they match, what is marked and reported, and how to turn them off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from corpus import Archive, make_article
from indexer import MatchLevel, MatchMode, OtherSpellings, SearchRequest, Sort, WordForms, open_searcher
from tests.indexer.small_archive import Search

TEXTS = [
    ("ghain", "غوتيريش في جنيف", "وصل الأمين العام غوتيريش إلى جنيف."),
    ("jim", "زيارة الأمين العام", "قال جوتيريس إن الأمم المتحدة قلقة، وبجوتيريس تثق الدول."),
    ("chancellor", "ميركل في برلين", "استقبلت ميركل الرئيس أردوغان في برلين."),
    ("general", "تصريح سليماني", "قال سليماني إن السوق لن تغلق. وكان Obama حاضرا مع أوباما."),
    ("burma", "فيضانات بورما", "ضربت الفيضانات بورما."),
    ("bashar", "دمشق", "استقبل بشار الأسد وفدا، وحضر عبد الفتاح السيسي ثم شي جينبينغ."),
    ("aziz", "زيارة عبدالعزيز", "استقبل عبد العزيز وفدا من القناة سي إن إن، وقال يونايتد إن الأردني سن ذلك."),
    ("gas", "أسعار الغاز", "ارتفع سعر غاز أوروبا."),
]
FINDS = [
    ("another spelling", "غوتيريش", ["ghain", "jim"]),
    ("the other way", "جوتيريس", ["ghain", "jim"]),
    ("with clitics", "غوتيريش الدول", ["jim"]),
    ("in a bracket", "(غوتيريش أو ميركل) المتحدة", ["jim"]),
    ("in the title", "عنوان:جوتيريس", ["ghain"]),
    ("excluded", "الأمين -غوتيريش", []),
    ("required", "+جوتيريس جنيف", ["ghain"]),
    ("exactly", "=غوتيريش", ["ghain"]),
    ("a phrase", '"جوتيريس في جنيف"', []),
    ("a pattern", "غوتير*", ["ghain"]),
    ("a place by its other name", "ميانمار", ["burma"]),
    ("in Latin letters", "Guterres", ["ghain", "jim"]),
    ("in small letters", "merkel", ["chancellor"]),
    ("with accents", "Erdoğan", ["chancellor"]),
    ("a place by its Latin name", "Damascus", ["bashar"]),
    ("two words, one with an article", "Bashar al-Assad", ["bashar"]),
    ("Abdel and a name", "Abdel Fattah", ["bashar"]),
    ("a short word and a name", "Xi Jinping", ["bashar"]),
    ("Abd al- and a name", "Abd al-Aziz", ["aziz"]),
    ("Abdul in one word", "Abdulaziz", ["aziz"]),
    ("initials", "CNN", ["aziz"]),
    ("initials that the archive does not print", "HSN", []),
    ("letters without sense", "asdfgh", []),
    ("a vowel that was not typed", "Erdogn السوق", []),
    ("an English word", "King", []),
    ("a name that is an English word", "United", ["aziz"]),
    ("three words are not two", "Abdel Fattah Xyz", []),
    ("in both scripts", "Obama", ["general"]),
    ("Latin, exactly", "=Merkel", []),
    ("Latin, in a phrase", '"Merkel"', []),
    ("beside other words", "Soleimani السوق", ["general"]),
]


@pytest.fixture
def archive(new_archive: Callable[[], Archive]) -> Archive:
    return new_archive()


@pytest.fixture
def search(archive: Archive) -> Search:
    for article_id, title, text in TEXTS:
        archive.add(make_article(id=article_id, title=title, paragraphs=[text]))
    return Search(archive)


@pytest.mark.parametrize(("query", "ids"), [row[1:] for row in FINDS], ids=[row[0] for row in FINDS])
def test_finds(search: Search, query: str, ids: list[str]) -> None:
    assert sorted(search(query)) == sorted(ids)


def test_other_spellings_are_reported_and_marked(search: Search) -> None:
    page = search.page("غوتيريش")
    assert page.spellings == (OtherSpellings("غوتيريش", ("جوتيريس",)),)
    assert page.understood == "غوتيريش"
    assert page.suggestion is None
    matches = {hit.id: [(match.printed, match.level) for match in hit.matches] for hit in page.hits if hit.matched}
    assert matches == {"ghain": [("غوتيريش", MatchLevel.FORM)], "jim": [("جوتيريس", MatchLevel.SPELLING)]}
    jim = next(hit for hit in page.hits if hit.id == "jim")
    marked = [jim.snippet.text[start:end] for start, end in jim.snippet.spans]
    assert marked == ["جوتيريس", "وبجوتيريس"]


def test_totals_include_other_spellings_in_search_scan_and_rank(search: Search) -> None:
    page = search.page("غوتيريش", facets=True, sort=Sort.NEWEST)
    assert page.total == page.stories == 2
    assert page.mode_counts is not None
    assert page.mode_counts.all == 2
    assert [part.articles for part in page.parts] == [2]
    assert search.searcher.scan(SearchRequest("غوتيريش")).total == 2
    assert search.searcher.rank(SearchRequest("غوتيريش"), 10).total == 2


@pytest.mark.parametrize("match", MatchMode)
def test_other_spellings_match_in_every_match_mode(search: Search, match: MatchMode) -> None:
    assert "jim" in search("غوتيريش الدول", match=match)
    assert "jim" in search("Guterres الدول", match=match)


@pytest.mark.parametrize("forms", [WordForms.WORD, WordForms.LEMMA, WordForms.ROOT])
def test_other_spellings_match_with_all_word_forms(search: Search, forms: WordForms) -> None:
    assert sorted(search("غوتيريش", forms=forms)) == ["ghain", "jim"]


def test_requests_and_printed_forms_turn_other_spellings_off(search: Search) -> None:
    for off in ({"spellings": False}, {"forms": WordForms.PRINTED}):
        page = search.page("غوتيريش", **off)
        assert page.total == 1
    assert search.page("غوتيريش", spellings=False).spellings == ()
    assert search.page("Merkel", spellings=False).total == 0


def test_the_typed_spelling_ranks_first_among_equals(archive: Archive) -> None:
    for article_id, name in (("a", "جوتيريس"), ("b", "غوتيريش")):
        archive.add(make_article(id=article_id, title=f"قال {name}", paragraphs=[f"وصل {name} أمس إلى المدينة."]))
    search = Search(archive)
    assert search("غوتيريش") == ["b", "a"]
    assert search("جوتيريس") == ["a", "b"]
    first, second = search.page("غوتيريش").hits
    assert second.score == pytest.approx(first.score, rel=0.1)


def test_other_spellings_are_marked_in_whole_texts(search: Search) -> None:
    (snippet,) = search.searcher.mark(SearchRequest("Guterres"), ["قال جوتيريس"])
    assert snippet.spans == ((4, 11),)
    (snippet,) = search.searcher.mark(SearchRequest("Guterres", spellings=False), ["قال جوتيريس"])
    assert snippet.spans == ()


@pytest.mark.parametrize(
    ("setting", "query", "without"), [("other_spellings", "غوتيريش", 1), ("latin_names", "Guterres", 0)]
)
def test_settings_turn_other_spellings_off(
    archive: Archive, search: Search, setting: str, query: str, without: int
) -> None:
    assert search.page(query).total == 2
    path = archive.directory / "arshif.toml"
    path.write_text(f"{setting} = false\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    with Archive.open(archive.directory) as again:
        assert open_searcher(again).search(SearchRequest(query)).total == without


@pytest.mark.parametrize(
    ("typed", "word"), [("solei", "سليماني"), ("erdo", "أردوغان"), ("guter", "غوتيريش"), ("Bashar al-asa", "الأسد")]
)
def test_latin_letters_are_completed_to_arabic_words(search: Search, typed: str, word: str) -> None:
    assert any(word in suggestion.text for suggestion in search.searcher.suggest(typed))
