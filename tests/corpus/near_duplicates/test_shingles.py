from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus.near_duplicates.similarity import SKETCH_SIZE, shared, shingles, sketch

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
    assert len(kept) == min(SKETCH_SIZE, len(found))
    assert set(kept) <= low


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert shared(shingles(text), shingles(text)) == len(shingles(text))


@given(st.sets(st.integers(0, 2**64 - 1)), st.sets(st.integers(0, 2**64 - 1)), st.sets(st.integers(0, 2**64 - 1)))
def test_shared_counts_equal_set_intersections(a: set[int], b: set[int], both: set[int]) -> None:
    one, two = (np.array(sorted(part | both), np.uint64) for part in (a, b))
    assert shared(one, two) == shared(two, one) == len((a | both) & (b | both))
