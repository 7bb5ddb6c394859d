"""The `arshif` command on one archive, as tests call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from search_ui.command.cli import cli


class Arshif:
    """Runs the command on one archive; each call returns its output."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.archive = directory / "archive"

    def result(self, *arguments: str, stdin: bytes | None = None, color: bool = False) -> Result:
        return CliRunner().invoke(cli, ["--archive", str(self.archive), *arguments], input=stdin, color=color)

    def __call__(self, *arguments: str, stdin: bytes | None = None) -> str:
        result = self.result(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str) -> dict[str, Any]:
        value = json.loads(self(*arguments, "--format", "json"))
        assert isinstance(value, dict)
        return value

    def error(self, *arguments: str) -> str:
        result = self.result(*arguments)
        assert result.exit_code == 1
        (line,) = result.stderr.splitlines()
        assert line.startswith("arshif: ")
        return line
