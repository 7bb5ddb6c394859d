"""Known-item search: each title of an archive is a query; its article, or a copy of its story, should rank first."""

from __future__ import annotations

import random
from pathlib import Path
from statistics import median
from time import perf_counter

from corpus import Archive, groups_of
from indexer import SearchRequest, open_searcher

_SHOWN = 20


def run(directory: Path, articles: int | None) -> None:
    """Prints how many titles rank their article first and among the first ten, and examples of those that do not."""
    with Archive.open(directory) as archive:
        searcher = open_searcher(archive)
        titles = [(article.id, article.title) for article in archive.articles() if article.title.strip()]
        random.Random(1).shuffle(titles)
        titles = titles[:articles]
        first = among_ten = 0
        missed, times = [], []
        for article_id, title in titles:
            group = groups_of(archive, [article_id]).get(article_id)
            own = {copy.article_id for copy in group.copies} if group else {article_id}
            began = perf_counter()
            found = [one for one, _ in searcher.rank(SearchRequest(title), 10).articles]
            times.append(perf_counter() - began)
            first += found[:1] != [] and found[0] in own
            if own.isdisjoint(found):
                missed.append((article_id, title))
            else:
                among_ten += 1
        count = len(titles)
        print(f"{count:,} headlines: {first / count:.2%} find their story first, {among_ten / count:.2%} among ten")
        print(f"median {1000 * median(times):.1f} ms; not among ten: {len(missed):,}")
        for article_id, title in missed[:_SHOWN]:
            print(f"- {article_id} {title}")
