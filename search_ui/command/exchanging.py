"""`arshif export | import`: writing the archive to files that other programs read, and reading them back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus import Archive
from search_ui.command.archives import finish
from search_ui.command.cli import with_archive
from search_ui.command.output import format_option, print_counts
from search_ui.command.progress import progress_bar

if TYPE_CHECKING:
    from corpus import exchange


@click.command()
@click.argument("target", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE|DIR|-")
@click.option("--pages", is_flag=True, help="Export the original pages too, to the directory DIR.")
@format_option
@with_archive
def export(archive: Archive, target: Path, pages: bool, output_format: str) -> None:
    """Export the archive as JSON Lines.

    FILE (.jsonl, .jsonl.gz; "-" is standard output) gets every article, including removed ones, with all revisions,
    their times and origins. With --pages, the new directory DIR gets this as articles.jsonl.gz and the original pages
    as pages.warc.gz. An existing FILE is replaced once the export is complete. Damaged rows are reported and left out;
    the exit code is then 1. The format is described in docs/export.md.
    """
    from corpus import exchange  # loads warcio

    if str(target) == "-":
        if pages:
            raise click.UsageError("--pages needs a directory: it cannot write to standard output")
        _report_damages(exchange.write_lines(archive, sys.stdout.buffer))
        return
    with progress_bar("exporting") as progress:
        summary = exchange.export_archive(archive, target, pages=pages, progress=progress)
    counts: dict[str, Any] = {name: getattr(summary, name) for name in ("articles", "removed", "revisions")}
    if pages:
        counts["pages"] = summary.pages
    print_counts(counts, output_format)
    if summary.pages_lost:
        click.echo(f"warning: missing or damaged pages: {summary.pages_lost:,}; run 'arshif check'", err=True)
    _report_damages(summary)


def _report_damages(summary: exchange.ExportSummary) -> None:
    """Prints the damaged rows that were left out; the exit code is then 1."""
    for line in summary.damages:
        click.echo(f"damaged: {line}", err=True)
    if summary.damaged > len(summary.damages):
        click.echo(f"damaged: {summary.damaged - len(summary.damages):,} more", err=True)
    if summary.damaged:
        sys.exit(1)


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path), metavar="FILE|DIR")
@click.option("--no-index", is_flag=True, help="Do not index the articles; run 'arshif index' later.")
@format_option
@with_archive
def import_(archive: Archive, source: Path, no_index: bool, output_format: str) -> None:
    """Import an export, and index it.

    Imports everything that 'arshif export' wrote, including the history; if the export is damaged, nothing. Articles
    that already exist get the revisions that they lack; those with a different history here are refused and listed.
    """
    from corpus import exchange  # loads warcio

    with progress_bar("importing") as progress:
        summary = exchange.import_archive(archive, source, progress=progress)
    for reason in summary.refusals:
        click.echo(f"refused: {reason}", err=True)
    if summary.refused > len(summary.refusals):
        click.echo(f"refused: {summary.refused - len(summary.refusals):,} more", err=True)
    for warning in summary.warnings:
        click.echo(f"warning: {warning}", err=True)
    if summary.namesakes > len(summary.warnings):
        click.echo(f"warning: {summary.namesakes - len(summary.warnings):,} more of this kind", err=True)
    if summary.pages_missing:
        remedy = "export with --pages and import that"
        click.echo(f"warning: pages that are not in the export: {summary.pages_missing:,}; {remedy}", err=True)
    counts: dict[str, Any] = {
        name: getattr(summary, name) for name in ("added", "unchanged", "revised", "refused", "pages")
    }
    finish(archive, counts, output_format, no_index=no_index)
