"""The query language: parsing, printing, rewriting and compiling queries.

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
    SpellingVariants,
    Wildcard,
    Word,
)
from indexer.query.lexer import MAX_QUERY_LENGTH
from indexer.query.loosened import Condition, Loosened, loosened
from indexer.query.parser import MAX_DEPTH, MAX_QUERY_LETTERS, MAX_QUERY_WORDS, ParsedQuery, parse_query
from indexer.query.printer import display_query, print_query
from indexer.query.rewrite import (
    VariantLookup,
    add_variants,
    join_abbreviations,
    replace_word_runs,
    variants_in,
    without_variants,
    word_runs,
)

__all__ = [
    "MAX_DEPTH",
    "MAX_QUERY_LENGTH",
    "MAX_QUERY_LETTERS",
    "MAX_QUERY_WORDS",
    "And",
    "Condition",
    "DateRange",
    "Everything",
    "Exact",
    "FieldName",
    "Fuzzy",
    "InField",
    "Loosened",
    "Near",
    "Node",
    "Not",
    "Nothing",
    "Or",
    "ParsedQuery",
    "Phrase",
    "Required",
    "Root",
    "SpellingVariants",
    "VariantLookup",
    "Wildcard",
    "Word",
    "add_variants",
    "display_query",
    "join_abbreviations",
    "loosened",
    "parse_query",
    "print_query",
    "replace_word_runs",
    "variants_in",
    "without_variants",
    "word_runs",
]
