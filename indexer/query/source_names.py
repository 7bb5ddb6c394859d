"""Shown names of sources in a query: `المصدر:عكاظ` also matches the articles stored as `okaz`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from corpus import SourceNames
from indexer.analysis import WORD
from indexer.query.ast import And, Exact, FieldName, InField, Node, Not, Or, Phrase, Required, Word
from indexer.query.lexer import FIELDS
from indexer.query.parser import ParsedQuery
from indexer.results import SearchRequest

# `مصدر:عك` or `source:"الأفق الج`, being typed.
_OPEN: Final = re.compile(rf'(?:^|(?<=\s)|(?<=-))(?:(?:ال)?(?:{"|".join(FIELDS[FieldName.SOURCE])})):("?)([^":]*)$')
_MAX_TYPED: Final = 200


def completed_sources(typed: str, names: SourceNames) -> list[str]:
    """A query that ends in the beginning of a source's shown name, with the names that begin so."""
    found = _OPEN.search(typed[-_MAX_TYPED:])
    if not found or (" " in found[2] and not found[1]):
        return []
    before = typed[: len(typed) - len(found[1] + found[2])]
    return [before + (f'"{name}"' if " " in name else name) for name in names.beginning(found[2])]


def with_stored_sources(parsed: ParsedQuery, names: SourceNames) -> ParsedQuery:
    """The query with the stored names of the sources that it names as they are shown, as alternatives."""
    return replace(parsed, node=_rewritten(parsed.node, names))


def filters_with_stored_sources(request: SearchRequest, names: SourceNames) -> SearchRequest:
    """The request with the same for its filter."""
    stored = [other for source in request.sources for other in (source, *names.stored(source))]
    return replace(request, sources=tuple(dict.fromkeys(stored))) if request.sources else request


def _rewritten(node: Node, names: SourceNames) -> Node:
    match node:
        case And() | Or():
            return replace(node, children=tuple(_rewritten(child, names) for child in node.children))
        case Not() | Required():
            return replace(node, child=_rewritten(node.child, names))
        case InField(FieldName.SOURCE, Word(text) | Exact(text)):
            return _alternatives(node, names.stored_with([text]))
        case InField(FieldName.SOURCE, Phrase(words)):
            return _alternatives(node, names.stored_with(words))
        case _:
            return node


def _alternatives(node: InField, stored: tuple[str, ...]) -> Node:
    found = [InField(FieldName.SOURCE, Phrase(tuple(words))) for name in stored if (words := WORD.findall(name))]
    return Or((node, *found)) if found else node
