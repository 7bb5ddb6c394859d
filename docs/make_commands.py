"""Writes `docs/commands.md` from the commands' own help: `./run docs`."""

from __future__ import annotations

from pathlib import Path

import click

from search_ui.command.cli import cli

PAGE = Path(__file__).with_name("commands.md")
WIDTH = 100


def commands_page() -> str:
    """Return the page: the help of `arshif`, then of each command."""
    top = cli.make_context("arshif", ["--help"], resilient_parsing=True, terminal_width=WIDTH)
    parts = ["# The commands", "What `arshif --help` and `arshif COMMAND --help` print.", _block(top)]
    for name in cli.list_commands(top):
        command = cli.get_command(top, name)
        assert command is not None
        context = click.Context(command, parent=top, info_name=name)
        parts += [f"## arshif {name}", _block(context)]
        for subname, subcommand in command.commands.items() if isinstance(command, click.Group) else ():
            parts += [
                f"### arshif {name} {subname}",
                _block(click.Context(subcommand, parent=context, info_name=subname)),
            ]
    return "\n\n".join(parts) + "\n"


def _block(context: click.Context) -> str:
    return f"```\n{context.get_help()}\n```"


if __name__ == "__main__":
    PAGE.write_text(commands_page(), encoding="utf-8")
