from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import EvaluationFileInvalid, Qrel, ScoredDoc, as_run, is_trec_id, read_qrels, read_run, run_lines
from indexer.evaluation.trec_files import decode_id, encode_id


def written(topic_id: str, ranked: list[tuple[str, float]]) -> bytes:
    return "\n".join(run_lines(topic_id, ranked, "tag")).encode()


def test_a_run_has_six_columns() -> None:
    assert written("q1", [("a", 2.5), ("b", 1.25)]) == b"q1 Q0 a 1 2.5 tag\nq1 Q0 b 2 1.25 tag"


IDS = [
    ("plain", "u-32767a348d4c503f1b63", "u-32767a348d4c503f1b63"),
    ("Arabic", "خبر-١", "خبر-١"),
    ("a space", "خبر ١", "خبر%20١"),
    ("tab and newline", "a\tb\n", "a%09b%0A"),
    ("a space of Unicode's", "a\u00a0b", "a%C2%A0b"),
    ("percent and space", "50% off%20", "50%25%20off%2520"),
    ("an address with escapes", "https://x.example/%D8%BA?a=50%25", "https://x.example/%D8%BA?a=50%25"),
]


@pytest.mark.parametrize(("given_id", "printed"), [row[1:] for row in IDS], ids=[row[0] for row in IDS])
def test_an_id_with_white_space_is_encoded_and_read_back(given_id: str, printed: str) -> None:
    assert encode_id(given_id) == printed
    assert decode_id(printed) == given_id
    assert is_trec_id(given_id) is (given_id == printed)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_id_is_one_column_and_is_read_back(given_id: str) -> None:
    (line,) = run_lines(given_id, [(given_id, 1.0)], "tag")
    assert len(line.split()) == len(line.encode().split()) == 6
    (doc,) = read_run(line.encode(), "run")
    assert [doc] == list(as_run(given_id, [(given_id, 1.0)]))
    if "%" not in given_id or not is_trec_id(given_id):
        assert (doc.topic_id, doc.article_id) == (given_id, given_id)


FINITE = st.floats(-1e6, 1e6, width=32)


@given(st.lists(FINITE | st.sampled_from([0.0, 1.0, 1.00000001, 16.0]), max_size=60))
def test_sorting_by_the_written_scores_restores_the_order(scores: list[float]) -> None:
    ranked = [(f"{number:02}", score) for number, score in enumerate(sorted(scores, reverse=True))]
    if not ranked:
        return
    run = read_run(written("q", ranked), "run")
    for narrow in (False, True):  # trec_eval keeps 32 bits of a score
        kept = [struct.unpack("f", struct.pack("f", doc.score))[0] if narrow else doc.score for doc in run]
        assert all(before > after for before, after in pairwise(kept))
    assert list(run) == list(as_run("q", ranked))


def test_ten_thousand_ties_get_distinct_scores() -> None:
    run = read_run(written("q", [(str(number), 0.0) for number in range(10_000)]), "run")
    assert len({doc.score for doc in run}) == 10_000
    assert sorted(run, key=lambda doc: -doc.score) == list(run)


def test_files_of_other_tools_are_read() -> None:
    assert read_run(b"q1\tQ0\ta\t1\t1e-3\tx\r\n\nq1 Q0  b 0 7 x\n", "run") == (
        ScoredDoc("q1", "a", 0.001),
        ScoredDoc("q1", "b", 7.0),
    )
    assert read_qrels("\ufeffq1 0 خبر%20١ 2\nq1 0 b -1\n".encode(), "qrels") == (
        Qrel("q1", "خبر ١", 2),
        Qrel("q1", "b", -1),
    )


BAD_QRELS = [
    ("three columns", b"q 0 a 1\nq 0 a\n", "qrels, line 2: 3 columns, not the 4 of 'topic 0 article grade'"),
    ("a run", b"q Q0 a 1 2.5 tag", "qrels, line 1: 6 columns"),
    ("a grade in words", b"q 0 a good", "qrels, line 1: the grade 'good' is not a whole number"),
    ("judged twice", b"q 0 a 1\n\nq 0 a 0", "qrels, line 3: the article 'a' was already given for 'q' in line 1"),
    ("not UTF-8", b"q 0 \xff 1", "qrels, line 1: not UTF-8 text"),
    ("empty", b"\n", "qrels: the file is empty"),
]
BAD_RUNS = [
    ("qrels", b"q 0 a 1", "run, line 1: 4 columns, not the 6 of 'topic Q0 article rank score tag'"),
    ("no score", b"q Q0 a 1 high tag", "run, line 1: the score 'high' is not a number"),
    ("not a number", b"q Q0 a 1 nan tag", "run, line 1: the score 'nan' is not a number"),
    ("found twice", b"q Q0 a 1 2 t\nq Q0 a 2 1 t", "run, line 2: the article 'a' was already given for 'q' in line 1"),
    ("empty", b"", "run: the file is empty"),
]


@pytest.mark.parametrize(("data", "message"), [row[1:] for row in BAD_QRELS], ids=[row[0] for row in BAD_QRELS])
def test_invalid_judgements_are_reported_by_line(data: bytes, message: str) -> None:
    with pytest.raises(EvaluationFileInvalid) as caught:
        read_qrels(data, "qrels")
    assert message in str(caught.value)


@pytest.mark.parametrize(("data", "message"), [row[1:] for row in BAD_RUNS], ids=[row[0] for row in BAD_RUNS])
def test_invalid_runs_are_reported_by_line(data: bytes, message: str) -> None:
    with pytest.raises(EvaluationFileInvalid) as caught:
        read_run(data, "run")
    assert message in str(caught.value)
