"""Snippets: the passages of an article that match the most of the query, as printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from indexer import budget
from indexer.highlight.marker import Mark
from indexer.results import Snippet

SNIPPET_LENGTH: Final = 280
"""Approximate length of a snippet in characters: three lines of a result."""

_LONGEST_NEAREST: Final = SNIPPET_LENGTH * 3 // 2  # of what is nearest in meaning

_MAX_PASSAGES: Final = 3
_ELLIPSIS: Final = " … "
_REPEAT: Final = 0.1  # weight of another match of the same word, relative to a new word
_SENTENCE_END = re.compile(r"[.!?؟؛…]\s+|\n")
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class _Passage:
    start: int
    end: int


def snippet_of(
    text: str, marks: list[Mark], *, length: int = SNIPPET_LENGTH, nearest: tuple[int, int] | None = None
) -> Snippet:
    """The best passages of a text, about `length` characters in all, with the spans of the matches.

    Passages are chosen greedily: each one matches the most of the query that is not shown yet. If nothing matches, the
    snippet is the beginning of the text. With `nearest`, the offsets of what is nearest to the query in meaning, it is
    that with what surrounds it.
    """
    if nearest is not None:
        start, end = nearest
        if end - start > _LONGEST_NEAREST:
            end = _word_end(text, start, start + _LONGEST_NEAREST)
        around = _fit(text, start, end, length)
        return _join(text, [_Passage(around.start, around.stop)], marks, (start, end))
    if not marks:
        return Snippet(_display(text[_fit(text, 0, 0, length)]))
    chosen = _choose(text, marks, length)
    room = length // len(chosen)
    passages: list[_Passage] = []
    for core in sorted(chosen, key=lambda passage: passage.start):
        around = _fit(text, core.start, core.end, room)
        if passages and around.start <= passages[-1].end:
            passages[-1] = _Passage(passages[-1].start, max(around.stop, passages[-1].end))
        else:
            passages.append(_Passage(around.start, around.stop))
    return _join(text, passages, marks)


def _choose(text: str, marks: list[Mark], length: int) -> list[_Passage]:
    shown: set[int] = set()
    chosen: list[_Passage] = []
    while len(chosen) < _MAX_PASSAGES:
        # Passages after the first are shorter, so that only dense ones are worth adding.
        window = length * 3 // 4 if not chosen else length // 3
        best_gain = 0.0
        best: tuple[int, int] | None = None
        for first, last, gain in _windows(text, marks, window, shown):
            if gain > best_gain:
                best_gain, best = gain, (first, last)
        if best is None or (chosen and best_gain < 0.5):
            break
        first, last = best
        chosen.append(_Passage(marks[first].start, marks[last].end))
        shown.update(mark.term for mark in marks[first : last + 1])
    return chosen


def _windows(text: str, marks: list[Mark], window: int, shown: set[int]) -> list[tuple[int, int, float]]:
    """(first, last, gain) of the marks that fit into `window` characters of one paragraph, starting from each mark."""
    found = []
    paragraph_end = -1
    for first, start in enumerate(marks):
        budget.check()
        if start.end > paragraph_end:
            paragraph_end = text.find("\n", start.end)
            if paragraph_end < 0:
                paragraph_end = len(text)
        bound = min(start.start + window, paragraph_end)
        best_of = {start.term: start.weight}
        repeats = 0
        last = first
        for at in range(first + 1, len(marks)):
            mark = marks[at]
            if mark.end > bound:
                break
            last = at
            known = best_of.get(mark.term)
            if known is None or known < mark.weight:
                best_of[mark.term] = mark.weight
            repeats += known is not None
        new = sum(weight for term, weight in best_of.items() if term not in shown)
        found.append((first, last, new + _REPEAT * min(repeats, 3) if new else 0.0))
    return found


def _fit(text: str, start: int, end: int, room: int) -> slice:
    """The slice around [start, end), about `room` characters of whole words; it starts at a near sentence if it can."""
    paragraph_start = text.rfind("\n", 0, start) + 1
    paragraph_end = text.find("\n", end)
    if paragraph_end < 0:
        paragraph_end = len(text)
    spare = max(0, room - (end - start))
    begin = max(paragraph_start, start - spare // 2)
    sentence = max((m.end() for m in _SENTENCE_END.finditer(text, max(0, start - spare), start)), default=None)
    if start - paragraph_start <= spare * 2 // 3:
        begin = paragraph_start
    if sentence is not None and begin < sentence:
        begin = sentence
    stop = min(paragraph_end, end + spare - (start - begin))
    if stop == paragraph_end:  # room is left on this side: use it on the other
        begin = min(begin, max(paragraph_start, sentence or 0, start - (spare - (stop - end))))
    return slice(_word_start(text, begin, start), _word_end(text, end, max(stop, end)))


def _word_start(text: str, begin: int, start: int) -> int:
    if begin == 0 or text[begin - 1].isspace():
        return begin
    space = _SPACE.search(text, begin, start)
    return space.end() if space else start


def _word_end(text: str, end: int, stop: int) -> int:
    if stop >= len(text) or text[stop].isspace():
        return stop
    space = max(text.rfind(" ", end, stop), text.rfind("\u00a0", end, stop))
    return space if space >= end else stop if stop > end else _next_space(text, end)


def _next_space(text: str, end: int) -> int:
    space = _SPACE.search(text, end)
    # A mark can end inside a longer run (2017م): the run is shown whole, unless it is too long to be a word.
    return space.start() if space and space.start() - end < 30 else end


def _join(text: str, passages: list[_Passage], marks: list[Mark], nearest: tuple[int, int] | None = None) -> Snippet:
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    length = 0
    for passage in passages:
        lead = _ELLIPSIS if parts else ("… " if _cut_before(text, passage.start) else "")
        parts.append(lead)
        length += len(lead)
        shift = length - passage.start
        parts.append(_display(text[passage.start : passage.end]))
        length += passage.end - passage.start
        spans.extend(
            (mark.start + shift, mark.end + shift)
            for mark in marks
            if mark.start >= passage.start and mark.end <= passage.end
        )
    if passages[-1].end < len(text) and not _SENTENCE_END.match(text, passages[-1].end - 1):
        parts.append(" …")
    if nearest is not None:  # in the only passage
        nearest = nearest[0] + shift, nearest[1] + shift
    return Snippet("".join(parts), tuple(spans), nearest)


def _cut_before(text: str, start: int) -> bool:
    return start > 0 and text[start - 1] != "\n" and not _SENTENCE_END.search(text, max(0, start - 3), start)


def _display(text: str) -> str:
    """The text with spaces for line breaks, which keeps all offsets valid."""
    return text.replace("\n", " ")
