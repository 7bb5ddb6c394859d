"""Where a copy of an article came from, so that whoever cites the article can say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OriginKind(StrEnum):
    """What kind of place a copy came from."""

    FILE = "file"
    STDIN = "stdin"
    WARC = "warc"
    FEED = "feed"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a copy of an article came from, for citing."""

    kind: OriginKind
    name: str  # path or URL
    part: str | None = None  # line, row, member or record within it

    def __str__(self) -> str:
        return f"{self.name}, {self.part}" if self.part else self.name


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place that held a revision, and the first and last time (UTC) that a copy came from there."""

    origin: Origin
    first_seen: datetime
    last_seen: datetime
