"""`arshif watch`: directories whose finished files are added by themselves."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from corpus import Archive, ArshifError
from search_ui.command.archives import bring_up_to_date, print_refusals
from search_ui.command.cli import with_archive

if TYPE_CHECKING:
    from corpus import watch as watching


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
            files = self._folder.look(summary, stop=self._stop.is_set)
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
