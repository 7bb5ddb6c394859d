"""JSON: an array of articles, an object with one such array, one article, or JSON Lines with one article per line.

An array is read one element at a time, so that memory holds one article regardless of the size of the file. An element
or line that is not valid is refused by its number, and the rest is read, if the next element can be recognized. So this
uses Python's `json` and not an event parser such as ijson, for which a document ends at its first error.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from corpus.errors import UnreadableInput
from corpus.readers.encodings import decode_several, find_encoding
from corpus.readers.record import MAX_PAGE_BYTES, BrokenStream, FieldReader, Ignored, Item, Place, Reading, Refusal
from corpus.readers.streams import read_some

_CHUNK: Final = 2**18
_PAGE_LIST: Final = "json-pages-"  # the first line of a WACZ's lists of pages, which repeat their texts
_SPACE: Final = re.compile(r"[ \t\n\r\ufeff]*")
# The boundary of two elements of an array of objects: where reading continues after an invalid element.
_NEXT_ELEMENT: Final = re.compile(r"\}\s*,\s*(?=\{)")
# Errors within this distance of the end of the buffer may be caused by truncation: "\ud83d\ude00", "false".
_CUT: Final = 16
# The start of an object whose first array contains objects.
_AROUND: Final = re.compile(r'\{(?:\s*"[^"\\]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[\w.+-]+)\s*,)*\s*"[^"\\]*"\s*:\s*\[\s*\{')
# Types of chats in exports of Telegram: an object with the chat's name and its messages.
_CHATS: Final = frozenset(
    {
        *("public_channel", "private_channel", "public_supergroup", "private_supergroup", "private_group"),
        *("personal_chat", "bot_chat", "saved_messages"),
    }
)
_MAX_NAMES: Final = 10_000
_TOO_LARGE: Final = f"larger than {MAX_PAGE_BYTES // 2**20} MB, the limit for an article"
_DECODER: Final = json.JSONDecoder()

_BOM = b"\xef\xbb\xbf"


class _NotJson(Exception):
    """There is no JSON value here; the message is the reason."""


def holds_lines(head: bytes, text_name: str) -> bool:
    """Whether a file that begins with `{` is JSON Lines: one object per line.

    `head` is the start of the file, or all of it; `text_name` is its name for `text`.
    """
    first, _, rest = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    if following := rest.lstrip()[:1]:
        return following == b"{"
    # A single line is an article, unless it is an object with an array of objects.
    around = _AROUND.match(first.decode("utf-8", "replace"))
    return not around or f'"{text_name}"' in around[0]


def read_json(stream: IO[bytes], place: Place, reading: Reading) -> Iterator[Item]:
    """Read the articles of a document."""
    fields = FieldReader.of(place, reading)
    text = _Text(stream)
    try:
        opening = text.peek()
        if opening == "[":
            text.take()
            yield from _elements(text, place, fields)
        elif opening == "{":
            yield from _object(text, place, fields)
        else:
            yield Refusal(place.label, "not a JSON array or object")
    except _NotJson as error:
        yield Refusal(place.label, f"{error}: the rest was not read")
    except BrokenStream as error:
        yield Refusal(place.label, str(error))


def _elements(
    text: _Text, place: Place, fields: FieldReader, around: Mapping[str, Any] | None = None
) -> Iterator[Item]:
    """Read the elements of an array; `around` are the values of the object that it is in."""
    number = 0
    while (opening := text.peek()) != "]":
        if not opening:
            yield Refusal(place.label, "the array is not closed: it ends too early; the elements before are kept")
            return
        if opening == ",":
            text.take()
            continue
        number += 1
        here = place.within(f"element {number}")
        try:
            value = _object_value(text.value(), here)
            if around and around.get("type") in _CHATS:
                value = _message(value, around)
            if value:
                yield fields.record(value, here)
            else:
                yield Ignored("messages without text")
        except _NotJson as error:
            yield Refusal(here.label, str(error))
            if not text.skip_to(_NEXT_ELEMENT):
                yield Refusal(place.label, f"element {number} is damaged, and the rest was not read")
                return
        except UnreadableInput as error:
            yield Refusal(error.name, error.reason)
    text.take()
    if not number:
        yield Refusal(place.label, "its array is empty")


def _object(text: _Text, place: Place, fields: FieldReader) -> Iterator[Item]:
    """Read an object: one article, unless a name in it has an array of objects and it has no text."""
    text.take()
    values: dict[str, Any] = {}
    found = False
    while (opening := text.peek()) != "}":
        if not opening:
            raise _NotJson("not valid JSON: the object is not closed")
        if opening == ",":
            text.take()
            continue
        name = text.value()
        if not isinstance(name, str) or text.peek() != ":":
            raise _NotJson("not valid JSON: a name and a colon are expected in an object")
        text.take()
        if text.peek() == "[" and fields.name_of("text") not in values:
            text.take()
            own = {fields.name_of(field).partition(".")[0] for field in ("author", "text")}
            if text.peek() == "{" and name not in own:
                found = True
                yield from _elements(text, place.within(name), fields, values if name == "messages" else None)
                continue
            values[name] = _rest_of_array(text)
        else:
            values[name] = text.value()
        if len(values) > _MAX_NAMES:
            raise _NotJson("an object with too many names for an article")
    text.take()
    if not found or fields.name_of("text") in values:
        try:
            yield fields.record(values, place)
        except UnreadableInput as error:
            yield Refusal(error.name, error.reason)


def _message(value: dict[str, Any], chat: Mapping[str, Any]) -> dict[str, Any]:
    """A message with the id and the name of its chat, since its own id is a number within it; empty without a text."""
    if value.get("type") != "message" or not value.get("text"):
        return {}
    own = {"id": f"telegram-{chat.get('id')}-{value.get('id')}", "source": chat.get("name")}
    return {**value, **own}


def _rest_of_array(text: _Text) -> list[Any]:
    items: list[Any] = []
    while (opening := text.peek()) != "]":
        if not opening:
            raise _NotJson("not valid JSON: an array is not closed")
        if opening == ",":
            text.take()
            continue
        items.append(text.value())
        if len(items) > _MAX_NAMES:
            raise _NotJson("an array with too many values for an article")
    text.take()
    return items


def _object_value(value: object, here: Place) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableInput(here.label, "not a JSON object")
    return value


class _Text:
    """The text of a document, of which a part is in memory at a time."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        while True:
            end = _SPACE.match(self._text, self._at)
            self._at = end.end() if end else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_CHUNK):
                return ""

    def take(self) -> None:
        """Consume the character that `peek` returned."""
        self._at += 1

    def value(self) -> Any:
        """Parse the JSON value that begins here.

        Raises:
            _NotJson: it is invalid, or larger than an article may be.
        """
        wanted = _CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos > len(self._text) - _CUT
                reason = f"{_invalid(error)} at character {error.pos - self._at + 1} of it"
            except (RecursionError, ValueError):
                cut, reason = False, "not valid JSON: nested too deeply or a number too long"
            else:
                # A number may continue in what was not read yet; other values have an end.
                if end < len(self._text) or self._ended or not isinstance(value, (int, float)):
                    self._at = end
                    return value
                cut, reason = True, ""
            if not cut or (self._ended and reason):
                raise _NotJson(reason)
            if len(self._text) - self._at > MAX_PAGE_BYTES:
                raise _NotJson(_TOO_LARGE)
            # Twice as much each time, so that a long value costs at most twice its length.
            self._more(wanted)
            wanted *= 2

    def skip_to(self, pattern: re.Pattern[str]) -> bool:
        """Skip the next match; false at the end of the document, or if it is too far."""
        looked = 0
        while True:
            found = pattern.search(self._text, self._at)
            if found:
                self._at = found.end()
                return True
            looked += len(self._text) - self._at
            # The pattern may span two chunks.
            self._at = max(self._at, len(self._text) - 2**10)
            if looked > MAX_PAGE_BYTES or not self._more(_CHUNK):
                return False

    def _more(self, count: int) -> bool:
        if self._ended:
            return False
        pieces = [self._text[self._at :]]
        self._at = 0
        while count > 0:
            data = read_some(self._stream, min(count, _CHUNK))
            pieces.append(self._decode(data, final=not data))
            count -= len(data)
            if not data:
                self._ended = True
                break
        self._text = "".join(pieces)
        return True


def read_jsonl(stream: IO[bytes], place: Place, reading: Reading) -> Iterator[Item]:
    """Read the articles of the lines."""
    fields = FieldReader.of(place, reading)
    found = False
    try:
        for number, line in bounded_lines(stream):
            if line is not None and not line.removeprefix(_BOM).strip():
                continue
            is_first, found = not found, True
            here = place.within(f"line {number}")
            try:
                if line is None:
                    raise UnreadableInput(
                        here.label, f"longer than {MAX_PAGE_BYTES // 2**20} MB, the limit for an article"
                    )
                value, warning = _value(line, here.label)
                if is_first and str(value.get("format")).startswith(_PAGE_LIST):
                    yield Ignored("lists of a crawl's pages")
                    return
                yield fields.record(value, here, warning)
            except UnreadableInput as error:
                yield Refusal(error.name, error.reason)
    except BrokenStream as error:
        found = True
        yield Refusal(place.label, str(error))
    if not found:
        yield Refusal(place.label, "it has no lines")


def bounded_lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """The lines with their numbers from 1; None for one that exceeds the limit."""
    number = 0
    while line := stream.readline(MAX_PAGE_BYTES + 1):
        number += 1
        if len(line) <= MAX_PAGE_BYTES:
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(2**20)
        yield number, None


def _invalid(error: json.JSONDecodeError) -> str:
    return f"not valid JSON: {error.msg.removesuffix(' at')}"  # as some of Python's messages end


def _value(line: bytes, where: str) -> tuple[dict[str, Any], str | None]:
    text, warning = _text(line, where)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableInput(where, f"{_invalid(error)} at character {error.pos + 1}") from error
    except (RecursionError, ValueError) as error:
        raise UnreadableInput(where, "not valid JSON: nested too deeply or a number too long") from error
    if not isinstance(value, dict):
        raise UnreadableInput(where, "not a JSON object")
    return value, warning


def _text(line: bytes, where: str) -> tuple[str, str | None]:
    """Decode JSON as UTF-8, or otherwise as the likeliest encoding of Arabic, with a warning."""
    try:
        return line.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        encoding = find_encoding(line)
        if several := decode_several(line, encoding):
            return several.text, f"{where}: not valid UTF-8: read as {' and '.join(several.encodings)}, field by field"
        return line.decode(encoding, "replace"), f"{where}: not valid UTF-8: read as {encoding}"
