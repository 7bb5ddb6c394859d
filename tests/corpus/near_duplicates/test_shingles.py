from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.near_duplicates.similarity import MAX_SKETCH, MIN_SKETCH, fingerprint, shared, shingles, sketch

TEXT = "أنقذ خفر السواحل في مرجانة فجر اليوم الأربعاء 23 بحاراً كانوا على متن سفينة الشحن «نجمة الصافي» بعد أن شبّ حريق"


def test_spellings_that_fold_alike_have_the_same_shingles() -> None:
    other = "انقذ خفر الســـواحل فى مرجانه، فجر اليوم الاربعاء، ٢٣ بحارا كانوا على متن سفينة الشحن (نجمة الصافى) بعد ان شب حريق"
    assert shingles(other).tolist() == shingles(TEXT).tolist()


def test_one_word_changed_changes_three_shingles() -> None:
    assert len(shingles(TEXT)) - shared(shingles(TEXT), shingles(TEXT.replace("بحاراً", "صياداً"))) == 3


def test_shingles_depend_on_word_order() -> None:
    assert shared(shingles("قتل الجندي المهرب"), shingles("قتل المهرب الجندي")) == 0


def test_texts_of_fewer_than_three_words_have_no_shingles() -> None:
    assert [len(shingles(text)) for text in ("", "كلمة", "كلمتان اثنتان", "ثلاث كلمات فقط")] == [0, 0, 0, 1]
    assert len(shingles("واحدة \u064b \u064c \u064d")) == 0


def test_hashes_are_the_same_on_every_machine() -> None:
    # Sketches are kept in the archive: other numbers here mean another GROUPING_VERSION.
    assert shingles("وقف إطلاق النار").tolist() == [17065095462370226502]
    assert sketch(shingles("وقف إطلاق النار")) == [-2068500154]


@given(st.lists(st.sampled_from(["وقف", "إطلاق", "النار", "في", "سوريا", "أمس", "قال", "الوزير"]), max_size=60))
def test_shingles_are_sorted_and_unique_and_contain_the_sketch(words: list[str]) -> None:
    found = shingles(" ".join(words))
    assert found.dtype == np.uint64
    assert found.tolist() == sorted(set(found.tolist()))
    low = {value - 2**32 if value >= 2**31 else value for value in (found & np.uint64(0xFFFFFFFF)).tolist()}
    kept = sketch(found)
    assert min(MIN_SKETCH, len(found)) <= len(kept) <= MAX_SKETCH
    assert set(kept) <= low


def test_a_sketch_is_a_sample_in_proportion_to_the_text() -> None:
    chance = random.Random(1)
    words = ["".join(chance.choices("ابتثجح", k=8)) for _ in range(402)]
    whole, part = (sketch(shingles(" ".join(some))) for some in (words, words[:82]))
    assert 25 < len(whole) < 42
    assert len(part) == MIN_SKETCH
    assert len(set(whole) & set(part)) >= 4


def test_places_are_the_first_occurrences_in_thousandths_of_the_text() -> None:
    words = "وقف إطلاق النار في سوريا وقف إطلاق النار في حلب"
    found = fingerprint(1, words, None, None)
    assert found.shingles.tolist() == shingles(words).tolist()
    (start,), (end,) = shingles("وقف إطلاق النار"), shingles("النار في حلب")
    places = dict(zip(found.shingles.tolist(), found.places.tolist(), strict=True))
    assert (places[start], places[end]) == (0, 875)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    found = fingerprint(1, text, None, None)
    assert found.shingles.tolist() == shingles(text).tolist()
    assert len(found.places) == len(found.shingles)
    assert shared(found.shingles, found.shingles) == len(found.shingles)


@given(st.sets(st.integers(0, 2**64 - 1)), st.sets(st.integers(0, 2**64 - 1)), st.sets(st.integers(0, 2**64 - 1)))
def test_shared_counts_equal_set_intersections(a: set[int], b: set[int], both: set[int]) -> None:
    one, two = (np.array(sorted(part | both), np.uint64) for part in (a, b))
    assert shared(one, two) == shared(two, one) == len((a | both) & (b | both))
