"""Compiles the query tree to Whoosh queries: the one place that knows how words are weighted and matched."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Final

from whoosh import query as wq

from indexer.analysis import Level, analyze_words, fold
from indexer.query import (
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
    Or,
    Phrase,
    Root,
    Wildcard,
    Word,
)
from indexer.results import SearchRequest
from indexer.schema import LEVEL_FIELDS, day_number, level_term

LEVEL_WEIGHTS: Final = {Level.STEM: 1.0, Level.FORM: 0.5}
"""What a match at each level adds: the prototype's weights (stems + ½ forms); to be measured."""

PART_WEIGHTS: Final = {"title": 1.0, "body": 1.0}

_FORM_FIELDS: Final = {FieldName.SOURCE: "source", FieldName.AUTHOR: "author", FieldName.SECTION: "section"}


def compile_query(node: Node, *, relaxed: bool = False) -> wq.Query:
    """The Whoosh query of a tree; with `relaxed`, words that are wanted together are wanted singly."""
    if isinstance(node, (Word, Root)):
        return _word(node.text)
    if isinstance(node, (Phrase, Exact, Wildcard, Fuzzy, Near)):
        return wq.Or([_forms_query(LEVEL_FIELDS[part, Level.FORM], node) for part in PART_WEIGHTS])
    if isinstance(node, InField):
        return _in_field(node)
    if isinstance(node, DateRange):
        return _days(node.first, node.last)
    if isinstance(node, Or):
        return wq.Or([compile_query(child, relaxed=relaxed) for child in node.children])
    if isinstance(node, Not):
        return wq.And([wq.Every(), wq.Not(compile_query(node.child))])
    if isinstance(node, Everything):
        return wq.Every()
    return _conjunction(node, relaxed)


def compile_filters(request: SearchRequest) -> wq.Query | None:
    """The filters beside the query; None when there are none."""
    filters: list[wq.Query] = []
    for field, names in (("source_name", request.sources), ("section_name", request.sections)):
        if names:
            filters.append(wq.Or([wq.Term(field, name) for name in names]))
    if request.after or request.before:
        filters.append(_days(request.after, request.before))
    return wq.And(filters) if filters else None


def searched_words(node: Node) -> list[Word]:
    """The plain words that an article should hold: no stop words, unless there is nothing else."""
    if isinstance(node, Word):
        return [node]
    if isinstance(node, And):
        words = [child for child in node.children if isinstance(child, Word)]
        return [word for word in words if not _is_stop_word(word)] or words
    return []


def _conjunction(node: And, relaxed: bool) -> wq.Query:
    words = searched_words(node)
    wanted: list[wq.Query] = []
    required: list[wq.Query] = []
    excluded: list[wq.Query] = []
    for child in node.children:
        if isinstance(child, Not):
            excluded.append(compile_query(child.child))
        elif not isinstance(child, Word):
            required.append(compile_query(child, relaxed=relaxed))
        elif child in words:
            wanted.append(compile_query(child))
    if relaxed and len(wanted) > 1:
        required.append(wq.Or(wanted))
    else:
        required.extend(wanted)
    positive = wq.And(required) if required else wq.Every()
    return wq.AndNot(positive, wq.Or(excluded)) if excluded else positive


def _is_stop_word(word: Word) -> bool:
    return all(terms.stem is None for terms in analyze_words(word.text))


def _word(text: str) -> wq.Query:
    alternatives = [
        wq.Term(LEVEL_FIELDS[part, level], term, boost=part_weight * level_weight)
        for terms in analyze_words(text)[:1]
        for part, part_weight in PART_WEIGHTS.items()
        for level, level_weight in LEVEL_WEIGHTS.items()
        if (term := level_term(terms, level))
    ]
    return wq.Or(alternatives)


def _in_field(node: InField) -> wq.Query:
    if node.field is not FieldName.TITLE:
        return _forms_query(_FORM_FIELDS[node.field], node.child)
    if not isinstance(node.child, Word):
        return _forms_query(LEVEL_FIELDS["title", Level.FORM], node.child)
    return wq.Or([term for term in _word(node.child.text) if term.fieldname.startswith("title_")])


def _forms_query(field: str, node: Word | Phrase | Exact | Wildcard | Fuzzy | Near) -> wq.Query:
    if isinstance(node, Wildcard):
        return wq.Wildcard(field, fold(node.pattern))
    if isinstance(node, Fuzzy):
        return wq.Or(
            [wq.FuzzyTerm(field, form, maxdist=node.distance, prefixlength=0) for form in _forms((node.text,))]
        )
    terms = [wq.Term(field, form) for form in _forms(node.words if isinstance(node, (Phrase, Near)) else (node.text,))]
    if len(terms) < 2:
        return wq.Or(terms)
    if isinstance(node, Near):
        orders = permutations(terms) if len(terms) <= 3 else (terms, terms[::-1])
        return wq.Or([wq.Phrase(field, [term.text for term in order], slop=node.distance) for order in orders])
    return wq.Phrase(field, [term.text for term in terms])


def _forms(words: tuple[str, ...]) -> list[str]:
    return [terms.form for word in words for terms in analyze_words(word) if terms.form]


def _days(first: date | None, last: date | None) -> wq.Query:
    return wq.NumericRange("day", day_number(first) if first else None, day_number(last) if last else None)
