"""From what a person typed to the query tree. Never raises: what cannot be understood is searched as words.

    query    :=  ( either | either AND either )*      all are wanted; on both sides of AND in any case
    either   :=  unary ( OR unary )*                  binds tighter than AND and the space between words
    unary    :=  ( NOT | PLUS )* atom                 PLUS: in any case
    atom     :=  "(" query ")"
              |  field ":" ( "(" query ")" | leaf )   the field of every word within the brackets
              |  root ":" run                         all words of this root
              |  bound ":" dates                      see `dates`; the longest run of tokens that is a date
              |  leaf
    leaf     :=  phrase | phrase distance | distance phrase | run
    phrase   :=  quotation mark, words, quotation mark
    distance :=  "~" digits | digits "~" | "~"        within so many words of each other, in any order
    run      :=  [ "=" ] word [ "~" [ digits ] ]      "=" exactly this form, "~" spelled about like this
    word     :=  letters, digits, harakat; "*" stands for letters, "؟" or "?" inside for one; "\\" before an operator
                 makes it a word; all other marks part words
    OR       :=  "أو" | "او" | "OR" | "|" | "||"
    NOT      :=  "NOT" | "-" | "−"
    AND      :=  "AND" | "&&" | "&"
    PLUS     :=  "+"
    field, root, bound: the names in `names.FIELDS`, the colon and the value attached to them

That is so of formulas. What `prose` takes for a text is all its words (`text`) and nothing else.

The tree is simple: no `Or` in an `Or`, no `Not` of a `Not`, no `And` in an `And` but what brackets part from the rest;
and dates that bound one period (من:… إلى:…) are one `DateRange`. Its size is bounded by `MAX_QUERY_WORDS` and
`MAX_QUERY_LETTERS`, so that every tree can be printed and read again; as each bracket that matters parts at least two
words, `MAX_DEPTH` cuts none of those.

The words of a query that is read as a text: all marks in it are punctuation.

Hashtags are words (#عاصفة_الحزم is عاصفة and الحزم). Addresses of the web, marks of repeated posts (RT @name:) and
laughter are not, and in a longer text neither are names of accounts; unless there is nothing else.
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
from indexer.query.dated import date_tokens, is_run, mistyped_dates, ranges_in_words, whole_range, with_spaced_dates
from indexer.query.dates import leading_date, read_date, said_of
from indexer.query.lexer import MAX_QUERY_LENGTH, URL, Bound, RootLevel, Token, clean, field_named, lex
from indexer.query.prose import MOST_KEYWORDS, SHORT, Form, content_words, form_of
from indexer.query.simplify import all_of, dates_exclude, simplify, words_of
from indexer.query.words import Leaf, plain_words, read_phrase, read_run, split_words
from indexer.results import QueryWarning, Reading

MAX_QUERY_WORDS: Final = 64
MAX_QUERY_LETTERS: Final = MAX_QUERY_LENGTH // 5  # of its words; room for operators when the tree is printed
MAX_DEPTH: Final = MAX_QUERY_WORDS  # of brackets

_OPERATORS: Final = ("either", "not", "and")


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The tree of a query, how it was read, and what has to be said about it.

    `as_text` is the same query read as a text: one `Word`, an `And` of them, or `Nothing` or `Everything`; it is `node`
    where that is so read. `prose` tells sentences, questions, headlines and pasted texts from keywords.
    """

    node: Node
    as_text: Node
    reading: Reading
    prose: bool
    warnings: tuple[QueryWarning, ...] = ()


def parse_query(text: str, today: date | None = None) -> ParsedQuery:
    """The tree of what was typed. Never raises.

    Relative dates (أمس, آخر 7 أيام) become days, counted from `today`; where none is given, from the day of the
    machine's own time zone. A text that is kept and read on another day means other days.
    """
    today = today or local_day()
    is_blank = not text.strip()
    text, cut = clean(text)
    if is_blank:
        return ParsedQuery(Everything(), Everything(), Reading.TEXT, prose=False)
    tokens, told = lex(text)
    words = words_of_text(text)
    if not words:
        return ParsedQuery(Nothing(), Nothing(), Reading.TEXT, prose=False, warnings=(*cut, warnings.no_words()))
    if (days := whole_range(tokens)) and days.first and days.last:
        as_text, _ = _all_words(words)
        told += [*said_of(text.strip(), days), warnings.read_as_range(days.first, days.last)]
        dates = DateRange(days.first, days.last)
        return ParsedQuery(dates, as_text, Reading.FORMULA, prose=False, warnings=(*cut, *told))
    tokens = with_spaced_dates(tokens, today)
    form = form_of(text, tokens, today)
    if form.is_text:
        said = [
            *mistyped_dates(tokens, today, prose=form.is_prose),
            *([] if form.is_prose else ranges_in_words(tokens)),
        ]
        return _read_as_text(words, form, [*cut, *said])
    told = [*told, *ranges_in_words(tokens)]
    parser = _Parser(tokens, today)
    node = parser.parse()
    if isinstance(node, Everything):  # nothing but words that would be operators beside others
        return _read_as_text(words, form, cut)
    words = words_of_text(" ".join(token.text for token in tokens if not _is_operator(token))) or words
    said = [*cut, *told, *parser.warnings]
    if _is_plain(node):
        return _read_as_text(words, form, said)
    as_text, _ = _all_words(words)
    is_prose = content_words(_plain_words(node)) > MOST_KEYWORDS
    return ParsedQuery(node, as_text, Reading.FORMULA, is_prose, tuple(dict.fromkeys(said)))


def _read_as_text(words: list[str], form: Form, said: list[QueryWarning]) -> ParsedQuery:
    node, more = _all_words(words)
    is_prose = form.is_prose or content_words(words) > MOST_KEYWORDS
    return ParsedQuery(node, node, Reading.TEXT, is_prose, tuple(dict.fromkeys([*said, *more])))


def _all_words(words: list[str]) -> tuple[Node, list[QueryWarning]]:
    """All of these words, as many as there is room for."""
    room = MAX_QUERY_LETTERS
    for count, word in enumerate(words):
        room -= len(word)
        if count == MAX_QUERY_WORDS or room < 0:
            return all_of([*map(Word, words[:count])]), [warnings.too_many_words(MAX_QUERY_WORDS)]
    return all_of([*map(Word, words)]), []


def _is_operator(token: Token) -> bool:
    """Whether a token of a formula is no word of it when that is read as a text."""
    if token.kind == "field":  # other Arabic names of fields are words of news
        field = field_named(token.text)
        return isinstance(field, Bound) or (field is not None and token.text.isascii())
    return token.kind in _OPERATORS


def _is_plain(node: Node) -> bool:
    return isinstance(node, Word) or (isinstance(node, And) and all(isinstance(child, Word) for child in node.children))


def _plain_words(node: Node) -> list[str]:
    children = node.children if isinstance(node, And) else (node,)
    return [child.text for child in children if isinstance(child, Word)]


class _Parser:
    def __init__(self, tokens: list[Token], today: date) -> None:
        self.warnings: list[QueryWarning] = []
        self._tokens = tokens
        self._today = today
        self._at = 0
        self._dated: tuple[Bound | None, int] = None, 0  # the field of the last date, and where that ended
        self._words = MAX_QUERY_WORDS  # that there is room for
        self._letters = MAX_QUERY_LETTERS
        self._periods: dict[DateRange, tuple[date, date]] = {}  # what an open range was made from

    def parse(self) -> Node:
        children = []
        while self._at < len(self._tokens):
            children.extend(self._query(depth=0))
            if self._at < len(self._tokens):  # a closing bracket that nothing opened
                self._at += 1
                self._warn(warnings.unbalanced_bracket())
        node, swapped = simplify(all_of(children), self._periods)
        if swapped:
            self._warn(warnings.dates_swapped())
        if dates_exclude(node):
            self._warn(warnings.dates_exclude())
        return node

    def _warn(self, warning: QueryWarning) -> None:
        self.warnings.append(warning)

    def _peek(self) -> str:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else ""

    # Grammar: each gives the nodes that are all wanted, none where nothing is left to search

    def _query(self, depth: int) -> list[Node]:
        children: list[Node] = []
        group: list[Node] = []
        joined = ""  # the AND before what is read next
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
        alternatives = [all_of(first)] if first else []
        operator = ""
        while self._peek() == "either":
            operator = self._tokens[self._at].text
            self._at += 1
            if following := self._another_date() or self._unary(depth):
                alternatives.append(all_of(following))
        if not operator:
            return first
        if len(alternatives) < 2:
            self._warn(warnings.lone_operator("أو / OR" if operator.isalpha() else operator))
            return alternatives
        return [Or(tuple(alternatives))]

    def _another_date(self) -> list[Node]:
        """A date behind the date of a field and أو: تاريخ:2015 أو 2016."""
        bound, end = self._dated
        if bound is None or end != self._at - 1 or not date_tokens(self._tokens[self._at :], self._today):
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
            return [Not(all_of(children))]
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
            return []  # the bracket is ignored; what it held follows as if it were not there
        children = self._query(depth + 1)
        if self._peek() != "close":
            self._warn(warnings.unbalanced_bracket())
            return children
        self._at += 1
        return [all_of(children)] if children else []

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

    def _leaves(self, token: Token) -> list[Leaf]:
        if token.kind == "phrase":
            return read_phrase(token.text, token.distance, self._warn)
        if token.kind == "run":
            if token.text.endswith(":") and field_named(token.text[:-1]):
                self._warn(warnings.value_apart(token.text[:-1]))
            return read_run(token.text, token.distance, self._warn)
        return [Word(word) for word in plain_words(token.text)]

    def _in_field(self, field: FieldName, label: str, node: Node) -> Node:
        """The tree with everything in it that can stand in a field put there."""
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
        for warning in said_of(text, days):
            self._warn(warning)
        first, last = days.first, days.last
        if bound is not Bound.ON and first and last:
            dates = DateRange(first, None) if bound is Bound.AFTER else DateRange(None, last)
            self._periods[dates] = first, last
        else:
            dates = DateRange(first, last)
        return self._taken([dates])

    def _both_bounds(self, bound: Bound) -> tuple[DayRange, int, str] | None:
        """Two bounds of which the first takes from the second what it lacks: من:1 إلى:5 مايو 2015."""
        since = self._runs()
        rest = self._tokens[self._at + len(since) :]
        if bound is not Bound.AFTER or len(rest) < 2 or rest[0].kind != "field" or not since:
            return None
        if field_named(rest[0].text) is not Bound.BEFORE:
            return None
        until = [token.text for token in takewhile(is_run, rest[1:])]
        try:
            _, count = leading_date(until, self._today)
            days = read_bounds(" ".join(since), " ".join(until[:count]), self._today)
        except NotADate:
            return None
        return days, len(since) + 1 + count, f"{' '.join(since)} .. {' '.join(until[:count])}"

    def _runs(self) -> list[str]:
        return [token.text for token in takewhile(is_run, self._tokens[self._at :])]

    def _taken(self, nodes: Sequence[Node]) -> list[Node]:
        """These nodes, as many as there is room for; where there is no more the rest of the query is ignored."""
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


_ADDRESS: Final = re.compile(rf"(?<!\S)[\"«“(]?(?:{URL.pattern})", re.VERBOSE)
_REPEATED: Final = re.compile(r"(?<!\S)(?:RT|rt|via)\s+@\w+:?")
_ACCOUNT: Final = re.compile(r"(?<!\w)@[A-Za-z0-9_]+")
_LAUGHTER: Final = re.compile(r"(?<!\w)ه{3,}(?!\w)")


def words_of_text(text: str) -> list[str]:
    """The words of a clean query (`indexer.query.lexer.clean`), all of them."""
    told = _LAUGHTER.sub(" ", _REPEATED.sub(" ", _ADDRESS.sub(" ", text)))
    words = plain_words(told)
    if len(words) > SHORT:
        words = plain_words(_ACCOUNT.sub(" ", told))
    return words or plain_words(text)
