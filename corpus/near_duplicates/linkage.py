"""Clustering by average linkage (Sokal and Michener, 1958): groups of articles from pairs.

A survey that contains two stories is similar to each of them, and they are not similar to each other: single linkage
would join all three. Here two clusters are joined while some of their members are one story and all are similar *on
average*, where a pair without a link counts as 0. Copies of one text count as one member.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from heapq import heappop, heappush
from typing import Final, NamedTuple

MIN_MEAN: Final = 500
"""Mean similarity of two clusters' members, in thousandths, at which they are joined."""

MAX_APART: Final = 200
"""How much less similar than their own members two clusters may be. Two briefs written to one formula, each printed by
many papers, are two dense clusters at some distance.
"""


class Bond(IntEnum):
    """What links two articles: similarity alone joins nothing, but counts in the mean."""

    LIKE = 0
    STORY = 1
    COPY = 2


class Link(NamedTuple):
    """A link between two articles, and their similarity in thousandths."""

    one: int
    two: int
    bond: Bond
    likeness: int


def clusters(links: Iterable[Link]) -> list[list[int]]:
    """Cluster linked articles; each group is ascending, and single articles are left out.

    The order of the links does not matter: of ties, the clusters with the first members are joined first.
    """
    links = list(links)
    head = _heads(links)
    members: dict[int, list[int]] = {}
    for article in sorted(head):
        members.setdefault(_find(head, article), []).append(article)
    near: dict[int, dict[int, _Similarity]] = {cluster: {} for cluster in members}
    for link in links:
        one, two = _find(head, link.one), _find(head, link.two)
        if one != two:
            likeness, is_story = near[one].get(two, (0, False))
            # For texts with copies, the greatest similarity counts.
            near[one][two] = near[two][one] = (max(likeness, link.likeness), is_story or link.bond is Bond.STORY)
    _join(members, near)
    return [sorted(group) for group in members.values() if len(group) > 1]


_Similarity = tuple[int, bool]
"""For two clusters: the sum of their members' similarities, and whether any two members are one story."""


def _join(members: dict[int, list[int]], near: dict[int, dict[int, _Similarity]]) -> None:
    """Join clusters, identified by their first members, until no two can be joined; changes both dictionaries."""
    texts = dict.fromkeys(members, 1)  # per cluster, without copies
    within = dict.fromkeys(members, 0)  # sum of the similarities within a cluster
    waiting: list[tuple[int, int, int]] = []

    def mean(a: int, b: int) -> int | None:
        """The mean similarity of two clusters; None if they are not to be joined."""
        total, is_story = near[a][b]
        found = total // (texts[a] * texts[b])
        least = MIN_MEAN
        if texts[a] > 1 and texts[b] > 1:
            least = max(least, min(within[one] * 2 // (texts[one] * (texts[one] - 1)) for one in (a, b)) - MAX_APART)
        return found if is_story and found >= least else None

    def offer(a: int, b: int) -> None:
        if (found := mean(a, b)) is not None:
            heappush(waiting, (-found, min(a, b), max(a, b)))

    for a, others in near.items():
        for b in others:
            if a < b:
                offer(a, b)
    while waiting:
        negative, a, b = heappop(waiting)
        if b not in near.get(a, ()) or mean(a, b) != -negative:
            continue  # one of them has changed since
        members[a] += members.pop(b)
        texts[a] += texts.pop(b)
        within[a] += within.pop(b) + near[a].pop(b)[0]
        for other, (total, is_story) in near.pop(b).items():
            if other != a:
                del near[other][b]
                more, is_one = near[a].get(other, (0, False))
                near[a][other] = near[other][a] = (total + more, is_story or is_one)
        for other in near[a]:
            offer(a, other)


def _heads(links: list[Link]) -> dict[int, int]:
    """A union-find forest: each article leads to the first copy of its text."""
    head: dict[int, int] = {}
    for link in links:
        one, two = _find(head, link.one), _find(head, link.two)
        if link.bond is Bond.COPY:
            head[max(one, two)] = min(one, two)
    return head


def _find(head: dict[int, int], article: int) -> int:
    """The first copy of an article's text; compresses the path."""
    head.setdefault(article, article)
    while head[article] != article:
        head[article] = article = head[head[article]]
    return article
