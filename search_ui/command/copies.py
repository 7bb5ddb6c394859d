"""How the command tells of a story that many papers printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from corpus import printed_date

if TYPE_CHECKING:
    from corpus import Copy, Group


def papers(group: Group) -> str:
    """How many papers printed a story, and which of them first."""
    number = len(group.sources)
    how_many = f"in {number} papers" if number > 1 else f"{len(group.copies)} copies"
    return f"{how_many}, first {_named(group.first)}"


def copies_lines(group: Group, article_id: str) -> Iterator[str]:
    """The other printings of an article's story, in the order of their dates, a line each."""
    yield click.style(f"Printed {papers(group)}; also:", bold=True)
    for copy in group.others(article_id):
        about = [copy.title, copy.source, printed_date(copy.published), copy.article_id]
        yield "  " + " · ".join(filter(None, about))


def group_value(group: Group) -> dict[str, Any]:
    """A group as plain JSON values; the copies by their dates, the first publisher's first."""
    return {"name": group.name, "sources": group.sources, "copies": [_copy_value(copy) for copy in group.copies]}


def _copy_value(copy: Copy) -> dict[str, Any]:
    date = printed_date(copy.published)
    return {"id": copy.article_id, "title": copy.title, "source": copy.source, "date": date}


def _named(copy: Copy) -> str:
    """Who printed a copy, and on which day."""
    by = f"by {copy.source}" if copy.source else f"as {copy.article_id}"
    return f"{by}, {copy.published.date()}" if copy.published else by
