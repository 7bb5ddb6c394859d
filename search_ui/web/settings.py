"""The settings of the server: the table `[web]` of the archive's `arshif.toml`.

[web]
description = "صحف من اليمن"        # what the archive is, on its first page; a text, without markup
description_en = "Papers from Yemen" # the same, on the English page
rate = 20                            # requests per second and address, on average; 0 sets no limit
burst = 60                           # maximum number of requests at once
seconds = 5.0                        # processor time limit of a request
export_seconds = 60.0                # processor time limit of an export
export_megabytes = 256.0             # maximum size of an export
hosts = ["archive.example.org"]      # host names that the server accepts; empty: any
trusted_proxy = "127.0.0.1"          # the reverse proxy whose X-Forwarded-For, -Proto and -Host are trusted
cors_origins = ["https://a.example"] # origins whose pages may use the API; "*" for any
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from corpus import Archive, SettingsInvalid


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The values of the table; the module's docstring describes them."""

    description: str = ""
    description_en: str = ""
    rate: float = 0.0
    burst: float = 60.0
    seconds: float = 5.0
    export_seconds: float = 60.0
    export_megabytes: float = 256.0
    hosts: tuple[str, ...] = ()
    trusted_proxy: str = ""
    cors_origins: tuple[str, ...] = ()


def web_settings(archive: Archive) -> WebSettings:
    """Read the settings of an archive's server.

    Raises:
        SettingsInvalid: a setting is unknown, or its value has the wrong type.
    """
    try:
        return _read(archive.settings.web)
    except ValueError as error:
        raise SettingsInvalid(archive.directory / "arshif.toml", f"[web]: {error}") from error


def _read(values: Mapping[str, Any]) -> WebSettings:
    known = {field.name: field.default for field in fields(WebSettings)}
    if unknown := sorted(set(values) - set(known)):
        raise ValueError(f"unknown setting {unknown[0]!r}; known: {', '.join(known)}")
    read: dict[str, Any] = {}
    for name, value in values.items():
        match known[name]:
            case float():
                read[name] = _number(name, value, least=0.0 if name == "rate" else 0.01)
            case tuple():
                read[name] = _texts(name, value)
            case _:
                if not isinstance(value, str):
                    raise ValueError(f"{name} must be a text in quotes")
                read[name] = value.strip()
    return WebSettings(**read)


def _number(name: str, value: object, least: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value < 1e9:
        raise ValueError(f"{name} must be a number of at least {least:g}")
    return float(value)


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise ValueError(f'{name} must be a list of texts: ["…", "…"]')
    return tuple(text.strip() for text in value)
