"""The simple tree: nothing nested that need not be, and one range of dates where two bounds were typed.

The plain words of a query that may be corrected: those side by side together, since a correction may join or part
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import groupby

from indexer.query.ast import (
    And,
    DateRange,
    Everything,
    Exact,
    Fuzzy,
    InField,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Required,
    Root,
    Wildcard,
    Word,
)
from indexer.query.dates import Span, ordered

Periods = Mapping[DateRange, tuple[date, date]]
"""Of open ranges: the first and last day of the date that each was made from."""


def all_of(children: list[Node]) -> Node:
    """The node that wants all of these; every article for none."""
    if not children:
        return Everything()
    return children[0] if len(children) == 1 else And(tuple(children))


def words_of(node: Node) -> tuple[str, ...]:
    """The words in a node that has no nodes beneath it, or in what a field holds."""
    match node:
        case InField():
            return words_of(node.child)
        case Phrase() | Near():
            return node.words
        case Word() | Exact() | Root() | Fuzzy():
            return (node.text,)
        case Wildcard():
            return (node.pattern,)
    return ()


def simplify(node: Node, periods: Periods) -> tuple[Node, bool]:
    """The simple tree, and whether a range of dates had to be turned round.

    `Or` in `Or` and `Not` of `Not` are made one, and `Required` of what is required anyway is that; one open beginning
    and one open end that are wanted together become one range, in the place of the first of them.
    """
    if isinstance(node, Required):
        child, swapped = simplify(node.child, periods)
        return (child if isinstance(child, (Required, Not, DateRange)) else Required(child)), swapped
    if isinstance(node, Not):
        child, swapped = simplify(node.child, periods)
        if isinstance(child, Required):
            child = child.child
        return (child.child if isinstance(child, Not) else Not(child)), swapped
    if not isinstance(node, (And, Or)):
        return node, False
    children: list[Node] = []
    any_swapped = False
    for child, swapped in (simplify(child, periods) for child in node.children):
        children.extend(child.children if isinstance(node, Or) and isinstance(child, Or) else (child,))
        any_swapped = any_swapped or swapped
    if isinstance(node, Or):
        return Or(tuple(children)), any_swapped
    children, swapped = _one_period(children, periods)
    return all_of(children), any_swapped or swapped


def dates_exclude(node: Node) -> bool:
    """Whether somewhere dates are required together that no day lies within."""
    if isinstance(node, (Not, Required)):
        return dates_exclude(node.child)
    if not isinstance(node, (And, Or)):
        return False
    if isinstance(node, And):
        ranges = [child for child in node.children if isinstance(child, DateRange)]
        firsts = [dates.first for dates in ranges if dates.first]
        lasts = [dates.last for dates in ranges if dates.last]
        if firsts and lasts and max(firsts) > min(lasts):
            return True
    return any(map(dates_exclude, node.children))


def _one_period(children: list[Node], periods: Periods) -> tuple[list[Node], bool]:
    since = [child for child in children if isinstance(child, DateRange) and child.last is None]
    until = [child for child in children if isinstance(child, DateRange) and child.first is None]
    if len(since) != 1 or len(until) != 1:
        return children, False
    (earlier,), (later,) = since, until
    span: Span = earlier.first, later.last
    swapped = False
    if earlier.first and later.last and earlier.first > later.last:
        span, swapped = ordered(
            periods.get(earlier, (earlier.first, earlier.first)), periods.get(later, (later.last, later.last))
        )
    place = min(children.index(earlier), children.index(later))
    rest = [child for child in children if child is not earlier and child is not later]
    return [*rest[:place], DateRange(*span), *rest[place:]], swapped


def word_runs(node: Node) -> Iterator[tuple[str, ...]]:
    """The plain words of a query as typed, each run of neighbours together; none of phrases, fields or exclusions."""
    match node:
        case Word():
            yield (node.text,)
        case Required():
            yield from word_runs(node.child)
        case Or():
            for child in node.children:
                yield from word_runs(child)
        case And():
            for is_word, group in groupby(node.children, _is_word):
                if is_word:
                    yield _texts(group)
                else:
                    for child in group:
                        yield from word_runs(child)


def with_runs(node: Node, better: Mapping[tuple[str, ...], tuple[str, ...]]) -> Node:
    """The tree with other words in place of some of its runs."""
    match node:
        case Word():
            return all_of([*map(Word, better.get((node.text,), (node.text,)))])
        case Required():
            return Required(with_runs(node.child, better))
        case Or():
            return replace(node, children=tuple(with_runs(child, better) for child in node.children))
        case And():
            children: list[Node] = []
            for is_word, group in groupby(node.children, _is_word):
                if is_word:
                    run = _texts(group)
                    children += map(Word, better.get(run, run))
                else:
                    children += (with_runs(child, better) for child in group)
            return all_of(children)
    return node


def _is_word(node: Node) -> bool:
    return isinstance(node, Word)


def _texts(words: Iterable[Node]) -> tuple[str, ...]:
    return tuple(word.text for word in words if isinstance(word, Word))
