from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import EvaluationFileInvalid, Topic, read_topics

READ = [
    ("JSON Lines", '{"id": "q1", "text": "أستانة"}\n\n{"id": 7, "text": "غزة"}', [("q1", "أستانة"), ("7", "غزة")]),
    ("a byte order mark", '\ufeff{"id": "q1", "text": "أستانة"}', [("q1", "أستانة")]),
    ("CSV", 'id,text\nq1,أستانة\nq2,"غزة, القدس"\n', [("q1", "أستانة"), ("q2", "غزة, القدس")]),
    ("CSV, a quoted phrase", 'id,text\r\nq1,"""وقف إطلاق النار"""\r\n', [("q1", '"وقف إطلاق النار"')]),
    ("CSV, other order and more columns", "Text,note,ID\nأستانة,,q1\n", [("q1", "أستانة")]),
    ("CSV with semicolons", "id;text\nq1;غزة, القدس\n", [("q1", "غزة, القدس")]),
    ("plain", "أستانة\n\n  غزة, القدس \r\n", [("1", "أستانة"), ("3", "غزة, القدس")]),
    ("plain, operators", '"وقف إطلاق النار" -جنيف\n', [("1", '"وقف إطلاق النار" -جنيف')]),
    ("plain, the last line ends", "أستانة", [("1", "أستانة")]),
    ("a line separator within a text", '{"id": "q1", "text": "غزة\u2028القدس"}', [("q1", "غزة\u2028القدس")]),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_the_format_is_detected_from_the_content(text: str, expected: list[tuple[str, str]]) -> None:
    topics, problems = read_topics(text.encode(), "queries")
    assert topics == tuple(Topic(*pair) for pair in expected)
    assert problems == ()


GOOD_JSON = '{"id": "ok", "text": "غزة"}\n{"id": "too", "text": "غزة"}\n'
BAD = [
    ("broken JSON", GOOD_JSON + "{broken", "queries, line 3: not valid JSON: "),
    ("the first line", "{broken\n" + GOOD_JSON, "queries, line 1: not valid JSON: "),
    ("no object", GOOD_JSON + '["q3"]', "queries, line 3: not a JSON object"),
    ("no id", GOOD_JSON + '{"text": "غزة"}', "line 3: it has no 'id'"),
    ("no text", GOOD_JSON + '{"id": "q3"}', "line 3: it has no 'text'"),
    ("an empty text", GOOD_JSON + '{"id": "q3", "text": " "}', "line 3: its 'text' is empty"),
    ("an id of another kind", GOOD_JSON + '{"id": true, "text": "غزة"}', "line 3: 'id' must be a text"),
    ("too deep", GOOD_JSON + '{"id":' + "[" * 100_000, "line 3: not valid JSON"),
    ("CSV, too many columns", "id,text\nok,غزة\nq2,غزة, القدس\ntoo,غزة", "line 3: 3 columns, where the header has 2"),
    ("CSV, an open quote", 'id,text\nok,غزة\nq2,"غزة\ntoo,غزة', "line 3: not valid CSV: "),
]


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_an_invalid_line_is_reported_and_the_others_are_read(text: str, message: str) -> None:
    topics, (problem,) = read_topics(text.encode(), "queries")
    assert [topic.id for topic in topics] == ["ok", "too"]
    assert message in str(problem)


def test_a_line_in_another_encoding_is_invalid() -> None:
    topics, (problem,) = read_topics("أستانة\n".encode() + "غزة\n".encode("cp1256") + "القدس".encode(), "queries")
    assert [topic.id for topic in topics] == ["1", "3"]
    assert str(problem) == "queries, line 2: not UTF-8 text"


@pytest.mark.parametrize("data", [b"", b" \n\n", b"id,text\n", b"{broken"])
def test_no_query_at_all_is_an_error(data: bytes) -> None:
    with pytest.raises(EvaluationFileInvalid, match="queries: it contains no query"):
        read_topics(data, "queries")


def test_an_id_used_twice_is_an_error() -> None:
    with pytest.raises(EvaluationFileInvalid, match="queries, line 3: the id 'a' was already used in line 2"):
        read_topics(b"id,text\na,x\na,y\n", "queries")


@given(st.binary(max_size=200))
def test_no_file_raises_another_error(data: bytes) -> None:
    try:
        topics, problems = read_topics(data, "queries")
    except EvaluationFileInvalid:
        return
    assert topics
    assert all(problem.line for problem in problems)
