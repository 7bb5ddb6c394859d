"""`arshif.toml`: what makes a directory an archive, and the settings that belong to it.

name = "أرشيف الصحافة"      # shown as the title of the search page
engine = "opensearch"       # of a cluster; see corpus/cluster_settings.py
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from corpus.cluster_settings import ClusterSettings, parse_engine
from corpus.errors import NotAnArchive, SettingsInvalid

SETTINGS_FILE: Final = "arshif.toml"
DEFAULT_NAME: Final = "أرشيف"

_TEMPLATE: Final = """\
# Settings of this Arshif archive.

# Shown as the title of the search page.
name = {name}

# What searches it: "embedded", an index beside the articles, or "opensearch", a cluster: docs/scale.md.
# engine = "opensearch"
# [opensearch]
# hosts = ["https://search1.example:9200"]
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one archive."""

    name: str = DEFAULT_NAME
    engine: str = "embedded"
    """What searches the archive: `embedded`, an index beside it, or `opensearch`, a cluster."""
    cluster: ClusterSettings = field(default_factory=ClusterSettings)


def write_settings(directory: Path, settings: Settings) -> None:
    """Writes a commented `arshif.toml` for a new archive."""
    quoted = '"' + settings.name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    (directory / SETTINGS_FILE).write_text(_TEMPLATE.format(name=quoted), encoding="utf-8")


def read_settings(directory: Path) -> Settings:
    """The settings of the archive in `directory`.

    Raises:
        NotAnArchive: it has no `arshif.toml`.
        SettingsInvalid: the file is not TOML, or a value is of the wrong kind, or a name is unknown.
    """
    path = directory / SETTINGS_FILE
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise NotAnArchive(directory, f"there is no {SETTINGS_FILE} in it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(path, f"not valid TOML: {error}") from error
    except OSError as error:
        raise SettingsInvalid(path, error.strerror or str(error)) from error
    if unknown := set(values) - {"name", "engine", "opensearch"}:
        raise SettingsInvalid(path, f"unknown setting {sorted(unknown)[0]!r}; known: name, engine, opensearch")
    name = values.get("name", DEFAULT_NAME)
    if not isinstance(name, str) or not name.strip():
        raise SettingsInvalid(path, "name must be a text in quotes")
    try:
        engine, cluster = parse_engine(values)
    except ValueError as error:
        raise SettingsInvalid(path, str(error)) from error
    return Settings(name=name.strip(), engine=engine, cluster=cluster)
