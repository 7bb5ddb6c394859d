from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus import Article
from indexer.meaning.passages import (
    LEAD_LETTERS,
    LEAST_LETTERS,
    MAX_PASSAGES,
    PASSAGE_LETTERS,
    body_passages,
    lead_of,
    sentences_of,
)

PARAGRAPH = st.text(st.sampled_from("ابتث .؟!…\n\u200f"), max_size=900)


def article(*paragraphs: str, title: str = "") -> Article:
    return Article("a", paragraphs, title)


def test_a_short_article_is_one_passage() -> None:
    short = article("انعقدت القمة. شارك فيها ستة رؤساء.", title="قمة في تونس")
    assert lead_of(short, 1000) == "قمة في تونس\nانعقدت القمة. شارك فيها ستة رؤساء."
    assert body_passages(short, 1000) == []


def test_passages_are_whole_sentences() -> None:
    sentence = f"{'كلمة ' * 30}النهاية."
    lead, *others = [lead_of(article(*[sentence] * 9), 1000), *body_passages(article(*[sentence] * 9), 1000)]
    assert lead == f"{sentence} {sentence}"
    assert [passage.count("النهاية.") for passage in others] == [3, 3, 1]


def test_a_point_inside_a_number_ends_no_sentence() -> None:
    assert lead_of(article("بلغ السعر 12.5 دولارا"), 20) == "بلغ السعر 12.5"


def test_a_long_sentence_is_cut_between_words_and_a_long_word_anywhere() -> None:
    assert lead_of(article("كلمة " * 40), 22) == "كلمة كلمة كلمة كلمة"
    assert body_passages(article("س" * 50), 20) == ["س" * 20, "س" * 10]


@given(st.lists(PARAGRAPH, max_size=4), st.text(max_size=300), st.integers(1, 700))
def test_passages_are_short_and_have_the_whole_text_in_order(paragraphs: list[str], title: str, most: int) -> None:
    long = article(*paragraphs, title=title)
    lead, bodies = lead_of(long, most), body_passages(long, most)
    assert len(lead) <= max(min(LEAD_LETTERS, most), min(len(title), 200))
    assert all(0 < len(passage) <= min(PASSAGE_LETTERS, most) for passage in bodies)
    assert len(bodies) <= MAX_PASSAGES
    if len(bodies) < MAX_PASSAGES:
        # A short last passage begins with the last words of the one before.
        *most_of_it, last = ["".join(each.split()) for each in (lead.removeprefix(title[: min(200, most)]), *bodies)]
        begin, whole = "".join(most_of_it), "".join("".join(paragraphs).split())
        assert whole.startswith(begin)
        assert whole.endswith(last)
        assert len(begin) + len(last) >= len(whole)


def test_a_short_sentence_takes_the_first_words_of_a_long_one() -> None:
    lead, *others = (
        lead_of(article("خالد سالم", "كلمة " * 80), 1000),
        *body_passages(article("خالد سالم", "كلمة " * 80), 1000),
    )
    assert lead.startswith("خالد سالم كلمة كلمة")
    assert len(lead) > LEAD_LETTERS - 10
    assert ("خالد سالم " + "كلمة " * 80).rstrip().endswith(others[0])


def test_a_short_rest_takes_the_last_words_before_it() -> None:
    text = f"{'كلمة ' * 68}النهاية. المخطط لها."
    lead, rest = lead_of(article(text), 1000), body_passages(article(text), 1000)
    assert lead == f"{'كلمة ' * 68}النهاية."
    assert len(rest) == 1
    assert rest[0].endswith("كلمة النهاية. المخطط لها.")
    assert LEAST_LETTERS - 10 < len(rest[0]) <= LEAST_LETTERS
    assert sentences_of(article(text), 1, 1000)[-1][1] == len(text)


def test_a_word_is_not_cut_to_fill_a_short_passage() -> None:
    assert lead_of(article("خالد سالم.", "س" * 500), 1000) == "خالد سالم."


@given(st.lists(PARAGRAPH, max_size=4), st.text(max_size=300), st.integers(1, 700))
def test_the_sentences_of_a_passage_are_where_they_are_printed(paragraphs: list[str], title: str, most: int) -> None:
    long = article(*paragraphs, title=title)
    for number, passage in enumerate(body_passages(long, most), 1):
        assert " ".join(long.text[start:end] for start, end in sentences_of(long, number, most)) == passage
    lead = " ".join(long.text[start:end] for start, end in sentences_of(long, 0, most))
    assert lead_of(long, most).endswith(lead)
    assert sentences_of(long, 999, most) == []
