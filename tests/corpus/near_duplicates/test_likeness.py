from __future__ import annotations

import numpy as np
import pytest

from corpus.near_duplicates.linkage import Bond
from corpus.near_duplicates.similarity import (
    Fingerprint,
    Pair,
    Relation,
    bond_of,
    compare,
    formula_share,
    formulas_of,
    share_rest,
)

DAY = 736_000


def text(first: int, last: int, day: int | None = DAY, source: str | None = "النهضة") -> Fingerprint:
    """A text whose shingles are the numbers from `first` up to, without, `last`, in this order."""
    numbers = np.arange(first, last, dtype=np.uint64)
    return Fingerprint(
        first, numbers, (1000 * np.arange(last - first) // (last - first)).astype(np.uint16), day, source
    )


# Two texts: the containment of the shorter in the longer, their relation, and the resulting bond.
PAIRS = [
    ("two papers", text(0, 100), text(40, 140, source="المنارة"), 600, Relation.TWO_PAPERS, Bond.STORY),
    ("three days apart", text(0, 100), text(40, 140, DAY + 3, "المنارة"), 600, Relation.TWO_PAPERS, Bond.STORY),
    ("less than a story", text(0, 100), text(45, 145, source="المنارة"), 550, Relation.TWO_PAPERS, Bond.LIKE),
    ("too little to keep", text(0, 100), text(61, 161, source="المنارة"), None, None, None),
    ("the same paper, much", text(0, 100), text(8, 108), 920, Relation.SAME_PAPER, Bond.STORY),
    ("the same paper, less", text(0, 100), text(20, 120), 800, Relation.SAME_PAPER, Bond.LIKE),
    ("papers not named", text(0, 100, source=None), text(8, 108, source=None), 920, Relation.SAME_PAPER, Bond.STORY),
    ("a reprint", text(0, 100), text(4, 104, DAY + 4, "المنارة"), 960, Relation.LATE, Bond.STORY),
    ("a late reprint", text(0, 100), text(12, 112, DAY + 4), 880, Relation.LATE, Bond.STORY),
    ("a short notice of every day", text(0, 50), text(5, 55, DAY + 4), 900, Relation.APART, Bond.LIKE),
    ("another time", text(0, 100), text(40, 140, DAY + 4, "المنارة"), 600, Relation.APART, Bond.LIKE),
    ("another time, less", text(0, 100), text(65, 165, DAY + 4, "المنارة"), 350, Relation.APART, None),
    ("undated, much", text(0, 100, None), text(12, 112, DAY, "المنارة"), 880, Relation.UNDATED, Bond.STORY),
    ("undated, less", text(0, 100, None), text(20, 120, DAY, "المنارة"), None, None, None),
    ("a copy", text(0, 100), text(2, 102), 980, Relation.COPY, Bond.COPY),
    ("a copy, years later", text(0, 100), text(1, 101, DAY + 4000), 990, Relation.COPY, Bond.COPY),
    ("the first half", text(0, 200), text(0, 95, source="المنارة"), 1000, Relation.TWO_PAPERS, Bond.STORY),
    ("the beginning", text(0, 300), text(0, 100, source="المنارة"), 1000, Relation.OPENED_BY, Bond.STORY),
    ("the beginning, changed", text(50, 350), text(20, 120, source="المنارة"), 700, Relation.OPENED_BY, Bond.STORY),
    ("the beginning, changed more", text(50, 350), text(10, 110, source="المنارة"), 600, Relation.OPENED_BY, Bond.LIKE),
    ("an item of a survey", text(0, 300), text(100, 200, source="المنارة"), 1000, Relation.HOLDS, None),
    ("an item, less", text(0, 300), text(235, 335, source="المنارة"), None, None, None),
    ("the beginning, the same paper", text(0, 300), text(0, 100), 1000, Relation.OPENED_BY, Bond.STORY),
    ("the beginning of a follow-up", text(50, 350), text(30, 130), 800, Relation.HOLDS, None),
    ("the beginning, another time", text(0, 300), text(0, 100, DAY + 4, "المنارة"), None, None, None),
    ("a boilerplate paragraph", text(0, 100), text(0, 24, source="المنارة"), None, None, None),
    ("a line of a long text", text(0, 900), text(0, 100, source="المنارة"), None, None, None),
    ("captions", text(0, 7), text(0, 7, source="المنارة"), None, None, None),
    ("just long enough", text(0, 8), text(0, 8, source="المنارة"), 1000, Relation.COPY, Bond.COPY),
]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "contained", "relation", "bond"), [row[1:] for row in PAIRS], ids=[r[0] for r in PAIRS]
)
def test_relation_and_bond_of_two_texts(
    a: Fingerprint, b: Fingerprint, contained: int | None, relation: Relation | None, bond: Bond | None
) -> None:
    for one, other in ((a, b), (b, a)):
        pair = compare(one, other)
        seen = relation if one is a or relation is None else relation.reverse
        assert (pair.contained, pair.relation) == (contained, seen) if pair else contained is None
        assert pair is None or pair.day == other.day
        assert pair is None or pair.other == other.article
        assert (bond_of(pair, 0) if pair else None) is bond


def test_the_share_of_formula_is_the_likeness_to_articles_of_other_times() -> None:
    apart = [Pair(1, 620, Relation.APART, DAY - 9), Pair(5, 500, Relation.APART, DAY + 9)]
    reprint, near = Pair(2, 960, Relation.APART, DAY - 9), Pair(3, 800, Relation.TWO_PAPERS, DAY)
    copy = Pair(4, 990, Relation.COPY, DAY)
    assert formula_share([]) == 0
    assert formula_share([reprint, near, copy]) == 0
    assert formula_share([*apart, reprint, near]) == 620
    assert formulas_of([*apart, reprint, near]) == [1, 5]


def test_a_text_that_returns_at_one_other_time_is_not_formulaic() -> None:
    once = [Pair(1, 620, Relation.APART, DAY - 9), Pair(2, 900, Relation.LATE, DAY - 7)]
    assert (formula_share(once), formulas_of(once)) == (0, [])
    assert formula_share([*once, Pair(3, 450, Relation.APART, DAY + 9)]) == 0
    assert formula_share([*once, Pair(3, 500, Relation.APART, DAY + 9)]) == 900
    # Texts that share no more than phrases do not show that one of them was printed again.
    assert formula_share([Pair(1, 590, Relation.APART, DAY - 9)]) == 590


def test_formulaic_texts_are_one_story_if_they_share_what_is_not_formula() -> None:
    in_doubt = Pair(1, 700, Relation.TWO_PAPERS)
    assert bond_of(in_doubt, 600) is None
    assert bond_of(in_doubt, 600, rest_is_shared=True) is Bond.STORY
    names, others = np.arange(20, dtype=np.uint64), np.arange(14, 34, dtype=np.uint64)
    assert share_rest(names, others)
    assert not share_rest(names, others[1:])
    assert not share_rest(names[:5], names[:5])  # too little is left to judge by


@pytest.mark.parametrize(
    ("contained", "relation", "of_both", "bond"),
    [
        (810, Relation.TWO_PAPERS, 600, Bond.STORY),
        (790, Relation.TWO_PAPERS, 600, None),
        (500, Relation.TWO_PAPERS, 320, None),  # does not count in the mean of a group either
        (960, Relation.TWO_PAPERS, 840, Bond.STORY),  # the required share is at most 95 %
        (940, Relation.TWO_PAPERS, 840, None),
        (700, Relation.COPY, 840, Bond.COPY),
    ],
)
def test_texts_with_a_formula_must_be_more_alike_than_the_formula(
    contained: int, relation: Relation, of_both: int, bond: Bond | None
) -> None:
    assert bond_of(Pair(1, contained, relation), of_both) is bond
