"""Articles whose letters were damaged before they came here: undone where it is certain, otherwise reported.

Mojibake (`mojibake.py`) and visual order (`visual_order.py`) are undone, per field and paragraph,
with one warning per article. Lost letters, `?????` or U+FFFD, are kept and reported; an article whose text has lost all
is refused. Right text is recognized by fast tests, which take some microseconds per article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from corpus.article import Article, make_article
from corpus.errors import UnreadableInput
from corpus.readers.encodings import decode_parts
from corpus.readers.mojibake import ENCODING_NAMES, may_be_mojibake, source_may_be_mojibake, undo_mojibake
from corpus.readers.visual_order import (
    brackets_are_mirrored,
    forms_are_reversed,
    has_forms,
    is_certainly_reversed,
    is_doubtful,
    logical_order,
    may_be_reversed,
    may_be_reversed_of,
    may_have_forms,
    numbers_are_reversed,
    order,
    title_may_be_reversed,
    without_forms,
)

_MAX_LENGTH: Final = 1_000_000  # characters in which mojibake is undone: it takes some 10 microseconds for each
_FIELD_BREAK: Final = "\n\x1e\n"  # a control character, which no article can contain
_ARABIC: Final = re.compile("[\u0621-\u064a\ufb50-\ufdcf\ufe70-\ufefc]")
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_LETTER: Final = re.compile(r"[^\W_]")
# Words of question marks: two in a row, or all that a line has. «لماذا ؟؟» is a printed question.
_LOST_WORDS: Final = re.compile(r"(?<!\S)(?:\?{2,}|؟{2,})[.,:]?[ ]+(?:\?{2,}|؟{2,})(?!\w)")
_LOST_LINE: Final = re.compile(r"[\s\d.,:;!()\"'/-]*(?:\?{3,}|؟{3,})[\s\d.,:;!()\"'/?؟-]*")
_REPLACED: Final = "\ufffd"


class DamagedLetters:
    """The damage to the letters of one article, found while its fields are read; `warnings` reports it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: dict[str, dict[str, None]] = {}
        self._restored = 0

    def decoded_bytes(self, data: bytes, charset: str | None, where: str) -> str:
        """The text of a page or file; `charset` is what the transport declared.

        Raises:
            ValueError: the bytes are not text; the message says what they are.
        """
        found = decode_parts(data, charset)
        if len(found.encodings) > 1:
            names = [ENCODING_NAMES.get(name, name) for name in found.encodings]
            self._note(f"are in {' and '.join(names)}: each part is read in its own", where)
        return found.text

    def decoded(self, text: str, where: str, *, is_source: bool = False) -> str:
        """A raw field or the source of a page without mojibake, before its lines are split and its spaces collapsed.

        Both would damage it further, since some of its characters are control characters and spaces.
        """
        spaces = "\x85" in text or "\xa0" in text
        if not (source_may_be_mojibake(text) if is_source else spaces and may_be_mojibake(text)):
            return text
        if self._is_too_long(text, where):
            return text
        undone = undo_mojibake(text, is_source=is_source)
        for how in undone.how:
            self._note(f"were {how}: undone", where)
        if undone.kept:
            self._note(f"may be {undone.kept}, in part: kept as they are", where)
        self._restored += undone.restored
        return undone.text

    def lines(self, text: str) -> str:
        """A paragraph that is wrapped in its source, in logical order if its lines are in visual order."""
        if not is_certainly_reversed(text):
            return text
        self._note("were in visual order: undone", "text")
        lines = text.splitlines()
        whole = numbers_are_reversed(lines)
        mirror = not whole and brackets_are_mirrored(lines)
        return "\n".join(logical_order(line, whole=whole, mirror=mirror) for line in lines)

    def article(
        self,
        *,
        title: str | None,
        paragraphs: list[str] | tuple[str, ...],
        source: str | None = None,
        section: str | None = None,
        authors: Iterable[str] = (),
        **fields: Any,
    ) -> Article:
        """The article of these fields, as `make_article` builds it, with its damage undone.

        Raises:
            UnreadableInput: all letters of the text are lost.
            ValueError: there is neither a title nor a paragraph.
        """
        title, authors = title or "", tuple(authors)
        joined = "\n".join((title, *paragraphs, source or "", section or "", *authors))
        is_mojibake = may_be_mojibake(joined) or title.count("ظ") > 2
        is_reordered = may_be_reversed(joined) or may_have_forms(joined) or title_may_be_reversed(title)
        is_lost = "?" in joined or _REPLACED in joined or ("؟" in joined and "؟؟" in joined)
        is_mojibake = is_mojibake and not self._is_too_long(joined, "text")
        if is_mojibake or is_reordered or is_lost:
            printed = {"title": [title], "text": list(paragraphs), "source": [source or ""]}
            printed |= {"section": [section or ""], "author": list(authors)}
            if is_mojibake:
                printed = self._without_mojibake(printed)
                joined = "\n".join(line for lines in printed.values() for line in lines)
                is_reordered = may_be_reversed(joined) or may_have_forms(joined)
            if is_reordered:
                printed = self._in_logical_order(printed)
            if is_lost:
                self._find_lost(printed)
            title, paragraphs, authors = printed["title"][0], printed["text"], tuple(printed["author"])
            source, section = printed["source"][0], printed["section"][0]
        return make_article(
            title=title, paragraphs=paragraphs, source=source, section=section, authors=authors, **fields
        )

    def warnings(self) -> Iterator[str]:
        """What was found, one phrase for each kind of damage: in which fields, and whether it is undone."""
        for what, fields in self._found.items():
            yield f"letters of the {_listed(list(fields))} {what}"
        if self._restored:
            lost = "had lost a byte and are restored as ح, ” or ف, which may have been a vowel sign"
            yield f"{self._restored} of these {lost}"

    def _is_too_long(self, text: str, where: str) -> bool:
        if len(text) > _MAX_LENGTH:
            self._note(f"may be damaged: kept as they are, as it has more than {_MAX_LENGTH:,} characters", where)
        return len(text) > _MAX_LENGTH

    def _note(self, what: str, field: str) -> None:
        self._found.setdefault(what, {}).setdefault(field)

    def _without_mojibake(self, printed: dict[str, list[str]]) -> dict[str, list[str]]:
        """All fields at once: a short one is undone if a longer one is certain."""
        lines = [line.replace("\x1e", " ") for lines in printed.values() for line in lines]
        undone = undo_mojibake(_FIELD_BREAK.join(lines))
        self._restored += undone.restored
        found = iter(undone.text.split(_FIELD_BREAK))
        clean = {field: [next(found) for _ in lines] for field, lines in printed.items()}
        changed = [field for field, lines in clean.items() if lines != printed[field]]
        for how in undone.how:
            for field in changed:
                self._note(f"were {how}: undone", field)
        if undone.kept:
            self._note(f"may be {undone.kept}, in part: kept as they are", "text")
        return clean

    def _in_logical_order(self, printed: dict[str, list[str]]) -> dict[str, list[str]]:
        """Each line by its own letters; if most of the text is in visual order, all that speaks for it."""
        reversed_lines = {line for lines in printed.values() for line in lines if self._is_reversed(line)}
        letters = sum(map(len, printed["text"]))
        is_usual = 2 * sum(len(line) for line in printed["text"] if line in reversed_lines) > letters
        words = set(_WORD.findall("\n".join(printed["text"])))
        if is_usual:
            reversed_lines |= {line for lines in printed.values() for line in lines if self._may_be_reversed(line)}
        elif may_be_reversed_of(printed["title"][0], words):
            reversed_lines.add(printed["title"][0])
        elif printed["title"][0] not in reversed_lines and is_doubtful(printed["title"][0]):
            self._note("may be in visual order: kept as they are", "title")
        whole = numbers_are_reversed(reversed_lines)
        mirror = not whole and brackets_are_mirrored(reversed_lines)
        clean: dict[str, list[str]] = {}
        for field, lines in printed.items():
            clean[field] = []
            for line in lines:
                if line not in reversed_lines:
                    clean[field].append(line)
                    continue
                self._note("were in visual order: undone", field)
                # In logical order, presentation forms look as they are meant to, and are folded for searching.
                clean[field].append(without_forms(logical_order(line, whole=whole, mirror=mirror)))
        return clean

    @staticmethod
    def _is_reversed(line: str) -> bool:
        return forms_are_reversed(line) if has_forms(line) else is_certainly_reversed(line)

    @staticmethod
    def _may_be_reversed(line: str) -> bool:
        return _ARABIC.search(line) is not None and order(without_forms(line))[0] <= 0

    def _find_lost(self, printed: dict[str, list[str]]) -> None:
        lost = [line for line in printed["text"] if _LOST_LINE.fullmatch(line)]
        if lost and not any(_LETTER.search(line) for line in printed["text"] if line not in lost):
            raise UnreadableInput(self._name, "its letters are lost: its text consists of question marks")
        for field, lines in printed.items():
            for line in lines:
                if _LOST_LINE.fullmatch(line) or _LOST_WORDS.search(line):
                    self._note("are lost, and printed as question marks", field)
                if _REPLACED in line:
                    self._note("are lost, and printed as \ufffd", field)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
