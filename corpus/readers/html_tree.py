"""From HTML to a tree: the one call of BeautifulSoup with lxml's parser.

BeautifulSoup issues Python warnings, which mean nothing to a user, if XML is parsed as HTML, and if a text looks like
an address or a file name. Both are intended here: XHTML, hOCR and other documents with an XML declaration are read as
HTML, and a text without tags is a text. So it gets neither a declaration nor a text without tags.
"""

from __future__ import annotations

import re
from typing import Final

from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer

# An XML declaration and other processing instructions before the root element.
_BEFORE_ROOT: Final = re.compile(r"(?:[\s\ufeff]|<!--.*?-->|<!(?!--)[^>]*>|<\?[^>]*>)*", re.S)
_INSTRUCTION: Final = re.compile(r"<\?[^>]*>")

MAX_TAGS: Final = 50_000
"""Tags of a page. The longest pages of news, with all their comments, have some ten thousand elements; a tree of more
than this takes gigabytes, and minutes to analyze."""


def too_many_tags(text: str) -> str | None:
    """The reason to refuse a page of more than `MAX_TAGS` tags, for the user."""
    return f"it has more than {MAX_TAGS:,} tags, the limit for a page" if text.count("<") > MAX_TAGS else None


def parse_html(text: str, *, only: SoupStrainer | None = None) -> BeautifulSoup:
    """The tree of a page or a part of one; `only` selects the elements that it contains."""
    if "<?" in text:
        start = _BEFORE_ROOT.match(text)
        end = start.end() if start else 0
        text = _INSTRUCTION.sub("", text[:end]) + text[end:]
    if "<" not in text:
        text = f"<p>{text}</p>"
    return BeautifulSoup(text, "lxml", parse_only=only)
