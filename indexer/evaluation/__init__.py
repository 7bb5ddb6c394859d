"""The quality of a ranking: queries, judgements, runs, measures, and the significance of differences.

>>> from indexer import evaluate, read_qrels, read_run, read_topics
>>> topics, problems = read_topics(Path("queries.jsonl").read_bytes(), "queries.jsonl")
>>> qrels = read_qrels(Path("qrels.txt").read_bytes(), "qrels.txt")
>>> evaluation = evaluate(topics, qrels, read_run(Path("run.txt").read_bytes(), "run.txt"))
>>> dict(zip(MEASURES, evaluation.means(), strict=True))
"""

from indexer.evaluation.measures import MEASURES, Comparison, Evaluation, compare, evaluate
from indexer.evaluation.trec_files import (
    Qrel,
    ScoredDoc,
    Topic,
    as_run,
    is_trec_id,
    read_qrels,
    read_run,
    read_topics,
    run_lines,
)

__all__ = [
    "MEASURES",
    "Comparison",
    "Evaluation",
    "Qrel",
    "ScoredDoc",
    "Topic",
    "as_run",
    "compare",
    "evaluate",
    "is_trec_id",
    "read_qrels",
    "read_run",
    "read_topics",
    "run_lines",
]
