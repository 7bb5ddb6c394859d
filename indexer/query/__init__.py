"""The query language: what people type, as a tree.

>>> from indexer.query import parse_query
>>> parse_query("إيران -اليابان").node
And(children=(Word(text='إيران'), Not(child=Word(text='اليابان'))))
"""

from indexer.query.ast import And, DateRange, Everything, FieldName, InField, Node, Not, Or, Phrase, Word
from indexer.query.parser import MAX_QUERY_LENGTH, ParsedQuery, parse_query

__all__ = [
    "MAX_QUERY_LENGTH",
    "And",
    "DateRange",
    "Everything",
    "FieldName",
    "InField",
    "Node",
    "Not",
    "Or",
    "ParsedQuery",
    "Phrase",
    "Word",
    "parse_query",
]
