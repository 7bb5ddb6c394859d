"""`arshif.toml`: what makes a directory an archive, and the settings that belong to it.

name = "أرشيف الصحافة"                    # shown as the title of the search page
engine = "opensearch"                     # of a cluster; see corpus/cluster_settings.py
contact = "https://archive.example/about" # whom a site can ask about what `arshif fetch` does there

other_spellings = false                   # searching غوتيريش finds no جوتيريس
latin_names = false                       # searching Guterres finds no غوتيريش

private = true                            # nobody reads it by the web page without signing in

[web]                                     # of the web page: search_ui/web/settings.py

[sources."الرياض"]                         # see corpus/sources.py
hosts = ["alriyadh.com"]
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from corpus.cluster_settings import ClusterSettings, parse_engine
from corpus.errors import NotAnArchive, SettingsInvalid
from corpus.sources import Source, parse_sources

SETTINGS_FILE: Final = "arshif.toml"
DEFAULT_NAME: Final = "أرشيف"

_KNOWN: Final = (
    "name", "contact", "other_spellings", "latin_names", "private", "engine", "opensearch", "web", "sources",
)  # fmt: skip
_CONTACT: Final = re.compile(r"[!-~]*[@:.][!-~]*")

_TEMPLATE: Final = """\
# Settings of this Arshif archive.

# Shown as the title of the search page.
name = {name}

# A web or mail address, sent to every site that is fetched from, so that its operators can reach you.
# contact = "https://archive.example/about"
# A private archive is read by the web page and the API only by those who are given a password ('arshif user add NAME')
# or a token ('arshif token add NAME'): docs/operations.md.
# private = true

# Names are also searched by the other spellings that the articles print, غوتيريش by جوتيريس, and names in Latin letters
# by their Arabic spellings, Guterres by غوتيريش.
# other_spellings = false
# latin_names = false

# What searches it: "embedded", an index beside the articles, or "opensearch", a cluster: docs/scale.md.
# engine = "opensearch"
# [opensearch]
# hosts = ["https://search1.example:9200"]

# Limits and addresses of the web page: docs/operations.md, "Settings".
# [web]
# rate = 20

# What the pages and files of a source are like, where Arshif does not see it by itself: docs/ingest.md, "Sources".
# [sources."الجريدة"]
# hosts = ["aljarida.example"]
# body = "div.story-text"
# files = ["aljarida-*.csv"]
# map = {{text = "content", date = "published_on"}}
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one archive; `web` as it was read, for the web page to make sense of."""

    name: str = DEFAULT_NAME
    contact: str | None = None
    """A web or mail address for the keepers of the sites that are fetched from; printable ASCII."""
    sources: tuple[Source, ...] = ()
    private: bool = False
    other_spellings: bool = True
    """Names are searched by other spellings of theirs too."""
    latin_names: bool = True
    """Names in Latin letters are searched by their Arabic spellings too."""
    web: Mapping[str, Any] = field(default_factory=dict)
    engine: str = "embedded"
    """What searches the archive: `embedded`, an index beside it, or `opensearch`, a cluster."""
    cluster: ClusterSettings = field(default_factory=ClusterSettings)


def write_settings(directory: Path, settings: Settings) -> None:
    """Writes a commented `arshif.toml` for a new archive; a new archive has no sources yet."""
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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsInvalid(path, f"not valid TOML: {error}") from error
    except OSError as error:
        raise SettingsInvalid(path, error.strerror or str(error)) from error
    if unknown := sorted(set(values) - set(_KNOWN)):
        raise SettingsInvalid(path, f"unknown setting {unknown[0]!r}; known: {', '.join(_KNOWN)}")
    name = values.get("name", DEFAULT_NAME)
    if not isinstance(name, str) or not name.strip():
        raise SettingsInvalid(path, "name must be a text in quotes")
    contact = values.get("contact")
    # It goes into a header of each request, where anything else could break the header or hide another in it.
    if contact is not None and not (isinstance(contact, str) and _CONTACT.fullmatch(contact)):
        raise SettingsInvalid(path, "contact must be a web or mail address, in Latin letters, without spaces")
    try:
        sources = parse_sources(values.get("sources", {}))
        engine, cluster = parse_engine(values)
    except ValueError as error:
        raise SettingsInvalid(path, str(error)) from error
    switches = {"private": False, "other_spellings": True, "latin_names": True}
    for setting, default in switches.items():
        if not isinstance(values.get(setting, default), bool):
            raise SettingsInvalid(path, f"{setting} must be true or false")
        switches[setting] = values.get(setting, default)
    web = values.get("web", {})
    if not isinstance(web, dict):
        raise SettingsInvalid(path, "web must be a table: [web]")
    return Settings(name.strip(), contact, sources, web=web, engine=engine, cluster=cluster, **switches)
