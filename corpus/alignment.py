"""Two texts side by side, aligned word by word: two papers' printings of a story, or two versions of an article.

`corpus.differences` pairs paragraphs, which two papers split at different places. Here the texts are compared as one
sequence of words, in which a new paragraph is only white space. Long texts are first aligned by three words in a row
that each of them has once ("patience diff"), so that the time stays bounded.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from corpus.differences import SPACED, Span, SpanKind, changed, count_words, joined, matching_parts

_RUN: Final = 3  # words in a row that align two texts
_SMALL: Final = 2  # words in common between two larger changes, below which the common words are shown as changed too
_LARGE: Final = 3


@dataclass(frozen=True, slots=True)
class AlignedRow:
    """A piece of both texts that begins where one of them has a new paragraph."""

    before: tuple[Span, ...]
    after: tuple[Span, ...]
    together: tuple[Span, ...]
    """Both in one: equal spans as the second text has them."""

    @property
    def changed(self) -> bool:
        """Whether the two texts differ here."""
        return changed(self.together)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two texts in rows, and the numbers of words: common ones, and all of each text."""

    rows: tuple[AlignedRow, ...]
    words_common: int
    words_before: int
    words_after: int


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: SpanKind
    before: str
    after: str


def align(before: str, after: str) -> Alignment:
    """Align two texts, whose paragraphs are lines."""
    old, new = SPACED.findall(before), SPACED.findall(after)
    keys = [token.rstrip() for token in old], [token.rstrip() for token in new]
    pieces: list[_Piece] = []
    for equal, i1, i2, j1, j2 in _without_islands(list(_parts(*keys)), *keys):
        if equal:
            pieces += (_Piece(SpanKind.EQUAL, *tokens) for tokens in zip(old[i1:i2], new[j1:j2], strict=True))
        else:
            pieces.append(_Piece(SpanKind.REMOVED, "".join(old[i1:i2]), "".join(new[j1:j2])))
    rows = tuple(map(_row, _split(pieces)))
    common, removed, added = (
        sum(count_words(row.together, kind) for row in rows)
        for kind in (SpanKind.EQUAL, SpanKind.REMOVED, SpanKind.ADDED)
    )
    return Alignment(rows, common, common + removed, common + added)


_Part = tuple[bool, int, int, int, int]
"""Whether a part is equal, and its places in both texts."""


def _parts(old: Sequence[str], new: Sequence[str]) -> Iterator[_Part]:
    i = j = 0
    for anchor_i, anchor_j in [*_anchors(old, new), (len(old), len(new))]:
        if anchor_i < i or anchor_j < j:  # inside the run of the anchor before it
            continue
        for tag, i1, i2, j1, j2 in matching_parts(old[i:anchor_i], new[j:anchor_j]):
            yield tag == "equal", i + i1, i + i2, j + j1, j + j2
        end = min(_RUN, len(old) - anchor_i)
        if end:
            yield True, anchor_i, anchor_i + end, anchor_j, anchor_j + end
        i, j = anchor_i + end, anchor_j + end


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of runs of words that both texts have exactly once, ascending in both: the longest such sequence."""
    places = _single_runs(new)
    pairs = [(i, places[run]) for run, i in _single_runs(old).items() if run in places]
    lengths: list[int] = []  # the smallest last place of a sequence, by its length
    ends: list[int] = []  # and which pair that is
    previous: list[int] = []
    for index, (_, j) in enumerate(pairs):
        length = bisect_left(lengths, j)
        previous.append(ends[length - 1] if length else -1)
        lengths[length : length + 1] = [j]
        ends[length : length + 1] = [index]
    found = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = previous[at]
    return found[::-1]


def _single_runs(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    """The runs of words that occur once, with their places, in order."""
    runs = list(zip(*(words[shift:] for shift in range(_RUN)), strict=False))
    counts = Counter(runs)
    return {run: place for place, run in enumerate(runs) if counts[run] == 1}


def _without_islands(parts: Sequence[_Part], old: Sequence[str], new: Sequence[str]) -> Iterator[_Part]:
    """The parts, adjacent ones joined; one that is equal by chance, `في` between two rewritten passages, as changed."""
    merged: list[_Part] = []
    for part in parts:
        merged.append(_joined_parts(merged.pop(), part) if merged and merged[-1][0] == part[0] else part)
    done: list[_Part] = []
    for place, part in enumerate(merged):
        equal, *places = part
        if equal and 0 < place < len(merged) - 1:
            words = _count(old[part[1] : part[2]])
            around = min(_count_both(other, old, new) for other in (merged[place - 1], merged[place + 1]))
            equal = bool(words) and (words >= _SMALL or around < _LARGE)
        shown: _Part = (equal, places[0], places[1], places[2], places[3])
        done.append(_joined_parts(done.pop(), shown) if done and done[-1][0] == equal else shown)
    yield from done


def _joined_parts(first: _Part, second: _Part) -> _Part:
    return first[0], first[1], second[2], first[3], second[4]


def _count_both(part: _Part, old: Sequence[str], new: Sequence[str]) -> int:
    return _count(old[part[1] : part[2]]) + _count(new[part[3] : part[4]])


def _count(tokens: Sequence[str]) -> int:
    return sum(token[:1].isalnum() for token in tokens)


def _split(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """The pieces of each row: a row ends after a common word with which a paragraph ends in either text."""
    row: list[_Piece] = []
    for piece in pieces:
        row.append(piece)
        if piece.kind is SpanKind.EQUAL and "\n" in piece.before + piece.after:
            yield row
            row = []
    if row:
        yield row


def _row(pieces: Sequence[_Piece]) -> AlignedRow:
    before, after, together = [], [], []
    for piece in pieces:
        if piece.kind is SpanKind.EQUAL:
            before.append(Span(SpanKind.EQUAL, piece.before))
            after.append(Span(SpanKind.EQUAL, piece.after))
            together.append(Span(SpanKind.EQUAL, piece.after))
            continue
        if piece.before:
            before.append(Span(SpanKind.REMOVED, piece.before))
            together.append(Span(SpanKind.REMOVED, piece.before))
        if piece.after:
            after.append(Span(SpanKind.ADDED, piece.after))
            together.append(Span(SpanKind.ADDED, piece.after))
    return AlignedRow(tuple(joined(before)), tuple(joined(after)), tuple(joined(together)))
