"""The command group `arshif`: loads commands on demand, opens the archive, and prints errors on one line.

Exit codes: 0 success; 1 an error that the user can fix; 2 wrong usage; 130 interrupted.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Callable
from difflib import get_close_matches
from functools import update_wrapper
from importlib import import_module
from itertools import takewhile
from keyword import iskeyword
from pathlib import Path
from time import perf_counter
from typing import Any, Final, TypeVar

import click

from corpus import Archive, ArshifError

DEFAULT_ARCHIVE: Final = "archive"
ARCHIVE_VARIABLE: Final = "ARSHIF_ARCHIVE"

COMMANDS: Final = {
    "init": "archives",
    "add": "archives",
    "fetch": "fetching",
    "watch": "fetching",
    "index": "archives",
    "reindex": "archives",
    "embed": "archives",
    "remove": "archives",
    "restore": "archives",
    "status": "archives",
    "check": "maintenance",
    "export": "maintenance",
    "import": "maintenance",
    "compare": "maintenance",
    "bundle": "bundling",
    "search": "searches",
    "suggest": "searches",
    "show": "searches",
    "batch": "evaluation",
    "evaluate": "evaluation",
    "analyze": "searches",
    "explain": "explaining",
    "serve": "serving",
    "alert": "searches",
    "mail": "following",
    "user": "serving",
    "token": "serving",
}
"""Each command and the module of this package that defines it, in the order of the help."""

_BEGAN: Final = "search_ui.command.began"

_LONG_OPTION: Final = re.compile("--[A-Za-z][A-Za-z-]*")
_EXCLUDED_WORD: Final = re.compile(r"-[^\W\d_]{2}")
_QUERY_WORD: Final = "\0"  # before a word of the query that begins like an option; the system passes no such argument

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Text(click.ParamType[str]):
    """Text as typed. In a locale without UTF-8, Python passes its bytes as lone surrogates, which are decoded here."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        value = value.removeprefix(_QUERY_WORD)
        try:
            return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        except UnicodeEncodeError:  # a lone surrogate that was typed as such
            return value


TEXT: Final = _Text()


class QueryCommand(click.Command):
    """A command with a query, in which `-word` excludes a word; `--word`, unless it follows `--`, must be an option.

    `-n5` is an option with its value, but `-sudan` is not the option -s: its value is the next word.
    """

    ignore_unknown_options = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reject a mistyped option, which would be searched otherwise, and keep excluded words apart from options.

        Raises:
            click.NoSuchOption: there is no option of this name.
        """
        known = {name for parameter in self.get_params(ctx) for name in parameter.opts + parameter.secondary_opts}
        options = list(takewhile(lambda word: word != "--", args))
        for at, word in enumerate(options):
            name = word.partition("=")[0]
            if _LONG_OPTION.fullmatch(name) and name not in known:
                raise click.NoSuchOption(name, possibilities=get_close_matches(name, known, cutoff=0.8), ctx=ctx)
            if _EXCLUDED_WORD.match(word):
                options[at] = _QUERY_WORD + word
        return super().parse_args(ctx, [*options, *args[len(options) :]])


class _Commands(click.Group):
    """Loads a command's module when it is called, so that it does not wait for the imports of others.

    An `ArshifError` becomes one line on standard error and exit code 1.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ArshifError as error:
            from search_ui.hints import with_hint  # loads the indexer

            click.echo(f"arshif: {with_hint(error)}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("arshif: interrupted; what was saved before is kept", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            # The reader of the output (head, less) has exited. The flush at exit must not raise again.
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


def with_archive(command: _Command) -> _Command:
    """Decorate a command: it gets the opened archive as its first argument, and `--archive` as an option of its own."""

    @click.option("--archive", "-a", "own_archive", type=click.Path(path_type=Path), help="The archive's directory.")
    @click.pass_context
    def wrapped(ctx: click.Context, /, own_archive: Path | None, **values: Any) -> Any:
        with Archive.open(own_archive or ctx.obj) as archive:
            return ctx.invoke(command, archive, **values)

    # update_wrapper also copies the options that click has stored on the command.
    stored = wrapped.__click_params__  # type: ignore[attr-defined]
    update_wrapper(wrapped, command)
    wrapped.__click_params__ = [*getattr(command, "__click_params__", []), *stored]  # type: ignore[attr-defined]
    return wrapped  # type: ignore[return-value]


def seconds_taken() -> float:
    """How long the command has been running, in seconds, rounded for printing."""
    began: float = click.get_current_context().meta[_BEGAN]
    return round(perf_counter() - began, 2)


def main() -> None:
    """Run the command line."""
    # Print Arabic regardless of the locale, and replace lone surrogates instead of failing.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Python's warnings are for programmers; -W and PYTHONWARNINGS show them.
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    # NumPy's linear algebra starts a thread per core on import; Arshif has no matrices to multiply.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    cli()
