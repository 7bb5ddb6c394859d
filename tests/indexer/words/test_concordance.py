"""Keywords in context: which text is where, in which order, and how much was read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import Archive, make_article
from indexer import LineOrder, SearchRequest, budget, neighbours, open_searcher, read_concordance, update_index
from indexer.words.concordance import MAX_SIDE, Concordance

TEXTS = {
    "harbour": (
        "بناء ميناء",
        "فتحت البلدية ميناء الصيد أمس. وقال الربان: ميناء قديم وميناء جديد.\nلا شيء هنا.",
        "2015-03-02",
    ),
    "storm": ("عاصفة", "أغلقت العاصفة ميناء المدينة. عاد ميناء الصيد إلى العمل.", "2014-01-05"),
    "letter": ("رسالة", "كتب أحمد عن الميناء الشرقي. وكتب إبراهيم عن بحر بلا ميناء", ""),
    "other": ("سوق", "لا كلمة هنا.", "2016-01-01"),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    archive = Archive.create(tmp_path_factory.mktemp("words") / "archive")
    for article_id, (title, text, day) in TEXTS.items():
        published = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
        source = "الغد" if article_id == "storm" else "النهضة"
        archive.add(
            make_article(id=article_id, title=title, paragraphs=text.split("\n"), published=published, source=source)
        )
    update_index(archive)
    return archive


def concordance(archive: Archive, query: str, order: LineOrder = LineOrder.HITS, **options: object) -> Concordance:
    return read_concordance(open_searcher(archive).scan(SearchRequest(query)), order, **options)  # type: ignore[arg-type]


def shown(found: Concordance) -> list[tuple[str, str, str]]:
    return [(line.before.strip(), line.keyword, line.after.strip()) for line in found.lines]


def test_every_occurrence_is_a_line_within_its_sentence(archive: Archive) -> None:
    found = concordance(archive, "ميناء", LineOrder.DATE)
    assert shown(found) == [
        ("أغلقت العاصفة", "ميناء", "المدينة."),
        ("عاد", "ميناء", "الصيد إلى العمل."),
        ("بناء", "ميناء", ""),
        ("فتحت البلدية", "ميناء", "الصيد أمس."),
        ("وقال الربان:", "ميناء", "قديم وميناء جديد."),
        ("وقال الربان: ميناء قديم", "وميناء", "جديد."),
        ("كتب أحمد عن", "الميناء", "الشرقي."),
        ("وكتب إبراهيم عن بحر بلا", "ميناء", ""),
    ]
    assert (found.is_whole, found.read, found.hits, found.articles) == (True, 3, 3, 3)
    of_harbour = [(line.paragraph, line.mark) for line in found.lines if line.article_id == "harbour"]
    assert of_harbour == [(None, 1), (0, 2), (0, 3), (0, 4)]


def test_lines_are_sorted_by_the_words_beside_without_clitics(archive: Archive) -> None:
    before = [line[0].split()[-1:] for line in shown(concordance(archive, "ميناء", LineOrder.BEFORE))]
    # بحر … بلا, البلدية, بناء, الربان, عاد, العاصفة, عن, قديم: without ال
    assert before == [["بلا"], ["البلدية"], ["بناء"], ["الربان:"], ["عاد"], ["العاصفة"], ["عن"], ["قديم"]]
    after = [line[2].split()[:1] for line in shown(concordance(archive, "ميناء", LineOrder.AFTER))]
    assert after == [["جديد."], ["الشرقي."], ["الصيد"], ["الصيد"], ["قديم"], ["المدينة."], [], []]
    # الصيد أمس before الصيد إلى: the second word decides.
    assert [line[2] for line in shown(concordance(archive, "ميناء", LineOrder.AFTER))][2:4] == [
        "الصيد إلى العمل.",
        "الصيد أمس.",
    ]
    sources = [line.source for line in concordance(archive, "ميناء", LineOrder.SOURCE).lines]
    assert sources == ["الغد"] * 2 + ["النهضة"] * 6


def test_undated_articles_come_last_by_date(archive: Archive) -> None:
    assert [line.article_id for line in concordance(archive, "ميناء", LineOrder.DATE).lines][-2:] == ["letter"] * 2


def test_a_phrase_is_one_keyword_and_so_are_words_side_by_side(archive: Archive) -> None:
    assert {line.keyword for line in concordance(archive, '"ميناء الصيد"').lines} == {"ميناء الصيد"}
    assert {line.keyword for line in concordance(archive, "ميناء الصيد").lines} == {"ميناء الصيد", "ميناء", "وميناء"}


def test_excluded_words_have_no_lines(archive: Archive) -> None:
    assert {line.article_id for line in concordance(archive, "ميناء -العاصفة").lines} == {"harbour", "letter"}


def test_a_search_without_words_has_no_keywords(archive: Archive) -> None:
    found = concordance(archive, "مصدر:الغد")
    assert (found.has_keywords, found.lines, found.hits) == (False, (), 1)


@pytest.mark.parametrize("query", ["", "؟؟؟", '"', "http://news.example/1", "ميناء" * 400, "(((", "\u200f"])
def test_no_query_raises(archive: Archive, query: str) -> None:
    for order in LineOrder:
        concordance(archive, query, order)


def test_the_number_of_lines_is_bounded_and_reported(archive: Archive) -> None:
    found = concordance(archive, "ميناء", most=3)
    assert len(found.lines) == 3
    assert not found.is_whole
    assert found.read < found.hits
    whole = concordance(archive, "ميناء", most=8)
    assert (len(whole.lines), whole.is_whole, whole.read) == (8, True, 3)


def test_reading_stops_when_its_time_is_over(archive: Archive) -> None:
    found = concordance(archive, "ميناء", seconds=-1.0)
    assert (found.lines, found.read, found.is_whole) == ((), 0, False)
    with budget.limited(1000):
        assert concordance(archive, "ميناء").is_whole


def test_an_article_without_all_words_has_no_numbered_marks(archive: Archive) -> None:
    request = SearchRequest("ميناء العاصفة", match="any")  # type: ignore[arg-type]
    found = read_concordance(open_searcher(archive).scan(request))
    numbered = {line.article_id: line.mark is not None for line in found.lines}
    assert numbered == {"storm": True, "harbour": False, "letter": False}


def test_neighbours_are_phrases_as_printed(archive: Archive) -> None:
    lines = concordance(archive, "ميناء").lines
    assert [(each.word, each.phrase, each.lines) for each in neighbours(lines, before=False)] == [
        ("الصيد", "ميناء الصيد", 2)
    ]
    assert neighbours(lines, before=True) == ()  # one line each, and عن is a stop word


words = st.lists(st.sampled_from(["ميناء", "الميناء", "وميناء", "قارب", "عن", "2015", "«قارب»"]), max_size=40)
marks = st.sampled_from([". ", "، ", "؟ ", " ", " - "])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(words, marks), min_size=1, max_size=8))
def test_the_parts_of_a_line_are_the_printed_text(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[list[str], str]]
) -> None:
    text = "".join(" ".join(each) + mark for each, mark in pieces).strip() or "قارب"
    archive = Archive.create(tmp_path_factory.mktemp("printed") / "archive")
    archive.add(make_article(id="a", title="عنوان", paragraphs=[text]))
    update_index(archive)
    found = concordance(archive, "ميناء")
    (article,) = archive.get_many(["a"]).values()
    assert len(found.lines) == sum("ميناء" in word for word in text.split())
    for line in found.lines:
        assert line.paragraph == 0
        assert line.before + line.keyword + line.after in article.paragraphs[0]
        assert len(line.before) <= MAX_SIDE
        assert len(line.after) <= MAX_SIDE
    archive.close()


def test_a_long_sentence_is_cut_between_words(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "archive")
    archive.add(make_article(id="a", title="", paragraphs=["قارب " * 200 + "ميناء" + " قارب" * 200]))
    update_index(archive)
    (line,) = concordance(archive, "ميناء").lines
    assert line.cut_before
    assert line.cut_after
    assert set(line.before.split()) == set(line.after.split()) == {"قارب"}
    assert line.shown_before.startswith("… قارب")
    assert line.shown_after.endswith("قارب …")
