from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import Archive, make_article
from indexer import rebuild_index
from indexer.analysis.likeness import LEAST_LIKENESS, likeness
from tests.conftest import examples
from tests.indexer.small_archive import Search

WORDS = "لافروف لفروف لافرف نتنياهو نتانياهو مفاوض مفاوضو تفاوض فوض مكتب كتاب ممممم ممم م 2017 2018 netanyahu"


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    archive = Archive.create(tmp_path_factory.mktemp("similar") / "archive")
    archive.add(make_article(id="a", title="", paragraphs=[WORDS]))
    rebuild_index(archive)
    return Search(archive)


@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.sampled_from(WORDS.split()), st.text("لافروفمنتيهوكب2017", min_size=1, max_size=9)))
def test_the_index_finds_the_stems_of_sufficient_likeness(search: Search, stem: str) -> None:
    (segment,) = search.searcher.snapshot.segments
    stems = [term.decode() for term in segment.field("text_stem").terms()]
    numbers, found = segment.similar.like(stem)
    by_index = {stems[number]: round(float(value), 5) for number, value in zip(numbers, found, strict=True)}
    by_letters = {other: round(likeness(stem, other), 5) for other in stems}
    assert by_index == {other: how for other, how in by_letters.items() if LEAST_LIKENESS <= how < 1}


@pytest.mark.parametrize(("a", "b", "value"), [("لافروف", "لافروف", 1), ("سلام", "حرب", 0), ("", "سلام", 0)])
def test_likeness(a: str, b: str, value: float) -> None:
    assert likeness(a, b) == likeness(b, a) == value
