"""The passages of an article that are encoded: its title with its lead, then the rest of its body.

One vector for a whole article loses what a long text says in one place, and an encoder reads only so many letters. So a
text is cut into passages of whole sentences; a longer sentence is cut between two words. The lead alone is enough to
compare articles, so it comes first.
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

MAX_PASSAGES: Final = 32
"""Passages of a body after the lead, at most: the end of a longer text (some 16,000 letters) is not encoded."""

_TITLE_LETTERS: Final = 200


def lead_of(article: Article, most: int) -> str:
    """The title and the lead, at most `most` letters; never empty."""
    return _split(article, most)[0]


def body_passages(article: Article, most: int) -> list[str]:
    """The passages after the lead, at most `most` letters each; none of a short article."""
    return _split(article, most)[1]


def _split(article: Article, most: int) -> tuple[str, list[str]]:
    title = article.title[: min(_TITLE_LETTERS, most)]
    room = max(min(LEAD_LETTERS, most) - len(title) - bool(title), 0)
    passages = list(_pack(article.paragraphs, room, min(PASSAGE_LETTERS, most)))
    return "\n".join(filter(None, [title, passages[0]])), passages[1:]


def _pack(paragraphs: Iterable[str], first: int, others: int) -> Iterator[str]:
    """Whole sentences, joined up to `first` letters for the first passage and `others` for each other one."""
    passage, room, count = "", first, 0
    for sentence in _sentences(paragraphs):
        rest = sentence
        while rest:
            free = room - len(passage) - bool(passage)
            if len(rest) <= free:
                passage, rest = f"{passage} {rest}".lstrip(), ""
                continue
            if not passage and free:
                passage, rest = _cut(rest, free)
            yield passage
            passage, room, count = "", others, count + 1
            if count > MAX_PASSAGES:
                return
    if passage or not count:
        yield passage


def _sentences(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        for start, end in sentence_spans(paragraph):
            yield paragraph[start:end]


def _cut(sentence: str, most: int) -> tuple[str, str]:
    """A sentence that is too long, cut between two words if one fits."""
    end = sentence.rfind(" ", 0, most + 1)
    end = end if end > 0 else most
    return sentence[:end], sentence[end:].lstrip()
