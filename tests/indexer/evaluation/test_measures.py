from __future__ import annotations

from math import log2

import pytest

from indexer import MEASURES, Evaluation, Qrel, ScoredDoc, Topic, evaluate


def measured(grades: dict[str, int], ranked: list[str]) -> tuple[float, ...]:
    qrels = [Qrel("q", article, grade) for article, grade in grades.items()]
    run = [ScoredDoc("q", article, -place) for place, article in enumerate(ranked)]
    return evaluate([Topic("q", "x")], qrels, run).scores["q"]


FILLER = [f"x{number:03}" for number in range(200)]
ONE_OF_TWO = 1 + 1 / log2(3)
BY_HAND = [
    ("perfect", {"a": 1}, ["a"], (1, 1, 1)),
    ("second", {"a": 1}, ["x", "a"], (1 / log2(3), 1 / 2, 1)),
    (
        "grades count",
        {"a": 2, "b": 1, "c": 0},
        ["c", "a", "b"],
        ((2 / log2(3) + 1 / log2(4)) / (2 + 1 / log2(3)), 1 / 2, 1),
    ),
    ("half of it", {"a": 1, "b": 1}, ["a"], (1 / ONE_OF_TWO, 1, 1 / 2)),
    ("tenth", {"a": 1}, [*FILLER[:9], "a"], (1 / log2(11), 1 / 10, 1)),
    ("eleventh", {"a": 1}, [*FILLER[:10], "a"], (0, 0, 1)),
    ("hundredth", {"a": 1}, [*FILLER[:99], "a"], (0, 0, 1)),
    ("hundred and first", {"a": 1}, [*FILLER[:100], "a"], (0, 0, 0)),
    ("a negative grade is none", {"a": 1, "spam": -2}, ["spam", "a"], (1 / log2(3), 1 / 2, 1)),
    ("nothing relevant found", {"a": 1}, ["x"], (0, 0, 0)),
    ("nothing found", {"a": 1}, [], (0, 0, 0)),
]


@pytest.mark.parametrize(("grades", "ranked", "expected"), [r[1:] for r in BY_HAND], ids=[r[0] for r in BY_HAND])
def test_figures_computed_by_hand(grades: dict[str, int], ranked: list[str], expected: tuple[float, ...]) -> None:
    assert MEASURES == ("nDCG@10", "MRR@10", "recall@100")
    assert measured(grades, ranked) == pytest.approx(expected)


def test_ties_go_to_the_greater_id_in_every_measure_as_in_trec_eval() -> None:
    run = [ScoredDoc("q", "a", 1.0), ScoredDoc("q", "b", 1.0)]
    assert evaluate([Topic("q", "x")], [Qrel("q", "b", 1)], run).scores["q"] == (1, 1, 1)
    assert evaluate([Topic("q", "x")], [Qrel("q", "a", 1)], run).scores["q"] == pytest.approx((1 / log2(3), 1 / 2, 1))


def test_which_topics_count() -> None:
    topics = [Topic(name, "x") for name in ("found", "lost", "unjudged", "hopeless")]
    qrels = [Qrel("found", "a", 1), Qrel("lost", "a", 1), Qrel("hopeless", "a", 0), Qrel("other", "a", 1)]
    run = [ScoredDoc(topic.id, "a", 1.0) for topic in topics if topic.id != "lost"]
    evaluation = evaluate(topics, qrels, run)
    assert list(evaluation.scores) == ["found", "lost", "hopeless"]
    assert evaluation.means() == pytest.approx((1 / 3,) * 3)
    assert evaluation.unjudged == ("unjudged",)
    assert evaluation.without_query == ("other",)
    assert evaluation.without_results == ("lost",)
    assert evaluation.without_relevant == ("hopeless",)


def test_without_judged_topics_there_are_no_figures() -> None:
    assert evaluate([Topic("q", "x")], [Qrel("other", "a", 1)], []).scores == {}
    assert Evaluation({}).means() == (0, 0, 0)
