"""Simplification of the query tree: no needless nesting, and one range of dates where two bounds were typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

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
from indexer.query.dates import Span, order_periods

Periods = Mapping[DateRange, tuple[date, date]]
"""For each open range, the first and last day of the date that it was made from."""


def simplify(node: Node, periods: Periods) -> tuple[Node, bool]:
    """The simplified tree, and whether the bounds of a range of dates were swapped.

    `Or` in `Or` and `Not` of `Not` are merged, and `Required` of what is required anyway is dropped. One open beginning
    and one open end that are required together become one range, in the place of the first of them.
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
    return and_of(children), any_swapped or swapped


def and_of(children: list[Node]) -> Node:
    """The node that requires all of these; `Everything` for none."""
    if not children:
        return Everything()
    return children[0] if len(children) == 1 else And(tuple(children))


def words_of(node: Node) -> tuple[str, ...]:
    """The words of a leaf, or of the leaf that a field holds."""
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


def have_disjoint_dates(node: Node) -> bool:
    """Whether dates that are required together have no day in common."""
    if isinstance(node, (Not, Required)):
        return have_disjoint_dates(node.child)
    if not isinstance(node, (And, Or)):
        return False
    if isinstance(node, And):
        ranges = [child for child in node.children if isinstance(child, DateRange)]
        firsts = [dates.first for dates in ranges if dates.first]
        lasts = [dates.last for dates in ranges if dates.last]
        if firsts and lasts and max(firsts) > min(lasts):
            return True
    return any(map(have_disjoint_dates, node.children))


def _one_period(children: list[Node], periods: Periods) -> tuple[list[Node], bool]:
    since = [child for child in children if isinstance(child, DateRange) and child.last is None]
    until = [child for child in children if isinstance(child, DateRange) and child.first is None]
    if len(since) != 1 or len(until) != 1:
        return children, False
    (earlier,), (later,) = since, until
    span: Span = earlier.first, later.last
    swapped = False
    if earlier.first and later.last and earlier.first > later.last:
        span, swapped = order_periods(
            periods.get(earlier, (earlier.first, earlier.first)), periods.get(later, (later.last, later.last))
        )
    place = min(children.index(earlier), children.index(later))
    rest = [child for child in children if child is not earlier and child is not later]
    return [*rest[:place], DateRange(*span), *rest[place:]], swapped
