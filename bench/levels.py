"""What each level of analysis adds to the ranking: judged queries, with the weight of one level or another set to 0.

The levels and their weights are those of `indexer.plan`; what matches is the same throughout.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final
from unittest.mock import patch

from corpus import Archive
from indexer import Searcher, SearchRequest, as_run, evaluate, read_qrels, read_topics

_WEIGHTS: Final = {
    "STEM_WEIGHT": ("indexer.compilation",),
    "FORM_WEIGHT": ("indexer.compilation",),
    "ROOT_WEIGHT": ("indexer.compilation",),
    "TITLE_WEIGHT": ("indexer.compilation",),
    "SIMILAR_WEIGHT": ("indexer.term_scores",),
}
_OFF: Final = {"FORM_WEIGHT": 0.0, "ROOT_WEIGHT": 0.0, "TITLE_WEIGHT": 0.0, "SIMILAR_WEIGHT": 0.0}
VARIANTS: Final[dict[str, dict[str, float]]] = {
    "Arshif": {},
    "forms alone": _OFF | {"STEM_WEIGHT": 0.0, "FORM_WEIGHT": 1.0},
    "stems alone": _OFF,
    "stems + forms": {name: value for name, value in _OFF.items() if name != "FORM_WEIGHT"},
    "stems + forms + roots": {"TITLE_WEIGHT": 0.0, "SIMILAR_WEIGHT": 0.0},
    "stems + forms + roots + like stems": {"TITLE_WEIGHT": 0.0},
    "without forms": {"FORM_WEIGHT": 0.0},
    "without roots": {"ROOT_WEIGHT": 0.0},
}


def run(directory: Path, queries: Path, qrels: Path) -> None:
    """Prints nDCG@10 and recall@100 of each variant."""
    topics, _ = read_topics(queries.read_bytes(), queries.name)
    judgements = read_qrels(qrels.read_bytes(), qrels.name)
    print("| levels | nDCG@10 | recall@100 |\n|---|---|---|")
    for name, weights in VARIANTS.items():
        with ExitStack() as changed, Archive.open(directory) as archive:
            for weight, value in weights.items():
                for module in _WEIGHTS[weight]:
                    changed.enter_context(patch(f"{module}.{weight}", value))
            searcher = Searcher(archive)
            found = [
                one
                for topic in topics
                for one in as_run(topic.id, searcher.rank(SearchRequest(topic.text, group=False), 100).articles)
            ]
        ndcg, _, recall = evaluate(topics, judgements, found).means()
        print(f"| {name} | {ndcg:.4f} | {recall:.4f} |", flush=True)
