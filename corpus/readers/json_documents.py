"""JSON: an array of articles, an object with one such array, one article, or JSON Lines with one article per line.

An array is read one element at a time, so that memory holds one article regardless of the size of the file. An element
or line that is not valid is refused by its number, and the rest is read, if the next element can be recognized. Exports
of programs may have their array deeper; `json_exports.py` finds the article in an element.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from typing import IO, Any, Final

from corpus.errors import UnreadableInput
from corpus.readers.cms_exports import GHOST_DEPTH, GhostTables, is_ghost
from corpus.readers.encodings import decode_several, find_encoding
from corpus.readers.json_exports import LIST_OF_LINKS, article_of, article_of_ghost, is_link, shape_of
from corpus.readers.json_text import JsonText, NotJson, invalid_json, values_at
from corpus.readers.record import MAX_PAGE_BYTES, BrokenStream, FieldReader, Ignored, Item, Place, Reading, Refusal
from corpus.readers.social_exports import is_private_chat
from corpus.readers.streams import spooled

_PAGE_LIST: Final = "json-pages-"  # the first line of a WACZ's lists of pages, which repeat their texts
# The boundary of two elements of an array of objects: where reading continues after an invalid element.
_NEXT_ELEMENT: Final = re.compile(r"\}\s*,\s*(?=\{)")
# The start of an object whose first array contains objects.
_AROUND: Final = re.compile(r'\{(?:\s*"[^"\\]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[\w.+-]+)\s*,)*\s*"[^"\\]*"\s*:\s*\[\s*\{')
# Objects in which exports have their array of articles: whole accounts of Telegram, feeds of Blogger, Event Registry.
_HOLDERS: Final = {"chats": "list", "left_chats": "list", "feed": "entry", "articles": "results"}
_HOLDER: Final = re.compile(r'"(?:chats|left_chats|feed|articles|jsonapi)"\s*:\s*\{')
_CHATS: Final = (("chats", "list"), ("left_chats", "list"))
# Arrays of objects around the articles, which are none.
_NO_ARTICLES: Final = frozenset({"authors", "hubs"})
_MAX_DEPTH: Final = 4
_MAX_NAMES: Final = 10_000
_WHOLE: Final = 2**20  # characters up to which an object is parsed as one, to recognize it
_MAX_ASSIGNED: Final = 200
_ASSIGNED: Final = re.compile(r"\s*window\.YTD\.\w{1,60}\.part\d{1,6}\s*=\s*")

_BOM = b"\xef\xbb\xbf"


def holds_lines(head: bytes, text_name: str) -> bool:
    """Whether a file that begins with `{` is JSON Lines: one object per line.

    `head` is the start of the file, or all of it; `text_name` is its name for `text`.
    """
    first, _, rest = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    if following := rest.lstrip()[:1]:
        return following == b"{"
    # A single line is an article, unless it is an object with an array of objects.
    line = first.decode("utf-8", "replace")
    around = _AROUND.match(line) or _HOLDER.search(line)
    return not around or f'"{text_name}"' in line[: around.end()]


def is_assigned(head: bytes) -> bool:
    """Whether a file is a script of X's archive: JSON that is assigned to a name."""
    return bool(_ASSIGNED.match(head.lstrip(_BOM)[:_MAX_ASSIGNED].decode("utf-8", "replace")))


def read_json(stream: IO[bytes], place: Place, reading: Reading, head: bytes = b"") -> Iterator[Item]:
    """Read the articles of a document; `head` is its start, if known."""
    fields = FieldReader.of(place, reading)
    try:
        if is_ghost(head):
            yield from _ghost(stream, place, fields)
            return
        text = JsonText(stream)
        text.skip(_ASSIGNED)
        opening = text.peek()
        if opening == "[":
            text.take()
            yield from _elements(text, place, fields, {})
        elif opening == "{" and (whole := _known_article(text.small_value(_WHOLE))):
            yield article_of(whole, place, fields)
        elif opening == "{":
            values, found = yield from _object(text, place, fields)
            if not found or fields.name_of("text") in values:
                yield article_of(values, place, fields)
        else:
            yield Refusal(place.label, "not a JSON array or object")
    except _ListOfLinks:
        yield Refusal(place.label, LIST_OF_LINKS)
    except NotJson as error:
        yield Refusal(place.label, f"{error}: the rest was not read")
    except BrokenStream as error:
        yield Refusal(place.label, str(error))


class _ListOfLinks(Exception):
    """The document has links and no articles."""


def _known_article(value: Any) -> Mapping[str, Any] | None:
    """The article that a document consists of, if its shape is known; JSON:API has it in `data`."""
    if not isinstance(value, Mapping):
        return None
    data = value.get("data")
    for one in (value, data):
        if isinstance(one, Mapping) and shape_of(one, {}):
            return one
    return None


def _ghost(stream: IO[bytes], place: Place, fields: FieldReader) -> Iterator[Item]:
    """Read an export of Ghost, twice, since the names of authors and tags may follow the posts."""
    tables = GhostTables()
    with spooled(stream) as file:
        with suppress(NotJson):  # reported by the second reading
            for path, row in values_at(JsonText(file), GHOST_DEPTH):
                if len(path) == GHOST_DEPTH and path[3] != "posts":
                    tables.add(path[3], row)
        file.seek(0)
        number = 0
        for path, row in values_at(JsonText(file), GHOST_DEPTH):
            if len(path) == GHOST_DEPTH and path[3] == "posts" and isinstance(row, dict):
                number += 1
                yield article_of_ghost(row, tables, place.within(f"posts, element {number}"), fields)
    if not number:
        yield Refusal(place.label, "it has no posts")


def _elements(text: JsonText, place: Place, fields: FieldReader, around: Mapping[str, Any]) -> Iterator[Item]:
    """Read the elements of an array; `around` are the values of the object that it is in."""
    number = 0
    is_chats = place.parts[-2:] in _CHATS
    is_private = place.parts[-4:-2] in _CHATS and is_private_chat(around)
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
            if is_chats and opening == "{":
                _, has_messages = yield from _object(text, here, fields, _MAX_DEPTH, "messages")
                if not has_messages:
                    yield Ignored("chat without messages")
                continue
            value = _object_value(text.value(), here)
            if is_private:
                yield Ignored("message of a private chat")
                continue
            if number == 1 and is_link(value) and "text" not in fields.names:
                raise _ListOfLinks
            yield article_of(value, here, fields, around)
        except NotJson as error:
            yield Refusal(here.label, str(error))
            if not text.skip_to(_NEXT_ELEMENT):
                yield Refusal(place.label, f"element {number} is damaged, and the rest was not read")
                return
        except UnreadableInput as error:
            yield Refusal(error.name, error.reason)
    text.take()
    if not number and place.parts[-4:-2] in _CHATS:
        yield Ignored("chat without messages")
    elif not number:
        yield Refusal(place.label, "its array is empty")


def _object(
    text: JsonText, place: Place, fields: FieldReader, depth: int = 1, only: str | None = None
) -> Generator[Item, None, tuple[dict[str, Any], bool]]:
    """Read an object: the articles of its arrays of objects, or of the one named `only`, unless it has a text.

    Returns its other values, and whether it has such an array.
    """
    text.take()
    values: dict[str, Any] = {}
    found = False
    while (opening := text.peek()) != "}":
        if not opening:
            raise NotJson("not valid JSON: the object is not closed")
        if opening == ",":
            text.take()
            continue
        name = text.value()
        if not isinstance(name, str) or text.peek() != ":":
            raise NotJson("not valid JSON: a name and a colon are expected in an object")
        text.take()
        if text.peek() == "[" and fields.name_of("text") not in values:
            text.take()
            own = {fields.name_of(field).partition(".")[0] for field in ("author", "text")} | _NO_ARTICLES
            if name == only or (only is None and text.peek() == "{" and name not in own):
                found = True
                yield from _elements(text, place.within(name), fields, values)
                continue
            values[name] = _rest_of_array(text)
        elif text.peek() == "{" and name in _HOLDERS and depth < _MAX_DEPTH and fields.name_of("text") not in values:
            values[name], inner = yield from _object(text, place.within(name), fields, depth + 1, _HOLDERS[name])
            found = found or inner
        else:
            values[name] = text.value()
        if len(values) > _MAX_NAMES:
            raise NotJson("an object with too many names for an article")
    text.take()
    return values, found


def _rest_of_array(text: JsonText) -> list[Any]:
    items: list[Any] = []
    while (opening := text.peek()) != "]":
        if not opening:
            raise NotJson("not valid JSON: an array is not closed")
        if opening == ",":
            text.take()
            continue
        items.append(text.value())
        if len(items) > _MAX_NAMES:
            raise NotJson("an array with too many values for an article")
    text.take()
    return items


def _object_value(value: object, here: Place) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableInput(here.label, "not a JSON object")
    return value


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
                if is_first and is_link(value) and "text" not in fields.names:
                    yield Refusal(place.label, LIST_OF_LINKS)
                    return
                yield article_of(value, here, fields, None, warning)
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


def _value(line: bytes, where: str) -> tuple[dict[str, Any], str | None]:
    text, warning = _text(line, where)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableInput(where, f"{invalid_json(error)} at character {error.pos + 1}") from error
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
