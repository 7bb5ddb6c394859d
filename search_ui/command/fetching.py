"""`arshif fetch`: articles from the web.

`arshif watch`: directories whose finished files are added by themselves.
"""

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
from search_ui.command.archives import bring_up_to_date, finish, print_refusals
from search_ui.command.cli import with_archive
from search_ui.command.output import format_option, progress_bar

if TYPE_CHECKING:
    from corpus import fetch as fetching
    from corpus import watch as watching


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many of the announced pages, newest first.")
@click.option("--since", metavar="DATE", help="None that is dated before this day: 2017-02-16, 2017-02, شباط 2017 ...")
@click.option("--discover", is_flag=True, help="Look for the feeds and sitemaps of each URL's site, and read those.")
@click.option(
    "--delay",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Seconds between two requests to one host; more if its robots.txt asks for more.",
)
@click.option("--allow-private", is_flag=True, help="Also fetch from this machine and from private networks.")
@click.option("--no-index", is_flag=True, help="Only keep the articles; 'arshif index' makes them findable later.")
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

    Each URL is a feed (RSS, Atom), a sitemap (also an index of them, or a news sitemap) or the page of an article; of a
    feed or sitemap the pages that it announces are fetched. Run it again, from cron for example, to get what is new:
    what has not changed is not downloaded again. robots.txt is kept to, and each host is asked slowly. What cannot be
    had is reported with its reason, and the rest go on.
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
    _print_lines(summary)
    names = ("added", "revised", "unchanged", "refused", "requests")
    counts = {name: getattr(summary, name) for name in names}
    finish(archive, counts, output_format, failure=failure, no_index=no_index)
    if summary.refused and not summary.added + summary.revised + summary.unchanged + summary.listings:
        sys.exit(1)


def _print_lines(summary: fetching.FetchSummary) -> None:
    lines = [*summary.notices]
    lines += [f"refused: {display_url(refusal.name)}: {refusal.reason}" for refusal in summary.refusals]
    if summary.refused > len(summary.refusals):
        lines.append(f"refused: {summary.refused - len(summary.refusals):,} more")
    if summary.older:
        lines.append(f"passed over: {summary.older:,} dated before --since")
    for line in lines:
        click.echo(line, err=True)


@click.command()
@click.argument("directories", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    help="Seconds between two looks at the directories.",
)
@click.option(
    "--settled",
    type=click.FloatRange(min=0),
    default=2.0,
    show_default=True,
    help="Seconds for which a file must not have been written to.",
)
@click.option("--once", is_flag=True, help="Add what is there and finished, then stop: for cron.")
@with_archive
def watch(archive: Archive, directories: tuple[Path, ...], interval: float, settled: float, once: bool) -> None:
    """Watch directories: add finished files, index them, and wait for more.

    Reads what 'arshif add' reads, and moves and deletes nothing. A file is finished when it has not changed between two
    looks; empty ones, hidden ones and files under another name (such as .part) are left alone. What was read is
    remembered in the archive, and read again only when it has changed. Stop it with Ctrl-C.
    """
    from corpus import watch as watching  # loads the page parsers

    folder = watching.FolderWatch(archive, directories, settled=settled)
    with _stopped_by_signals() as stop:
        rounds = _Rounds(archive, folder, stop)
        if once:
            rounds.go()
            if folder.waiting():
                stop.wait(max(settled, 0.1))
                rounds.go()
            return
        click.echo(f"watching {', '.join(map(str, directories))} (stop with Ctrl-C)", err=True)
        told = ""
        while True:
            try:
                rounds.go()
                told = ""
            except ArshifError as error:  # a full disk or a lock passes: what was not read is read in a later round
                if str(error) != told:
                    click.echo(f"arshif: {error}", err=True)
                told = str(error)
            if stop.wait(interval):
                break
        click.echo("stopped; what was read is kept", err=True)


class _Rounds:
    """Looks at the directories, and indexes what each look brings."""

    def __init__(self, archive: Archive, folder: watching.FolderWatch, stop: threading.Event) -> None:
        self._archive = archive
        self._folder = folder
        self._stop = stop
        # At first too: whoever was killed between adding and indexing left articles that no file announces again.
        self._behind = True

    def go(self) -> None:
        """One look; prints what it brought."""
        from corpus import ingest

        summary = ingest.AddSummary()
        try:
            files = self._folder.poll(summary, stop=self._stop.is_set)
        finally:
            self._behind |= bool(summary.added + summary.revised)
            print_refusals(summary)
        if self._behind:
            bring_up_to_date(self._archive)
            self._behind = False
        if files:
            counts = ("added", "unchanged", "revised", "refused")
            done = ", ".join(f"{getattr(summary, name):,} {name}" for name in counts if getattr(summary, name))
            click.echo(f"{files:,} {'file' if files == 1 else 'files'}: {done}")


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets; a second Ctrl-C interrupts at once."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
