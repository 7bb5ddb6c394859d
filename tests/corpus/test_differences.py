from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import FieldChange, Span, SpanKind, difference, make_article, text_difference
from tests.guards import hang_guard


def marked(spans: tuple[Span, ...]) -> str:
    form = {SpanKind.EQUAL: "{}", SpanKind.REMOVED: "[-{}-]", SpanKind.ADDED: "{{+{}+}}"}
    return "".join(form[span.kind].format(span.text) for span in spans)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("وقف النار", "وقف النار", "وقف النار"),
        ("", "", ""),
        ("", "نص", "{+نص+}"),
        ("نص", "", "[-نص-]"),
        ("قالت الحكومة إن", "قالت الحكومة اليوم إن", "قالت الحكومة {+اليوم +}إن"),
        ("بدأ أمس.", "سيبدأ غدا.", "[-بدأ أمس-]{+سيبدأ غدا+}."),
        ("نص", "نص وزيادة", "نص{+ وزيادة+}"),
        ("وقف النار.", "وقف النار!", "وقف النار[-.-]{+!+}"),
        ("المُفاوَضات", "المفاوضات", "[-المُفاوَضات-]{+المفاوضات+}"),
        ("كتـــاب جديد", "كتاب جديد", "[-كتـــاب-]{+كتاب+} جديد"),
        ("أ ب ج د", "أ س ص د", "أ [-ب ج-]{+س ص+} د"),
        ("في 23 شباط", "في 24 شباط", "في [-23-]{+24+} شباط"),
        ("كلمة  كلمة", "كلمة كلمة", "كلمة[-  -]{+ +}كلمة"),
    ],
)
def test_changed_words_are_marked(before: str, after: str, expected: str) -> None:
    assert marked(text_difference(before, after)) == expected


TEXTS = st.text(st.sampled_from("ab .،ُنص\n"), max_size=30)


@given(TEXTS, TEXTS)
def test_differences_contain_the_whole_text_and_adjacent_spans_differ_in_kind(before: str, after: str) -> None:
    spans = text_difference(before, after)
    assert "".join(span.text for span in spans if span.kind is not SpanKind.ADDED) == before
    assert "".join(span.text for span in spans if span.kind is not SpanKind.REMOVED) == after
    assert all(span.text for span in spans)
    kinds = [span.kind for span in spans]
    for kind, following in pairwise(kinds):
        assert kind is not following
        assert (kind, following) != (SpanKind.ADDED, SpanKind.REMOVED)


PARAGRAPHS = st.lists(st.sampled_from(["واحد اثنان ثلاثة", "واحد اثنان", "أربعة خمسة", "ستة", "ستة سبعة"]), max_size=6)


@given(PARAGRAPHS, PARAGRAPHS)
def test_no_paragraph_is_lost(before: list[str], after: list[str]) -> None:
    articles = [make_article(id="a", title="ع", paragraphs=paragraphs) for paragraphs in (before, after)]
    found = difference(*articles)
    for texts, other in ((before, SpanKind.ADDED), (after, SpanKind.REMOVED)):
        kept = ["".join(span.text for span in spans if span.kind is not other) for spans in found.paragraphs]
        assert [text for text in kept if text] == texts


def test_a_changed_paragraph_is_paired_with_its_new_version() -> None:
    before = make_article(id="a", paragraphs=["واحد اثنان ثلاثة", "أربعة خمسة ستة", "سبعة ثمانية"])
    after = make_article(id="a", paragraphs=["مقدمة", "واحد اثنان ثلاثة عشر", "سبعة ثمانية تسعة"], source="الغد",
                         published=datetime(2017, 2, 16, tzinfo=UTC), authors=["أ", "ب"])  # fmt: skip
    found = difference(before, after)
    assert [marked(spans) for spans in found.paragraphs] == [
        "{+مقدمة+}",
        "واحد اثنان ثلاثة{+ عشر+}",
        "[-أربعة خمسة ستة-]",
        "سبعة ثمانية{+ تسعة+}",
    ]
    assert (found.words_added, found.words_removed, found.paragraphs_changed) == (3, 3, 4)
    assert found.fields == (
        FieldChange("date", None, "2017-02-16"),
        FieldChange("source", None, "الغد"),
        FieldChange("author", None, "أ، ب"),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (" ".join(["ا"] * 3000), " ".join(["ا ب"] * 1500)),
        (" ".join(f"ك{n % 700}" for n in range(20_000)), " ".join(f"ك{n * 7 % 900}" for n in range(20_000))),
    ],
    ids=["one word", "long"],
)
def test_texts_too_expensive_to_compare_are_shown_whole(before: str, after: str) -> None:
    with hang_guard():
        spans = text_difference(before, after)
    assert "".join(span.text for span in spans if span.kind is not SpanKind.ADDED) == before
