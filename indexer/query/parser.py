"""The parser of the query language: from typed text to the query tree. Never raises: invalid parts are read as words.

    query    :=  ( either | either AND either )*      all of them; both sides of AND are required in every match mode
    either   :=  unary ( OR unary )*                  binds tighter than AND and the space between words
    unary    :=  ( NOT | PLUS )* atom                 PLUS: required in every match mode
    atom     :=  "(" query ")"
              |  field ":" ( "(" query ")" | leaf )   the field applies to every word in the brackets
              |  root ":" run                         all words of this root
              |  bound ":" dates                      see `dates`; the longest run of tokens that is a date
              |  leaf
    leaf     :=  phrase | phrase distance | distance phrase | run
    phrase   :=  quotation mark, words, quotation mark
    distance :=  "~" digits | digits "~" | "~"        within so many words of each other, in any order
    run      :=  [ "=" ] word [ "~" [ digits ] ]      "=" exactly this form, "~" fuzzy
    word     :=  letters, digits, harakat; "*" matches any letters, "؟" or "?" inside one letter; "\\" before an
                 operator makes it a word; any other mark separates words
    OR       :=  "أو" | "او" | "OR" | "|" | "||"
    NOT      :=  "NOT" | "-" | "−"
    AND      :=  "AND" | "&&" | "&"
    PLUS     :=  "+"
    field, root, bound: the names in `lexer.FIELDS`, with the colon and the value attached

This is the grammar of operator queries. In what `prose` classifies as text all marks are punctuation, and every word
is searched. Hashtags are words (#عاصفة_الحزم is عاصفة and الحزم). Web addresses, marks of reposts (RT @name:) and
laughter are dropped, and in longer texts names of accounts too, unless nothing would be left.

The tree is simplified: no `Or` in an `Or`, no `Not` of a `Not`, no `And` in an `And` except for brackets; dates that
bound one period (من:… إلى:…) are one `DateRange`. Its size is bounded by `MAX_QUERY_WORDS` and `MAX_QUERY_LETTERS`, so
that every tree can be printed and parsed again. `MAX_DEPTH` cuts no brackets that matter, as each of these separates at
least two words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Final

from corpus import DateWithoutYear, DayRange, NotADate, local_day, read_bounds
from indexer.analysis import fold
from indexer.query import warnings
from indexer.query.ast import (
    And,
    DateRange,
    Everything,
    FieldName,
    InField,
    Node,
    Not,
    Nothing,
    Or,
    Required,
    Root,
    Word,
)
from indexer.query.date_tokens import (
    bare_range_warnings,
    count_date_tokens,
    invalid_date_warnings,
    is_plain_run,
    join_spaced_dates,
    whole_query_range,
)
from indexer.query.dates import date_warnings, leading_date, read_date
from indexer.query.lexer import MAX_QUERY_LENGTH, URL, Bound, QueryToken, RootLevel, clean_query, field_named, lex
from indexer.query.prose import MAX_KEYWORDS, SHORT_TEXT, QueryKind, classify_query, content_words
from indexer.query.simplify import and_of, have_disjoint_dates, simplify, words_of
from indexer.query.words import Leaf, parse_phrase, parse_run, plain_words, split_words
from indexer.results import QueryWarning, Reading

MAX_QUERY_WORDS: Final = 64
MAX_QUERY_LETTERS: Final = MAX_QUERY_LENGTH // 5  # of its words; leaves room to print operators
MAX_DEPTH: Final = MAX_QUERY_WORDS  # of brackets

_OPERATORS: Final = ("either", "not", "and")

_ADDRESS: Final = re.compile(rf"(?<!\S)[\"«“(]?(?:{URL.pattern})", re.VERBOSE)
_REPOST: Final = re.compile(r"(?<!\S)(?:RT|rt|via)\s+@\w+:?")
_ACCOUNT: Final = re.compile(r"(?<!\w)@[A-Za-z0-9_]+")
_LAUGHTER: Final = re.compile(r"(?<!\w)ه{3,}(?!\w)")


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The tree of a query, how it was read, and warnings.

    `as_text` is the same query read as text: one `Word`, an `And` of them, `Nothing` or `Everything`; it equals `node`
    if the query was read as text. `prose` is true for sentences, questions, headlines and pasted texts, false for
    keywords.
    """

    node: Node
    as_text: Node
    reading: Reading
    prose: bool
    warnings: tuple[QueryWarning, ...] = ()


def parse_query(text: str, today: date | None = None) -> ParsedQuery:
    """Parse a query. Never raises.

    Relative dates (أمس, آخر 7 أيام) are resolved against `today`, by default the day in the machine's time zone. The
    same text parsed on another day means other days.
    """
    today = today or local_day()
    is_blank = not text.strip()
    text, cut = clean_query(text)
    if is_blank:
        return ParsedQuery(Everything(), Everything(), Reading.TEXT, prose=False)
    tokens, found = lex(text)
    words = _text_words(text)
    if not words:
        return ParsedQuery(Nothing(), Nothing(), Reading.TEXT, prose=False, warnings=(*cut, warnings.no_words()))
    if (days := whole_query_range(tokens)) and days.first and days.last:
        as_text, _ = _all_words(words)
        found += [*date_warnings(text.strip(), days), warnings.read_as_range(days.first, days.last)]
        dates = DateRange(days.first, days.last)
        return ParsedQuery(dates, as_text, Reading.OPERATORS, prose=False, warnings=(*cut, *found))
    tokens = join_spaced_dates(tokens, today)
    kind = classify_query(text, tokens, today)
    if kind.is_text:
        more = [
            *invalid_date_warnings(tokens, today, prose=kind.is_prose),
            *([] if kind.is_prose else bare_range_warnings(tokens)),
        ]
        return _read_as_text(words, kind, [*cut, *more])
    found = [*found, *bare_range_warnings(tokens)]
    parser = _Parser(tokens, today)
    node = parser.parse()
    if isinstance(node, Everything):  # only names of operators, which are words then
        return _read_as_text(words, kind, cut)
    words = _text_words(" ".join(token.text for token in tokens if not _is_operator(token))) or words
    found = [*cut, *found, *parser.warnings]
    if _is_plain(node):
        return _read_as_text(words, kind, found)
    as_text, _ = _all_words(words)
    is_prose = content_words(_plain_words(node)) > MAX_KEYWORDS
    return ParsedQuery(node, as_text, Reading.OPERATORS, is_prose, tuple(dict.fromkeys(found)))


def _text_words(text: str) -> list[str]:
    """The words of a clean query that is read as text."""
    kept = _LAUGHTER.sub(" ", _REPOST.sub(" ", _ADDRESS.sub(" ", text)))
    words = plain_words(kept)
    if len(words) > SHORT_TEXT:
        words = plain_words(_ACCOUNT.sub(" ", kept))
    return words or plain_words(text)


def _read_as_text(words: list[str], kind: QueryKind, found: list[QueryWarning]) -> ParsedQuery:
    node, more = _all_words(words)
    is_prose = kind.is_prose or content_words(words) > MAX_KEYWORDS
    return ParsedQuery(node, node, Reading.TEXT, is_prose, tuple(dict.fromkeys([*found, *more])))


def _all_words(words: list[str]) -> tuple[Node, list[QueryWarning]]:
    """The node of all these words, up to the limits; and warnings."""
    room = MAX_QUERY_LETTERS
    for count, word in enumerate(words):
        room -= len(word)
        if count == MAX_QUERY_WORDS or room < 0:
            return and_of([*map(Word, words[:count])]), [warnings.too_many_words(MAX_QUERY_WORDS)]
    return and_of([*map(Word, words)]), []


def _is_operator(token: QueryToken) -> bool:
    """Whether a token of an operator query is dropped when the query is read as text."""
    if token.kind == "field":  # other Arabic field names are also ordinary words
        field = field_named(token.text)
        return isinstance(field, Bound) or (field is not None and token.text.isascii())
    return token.kind in _OPERATORS


def _is_plain(node: Node) -> bool:
    return isinstance(node, Word) or (isinstance(node, And) and all(isinstance(child, Word) for child in node.children))


def _plain_words(node: Node) -> list[str]:
    children = node.children if isinstance(node, And) else (node,)
    return [child.text for child in children if isinstance(child, Word)]


class _Parser:
    def __init__(self, tokens: list[QueryToken], today: date) -> None:
        self.warnings: list[QueryWarning] = []
        self._tokens = tokens
        self._today = today
        self._at = 0
        self._dated: tuple[Bound | None, int] = None, 0  # the field of the last date, and where its value ended
        self._words = MAX_QUERY_WORDS  # left
        self._letters = MAX_QUERY_LETTERS
        self._periods: dict[DateRange, tuple[date, date]] = {}  # see `simplify.Periods`

    def parse(self) -> Node:
        children = []
        while self._at < len(self._tokens):
            children.extend(self._query(depth=0))
            if self._at < len(self._tokens):  # a closing bracket without an opening one
                self._at += 1
                self._warn(warnings.unbalanced_bracket())
        node, swapped = simplify(and_of(children), self._periods)
        if swapped:
            self._warn(warnings.dates_swapped())
        if have_disjoint_dates(node):
            self._warn(warnings.dates_exclude())
        return node

    def _warn(self, warning: QueryWarning) -> None:
        self.warnings.append(warning)

    def _peek(self) -> str:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else ""

    # Grammar: each method returns the nodes that are required together; none if there is nothing to search

    def _query(self, depth: int) -> list[Node]:
        children: list[Node] = []
        group: list[Node] = []
        joined = ""  # the AND before the next operand
        while self._peek() not in ("", "close"):
            if self._peek() == "and":
                joined = self._tokens[self._at].text
                self._at += 1
                if not group:
                    self._warn(warnings.lone_operator(joined))
                group = [Required(node) for node in group]
            else:
                children.extend(group)
                group = self._either(depth)
                group = [Required(node) for node in group] if joined and children else group
                joined = ""
        if joined:
            self._warn(warnings.lone_operator(joined))
        return [*children, *group]

    def _either(self, depth: int) -> list[Node]:
        first = self._unary(depth)
        alternatives = [and_of(first)] if first else []
        operator = ""
        while self._peek() == "either":
            operator = self._tokens[self._at].text
            self._at += 1
            if following := self._another_date() or self._unary(depth):
                alternatives.append(and_of(following))
        if not operator:
            return first
        if len(alternatives) < 2:
            self._warn(warnings.lone_operator("أو / OR" if operator.isalpha() else operator))
            return alternatives
        return [Or(tuple(alternatives))]

    def _another_date(self) -> list[Node]:
        """A date after أو that takes the field of the date before: تاريخ:2015 أو 2016."""
        bound, end = self._dated
        if bound is None or end != self._at - 1 or not count_date_tokens(self._tokens[self._at :], self._today):
            return []
        return self._dates(bound) if self._peek() == "run" else []

    def _unary(self, depth: int) -> list[Node]:
        negated = required = False
        operator = ""
        while self._peek() in ("minus", "not", "plus"):
            token = self._tokens[self._at]
            negated ^= token.kind != "plus"
            required = required or token.kind == "plus"
            operator = token.text
            self._at += 1
        children = self._atom(depth)
        if operator and not children:
            self._warn(warnings.lone_operator(operator))
        if negated and children:
            return [Not(and_of(children))]
        return [Required(node) for node in children] if required else children

    def _atom(self, depth: int) -> list[Node]:
        if self._peek() in ("", "close", "minus", "plus", *_OPERATORS):
            return []
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "open":
            return self._bracket(depth)
        if token.kind == "field":
            return self._field(token.text, depth)
        return self._taken(self._leaves(token))

    def _bracket(self, depth: int) -> list[Node]:
        if depth >= MAX_DEPTH:
            self._warn(warnings.too_deep(MAX_DEPTH))
            return []  # the bracket is ignored, its content is parsed without it
        children = self._query(depth + 1)
        if self._peek() != "close":
            self._warn(warnings.unbalanced_bracket())
            return children
        self._at += 1
        return [and_of(children)] if children else []

    def _field(self, label: str, depth: int) -> list[Node]:
        field = field_named(label)
        kind = self._peek()
        if field is None:
            self._warn(warnings.unknown_field(label))
        elif isinstance(field, Bound):
            if kind in ("run", "phrase"):
                return self._dates(field)
        elif kind in ("run", "phrase", "url", *_OPERATORS):
            token = self._tokens[self._at]
            self._at += 1
            if field is RootLevel.ROOT:
                return self._taken([Root(word) for word in split_words(token.text) if fold(word)])
            return self._taken([InField(field, leaf) for leaf in self._leaves(token)])
        elif kind == "open" and isinstance(field, FieldName):
            self._at += 1
            return [self._in_field(field, label, node) for node in self._bracket(depth)]
        if field is not None:
            self._warn(warnings.field_without_value(label))
        return self._taken([Word(word) for word in plain_words(label)])

    def _leaves(self, token: QueryToken) -> list[Leaf]:
        if token.kind == "phrase":
            return parse_phrase(token.text, token.distance, self._warn)
        if token.kind == "run":
            if token.text.endswith(":") and field_named(token.text[:-1]):
                self._warn(warnings.value_apart(token.text[:-1]))
            return parse_run(token.text, token.distance, self._warn)
        return [Word(word) for word in plain_words(token.text)]

    def _in_field(self, field: FieldName, label: str, node: Node) -> Node:
        """The tree with each leaf that may be in a field put there."""
        if isinstance(node, (And, Or)):
            return type(node)(tuple(self._in_field(field, label, child) for child in node.children))
        if isinstance(node, (Not, Required)):
            return type(node)(self._in_field(field, label, node.child))
        if isinstance(node, Root):
            self._warn(warnings.root_in_field(label))
            return InField(field, Word(node.text))
        return InField(field, node) if isinstance(node, Leaf) else node

    def _dates(self, bound: Bound) -> list[Node]:
        token = self._tokens[self._at]
        try:
            if token.kind == "phrase":
                days, count = read_date(token.text, self._today, counted=bound is not Bound.ON), 1
            else:
                days, count = leading_date(self._runs(), self._today, counted=bound is not Bound.ON)
            text = " ".join(each.text for each in self._tokens[self._at : self._at + count])
        except NotADate as error:
            if (pair := self._both_bounds(bound)) is None:
                self._at += 1
                no_year = isinstance(error, DateWithoutYear)
                self._warn(warnings.date_without_year(error.text) if no_year else warnings.not_a_date(error.text))
                return self._taken([Word(word) for word in plain_words(token.text)])
            days, count, text = pair
            bound = Bound.ON
        self._at += count
        self._dated = bound, self._at
        for warning in date_warnings(text, days):
            self._warn(warning)
        first, last = days.first, days.last
        if bound is not Bound.ON and first and last:
            dates = DateRange(first, None) if bound is Bound.AFTER else DateRange(None, last)
            self._periods[dates] = first, last
        else:
            dates = DateRange(first, last)
        return self._taken([dates])

    def _both_bounds(self, bound: Bound) -> tuple[DayRange, int, str] | None:
        """Two bounds of which the first takes its month and year from the second: من:1 إلى:5 مايو 2015."""
        since = self._runs()
        rest = self._tokens[self._at + len(since) :]
        if bound is not Bound.AFTER or len(rest) < 2 or rest[0].kind != "field" or not since:
            return None
        if field_named(rest[0].text) is not Bound.BEFORE:
            return None
        until = [token.text for token in takewhile(is_plain_run, rest[1:])]
        try:
            _, count = leading_date(until, self._today)
            days = read_bounds(" ".join(since), " ".join(until[:count]), self._today)
        except NotADate:
            return None
        return days, len(since) + 1 + count, f"{' '.join(since)} .. {' '.join(until[:count])}"

    def _runs(self) -> list[str]:
        return [token.text for token in takewhile(is_plain_run, self._tokens[self._at :])]

    def _taken(self, nodes: Sequence[Node]) -> list[Node]:
        """These nodes, up to the limits of a query; the rest of the query is ignored beyond them."""
        taken: list[Node] = []
        for node in nodes:
            words = words_of(node)
            self._words -= max(1, len(words))
            self._letters -= sum(map(len, words))
            if self._words < 0 or self._letters < 0:
                self._warn(warnings.too_many_words(MAX_QUERY_WORDS))
                self._tokens = self._tokens[: self._at]
                break
            taken.append(node)
        return taken
