"""`arshif serve`: the search page."""

from __future__ import annotations

import click

from corpus import Archive
from search_ui.command.cli import with_archive


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 listens on all.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Threads per process.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Number of processes; only one on Windows.",
)
@with_archive
def serve(archive: Archive, host: str, port: int, threads: int, workers: int) -> None:
    """Serve the search page and the JSON API.

    Newly indexed articles appear without a restart.
    """
    from search_ui.web import serve as serve_one  # loads Flask
    from search_ui.web import serve_many

    def ready() -> None:
        click.echo(f"serving {archive.directory} at http://{host}:{port} (press Ctrl-C to stop)")

    # Each process opens the archive for itself: a connection to SQLite must not be carried over into another.
    archive.close()
    if workers == 1:
        serve_one(archive.directory, host, port, threads, ready=ready)
    else:
        serve_many(archive.directory, host, port, threads, workers, ready=ready)
