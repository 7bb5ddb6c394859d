"""Sentences that answer, over a small archive with an encoder of concepts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import Archive, make_article
from indexer import Answer, Searcher, SearchRequest, Sort, open_searcher, update_index
from indexer.meaning import embed_archive
from indexer.search.answers import MAX_OF_ARTICLE
from tests.indexer.concept_encoder import make_encoder, set_encoder

QUESTION = "متى افتتح الوزير الميناء الجديد في مدينة الزهراء؟"
ARTICLES = {
    "opened": (
        "الميناء الجديد",
        ["انتظر الناس طويلا.", "افتتح الوزير الميناء الجديد في مدينة الزهراء عام 2016. وحضر كثيرون؛ ثم انصرفوا."],
    ),
    "copy": ("", ["افتتح الوزير الميناء الجديد في مدينة الزهراء عام 2016 أمس."]),
    "visit": ("زيارة", ["زار الوزير الميناء الجديد في مدينة الزهراء. وشكر العمال على الميناء الجديد في الزهراء."]),
    "many": (
        "الميناء الجديد في الزهراء",
        [
            "افتتح الوزير قاعة كبيرة قرب الميناء الجديد. افتتح رئيس البلدية سوقا في مدينة الزهراء. افتتح الوزير مدرسة.",
            "افتتح الوزير حديقة للأطفال بجانب الميناء.",
        ],
    ),
    "asks": ("", ["انتظر الناس طويلا. متى يفتتح الوزير الميناء الجديد في مدينة الزهراء إذن؟"]),
    "other": ("", ["فاز الفريق بالكأس بعد مباراة طويلة."]),
}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    directory = tmp_path_factory.mktemp("answers") / "archive"
    with Archive.create(directory) as archive:
        for article_id, (title, paragraphs) in ARTICLES.items():
            archive.add(
                make_article(
                    id=article_id,
                    title=title,
                    paragraphs=paragraphs,
                    source="المساء" if article_id == "copy" else "النهار",
                    published=datetime(2016, 5, 1, tzinfo=UTC),
                )
            )
        update_index(archive)
    set_encoder(archive)
    with pytest.MonkeyPatch.context() as patched, Archive.open(directory) as archive:
        encoder = make_encoder()
        patched.setattr("indexer.meaning.similarity.open_encoder", lambda settings: encoder)
        embed_archive(archive, lambda level, done, total: None, encoder=encoder)
        yield open_searcher(archive)


def ask(searcher: Searcher, question: str = QUESTION, limit: int = 3, **options: object) -> tuple[Answer, ...]:
    return searcher.answers(SearchRequest(question, **{"meaning": True, **options}), limit)  # type: ignore[arg-type]


def test_the_best_sentence_is_first_as_printed_with_its_place(searcher: Searcher) -> None:
    first = ask(searcher, sources=("النهار",))[0]
    assert (first.id, first.title, first.source, first.paragraph) == ("opened", "الميناء الجديد", "النهار", 1)
    assert first.published == datetime(2016, 5, 1, tzinfo=UTC)
    assert first.sentence.text == "افتتح الوزير الميناء الجديد في مدينة الزهراء عام 2016."
    marked = [first.sentence.text[start:end] for start, end in first.sentence.spans]
    assert {"افتتح", "الوزير", "الميناء", "الزهراء"} <= set(marked)


def test_no_two_answers_say_the_same_and_few_are_of_one_article(searcher: Searcher) -> None:
    answers = ask(searcher, limit=10)
    ids = [answer.id for answer in answers]
    assert ("opened" in ids) != ("copy" in ids)
    assert max(map(ids.count, ids)) <= MAX_OF_ARTICLE
    assert len({answer.sentence.text for answer in answers}) == len(answers)


def test_every_answer_is_in_its_paragraph(searcher: Searcher) -> None:
    answers = ask(searcher, limit=10)
    assert answers
    for answer in answers:
        assert answer.sentence.text in ARTICLES[answer.id][1][answer.paragraph]


def test_a_question_does_not_answer(searcher: Searcher) -> None:
    assert "asks" in [hit.id for hit in searcher.search(SearchRequest(QUESTION, meaning=True)).hits]
    assert "asks" not in [answer.id for answer in ask(searcher, limit=10)]


def test_at_most_so_many(searcher: Searcher) -> None:
    assert [len(ask(searcher, limit=limit)) for limit in (-1, 0, 1, 2)] == [0, 0, 1, 2]


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("من اكتشف علاج السعال في مختبرات الشمال البعيد؟", id="nothing answers"),
        pytest.param("ميناء الزهراء", id="keywords"),
        pytest.param('"الميناء الجديد"', id="phrase"),
        pytest.param("ميناء -سوق", id="formula"),
        pytest.param("", id="empty"),
        pytest.param("؟", id="mark alone"),
        pytest.param("متى؟", id="no words"),
    ],
)
def test_none_rather_than_a_bad_one(searcher: Searcher, question: str) -> None:
    assert ask(searcher, question) == ()


def test_none_without_meaning_and_in_another_order(searcher: Searcher) -> None:
    assert ask(searcher, meaning=False) == ()
    assert ask(searcher, sort=Sort.NEWEST) == ()


def test_filters_apply(searcher: Searcher) -> None:
    assert ask(searcher, sources=("النهار",))
    assert ask(searcher, sources=("صحيفة أخرى",)) == ()


def test_a_search_is_the_same_with_answers(searcher: Searcher) -> None:
    request = SearchRequest(QUESTION, meaning=True)
    before = searcher.search(request)
    ask(searcher)
    after = searcher.search(request)
    assert [hit.id for hit in before.hits] == [hit.id for hit in after.hits]
    assert before.total == after.total


def test_an_archive_without_an_encoder_has_no_answers(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "plain") as archive:
        archive.add(make_article(id="a", paragraphs=["افتتح الوزير الميناء الجديد في مدينة الزهراء عام 2016."]))
        update_index(archive)
        assert open_searcher(archive).answers(SearchRequest(QUESTION)) == ()
