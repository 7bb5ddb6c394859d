"""The passages of an article that are encoded: its title with its lead, then the rest of its body.

One vector for a whole article loses what a long text says in one place, and an encoder reads only so many letters. So a
text is cut into passages of whole sentences; a longer sentence is cut between two words. The lead alone is enough to
compare articles, so it comes first. A passage of a few words is near to any query, such as the name of a reporter
before a long sentence: so a short one also takes the first words of the next sentence, and the last one, if it is
short, the last words before it, which the passage before has too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from corpus import Article
from indexer.analysis.sentences import sentence_spans

LEAD_LETTERS: Final = 350
"""Letters of the first passage: the title, and the lead."""

PASSAGE_LETTERS: Final = 500
"""Letters of each other passage."""

LEAST_LETTERS: Final = 150
"""Letters up to which a passage takes the first words of a sentence that does not fit, and the last passage the words
before it."""

MAX_PASSAGES: Final = 32
"""Passages of a body after the lead, at most: the end of a longer text (some 16,000 letters) is not encoded."""

Span = tuple[int, int]
"""Where a sentence is in the text of its article: its first letter, and the end."""

_TITLE_LETTERS: Final = 200
_READ: Final = 50_000  # letters of a paragraph, far more than its passages have


def lead_of(article: Article, most: int) -> str:
    """The title and the lead, at most `most` letters; never empty."""
    return _split(article, most)[0]


def body_passages(article: Article, most: int) -> list[str]:
    """The passages after the lead, at most `most` letters each; none of a short article."""
    return _split(article, most)[1]


def sentences_of(article: Article, passage: int, most: int) -> list[Span]:
    """The sentences of a passage: 0 is the lead, whose title is left out, 1 the first passage after it, and so on."""
    passages = _spans(article, most)
    return passages[passage] if passage < len(passages) else []


def _split(article: Article, most: int) -> tuple[str, list[str]]:
    text = article.text
    lead, *others = (" ".join(text[start:end] for start, end in passage) for passage in _spans(article, most))
    return "\n".join(filter(None, [_title(article, most), lead])), others


def _title(article: Article, most: int) -> str:
    return article.title[: min(_TITLE_LETTERS, most)]


def _spans(article: Article, most: int) -> list[list[Span]]:
    """The passages of an article, each as the sentences that it has; the first may have none."""
    title = _title(article, most)
    room = max(min(LEAD_LETTERS, most) - len(title) - bool(title), 0)
    return list(_pack(article.text, _sentences(article.paragraphs), room, min(PASSAGE_LETTERS, most)))


def _pack(text: str, sentences: Iterable[Span], first: int, others: int) -> Iterator[list[Span]]:
    """Whole sentences, joined up to `first` letters for the first passage and `others` for each other one."""
    passage: list[Span] = []
    length, room, count = 0, first, 0
    for start, end in sentences:
        at = start
        while at < end:
            free = room - length - bool(passage)
            if end - at <= free:
                passage.append((at, end))
                length += end - at + (len(passage) > 1)
                break
            cut = _cut(text, at, free) if length < LEAST_LETTERS else at
            if cut == at and not passage:
                cut = at + free  # a long word
            if cut > at:
                passage.append((at, cut))
                at = end - len(text[cut:end].lstrip())
            yield passage
            passage, length, room, count = [], 0, others, count + 1
            if count > MAX_PASSAGES:
                return
    if passage and count and length < LEAST_LETTERS:
        passage = [*_before(text, passage[0][0], min(room, LEAST_LETTERS) - length - 1), *passage]
    if passage or not count:
        yield passage


def _before(text: str, end: int, most: int) -> list[Span]:
    """The last words before an offset, of its paragraph or the one before; none if no word fits."""
    end = len(text[:end].rstrip())
    start = max(end - most, 0)
    start = max(start, text.rfind("\n", start, end) + 1)
    if start and not text[start - 1].isspace():
        start = text.find(" ", start, end) + 1 or end
    start = end - len(text[start:end].lstrip())
    return [(start, end)] if most > 0 and start < end else []


def _sentences(paragraphs: Iterable[str]) -> Iterator[Span]:
    """The sentences of paragraphs, as they are in the text of their article."""
    base = 0
    for paragraph in paragraphs:
        for start, end in sentence_spans(paragraph[:_READ]):
            yield base + start, base + end
        base += len(paragraph) + 1


def _cut(text: str, start: int, most: int) -> int:
    """Where a sentence is cut that does not fit: between two words; at its start if no word fits."""
    return max(text.rfind(" ", start, start + most + 1), start) if most > 0 else start
