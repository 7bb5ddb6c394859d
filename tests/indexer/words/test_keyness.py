"""The measures, against values computed by hand."""

from __future__ import annotations

import pytest

from indexer.words.keyness import Counts


def test_log_likelihood_by_hand() -> None:
    # 20 of 100 articles of a set have the word, 30 of all 1,000: expected are 3, 27, 97 and 873.
    # 2 (20 ln(20/3) + 10 ln(10/27) + 80 ln(80/97) + 890 ln(890/873)) = 2 (37.942 - 9.933 - 15.414 + 17.165)
    counts = Counts(20, 100, 30, 1000)
    assert counts.log_likelihood == pytest.approx(59.52, abs=0.01)
    # 20 % of the set, 10 of 900 others: 18 times as frequent.
    assert counts.log_ratio == pytest.approx(4.1699, abs=0.0001)
    assert counts.is_typical


def test_a_word_that_is_as_frequent_elsewhere_has_no_keyness() -> None:
    counts = Counts(10, 100, 100, 1000)
    assert counts.log_likelihood == pytest.approx(0.0, abs=1e-9)
    assert counts.log_ratio == pytest.approx(0.0)
    assert not counts.is_typical


def test_a_word_that_nothing_else_has_has_a_finite_ratio() -> None:
    counts = Counts(10, 10, 10, 1000)
    assert counts.log_ratio == pytest.approx(10.95, abs=0.01)  # 1 against half an article of 990
    # 2 (10 ln(1000/10) + 990 ln(1000/990)) = 92.10 + 19.90
    assert counts.log_likelihood == pytest.approx(112.0, abs=0.01)


@pytest.mark.parametrize("counts", [Counts(0, 0, 0, 0), Counts(5, 10, 5, 10), Counts(0, 10, 3, 100)])
def test_degenerate_sets(counts: Counts) -> None:
    assert counts.log_likelihood >= 0
    assert not counts.is_typical


def test_a_rarer_word_is_not_typical() -> None:
    counts = Counts(1, 500, 400, 1000)
    assert counts.log_likelihood > 15.13
    assert counts.log_ratio < 0
    assert not counts.is_typical
