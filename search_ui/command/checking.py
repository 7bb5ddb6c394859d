"""`arshif check | compare`: is the archive whole, is its index, and do two archives hold the same?

`arshif export | import`: the archive as files that other programs read, and back.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus import Archive, ArshifError
from search_ui.command.archives import finish, group
from search_ui.command.cli import with_archive
from search_ui.command.output import format_option, print_counts, progress_bar

if TYPE_CHECKING:
    from corpus import exchange


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be made anew: index, change log, groups, leftovers.")
@format_option
@with_archive
def check(archive: Archive, repair: bool, output_format: str) -> None:
    """Read the whole archive and its index: is everything there, and as it was written?

    Rows, texts and pages are compared with their checksums, the change log and the groups with the articles, the index
    with its checksums and with the archive; articles that hold revisions of several sources are named, and taken apart
    by --repair. Exits with 1 when there is damage that was not repaired.
    """
    from corpus import repair_archive, verify_archive

    done = repair_archive(archive) if repair else []
    if done:
        group(archive)  # both the change log and the groups themselves may have been made anew
    with progress_bar("reading") as progress:
        report = verify_archive(archive, progress=progress)
    indexed, problem, note = _check_index(archive)
    # An index may have seen a change log that was mended since: only a new one is known to be right.
    if repair and (problem or note or done):
        from indexer import rebuild_index  # loads Whoosh

        with progress_bar("indexing") as progress:
            rebuild_index(archive, progress=progress)
        done.append("built the index anew")
        indexed, problem, note = _check_index(archive)
    problems = [*report.problems, *filter(None, [problem])]
    for kind, lines in (("repaired", done), ("problem", problems), ("note", [*report.notes, *filter(None, [note])])):
        for line in lines:
            click.echo(f"{kind}: {line}", err=True)
    counts: dict[str, Any] = {
        "articles": report.articles,
        "removed": report.removed,
        "revisions": report.revisions,
        "pages": report.pages,
        "articles whole in the index": indexed,
        "repaired": len(done),
        "problems": len(problems),
    }
    print_counts(counts, output_format)
    if problems:
        sys.exit(1)


@click.command()
@click.argument("other", type=click.Path(path_type=Path))
@with_archive
def compare(archive: Archive, other: Path) -> None:
    """Tell whether the archive in the directory OTHER holds the same as this one.

    The same are articles, revisions and their times, where they came from, removals, and pages. Exits with 1 and names
    the first differences when they do not.
    """
    from corpus import exchange  # loads warcio

    with Archive.open(other) as second:
        differences = exchange.compare_archives(archive, second)
    for line in differences:
        click.echo(line)
    if differences:
        sys.exit(1)
    click.echo("both archives hold the same")


def _check_index(archive: Archive) -> tuple[int, str | None, str | None]:
    """Articles found whole in the index, what is wrong with it, and what is to be said of it."""
    from indexer import IndexMissing, pending_changes, verify_index  # loads Whoosh

    try:
        indexed = verify_index(archive)
        pending = pending_changes(archive)
    except IndexMissing as error:
        return 0, None, str(error) if archive.last_change() else None
    except ArshifError as error:
        return 0, str(error), None
    return indexed, None, f"the index is {pending:,} changes behind: run 'arshif index'" if pending else None


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
