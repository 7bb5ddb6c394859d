from __future__ import annotations

import numpy as np
import pytest

from corpus.near_duplicates.linkage import Bond
from corpus.near_duplicates.similarity import Fingerprint, Pair, Relation, bond_of, compare, formula_share

DAY = 736_000


def text(first: int, last: int, day: int | None = DAY, source: str | None = "النهضة") -> Fingerprint:
    """A text whose shingles are the numbers from `first` up to, without, `last`."""
    return Fingerprint(first, np.arange(first, last, dtype=np.uint64), day, source)


# Two texts: the containment of the shorter in the longer, their relation, and the resulting bond.
PAIRS = [
    ("two papers", text(0, 100), text(40, 140, source="المنارة"), 600, Relation.TWO_PAPERS, Bond.STORY),
    ("three days apart", text(0, 100), text(40, 140, DAY + 3, "المنارة"), 600, Relation.TWO_PAPERS, Bond.STORY),
    ("less than a story", text(0, 100), text(45, 145, source="المنارة"), 550, Relation.TWO_PAPERS, Bond.LIKE),
    ("too little to keep", text(0, 100), text(61, 161, source="المنارة"), None, None, None),
    ("the same paper, much", text(0, 100), text(8, 108), 920, Relation.SAME_PAPER, Bond.STORY),
    ("the same paper, less", text(0, 100), text(20, 120), 800, Relation.SAME_PAPER, Bond.LIKE),
    ("papers not named", text(0, 100, source=None), text(8, 108, source=None), 920, Relation.SAME_PAPER, Bond.STORY),
    ("a reprint", text(0, 100), text(4, 104, DAY + 4, "المنارة"), 960, Relation.APART, Bond.STORY),
    ("a notice of every day", text(0, 100), text(12, 112, DAY + 4), 880, Relation.APART, None),
    ("another time, a formula", text(0, 100), text(40, 140, DAY + 4, "المنارة"), 600, Relation.APART, None),
    ("undated, much", text(0, 100, None), text(12, 112, DAY, "المنارة"), 880, Relation.UNDATED, Bond.STORY),
    ("undated, less", text(0, 100, None), text(20, 120, DAY, "المنارة"), None, None, None),
    ("a copy", text(0, 100), text(2, 102), 980, Relation.COPY, Bond.COPY),
    ("a copy, years later", text(0, 100), text(1, 101, DAY + 4000), 990, Relation.COPY, Bond.COPY),
    ("the first half", text(0, 200), text(0, 95, source="المنارة"), 1000, Relation.TWO_PAPERS, Bond.STORY),
    ("an item of a survey", text(0, 300), text(0, 100, source="المنارة"), None, None, None),
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
        assert (pair.contained, pair.relation) == (contained, relation) if pair else contained is None
        assert pair is None or pair.other == other.article
        assert (bond_of(pair, 0) if pair else None) is bond


def test_the_share_of_formula_is_the_likeness_to_an_article_of_another_date() -> None:
    apart, reprint = Pair(1, 620, Relation.APART), Pair(2, 960, Relation.APART)
    near, copy = Pair(3, 800, Relation.TWO_PAPERS), Pair(4, 990, Relation.COPY)
    assert formula_share([]) == 0
    assert formula_share([reprint, near, copy]) == 0
    assert formula_share([apart, Pair(5, 400, Relation.APART), reprint]) == 620


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
