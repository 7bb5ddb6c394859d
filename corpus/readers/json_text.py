"""The text of a JSON document, held in memory in parts: its values one by one, despite damage.

Python's `json` parses each value, and not an event parser such as ijson, for which a document ends at its first error.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any, Final

from corpus.readers.record import MAX_PAGE_BYTES
from corpus.readers.streams import read_some

_CHUNK: Final = 2**18
_SPACE: Final = re.compile(r"[ \t\n\r\ufeff]*")
# Errors within this distance of the end of the buffer may be caused by truncation: "\ud83d\ude00", "false".
_CUT: Final = 16
_TOO_LARGE: Final = f"larger than {MAX_PAGE_BYTES // 2**20} MB, the limit for an article"
_DECODER: Final = json.JSONDecoder()


class NotJson(Exception):
    """There is no JSON value here; the message is the reason."""


def invalid_json(error: json.JSONDecodeError) -> str:
    """The reason in a parser's error, for the user."""
    return f"not valid JSON: {error.msg.removesuffix(' at')}"  # as some of Python's messages end


class JsonText:
    """The text of a document; only a part of it is in memory."""

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

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Consume a match of the pattern, if there is one here."""
        if self.peek() and (found := pattern.match(self._text, self._at)):
            self._at = found.end()

    def take(self) -> None:
        """Consume the character that `peek` returned."""
        self._at += 1

    def value(self) -> Any:
        """Parse the JSON value that begins here.

        Raises:
            NotJson: it is invalid, or larger than an article may be.
        """
        wanted = _CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos > len(self._text) - _CUT
                reason = f"{invalid_json(error)} at character {error.pos - self._at + 1} of it"
            except (RecursionError, ValueError):
                cut, reason = False, "not valid JSON: nested too deeply or a number too long"
            else:
                # A number may continue in what was not read yet; other values have an end.
                if end < len(self._text) or self._ended or not isinstance(value, (int, float)):
                    self._at = end
                    return value
                cut, reason = True, ""
            if not cut or (self._ended and reason):
                raise NotJson(reason)
            if len(self._text) - self._at > MAX_PAGE_BYTES:
                raise NotJson(_TOO_LARGE)
            # Twice as much each time, so that a long value costs at most twice its length.
            self._more(wanted)
            wanted *= 2

    def small_value(self, limit: int) -> Any:
        """The value that begins here, without consuming it; None if it is invalid or longer than `limit` characters."""
        while len(self._text) - self._at < limit and self._more(_CHUNK):
            pass
        try:
            return _DECODER.raw_decode(self._text, self._at)[0]
        except (RecursionError, ValueError):
            return None

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


def values_at(text: JsonText, depth: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The values at most `depth` levels below the one that begins here, with their paths, in which elements are empty.

    Raises:
        NotJson: a value is invalid or too large; what came before it was yielded.
    """
    opening = text.peek()
    if not depth or opening not in ("{", "["):
        yield (), text.value()
        return
    text.take()
    while (found := text.peek()) not in ("}", "]"):
        if not found:
            raise NotJson("not valid JSON: it ends too early")
        if found == ",":
            text.take()
            continue
        name = text.value() if opening == "{" else ""
        if opening == "{":
            if not isinstance(name, str) or text.peek() != ":":
                raise NotJson("not valid JSON: a name and a colon are expected in an object")
            text.take()
        for path, value in values_at(text, depth - 1):
            yield (name, *path), value
    text.take()
