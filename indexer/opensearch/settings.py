"""The `[opensearch]` table of `arshif.toml`: the cluster that has the index of an archive beyond one machine.

    engine = "opensearch"

    [opensearch]
    hosts = ["https://search1.example:9200", "https://search2.example:9200"]
    prefix = "arshif"             # of the names of its indices
    ca_certs = "/etc/ssl/our-ca.pem"
    verify = true                 # certificates
    shards = 3
    replicas = 1
    timeout = 30                  # seconds
    processes = 4                 # of this machine, to analyze articles while indexing
    vectors = true                # 'arshif embed' sends vectors to the cluster; it needs the k-NN plugin

Credentials are never in the file: they come from the environment, as `ARSHIF_OPENSEARCH_USER` and
`ARSHIF_OPENSEARCH_PASSWORD`, or `ARSHIF_OPENSEARCH_API_KEY`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from corpus import Archive, SettingsInvalid

_SECRETS: Final = re.compile("user|login|pass|pwd|secret|token|key|credential|auth", re.I)
_PREFIX: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
_MAX_PREFIX: Final = 200  # bytes; OpenSearch allows 255 for the name of an index
_MAX_SHARDS: Final = 1024


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """The address of a cluster and the settings of its indices. `timeout` is in seconds; `ca_certs` is a PEM file."""

    hosts: tuple[str, ...] = ("http://127.0.0.1:9200",)
    prefix: str = "arshif"
    ca_certs: str | None = None
    verify: bool = True
    shards: int = 1
    replicas: int = 1
    timeout: float = 30.0
    processes: int = 1
    vectors: bool = False


def cluster_settings(archive: Archive) -> ClusterSettings:
    """The settings of an archive's cluster.

    Raises:
        SettingsInvalid: a name is unknown, or a value has the wrong type.
    """
    try:
        return _read(archive.settings.opensearch)
    except ValueError as error:
        raise SettingsInvalid(archive.directory / "arshif.toml", str(error)) from error


def _read(table: Mapping[str, Any]) -> ClusterSettings:
    known = ClusterSettings.__slots__
    for name in sorted(set(table) - set(known)):
        if _SECRETS.search(name):
            raise ValueError(f"opensearch.{name}: {_NO_SECRETS}")
        raise ValueError(f"unknown setting 'opensearch.{name}'; known: {', '.join(known)}")
    return ClusterSettings(**{name: _VALUES[name](name, value) for name, value in table.items()})


_NO_SECRETS: Final = (
    "credentials must not be in this file, which others copy and read; set ARSHIF_OPENSEARCH_USER and "
    "ARSHIF_OPENSEARCH_PASSWORD, or ARSHIF_OPENSEARCH_API_KEY, in the environment"
)


def _hosts(name: str, value: object) -> tuple[str, ...]:
    hosts = [value] if isinstance(value, str) else value
    if not isinstance(hosts, list) or not hosts or not all(isinstance(host, str) for host in hosts):
        raise ValueError(f'opensearch.{name} must be addresses: ["https://search.example:9200"]')
    for host in hosts:
        try:
            parts = urlsplit(host)
            _ = parts.port
        except ValueError as error:
            raise ValueError(f"opensearch.{name}: {host!r} is not an address ({error})") from error
        if parts.username is not None or parts.password is not None:
            raise ValueError(f"opensearch.{name}: {_NO_SECRETS}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"opensearch.{name}: {host!r} is not an address like https://search.example:9200")
    return tuple(hosts)


def _prefix(name: str, value: object) -> str:
    if not isinstance(value, str) or not _PREFIX.fullmatch(value) or len(value) > _MAX_PREFIX:
        raise ValueError(
            f"opensearch.{name} must be lower-case Latin letters, digits, - and _, and must not begin with - or _"
        )
    return value


def _path(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"opensearch.{name} must be the path of a file, in quotes")
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"opensearch.{name} must be true or false")
    return value


def _positive(name: str, value: object) -> int:
    return _whole(name, value, 1)


def _replicas(name: str, value: object) -> int:
    return _whole(name, value, 0)


def _whole(name: str, value: object, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MAX_SHARDS:
        raise ValueError(f"opensearch.{name} must be a whole number from {least} to {_MAX_SHARDS}")
    return value


def _seconds(name: str, value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value <= 3600:
        raise ValueError(f"opensearch.{name} must be a number of seconds above 0, at most 3600")
    return float(value)


_VALUES: Final[dict[str, Any]] = {
    "hosts": _hosts,
    "prefix": _prefix,
    "ca_certs": _path,
    "verify": _flag,
    "shards": _positive,
    "replicas": _replicas,
    "timeout": _seconds,
    "processes": _positive,
    "vectors": _flag,
}
