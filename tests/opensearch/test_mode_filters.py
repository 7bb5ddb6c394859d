"""The filter of `match=most`: which parts of a query are enough."""

from __future__ import annotations

from itertools import compress, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.opensearch.filters import mode_filters
from indexer.query.minimum_match import MINIMUM_SHARE
from indexer.results import MatchMode

FORMS = [
    ("equal words", (1.0, 1.0, 1.0), "minimum_should_match"),
    ("one word is enough", (9.0, 1.0, 1.0), "term"),
    ("one word is required", (5.0, 3.0, 3.0), "filter"),
    ("a word of no article", (0.0, 2.0, 1.0), "term"),
    ("no word of any article", (0.0, 0.0), "match_none"),
    ("no number is equivalent", (4.0, 4.0, 3.0, 2.0, 1.0), "function_score"),
]


@pytest.mark.parametrize(("_", "weights", "kind"), FORMS, ids=[row[0] for row in FORMS])
def test_the_filter_uses_the_cheapest_equivalent_query(_: str, weights: tuple[float, ...], kind: str) -> None:
    ((outer, value),) = most(weights).items()
    assert kind == outer or kind in value


@given(st.lists(st.sampled_from((0.0, 0.5, 1.0, 3.5, 7.25)) | st.floats(0.25, 12.0), min_size=2, max_size=7))
def test_the_filter_matches_articles_whose_parts_have_enough_weight(weights: list[float]) -> None:
    query = most(weights)
    for held in product((False, True), repeat=len(weights)):
        if any(has and not weight for has, weight in zip(held, weights, strict=True)):
            continue  # no article has a part without weight
        share = MINIMUM_SHARE * sum(weights)
        got = sum(compress(weights, held))
        if abs(got - share) > 1e-4 * max(share, 1e-9):
            assert matches(query, held) == (got > share)


def test_a_share_that_is_exactly_reached_is_enough() -> None:
    assert matches(most((1.7,) * 5), (True, True, True, False, False))
    assert not matches(most((1.7,) * 5), (True, True, False, False, False))


def most(weights: list[float] | tuple[float, ...]) -> dict[str, Any]:
    """The filter of `match=most` for numbered parts."""
    return mode_filters([{"term": {"part": number}} for number in range(len(weights))], weights)[MatchMode.MOST]


def matches(query: dict[str, Any], held: tuple[bool, ...]) -> bool:
    """Whether a filter matches an article that has these parts."""
    ((kind, value),) = query.items()
    match kind:
        case "match_none":
            return False
        case "term":
            return held[value["part"]]
        case "bool":
            some = sum(matches(one, held) for one in value.get("should", ()))
            return all(matches(one, held) for one in value.get("filter", ())) and some >= value.get(
                "minimum_should_match", 0
            )
        case "function_score":
            counted = [one["constant_score"] for one in value["query"]["bool"]["should"]]
            return sum(one["boost"] for one in counted if matches(one["filter"], held)) >= value["min_score"]
    raise AssertionError(kind)
