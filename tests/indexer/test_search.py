from __future__ import annotations

import threading
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from corpus import Archive, make_article
from indexer import IndexMissing, Searcher, SearchRequest, Snippet, Sort, mark_text, update_index
from tests.indexer.query_texts import QUERY_TEXTS
from tests.indexer.small_archive import Search

FINDS = [
    ("the word itself", "أستانة", ["talks"]),
    ("without hamza", "استانه", ["talks"]),
    ("with madda", "آستانة", ["talks"]),
    ("with harakat", "مُفاوَضات", ["talks"]),
    ("with clitics", "بالمفاوضات", ["talks"]),
    ("with tatweel", "المســـلحة", ["talks"]),
    ("digits of the other kind", "٢٣ شباط", ["talks"]),
    ("two words of a name", "دي ميستورا", ["talks"]),
    ("phrase", "«وقف إطلاق النار»", ["talks"]),
    ("phrase in another order", '"النار إطلاق"', []),
    ("question with stop words", "متى وماذا عن لافروف؟", ["talks"]),
    ("without", "إيران -اليابان", ["iran"]),
    ("either", "زلزال أو الموازنة", ["budget", "iran"]),
    ("field", "عنوان:إيران", ["match", "iran"]),
    ("field that does not hold it", "عنوان:النار", []),
    ("source", "مصدر:النهضة", ["talks", "budget"]),
    ("author", "كاتب:حداد", ["budget"]),
    ("section and word", "قسم:سياسة لافروف", ["talks"]),
    ("month", "تاريخ:2017-02", ["talks"]),
    ("from a day on", "من:2018-01-05", ["budget", "match"]),
    ("excluded alone", "-الحكومة", ["match", "iran", "undated"]),
    ("grouped", "(زلزال أو فوز) إيران -اليابان", ["iran"]),
    ("number with separators", "1250", ["budget"]),
    ("pattern with an end", "المفاو*", ["talks"]),
    ("pattern with a beginning", "*اوضات", ["talks"]),
    ("pattern with one letter left out", "ز؟زال", ["iran"]),
    ("spelled about like this", "استاني~", ["talks"]),
    ("letters that are confused", "ذلزال~", ["iran"]),
    ("exactly this form", "=الحكومة", ["budget"]),
    ("not exactly this form", "=حكومة", []),
    ("root", "جذر:زلزال", ["iran"]),
    ("near, in the other order", '"النار وقف"~3', ["talks"]),
    ("too far apart", '"وقف النار"~1', []),
    ("three words near each other", "~9«أستانة النار وقف»", ["talks"]),
    ("pattern in the title", "عنوان:مواز*", []),
    ("pattern in the title with its article", "عنوان:*مواز*", ["budget"]),
    ("pattern of an author", "كاتب:حدا*", ["budget"]),
    ("near in a field", 'كاتب:"الخطيب سمير"~2', ["talks"]),
    ("exactly, of a source", "مصدر:=الغد", ["match", "iran", "undated"]),
    ("range of dates", "من: شباط 2017 إلى: 2018", ["talks", "budget", "iran"]),
    ("a phrase that begins with a word asked for beside it", 'النار "النار إطلاق"', []),
    ("a quoted word beside itself", 'مفاوضات "مفاوضات"', []),
    ("nothing", "برشلونة", []),
]


@pytest.mark.parametrize(("_", "query", "ids"), FINDS, ids=[row[0] for row in FINDS])
def test_finds(search: Search, _: str, query: str, ids: list[str]) -> None:
    page = search.page(query)
    assert {hit.id for hit in page.hits} == set(ids)
    assert page.total == len(ids)


def test_the_printed_words_are_marked_harakat_included(search: Search) -> None:
    (hit,) = search.page("مفاوضات المسلحة").hits
    marked = [hit.snippet.text[start:end] for start, end in hit.snippet.spans]
    assert marked == ["المُفاوَضات", "المســـلحة"]


def test_titles_are_marked_too(search: Search) -> None:
    hit = search.page("عنوان:فوز").hits[0]
    assert [hit.title.text[start:end] for start, end in hit.title.spans] == ["فوز"]


def test_an_article_with_both_words_comes_before_one_with_one(search: Search) -> None:
    assert search("فوز إيران زلزال")[0] in ("match", "iran")
    assert search("إيران أو زلزال")[0] == "iran"


def test_when_no_article_has_all_words_those_with_some_are_shown_and_it_is_said(search: Search) -> None:
    page = search.page("زلزال الموازنة برشلونة")
    assert {hit.id for hit in page.hits} == {"iran", "budget"}
    assert "No article has all the words" in page.warnings[0].english


def test_relaxing_never_lets_in_what_is_excluded_or_filtered_out(search: Search) -> None:
    assert search("زلزال الموازنة -الوزير") == ["iran"]
    assert search("زلزال الموازنة", sources=("النهضة",)) == ["budget"]


def test_stop_words_alone_are_searched_as_forms(search: Search) -> None:
    assert search("متى") == ["undated"]


def test_filters(search: Search) -> None:
    assert set(search("", sources=("النهضة",))) == {"talks", "budget"}
    assert set(search("", sources=("النهضة", "الغد"), sections=("رياضة", "سياسة"))) == {"talks", "match"}
    assert set(search("", after=date(2017, 11, 13), before=date(2018, 1, 5))) == {"iran", "budget"}
    assert search("", sources=("النهض",)) == []


def test_sorting_by_date_puts_what_has_none_last(search: Search) -> None:
    assert search("", sort=Sort.NEWEST) == ["match", "budget", "iran", "talks", "undated"]
    assert search("", sort=Sort.OLDEST) == ["talks", "iran", "budget", "match", "undated"]


def test_paging_covers_all_hits_once(archive: Archive) -> None:
    with archive.batch():
        for number in range(30):
            archive.add(make_article(id=f"n{number}", paragraphs=["زلزال جديد"]))
    search = Search(archive)
    pages = [search("زلزال", page=page, page_size=7) for page in range(1, 7)]
    assert [len(ids) for ids in pages] == [7, 7, 7, 7, 3, 0]
    assert len({article_id for ids in pages for article_id in ids}) == 31
    assert search.page("زلزال", page=3, page_size=7).total == 31
    assert search.page("زلزال", page_size=7).page_count == 5


def test_page_sizes_and_numbers_out_of_bounds_are_bounded(search: Search) -> None:
    page = search.page("إيران", page=-3, page_size=0)
    assert (page.request.page, page.request.page_size, len(page.hits)) == (1, 1, 1)
    assert search("إيران", page=10**9) == []


def test_an_open_searcher_sees_new_articles(archive: Archive, search: Search) -> None:
    assert search("برشلونة") == []
    archive.add(make_article(id="new", paragraphs=["فوز برشلونة"]))
    update_index(archive)
    assert search("برشلونة") == ["new"]


def test_threads_share_a_searcher(search: Search) -> None:
    expected = search("إيران")
    wrong: list[object] = []

    def run() -> None:
        for _ in range(10):
            if search("إيران") != expected:
                wrong.append(1)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_ten_thousand_characters(search: Search) -> None:
    page = search.page("إيران " + "كلمة" * 2500)
    assert page.warnings


def test_mark_text_marks_whole_texts() -> None:
    assert mark_text('"وقف إطلاق" النار', ["وقف إطلاق النار", "لا شيء"]) == [
        Snippet("وقف إطلاق النار", ((0, 9), (10, 15))),
        Snippet("لا شيء", ()),
    ]


@pytest.fixture(scope="module")
def fixed_search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    archive = Archive.create(tmp_path_factory.mktemp("fixed") / "archive")
    archive.add(make_article(id="a", title="وقف النار", paragraphs=["وقف إطلاق النار في 23 شباط", "النار"]))
    archive.add(make_article(id="b", title="النار", paragraphs=["وقف"]))
    return Search(archive)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=QUERY_TEXTS)
def test_no_query_raises_and_marks_lie_inside_the_text(fixed_search: Search, text: str) -> None:
    for hit in fixed_search.page(text).hits:
        for snippet in (hit.title, hit.snippet):
            ends = [0, *(at for span in snippet.spans for at in span), len(snippet.text)]
            assert ends == sorted(ends)


def test_the_deepest_tree_that_the_parser_makes_is_searched(search: Search) -> None:
    nested = "".join(f"(زلزال{n} {'-' if n % 3 else ''}(إيران | " for n in range(40))
    assert search.page(nested).warnings


def test_searcher_needs_an_index(tmp_path_factory: pytest.TempPathFactory) -> None:

    archive = Archive.create(tmp_path_factory.mktemp("none") / "archive")
    with pytest.raises(IndexMissing, match="arshif index"):
        Searcher(archive).search(SearchRequest("x"))
