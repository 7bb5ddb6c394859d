"""How good a ranking is: queries, judgements, runs, measures, and whether a difference is more than chance.

>>> from indexer import evaluate, read_qrels, read_run, read_topics
>>> topics, problems = read_topics(Path("queries.jsonl").read_bytes(), "queries.jsonl")
>>> qrels = read_qrels(Path("qrels.txt").read_bytes(), "qrels.txt")
>>> evaluation = evaluate(topics, qrels, read_run(Path("run.txt").read_bytes(), "run.txt"))
>>> dict(zip(MEASURES, evaluation.means(), strict=True))
"""

from indexer.evaluation.measures import MEASURES, Evaluation, evaluate
from indexer.evaluation.runs import Qrel, ScoredDoc, as_run, read_qrels, read_run, run_lines
from indexer.evaluation.significance import Comparison, compare
from indexer.evaluation.topics import Topic, read_topics
from indexer.evaluation.trec_ids import survives_trec

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
    "read_qrels",
    "read_run",
    "read_topics",
    "run_lines",
    "survives_trec",
]
