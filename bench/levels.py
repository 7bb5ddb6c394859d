"""Ablation of the levels of analysis: rankings of judged queries with the weight of single levels set to 0.

The levels and their weights are those of `indexer.query.plan`. Weights do not change the match set; the last variants
rank other forms of a word like words of its family, change which words count as one, or turn spelling variants off.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np

from corpus import Archive
from indexer import SearchRequest, WordForms, as_run, evaluate, read_qrels, read_topics
from indexer.embedded.searcher import EmbeddedSearcher
from indexer.query.plan import WEAK_CAP

_WEIGHTS: Final = {
    "STEM_WEIGHT": ("indexer.query.compiler", "indexer.query.variant_plans"),
    "FORM_WEIGHT": ("indexer.query.compiler", "indexer.query.variant_plans"),
    "ROOT_WEIGHT": ("indexer.query.compiler", "indexer.query.variant_plans"),
    "TITLE_WEIGHT": ("indexer.query.compiler", "indexer.query.variant_plans"),
    "SIMILAR_WEIGHT": ("indexer.embedded.term_scores",),
}
_OFF: Final = {"FORM_WEIGHT": 0.0, "ROOT_WEIGHT": 0.0, "TITLE_WEIGHT": 0.0, "SIMILAR_WEIGHT": 0.0}


@dataclass(frozen=True)
class Variant:
    """A configuration: weights, which words count as one, the rank of a word's other forms, spelling variants."""

    weights: Mapping[str, float] = field(default_factory=dict)
    forms: WordForms = WordForms.LEMMA
    other_forms_first: bool = True
    spellings: bool = True


VARIANTS: Final[Mapping[str, Variant]] = {
    "Arshif": Variant(),
    "forms alone": Variant(_OFF | {"STEM_WEIGHT": 0.0, "FORM_WEIGHT": 1.0}),
    "stems alone": Variant(_OFF),
    "stems + forms": Variant({name: value for name, value in _OFF.items() if name != "FORM_WEIGHT"}),
    "stems + forms + roots": Variant({"TITLE_WEIGHT": 0.0, "SIMILAR_WEIGHT": 0.0}),
    "stems + forms + roots + like stems": Variant({"TITLE_WEIGHT": 0.0}),
    "without forms": Variant({"FORM_WEIGHT": 0.0}),
    "without roots": Variant({"ROOT_WEIGHT": 0.0}),
    "other forms of a word ranked as its family": Variant(other_forms_first=False),
    "matched as printed": Variant(forms=WordForms.PRINTED),
    "matched with prefixes": Variant(forms=WordForms.WORD),
    "matched by root": Variant(forms=WordForms.ROOT),
    "without other spellings": Variant(spellings=False),
}


def _as_family(scores: np.ndarray, least: float) -> np.ndarray:
    """The scores of documents with other forms of a word if these ranked like its family: see `WEAK_CAP`."""
    return np.minimum(scores, np.float32(WEAK_CAP * least))


def run(directory: Path, queries: Path, qrels: Path) -> None:
    """Prints nDCG@10 and recall@100 of each variant."""
    topics, _ = read_topics(queries.read_bytes(), queries.name)
    judgements = read_qrels(qrels.read_bytes(), qrels.name)
    print("| levels | nDCG@10 | recall@100 |\n|---|---|---|")
    for name, variant in VARIANTS.items():
        with ExitStack() as changed, Archive.open(directory) as archive:
            for weight, value in variant.weights.items():
                for module in _WEIGHTS[weight]:
                    changed.enter_context(patch(f"{module}.{weight}", value))
            if not variant.other_forms_first:
                changed.enter_context(patch("indexer.embedded.term_scores._of_other_forms", _as_family))
            searcher = EmbeddedSearcher(archive)
            requests = {
                topic.id: SearchRequest(topic.text, group=False, forms=variant.forms, spellings=variant.spellings)
                for topic in topics
            }
            found = [
                one
                for topic, request in requests.items()
                for one in as_run(topic, searcher.rank(request, 100).articles)
            ]
        ndcg, _, recall = evaluate(topics, judgements, found).means()
        print(f"| {name} | {ndcg:.4f} | {recall:.4f} |", flush=True)
