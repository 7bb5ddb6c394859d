"""What `arshif.toml` says of a source's pages: CSS selectors that find title, body, date and author.

What a selector matches is taken as it is; where one matches nothing that can be used, the general way is taken and a
warning says so, since sites change their pages without notice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bs4 import BeautifulSoup, Tag

from corpus.dates import parse_date
from corpus.errors import NotADate
from corpus.readers.html_body import text_blocks
from corpus.readers.html_metadata import without_byline
from corpus.sources import Source

_LONGEST_DATE: Final = 200
_NAME_BREAK: Final = re.compile("[،,]")


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules of a source found; None or empty where there is no rule or it matched nothing."""

    title: str | None = None
    paragraphs: tuple[str, ...] = ()
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    """The rules that matched nothing that could be used, by their names."""


def apply_rules(soup: BeautifulSoup, source: Source) -> Ruled:
    """What the selectors of a source find on a page."""
    found = {name: soup.select(selector) for name, selector in source.selectors.items()}
    title = next(filter(None, map(_text, found.get("title", []))), None)
    paragraphs = tuple(block.text for tag in _outermost(found.get("body", [])) for block in text_blocks(tag))
    published = next(filter(None, map(_date, found.get("date", []))), None)
    names = [name for tag in found.get("author", []) for name in _NAME_BREAK.split(_text(tag))]
    authors = tuple(filter(None, map(without_byline, names)))
    usable = {"title": title, "body": paragraphs, "date": published, "author": authors}
    return Ruled(title, paragraphs, published, authors, tuple(name for name in found if not usable[name]))


def _outermost(tags: list[Tag]) -> list[Tag]:
    """The elements that stand in none of the others, so that no text is taken twice."""
    matched = {id(tag) for tag in tags}
    return [tag for tag in tags if not any(id(holder) in matched for holder in tag.parents)]


def _text(tag: Tag) -> str:
    return " ".join(str(tag.get("content") or tag.get_text()).split())


def _date(tag: Tag) -> datetime | None:
    for text in (tag.get("datetime"), _text(tag)):
        if text and len(str(text)) <= _LONGEST_DATE:
            try:
                return parse_date(str(text))
            except NotADate:
                continue
    return None
