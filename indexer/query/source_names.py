"""Shown names of sources in a query: `المصدر:عكاظ` also matches the articles stored as `okaz`."""

from __future__ import annotations

from dataclasses import replace

from corpus import SourceNames
from indexer.analysis import WORD
from indexer.query.ast import And, Exact, FieldName, InField, Node, Not, Or, Phrase, Required, Word
from indexer.query.parser import ParsedQuery
from indexer.results import SearchRequest


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
