"""Queries on both engines: the same articles, in the same order, with the same highlights and warnings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import Archive, make_article
from indexer import MAX_HIT, MatchMode, ModeCounts, PartCount, Reading, SearchRequest, Sort, WordForms, update_index
from tests.indexer.query_texts import QUERY_TEXTS
from tests.indexer.small_archive import Search, fill

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
    ("question with stop words", "ماذا عن لافروف؟", ["talks"]),
    ("all words, in any order", "لافروف مفاوضات", ["talks"]),
    ("all words, which no article has", "زلزال الموازنة", []),
    ("all of many words, which no article has", "زلزال الموازنة لافروف اليابان", []),
    ("all words of a bracket", "(زلزال الموازنة) أو فوز", ["match"]),
    ("words with a plus", "+زلزال +إيران", ["iran"]),
    ("words with AND", "زلزال AND الموازنة", []),
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
    ("range of dates", "من:شباط 2017 إلى:2018", ["talks", "budget", "iran"]),
    ("a phrase that begins with a word asked for beside it", 'النار "النار إطلاق"', []),
    ("a quoted word beside itself", 'مفاوضات "مفاوضات"', []),
    ("nothing", "برشلونة", []),
]


@pytest.fixture(scope="module")
def archive(new_archive: Callable[[], Archive]) -> Archive:
    archive = new_archive()
    fill(archive)
    update_index(archive)
    return archive


@pytest.fixture(scope="module")
def search(archive: Archive) -> Search:
    return Search(archive)


@pytest.mark.parametrize(("_", "query", "ids"), FINDS, ids=[row[0] for row in FINDS])
def test_finds(search: Search, _: str, query: str, ids: list[str]) -> None:
    page = search.page(query)
    assert {hit.id for hit in page.hits if hit.matched} == set(ids)
    assert page.total == len(ids)
    assert search.searcher.scan(SearchRequest(query)).total == len(ids)


def test_a_word_without_letters_has_a_position_in_a_phrase(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    archive.add(make_article(id="marks", title="خبر", paragraphs=["وقف \u0640\u0640 النار"]))
    archive.add(make_article(id="beside", title="خبر", paragraphs=["وقف النار"]))
    archive.add(make_article(id="title", title="وقف", paragraphs=["النار"]))
    search = Search(archive)
    assert search('"وقف النار"') == ["beside"]
    assert set(search('"وقف النار"~2')) == {"marks", "beside"}
    assert set(search('"وقف النار"~50')) == {"marks", "beside"}, "no distance bridges title and text"


def test_a_repeated_word_of_a_near_query_must_be_repeated_in_the_text(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    archive.add(make_article(id="once", title="خبر", paragraphs=["النار وقف شيء"]))
    archive.add(make_article(id="twice", title="خبر", paragraphs=["النار وقف النار"]))
    archive.add(make_article(id="far", title="خبر", paragraphs=["النار وقف شيء وشيء وشيء النار"]))
    search = Search(archive)
    assert search('"النار وقف النار"~4') == ["twice"]
    assert search('"النار النار"~4') == ["twice"]


def test_french_and_english_words_are_found_in_their_other_forms(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    archive.add(make_article(id="vote", title="Élections", paragraphs=["L’Algérie attend les résultats nationaux."]))
    archive.add(make_article(id="party", title="Vote", paragraphs=["Parties planned an election in a nation."]))
    archive.add(make_article(id="arabic", title="خبر", paragraphs=["قال مدير شركة Party إن الوزير حضر."]))
    search = Search(archive)
    assert search("élection") == ["party", "vote"]
    assert search("l'Algérie nationale") == ["vote"]
    assert set(search("party")) == {"party", "arabic"}
    assert search("planning the vote") == ["party"]
    assert search("élections", forms=WordForms.PRINTED) == ["vote"]
    assert search.page("nation").total == 1


def test_printed_words_are_marked_with_their_harakat(search: Search) -> None:
    hit = search.page("مفاوضات المسلحة").hits[0]
    assert [hit.snippet.text[start:end] for start, end in hit.snippet.spans] == ["المُفاوَضات", "المســـلحة"]


def test_titles_are_marked(search: Search) -> None:
    hit = search.page("عنوان:فوز").hits[0]
    assert [hit.title.text[start:end] for start, end in hit.title.spans] == ["فوز"]


def test_articles_with_both_words_rank_before_those_with_one(search: Search) -> None:
    assert search.page("فوز إيران زلزال").hits[0].id in ("match", "iran")
    assert search("إيران أو زلزال")[0] == "iran"


def test_a_query_of_stop_words_only_searches_their_forms(search: Search) -> None:
    assert search("متى") == ["undated"]


def test_hits_have_the_level_of_each_match(search: Search) -> None:
    hit = search.page("مفاوضة أستانة").hits[0]
    assert {(match.word, match.level) for match in hit.matches} == {("مفاوضة", "lemma"), ("أستانة", "form")}


def test_an_empty_result_is_explained_and_the_nearest_are_listed(search: Search) -> None:
    page = search.page("زلزال الموازنة برشلونة")
    assert page.total == page.stories == 0
    assert [hit.matched for hit in page.hits] == [False] * len(page.hits)
    assert {hit.id for hit in page.hits} == {"iran", "budget"}
    assert page.listed == 2
    assert page.parts == (PartCount("زلزال", 1), PartCount("الموازنة", 1), PartCount("برشلونة", 0))
    assert page.no_match is not None
    assert "زلزال (1), الموازنة (1), برشلونة (0)" in page.no_match.english


def test_the_nearest_follow_the_matches_and_are_not_counted(search: Search) -> None:
    page = search.page("الحكومة النار", facets=True)
    assert [(hit.id, hit.matched) for hit in page.hits][:2] == [("budget", True), ("talks", True)]
    page = search.page("زلزال إيران", facets=True)
    assert [(hit.id, hit.matched) for hit in page.hits] == [("iran", True), ("match", False)]
    assert (page.total, page.stories, page.listed) == (1, 1, 2)
    assert dict(page.facets[0].values) == {"الغد": 1}
    assert page.timeline is not None
    assert page.timeline.counts == (("2017-11-13", 1),)
    scan = search.searcher.scan(SearchRequest("زلزال إيران"))
    assert (scan.total, [article_id for article_id, _ in scan.ids()]) == (1, ["iran"])


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.OLDEST])
def test_an_order_by_date_lists_only_matches(search: Search, sort: Sort) -> None:
    page = search.page("زلزال إيران", sort=sort)
    assert [hit.id for hit in page.hits] == ["iran"]
    assert page.listed == 1


def test_the_nearest_satisfy_every_condition(search: Search) -> None:
    assert search.nearest("زلزال الموازنة -الوزير") == ["iran"]
    assert search.nearest("زلزال الموازنة", sources=("النهضة",)) == ["budget"]
    assert search.nearest("زلزال الموازنة مصدر:النهضة") == ["budget"]
    assert search.nearest("زلزال الموازنة تاريخ:2018") == ["budget"]
    assert search.nearest("+زلزال الموازنة") == ["iran"]


def test_articles_with_words_of_an_unmatched_phrase_are_near(search: Search) -> None:
    assert search.nearest('"وقف لافروف"') == ["talks"]


MODE_COUNTS = [
    ("one word", "زلزال", (1, 1, 1)),
    ("two words", "زلزال إيران", (1, 1, 2)),
    ("words of four articles", "زلزال الموازنة لافروف اليابان", (0, 0, 4)),
    ("most of the words", "زلزال غرب إيران برشلونة", (0, 1, 2)),
    ("an excluded word", "زلزال إيران -اليابان", (1, 1, 1)),
    ("a bracket is one part", "(زلزال إيران) الموازنة", (0, 0, 2)),
    ("a required word", "+زلزال إيران", (1, 1, 1)),
    ("a required word that has enough alone", "+إيران زلزال", (1, 1, 2)),
    ("words that are all required", "إيران AND اليابان", (1, 1, 1)),
    ("a phrase is one part", '"وقف إطلاق النار" زلزال', (0, 0, 2)),
]


@pytest.mark.parametrize(("_", "query", "counts"), MODE_COUNTS, ids=[row[0] for row in MODE_COUNTS])
def test_counts_of_match_modes(search: Search, _: str, query: str, counts: tuple[int, int, int]) -> None:
    for match, total in zip(MatchMode, counts, strict=True):
        page = search.page(query, match=match)
        assert page.mode_counts == ModeCounts(*counts)
        assert (page.total, page.mode_counts.of(match)) == (total, total)
        assert len([hit for hit in page.hits if hit.matched]) == total
        assert search.searcher.scan(SearchRequest(query, match=match)).total == total


def test_parts_are_counted_within_the_conditions_regardless_of_required_words(search: Search) -> None:
    assert search.page("+زلزال إيران").parts == (PartCount("زلزال", 1), PartCount("إيران", 2))
    assert search.page("إيران AND زلزال -اليابان").parts == (PartCount("إيران", 1), PartCount("زلزال", 1))


@pytest.mark.parametrize("match", MatchMode)
def test_wider_word_forms_never_match_fewer_articles(search: Search, match: MatchMode) -> None:
    for query in ("كتاب إيران زلزال", "المفاوضات الموازنة كتاب", "(كتاب إيران) زلزال اليابان"):
        totals = [search.page(query, match=match, forms=forms).total for forms in WordForms]
        assert totals == sorted(totals)


def test_every_page_has_the_number_of_listed_hits(search: Search) -> None:
    assert {search.page("النار الحكومة زلزال", page=page, page_size=1).listed for page in (1, 2, 3)} == {3}
    assert {search.page("إيران", page=page, page_size=1).listed for page in (1, 2)} == {2}


FORMS = [
    ("the form as typed", "مفاوضات", (0, 1, 1, 1)),
    ("with its article", "المفاوضات", (1, 1, 1, 1)),
    ("a singular", "مفاوضة", (0, 0, 1, 1)),
    ("another word of the root", "مكتوب", (0, 0, 0, 1)),
    ("in titles", "عنوان:موازنة", (0, 1, 1, 1)),
    ("stop words", "متى", (1, 1, 1, 1)),
]


@pytest.mark.parametrize(("_", "query", "totals"), FORMS, ids=[row[0] for row in FORMS])
def test_word_forms(search: Search, _: str, query: str, totals: tuple[int, int, int, int]) -> None:
    assert tuple(search.page(query, forms=forms).total for forms in WordForms) == totals


def test_a_sentence_that_matches_nothing_as_a_formula_is_read_as_text(search: Search) -> None:
    page = search.page("وأعلن الوزير أن الإنفاق سيزيد في الموازنة العامة ولم تتطرق الحكومة إلى =نار التي اندلعت.")
    assert (page.reading, page.total) == (Reading.TEXT, 1)
    assert "plain words" in page.warnings[0].english
    assert search.page("إيران -اليابان").reading is Reading.OPERATORS


def test_a_query_of_symbols_matches_nothing_and_warns(search: Search) -> None:
    page = search.page("؟؟؟")
    assert (page.total, page.hits) == (0, ())
    assert page.warnings


def test_a_sentence_is_ordered_by_score_alone(search: Search) -> None:
    page = search.page("هل ضرب زلزال غرب إيران فجر اليوم أم فازت اليابان على إيران في مباراة؟")
    assert page.prose
    assert [hit.score for hit in page.hits] == sorted((hit.score for hit in page.hits), reverse=True)


def test_pages_and_cursors_list_the_matches_and_then_the_nearest(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    with archive.batch():
        for number in range(30):
            archive.add(make_article(id=f"both{number}", paragraphs=["زلزال مدمر"]))
        for number in range(130):
            archive.add(make_article(id=f"one{number}", paragraphs=["زلزال خفيف" + " كلام" * (number % 4)]))
    search = Search(archive)
    request = SearchRequest("زلزال مدمر", page_size=7)
    page = search.searcher.search(request)
    hits = list(page.hits)
    while page.next:
        page = search.searcher.search(request, page.next)
        hits += page.hits
    assert page.listed == len(hits) == len({hit.id for hit in hits}) == 100
    assert [hit.matched for hit in hits] == [True] * 30 + [False] * 70
    by_number = [hit.id for n in range(1, 17) for hit in search.page("زلزال مدمر", page=n, page_size=7).hits]
    assert by_number == [hit.id for hit in hits]
    ranking = search.searcher.rank(SearchRequest("زلزال مدمر"), 120)
    assert [article_id for article_id, _ in ranking.articles][:100] == by_number
    assert (len(ranking.articles), len(ranking.matched)) == (120, 30)


def test_filters(search: Search) -> None:
    assert set(search("", sources=("النهضة",))) == {"talks", "budget"}
    assert set(search("", sources=("النهضة", "الغد"), sections=("رياضة", "سياسة"))) == {"talks", "match"}
    assert set(search("", after=date(2017, 11, 13), before=date(2018, 1, 5))) == {"iran", "budget"}
    assert search("", sources=("النهض",)) == []


def test_articles_without_a_date_sort_last(search: Search) -> None:
    assert search("", sort=Sort.NEWEST) == ["match", "budget", "iran", "talks", "undated"]
    assert search("", sort=Sort.OLDEST) == ["talks", "iran", "budget", "match", "undated"]


def test_scores_decrease_and_are_zero_in_an_order_by_date(search: Search) -> None:
    scores = [hit.score for hit in search.page("إيران أو الحكومة أو النار").hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0
    assert {hit.score for hit in search.page("إيران", sort=Sort.NEWEST).hits} == {0.0}


def test_pages_list_every_hit_once_in_the_order_of_a_scan(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    with archive.batch():
        for number in range(31):
            archive.add(make_article(id=f"n{number}", paragraphs=["زلزال جديد"]))
    search = Search(archive)
    pages = [search("زلزال", page=page, page_size=7) for page in range(1, 7)]
    assert [len(ids) for ids in pages] == [7, 7, 7, 7, 3, 0]
    paged = [article_id for ids in pages for article_id in ids]
    assert paged == [f"n{number}" for number in range(31)], "ties are in the order of the archive"
    assert search.page("زلزال", page=3, page_size=7).total == 31
    assert search.page("زلزال", page_size=7).page_count == 5
    assert [article_id for article_id, _ in search.searcher.scan(SearchRequest("زلزال")).ids()] == paged
    assert [article_id for article_id, _ in search.searcher.rank(SearchRequest("زلزال"), 12).articles] == paged[:12]


def test_pages_and_page_sizes_are_clamped(search: Search) -> None:
    page = search.page("إيران", page=-3, page_size=0)
    assert (page.request.page, page.request.page_size, len(page.hits)) == (1, 1, 1)
    assert search("إيران", page=10**9) == []
    assert search("إيران", page=MAX_HIT) == []


def test_threads_share_a_searcher(search: Search) -> None:
    wrong: list[object] = []

    def run() -> None:
        for _, query, ids in FINDS[:6]:
            if set(search(query)) != set(ids):
                wrong.append(query)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_queries_at_the_limits_of_length_and_depth(search: Search) -> None:
    assert search.page("إيران " + "كلمة" * 2500).warnings
    assert search.page("".join(f"(زلزال{n} {'-' if n % 3 else ''}(إيران | " for n in range(40))).warnings
    assert search(" ".join(f"{letter}*" for letter in "ابتثجحخدذرزسشصضطظعغفقكلمنهوي")) == []


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=QUERY_TEXTS, match=st.sampled_from(MatchMode), forms=st.sampled_from(WordForms))
def test_no_query_raises(search: Search, text: str, match: MatchMode, forms: WordForms) -> None:
    page = search.page(text, match=match, forms=forms)
    assert page.mode_counts is None or page.mode_counts.of(match) == page.total
    assert page.mode_counts is None or page.mode_counts.all <= page.mode_counts.most <= page.mode_counts.any
    for hit in page.hits:
        for snippet in (hit.title, hit.snippet):
            ends = [0, *(at for span in snippet.spans for at in span), len(snippet.text)]
            assert ends == sorted(ends)
