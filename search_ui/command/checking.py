"""`arshif check | compare`: verifying an archive and its index, and comparing two archives."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from corpus import Archive, ArshifError
from search_ui.command.archives import group
from search_ui.command.cli import with_archive
from search_ui.command.output import format_option, print_counts
from search_ui.command.progress import progress_bar


@click.command()
@click.option(
    "--repair", is_flag=True, help="Rebuild what can be rebuilt: index, change log, groups; delete leftovers."
)
@format_option
@with_archive
def check(archive: Archive, repair: bool, output_format: str) -> None:
    """Verify the integrity of the archive and its index.

    Rows, texts and pages are compared with their checksums, the change log and the groups with the articles, the index
    with its checksums and with the archive. Articles that contain revisions of several sources are listed, and
    separated by --repair. Exits with 1 if there is damage that was not repaired.
    """
    from corpus import repair_archive, verify_archive

    done = repair_archive(archive) if repair else []
    if done:
        group(archive)  # the change log and the groups may have been rebuilt
    with progress_bar("reading") as progress:
        report = verify_archive(archive, progress=progress)
    indexed, problem, note = _check_index(archive)
    # An index may have seen a change log that was mended since: only a new one is known to be right.
    if repair and (problem or note or done):
        from indexer import rebuild_index  # loads Whoosh

        with progress_bar("indexing") as progress:
            rebuild_index(archive, progress=progress)
        done.append("rebuilt the index")
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
        "indexed_articles": indexed,
        "repaired": len(done),
        "problems": len(problems),
    }
    print_counts(counts, output_format)
    if problems:
        if not repair:
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


def _check_index(archive: Archive) -> tuple[int, str | None, str | None]:
    """How many articles are complete in the index, a problem of the index, and a note on it."""
    from indexer import IndexMissing, pending_changes, verify_index  # loads Whoosh
    from search_ui.hints import with_hint

    try:
        indexed = verify_index(archive)
        pending = pending_changes(archive)
    except IndexMissing as error:
        return 0, None, with_hint(error) if archive.last_change() else None
    except ArshifError as error:
        return 0, with_hint(error), None
    changes = f"{pending:,} {'change' if pending == 1 else 'changes'}"
    return indexed, None, f"the index is {changes} behind; run 'arshif index'" if pending else None
