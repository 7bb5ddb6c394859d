"""How the command prints a story that many papers printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

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


def _named(copy: Copy) -> str:
    """Who printed a copy, and on which day."""
    by = f"by {copy.source}" if copy.source else f"as {copy.article_id}"
    return f"{by}, {copy.published.date()}" if copy.published else by
