"""`arshif serve`: the search page."""

from __future__ import annotations

import click

from corpus import Archive
from search_ui.command.cli import with_archive


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 opens it to all.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Requests served at once.")
@with_archive
def serve(archive: Archive, host: str, port: int, threads: int) -> None:
    """Serve the search page; newly indexed articles appear without a restart."""
    from search_ui.web import create_app  # loads Flask
    from search_ui.web import serve as run

    app = create_app({"ARCHIVE": archive.directory})

    def ready() -> None:
        click.echo(f"searching {archive.directory} at http://{host}:{port} (stop with Ctrl-C)")

    run(app, host, port, threads, ready=ready)
