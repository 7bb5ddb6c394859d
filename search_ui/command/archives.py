"""`arshif init | add | index | reindex | status`: making an archive and keeping its index."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from corpus import Archive, ArshifError
from search_ui.command.cli import with_archive
from search_ui.command.output import format_option, print_counts
from search_ui.command.progress import progress_bar

if TYPE_CHECKING:
    from corpus import ingest

_LINES_SHOWN: Final = 20


@click.command()
@click.argument("directory", type=click.Path(path_type=Path), required=False)
@click.option("--name", help="The archive's name, shown on the search page.")
@click.pass_context
def init(ctx: click.Context, directory: Path | None, name: str | None) -> None:
    """Make a new, empty archive in DIRECTORY (default: the one that --archive names)."""
    target = directory or ctx.obj
    Archive.create(target, name=name).close()
    click.echo(f"made an archive at {target}")


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="FILE|DIR|-...")
@click.option("--no-index", is_flag=True, help="Only keep the articles; 'arshif index' makes them findable later.")
@format_option
@with_archive
def add(archive: Archive, inputs: tuple[str, ...], no_index: bool, output_format: str) -> None:
    """Add articles from files and directories, and index them.

    Reads HTML pages (.html .htm), plain text (.txt) and JSON Lines (.jsonl, .jsonl.gz); "-" is standard input. What
    gives no article is reported with its reason, and the rest go on. Adding the same article again changes nothing;
    a changed one becomes a new revision.
    """
    from corpus import ingest  # loads the page parsers

    summary = ingest.AddSummary()
    failure: ArshifError | None = None
    try:
        if "-" in inputs:
            ingest.add_stream(archive, sys.stdin.buffer, "standard input", summary)
        with progress_bar("adding") as progress:
            ingest.add_paths(archive, [Path(name) for name in inputs if name != "-"], summary, progress=progress)
    except ArshifError as error:
        failure = error
    _print_refusals(summary)
    counts: dict[str, Any] = {name: getattr(summary, name) for name in ("added", "unchanged", "revised", "refused")}
    if failure is None and not no_index:
        counts |= update(archive)
    print_counts(counts, output_format)
    if failure:
        raise failure
    if summary.refused and not summary.added + summary.unchanged + summary.revised:
        sys.exit(1)


@click.command()
@format_option
@with_archive
def index(archive: Archive, output_format: str) -> None:
    """Index what was added or changed since the last time."""
    print_counts(update(archive), output_format)


@click.command()
@format_option
@with_archive
def reindex(archive: Archive, output_format: str) -> None:
    """Build the index of the whole archive anew.

    Needed after an update of Arshif that changes its analysis. Searches are answered from the old index until the
    new one is complete.
    """
    from indexer import rebuild_index  # loads Whoosh

    with progress_bar("indexing") as progress:
        summary = rebuild_index(archive, progress=progress)
    print_counts({"indexed": summary.indexed, "seconds": round(summary.seconds, 2)}, output_format)


@click.command()
@format_option
@with_archive
def status(archive: Archive, output_format: str) -> None:
    """Tell what the archive holds and how its index stands."""
    counts = archive.counts()
    value: dict[str, Any] = {
        "archive": str(archive.directory),
        "name": archive.settings.name,
        "articles": counts.articles,
        "revisions": counts.revisions,
        "removed": counts.removed,
        "sources": len(counts.sources),
        "sections": len(counts.sections),
        "first day": counts.first_day or "-",
        "last day": counts.last_day or "-",
        "last added": f"{counts.last_added:%Y-%m-%d %H:%M} UTC" if counts.last_added else "-",
        "added in a day": counts.added_last_day,
        "added in a week": counts.added_last_week,
        "index": _index_state(archive),
        "size of articles": _megabytes([*archive.directory.glob("articles.db*")]),
        "size of pages": _megabytes((archive.directory / "pages").rglob("*.gz")),
        "size of index": _megabytes(archive.index_directory.glob("*")),
    }
    print_counts(value, output_format)


def update(archive: Archive) -> dict[str, Any]:
    """Brings the index up to the archive, with a progress bar; gives what there is to print of it."""
    from indexer import update_index  # loads Whoosh

    with progress_bar("indexing") as progress:
        summary = update_index(archive, progress=progress)
    counts: dict[str, Any] = {"indexed": summary.indexed}
    if summary.removed:
        counts["taken out"] = summary.removed
    return {**counts, "seconds": round(summary.seconds, 2)}


def _index_state(archive: Archive) -> str:
    from indexer import pending_changes  # loads Whoosh

    try:
        pending = pending_changes(archive)
    except ArshifError as error:
        return str(error)
    return "up to date" if not pending else f"{pending:,} changes behind: run 'arshif index'"


def _print_refusals(summary: ingest.AddSummary) -> None:
    lines = [f"refused: {refusal.name}: {refusal.reason}" for refusal in summary.refusals]
    lines += [f"warning: {warning}" for warning in summary.warnings]
    if summary.refused > len(summary.refusals):
        lines.append(f"refused: {summary.refused - len(summary.refusals):,} more")
    if summary.passed_over:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in summary.passed_over.most_common(_LINES_SHOWN))
        lines.append(f"passed over: {kinds} (not .html, .txt or .jsonl)")
    for line in lines:
        click.echo(line, err=True)


def _megabytes(paths: Any) -> str:
    size = 0
    for path in paths:
        try:
            size += path.stat().st_size
        except OSError:  # a segment that a commit removed meanwhile
            continue
    return f"{size / 2**20:,.1f} MB"
