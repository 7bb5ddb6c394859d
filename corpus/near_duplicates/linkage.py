"""From pairs to groups: average linkage (Sokal and Michener, 1958), so that a chain of pairs is not yet a group.

A survey that holds two stories is like each of them, and they are not like each other: single links would join all
three. Here two clusters are joined while some of their members are one story and all are alike *on average*, pairs that
are not alike counted as 0. Copies of one text are one member, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from heapq import heappop, heappush
from typing import Final, NamedTuple

LEAST_MEAN: Final = 500
"""Mean likeness of two clusters' members, in thousandths, at which they are joined."""

MOST_APART: Final = 200
"""How much less alike than their own members two clusters may be. Two briefs to one formula, each printed by many, are
two tight clusters at some distance."""


class Bond(IntEnum):
    """What ties two articles: mere likeness joins nothing, but counts in the mean."""

    LIKE = 0
    STORY = 1
    COPY = 2


class Link(NamedTuple):
    """Two articles, what ties them, and how alike they are, in thousandths."""

    one: int
    two: int
    bond: Bond
    likeness: int


def clusters(links: Iterable[Link]) -> list[list[int]]:
    """The groups of the linked articles, each ascending; articles that end alone are left out.

    The order of the links does not matter: ties go to the clusters whose first members came first.
    """
    links = list(links)
    head = _heads(links)
    members: dict[int, list[int]] = {}
    for article in sorted(head):
        members.setdefault(_find(head, article), []).append(article)
    near: dict[int, dict[int, _Nearness]] = {cluster: {} for cluster in members}
    for link in links:
        one, two = _find(head, link.one), _find(head, link.two)
        if one != two:
            likeness, is_story = near[one].get(two, (0, False))
            # Of two texts with copies, the most alike count.
            near[one][two] = near[two][one] = (max(likeness, link.likeness), is_story or link.bond is Bond.STORY)
    _join(members, near)
    return [sorted(group) for group in members.values() if len(group) > 1]


_Nearness = tuple[int, bool]
"""Of two clusters: the sum of the likenesses of their members, and whether any two of them are one story."""


def _join(members: dict[int, list[int]], near: dict[int, dict[int, _Nearness]]) -> None:
    """Joins clusters, named by their first members, while any two may be; changes both dictionaries."""
    texts = dict.fromkeys(members, 1)  # in a cluster, copies not counted
    within = dict.fromkeys(members, 0)  # sum of the likenesses of a cluster's texts to each other
    waiting: list[tuple[int, int, int]] = []

    def mean(a: int, b: int) -> int | None:
        """How alike two clusters are, if that is enough to join them."""
        total, is_story = near[a][b]
        found = total // (texts[a] * texts[b])
        least = LEAST_MEAN
        if texts[a] > 1 and texts[b] > 1:
            least = max(least, min(within[one] * 2 // (texts[one] * (texts[one] - 1)) for one in (a, b)) - MOST_APART)
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
            continue  # one of them has grown or gone since
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
    """Each article with one that leads to its text's first copy: a forest."""
    head: dict[int, int] = {}
    for link in links:
        one, two = _find(head, link.one), _find(head, link.two)
        if link.bond is Bond.COPY:
            head[max(one, two)] = min(one, two)
    return head


def _find(head: dict[int, int], article: int) -> int:
    """The first copy of an article's text."""
    head.setdefault(article, article)
    while head[article] != article:
        head[article] = article = head[head[article]]
    return article
