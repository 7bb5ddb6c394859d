"""The group of all commands, and what they share: the archive's place, one-line errors, exit codes.

Exit codes: 0 done; 1 something the user can fix; 2 wrong usage; 130 interrupted.

`arshif serve`: the search page.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import update_wrapper
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from time import perf_counter
from typing import Any, Final, TypeVar

import click

from corpus import Archive, ArshifError

DEFAULT_ARCHIVE: Final = "archive"
ARCHIVE_VARIABLE: Final = "ARSHIF_ARCHIVE"
_BEGAN: Final = "search_ui.command.began"

COMMANDS: Final = {
    "init": "archives",
    "add": "archives",
    "fetch": "fetching",
    "watch": "fetching",
    "index": "archives",
    "reindex": "archives",
    "remove": "archives",
    "restore": "archives",
    "status": "archives",
    "check": "checking",
    "export": "checking",
    "import": "checking",
    "compare": "checking",
    "search": "searches",
    "suggest": "searches",
    "show": "searches",
    "batch": "evaluation",
    "evaluate": "evaluation",
    "analyze": "searches",
    "serve": "cli",
    "alert": "accounts",
    "user": "accounts",
    "token": "accounts",
}
"""Each command and the module of this package that defines it, in the order in which they are used."""

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Text(click.ParamType[str]):
    """Words as they were typed. Where the locale knows no Arabic, Python keeps their UTF-8 as lone surrogates."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        except UnicodeEncodeError:  # a lone surrogate that stands for no byte was typed as one
            return value


TEXT: Final = _Text()


class _Commands(click.Group):
    """Loads a command's module when it is called, so that none pays for the imports of the others.

    What the user can fix becomes one line on standard error and exit code 1.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ArshifError as error:
            from search_ui.hints import with_hint  # loads Whoosh

            click.echo(f"arshif: {with_hint(error)}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("arshif: interrupted; what was saved before is kept", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            # The reader of our output (head, less) has gone: nothing more to say, and nowhere to say it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(1)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        function = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(import_module(f"search_ui.command.{COMMANDS[cmd_name]}"), function)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="arshif", prog_name="arshif")
@click.option(
    "--archive",
    "-a",
    type=click.Path(path_type=Path),
    envvar=ARCHIVE_VARIABLE,
    default=DEFAULT_ARCHIVE,
    show_default=True,
    help=f"The archive's directory; also set by the environment variable {ARCHIVE_VARIABLE}.",
)
@click.pass_context
def cli(ctx: click.Context, archive: Path) -> None:
    """Search archives of Arabic news: add articles, index them, find them."""
    ctx.obj = archive
    ctx.meta[_BEGAN] = perf_counter()


def seconds_taken() -> float:
    """How long the command has been running, in seconds, rounded for printing."""
    began: float = click.get_current_context().meta[_BEGAN]
    return round(perf_counter() - began, 2)


def with_archive(command: _Command) -> _Command:
    """Gives a command the opened archive as its first argument, and `--archive` as an option of its own as well."""

    @click.option("--archive", "-a", "own_archive", type=click.Path(path_type=Path), help="The archive's directory.")
    @click.pass_context
    def wrapped(ctx: click.Context, /, own_archive: Path | None, **values: Any) -> Any:
        with Archive.open(own_archive or ctx.obj) as archive:
            return ctx.invoke(command, archive, **values)

    # update_wrapper also carries over the options that click has noted on the command.
    noted = wrapped.__click_params__  # type: ignore[attr-defined]
    update_wrapper(wrapped, command)
    wrapped.__click_params__ = [*getattr(command, "__click_params__", []), *noted]  # type: ignore[attr-defined]
    return wrapped  # type: ignore[return-value]


def main() -> None:
    """Runs the command line."""
    # Arabic must come out on consoles whose locale says otherwise, and a lone surrogate must not stop a listing.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # NumPy's algebra library starts a thread for each further core when it is loaded; Arshif multiplies no matrices
    # that would be worth one.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    cli()


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
