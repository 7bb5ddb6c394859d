"""The compiled query: what search, highlighting and spelling work from, on both engines. See `indexer.compilation`."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.matchers import Item
from indexer.plan import Pattern, Plan
from indexer.query import Node, Spelled, display_query
from indexer.results import MatchMode, QueryWarning, Reading


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a query that the width counts: as it is shown, what matches it, and what it is weighed by.

    It is weighed by all forms of its words, however they are read: so a wider reading never narrows a set.
    """

    text: str
    plan: Plan
    weighed: Plan


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """A query, ready to be carried out.

    An article matches that has all, most or any of the `parts`, as `match` says, and those that are `required` anyway;
    meets every one of the `conditions` and none of `excluded`. Its score is the sum of what it has of `scored`. The
    nearest others have what is `required`, meet the conditions and have any of `near`, whose scores are summed.
    `items` are marked in articles that match, `loose_items` in the nearest. `correctable` are its plain words, those
    side by side together, that may be misspelt; `spelled` are those of which other spellings are looked for too.
    """

    node: Node
    reading: Reading
    prose: bool
    match: MatchMode
    parts: tuple[Part, ...] = ()
    required: tuple[Plan, ...] = ()
    conditions: tuple[Plan, ...] = ()
    excluded: tuple[Plan, ...] = ()
    scored: tuple[Plan, ...] = ()
    near: tuple[Plan, ...] = ()
    items: tuple[Item, ...] = ()
    loose_items: tuple[Item, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    correctable: tuple[tuple[str, ...], ...] = ()
    warnings: tuple[QueryWarning, ...] = ()
    spelled: tuple[Spelled, ...] = ()

    @property
    def understood(self) -> str:
        """The query in the query language, with direction marks for display."""
        return display_query(self.node)
