from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.highlight.snippets import SNIPPET_LENGTH, snippet_of
from tests.indexer.markers import marker_of

FILLER = "كلام كثير لا علاقة له بالموضوع يملأ الصفحة. "


def snippet(query: str, text: str) -> tuple[str, list[str]]:
    made = snippet_of(text, marker_of(query).marks(text))
    return made.text, [made.text[start:end] for start, end in made.spans]


def test_the_passage_that_matches_the_most_of_the_query_is_chosen() -> None:
    text = FILLER * 10 + "ذكر الزلزال وحده. " + FILLER * 10 + "ضرب زلزال مدينة ساحلية فجرا. " + FILLER * 10
    shown, marked = snippet("زلزال مدينة ساحلية", text)
    assert marked == ["زلزال", "مدينة", "ساحلية"]
    assert "وحده" not in shown


def test_matches_far_apart_are_shown_in_separate_passages() -> None:
    text = "تحدث الوزير طويلا. " + FILLER * 20 + "ثم وقع الزلزال ليلا. " + FILLER * 5
    shown, marked = snippet("الوزير الزلزال", text)
    assert marked == ["الوزير", "الزلزال"]
    assert " … " in shown
    assert len(shown) < SNIPPET_LENGTH * 1.3


def test_words_are_never_truncated() -> None:
    text = FILLER * 9 + "وقع الزلزال ليلا " + FILLER * 9
    shown, _ = snippet("الزلزال", text)
    assert set(shown.replace("…", " ").split()) <= set(text.split())


def test_the_snippet_of_a_text_without_matches_is_its_beginning() -> None:
    shown, marked = snippet("غائب", FILLER * 20)
    assert shown.startswith(FILLER[:20])
    assert not marked
    assert len(shown) <= SNIPPET_LENGTH + 2


def test_paragraphs_are_separated() -> None:
    shown, marked = snippet("زلزال بركان", "وقع زلزال\nوثار بركان")
    assert marked == ["زلزال", "بركان"]
    assert "\n" not in shown


def test_a_phrase_is_one_mark_and_its_words_alone_are_not_marked() -> None:
    _, marked = snippet('"وقف إطلاق النار"', "النار أولا ثم وقف إطلاق النار")
    assert marked == ["وقف إطلاق النار"]


def test_excluded_words_are_not_marked() -> None:
    _, marked = snippet("زلزال -بركان", "زلزال بلا بركان")
    assert marked == ["زلزال"]


def test_stop_words_are_marked_only_in_queries_without_other_words() -> None:
    assert snippet("زلزال في", "زلزال في البحر")[1] == ["زلزال"]
    assert snippet("في", "زلزال في البحر")[1] == ["في"]


def test_a_very_long_word() -> None:
    shown, _ = snippet("زلزال", "ب" * 5000 + " زلزال " + "ب" * 5000)
    assert "زلزال" in shown
    assert len(shown) < SNIPPET_LENGTH * 2


@given(
    st.lists(
        st.sampled_from(["زلزال", "الزلزال", "بركان", "كلمة", "نص طويل", ".", "\n", "  ", "2017م", "؟ "]), max_size=200
    ),
    st.sampled_from(["زلزال", "زلزال بركان", '"زلزال بركان"', "2017", "غائب"]),
)
def test_marks_are_the_text_they_mark_and_the_length_is_bounded(pieces: list[str], query: str) -> None:
    text = " ".join(pieces)
    marker = marker_of(query)
    made = snippet_of(text, marker.marks(text))
    assert len(made.text) <= SNIPPET_LENGTH * 2
    for start, end in made.spans:
        assert (0, end - start) in [(s, e) for s, e in marker.spans(made.text[start:end])]
    assert bool(made.spans) == bool(marker.spans(text))
