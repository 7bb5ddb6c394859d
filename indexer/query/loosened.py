"""The queries that remain of one without one of its conditions, or with one of its parts alone.

For a reader whose search finds nothing: each of them is a query to search, so that its number is what a click finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from indexer.query.ast import And as AllOf
from indexer.query.ast import DateRange, Everything, Exact, FieldName, InField, Near, Node, Not, Phrase, Required, Word
from indexer.query.parser import parse_query
from indexer.query.printer import print_query
from indexer.query.simplify import and_of

MAX_LOOSENED: Final = 12
"""Parts and conditions of a query beyond these are not looked at."""

_NAMES: Final = (FieldName.SOURCE, FieldName.SECTION, FieldName.AUTHOR)


class Condition(StrEnum):
    """What may keep articles out of a query, besides its words."""

    EXCLUDED = "excluded"
    DATES = "dates"
    FIELD = "field"
    QUOTED = "quoted"


@dataclass(frozen=True, slots=True)
class Loosened:
    """A part of a query as it is printed, and a query to search instead.

    With `condition` the query is without it: without an excluded word, without dates, without the name of a source,
    section or author, or with the words of a phrase in any place. Without, it is this part alone, within all
    conditions but phrases.
    """

    text: str
    query: str
    condition: Condition | None = None


def loosened(query: str, today: date | None = None) -> tuple[Loosened, ...]:
    """The parts of a query, each alone, then the query without each of its conditions. Never raises."""
    node = parse_query(query, today).node
    children = node.children if isinstance(node, AllOf) else (node,)
    if isinstance(node, Everything) or len(children) > MAX_LOOSENED:
        return ()
    limits = [child for child in children if _condition(child) not in (None, Condition.QUOTED)]
    parts = [child for child in children if child not in limits]
    alone = [Loosened(print_query(part), _query([part, *limits])) for part in parts if len(parts) > 1]
    return (*alone, *_without(children))


def _without(children: Sequence[Node]) -> list[Loosened]:
    found = []
    for place, child in enumerate(children):
        if condition := _condition(child):
            instead = _words(child) if condition is Condition.QUOTED else []
            text = print_query(child.child) if isinstance(child, Not) else print_query(child)
            rest = _query([*children[:place], *instead, *children[place + 1 :]])
            found.append(Loosened(text, rest, condition))
    return found


def _query(children: Sequence[Node]) -> str:
    return print_query(and_of(list(children)))


def _condition(node: Node) -> Condition | None:
    match node:
        case Required():
            return _condition(node.child)
        case Not():
            return Condition.EXCLUDED
        case DateRange():
            return Condition.DATES
        case InField(field) if field in _NAMES:
            return Condition.FIELD
        case Phrase() | Near() | Exact() | InField(_, Phrase() | Near() | Exact()):
            return Condition.QUOTED
    return None


def _words(node: Node) -> list[Node]:
    """The words of a phrase, each required in any place and form."""
    match node:
        case Required():
            return _words(node.child)
        case InField(field, Phrase() | Near() | Exact() as child):
            return [InField(field, word) for word in _words(child) if isinstance(word, Word)]
        case Phrase() | Near():
            return [Word(word) for word in node.words]
        case Exact():
            return [Word(node.text)]
    return [node]
