"""Measures of runs, nDCG@10, MRR@10 and recall@100 as ir_measures computes them, and the significance of a difference.

Significance is the paired randomization test. If two runs were equally good, the two figures of each topic could as
well have been swapped. So the signs of the differences are flipped at random, many times, and p is the share of flips
whose mean difference is at least as far from zero as the measured one (two-sided). Among the common tests it makes the
fewest assumptions and agrees best with the others: Smucker, Allan and Carterette, "A comparison of statistical
significance tests for information retrieval evaluation", CIKM 2007, who also flip 100,000 times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.errors import LibraryMissing
from indexer.evaluation.trec_files import Qrel, ScoredDoc, Topic, decode_id, encode_id

MEASURES: Final = ("nDCG@10", "MRR@10", "recall@100")

_FLIPS: Final = 100_000
_FLIPS_PER_BATCH: Final = 2_000
_SEED: Final = 2007
_EXACT_UP_TO: Final = 16  # differences: all 65,536 flips, fewer than the random ones, give the exact value
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of each judged topic, in the order of MEASURES, and the topics that are left out or count as zero.

    `unjudged` topics have no judgement; those of `without_query` have judgements but are not among the queries: both
    are left out. Topics `without_results` in the run, and those `without_relevant` articles (of a grade above 0), count
    as zero.
    """

    scores: dict[str, tuple[float, ...]]
    unjudged: tuple[str, ...] = ()
    without_query: tuple[str, ...] = ()
    without_results: tuple[str, ...] = ()
    without_relevant: tuple[str, ...] = ()

    def means(self) -> tuple[float, ...]:
        """The mean of each measure over the judged topics; zeros if there is none."""
        count = max(len(self.scores), 1)
        return tuple(sum(row[at] for row in self.scores.values()) / count for at in range(len(MEASURES)))


def evaluate(topics: Sequence[Topic], qrels: Iterable[Qrel], run: Iterable[ScoredDoc]) -> Evaluation:
    """Measures a run over the topics that have judgements.

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
    measured = {given: key for given, key in ids.items() if key in judged}
    figures = _calculate(
        {key: judged[key] for key in measured.values()}, {key: found[key] for key in measured.values() if key in found}
    )
    return Evaluation(
        scores={given: figures[key] for given, key in measured.items()},
        unjudged=tuple(given for given in ids if given not in measured),
        without_query=tuple(key for key in judged if key not in set(ids.values())),
        without_results=tuple(given for given, key in measured.items() if key not in found),
        without_relevant=tuple(given for given, key in measured.items() if not any(judged[key].values())),
    )


def _calculate(qrels: dict[str, dict[str, int]], run: dict[str, list[ScoredDoc]]) -> dict[str, tuple[float, ...]]:
    try:
        import ir_measures
    except ImportError as error:
        raise LibraryMissing("measuring relevance", "ir_measures", "evaluate") from error
    if not run:  # ir_measures does not accept an empty run
        return dict.fromkeys(qrels, (0.0,) * len(MEASURES))
    measures = (ir_measures.nDCG @ 10, ir_measures.RR @ 10, ir_measures.R @ 100)
    places = {measure: at for at, measure in enumerate(measures)}
    figures = {topic_id: [0.0] * len(measures) for topic_id in qrels}
    ranked = {topic_id: _by_place(docs) for topic_id, docs in run.items()}
    for metric in ir_measures.iter_calc(measures, qrels, ranked):
        figures[metric.query_id][places[metric.measure]] = float(metric.value)
    return {topic_id: tuple(row) for topic_id, row in figures.items()}


def _by_place(docs: Iterable[ScoredDoc]) -> dict[str, float]:
    """The articles with scores that only reflect their order.

    The measures of ir_measures break ties in different ways; so all of them break ties as trec_eval does: the greater
    id comes first.
    """
    ordered = sorted(docs, key=lambda doc: (doc.score, doc.article_id), reverse=True)
    return {doc.article_id: -float(place) for place, doc in enumerate(ordered)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of two runs: their means, the difference, and the probability of one as large by chance."""

    measure: str
    mean: float
    other_mean: float
    difference: float
    p_value: float


def compare(first: Evaluation, second: Evaluation) -> tuple[Comparison, ...]:
    """Compares two runs over the same topics, measure by measure."""
    comparisons = []
    for at, (measure, mean, other) in enumerate(zip(MEASURES, first.means(), second.means(), strict=True)):
        differences = [row[at] - second.scores[topic_id][at] for topic_id, row in first.scores.items()]
        comparisons.append(Comparison(measure, mean, other, mean - other, randomization_test(differences)))
    return tuple(comparisons)


def randomization_test(differences: Sequence[float]) -> float:
    """The two-sided p-value of paired differences; deterministic."""
    import numpy as np

    values = np.array([value for value in differences if abs(value) > _ROUNDING])  # flipping a zero changes nothing
    measured = abs(values.sum()) - _ROUNDING * max(len(values), 1)
    if len(values) <= _EXACT_UP_TO:
        flipped = np.arange(2 ** len(values))[:, np.newaxis] >> np.arange(len(values)) & 1
        return float(np.mean(np.abs(values.sum() - 2 * (flipped @ values)) >= measured))
    random = np.random.default_rng(_SEED)
    extreme = 0
    for _ in range(_FLIPS // _FLIPS_PER_BATCH):
        flipped = random.integers(0, 2, (_FLIPS_PER_BATCH, len(values)), dtype=np.int8)
        extreme += int(np.count_nonzero(np.abs(values.sum() - 2 * (flipped.astype(float) @ values)) >= measured))
    # The measured signs count as one flip: p is never 0.
    return (extreme + 1) / (_FLIPS + 1)
