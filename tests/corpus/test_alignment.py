"""Two texts aligned word by word, across the paragraphs of either."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import SpanKind, align

LETTERS = st.text(st.sampled_from("ابت ab\n،.\u064e\u202e1"), max_size=60)


def shown(before: str, after: str) -> list[list[tuple[str, str]]]:
    return [[(span.kind.value, span.text) for span in row.together] for row in align(before, after).rows]


@given(LETTERS, LETTERS)
def test_nothing_of_either_text_is_lost(before: str, after: str) -> None:
    alignment = align(before, after)
    assert "".join(span.text for row in alignment.rows for span in row.before) == before
    assert "".join(span.text for row in alignment.rows for span in row.after) == after
    assert alignment.words_common <= min(alignment.words_before, alignment.words_after)


@given(LETTERS)
def test_a_text_equals_itself(text: str) -> None:
    alignment = align(text, text)
    assert not any(row.changed for row in alignment.rows)
    assert alignment.words_common == alignment.words_before == alignment.words_after


def test_paragraphs_split_elsewhere_are_no_difference() -> None:
    alignment = align("افتتح الوزير الجسر.\nوقال إنه متين.", "افتتح الوزير\nالجسر. وقال إنه متين.")
    assert not any(row.changed for row in alignment.rows)
    assert alignment.words_common == 6


def test_a_row_begins_where_either_text_has_a_paragraph() -> None:
    rows = align("أول.\nثان قديم.\nثالث.", "أول. ثان جديد.\nثالث.").rows
    assert [row.changed for row in rows] == [False, True, False]
    assert [(span.kind, span.text.strip()) for span in rows[1].before] == [
        (SpanKind.EQUAL, "ثان"),
        (SpanKind.REMOVED, "قديم"),
        (SpanKind.EQUAL, "."),
    ]


def test_a_word_in_common_by_chance_does_not_split_a_rewritten_passage() -> None:
    before, after = "قال مصدر رسمي كبير في بيان صدر مساء أمس", "أعلن ناطق باسم الحكومة في مؤتمر عقده صباح اليوم"
    assert [kind for kind, _ in shown(before, after)[0]] == ["removed", "added"]
    assert align(before, after).words_common == 0


def test_texts_in_two_scripts_have_nothing_in_common() -> None:
    alignment = align("افتتح الوزير الجسر", "The minister opened the bridge")
    assert (alignment.words_common, alignment.words_before, alignment.words_after) == (0, 3, 5)


@pytest.mark.parametrize("kind", ["edited", "shuffled", "one word again and again", "one word"])
def test_a_million_characters_take_bounded_time(kind: str) -> None:
    chance = random.Random(7)
    words = [f"كلمة{chance.randrange(3000)}" for _ in range(120_000)]
    other = list(words)
    if kind == "edited":
        for place in range(0, len(other), 50):
            other[place] = "تغيير"
    elif kind == "shuffled":
        chance.shuffle(other)
    elif kind == "one word again and again":
        words, other = ["في"] * 300_000, ["في"] * 299_000 + ["من"] * 1000
    else:
        words, other = ["ا" * 1_000_000], ["ب" * 1_000_000]
    start = time.process_time()
    alignment = align(" ".join(words), " ".join(other))
    assert time.process_time() - start < 60
    if kind == "edited":
        assert alignment.words_common == 120_000 * 49 / 50
