"""TREC's two files: judgements (`topic 0 article grade`) and runs (`topic Q0 article rank score tag`).

Ids in TREC's files, whose columns are split at white space: an id that holds some is percent-encoded.

Only such ids are, so that a web address with escapes of its own stays as other tools print it. Reading undoes it where
an escape of white space or of a control character shows that it was done.

Reading a file of queries: JSON Lines, CSV with a header, or plain text, told apart by what is in it.
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


# As bytes are split by TREC's tools in C, and by Python, which also knows Unicode's spaces.
_UNSAFE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_UNSAFE_OR_PERCENT: Final = re.compile(rf"{_UNSAFE.pattern}|%")
_ESCAPES: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def survives_trec(given_id: str) -> bool:
    """Whether the id stands in a TREC file as it is."""
    return bool(given_id) and not _UNSAFE.search(given_id)


def encode_id(given_id: str) -> str:
    """The id as it stands in a TREC file: one word."""
    if survives_trec(given_id):
        return given_id
    return _UNSAFE_OR_PERCENT.sub(lambda found: quote(found[0], safe=""), given_id)


def decode_id(printed: str) -> str:
    """The id that a TREC file's word stands for."""
    decoded = _ESCAPES.sub(_unescape, printed)
    return decoded if _UNSAFE.search(decoded) else printed


def _unescape(found: re.Match[str]) -> str:
    """Undoes the escapes that `encode_id` makes, and leaves others as they are."""
    escaped = bytes.fromhex(found[0].replace("%", ""))
    text = escaped.decode("utf-8", errors="surrogateescape")
    return "".join(
        char if _UNSAFE_OR_PERCENT.match(char) else quote(char.encode("utf-8", "surrogateescape"), safe="")
        for char in text
    )


_SEPARATORS: Final = (",", ";", "\t")  # spreadsheets write the one that their locale prefers
_Line = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Topic:
    """One query of a file, under the id that judgements and runs name it by."""

    id: str
    text: str


def read_topics(data: bytes, name: str) -> tuple[tuple[Topic, ...], tuple[EvaluationFileInvalid, ...]]:
    """The queries of a file in UTF-8, and what is wrong with the lines that gave none.

    A line is a query: a JSON object with `id` and `text`; or a CSV record under a header that names `id` and `text`;
    or a plain query, whose id is its line's number. Empty lines are passed over.

    Raises:
        EvaluationFileInvalid: the file holds no query, or one id twice.
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
    """For each line its number, and its query or what is wrong with it."""
    objects = sum(line.lstrip().startswith("{") for _, line in lines)
    if objects * 2 >= len(lines):  # most lines, not the first alone, which may be the broken one
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
    """The names and the separator of a CSV header; None if the line is none."""
    for separator in _SEPARATORS:
        names = [name.strip().strip('"').lower() for name in line.split(separator)]
        if {"id", "text"} <= set(names):
            return names, separator
    return None


def _is_text(line: str) -> bool:
    return not any("\udc80" <= char <= "\udcff" for char in line)
