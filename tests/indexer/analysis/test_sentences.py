from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis.sentences import sentence_spans

SENTENCES = [
    pytest.param("وصل الوفد. غادر الوفد؟ عاد!", ["وصل الوفد.", "غادر الوفد؟", "عاد!"], id="marks"),
    pytest.param("وصل الوفد؛ ثم غادر… وعاد", ["وصل الوفد؛", "ثم غادر…", "وعاد"], id="semicolon and ellipsis"),
    pytest.param("بلغ النمو 3.5 في المئة. ارتفع", ["بلغ النمو 3.5 في المئة.", "ارتفع"], id="decimal"),
    pytest.param("قال أ. ب. خالد ذلك. ثم خرج", ["قال أ. ب. خالد ذلك.", "ثم خرج"], id="initials"),
    pytest.param("صرح د. سعاد بذلك", ["صرح د. سعاد بذلك"], id="title of one letter"),
    pytest.param("عام 1438 هـ. وعام 2017م. انتهى", ["عام 1438 هـ.", "وعام 2017م.", "انتهى"], id="years"),
    pytest.param("1. الميزانية", ["1. الميزانية"], id="number of a list"),
    pytest.param("عاجل.. حريق في السوق", ["عاجل.. حريق في السوق"], id="two full stops"),
    pytest.param("قال «لا تذهبوا. انتظروا» ثم خرج. عاد", ["قال «لا تذهبوا. انتظروا» ثم خرج.", "عاد"], id="quotation"),
    pytest.param("قال «سنبقى.» وأضاف ذلك", ["قال «سنبقى.»", "وأضاف ذلك"], id="quotation that ends"),
    pytest.param("انتهى الاجتماع.وقال الوزير", ["انتهى الاجتماع.", "وقال الوزير"], id="no space"),
    pytest.param("على site.example خبر", ["على site.example خبر"], id="name of the web"),
    pytest.param("عنوان بلا علامة\nسطر ثان", ["عنوان بلا علامة", "سطر ثان"], id="lines"),
    pytest.param(
        "met Dr. Salem in the U.S. today. He left", ["met Dr. Salem in the U.S. today.", "He left"], id="latin"
    ),
    pytest.param("  \n ", [], id="blank"),
]


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text)] == expected


def test_a_sentence_that_is_too_long_is_cut_at_a_comma_or_between_words() -> None:
    text = "ذهب الأول إلى السوق، وعاد الثاني إلى البيت وبقي الثالث"
    assert [text[start:end] for start, end in sentence_spans(text, 35)] == [
        "ذهب الأول إلى السوق،",
        "وعاد الثاني إلى البيت وبقي الثالث",
    ]
    assert [end - start for start, end in sentence_spans("ا" * 95, 40)] == [40, 40, 15]
    assert all(end - start <= 12 for start, end in sentence_spans(text, 12))


@given(st.text(alphabet='ابت .؟«»()"\n,،12…؛', max_size=80), st.integers(5, 40) | st.none())
def test_every_letter_is_in_one_sentence(text: str, most: int | None) -> None:
    spans = sentence_spans(text, most)
    assert spans == sorted(spans)
    covered = {at for start, end in spans for at in range(start, end)}
    assert sum(end - start for start, end in spans) == len(covered)
    assert {at for at, letter in enumerate(text) if not letter.isspace()} <= covered
    assert all(text[start:end].strip() == text[start:end] for start, end in spans)


@pytest.mark.parametrize("text", ["(" * 50_000, "أ. " * 20_000, "«" * 50_000, ". " * 30_000, "\n" * 50_000])
def test_hostile_texts_take_no_long_time(text: str) -> None:
    began = process_time()
    sentence_spans(text, 500)
    assert process_time() - began < 5
