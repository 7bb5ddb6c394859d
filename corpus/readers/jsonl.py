"""JSON Lines: one article a line. A line that gives none is refused by its number, and its neighbours go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from corpus.encodings import find_encoding
from corpus.errors import UnreadableInput
from corpus.readers.fields import FieldReader
from corpus.readers.limits import MAX_PAGE_BYTES, BrokenStream
from corpus.readers.record import Item, Place, Reading, Refusal

_BOM = b"\xef\xbb\xbf"


def read_jsonl(stream: IO[bytes], place: Place, reading: Reading) -> Iterator[Item]:
    """The articles of the lines."""
    fields = FieldReader.of(place, reading)
    found = False
    try:
        for number, line in bounded_lines(stream):
            if line is not None and not line.removeprefix(_BOM).strip():
                continue
            found = True
            here = place.within(f"line {number}")
            try:
                if line is None:
                    raise UnreadableInput(
                        here.shown, f"longer than {MAX_PAGE_BYTES // 2**20} MB, the limit for an article"
                    )
                value, warning = _value(line, here.shown)
                yield fields.record(value, here, warning)
            except UnreadableInput as error:
                yield Refusal(error.name, error.reason)
    except BrokenStream as error:
        found = True
        yield Refusal(place.shown, str(error))
    if not found:
        yield Refusal(place.shown, "it has no lines")


def bounded_lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """The lines with their numbers from 1; None for one that is longer than a page may be."""
    number = 0
    while line := stream.readline(MAX_PAGE_BYTES + 1):
        number += 1
        if len(line) <= MAX_PAGE_BYTES:
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(2**20)
        yield number, None


def _value(line: bytes, where: str) -> tuple[dict[str, Any], str | None]:
    text, warning = _text(line, where)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableInput(where, f"not valid JSON: {error.msg} at character {error.pos + 1}") from error
    except (RecursionError, ValueError) as error:
        raise UnreadableInput(where, "not valid JSON: nested too deeply or a number too long") from error
    if not isinstance(value, dict):
        raise UnreadableInput(where, "not a JSON object")
    return value, warning


def _text(line: bytes, where: str) -> tuple[str, str | None]:
    """JSON is UTF-8; what is not is read as the likeliest encoding of Arabic, with a warning."""
    try:
        return line.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        encoding = find_encoding(line)
        return line.decode(encoding, "replace"), f"{where}: not valid UTF-8: read as {encoding}"
