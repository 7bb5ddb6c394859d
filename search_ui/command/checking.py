"""`arshif check | compare`: is the archive whole, is its index, and do two archives hold the same?"""

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
