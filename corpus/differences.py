"""Differences between two revisions of an article, word by word, for display.

Paragraphs are paired first: equal ones with each other, changed ones with the most similar one between the same equal
neighbours. Within a pair, and in the title, the words are compared. Nothing is lost: the equal and removed spans of a
paragraph are its old text, the equal and added spans its new text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby
from typing import Final

from corpus.article import Article, printed_date

# A word with its harakat (which Python's \w does not match), white space, or another character; then each with the
# white space after it.
_TOKEN: Final = re.compile(r"[\w\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]+|\s+|.", re.DOTALL)
SPACED: Final = re.compile(rf"(?:{_TOKEN.pattern})\s*", re.DOTALL)
"""A word or another character, with the white space after it."""

_WORD: Final = re.compile(r"\w")
_MAX_WORK: Final = 50_000
"""Pairs of equal words above which a changed part is shown as removed and added whole: comparing it would take minutes.
Two quite different paragraphs of two thousand words have fewer.
"""
_MAX_PAIRS: Final = 10_000
"""Pairs of paragraphs above which a changed part is paired in order, instead of by similarity."""
_ALIKE: Final = 0.3
"""Share of common words from which two paragraphs are versions of one."""


class SpanKind(StrEnum):
    """Whether a span is in both texts, the old one or the new one."""

    EQUAL = "equal"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text, and in which of the texts it is."""

    kind: SpanKind
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A changed field other than title and text: `source`, `date` …; None for an empty value."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """The differences of two revisions; `paragraphs` are all of both, in order."""

    title: tuple[Span, ...]
    paragraphs: tuple[tuple[Span, ...], ...]
    fields: tuple[FieldChange, ...]

    @property
    def words_removed(self) -> int:
        """The number of words removed from the body."""
        return sum(count_words(spans, SpanKind.REMOVED) for spans in self.paragraphs)

    @property
    def words_added(self) -> int:
        """The number of words added to the body."""
        return sum(count_words(spans, SpanKind.ADDED) for spans in self.paragraphs)

    @property
    def paragraphs_changed(self) -> int:
        """The number of changed paragraphs."""
        return sum(map(changed, self.paragraphs))


def difference(before: Article, after: Article) -> Difference:
    """Compare two revisions of an article."""
    return Difference(
        title=text_difference(before.title, after.title),
        paragraphs=tuple(_paragraphs(before.paragraphs, after.paragraphs)),
        fields=field_changes(before, after),
    )


def field_changes(before: Article, after: Article) -> tuple[FieldChange, ...]:
    """The fields that differ, other than title and text."""
    return tuple(
        FieldChange(name, *values)
        for name, values in {
            "url": (before.url, after.url),
            "date": (printed_date(before.published), printed_date(after.published)),
            "source": (before.source, after.source),
            "section": (before.section, after.section),
            "author": tuple("، ".join(article.authors) or None for article in (before, after)),
        }.items()
        if values[0] != values[1]
    )


def changed(spans: Sequence[Span]) -> bool:
    """Whether a paragraph or title has changed."""
    return any(span.kind is not SpanKind.EQUAL for span in spans)


def text_difference(before: str, after: str) -> tuple[Span, ...]:
    """Compare two texts word by word; adjacent spans differ in kind, removed comes before added."""
    old, new = SPACED.findall(before), SPACED.findall(after)
    spans: list[Span] = []
    for tag, i1, i2, j1, j2 in matching_parts(old, new):
        if tag == "equal":
            spans.append(Span(SpanKind.EQUAL, "".join(old[i1:i2])))
        else:
            spans += _replaced("".join(old[i1:i2]), "".join(new[j1:j2]))
    return tuple(joined(spans))


def _replaced(before: str, after: str) -> Iterator[Span]:
    """The spans of a changed part, with the common start and end as equal spans."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    start, end = _shared_ends(old, new)
    for kind, tokens in (
        (SpanKind.EQUAL, old[:start]),
        (SpanKind.REMOVED, old[start : len(old) - end]),
        (SpanKind.ADDED, new[start : len(new) - end]),
        (SpanKind.EQUAL, old[len(old) - end :]),
    ):
        if tokens:
            yield Span(kind, "".join(tokens))


def joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Merge adjacent spans of one kind."""
    for kind, run in groupby(spans, key=lambda span: span.kind):
        yield Span(kind, "".join(span.text for span in run))


def matching_parts(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """`SequenceMatcher.get_opcodes`, in bounded time."""
    start, end = _shared_ends(old, new)
    last_old, last_new = len(old) - end, len(new) - end
    counts = Counter(old[start:last_old]), Counter(new[start:last_new])
    codes: list[tuple[str, int, int, int, int]] = [("equal", 0, start, 0, start)]
    if sum(count * counts[1][item] for item, count in counts[0].items()) > _MAX_WORK:
        codes.append(("replace", start, last_old, start, last_new))
    else:
        matcher = SequenceMatcher(None, old[start:last_old], new[start:last_new], autojunk=False)
        for tag, *places in matcher.get_opcodes():
            i1, i2, j1, j2 = (place + start for place in places)
            codes.append((tag, i1, i2, j1, j2))
    codes.append(("equal", last_old, len(old), last_new, len(new)))
    return [code for code in codes if code[2] > code[1] or code[4] > code[3]]


def _shared_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """The lengths of the common prefix, and of the common suffix of the rest."""
    shortest = min(len(old), len(new))
    start = next((place for place in range(shortest) if old[place] != new[place]), shortest)
    left = shortest - start
    end = next((place for place in range(left) if old[-1 - place] != new[-1 - place]), left)
    return start, end


def _paragraphs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Span, ...]]:
    for tag, i1, i2, j1, j2 in matching_parts(before, after):
        if tag == "equal":
            yield from ((Span(SpanKind.EQUAL, paragraph),) for paragraph in before[i1:i2])
        else:
            for old, new in _pairs(before[i1:i2], after[j1:j2]):
                yield text_difference(old or "", new or "")


def _pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """The paragraphs of a changed part, in order, each paired with its other version or with None."""
    matched = _alignment(before, after) if before and after else []
    i = j = 0
    for old, new in [*matched, (len(before), len(after))]:
        yield from ((paragraph, None) for paragraph in before[i:old])
        yield from ((None, paragraph) for paragraph in after[j:new])
        if old < len(before):
            yield before[old], after[new]
        i, j = old + 1, new + 1


def _alignment(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of positions, ascending in both, with the greatest total similarity of their paragraphs."""
    if len(before) * len(after) > _MAX_PAIRS:
        return [(place, place) for place in range(min(len(before), len(after)))]
    bags = [[Counter(_TOKEN.findall(text)) for text in texts] for texts in (before, after)]
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    alike = [[_likeness(old, new) for new in bags[1]] for old in bags[0]]
    for i in reversed(range(len(before))):
        for j in reversed(range(len(after))):
            together = best[i + 1][j + 1] + alike[i][j] if alike[i][j] >= _ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], together)
    found, i, j = [], 0, 0
    while i < len(before) and j < len(after):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append((i, j))
            i, j = i + 1, j + 1
    return found


def _likeness(old: Counter[str], new: Counter[str]) -> float:
    """Dice's coefficient of the words of two paragraphs, without white space."""
    total = sum(count for bag in (old, new) for token, count in bag.items() if not token.isspace())
    common = sum(count for token, count in (old & new).items() if not token.isspace())
    return 2 * common / total if total else 0.0


def count_words(spans: Sequence[Span], kind: SpanKind) -> int:
    """The number of words in the spans of a kind."""
    return sum(
        sum(1 for token in _TOKEN.findall(span.text) if _WORD.match(token)) for span in spans if span.kind is kind
    )
