"""Where the sentences of a printed text begin and end: one rule for passages and answers.

Snippets, which only prefer to begin where a sentence does, have a simpler one (`indexer.highlight.snippets`).

A sentence ends at a full stop, a question or exclamation mark, a semicolon or an ellipsis, with the quotation marks and
brackets that close after it, and at the end of its line. These are no ends:

- a full stop within a number (3.5) or a name of the web, and after one letter alone: `أ. ب. خالد`, `د. سعاد`, `U.S.`;
  but `1438 هـ.` and `2017م.` may end one
- a full stop after the number of a list: `1. الميزانية`
- two full stops, which headlines print for a pause: `عاجل.. حريق`
- a mark within a short quotation or bracket: `قال «لا تذهبوا. انتظروا» ثم خرج`

A full stop without a space after it ends a sentence between two words: `انتهى الاجتماع.وقال`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_QUOTED: Final = 300  # letters; a longer quotation has sentences of its own
_BEFORE: Final = 12  # letters before a full stop that decide whether it is an end
_END: Final = re.compile(
    r"""(?P<marks>[.۔!?؟؛…]+)(?P<closing>[»”"’'\])]*)(?:\s+|$)"""  # a mark, and what closes after it
    r"""|(?<=[^\W\d_]{3})\.(?=[\u0621-\u064a]{2})"""  # انتهى.وقال
    r"""|\s*\n\s*"""
)
_COMMAS: Final = ("، ", ", ")
_ONE_LETTER: Final = re.compile(r"(?:^|[\W_])[^\W\d_]\u0640?$")
_AFTER_NUMBER: Final = re.compile(r"\d\s?[^\W\d_]\u0640?$")
_LIST_NUMBER: Final = re.compile(r"\s*[(\[]?\d{1,3}$")
_TITLES: Final = re.compile(r"(?:^|\W)(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|No|vs)$")
_QUOTATION: Final = re.compile(
    rf"""«[^«»\n]{{0,{_QUOTED}}}»|“[^“”\n]{{0,{_QUOTED}}}”|\([^()\n]{{0,{_QUOTED}}}\)|"[^"\n]{{0,{_QUOTED}}}\""""
)


def sentence_spans(text: str, most: int | None = None) -> list[tuple[int, int]]:
    """The (start, end) of each sentence of a text, in order, without the space around it; none of a blank text.

    With `most`, a sentence of more letters is cut at a comma, or between two words: texts without a full stop are
    common.
    """
    spans = []
    start = 0
    for end, following in [*_ends(text), (len(text), len(text))]:
        while most is not None and end - start > most:
            cut = _cut(text, start, start + most)
            spans.append(_without_space(text, start, cut))
            start = cut
        spans.append(_without_space(text, start, end))
        start = following
    return [(first, last) for first, last in spans if first < last]


def _without_space(text: str, start: int, end: int) -> tuple[int, int]:
    sentence = text[start:end]
    first = start + len(sentence) - len(sentence.lstrip())
    return first, max(first, start + len(sentence.rstrip()))


def _cut(text: str, start: int, end: int) -> int:
    """Where to cut a sentence that is too long: after its last comma or word before `end`."""
    comma = max(text.rfind(mark, start + (end - start) // 4, end) for mark in _COMMAS)
    space = text.rfind(" ", start + 1, end)
    return comma + 1 if comma >= 0 else space if space > 0 else end


def _ends(text: str) -> Iterator[tuple[int, int]]:
    """The offset after each sentence, and that of what follows it."""
    quotations = [found.span() for found in _QUOTATION.finditer(text)]
    at = start = 0
    for found in _END.finditer(text):
        while at < len(quotations) and quotations[at][1] <= found.start():
            at += 1
        quoted = at < len(quotations) and quotations[at][0] < found.start()
        # A mark just before the closing quotation mark ends the sentence, if that closes it.
        if quoted and not (found["marks"] and found.end("closing") >= quotations[at][1]):
            continue
        if found["marks"] and not _is_end(found["marks"], text, start, found.start()):
            continue
        yield (
            (found.end("closing") if found["marks"] else found.end() if found[0] == "." else found.start()),
            found.end(),
        )
        start = found.end()


def _is_end(marks: str, text: str, start: int, at: int) -> bool:
    """Whether marks at an offset end the sentence that starts at `start`."""
    if marks == "..":
        return False
    if marks != ".":
        return True
    before = text[max(start, at - _BEFORE) : at]
    if (at - start <= _BEFORE and _LIST_NUMBER.fullmatch(before)) or _TITLES.search(before):
        return False
    return not _ONE_LETTER.search(before) or bool(_AFTER_NUMBER.search(before))
