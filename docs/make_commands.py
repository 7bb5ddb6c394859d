"""Writes `docs/commands.md` from the commands' own help: `./run docs`."""

from __future__ import annotations

from pathlib import Path

import click

from search_ui.command.cli import cli, load_commands

PAGE = Path(__file__).with_name("commands.md")
WIDTH = 100


def commands_page() -> str:
    """The page: the help of `arshif`, then of each command."""
    load_commands()
    parts = ["# The commands", "What `arshif --help` and `arshif COMMAND --help` print.", _block(cli, "arshif")]
    for name, command in cli.commands.items():
        parts += [f"## arshif {name}", _block(command, f"arshif {name}")]
    return "\n\n".join(parts) + "\n"


def _block(command: click.Command, name: str) -> str:
    context = click.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    return f"```\n{command.get_help(context)}\n```"


if __name__ == "__main__":
    PAGE.write_text(commands_page(), encoding="utf-8")
