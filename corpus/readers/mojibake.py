r"""Mojibake: text whose bytes were decoded in the wrong encoding, and is decoded again.

Two kinds are undone: UTF-8 that was read as one of `_UTF8_READ_AS` («Ø£Ø¹Ù„Ù†Øª», «ط£ط¹ظ„ظ†طھ»), and an Arabic code
page that was read as a Western one («ÃÚáäÊ»); each up to three times over.

The unit is a run of damaged characters, with nothing but ASCII punctuation, digits and spaces between them. A run of
UTF-8 is certain by its form: each lead byte has its continuation bytes, and the result is Arabic. A run of a code page
is certain by letter frequencies, and since no ASCII letter touches it. Short runs are undone in a text that has a
certain one. Damaged letters among more right ones, «تظهر هكذا: Ø£Ø¹Ù„Ù†Øª», are a mention, and kept.

Programs drop or replace the bytes that the wrong encoding does not define. A lone D9 in windows-1252 was ف (D9 81), and
a lone D8 was ح (D8 AD, a soft hyphen), if no such pair is left in the text.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar, Final

from corpus.readers.encodings import arabic_likelihood

_UTF8_READ_AS: Final = {
    "cp1252": "windows-1252",
    "cp1256": "windows-1256",
    "mac-roman": "MacRoman",
    "cp437": "code page 437",
    "cp850": "code page 850",
    "cp1250": "windows-1250",
    "cp1251": "windows-1251",
}
_CODE_PAGES: Final = {"cp1256": "windows-1256", "iso8859-6": "ISO-8859-6", "mac-arabic": "MacArabic"}
ENCODING_NAMES: Final = {"utf-8": "UTF-8", **_UTF8_READ_AS, **_CODE_PAGES}
"""Names of encodings in messages, by Python's."""

_CODE_PAGE_READ_AS: Final = {"cp1252": "windows-1252", "mac-roman": "MacRoman"}

# Right text has ط and ظ too: 0.2 % of its letters are ظ, and a third of those of UTF-8 read as windows-1256.
_MANY: Final = 0.025
_ESCAPED_SIGN: Final = re.compile(
    r"&(?:Oslash|Ugrave|Atilde|Ccedil|yuml|#0*(?:216|217|195|199|255|159[12])|#x0*(?:d[89]|c[37]|ff|63[78]));"
    r"|\\u(?:00(?:d[89]|c[37]|ff)|063[78])",
    re.I,
)
_ESCAPE: Final = re.compile(r"&(?:#\d{3,5}|#x[0-9a-f]{2,4}|[a-z][a-z0-9]{1,8});|\\u[0-9a-f]{4}", re.I)

_BETWEEN: Final = r"[\x00-;=?@\[-`{-~]{0,200}"  # ASCII without letters, and without the < and > of tags
# Where a mention and right text are weighed: a line or a part of a title, in a page the text of a block.
_BREAK: Final = re.compile(r"[\n\r]+|\s\|\s")
_BREAK_OF_SOURCE: Final = re.compile(
    r"<(?!/?(?:a|abbr|b|bdi|bdo|cite|code|em|font|i|kbd|mark|q|samp|small|span|strong|tt|u)\b)[^<>]{0,20000}>|\s\|\s",
    re.I,
)
_IN_ADDRESS: Final = re.compile(r"(?:<[^<>]{0,300}=\s*[\"']?|://)[^\s<>\"']{0,300}/[^\s<>\"']{0,300}$")
_ARABIC: Final = re.compile("[\u0621-\u063a\u0641-\u064a\u0671-\u06d3\ufe80-\ufefc]")
_STRANGE: Final = re.compile("[^\x00-\x7f]")
_MARKS: Final = re.compile("[\u064b-\u0652]")
_MIN_LETTERS: Final = 5  # of a run, from which it is certain
_MIN_CODE_PAGE: Final = 8
_MIN_GLUED: Final = 4  # letters of a run that touches an ASCII letter: é of Café is no run
_MIN_LIKELIHOOD: Final = -4.0  # as in encodings.py
_SLACK: Final = 10.0
_LONE_MARKS: Final = ("،", "؛", "؟")
_MOST: Final = 0.6
_MAX_LONE: Final = 0.35
_TIMES: Final = 3
_PIECE: Final = 20_000  # characters of a break-less text that are weighed at once


@dataclass(slots=True)
class Undone:
    """A text without mojibake, and what was found in it."""

    text: str
    how: Counter[str] = field(default_factory=Counter)
    """Numbers of runs that were undone, by what had happened: `UTF-8 read as windows-1252`."""
    kept: str | None = None
    """What happened to letters that were kept, since they are among more right ones."""
    restored: int = 0
    """Letters that had lost a byte and were restored."""


def source_may_be_mojibake(text: str) -> bool:
    """The same test for the source of a page or feed, in which letters may be escaped."""
    return may_be_mojibake(text) or _ESCAPED_SIGN.search(text) is not None


def may_be_mojibake(text: str) -> bool:
    """A fast test: true for every text of some words of mojibake, and for few others.

    It looks for one of the bytes D8 and D9 in each encoding, C3 (UTF-8 that was read twice), and a frequent letter of
    the code pages. Every article takes this path: a search for one character takes less than 0.1 microseconds.
    """
    return (
        "Ø" in text
        or "Ù" in text
        or "Ã" in text
        or "Ç" in text
        or "ÿ" in text
        or "┘" in text
        or "Ř" in text
        or "Ш" in text
        or "·" in text
        or "‰" in text
        or text.count("ظ") > _MANY * len(text) + 2
    )


def undo_mojibake(text: str, *, is_source: bool = False) -> Undone:
    """Undo the mojibake of a field, or of the source of a page or feed, in which letters may be escaped."""
    done = Undone(text)
    whole = _Whole.of(text)
    parts = [_Part.of(printed, is_source, whole) for printed in _parts(text, is_source)]
    certain = {run.how for part in parts if not part.is_mention for run in part.runs if run.is_certain}
    for part in parts:
        if part.is_mention or not certain:
            done.kept = done.kept or next((run.how for run in part.runs if run.is_certain), None)
    if certain:
        done.text = "".join(part.printed if part.is_mention else part.undone(certain, done) for part in parts)
    return done


def _parts(text: str, is_source: bool) -> Iterator[str]:
    """The parts of a text in which a mention and right text are weighed, and the tags and breaks between them."""
    breaks = [found.span() for found in (_BREAK_OF_SOURCE if is_source else _BREAK).finditer(text)]
    at = 0
    for end in (*(edge for span in breaks for edge in span), len(text)):
        yield from (text[start : min(start + _PIECE, end)] for start in range(at, end, _PIECE))
        at = end


@dataclass(frozen=True, slots=True)
class _Whole:
    """What the whole of a text decides.

    `hah`, `feh`, `quote`: the letter that a lone first byte was; empty if the text has all its bytes elsewhere.
    `pages`: the likeliest code page, by the name of the reading.
    """

    hah: str
    feh: str
    quote: str
    pages: dict[str, str]

    @classmethod
    def of(cls, text: str) -> _Whole:
        return cls(
            hah="" if "Ø\xad" in text or "ط\xad" in text else "ح",
            feh="" if "Ù\x81" in text else "ف",
            quote="”" if "â€œ" in text and "â€\x9d" not in text else "",
            pages={reading.name: reading.likeliest(text) for reading in _code_page_readings()},
        )


@dataclass(frozen=True, slots=True)
class _Run:
    start: int
    end: int
    text: str
    how: str
    letters: int
    restored: int
    is_certain: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a text, without escapes, and the runs of mojibake in it."""

    printed: str
    plain: str
    runs: tuple[_Run, ...]
    is_mention: bool

    @classmethod
    def of(cls, printed: str, is_source: bool, whole: _Whole) -> _Part:
        plain = _ESCAPE.sub(_character, printed) if is_source else printed
        runs = tuple(_runs(plain, whole, _TIMES)) if not plain.isascii() else ()
        if is_source:
            runs = tuple(run for run in runs if not _IN_ADDRESS.search(plain[max(0, run.start - 500) : run.start]))
        damaged = sum(run.letters for run in runs)
        outside = len(_ARABIC.findall(plain)) - sum(len(_ARABIC.findall(plain[run.start : run.end])) for run in runs)
        return cls(printed, plain, runs, outside > damaged)

    def undone(self, certain: set[str], done: Undone) -> str:
        """The part without the runs that are certain, or of a kind that is certain elsewhere."""
        pieces, at = [], 0
        for run in self.runs:
            if run.is_certain or run.how in certain:
                done.how[run.how] += 1
                done.restored += run.restored
                pieces += [self.plain[at : run.start], run.text]
                at = run.end
        return "".join((*pieces, self.plain[at:])) if pieces else self.printed


def _character(escape: re.Match[str]) -> str:
    """The character of an escape, unless it is ASCII, which may be markup."""
    found = chr(int(escape[0][2:], 16)) if escape[0][0] == "\\" else html.unescape(escape[0])
    return escape[0] if found.isascii() or "\ud800" <= found <= "\udfff" or len(found) > 1 else found


def _runs(text: str, whole: _Whole, times: int) -> list[_Run]:
    """The runs of what may be mojibake in a text, by the reading that explains most of its letters."""
    best: list[_Run] = []
    other: list[_Run] = []  # of another script, which is undone in a text of mojibake
    for reading in _readings():
        if not any(sign in text for sign in reading.signs):
            continue
        runs = [run for found in reading.run.finditer(text) if (run := reading.undo(found, whole, times))]
        if sum(run.letters for run in runs) > sum(run.letters for run in best):
            best = runs
        other = other or runs
    if 2 * sum(run.end - run.start for run in best if run.letters) > len(_STRANGE.findall(text)):
        return best
    for page in _code_page_readings():
        runs = list(page.runs(text, whole.pages[page.name]))
        if sum(run.letters for run in runs) > sum(run.letters for run in best):
            best = runs
    return best or other


@dataclass(frozen=True, slots=True)
class _Utf8Reading:
    """UTF-8 that was read as another encoding."""

    name: str
    byte_of: dict[str, int]
    signs: str
    sequence: re.Pattern[str]
    run: re.Pattern[str]
    drops_soft_hyphen: bool
    signs_of_more: ClassVar[re.Pattern[str]] = re.compile("[^\x00-\x7f\u0621-\u063a\u0640-\u0652]|[طظ][^\x00-\x7f]")

    @classmethod
    def of(cls, codec: str, name: str) -> _Utf8Reading:
        byte_of = _bytes_of(codec)

        def chars(first: int, last: int) -> str:
            return "[" + "".join(re.escape(char) for char, byte in byte_of.items() if first <= byte <= last) + "]"

        more = chars(0x80, 0xBF)
        whole = f"{chars(0xC2, 0xDF)}{more}|{chars(0xE0, 0xEF)}{more}{{2}}|{chars(0xF0, 0xF4)}{more}{{3}}"
        # A byte that was replaced is a question mark or U+FFFD; the last one of a quotation mark is undefined too.
        sequence = f"{whole}|{chars(0xD8, 0xD9)}[\ufffd?]?|{chars(0xE2, 0xE2)}{chars(0x80, 0x80)}[\ufffd?]?"
        run = rf"(?:{sequence})(?:{_BETWEEN}(?:{sequence})){{0,{_PIECE}}}"
        signs = "".join(char for char, byte in byte_of.items() if byte in (0xC3, 0xD8, 0xD9))
        return cls(name, byte_of, signs, re.compile(sequence), re.compile(run), "\xad" in byte_of)

    def undo(self, found: re.Match[str], whole: _Whole, times: int) -> _Run | None:
        """A run that was found, decoded; None if it does not become Arabic."""
        printed = found[0]
        lone = restored = count = 0

        def decode(sequence: re.Match[str]) -> str:
            nonlocal lone, restored, count
            count += 1
            data = bytes(self.byte_of[char] for char in sequence[0].rstrip("\ufffd?"))
            try:
                return data.decode("utf-8")
            except UnicodeDecodeError:
                lone += 1
            letter = {b"\xd8": whole.hah, b"\xd9": whole.feh, b"\xe2\x80": whole.quote}.get(data, "")
            if not letter or (letter != whole.hah and self.name != "windows-1252") or not self.drops_soft_hyphen:
                return "\ufffd"
            restored += 1
            return letter

        text = self.sequence.sub(decode, printed)
        how = f"UTF-8 read as {self.name}"
        if times > 1 and self.signs_of_more.search(text):
            inner = _runs(text, _Whole.of(text), times - 1)
            if sum(run.letters for run in inner) > len(_ARABIC.findall(text)) / 4:
                for run in reversed(inner):
                    text = text[: run.start] + run.text + text[run.end :]
                twice = inner[0].how == how
                how = f"{how}, twice" if twice else f"{inner[0].how}, then {how}"
        strange = [char for char in text if not char.isascii() and char.isalpha()]
        letters = len(_ARABIC.findall(text))
        if lone and (letters < _MOST * len(strange) or lone > max(_MAX_LONE * count, 1)):
            return None
        is_certain = letters >= max(_MIN_LETTERS, _MOST * len(strange))
        return _Run(*found.span(), text, how, letters, restored, is_certain)


@dataclass(frozen=True, slots=True)
class _CodePageReading:
    """An Arabic code page that was read as a Western encoding."""

    name: str
    byte_of: dict[str, int]
    run: re.Pattern[str]

    @classmethod
    def of(cls, codec: str, name: str) -> _CodePageReading:
        byte_of = _bytes_of(codec)
        high = "[" + "".join(map(re.escape, byte_of)) + "]"
        return cls(name, byte_of, re.compile(rf"{high}(?:{_BETWEEN}{high}){{0,{_PIECE}}}"))

    def _data(self, text: str) -> bytes:
        return bytes(self.byte_of.get(char, ord(char) & 0x7F) for char in text)

    def likeliest(self, text: str) -> str:
        """The code page in which what may be damaged in a text is likeliest Arabic."""
        data = self._data(" ".join(self.run.findall(_ESCAPE.sub(_character, text))))
        return max(_CODE_PAGES, key=lambda codec: arabic_likelihood(data.decode(codec, "replace")))

    def runs(self, text: str, codec: str) -> Iterator[_Run]:
        """The runs in a text that are Arabic by letter frequencies, in a code page."""
        for found in self.run.finditer(text):
            before, after = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
            around = (before if found[0][0].isalpha() else "") + (after if found[0][-1].isalpha() else "")
            decoded = self._data(found[0]).decode(codec, "replace")
            letters = len(_ARABIC.findall(decoded))
            if decoded in _LONE_MARKS:
                yield _Run(*found.span(), decoded, f"{_CODE_PAGES[codec]} read as {self.name}", 0, 0, False)
            is_glued = any(char.isascii() and char.isalpha() for char in around)
            # Brackets and dots alone are right; without letters of their own they would be letters in MacRoman.
            if not letters or (is_glued and letters < _MIN_GLUED) or not any(map(str.isalpha, found[0])):
                continue
            likelihood = arabic_likelihood(_MARKS.sub("", decoded))
            if likelihood > _MIN_LIKELIHOOD - _SLACK / letters:
                is_certain = letters >= _MIN_CODE_PAGE and likelihood > _MIN_LIKELIHOOD and not is_glued
                yield _Run(*found.span(), decoded, f"{_CODE_PAGES[codec]} read as {self.name}", letters, 0, is_certain)


def _bytes_of(codec: str) -> dict[str, int]:
    """The high byte of each character; of undefined ones and, in windows-1252, of ISO-8859-1 too."""
    found: dict[str, int] = {}
    for byte in range(0x80, 0x100):
        char = bytes([byte]).decode(codec, "replace")
        found.setdefault(chr(byte) if char == "\ufffd" else char, byte)
    if codec == "cp1252":
        for byte in range(0x80, 0xA0):
            found.setdefault(chr(byte), byte)
    return found


@cache
def _readings() -> tuple[_Utf8Reading, ...]:
    return tuple(_Utf8Reading.of(codec, name) for codec, name in _UTF8_READ_AS.items())


@cache
def _code_page_readings() -> tuple[_CodePageReading, ...]:
    return tuple(_CodePageReading.of(codec, name) for codec, name in _CODE_PAGE_READ_AS.items())
