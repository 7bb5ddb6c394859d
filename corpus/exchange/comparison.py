"""Whether two archives hold the same: articles, revisions and their times, origins, removals, pages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from corpus.archive import Archive
from corpus.exchange.records import ArticleHistory, history_value, read_histories


def compare_archives(first: Archive, second: Archive, *, limit: int = 20) -> list[str]:
    """What differs, article by article, at most so many; none for equal archives.

    Their change logs may differ, and so may their settings. Both are read one article at a time.
    """
    with first.one_moment(), second.one_moment(), first.told_errors(), second.told_errors():
        damages: list[str] = []
        found = list(islice(_differences(first, second, damages), limit))
        return [*damages, *found][:limit]


def _differences(first: Archive, second: Archive, damages: list[str]) -> Iterator[str]:
    ours, theirs = (
        read_histories(one, lambda line, one=one: damages.append(f"{one.directory}: {line}"), by_id=True)  # type: ignore[misc]
        for one in (first, second)
    )
    mine, other = next(ours, None), next(theirs, None)
    while mine or other:
        if mine and (other is None or mine.id < other.id):
            yield f"{mine.id}: not in {second.directory}"
            mine = next(ours, None)
        elif other and (mine is None or other.id < mine.id):
            yield f"{other.id}: not in {first.directory}"
            other = next(theirs, None)
        elif mine and other:
            yield from _in_article(first, mine, second, other)
            mine, other = next(ours, None), next(theirs, None)


def _in_article(first: Archive, mine: ArticleHistory, second: Archive, other: ArticleHistory) -> Iterator[str]:
    values = history_value(mine), history_value(other)
    for name in dict.fromkeys((*values[0], *values[1])):
        if values[0].get(name) != values[1].get(name):
            yield f"{mine.id}: {name} not the same"
    for revision in mine.revisions:
        if revision.page and first.pages.holds(revision.page) != second.pages.holds(revision.page):
            yield f"{mine.id}: page {revision.page[:12]}… is in one of them only"
