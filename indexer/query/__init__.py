"""The query language: what people type, as a tree.

>>> from indexer.query import parse_query, print_query
>>> parse_query("إيران -اليابان").node
And(children=(Word(text='إيران'), Not(child=Word(text='اليابان'))))
>>> print_query(parse_query('title:"وقف النار" OR زلزال').node)
'عنوان:«وقف النار» أو زلزال'
"""

from indexer.query.ast import (
    And,
    DateRange,
    Everything,
    Exact,
    FieldName,
    Fuzzy,
    InField,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Required,
    Root,
    Spelled,
    Wildcard,
    Word,
)
from indexer.query.lexer import MAX_QUERY_LENGTH
from indexer.query.parser import MAX_DEPTH, MAX_QUERY_LETTERS, MAX_QUERY_WORDS, ParsedQuery, parse_query
from indexer.query.printer import display_query, print_query
from indexer.query.respelling import Others, as_typed, respelled, spelled_words, together
from indexer.query.simplify import with_runs, word_runs

__all__ = [
    "MAX_DEPTH",
    "MAX_QUERY_LENGTH",
    "MAX_QUERY_LETTERS",
    "MAX_QUERY_WORDS",
    "And",
    "DateRange",
    "Everything",
    "Exact",
    "FieldName",
    "Fuzzy",
    "InField",
    "Near",
    "Node",
    "Not",
    "Nothing",
    "Or",
    "Others",
    "ParsedQuery",
    "Phrase",
    "Required",
    "Root",
    "Spelled",
    "Wildcard",
    "Word",
    "as_typed",
    "display_query",
    "parse_query",
    "print_query",
    "respelled",
    "spelled_words",
    "together",
    "with_runs",
    "word_runs",
]
