"""`arshif export | import`: the archive as files that other programs read, and back."""

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
@click.option("--pages", is_flag=True, help="Export the original pages too: makes the directory DIR.")
@format_option
@with_archive
def export(archive: Archive, target: Path, pages: bool, output_format: str) -> None:
    """Write all that the archive holds to FILE, as JSON Lines (.jsonl, .jsonl.gz); "-" is standard output.

    Every article with all its revisions, their times and where they came from, removed articles too. With --pages the
    new directory DIR gets them as articles.jsonl.gz, and the original pages as pages.warc.gz. What FILE held before is
    replaced when the export is complete. A damaged row is named and left out, and the command then exits with 1. The
    form is described in docs/export.md.
    """
    from corpus import exchange  # loads warcio

    if str(target) == "-":
        if pages:
            raise click.UsageError("--pages makes a directory: it cannot go to standard output")
        _report_damages(exchange.write_lines(archive, sys.stdout.buffer))
        return
    with progress_bar("exporting") as progress:
        summary = exchange.export_archive(archive, target, pages=pages, progress=progress)
    counts: dict[str, Any] = {name: getattr(summary, name) for name in ("articles", "removed", "revisions")}
    if pages:
        counts["pages"] = summary.pages
    print_counts(counts, output_format)
    if summary.pages_lost:
        click.echo(f"warning: {summary.pages_lost:,} pages are lost or damaged: see 'arshif check'", err=True)
    _report_damages(summary)


def _report_damages(summary: exchange.ExportSummary) -> None:
    """Prints what was left out since it is damaged; the command then ends with 1."""
    for line in summary.damages:
        click.echo(f"damaged: {line}", err=True)
    if summary.damaged > len(summary.damages):
        click.echo(f"damaged: {summary.damaged - len(summary.damages):,} more", err=True)
    if summary.damaged:
        sys.exit(1)


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path), metavar="FILE|DIR")
@click.option("--no-index", is_flag=True, help="Only keep the articles; 'arshif index' makes them findable later.")
@format_option
@with_archive
def import_(archive: Archive, source: Path, no_index: bool, output_format: str) -> None:
    """Add what 'arshif export' wrote, with its whole history, and index it; all of it or, if it is damaged, nothing.

    Articles that are there already get the revisions that they lack; those that have another history here are refused
    by name.
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
        click.echo(f"warning: {summary.namesakes - len(summary.warnings):,} more of the kind", err=True)
    if summary.pages_missing:
        remedy = "export with --pages, and import that too"
        click.echo(f"warning: {summary.pages_missing:,} pages are named but not here: {remedy}", err=True)
    counts: dict[str, Any] = {
        name: getattr(summary, name) for name in ("added", "unchanged", "revised", "refused", "pages")
    }
    finish(archive, counts, output_format, no_index=no_index)
