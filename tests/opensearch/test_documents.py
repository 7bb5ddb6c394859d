"""Documents for the cluster have the terms of the embedded engine; skeletons and trigrams."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus import make_article
from indexer.analysis import distance, fold
from indexer.analysis.likeness import likeness
from indexer.opensearch.documents import document, document_id, skeleton, trigrams

LETTERS = "ءابتثجحخدذرزسشصضطظعغفقكلمنهوي"
EDITS = st.lists(st.tuples(st.integers(0, 8), st.sampled_from(LETTERS), st.sampled_from("put take change")), max_size=2)


def test_a_word_without_a_term_keeps_its_position() -> None:
    value, _ = document(make_article(title="خبر", paragraphs=["وقف \u0640\u0640 النار"]), 7)
    assert value["text_form"] == ["خبر", "وقف \u2205 النار"]
    assert value["length"] == 3
    assert value["order"] == 7


def test_group_name_is_the_id_for_articles_without_copies() -> None:
    article = make_article(id="a", paragraphs=["نص"])
    assert document(article, 1)[0]["group_name"] == "a"
    assert "grouped" not in document(article, 1)[0]
    assert document(article, 1, "first")[0] | {"group_name": "first", "grouped": 1} == document(article, 1, "first")[0]


def test_ids_over_the_limit_are_hashed() -> None:
    assert document_id("n1") == "n1"
    first, second = document_id("ط" * 300 + "1"), document_id("ط" * 300 + "2")
    assert first != second
    assert len(first) < 100


@given(word=st.text(LETTERS, min_size=1, max_size=8), edits=EDITS)
def test_forms_within_the_limit_are_found_by_form_or_by_skeleton(word: str, edits: list[tuple[int, str, str]]) -> None:
    """The fuzzy look-up of `Statistics.near` relies on this."""
    other = word
    for place, letter, kind in edits:
        at = min(place, len(other))
        other = other[:at] + (letter if kind != "take" else "") + other[at + (kind != "put") :]
    word, other = fold(word), fold(other)
    for limit in (1, 2):
        if other and distance(word, other, limit) <= limit:
            near = plain_edits(word, other) <= limit
            assert near or plain_edits(skeleton(word), skeleton(other)) <= limit - 1


@given(st.text(LETTERS, min_size=1, max_size=8), st.text(LETTERS, min_size=1, max_size=8))
def test_shared_trigrams_are_equivalent_to_likeness(a: str, b: str) -> None:
    first, second = set(trigrams(a)), set(trigrams(b))
    assert 2 * len(first & second) / (len(first) + len(second)) == likeness(a, b)


def plain_edits(a: str, b: str) -> int:
    """Lucene's distance: insertions, deletions, substitutions and transpositions."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
