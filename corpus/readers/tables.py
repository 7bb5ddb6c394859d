"""CSV and TSV: a header row with the names of the fields, then one article per row, as spreadsheets and databases
export.

The delimiter is the one of , ; tab and | with which the header has most of our fields, then most fields. Quoted fields
may contain line breaks, and quotes doubled. Each row is decoded separately, since exports are concatenated from pages
of several encodings. Rows are numbered as in a spreadsheet: the header is row 1, and Excel's line `sep=;` is none.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import IO, Final

from corpus.errors import UnreadableInput
from corpus.readers.encodings import decode_several, find_encoding
from corpus.readers.json_documents import bounded_lines
from corpus.readers.json_exports import LIST_OF_LINKS
from corpus.readers.record import MAX_PAGE_BYTES, BrokenStream, FieldReader, Item, Place, Reading, Refusal
from corpus.settings import FIELDS

_DELIMITERS: Final = (",", "\t", ";", "|")
# Excel's first line in some exports, which it does not show: `sep=;`.
_SEPARATOR: Final = re.compile(rb'(?:\xef\xbb\xbf)?"?sep=([^"\r\n])"?[,;\t ]*\r?\n?', re.I)
# Excel's days from 1954 to 2064, counted from the end of 1899, with the time of day as a fraction.
_SERIAL: Final = re.compile(r"([2-5]\d{4})(\.\d{1,12})?")
_DAY_ZERO: Final = datetime(1899, 12, 30, tzinfo=UTC)
# Headers of exports that have no texts: Pocket, Instapaper, Readwise Reader, Raindrop.
_OF_LINKS: Final = (
    frozenset({"title", "url", "time_added", "status"}),
    frozenset({"url", "title", "selection", "folder", "timestamp"}),
    frozenset({"title", "url", "id", "document tags", "saved date"}),
    frozenset({"id", "title", "note", "excerpt", "url", "folder", "created"}),
)
_AUTHOR_BREAK: Final = re.compile(r"\s*[;؛]\s*")
_MAX_COLUMNS: Final = 10_000
_MAX_LINES: Final = 100_000  # per row; no article has so many
# After an unclosed quote, reading starts again at the next line; a file of such lines is not a table.
_MAX_UNCLOSED: Final = 100
# `csv` gets the bytes of a row as they are: delimiters and quotes are ASCII in all encodings in use.
_AS_BYTES: Final = "latin-1"
_FIELD_BREAK: Final = b"\x1e"  # a control character, which no text contains


def is_header(head: bytes, fields: FieldReader) -> bool:
    """Whether a file without a known extension is a table: the first line has a column for the text, and others."""
    separator = _SEPARATOR.match(head)
    lines = head[separator.end() if separator else 0 :].splitlines()
    first = lines[0] if lines else b""
    if not any(delimiter.encode() in first for delimiter in _DELIMITERS):
        return False
    _, columns = _columns(first, fields, _usual_encoding(head), _delimiter(separator))
    return len(columns) > 1 and (fields.name_of("text") in columns or _is_of_links(columns))


def read_table(stream: IO[bytes], head: bytes, place: Place, reading: Reading) -> Iterator[Item]:
    """Read the articles of the rows; `head` is the start of the stream, which determines its usual encoding."""
    # Python's own limit is 128 KB per field; it is global, and raising it harms nobody.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_PAGE_BYTES))
    fields = FieldReader.of(place, reading)
    usual = _usual_encoding(head)
    lines = _Lines(stream)
    try:
        first = next(lines, b"")
        separator = _SEPARATOR.fullmatch(first)
        header = next(lines, b"") if separator else first
        delimiter, columns = _columns(header, fields, usual, _delimiter(separator))
        if fields.name_of("text") not in columns:
            if _is_of_links(columns):
                yield Refusal(place.label, LIST_OF_LINKS)
                return
            yield Refusal(place.label, _no_text(columns, fields))
            return
        found = False
        warning = _absent(columns, fields, place)
        for number, row in _rows(lines, delimiter):
            here = place.within(f"row {number}")
            found = True
            try:
                value, strange = _value(row, columns, here, fields, usual)
                yield fields.record(value, here, "; ".join(filter(None, (warning, strange))) or None)
                warning = None  # reported once
            except UnreadableInput as error:
                yield Refusal(error.name, error.reason)
        if not found:
            yield Refusal(place.label, "it has a header and no rows")
    except BrokenStream as error:
        yield Refusal(place.label, str(error))


def _usual_encoding(head: bytes) -> str:
    """The encoding of the complete lines in the head: the last one may be cut within a letter."""
    return find_encoding(head[: head.rfind(b"\n") + 1] or head)


def _delimiter(separator: re.Match[bytes] | None) -> str | None:
    return separator[1].decode(_AS_BYTES) if separator else None


def _is_of_links(columns: list[str]) -> bool:
    """Whether a table is an export of a service that has no texts."""
    names = {name.lower() for name in columns}
    return "text" not in names and any(header <= names for header in _OF_LINKS)


def _columns(header: bytes, fields: FieldReader, encoding: str, declared: str | None = None) -> tuple[str, list[str]]:
    """The delimiter and the names of the columns; the delimiter may be declared."""
    text = header.removeprefix(b"\xef\xbb\xbf")
    known = {fields.name_of(field) for field in FIELDS}
    found: list[tuple[int, int, str, list[str]]] = []
    for delimiter in (declared,) if declared else _DELIMITERS:
        try:
            row = next(csv.reader([text.decode(_AS_BYTES)], delimiter=delimiter), [])
        except csv.Error:
            continue
        names = [name.encode(_AS_BYTES).decode(encoding, "replace").strip() for name in row[:_MAX_COLUMNS]]
        # A name that differs only in case is ours: Title, TEXT.
        names = [name if name in known or name.lower() not in known else name.lower() for name in names]
        found.append((len(known & set(names)), len(names), delimiter, names))
    # Of equals, `max` returns the first.
    best = max(found, key=lambda one: one[:2], default=(0, 0, ",", []))
    return best[2], best[3]


def _no_text(columns: list[str], fields: FieldReader) -> str:
    names = ", ".join(name[:40] for name in columns[:12]) or "nothing"
    return f"its header has no column '{fields.name_of('text')}', but: {names}"


def _absent(columns: list[str], fields: FieldReader, place: Place) -> str | None:
    """A warning if the field map has columns that are missing."""
    absent = [f"{theirs!r} for {ours}" for ours, theirs in fields.names.items() if theirs not in columns]
    return f"{place.label}: its header has no column {', '.join(absent)}" if absent else None


class _Lines:
    """The undecoded lines of a table; those of the current row are kept, so that it can be read again."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._lines: Iterator[bytes | None] = (line for _, line in bounded_lines(stream))
        self.row: list[bytes] = []
        self.size = 0
        self.too_long = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        line = next(self._lines)
        self.too_long = line is None
        line = line or b""
        self.row.append(line)
        self.size += len(line)
        return line

    @property
    def is_too_long(self) -> bool:
        """Whether the row exceeds the limits of an article."""
        return self.too_long or self.size > MAX_PAGE_BYTES or len(self.row) > _MAX_LINES

    def begin_row(self) -> None:
        self.row, self.size, self.too_long = [], 0, False

    def reread(self, start: int) -> None:
        """Read the lines of this row again, from line number `start` on."""
        self._lines = chain(self.row[start:], self._lines)

    def texts(self) -> Iterator[str]:
        """The lines for `csv`.

        Raises:
            csv.Error: the row exceeds the limits of an article.
        """
        for line in self:
            if self.is_too_long:
                raise csv.Error("too large for an article")
            # A carriage return alone ends a line on old systems; in other files it is an error.
            yield line.decode(_AS_BYTES)


def _rows(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """The rows with their numbers; instead of a row that cannot be read, the reason."""
    number, swallowed = 1, 0
    escape: str | None = None

    def reader() -> Iterator[list[str]]:
        lines.begin_row()
        # Strict, so that a stray quote is reported and does not shift the fields that follow it.
        return csv.reader(lines.texts(), delimiter=delimiter, escapechar=escape, strict=True)

    rows = reader()
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            if escape is None and any(b'\\"' in line for line in lines.row):
                escape = "\\"  # as MySQL escapes quotes
                lines.reread(0)
            else:
                number += 1
                yield number, _row_reason(error, lines)
                swallowed += lines.size > 2**20
                if swallowed > _MAX_UNCLOSED:
                    raise BrokenStream("unclosed quotes: the rest was not read") from error
                lines.reread(1)
            rows = reader()
            continue
        number += 1
        if row:
            yield number, row
        lines.begin_row()


def _row_reason(error: csv.Error, lines: _Lines) -> str:
    if lines.is_too_long:
        return "too long for an article: is a quote not closed?"
    if "unexpected end" in str(error):
        return "an unclosed quote"
    return f"not a row: {error}".replace("\t", "a tab")


def _value(
    row: list[str] | str, columns: list[str], here: Place, fields: FieldReader, usual: str
) -> tuple[dict[str, object], str | None]:
    """The non-empty fields of a row by name, and a warning, if any."""
    if isinstance(row, str):
        raise UnreadableInput(here.label, row)
    if len(row) > len(columns) and any(row[len(columns) :]):
        raise UnreadableInput(
            here.label, f"it has {len(row)} fields, and the header has {len(columns)}: is one of them not quoted?"
        )
    texts, warning = _decoded_row(row, here, usual)
    value: dict[str, object] = {}
    for name, text in zip(columns, texts, strict=False):
        if text.strip():
            value.setdefault(name, text)
    date = fields.name_of("date")
    if isinstance(printed := value.get(date), str) and (day := _day_of_serial(printed, fields.reading.retrieved_at)):
        value[date] = day
        note = f"numbers in {date!r} are read as Excel's dates"
        if note not in fields.reported:
            fields.reported.add(note)
            note = f"{note}, also in what follows: {printed.strip()} as {day[:10]}"
            warning = f"{warning or here.label}{';' if warning else ':'} {note}"
    author = fields.name_of("author")
    if isinstance(named := value.get(author), str):
        value[author] = [name for name in _AUTHOR_BREAK.split(named) if name]
    return value, warning


def _day_of_serial(text: str, not_after: datetime | None) -> str | None:
    """The date that a spreadsheet has stored as a number of days; None if it is no such number."""
    found = _SERIAL.fullmatch(text.strip())
    if not found:
        return None
    moment = _DAY_ZERO + timedelta(days=int(found[1]), seconds=round(float(found[2] or 0) * 86400))
    if not_after and moment.date() > not_after.date():
        return None
    return moment.isoformat() if found[2] else moment.date().isoformat()


def _decoded_row(row: list[str], here: Place, usual: str) -> tuple[list[str], str | None]:
    """The decoded fields of a row, and a warning if its encoding is not the usual one of the file."""
    raw = [text.encode(_AS_BYTES) for text in row]
    try:
        return [data.decode("utf-8") for data in raw], None
    except UnicodeDecodeError:
        encoding = find_encoding(b"\n".join(raw), usual)
    several = decode_several(_FIELD_BREAK.join(raw), encoding)
    if several and len(fields := several.text.split(_FIELD_BREAK.decode())) == len(raw):
        return fields, f"{here.label}: not valid UTF-8: read as {' and '.join(several.encodings)}, field by field"
    warning = None if encoding == usual else f"{here.label}: not valid UTF-8: read as {encoding}"
    return [data.decode(encoding, "replace") for data in raw], warning
