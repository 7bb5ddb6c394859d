"""`arshif remove | restore`: taking articles out of what is found and shown, and bringing them back."""

from __future__ import annotations

from collections.abc import Sequence

import click

from corpus import Archive
from search_ui.command.archives import finish
from search_ui.command.cli import with_archive
from search_ui.command.output import format_option

_no_index_option = click.option(
    "--no-index", is_flag=True, help="Only change the archive; 'arshif index' brings the index up to it later."
)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID|URL...")
@click.option("--reason", metavar="TEXT", default="", help="Why; told to whoever asks for the article.")
@_no_index_option
@format_option
@with_archive
def remove(archive: Archive, ids: Sequence[str], reason: str, no_index: bool, output_format: str) -> None:
    """Remove the articles with these IDs or web addresses: no longer found, shown or counted.

    Their revisions stay in the archive, 'arshif restore' brings them back, and adding them again does not. Either all
    of the articles are removed or, when one does not exist, none.
    """
    articles = dict.fromkeys(map(archive.id_of, ids))
    with archive.batch():
        removed = sum(archive.remove(article_id, reason) for article_id in articles)
    counts = {"removed": removed, "already removed": len(articles) - removed}
    finish(archive, counts, output_format, no_index=no_index)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID|URL...")
@_no_index_option
@format_option
@with_archive
def restore(archive: Archive, ids: Sequence[str], no_index: bool, output_format: str) -> None:
    """Bring removed articles back, with all their revisions."""
    articles = dict.fromkeys(map(archive.id_of, ids))
    with archive.batch():
        restored = sum(map(archive.restore, articles))
    counts = {"restored": restored, "were not removed": len(articles) - restored}
    finish(archive, counts, output_format, no_index=no_index)
