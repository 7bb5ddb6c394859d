"""Files of an evaluation: queries, judgements (`topic 0 article grade`) and runs (`topic Q0 article rank score tag`).

The columns of TREC's files are separated by white space, so ids that contain some are percent-encoded. Only those are:
a URL that has escapes of its own is written as it is, as other tools do. Reading decodes an id only if its escapes
contain white space or control characters.

Files of queries are JSON Lines, CSV with a header, or plain text; the format is detected from the content.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from indexer.errors import EvaluationFileInvalid

_SMALLEST_STEP: Final = 1e-6
# White space in ASCII, which separates columns in TREC's tools, and in Unicode, which does in Python.
_UNSAFE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_UNSAFE_OR_PERCENT: Final = re.compile(rf"{_UNSAFE.pattern}|%")
_ESCAPES: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_SEPARATORS: Final = (",", ";", "\t")  # spreadsheets use that of their locale
_Line = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Topic:
    """One query of a file, with its id in judgements and runs."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Qrel:
    """A judgement: how relevant an article is to a topic; a grade of 0 or less is not relevant."""

    topic_id: str
    article_id: str
    grade: int


@dataclass(frozen=True, slots=True)
class ScoredDoc:
    """One line of a run: an article that a system returned for a topic."""

    topic_id: str
    article_id: str
    score: float


def read_topics(data: bytes, name: str) -> tuple[tuple[Topic, ...], tuple[EvaluationFileInvalid, ...]]:
    """The queries of a file in UTF-8, and the errors of lines without one.

    Each line is a query: a JSON object with `id` and `text`; or a CSV record, below a header with `id` and `text`; or a
    plain query, whose id is its line number. Empty lines are ignored.

    Raises:
        EvaluationFileInvalid: the file has no query, or one id twice.
    """
    text = data.decode("utf-8-sig", errors="surrogateescape")
    lines = [(number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    topics: list[Topic] = []
    problems: list[EvaluationFileInvalid] = []
    seen: dict[str, int] = {}
    for number, found in _read(lines):
        if isinstance(found, str):
            problems.append(EvaluationFileInvalid(name, found, number))
            continue
        if found.id in seen:
            raise EvaluationFileInvalid(name, f"the id {found.id!r} was already used in line {seen[found.id]}", number)
        seen[found.id] = number
        topics.append(found)
    if not topics:
        first = f" ({problems[0]})" if problems else ""
        raise EvaluationFileInvalid(name, f"it contains no query{first}")
    return tuple(topics), tuple(problems)


def _read(lines: Sequence[_Line]) -> Iterator[tuple[int, Topic | str]]:
    """The number of each line, and its query or its error."""
    objects = sum(line.lstrip().startswith("{") for _, line in lines)
    if objects * 2 >= len(lines):  # the majority, since the first line may be malformed
        read = _json_topic
    elif lines and (header := _header(lines[0][1])):
        names, separator = header
        lines = lines[1:]

        def read(number: int, line: str) -> Topic | str:
            return _csv_topic(line, names, separator)
    else:

        def read(number: int, line: str) -> Topic | str:
            return Topic(str(number), line.strip())

    for number, line in lines:
        yield number, read(number, line) if _is_text(line) else "not UTF-8 text"


def _json_topic(number: int, line: str) -> Topic | str:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        return f"not valid JSON: {error.msg} at character {error.pos + 1}"
    except (RecursionError, ValueError):
        return "not valid JSON: nested too deeply or a number too long"
    if not isinstance(value, dict):
        return "not a JSON object"
    given_id = value.get("id")
    if isinstance(given_id, int) and not isinstance(given_id, bool):
        given_id = str(given_id)
    return _topic(given_id, value.get("text"))


def _csv_topic(line: str, names: Sequence[str], separator: str) -> Topic | str:
    try:
        (row,) = csv.reader([line], delimiter=separator, strict=True)
    except csv.Error as error:
        return f"not valid CSV: {error}"
    if len(row) != len(names):
        return f"{len(row)} columns, where the header has {len(names)}; put a text with {separator!r} in quotes"
    return _topic(row[names.index("id")], row[names.index("text")])


def _topic(given_id: object, text: object) -> Topic | str:
    for name, value in (("id", given_id), ("text", text)):
        if value is None:
            return f"it has no {name!r}"
        if not isinstance(value, str):
            return f"{name!r} must be a text"
        if not value.strip():
            return f"its {name!r} is empty"
    return Topic(str(given_id).strip(), str(text))


def _header(line: str) -> tuple[list[str], str] | None:
    """The column names and the separator of a CSV header; None if the line is not one."""
    for separator in _SEPARATORS:
        names = [name.strip().strip('"').lower() for name in line.split(separator)]
        if {"id", "text"} <= set(names):
            return names, separator
    return None


def _is_text(line: str) -> bool:
    return not any("\udc80" <= char <= "\udcff" for char in line)


def read_qrels(data: bytes, name: str) -> tuple[Qrel, ...]:
    """The judgements of a file.

    Raises:
        EvaluationFileInvalid: a line does not have four columns or its grade is not a whole number, an article is
            judged twice for one topic, or the file is empty.
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
    """The articles of a run, in the order of the file; a ranking follows their scores, the ranks are ignored.

    Raises:
        EvaluationFileInvalid: a line does not have six columns or its score is not a number, an article is listed twice
            for one topic, or the file is empty.
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


def _rows(data: bytes, name: str, columns: str) -> Iterator[tuple[int, list[str]]]:
    """The number and columns of each line; ids are decoded."""
    count = len(columns.split())
    seen: dict[tuple[str, str], int] = {}
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        parts = line.split()  # bytes split at ASCII white space only, as in TREC's tools
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


def run_lines(topic_id: str, ranked: Iterable[tuple[str, float]], tag: str) -> Iterator[str]:
    """The lines of a run for the articles of one topic, best first."""
    topic, ranked = encode_id(topic_id), list(ranked)
    for rank, ((article_id, _), score) in enumerate(zip(ranked, _decreasing(s for _, s in ranked), strict=True), 1):
        yield f"{topic} Q0 {encode_id(article_id)} {rank} {score} {tag}"


def as_run(topic_id: str, ranked: Iterable[tuple[str, float]]) -> tuple[ScoredDoc, ...]:
    """The articles of one topic, best first, as if they had been written to a run and read back."""
    ranked = list(ranked)
    topic = decode_id(encode_id(topic_id))
    return tuple(
        ScoredDoc(topic, decode_id(encode_id(article_id)), float(score))
        for (article_id, _), score in zip(ranked, _decreasing(s for _, s in ranked), strict=True)
    )


def _decreasing(scores: Iterable[float]) -> Iterator[str]:
    """The scores as text, each lowered below the one before if it is not lower.

    TREC's tools sort a run by its scores, ignore its ranks, and break ties by id. trec_eval keeps scores in 32 bits, so
    they must differ there too; nine digits represent such a number exactly.
    """
    import numpy as np

    before = None
    for score in scores:
        value = np.float32(score)
        if before is not None and value >= before:
            # In 64 bits, then rounded: a step as wide as the gap between neighbors always gives another number.
            value = np.float32(float(before) - max(float(np.spacing(abs(before))), _SMALLEST_STEP))
        before = value
        yield f"{value:.9g}"


def is_trec_id(given_id: str) -> bool:
    """Whether an id is written to a TREC file unchanged."""
    return bool(given_id) and not _UNSAFE.search(given_id)


def encode_id(given_id: str) -> str:
    """The id for a TREC file, without white space."""
    if is_trec_id(given_id):
        return given_id
    return _UNSAFE_OR_PERCENT.sub(lambda found: quote(found[0], safe=""), given_id)


def decode_id(printed: str) -> str:
    """The id of a column of a TREC file."""
    decoded = _ESCAPES.sub(_unescape, printed)
    return decoded if _UNSAFE.search(decoded) else printed


def _unescape(found: re.Match[str]) -> str:
    """Decodes the escapes that `encode_id` makes; others stay as they are."""
    escaped = bytes.fromhex(found[0].replace("%", ""))
    text = escaped.decode("utf-8", errors="surrogateescape")
    return "".join(
        char if _UNSAFE_OR_PERCENT.match(char) else quote(char.encode("utf-8", "surrogateescape"), safe="")
        for char in text
    )
