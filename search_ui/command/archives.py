"""`arshif init | add | index | reindex | embed | remove | restore | status`: an archive, its articles and its index."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from corpus import Archive, ArshifError, count_groups, parse_field_map
from search_ui.command.cli import seconds_taken, with_archive
from search_ui.command.output import format_option, print_counts, progress_bar

if TYPE_CHECKING:
    from corpus import ingest, near_duplicates

_KINDS_SHOWN: Final = 20
_MOST_PROCESSES: Final = 4  # unless more are asked for: each loads the encoder
_LEVELS: Final = {"lead": "encoding leads", "body": "encoding bodies", "sending": "sending vectors"}


def read_field_map(context: click.Context, parameter: click.Parameter, values: Iterable[str]) -> dict[str, str]:
    """Callback of `--map`: merge all values, such as `text=content,date=published_on`; reject invalid ones."""
    names: dict[str, str] = {}
    for pair in (pair for value in values for pair in value.split(",")):
        ours, equals, theirs = pair.partition("=")
        if not equals:
            raise click.BadParameter(
                f"{pair!r} is not of the form OURS=THEIRS, such as text=content", context, parameter
            )
        names[ours.strip()] = theirs
    try:
        return parse_field_map(names)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error


map_option: Final = click.option(
    "--map",
    "-m",
    "field_map",
    multiple=True,
    metavar="OURS=THEIRS,...",
    callback=read_field_map,
    help="Names of the fields in the files: text=content,date=published_on. Repeatable.",
)
"""The option `--map` of commands that read files."""


_no_index_option = click.option("--no-index", is_flag=True, help="Do not update the index; run 'arshif index' later.")


_MOST_SOURCES: Final = 30  # listed by `arshif status`


@click.command()
@click.argument("directory", type=click.Path(path_type=Path), required=False)
@click.option("--name", help="The archive's name, shown on its pages.")
@click.pass_context
def init(ctx: click.Context, directory: Path | None, name: str | None) -> None:
    """Create an empty archive.

    DIRECTORY is created if it does not exist; the default is the directory given by --archive.
    """
    target = directory or ctx.obj
    Archive.create(target, name=name).close()
    click.echo(f"created an archive at {target}")


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="FILE|DIR|-...")
@map_option
@click.option("--no-index", is_flag=True, help="Do not index the articles; run 'arshif index' later.")
@format_option
@with_archive
def add(
    archive: Archive, inputs: tuple[str, ...], field_map: dict[str, str], no_index: bool, output_format: str
) -> None:
    """Add articles from files and directories, and index them.

    Reads saved pages (.html .mhtml .webarchive), plain text and Markdown (.txt .md), JSON Lines (.jsonl), JSON
    (.json), tables (.csv .tsv), web archives (.warc .arc .wacz), feeds with full articles and exports of sites (.rss
    .atom .xml), agency news and scanned pages (.xml), documents (.docx .odt .epub), e-mail (.eml .mbox), and .zip and
    .tar files of any of these; all of them also compressed (.gz .bz2 .xz). "-" is standard input. Near-duplicates are
    grouped. Input that contains no article is reported with the reason, and the rest is added. Adding an article again
    changes nothing; a changed article becomes a new revision. docs/ingest.md describes each format.
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
    """Index what was added or changed since the last run.

    Near-duplicates are grouped first.
    """
    counts = group_and_index(archive)
    print_counts({**counts, "seconds": seconds_taken()}, output_format)


@click.command()
@format_option
@with_archive
def reindex(archive: Archive, output_format: str) -> None:
    """Rebuild the index of the whole archive.

    Needed after an update of Arshif that changes its analysis. Near-duplicates are grouped again if the rules for them
    have changed. Searches use the old index until the new one is complete.
    """
    from indexer import rebuild_index  # loads the indexer

    grouped = group_near_duplicates(archive)
    with progress_bar("indexing") as progress:
        summary = rebuild_index(archive, progress=progress)
    counts = {"grouped": grouped.regrouped, "indexed": summary.indexed, "seconds": seconds_taken()}
    print_counts(counts, output_format)


@click.command()
@click.option("--rebuild", is_flag=True, help="Compute all vectors again, instead of what has changed.")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help=f"How many processes compute; each needs up to 200 MB. Default: one per core, at most {_MOST_PROCESSES}.",
)
@format_option
@with_archive
def embed(archive: Archive, rebuild: bool, processes: int | None, output_format: str) -> None:
    """Compute the vectors that 'arshif search --meaning' needs.

    Vectors of titles and leads come first, for all articles, then those of the rest of each article. Only what was
    added or changed since the last run is encoded. The command can be interrupted at any time: the next run continues.
    It needs the extra 'meaning', pip install 'arshif[meaning]', and an encoder in arshif.toml: docs/meaning.md.
    """
    from indexer import embed_archive  # loads the indexer

    # Like Ctrl-C: without the parent's last steps, Python would warn that its child processes left something behind.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as bars:
            current: tuple[str, Callable[[int, int], None]] | None = None

            def progress(level: str, done: int, total: int) -> None:
                nonlocal current
                if current is None or current[0] != level:
                    bars.close()
                    current = level, bars.enter_context(progress_bar(_LEVELS[level]))
                current[1](done, total)

            processes = processes or min(os.cpu_count() or 1, _MOST_PROCESSES)
            summary = embed_archive(archive, replace=rebuild, processes=processes, progress=progress)
    finally:
        signal.signal(signal.SIGTERM, before)
    counts = {"leads": summary.leads, "bodies": summary.bodies, "vectors": summary.vectors}
    print_counts({**counts, "seconds": seconds_taken()}, output_format)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID|URL...")
@click.option("--reason", metavar="TEXT", default="", help="The reason, shown to anyone who asks for the article.")
@_no_index_option
@format_option
@with_archive
def remove(archive: Archive, ids: Sequence[str], reason: str, no_index: bool, output_format: str) -> None:
    """Remove articles: they are no longer found or shown.

    Articles are given by ID or web address. Their revisions stay in the archive; 'arshif restore' brings them back, but
    adding them again does not. If one of the articles does not exist, none is removed.
    """
    articles = dict.fromkeys(map(archive.id_of, ids))
    with archive.batch():
        removed = sum(archive.remove(article_id, reason) for article_id in articles)
    counts = {"removed": removed, "already_removed": len(articles) - removed}
    finish(archive, counts, output_format, no_index=no_index)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID|URL...")
@_no_index_option
@format_option
@with_archive
def restore(archive: Archive, ids: Sequence[str], no_index: bool, output_format: str) -> None:
    """Restore removed articles with all their revisions."""
    articles = dict.fromkeys(map(archive.id_of, ids))
    with archive.batch():
        restored = sum(map(archive.restore, articles))
    counts = {"restored": restored, "not_removed": len(articles) - restored}
    finish(archive, counts, output_format, no_index=no_index)


@click.command()
@format_option
@with_archive
def status(archive: Archive, output_format: str) -> None:
    """Show the contents of the archive and the state of its index."""
    counts, groups = archive.counts(), count_groups(archive)
    pending, problem = _index_state(archive)
    value: dict[str, Any] = {
        "archive": str(archive.directory),
        "name": archive.settings.name,
        "articles": counts.articles,
        "revisions": counts.revisions,
        "removed": counts.removed,
        "sources": len(counts.sources),
        "sections": len(counts.sections),
        "first_day": counts.first_day,
        "last_day": counts.last_day,
        "groups": groups.groups,
        "grouped_articles": groups.articles,
        "ungrouped_changes": groups.pending,
        "last_added": counts.last_added.isoformat(timespec="seconds") if counts.last_added else None,
        "added_last_day": counts.added_last_day,
        "added_last_week": counts.added_last_week,
        "pending_changes": pending,
        "problem": problem,
        "articles_bytes": _bytes(archive.directory.glob("articles.db*")),
        "pages_bytes": _bytes((archive.directory / "pages").rglob("*.gz")),
        "index_bytes": _index_bytes(archive),
        **_meaning_state(archive),
    }
    names = archive.source_names
    if output_format == "table":
        lines = _status_lines(value)
        print_counts(lines, output_format)
        if counts.sources:
            listed = ", ".join(f"{names.shown(source)} {number:,}" for source, number in counts.sources[:_MOST_SOURCES])
            more = len(counts.sources) - _MOST_SOURCES
            click.echo(f"articles by source: {listed}{f', and {more:,} more' if more > 0 else ''}")
    else:
        print_counts(value, output_format)


def finish(
    archive: Archive,
    counts: dict[str, Any],
    output_format: str,
    *,
    no_index: bool = False,
    failure: ArshifError | None = None,
) -> None:
    """Finish a command that changed the archive: index, and print the counts and the time taken.

    A `failure` of the command, or an error in indexing, is raised after that: changes made before it are kept.
    """
    if failure is None and not no_index:
        try:
            counts |= group_and_index(archive)
        except ArshifError as error:
            failure = error
            click.echo("note: the change is in the archive, but not in the index yet", err=True)
    print_counts({**counts, "seconds": seconds_taken()}, output_format)
    if failure:
        raise failure


def group_and_index(archive: Archive) -> dict[str, Any]:
    """Group and index what has changed, with progress bars; returns the counts to print."""
    from indexer import update_index  # loads the indexer

    grouped = group_near_duplicates(archive)
    with progress_bar("indexing") as progress:
        summary = update_index(archive, progress=progress)
    counts: dict[str, Any] = {"grouped": grouped.regrouped, "indexed": summary.indexed}
    if summary.removed:
        counts["removed_from_index"] = summary.removed
    if encoded := _encode_new(archive):
        counts["encoded"] = encoded
    return counts


def _encode_new(archive: Archive) -> int:
    """Encode the leads of new articles, if the archive has vectors; print a warning if that is not possible."""
    from indexer import embed_new_leads  # loads the indexer
    from search_ui.hints import with_hint

    try:
        encoded, missing = embed_new_leads(archive)
    except ArshifError as error:  # the articles are indexed, and found by their words
        click.echo(f"warning: new articles are not encoded: {with_hint(error)}", err=True)
        return 0
    if missing:
        click.echo(f"note: changed articles that are not encoded: {missing:,}; run 'arshif embed'", err=True)
    return encoded


def group_near_duplicates(archive: Archive) -> near_duplicates.GroupingSummary:
    """Group near-duplicates among what has changed, with a progress bar."""
    from corpus import near_duplicates  # loads NumPy

    with progress_bar("grouping") as progress:
        return near_duplicates.group_changes(archive, progress=progress)


def print_refusals(summary: ingest.AddSummary) -> None:
    """Print refusals, warnings and ignored input to standard error."""
    lines = [f"refused: {refusal.name}: {refusal.reason}" for refusal in summary.refusals]
    lines += [f"warning: {warning}" for warning in summary.warnings]
    if summary.refused > len(summary.refusals):
        lines.append(f"refused: {summary.refused - len(summary.refusals):,} more")
    if summary.namesakes:
        what = "articles had ids of other sources' articles and were added under ids of their own"
        lines.append(f"warning: {summary.namesakes:,} {what}: see 'arshif show ID'")
    if summary.resources:
        lines.append(f"kept: {summary.resources:,} pictures, stylesheets and fonts of pages")
    if summary.ignored:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in summary.ignored.most_common(_KINDS_SHOWN))
        lines.append(f"ignored: {kinds}")
    lines += [
        f"not read: {count:,} {kind}{'' if count == 1 else 's'}" for kind, count in sorted(summary.not_read.items())
    ]
    for line in lines:
        click.echo(line, err=True)
    print_hints(refusal.reason for refusal in summary.refusals)


def print_hints(reasons: Iterable[str]) -> None:
    """Print hints for the reasons of refusals to standard error."""
    from search_ui.hints import hints_of  # loads the indexer

    for hint in hints_of(reasons):
        click.echo(f"hint: {hint}", err=True)


def _status_lines(value: dict[str, Any]) -> dict[str, Any]:
    """The status for people: sizes in megabytes, and the command to run if something is not up to date."""
    groups = f"{value['groups']:,} of {value['grouped_articles']:,} articles"
    sizes = {name: value[f"{name}_bytes"] for name in ("articles", "pages", "index")}
    if value["encoder"]:
        sizes["vectors"] = value["vectors_bytes"]
    return {
        **{
            name: value[name] for name in ("archive", "name", "articles", "revisions", "removed", "sources", "sections")
        },
        "first_day": value["first_day"] or "-",
        "last_day": value["last_day"] or "-",
        "groups of near-duplicates": ", ".join(filter(None, [groups, _behind(value["ungrouped_changes"])])),
        "last_added": f"{datetime.fromisoformat(value['last_added']):%Y-%m-%d %H:%M} UTC"
        if value["last_added"]
        else "-",
        "added in the last day": value["added_last_day"],
        "added in the last week": value["added_last_week"],
        "index": value["problem"] or _behind(value["pending_changes"]) or "up to date",
        **({"meaning": _meaning_line(value)} if value["encoder"] or value["meaning_problem"] else {}),
        **{f"size of {name}": "-" if size is None else f"{size / 2**20:,.1f} MB" for name, size in sizes.items()},
    }


def _behind(changes: int) -> str:
    noun = "change" if changes == 1 else "changes"
    return f"{changes:,} {noun} behind; run 'arshif index'" if changes else ""


def _index_state(archive: Archive) -> tuple[int | None, str | None]:
    """The number of changes that are not indexed; or the index's problem."""
    from indexer import pending_changes  # loads the indexer
    from search_ui.hints import with_hint

    try:
        return pending_changes(archive), None
    except ArshifError as error:
        return None, with_hint(error)


def _meaning_state(archive: Archive) -> dict[str, Any]:
    """The encoder of the archive, null if there is none, and how far its vectors are; or their problem."""
    from indexer import embedding_state  # loads the indexer
    from search_ui.hints import with_hint

    state, problem = None, None
    try:
        state = embedding_state(archive)
    except ArshifError as error:
        problem = with_hint(error)
    if state and state.other_encoder:
        problem = f"the vectors are of the encoder {state.other_encoder}; run 'arshif embed'"
    return {
        "encoder": state.encoder if state else None,
        "pending_leads": state.pending_leads if state else None,
        "pending_bodies": state.pending_bodies if state else None,
        "vectors": state.vectors if state else 0,
        "vectors_bytes": state.bytes if state else 0,
        "meaning_problem": problem,
    }


def _meaning_line(value: dict[str, Any]) -> str:
    if value["meaning_problem"]:
        return str(value["meaning_problem"])
    pending = [f"{value[f'pending_{name}']:,} {name}" for name in ("leads", "bodies") if value[f"pending_{name}"]]
    behind = f"not encoded: {', '.join(pending)}; run 'arshif embed'" if pending else "up to date"
    return f"{value['encoder']}, {value['vectors']:,} vectors, {behind}"


def _index_bytes(archive: Archive) -> int | None:
    from indexer import index_bytes  # loads the indexer

    try:
        return index_bytes(archive)
    except ArshifError:  # the status shows the problem
        return None


def _bytes(paths: Iterable[Path]) -> int:
    size = 0
    for path in paths:
        try:
            size += path.stat().st_size
        except OSError:  # a segment deleted by a commit in the meantime
            continue
    return size
