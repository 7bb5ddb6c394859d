"""Which parts of a query are enough: the rule that both engines share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Archive, make_article
from indexer import MatchMode, rebuild_index
from indexer.query.minimum_match import MINIMUM_SHARE, is_indispensable, minimum_weight
from tests.conftest import ROOT
from tests.indexer.small_archive import Search

WEIGHTS = st.lists(st.floats(0.0, 12.0), min_size=1, max_size=8)


def test_the_help_states_the_share() -> None:
    assert f"{MINIMUM_SHARE:.0%}".replace("%", " %") in (ROOT / "docs/query-language.md").read_text(encoding="utf-8")


def test_a_share_that_is_just_reached_is_enough() -> None:
    assert minimum_weight(sum([1.7] * 5)) <= 1.7 + 1.7 + 1.7


@given(WEIGHTS)
def test_all_parts_are_always_enough(weights: list[float]) -> None:
    assert minimum_weight(sum(weights)) <= sum(weights)


@given(WEIGHTS)
def test_a_part_is_indispensable_if_all_others_are_not_enough(weights: list[float]) -> None:
    total = sum(weights)
    for weight in weights:
        if abs(total - weight - minimum_weight(total)) > 1e-9:
            assert is_indispensable(weight, total) == (total - weight < minimum_weight(total))


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    archive = Archive.create(tmp_path_factory.mktemp("minimum") / "archive")
    texts = {"rare": "زلزال", "common": "حكومة", "both": "زلزال حكومة", **{f"c{n}": "حكومة" for n in range(20)}}
    for name, text in texts.items():
        archive.add(make_article(id=name, title="خبر", paragraphs=[text]))
    rebuild_index(archive)
    return Search(archive)


@pytest.mark.parametrize(
    ("match", "matches"),
    [(MatchMode.ALL, {"both"}), (MatchMode.MOST, {"rare", "both"}), (MatchMode.ANY, {"rare", "common", "both"})],
)
def test_of_two_words_the_rarer_one_alone_is_enough_for_most(
    search: Search, match: MatchMode, matches: set[str]
) -> None:
    hits = search.page("زلزال حكومة", match=match, page_size=50).hits
    assert {hit.id for hit in hits if hit.matched} & {"rare", "common", "both"} == matches
