from __future__ import annotations

import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from corpus.near_duplicates.linkage import MAX_APART, MIN_MEAN, Bond, Link, clusters


def story(one: int, two: int, likeness: int = 800) -> Link:
    return Link(one, two, Bond.STORY, likeness)


def test_similar_texts_form_a_group_and_single_texts_do_not() -> None:
    assert clusters([story(1, 2), story(2, 3), story(1, 3), story(8, 9)]) == [[1, 2, 3], [8, 9]]
    assert clusters([]) == []


def test_a_roundup_does_not_join_its_stories() -> None:
    first, second, survey = [1, 2, 3], [4, 5, 6], 7
    links = [story(*pair, 900) for group in (first, second) for pair in combinations(group, 2)]
    links += [story(one, survey, 700) for one in first] + [story(one, survey, 650) for one in second]
    assert sorted(clusters(links)) == [[1, 2, 3, 7], [4, 5, 6]]


def test_a_chain_is_split_if_its_ends_are_not_similar() -> None:
    assert clusters([story(1, 2, 900), story(2, 3, 700)]) == [[1, 2]]


def test_likeness_without_a_bond_joins_nothing_but_counts_in_means() -> None:
    like = [Link(1, 3, Bond.LIKE, 550), Link(2, 3, Bond.LIKE, 500)]
    assert clusters([story(1, 2, 900), *like]) == [[1, 2]]
    assert clusters([story(1, 2, 700), story(1, 3, 600), Link(2, 3, Bond.LIKE, 500)]) == [[1, 2, 3]]
    assert clusters([story(1, 2, 700), story(1, 3, 600)]) == [[1, 2]]


def test_two_dense_clusters_stay_separate() -> None:
    # Two soldiers fell on two days, and every paper printed both communiqués.
    links = [story(*pair, 880) for group in ([1, 2, 3], [4, 5, 6]) for pair in combinations(group, 2)]
    links += [story(one, other, 620) for one in (1, 2, 3) for other in (4, 5, 6)]
    assert clusters(links) == [[1, 2, 3], [4, 5, 6]]
    # One text far from the others may be the paper that rewrote it.
    assert clusters(
        [*(story(*pair, 880) for pair in combinations([1, 2, 3], 2)), *(story(n, 4, 620) for n in (1, 2, 3))]
    ) == [[1, 2, 3, 4]]


def test_thousands_of_identical_copies_count_as_one_text() -> None:
    links = [Link(1, n, Bond.COPY, 1000) for n in range(2, 3000)] + [story(2500, 5000, 700)]
    assert clusters(links) == [[*range(1, 3000), 5000]]


def plainly(links: list[Link]) -> list[list[int]]:
    """The same by brute force: every pair of clusters at every step."""
    groups = [{article} for article in sorted({n for link in links for n in (link.one, link.two)})]
    for link in links:
        if link.bond is Bond.COPY:
            (a,) = [group for group in groups if link.one in group]
            (b,) = [group for group in groups if link.two in group]
            if a is not b:
                groups.remove(b)
                a |= b
    texts = [frozenset(group) for group in groups]
    between: dict[frozenset[frozenset[int]], tuple[int, bool]] = {}
    for link in links:
        (a,) = [text for text in texts if link.one in text]
        (b,) = [text for text in texts if link.two in text]
        if a != b:
            likeness, is_story = between.get(frozenset((a, b)), (0, False))
            between[frozenset((a, b))] = max(likeness, link.likeness), is_story or link.bond is Bond.STORY
    parts = [[text] for text in texts]

    def pairs(a: list[frozenset[int]], b: list[frozenset[int]]) -> list[tuple[int, bool]]:
        return [between.get(frozenset((x, y)), (0, False)) for x in a for y in b]

    def within(a: list[frozenset[int]]) -> int:
        found = [between.get(frozenset(pair), (0, False))[0] for pair in combinations(a, 2)]
        return sum(found) // len(found)

    while True:
        best = None
        for a, b in combinations(parts, 2):
            found = pairs(a, b)
            mean = sum(likeness for likeness, _ in found) // len(found)
            least = MIN_MEAN
            if len(a) > 1 and len(b) > 1:
                least = max(least, min(within(a), within(b)) - MAX_APART)
            if mean >= least and any(is_story for _, is_story in found):
                names = sorted(min(map(min, part)) for part in (a, b))
                if best is None or (-mean, *names) < best[0]:
                    best = ((-mean, *names), a, b)
        if best is None:
            joined = [sorted(n for text in part for n in text) for part in parts]
            return sorted(group for group in joined if len(group) > 1)
        _, a, b = best
        a += b
        parts.remove(b)


@st.composite
def some_links(draw: st.DrawFn) -> list[Link]:
    count = draw(st.integers(2, 12))
    pairs = draw(st.lists(st.sampled_from(list(combinations(range(count), 2))), unique=True, max_size=40))
    bonds = st.sampled_from([Bond.STORY, Bond.STORY, Bond.STORY, Bond.LIKE, Bond.COPY])
    return [Link(one, two, draw(bonds), draw(st.integers(400, 1000))) for one, two in pairs]


@given(some_links(), st.randoms(use_true_random=False))
def test_groups_equal_those_of_a_brute_force_search_in_any_order_of_links(
    links: list[Link], chance: random.Random
) -> None:
    expected = plainly(links)
    assert sorted(clusters(links)) == expected
    chance.shuffle(links)
    assert sorted(clusters(links)) == expected
