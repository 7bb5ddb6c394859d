"""What an XML document is, by the name of its first element; and its text without the declarations that are unsafe."""

from __future__ import annotations

import re
from typing import Final

# What may stand before the first element. Each is matched on its own, so that no input makes them backtrack.
_BEFORE_ROOT: Final = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|(?P<doctype><!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)", re.S | re.I)
_ROOT: Final = re.compile(r"<(?:[\w.-]{1,64}:)?([\w.-]{1,64})[\s/>]")

FEED_ROOTS: Final = frozenset({"rss", "feed", "RDF"})
SITEMAP_ROOTS: Final = frozenset({"urlset", "sitemapindex"})


def root_name(text: str) -> str | None:
    """The local name of the first element of a document, or None where none begins it."""
    found = _ROOT.match(text, _root_start(text))
    return found[1] if found else None


def without_doctype(text: str) -> str:
    """The document without what stands before its first element.

    With the document type go the entities that it declares: they are how a document of a kilobyte becomes gigabytes
    (the "billion laughs") or reads files of this machine, and no feed needs them.
    """
    return text[_root_start(text) :]


def _root_start(text: str) -> int:
    at = 0
    while found := _BEFORE_ROOT.match(text, at):
        at = found.end()
    return at
