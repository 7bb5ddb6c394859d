"""Reading a file of queries: JSON Lines, CSV with a header, or plain text, told apart by what is in it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.errors import EvaluationFileInvalid

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
