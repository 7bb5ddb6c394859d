"""From what a person typed to the query tree. Never raises: what cannot be understood is searched as words.

    query    :=  either+                         all are wanted
    either   :=  unary ( ("أو" | "OR" | "|") unary )*      binds tighter than the space between words
    unary    :=  ("-" | "ليس" | "NOT")* atom
    atom     :=  word | phrase | field ":" (word | phrase) | "(" query ")"

Quotes of every family open and close phrases; direction marks are passed over, so that operators work on whichever
side a right-to-left box shows them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from corpus import NotADate, parse_period
from indexer.analysis import INVISIBLE, WORD, fold
from indexer.query import warnings
from indexer.query.ast import And, DateRange, Everything, FieldName, InField, Node, Not, Or, Phrase, Word
from indexer.results import QueryWarning

MAX_QUERY_LENGTH: Final = 2000  # characters
MAX_QUERY_WORDS: Final = 64
MAX_DEPTH: Final = 20  # of brackets

_FIELDS: Final = {
    fold(name): field
    for field, names in {
        FieldName.TITLE: ("عنوان", "العنوان", "title"),
        FieldName.SOURCE: ("مصدر", "المصدر", "source"),
        FieldName.AUTHOR: ("كاتب", "الكاتب", "author"),
        FieldName.SECTION: ("قسم", "القسم", "section"),
    }.items()
    for name in names
}
_DATE_FIELDS: Final = {
    fold(name): bound
    for bound, names in {
        "on": ("تاريخ", "التاريخ", "date"),
        "after": ("من", "بعد", "after"),
        "before": ("إلى", "قبل", "before"),
    }.items()
    for name in names
}
_OR: Final = frozenset({"او", "or"})
_NOT: Final = frozenset({"ليس", "not"})
_AND: Final = frozenset({"and", "و"})

_LEXER: Final = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<open>\() | (?P<close>\))
    | "(?P<q1>[^"]*)" | «(?P<q2>[^»]*)» | »(?P<q3>[^«]*)« | [“”„‟](?P<q4>[^“”„‟]*)[“”„‟]
    | (?P<lone>["«»“”„‟])
    | (?P<either>\|+)
    | (?P<minus>(?:(?<=\s)|(?<=\()|^)[-\u2212\u2013]+(?=[^\s\-\u2212\u2013]))
    | (?P<field>[^\W\d_][^\W\d_]*:)(?=\s*\S)
    | (?P<run>[^\s()"«»“”„‟|:]+:?|:)
    """,
    re.VERBOSE,
)
_INVISIBLE: Final = re.compile(f"[{INVISIBLE}\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The tree of a query and what has to be said about it."""

    node: Node
    warnings: tuple[QueryWarning, ...] = ()


def parse_query(text: str) -> ParsedQuery:
    """The tree of what was typed. Never raises."""
    parser = _Parser(text)
    node = parser.parse()
    return ParsedQuery(node, tuple(dict.fromkeys(parser.warnings)))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


class _Parser:
    def __init__(self, text: str) -> None:
        self.warnings: list[QueryWarning] = []
        if len(text) > MAX_QUERY_LENGTH:
            text = text[:MAX_QUERY_LENGTH]
            self.warnings.append(warnings.query_cut(MAX_QUERY_LENGTH))
        self._tokens = self._lex(_INVISIBLE.sub("", text))
        self._at = 0

    def parse(self) -> Node:
        children = []
        while self._at < len(self._tokens):
            children.extend(self._query(depth=0))
            if self._at < len(self._tokens):  # a closing bracket that nothing opened
                self._at += 1
                self.warnings.append(warnings.unbalanced_bracket())
        return _all_of(children)

    # Tokens

    def _lex(self, text: str) -> list[_Token]:
        tokens: list[_Token] = []
        words = 0
        for match in _LEXER.finditer(text):
            kind = match.lastgroup or ""
            if kind == "space":
                continue
            if kind == "lone":
                self.warnings.append(warnings.unbalanced_quote())
                continue
            if kind in ("q1", "q2", "q3", "q4"):
                kind = "phrase"
            value = match.group(match.lastgroup or 0)
            if kind in ("run", "phrase"):
                words += len(WORD.findall(value))
                if words > MAX_QUERY_WORDS:
                    self.warnings.append(warnings.too_many_words(MAX_QUERY_WORDS))
                    break
            tokens.append(_Token(_operator(kind, value), value))
        return tokens

    def _peek(self) -> str:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else ""

    # Grammar

    def _query(self, depth: int) -> list[Node]:
        children: list[Node] = []
        while self._peek() not in ("", "close"):
            children.extend(self._either(depth))
        return children

    def _either(self, depth: int) -> list[Node]:
        first = self._unary(depth)
        alternatives = [_all_of(first)] if first else []
        seen_or = False
        while self._peek() == "either":
            seen_or = True
            self._at += 1
            if following := self._unary(depth):
                alternatives.append(_all_of(following))
        if not seen_or:
            return first
        if len(alternatives) < 2:
            self.warnings.append(warnings.lone_operator("أو / OR"))
            return alternatives
        return [Or(tuple(alternatives))]

    def _unary(self, depth: int) -> list[Node]:
        negated = False
        operator = ""
        while self._peek() in ("minus", "not", "and"):
            token = self._tokens[self._at]
            if token.kind != "and":
                negated = not negated
                operator = token.text
            self._at += 1
        children = self._atom(depth)
        if operator and not children:
            self.warnings.append(warnings.lone_operator(operator))
        if negated and children:
            return [Not(_all_of(children))]
        return children

    def _atom(self, depth: int) -> list[Node]:
        """Zero or more nodes that are all wanted; takes at least one token unless an operator or bracket follows."""
        kind = self._peek()
        if kind in ("", "close", "either", "minus", "not", "and"):
            return []
        token = self._tokens[self._at]
        self._at += 1
        if kind == "open":
            return self._bracket(depth)
        if kind == "phrase":
            return _phrase(token.text)
        if kind == "field":
            return self._field(token.text)
        return [Word(word) for word in WORD.findall(token.text)]

    def _bracket(self, depth: int) -> list[Node]:
        if depth >= MAX_DEPTH:
            self.warnings.append(warnings.too_deep(MAX_DEPTH))
            return []  # the bracket is passed over; what it held follows as plain words
        children = self._query(depth + 1)
        if self._peek() == "close":
            self._at += 1
        else:
            self.warnings.append(warnings.unbalanced_bracket())
        return [_all_of(children)] if children else []

    def _field(self, label: str) -> list[Node]:
        name = fold(label.rstrip(":"))
        if name in _DATE_FIELDS and self._peek() in ("run", "phrase", "field"):
            return self._date(_DATE_FIELDS[name], label)
        if name in _FIELDS and self._peek() in ("run", "phrase"):
            kind = self._peek()
            value = self._tokens[self._at].text
            self._at += 1
            found: list[Node] = _phrase(value) if kind == "phrase" else [Word(word) for word in WORD.findall(value)]
            return [InField(_FIELDS[name], node) for node in found if isinstance(node, (Word, Phrase))]
        if name not in _FIELDS and name not in _DATE_FIELDS:
            self.warnings.append(warnings.unknown_field(label.rstrip(":")))
        return [Word(word) for word in WORD.findall(label)]

    def _date(self, bound: str, label: str) -> list[Node]:
        value = self._tokens[self._at].text
        self._at += 1
        try:
            first, last = parse_period(value)
        except NotADate:
            self.warnings.append(warnings.not_a_date(value))
            return [Word(word) for word in WORD.findall(value)]
        if bound == "after":
            return [DateRange(first, None)]
        if bound == "before":
            return [DateRange(None, last)]
        return [DateRange(first, last)]


def _operator(kind: str, value: str) -> str:
    if kind != "run":
        return kind
    folded = fold(value) if len(value) <= 4 else ""
    if folded in _OR and value != "or":
        return "either"
    if folded in _NOT and value != "not":
        return "not"
    if folded in _AND and value != "and":
        return "and"
    return kind


def _phrase(text: str) -> list[Node]:
    words = tuple(WORD.findall(text))
    return [Phrase(words)] if words else []


def _all_of(children: list[Node]) -> Node:
    if not children:
        return Everything()
    return children[0] if len(children) == 1 else And(tuple(children))
