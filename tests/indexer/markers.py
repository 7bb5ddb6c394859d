"""Markers of queries, as a search creates them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from indexer import SearchRequest
from indexer.highlight.marker import Marker
from indexer.query import parse_query
from indexer.query.compiler import compile_query


def marker_of(query: str, *, loose: bool = False, similar: Mapping[str, Collection[str]] | None = None) -> Marker:
    """The marker of articles that match a query, or with `loose` that of the nearest others."""
    compiled = compile_query(parse_query(query), SearchRequest(query))
    return Marker(compiled.loose_highlight_terms if loose else compiled.highlight_terms, similar)
