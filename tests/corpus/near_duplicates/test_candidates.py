"""The sketches find the pairs of real news that an exhaustive comparison finds."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from itertools import chain
from pathlib import Path

import numpy as np

from corpus import Archive, ingest, near_duplicates
from corpus.near_duplicates.linkage import Bond
from corpus.near_duplicates.similarity import Fingerprint, bond_of, compare, fingerprint

ARTICLES = 3_000


def test_pairs_that_meet_the_rules_are_candidates(shared_data: Path, tmp_path: Path) -> None:
    with gzip.open(shared_data / "news" / "saudinewsnet.jsonl.gz", "rb") as stream:
        lines = [line for line, _ in zip(stream, range(ARTICLES), strict=False)]
    file = tmp_path / "news.jsonl"
    file.write_bytes(b"".join(lines))
    with Archive.create(tmp_path / "archive") as archive:
        ingest.add_paths(archive, [file], ingest.AddSummary())
        near_duplicates.group_changes(archive)
        numbers = dict(archive.run_sql("SELECT id, seq FROM articles"))
        stored = set(archive.run_sql("SELECT article, other FROM near_pairs"))
        found = [
            fingerprint(
                numbers[article.id],
                article.text or article.title,
                article.published.date().toordinal() if article.published else None,
                article.source,
            )
            for article in archive.articles()
        ]
    assert len(found) > 0.95 * len({json.loads(line)["id"] for line in lines})
    whole, parts = Counter[bool](), Counter[bool]()
    for one, other in similar_pairs(found):
        pair = compare(one, other)
        if pair is None or bond_of(pair, 0) not in (Bond.STORY, Bond.COPY):
            continue
        is_part = "OPEN" in pair.relation.name
        (parts if is_part else whole)[(one.article, other.article) in stored] += 1
    assert whole[True] >= 0.995 * whole.total() > 400
    assert parts[True] >= 0.95 * parts.total() > 20


def similar_pairs(articles: list[Fingerprint]) -> list[tuple[Fingerprint, Fingerprint]]:
    """The pairs that share at least five shingles, by comparing all of them."""
    holders: dict[int, list[int]] = {}
    pairs = []
    for place, article in enumerate(articles):
        values = article.shingles.tolist()
        counts = np.bincount(
            np.fromiter(chain.from_iterable(holders.get(value, ()) for value in values), np.intp), minlength=1
        )
        pairs += [(article, articles[other]) for other in np.flatnonzero(counts >= 5).tolist()]
        for value in values:
            holders.setdefault(value, []).append(place)
    return pairs
