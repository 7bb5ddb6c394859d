"""How well a run answers its topics: nDCG@10, MRR@10 and recall@100, as the library ir_measures computes them.

Whether one run is better than another by more than chance: the paired randomization test.

If the two runs were equally good, each topic's two figures could as well have been the other way round. So the signs of
the differences are flipped at random, many times, and p is the share of flips whose mean difference is at least as far
from zero as the one measured (two-sided). Of the tests in use it assumes least, and agrees best with the others:
Smucker, Allan and Carterette, "A comparison of statistical significance tests for information retrieval evaluation",
CIKM 2007, who also flip 100,000 times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.errors import LibraryMissing
from indexer.evaluation.trec_files import Qrel, ScoredDoc, Topic, decode_id, encode_id

MEASURES: Final = ("nDCG@10", "MRR@10", "recall@100")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Each judged topic's figures, in the order of MEASURES, and which topics did not count as one would expect.

    `unjudged` topics have no judgement, `unasked` ones have judgements but are not among the queries: neither counts.
    `unanswered` ones, for which the run has no article, and `unanswerable` ones, which have no article of a grade
    above 0, count as zero.
    """

    scores: dict[str, tuple[float, ...]]
    unjudged: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    unanswerable: tuple[str, ...] = ()

    def means(self) -> tuple[float, ...]:
        """The mean of each measure over the judged topics; zeros where there is none."""
        count = max(len(self.scores), 1)
        return tuple(sum(row[at] for row in self.scores.values()) / count for at in range(len(MEASURES)))


def evaluate(topics: Sequence[Topic], qrels: Iterable[Qrel], run: Iterable[ScoredDoc]) -> Evaluation:
    """Measure a run over those topics that have judgements.

    Raises:
        LibraryMissing: ir_measures, which the extra `evaluate` brings, is not installed.
    """
    judged: dict[str, dict[str, int]] = {}
    for qrel in qrels:
        judged.setdefault(qrel.topic_id, {})[qrel.article_id] = max(qrel.grade, 0)
    found: dict[str, list[ScoredDoc]] = {}
    for doc in run:
        found.setdefault(doc.topic_id, []).append(doc)
    ids = {topic.id: decode_id(encode_id(topic.id)) for topic in topics}
    asked = {given: key for given, key in ids.items() if key in judged}
    figures = _calculate(
        {key: judged[key] for key in asked.values()}, {key: found[key] for key in asked.values() if key in found}
    )
    return Evaluation(
        scores={given: figures[key] for given, key in asked.items()},
        unjudged=tuple(given for given in ids if given not in asked),
        unasked=tuple(key for key in judged if key not in set(ids.values())),
        unanswered=tuple(given for given, key in asked.items() if key not in found),
        unanswerable=tuple(given for given, key in asked.items() if not any(judged[key].values())),
    )


def _calculate(qrels: dict[str, dict[str, int]], run: dict[str, list[ScoredDoc]]) -> dict[str, tuple[float, ...]]:
    try:
        import ir_measures
    except ImportError as error:
        raise LibraryMissing("measuring relevance", "ir_measures", "evaluate") from error
    if not run:  # which the library does not take
        return dict.fromkeys(qrels, (0.0,) * len(MEASURES))
    measures = (ir_measures.nDCG @ 10, ir_measures.RR @ 10, ir_measures.R @ 100)
    places = {measure: at for at, measure in enumerate(measures)}
    figures = {topic_id: [0.0] * len(measures) for topic_id in qrels}
    ranked = {topic_id: _by_place(docs) for topic_id, docs in run.items()}
    for metric in ir_measures.iter_calc(measures, qrels, ranked):
        figures[metric.query_id][places[metric.measure]] = float(metric.value)
    return {topic_id: tuple(row) for topic_id, row in figures.items()}


def _by_place(docs: Iterable[ScoredDoc]) -> dict[str, float]:
    """The articles with a score that tells their place only.

    The library's parts break ties in different ways; this way all of them take trec_eval's: the greater id first.
    """
    ordered = sorted(docs, key=lambda doc: (doc.score, doc.article_id), reverse=True)
    return {doc.article_id: -float(place) for place, doc in enumerate(ordered)}


_FLIPS: Final = 100_000
_FLIPS_AT_ONCE: Final = 2_000
_SEED: Final = 2007
_ALL_FLIPS_UP_TO: Final = 16  # differences: 65,536 flips, fewer than at random, and the exact answer
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of two runs: the first's mean less the second's, and how likely chance makes one so large."""

    measure: str
    mean: float
    other_mean: float
    difference: float
    p_value: float


def compare(first: Evaluation, second: Evaluation) -> tuple[Comparison, ...]:
    """Both runs' means over the same topics, measure by measure."""
    comparisons = []
    for at, (measure, mean, other) in enumerate(zip(MEASURES, first.means(), second.means(), strict=True)):
        differences = [row[at] - second.scores[topic_id][at] for topic_id, row in first.scores.items()]
        comparisons.append(Comparison(measure, mean, other, mean - other, randomization_test(differences)))
    return tuple(comparisons)


def randomization_test(differences: Sequence[float]) -> float:
    """The two-sided p-value of paired differences; the same differences always give the same."""
    import numpy as np

    values = np.array([value for value in differences if abs(value) > _ROUNDING])  # flipping a zero changes nothing
    measured = abs(values.sum()) - _ROUNDING * max(len(values), 1)
    if len(values) <= _ALL_FLIPS_UP_TO:
        flipped = np.arange(2 ** len(values))[:, np.newaxis] >> np.arange(len(values)) & 1
        return float(np.mean(np.abs(values.sum() - 2 * (flipped @ values)) >= measured))
    random = np.random.default_rng(_SEED)
    as_far = 0
    for _ in range(_FLIPS // _FLIPS_AT_ONCE):
        flipped = random.integers(0, 2, (_FLIPS_AT_ONCE, len(values)), dtype=np.int8)
        as_far += int(np.count_nonzero(np.abs(values.sum() - 2 * (flipped.astype(float) @ values)) >= measured))
    # The measured signs are one way of flipping too: p is never 0.
    return (as_far + 1) / (_FLIPS + 1)
