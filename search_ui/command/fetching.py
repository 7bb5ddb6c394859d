"""`arshif fetch | watch`: adding articles from the web, and from new files in directories."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from corpus import Archive, ArshifError, display_url, parse_period
from search_ui.command.archives import finish, group_and_index, print_hints, print_refusals
from search_ui.command.cli import with_archive
from search_ui.command.output import format_option, progress_bar

if TYPE_CHECKING:
    from corpus import fetch as fetching
    from corpus import watch as watching


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--limit", type=click.IntRange(min=1), help="Fetch at most this many of the listed pages, newest first.")
@click.option("--since", metavar="DATE", help="Ignore pages dated before this day: 2017-02-16, 2017-02, شباط 2017.")
@click.option("--discover", is_flag=True, help="Find and read the feeds and sitemaps of each URL's site.")
@click.option(
    "--delay",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Seconds between requests to a host; robots.txt can ask for more.",
)
@click.option("--allow-private", is_flag=True, help="Also fetch from this machine and private networks.")
@click.option("--no-index", is_flag=True, help="Do not index the articles; run 'arshif index' later.")
@format_option
@with_archive
def fetch(
    archive: Archive,
    urls: tuple[str, ...],
    limit: int | None,
    since: str | None,
    discover: bool,
    delay: float,
    allow_private: bool,
    no_index: bool,
    output_format: str,
) -> None:
    """Fetch articles from the web, and index them.

    Each URL is a feed (RSS, Atom), a sitemap (or an index of sitemaps, or a news sitemap) or the page of an article;
    the pages that a feed or sitemap lists are fetched. Run it again, for example from cron, to get new articles:
    unchanged pages are not downloaded again. robots.txt is respected, and requests to a host are spaced out. A failed
    download is reported with the reason, and the rest are fetched.
    """
    from corpus import fetch as fetching  # loads the page parsers

    first_day = datetime.combine(parse_period(since)[0], time(), UTC) if since else None
    summary = fetching.FetchSummary()
    fetcher = fetching.Fetcher(
        contact=archive.settings.contact,
        allowed=fetching.allow_any if allow_private else fetching.is_public,
        pauses=fetching.Pauses(delay),
        held_until=fetching.FetchState(archive).held_until,
    )
    failure: ArshifError | None = None
    try:
        with progress_bar("fetching") as progress:
            fetching.fetch_urls(
                archive,
                urls,
                summary,
                fetcher,
                limit=limit,
                since=first_day,
                discover=discover,
                progress=progress,
            )
    except ArshifError as error:
        failure = error
    _print_report(summary)
    names = ("added", "revised", "unchanged", "refused", "requests")
    counts = {name: getattr(summary, name) for name in names}
    finish(archive, counts, output_format, failure=failure, no_index=no_index)
    if summary.refused and not summary.added + summary.revised + summary.unchanged + summary.listings:
        sys.exit(1)


@click.command()
@click.argument("directories", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    help="Seconds between scans of the directories.",
)
@click.option(
    "--settled",
    type=click.FloatRange(min=0),
    default=2.0,
    show_default=True,
    help="Seconds without a write after which a file is complete.",
)
@click.option("--once", is_flag=True, help="Scan once and stop, for cron.")
@with_archive
def watch(archive: Archive, directories: tuple[Path, ...], interval: float, settled: float, once: bool) -> None:
    """Watch directories, and add and index new files.

    Reads the same files as 'arshif add', and moves or deletes none. A file is complete when it has not changed between
    two scans; empty files, hidden files and files with other extensions (such as .part) are ignored. The archive
    records which files were read; a file is read again only if it has changed. Press Ctrl-C to stop.
    """
    from corpus import watch as watching  # loads the page parsers
    from search_ui.hints import with_hint

    folder = watching.FolderWatch(archive, directories, settled=settled)
    with _stopped_by_signals() as stop:
        poller = _Poller(archive, folder, stop)
        if once:
            poller.poll()
            if folder.waiting():
                stop.wait(max(settled, 0.1))
                poller.poll()
            return
        click.echo(f"watching {', '.join(map(str, directories))} (press Ctrl-C to stop)", err=True)
        reported = ""
        while True:
            try:
                poller.poll()
                reported = ""
            except ArshifError as error:  # a full disk or a lock is temporary: a later poll reads the files
                if str(error) != reported:
                    click.echo(f"arshif: {with_hint(error)}", err=True)
                reported = str(error)
            if stop.wait(interval):
                break
        click.echo("stopped; files read so far are in the archive", err=True)


def _print_report(summary: fetching.FetchSummary) -> None:
    lines = [*summary.notices]
    lines += [f"refused: {display_url(refusal.name)}: {refusal.reason}" for refusal in summary.refusals]
    if summary.refused > len(summary.refusals):
        lines.append(f"refused: {summary.refused - len(summary.refusals):,} more")
    if summary.older:
        lines.append(f"ignored: {summary.older:,} dated before --since")
    for line in lines:
        click.echo(line, err=True)
    print_hints(refusal.reason for refusal in summary.refusals)


class _Poller:
    """Scans the directories, and indexes what each scan added."""

    def __init__(self, archive: Archive, folder: watching.FolderWatch, stop: threading.Event) -> None:
        self._archive = archive
        self._folder = folder
        self._stop = stop
        # Also at the start: a process killed between adding and indexing left articles unindexed.
        self._behind = True

    def poll(self) -> None:
        """Scan once, and print what was added."""
        from corpus import ingest

        summary = ingest.AddSummary()
        try:
            files = self._folder.poll(summary, stop=self._stop.is_set)
        finally:
            self._behind |= bool(summary.added + summary.revised)
            print_refusals(summary)
        if self._behind:
            group_and_index(self._archive)
            self._behind = False
        if files:
            counts = ("added", "unchanged", "revised", "refused")
            done = ", ".join(f"{getattr(summary, name):,} {name}" for name in counts if getattr(summary, name))
            click.echo(f"{files:,} {'file' if files == 1 else 'files'}: {done}")


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that is set by Ctrl-C or SIGTERM; a second Ctrl-C interrupts immediately."""
    stop = threading.Event()

    def stop_or_interrupt(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, stop_or_interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
