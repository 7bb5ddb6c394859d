"""What readers give: articles with where they came from, refusals with their reasons, and what was passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from typing import Final

from corpus.article import Article
from corpus.origin import Origin, OriginKind
from corpus.readers.limits import Budget
from corpus.sources import Source

_LONGEST_NAME: Final = 300  # characters of a member's name or an address that are shown
_PACKED_SUFFIXES: Final = (".gz", ".bz2", ".xz")
_PACKED_TARS: Final = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar"}


@dataclass(frozen=True, slots=True)
class Record:
    """An article that was read, the bytes to keep of its page (none for data files), and a warning if one is due."""

    article: Article
    page: bytes | None = None
    media_type: str = ""
    warning: str | None = None
    origin: Origin = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, or a part of it, that gave no article, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A part of an archive that is not meant to hold an article, by its kind: `.png`, `status 404`."""

    kind: str


Item = Record | Refusal | PassedOver

KeptPages = Callable[[str], Iterator[tuple[datetime, bytes]]]
"""The original pages that the archive keeps of an article id, newest first, each with when (UTC) it was received."""


def no_kept_pages(article_id: str) -> Iterator[tuple[datetime, bytes]]:
    """Where there is no archive to look in."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader is: in which input, and in which member or record of it."""

    kind: OriginKind
    name: str
    parts: tuple[str, ...] = ()
    file: str = ""
    """The name of the innermost file, which tells its form."""

    @classmethod
    def of(cls, kind: OriginKind, name: str) -> Place:
        """The place of a whole input."""
        return cls(kind, name, (), name)

    def within(self, part: str, *, kind: OriginKind | None = None, file: str | None = None) -> Place:
        """A part of this place; `file` where the part is a file itself."""
        return replace(
            self, kind=kind or self.kind, parts=(*self.parts, printable(part)), file=self.file if file is None else file
        )

    @property
    def shown(self) -> str:
        """The place in one line, for messages."""
        return ", ".join((self.name, *self.parts))

    @property
    def origin(self) -> Origin:
        """The place as it is kept with the article."""
        return Origin(self.kind, self.name, ", ".join(self.parts) or None)

    @property
    def extension(self) -> str:
        """What the innermost file is by its name, packed or not: `.jsonl` for `news.jsonl.gz`."""
        return extension_of(self.file)


@dataclass(frozen=True, slots=True)
class Reading:
    """What holds for everything that is read of one input; a page by itself needs no budget."""

    retrieved_at: datetime | None = None
    field_map: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    kept_pages: KeptPages = no_kept_pages
    budget: Budget = field(default_factory=lambda: Budget(lambda: 0))


def extension_of(name: str) -> str:
    """The extension of a file's name in lower case, without that of its compression."""
    suffixes = PurePath(name.lower()).suffixes
    if suffixes and suffixes[-1] in _PACKED_SUFFIXES:
        suffixes.pop()
    last = suffixes[-1] if suffixes else ""
    return _PACKED_TARS.get(last, last)


def one_line(text: str) -> str:
    """A text for a message: what a terminal would obey, and what breaks lines or turns them round, shown as U+FFFD."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in text)


def printable(text: str) -> str:
    """A name from inside a file, fit for a line of a message or of a citation: no controls, no way up or out."""
    clean = one_line(text[: 2 * _LONGEST_NAME])
    if "://" not in clean and not clean.startswith("urn:"):
        clean = "/".join(part for part in clean.replace("\\", "/").split("/") if part not in ("", ".", ".."))
    return clean if len(clean) <= _LONGEST_NAME else clean[: _LONGEST_NAME - 1] + "…"
