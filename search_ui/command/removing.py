"""`arshif remove | restore`: hiding articles from searches and pages, and bringing them back."""

from __future__ import annotations

from collections.abc import Sequence

import click

from corpus import Archive
from search_ui.command.archives import finish
from search_ui.command.cli import with_archive
from search_ui.command.output import format_option

_no_index_option = click.option("--no-index", is_flag=True, help="Do not update the index; run 'arshif index' later.")


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID|URL...")
@click.option("--reason", metavar="TEXT", default="", help="The reason, shown to anyone who asks for the article.")
@_no_index_option
@format_option
@with_archive
def remove(archive: Archive, ids: Sequence[str], reason: str, no_index: bool, output_format: str) -> None:
    """Remove articles: they are no longer found or shown.

    Articles are given by ID or web address. Their revisions stay in the archive; 'arshif restore' brings them back, but
    adding them again does not. If one of the articles does not exist, none is removed.
    """
    articles = dict.fromkeys(map(archive.id_of, ids))
    with archive.batch():
        removed = sum(archive.remove(article_id, reason) for article_id in articles)
    counts = {"removed": removed, "already_removed": len(articles) - removed}
    finish(archive, counts, output_format, no_index=no_index)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID|URL...")
@_no_index_option
@format_option
@with_archive
def restore(archive: Archive, ids: Sequence[str], no_index: bool, output_format: str) -> None:
    """Restore removed articles with all their revisions."""
    articles = dict.fromkeys(map(archive.id_of, ids))
    with archive.batch():
        restored = sum(map(archive.restore, articles))
    counts = {"restored": restored, "not_removed": len(articles) - restored}
    finish(archive, counts, output_format, no_index=no_index)
