"""TREC's two files: judgements (`topic 0 article grade`) and runs (`topic Q0 article rank score tag`)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from indexer.errors import EvaluationFileInvalid
from indexer.evaluation.trec_ids import decode_id, encode_id

_SMALLEST_STEP: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Qrel:
    """A judgement: how well the article answers the topic; 0 or less is not at all."""

    topic_id: str
    article_id: str
    grade: int


@dataclass(frozen=True, slots=True)
class ScoredDoc:
    """One line of a run: an article that a system found for a topic."""

    topic_id: str
    article_id: str
    score: float


def read_qrels(data: bytes, name: str) -> tuple[Qrel, ...]:
    """The judgements of a file.

    Raises:
        EvaluationFileInvalid: a line has not four columns, its grade is no whole number, an article is judged twice
            for one topic, or the file is empty.
    """
    qrels = []
    for number, (topic_id, _, article_id, printed) in _rows(data, name, "topic 0 article grade"):
        try:
            grade = int(printed)
        except ValueError as error:
            raise EvaluationFileInvalid(name, f"the grade {printed!r} is not a whole number", number) from error
        qrels.append(Qrel(topic_id, article_id, grade))
    return tuple(qrels)


def read_run(data: bytes, name: str) -> tuple[ScoredDoc, ...]:
    """The articles of a run, as the file has them; their order is that of the scores, whatever the ranks say.

    Raises:
        EvaluationFileInvalid: a line has not six columns, its score is no number, an article is given twice for one
            topic, or the file is empty.
    """
    run = []
    for number, (topic_id, _, article_id, _, printed, _) in _rows(data, name, "topic Q0 article rank score tag"):
        try:
            score = float(printed)
        except ValueError:
            score = math.nan
        if not math.isfinite(score):
            raise EvaluationFileInvalid(name, f"the score {printed!r} is not a number", number)
        run.append(ScoredDoc(topic_id, article_id, score))
    return tuple(run)


def run_lines(topic_id: str, ranked: Iterable[tuple[str, float]], tag: str) -> Iterator[str]:
    """The lines of a run for one topic's articles, best first."""
    topic, ranked = encode_id(topic_id), list(ranked)
    for rank, ((article_id, _), score) in enumerate(zip(ranked, _falling(s for _, s in ranked), strict=True), 1):
        yield f"{topic} Q0 {encode_id(article_id)} {rank} {score} {tag}"


def as_run(topic_id: str, ranked: Iterable[tuple[str, float]]) -> tuple[ScoredDoc, ...]:
    """One topic's articles, best first, just as if they had been written to a run and read again."""
    ranked = list(ranked)
    topic = decode_id(encode_id(topic_id))
    return tuple(
        ScoredDoc(topic, decode_id(encode_id(article_id)), float(score))
        for (article_id, _), score in zip(ranked, _falling(s for _, s in ranked), strict=True)
    )


def _falling(scores: Iterable[float]) -> Iterator[str]:
    """The scores as printed, each made lower than the one before where it is not.

    TREC's tools put a run in order by its scores, pass over its ranks, and break ties by id. trec_eval keeps scores in
    32 bits, so they are told apart there too; nine digits print such a number exactly.
    """
    import numpy as np

    before = None
    for score in scores:
        value = np.float32(score)
        if before is not None and value >= before:
            # In 64 bits, then rounded: a step as wide as the gap between neighbours always arrives at another number.
            value = np.float32(float(before) - max(float(np.spacing(abs(before))), _SMALLEST_STEP))
        before = value
        yield f"{value:.9g}"


def _rows(data: bytes, name: str, columns: str) -> Iterator[tuple[int, list[str]]]:
    """The columns of each line with its number; ids are decoded."""
    count = len(columns.split())
    seen: dict[tuple[str, str], int] = {}
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        parts = line.split()  # of bytes: at ASCII's white space only, as TREC's tools in C do
        if not parts:
            continue
        if len(parts) != count:
            raise EvaluationFileInvalid(name, f"{len(parts)} columns, not the {count} of '{columns}'", number)
        try:
            row = [part.decode("utf-8") for part in parts]
        except UnicodeDecodeError as error:
            raise EvaluationFileInvalid(name, "not UTF-8 text", number) from error
        row[0], row[2] = decode_id(row[0]), decode_id(row[2])
        key = row[0], row[2]
        if key in seen:
            raise EvaluationFileInvalid(
                name, f"the article {row[2]!r} was already given for {row[0]!r} in line {seen[key]}", number
            )
        seen[key] = number
        yield number, row
    if not seen:
        raise EvaluationFileInvalid(name, "the file is empty")
