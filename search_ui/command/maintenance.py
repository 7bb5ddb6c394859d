"""`arshif check | compare | export | import`: verifying, comparing and exporting whole archives."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus import Archive, ArshifError
from search_ui.command.archives import finish, group_near_duplicates
from search_ui.command.cli import with_archive
from search_ui.command.output import format_option, print_counts, progress_bar

if TYPE_CHECKING:
    from corpus import exchange


@click.command()
@click.option(
    "--repair", is_flag=True, help="Rebuild what can be rebuilt: index, change log, groups; delete leftovers."
)
@format_option
@with_archive
def check(archive: Archive, repair: bool, output_format: str) -> None:
    """Verify the integrity of the archive and its index.

    Rows, texts and pages are compared with their checksums, the change log and the groups with the articles, the index
    and the vectors with their checksums and with the archive. Articles that contain revisions of several sources are
    listed, and separated by --repair. Exits with 1 if there is damage that was not repaired.
    """
    from corpus import repair_archive, verify_archive

    done = repair_archive(archive) if repair else []
    if done:
        group_near_duplicates(archive)  # the change log and the groups may have been rebuilt
    with progress_bar("reading") as progress:
        report = verify_archive(archive, progress=progress)
    indexed, problem, note = _check_index(archive)
    # The index may be of the change log before its repair: only a rebuilt one is certainly right.
    if repair and (problem or note or done):
        from indexer import rebuild_index  # loads the indexer

        with progress_bar("indexing") as progress:
            rebuild_index(archive, progress=progress)
        done.append("rebuilt the index")
        indexed, problem, note = _check_index(archive)
    encoded, damage = _check_vectors(archive)
    problems = [*report.problems, *filter(None, [problem, damage])]
    for kind, lines in (("repaired", done), ("problem", problems), ("note", [*report.notes, *filter(None, [note])])):
        for line in lines:
            click.echo(f"{kind}: {line}", err=True)
    counts: dict[str, Any] = {
        "articles": report.articles,
        "removed": report.removed,
        "revisions": report.revisions,
        "pages": report.pages,
        "indexed_articles": indexed,
        **({"encoded_articles": encoded} if archive.settings.meaning else {}),
        "repaired": len(done),
        "problems": len(problems),
    }
    print_counts(counts, output_format)
    if problems:
        if not repair and (report.problems or problem):
            click.echo("arshif: 'arshif check --repair' rebuilds what can be rebuilt from the articles", err=True)
        sys.exit(1)


@click.command()
@click.argument("other", type=click.Path(path_type=Path))
@with_archive
def compare(archive: Archive, other: Path) -> None:
    """Compare this archive with the one in the directory OTHER.

    Articles, revisions and their times, origins, removals and pages are compared. If they differ, the first differences
    are listed and the exit code is 1.
    """
    from corpus import exchange  # loads warcio

    with Archive.open(other) as second:
        differences = exchange.compare_archives(archive, second)
    for line in differences:
        click.echo(line)
    if differences:
        sys.exit(1)
    click.echo("both archives have the same contents")


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


def _check_index(archive: Archive) -> tuple[int | None, str | None, str | None]:
    """The number of articles verified in the index (None if it is damaged), its problem, and a note on its state."""
    from indexer import IndexMissing, pending_changes, verify_index  # loads the indexer
    from search_ui.hints import with_hint

    try:
        indexed = verify_index(archive)
        pending = pending_changes(archive)
    except IndexMissing as error:
        return 0, None, with_hint(error) if archive.last_change() else None
    except ArshifError as error:
        return None, with_hint(error), None
    changes = f"{pending:,} {'change' if pending == 1 else 'changes'}"
    return indexed, None, f"the index is {changes} behind; run 'arshif index'" if pending else None


def _check_vectors(archive: Archive) -> tuple[int | None, str | None]:
    """The number of articles with verified vectors (None if they are damaged), and their problem."""
    from indexer import verify_vectors  # loads the indexer
    from search_ui.hints import with_hint

    try:
        return verify_vectors(archive), None
    except ArshifError as error:
        return None, with_hint(error)


def _report_damages(summary: exchange.ExportSummary) -> None:
    """Print the damaged rows that were left out; if there are any, exit with 1."""
    for line in summary.damages:
        click.echo(f"damaged: {line}", err=True)
    if summary.damaged > len(summary.damages):
        click.echo(f"damaged: {summary.damaged - len(summary.damages):,} more", err=True)
    if summary.damaged:
        sys.exit(1)
