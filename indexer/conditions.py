"""What narrows a search without being what is looked for: dates, fields of names, and the filters beside the query."""

from __future__ import annotations

from indexer.plan import Names, Plan, days
from indexer.query import And, DateRange, FieldName, InField, Node, Not, Nothing, Or, Required
from indexer.results import SearchRequest


def is_condition(node: Node) -> bool:
    """Whether a node narrows a search without being what is looked for: dates and fields of names."""
    match node:
        case DateRange() | Nothing():
            return True
        case InField():
            return node.field is not FieldName.TITLE
        case Or() | And():
            return all(map(is_condition, node.children))
        case Not() | Required():
            return is_condition(node.child)
    return False


def filters(request: SearchRequest) -> tuple[Plan, ...]:
    """The filters beside the query."""
    named = (
        ("source_name", request.sources),
        ("section_name", request.sections),
        ("author_name", request.authors),
    )
    filters: list[Plan] = [Names(field_name, names) for field_name, names in named if names]
    if request.after or request.before:
        filters.append(days(request.after, request.before))
    return tuple(filters)
