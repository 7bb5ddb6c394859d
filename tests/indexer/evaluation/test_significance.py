from __future__ import annotations

import pytest

from indexer import MEASURES, Evaluation, compare
from indexer.evaluation.measures import randomization_test

# With n differences of one size and sign, only the two flips that make all signs equal reach as far.
KNOWN = [
    ("no topic", [], 1),
    ("no difference", [0.0] * 50, 1),
    ("one topic says nothing", [0.5], 1),
    ("two", [0.5, 0.5], 2 / 4),
    ("ten", [0.1] * 10, 2 / 1024),
    ("zeros change nothing", [0.0] * 90 + [0.1] * 10, 2 / 1024),
    ("they cancel out", [0.3, -0.3, 0.1, -0.1], 1),
    ("1 2 3 against -4: 14 of 16 reach 2", [1, 2, 3, -4], 14 / 16),
]


@pytest.mark.parametrize(("differences", "p"), [row[1:] for row in KNOWN], ids=[row[0] for row in KNOWN])
def test_p_of_known_cases(differences: list[float], p: float) -> None:
    assert randomization_test(differences) == pytest.approx(p)


def test_random_flips_are_close_to_the_exact_value() -> None:
    differences = [1.0] * 12 + [-1.0] * 5  # a sign test: P(X >= 12 or X <= 5), X of Binomial(17, 1/2)
    assert randomization_test(differences) == pytest.approx(18_804 / 131_072, abs=0.005)
    assert randomization_test(differences) == randomization_test(differences)


def test_p_is_never_zero() -> None:
    assert randomization_test([0.1] * 200) == pytest.approx(1 / 100_001)


def test_compare_two_evaluations() -> None:
    first = Evaluation({"q1": (1.0, 1.0, 1.0), "q2": (0.5, 1.0, 1.0)})
    second = Evaluation({"q1": (0.5, 1.0, 0.0), "q2": (0.25, 1.0, 1.0)})
    ndcg, mrr, recall = compare(first, second)
    assert (ndcg.measure, mrr.measure, recall.measure) == MEASURES
    assert (ndcg.mean, ndcg.other_mean, ndcg.difference) == (0.75, 0.375, 0.375)
    assert ndcg.p_value == 0.5
    assert (mrr.difference, mrr.p_value) == (0, 1)
    assert (recall.difference, recall.p_value) == (0.5, 1)
