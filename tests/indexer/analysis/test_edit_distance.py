from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import distance, fold

PAIRS = [
    ("كتاب", "كتاب", 0.0),
    ("مستشفى", "مستشفي", 0.0),
    ("غزة", "غزه", 0.0),
    ("كتاب", "كتب", 1.0),
    ("كتاب", "كتابا", 1.0),
    ("كتاب", "كلاب", 1.0),
    ("كتاب", "كتبا", 1.0),
    ("أذربيجان", "ازربيجان", 0.5),
    ("هذا", "هدا", 0.5),
    ("ضابط", "ظابط", 0.5),
    ("ثورة", "سورة", 0.5),
    ("ثلاثة", "تلاتة", 1.0),
    ("طاولة", "تاولة", 0.5),
    ("قوقل", "غوغل", 1.0),
    ("جوجل", "غوغل", 1.0),
    ("صراط", "سراط", 0.5),
    ("مسؤول", "مسول", 0.5),
    ("مسؤول", "مسئول", 0.0),
    ("شاطئ", "شاطي", 0.5),
    ("رؤوس", "رووس", 0.5),
    ("شيء", "شي", 0.5),
    ("سوريا", "تونس", inf),
    ("", "ا", 1.0),
    ("", "", 0.0),
]


@pytest.mark.parametrize(("a", "b", "far"), PAIRS, ids=[f"{a}-{b}" for a, b, _ in PAIRS])
def test_distance(a: str, b: str, far: float) -> None:
    assert distance(fold(a), fold(b), 2) == far


@pytest.mark.parametrize("limit", [0, 0.5, 1, 1.5])
def test_beyond_the_limit_is_infinite(limit: float) -> None:
    assert distance("كتاب", "مكاتب", limit) == inf
    assert distance("كتاب", "مكاتب", 2) == 2.0


LETTERS = st.text("اويءهذزدضظثستطقكغجصبم", max_size=9)


@given(LETTERS, LETTERS, st.sampled_from([0.5, 1.0, 2.0, 3.0]))
def test_distance_is_symmetric_and_equals_the_full_matrix(a: str, b: str, limit: float) -> None:
    far = distance(a, b, limit)
    whole = distance(a, b, 50)
    assert far == distance(b, a, limit)
    assert far == (whole if whole <= limit else inf)
    assert whole <= max(len(a), len(b))
