"""The root element of an XML document, which tells what it is, and the document without its unsafe DOCTYPE."""

from __future__ import annotations

import re
from typing import Final

# What may precede the root element. Each is matched separately, so that no input causes backtracking.
_BEFORE_ROOT: Final = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|(?P<doctype><!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)", re.S | re.I)
_ROOT: Final = re.compile(r"<(?:[\w.-]{1,64}:)?([\w.-]{1,64})[\s/>]")

FEED_ROOTS: Final = frozenset({"rss", "feed", "RDF"})
SITEMAP_ROOTS: Final = frozenset({"urlset", "sitemapindex"})


def root_name(text: str) -> str | None:
    """The local name of the root element; None if there is none."""
    found = _ROOT.match(text, _root_start(text))
    return found[1] if found else None


def without_doctype(text: str) -> str:
    """The document from its root element on.

    The DOCTYPE is removed with the entities that it declares: by them a document of a kilobyte becomes gigabytes
    ("billion laughs") or reads files of this machine, and no feed needs them.
    """
    return text[_root_start(text) :]


def _root_start(text: str) -> int:
    at = 0
    while found := _BEFORE_ROOT.match(text, at):
        at = found.end()
    return at
