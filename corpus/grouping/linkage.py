"""From pairs to groups: average linkage (Sokal and Michener, 1958), so that a chain of pairs is not yet a group.

A survey that holds two stories is like each of them, and they are not like each other: single links would join all
three. Here two clusters are joined while their members are alike *on average*, pairs that are not alike counted as 0.
Copies of one text are one member, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import Final

LEAST_MEAN: Final = 500
"""Mean likeness of two clusters' members, in thousandths, at which they are joined."""

Link = tuple[int, int, int, bool]
"""Two articles, their likeness in thousandths, and whether they are copies of one text."""


def clusters(links: Iterable[Link]) -> list[list[int]]:
    """The groups of the linked articles, each ascending; articles that end alone are left out.

    The order of the links does not matter: ties go to the pair of clusters whose first members came first.
    """
    links = sorted(links)
    head = _heads(links)
    members: dict[int, list[int]] = {}
    for article in head:
        members.setdefault(_find(head, article), []).append(article)
    best: dict[tuple[int, int], int] = {}
    for a, b, likeness, _ in links:
        one, two = sorted((_find(head, a), _find(head, b)))
        if one != two:
            best[one, two] = max(likeness, best.get((one, two), 0))
    _join(members, best)
    return [sorted(group) for group in members.values() if len(group) > 1]


def _join(members: dict[int, list[int]], best: dict[tuple[int, int], int]) -> None:
    """Joins clusters, named by their first members, while any two are alike enough; changes `members`."""
    weight = dict.fromkeys(members, 1)  # texts in a cluster: copies count once
    near: dict[int, dict[int, int]] = {cluster: {} for cluster in members}  # sums of likenesses
    for (a, b), likeness in best.items():
        near[a][b] = near[b][a] = likeness
    waiting = [(-likeness, a, b) for (a, b), likeness in best.items()]
    heapify(waiting)
    while waiting:
        negative, a, b = heappop(waiting)
        if b not in near.get(a, ()) or -negative != _mean(near[a][b], weight[a], weight[b]):
            continue  # one of them has grown or gone since
        if -negative < LEAST_MEAN:
            break
        members[a] += members.pop(b)
        weight[a] += weight.pop(b)
        for other, likeness in near.pop(b).items():
            del near[other][b]
            if other != a:
                near[a][other] = near[other][a] = near[a].get(other, 0) + likeness
        for other, likeness in near[a].items():
            mean = _mean(likeness, weight[a], weight[other])
            heappush(waiting, (-mean, min(a, other), max(a, other)))


def _mean(total: int, weight: int, other_weight: int) -> int:
    return total // (weight * other_weight)


def _heads(links: list[Link]) -> dict[int, int]:
    """Each article with one that leads to its text's first article: a forest of copies."""
    head: dict[int, int] = {}
    for a, b, _, copies in links:
        one, two = _find(head, a), _find(head, b)
        if copies:
            head[max(one, two)] = min(one, two)
    return head


def _find(head: dict[int, int], article: int) -> int:
    """The first article of a text's copies."""
    head.setdefault(article, article)
    while head[article] != article:
        head[article] = article = head[head[article]]
    return article
