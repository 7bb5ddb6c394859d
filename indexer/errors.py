"""Errors of indexes and searches. No exception of Whoosh or OpenSearch leaves this package.

As in `corpus/errors.py`, messages state facts; the commands that help are in `search_ui/hints.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from corpus import ArshifError

_REFUSED_NAMED: Final = 10


class IndexMissing(ArshifError):
    """The archive has no index yet."""

    def __init__(self, path: Path) -> None:
        super().__init__("the archive has no index yet")
        self.path = path


class IndexDamaged(ArshifError):
    """The index cannot be read: a file is missing, truncated or corrupted."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the index at {path} is damaged ({reason})")
        self.path = path


class IndexForbidden(ArshifError):
    """The operating system's user has no permission to read the index."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"cannot read the index at {path}: this user has no permission")
        self.path = path


class IndexVersionMismatch(ArshifError):
    """The index was built with another version of analysis or of the format."""

    def __init__(self, what: str, found: int | str, expected: int) -> None:
        super().__init__(f"the index was built with {what} {found}, and this version of Arshif needs {expected}")
        self.what = what
        self.found = found
        self.expected = expected


class IndexLocked(ArshifError):
    """Another process is writing to the index."""

    def __init__(self, path: Path, seconds: float, holder: str | None = None) -> None:
        who = holder or "another process"
        super().__init__(f"waited {seconds:.0f} seconds for {who}, which is writing to the index at {path}")
        self.path = path


class LexiconDamaged(ArshifError):
    """The lexicon that is part of Arshif cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the lexicon at {path} is damaged ({reason}): Arshif must be reinstalled")
        self.path = path


class IndexWriteFailed(ArshifError):
    """The index could not be written; the previous commit stays in use."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write to the index at {path}: {reason}")
        self.path = path


class ClusterUnavailable(ArshifError):
    """The cluster does not answer, or not completely: nodes are down, slow, or overloaded."""

    def __init__(self, hosts: tuple[str, ...], reason: str) -> None:
        super().__init__(f"the search cluster at {', '.join(hosts)} is not available: {reason}")
        self.hosts = hosts


class ClusterRefused(ArshifError):
    """The cluster refuses a request: the credentials, or the request itself."""

    def __init__(self, hosts: tuple[str, ...], reason: str) -> None:
        super().__init__(f"the search cluster at {', '.join(hosts)} refused: {reason}")
        self.hosts = hosts


class ArticlesRefused(ArshifError):
    """The cluster refused some articles and indexed all others; every later run retries the refused ones."""

    def __init__(self, refused: Sequence[tuple[str, str]]) -> None:
        named = "; ".join(f"{article_id}: {reason}" for article_id, reason in refused[:_REFUSED_NAMED])
        more = f"; and {len(refused) - _REFUSED_NAMED:,} more" if len(refused) > _REFUSED_NAMED else ""
        noun = "article" if len(refused) == 1 else "articles"
        super().__init__(f"the search cluster refused {len(refused):,} {noun}: {named}{more}")
        self.refused = tuple(refused)


class LibraryMissing(ArshifError):
    """A library that one of Arshif's extras brings is not installed."""

    def __init__(self, subject: str, library: str, extra: str) -> None:
        super().__init__(f"{subject} needs the library {library}")
        self.library = library
        self.extra = extra


class EngineMissing(LibraryMissing):
    """The library that speaks to the archive's engine is not installed."""

    def __init__(self, engine: str, library: str) -> None:
        super().__init__(f"this archive's engine is {engine!r}, which", library, engine)
        self.engine = engine


class MeaningUnavailable(ArshifError):
    """The archive cannot be searched by meaning: it has no encoder."""


class VectorsMissing(ArshifError):
    """The archive has no vectors yet, or those of another encoder."""


class EncoderFailed(ArshifError):
    """An encoder's model cannot be loaded, or fails on a text."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the encoder {name!r} failed: {reason}")
        self.name = name
        self.reason = reason


class VectorsDamaged(ArshifError):
    """The vectors of an archive cannot be read: a file is missing, truncated or corrupted."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the vectors at {path} are damaged ({reason})")
        self.path = path


class VectorsLocked(ArshifError):
    """Another process is computing the vectors of an archive."""

    def __init__(self, path: Path, holder: str | None = None) -> None:
        super().__init__(f"{holder or 'another process'} is computing the vectors at {path}")
        self.path = path


class VectorsWriteFailed(ArshifError):
    """The vectors of an archive could not be written; those that were written before stay in use."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write the vectors at {path}: {reason}")
        self.path = path


class EvaluationFileInvalid(ArshifError):
    """A file of queries, judgements or a run is invalid, or one line of it."""

    def __init__(self, name: str, reason: str, line: int | None = None) -> None:
        super().__init__(f"{name}: {reason}" if line is None else f"{name}, line {line}: {reason}")
        self.name = name
        self.line = line


class SearchTooCostly(ArshifError):
    """A request exceeded its cost limit."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the search took longer than {seconds:g} seconds of processor time and was stopped: "
            "use fewer words, or fewer with ~ or wildcards (*)"
        )
        self.seconds = seconds


class CursorInvalid(ArshifError):
    """The cursor is malformed or belongs to another search."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the cursor {reason}: start again without it")
        self.reason = reason
