"""Searching with questions in another language: what matches, in which order, and the warnings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus import Archive, make_article
from indexer import ResultPage, Searcher, SearchRequest, Sort, WordForms, open_searcher, update_index
from indexer.meaning import Encoder, Similarity, embed_archive
from indexer.meaning.settings import LIGHT
from tests.indexer.concept_encoder import set_encoder

CONCEPTS = [{"طبيب", "doctor", "médecin"}, {"ميناء", "harbour"}, {"حفل", "party"}]


class TwoLanguages:
    """An encoder that knows three words in two languages."""

    name = LIGHT
    version = "2"
    dimension = 16
    max_letters = 300

    def encode(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        vectors = np.full((len(texts), self.dimension), 0.01, np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for at, words in enumerate(CONCEPTS):
                vector[at] += sum(word in words for word in text.replace("?", " ").split())
            vector[len(CONCEPTS)] += 0.2 * text.count("رقم")
        return vectors


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """150 articles on Obama, and some without him. The last of the 150 by words is on a doctor."""
    place = tmp_path_factory.mktemp("foreign") / "archive"
    with Archive.create(place) as made:
        set_encoder(made)
    with Archive.open(place) as opened:
        with opened.batch():
            for number in range(150):
                text = f"أوباما {'أوباما ' * (number % 3)} رقم{number} {'أوباما ' if number else 'في زيارة طويلة إلى مدينة بعيدة '}"
                day = datetime(2016, 1, 1 + number % 28, tzinfo=UTC)
                paragraphs = [text, "طبيب" if number == 0 else "خبر"]
                opened.add(make_article(id=f"o{number}", title="", paragraphs=paragraphs, published=day, source="الغد"))
            opened.add(make_article(id="doctor", title="", paragraphs=["طبيب"]))
            opened.add(make_article(id="harbour", title="", paragraphs=["ميناء كينيا"]))
            opened.add(make_article(id="party", title="", paragraphs=["حفل"]))
        update_index(opened)
        embed_archive(opened, lambda level, done, total: None, encoder=Encoder(TwoLanguages()))
        yield opened


@pytest.fixture
def searcher(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Searcher:
    monkeypatch.setattr("indexer.meaning.wheels.SentenceEncoder", TwoLanguages)
    return open_searcher(archive)


def hits(page: ResultPage) -> list[str]:
    return [hit.id for hit in page.hits]


def warnings_of(page: ResultPage) -> str:
    return " ".join(warning.english for warning in page.all_warnings)


WITH_DOCTOR = "Did Obama see the doctor ?"


def test_the_nearest_of_all_that_match_come_first(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest(WITH_DOCTOR, meaning=True))
    assert page.total == 150
    assert hits(page)[0] == "o0"
    assert all(hit.matched for hit in page.hits)
    assert page.understood == "أوباما"
    assert page.encoder == LIGHT
    assert "Read as a question in English: \u2068Obama\u2069 must occur, in Arabic or as typed" in warnings_of(page)
    assert "guesses" in warnings_of(page)


@pytest.mark.parametrize("size", [7, 40, 100])
def test_pages_and_cursors_have_the_order_of_the_ranking(size: int, searcher: Searcher) -> None:
    request = SearchRequest(WITH_DOCTOR, page_size=size, meaning=True)
    order = [article for article, _ in searcher.rank(request, 1000).articles]
    assert len(order) == len(set(order)) == 150
    by_number: list[str] = []
    by_cursor: list[str] = []
    cursor, number = None, 1
    while True:
        page = searcher.search(SearchRequest(WITH_DOCTOR, page=number, page_size=size, meaning=True))
        if not page.hits:
            break
        by_number += hits(page)
        number += 1
    while True:
        page = searcher.search(request, cursor)
        by_cursor += hits(page)
        if (cursor := page.next) is None:
            break
    assert by_number == order
    assert by_cursor == order


def test_cursors_end_if_no_article_that_matches_has_a_vector(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Similarity, "nearest", lambda self, query, limit, within=None: [])
    request = SearchRequest(WITH_DOCTOR, page_size=60, meaning=True)
    by_cursor: list[str] = []
    cursor = None
    for _ in range(3):
        page = searcher.search(request, cursor)
        by_cursor += hits(page)
        cursor = page.next
    assert cursor is None
    assert by_cursor == [article for article, _ in searcher.rank(request, 1000).articles]


def test_without_a_name_nothing_matches_and_the_nearest_follow(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest("Where is the doctor ?", meaning=True))
    assert page.total == 0
    assert {"o0", "doctor"} <= set(hits(page)[:2])
    assert all(hit.by_meaning and not hit.matched for hit in page.hits)
    assert "no name or number" in warnings_of(page)
    # A page shows its own explanation of an empty result, and the warnings.
    assert page.foreign
    assert page.no_match is None
    assert len(page.warnings) == 1


def test_in_an_order_by_date_nothing_is_said_to_be_by_meaning(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest(WITH_DOCTOR, sort=Sort.NEWEST, meaning=True))
    assert (page.total, page.encoder) == (150, None)
    assert "the rest has no effect on an order by date" in warnings_of(page)
    assert "guesses" not in warnings_of(page)
    page = searcher.search(SearchRequest("Where is the doctor ?", sort=Sort.NEWEST, meaning=True))
    assert hits(page) == []
    assert "meaning has no effect on an order by date" in warnings_of(page)


def test_only_names_that_are_required_are_listed_as_searched(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest("When did Obama see the harbour of Kenya ?", meaning=True))
    assert [one.typed for one in page.spellings] == ["Kenya"]


def test_if_no_article_has_all_names_a_part_of_them_is_required_or_none(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest("When did Obama see the harbour of Kenya ?", meaning=True))
    assert hits(page)[0] == "harbour"
    assert page.total == 1
    assert "No article also has \u2068Obama\u2069" in warnings_of(page)
    page = searcher.search(SearchRequest("When was the doctor in Bolivia ?", meaning=True))
    assert page.total == 0
    assert "no article has \u2068Bolivia\u2069" in warnings_of(page)
    assert {"o0", "doctor"} <= set(hits(page)[:2])


def test_filters_apply_to_what_matches_and_to_the_nearest(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest("Where is the doctor ?", meaning=True, sources=("الغد",), page_size=100))
    assert hits(page)[0] == "o0"
    assert "doctor" not in hits(page)


def test_exports_have_what_the_page_counts(searcher: Searcher) -> None:
    request = SearchRequest(WITH_DOCTOR, meaning=True)
    scan = searcher.scan(request)
    assert scan.total == searcher.search(request).total == len(list(scan.ids()))


def test_an_order_by_date_has_the_same_matches(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest(WITH_DOCTOR, meaning=True, sort=Sort.NEWEST))
    assert page.total == 150
    assert page.encoder is None


@pytest.mark.parametrize(
    "request_",
    [
        SearchRequest(WITH_DOCTOR),
        SearchRequest(WITH_DOCTOR, meaning=True, spellings=False),
        SearchRequest(WITH_DOCTOR, meaning=True, forms=WordForms.PRINTED),
    ],
    ids=["without meaning", "without other spellings", "printed forms"],
)
def test_otherwise_it_is_searched_by_its_words(request_: SearchRequest, searcher: Searcher) -> None:
    page = searcher.search(request_)
    assert page.total == 0
    assert "question in English" not in warnings_of(page)


def test_names_are_marked_in_a_shown_article(searcher: Searcher) -> None:
    (marked,) = searcher.mark(SearchRequest(WITH_DOCTOR, meaning=True), ["قال أوباما ذلك"])
    assert [marked.text[start:end] for start, end in marked.spans] == ["أوباما"]


def test_a_copy_is_listed_once(searcher: Searcher) -> None:
    page = searcher.search(SearchRequest(WITH_DOCTOR, meaning=True, page_size=100))
    assert len(set(hits(page))) == len(page.hits)
