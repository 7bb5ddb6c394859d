"""`arshif init | add | index | reindex | status`: making an archive and keeping its index.

`--map text=content,date=published_on`: what fields of articles are called in foreign files.

`arshif remove | restore`: taking articles out of what is found and shown, and bringing them back.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from corpus import Archive, ArshifError, count_groups, parse_field_map
from search_ui.command.cli import seconds_taken, with_archive
from search_ui.command.output import format_option, print_counts, progress_bar

if TYPE_CHECKING:
    from corpus import ingest, near_duplicates


_LINES_SHOWN: Final = 20


def field_map_option(context: click.Context, parameter: click.Parameter, values: Iterable[str]) -> dict[str, str]:
    """The map of all the `--map` options; wrong usage where one does not name a field of ours."""
    found: dict[str, str] = {}
    for pair in (pair for value in values for pair in value.split(",")):
        ours, equals, theirs = pair.partition("=")
        if not equals:
            raise click.BadParameter(
                f"{pair!r} is not of the form OURS=THEIRS, such as text=content", context, parameter
            )
        found[ours.strip()] = theirs
    try:
        return parse_field_map(found)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error


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
@click.option(
    "--map",
    "-m",
    "field_map",
    multiple=True,
    metavar="OURS=THEIRS,...",
    callback=field_map_option,
    help="What fields are called in the files: text=content,date=published_on; may be given several times.",
)
@click.option("--no-index", is_flag=True, help="Only keep the articles; 'arshif index' makes them findable later.")
@format_option
@with_archive
def add(
    archive: Archive, inputs: tuple[str, ...], field_map: dict[str, str], no_index: bool, output_format: str
) -> None:
    """Add articles from files and directories, group near-duplicates, and index them.

    Reads saved pages (.html .htm), plain text (.txt), JSON Lines (.jsonl), JSON (.json), tables (.csv .tsv), web
    archives (.warc .arc .wacz), feeds that hold whole articles (.rss .atom .xml), and .zip and .tar files of any of
    these; all of them also compressed (.gz .bz2 .xz). "-" is standard input. What gives no article is reported with its
    reason, and the rest go on. Adding the same article again changes nothing; a changed one becomes a new revision.
    docs/ingest.md shows each form.
    """
    from corpus import ingest  # loads the page parsers

    summary = ingest.AddSummary()
    failure: ArshifError | None = None
    try:
        if "-" in inputs:
            ingest.add_stream(archive, sys.stdin.buffer, "standard input", summary, field_map=field_map)
        with progress_bar("adding") as progress:
            paths = [Path(name) for name in inputs if name != "-"]
            ingest.add_paths(archive, paths, summary, field_map=field_map, progress=progress)
    except ArshifError as error:
        failure = error
    print_refusals(summary)
    counts: dict[str, Any] = {name: getattr(summary, name) for name in ("added", "unchanged", "revised", "refused")}
    finish(archive, counts, output_format, failure=failure, no_index=no_index)
    if summary.refused and not summary.added + summary.unchanged + summary.revised:
        sys.exit(1)


@click.command()
@format_option
@with_archive
def index(archive: Archive, output_format: str) -> None:
    """Group near-duplicates and index what was added or changed since the last time."""
    counts = bring_up_to_date(archive)
    print_counts({**counts, "seconds": seconds_taken()}, output_format)


@click.command()
@format_option
@with_archive
def reindex(archive: Archive, output_format: str) -> None:
    """Build the index of the whole archive anew.

    Needed after an update of Arshif that changes its analysis. Near-duplicates are grouped anew where the rules for
    them have changed. Searches are answered from the old index until the
    new one is complete.
    """
    from indexer import rebuild_index  # loads Whoosh

    grouped = group(archive)
    with progress_bar("indexing") as progress:
        summary = rebuild_index(archive, progress=progress)
    counts = {"grouped": grouped.regrouped, "indexed": summary.indexed, "seconds": seconds_taken()}
    print_counts(counts, output_format)


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
        "groups of near-duplicates": _groups_state(archive),
        "last added": f"{counts.last_added:%Y-%m-%d %H:%M} UTC" if counts.last_added else "-",
        "added in a day": counts.added_last_day,
        "added in a week": counts.added_last_week,
        "index": _index_state(archive),
        "size of articles": _megabytes([*archive.directory.glob("articles.db*")]),
        "size of pages": _megabytes((archive.directory / "pages").rglob("*.gz")),
        "size of index": _index_size(archive),
    }
    print_counts(value, output_format)


def finish(
    archive: Archive,
    counts: dict[str, Any],
    output_format: str,
    *,
    no_index: bool = False,
    failure: ArshifError | None = None,
) -> None:
    """Ends a command that changed the archive: indexes, and prints the counts of what was done and the whole time.

    Where it failed before, or indexing fails, the change is kept all the same: that is told first, and then raised.
    """
    if failure is None and not no_index:
        try:
            counts |= bring_up_to_date(archive)
        except ArshifError as error:
            failure = error
            click.echo("note: the archive has kept this; the index has not seen it yet", err=True)
    print_counts({**counts, "seconds": seconds_taken()}, output_format)
    if failure:
        raise failure


def bring_up_to_date(archive: Archive) -> dict[str, Any]:
    """Groups and indexes what is new, with a progress bar; gives what there is to print of it."""
    from indexer import update_index  # loads Whoosh

    grouped = group(archive)
    with progress_bar("indexing") as progress:
        summary = update_index(archive, progress=progress)
    counts: dict[str, Any] = {"grouped": grouped.regrouped, "indexed": summary.indexed}
    if summary.removed:
        counts["taken out"] = summary.removed
    return counts


def group(archive: Archive) -> near_duplicates.GroupingSummary:
    """Groups near-duplicates among what is new, with a progress bar."""
    from corpus import near_duplicates  # loads NumPy

    with progress_bar("grouping") as progress:
        return near_duplicates.group_changes(archive, progress=progress)


def _groups_state(archive: Archive) -> str:
    counts = count_groups(archive)
    behind = f", {counts.pending:,} changes behind: run 'arshif index'" if counts.pending else ""
    return f"{counts.groups:,} of {counts.articles:,} articles{behind}"


def _index_state(archive: Archive) -> str:
    from indexer import pending_changes  # loads Whoosh

    try:
        pending = pending_changes(archive)
    except ArshifError as error:
        return str(error)
    return "up to date" if not pending else f"{pending:,} changes behind: run 'arshif index'"


def _index_size(archive: Archive) -> str:
    from indexer import index_bytes  # loads Whoosh

    try:
        return f"{index_bytes(archive) / 2**20:,.1f} MB"
    except ArshifError:  # the line of the index says why
        return "-"


def print_refusals(summary: ingest.AddSummary) -> None:
    """Prints what adding refused, warned of and passed over, on standard error."""
    lines = [f"refused: {refusal.name}: {refusal.reason}" for refusal in summary.refusals]
    lines += [f"warning: {warning}" for warning in summary.warnings]
    if summary.refused > len(summary.refusals):
        lines.append(f"refused: {summary.refused - len(summary.refusals):,} more")
    if summary.namesakes:
        what = "articles came with ids of other sources' articles and were added under ids of their own"
        lines.append(f"warning: {summary.namesakes:,} {what}: see 'arshif show ID'")
    if summary.ignored:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in summary.ignored.most_common(_LINES_SHOWN))
        lines.append(f"passed over: {kinds}")
    lines += [
        f"not read: {count:,} {kind}{'' if count == 1 else 's'}" for kind, count in sorted(summary.not_read.items())
    ]
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
