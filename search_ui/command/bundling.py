"""`arshif bundle`: articles with everything the archive keeps of them, as one file for a court or a fact-check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from corpus import Archive, new_file
from search_ui.command.cli import TEXT, with_archive
from search_ui.command.output import format_option, print_counts


@click.command()
@click.argument("ids", nargs=-1, type=TEXT, metavar="[ID|ADDRESS]...")
@click.option("--query", "-q", type=TEXT, help="Also the articles that match a search, in its order.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The ZIP file to write."
)
@click.option("--name", "-n", type=TEXT, help="The name of the bundle; by default the query, or the archive's name.")
@click.option(
    "--language", type=click.Choice(("ar", "en")), default="ar", show_default=True, help="The language of its PDF."
)
@format_option
@with_archive
def bundle(
    archive: Archive,
    ids: Sequence[str],
    query: str | None,
    output: Path,
    name: str | None,
    language: str,
    output_format: str,
) -> None:
    """Write articles as a bundle of evidence.

    The ZIP file has each article with all its revisions, their differences and where they were imported from, the
    original pages as they were saved, citations, a PDF, a manifest, and SHA256SUMS, which 'sha256sum -c' verifies. If
    an article or a page is damaged, nothing is written. An existing FILE is replaced once the bundle is complete.
    """
    from search_ui.export import MAX_ARTICLES, Entry, Listing, write_bundle  # loads the indexer

    chosen = [archive.id_of(reference) for reference in ids]
    if query is not None:
        chosen += _matches(archive, query)
    chosen = list(dict.fromkeys(chosen))
    if not chosen:
        raise click.UsageError("name articles, or a search with --query, that matches some")
    if len(chosen) > MAX_ARTICLES:
        raise click.UsageError(f"these are {len(chosen):,} articles, and a bundle has at most {MAX_ARTICLES:,}")
    for article_id in chosen:
        archive.get(article_id)  # one that is removed or damaged is reported before anything is written
    entries = tuple(map(Entry, chosen))
    listing = Listing(name or query or archive.settings.name, entries, archive.settings.name, datetime.now(UTC))
    with new_file(output, compress=False) as stream:
        write_bundle(archive, listing, language, stream)
    counts: dict[str, Any] = {"articles": len(chosen), "bytes": output.stat().st_size}
    print_counts(counts, output_format)


def _matches(archive: Archive, query: str) -> list[str]:
    from indexer import SearchRequest, open_searcher

    scan = open_searcher(archive).scan(SearchRequest(query, group=False))
    return [article.id for article, _ in scan.hits()]
