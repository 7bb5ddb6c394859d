"""The vectors of an archive, in its directory `meaning/`: disposable, and computed again by `arshif embed`.

    vectors.json      the commit: the encoder; for each level the last change of the archive that it includes (its
                      mark), and its files, the oldest first
    lead-….vec        vectors of titles and leads (`indexer.meaning.vector_files`); no name is used twice
    body-….vec        vectors of the other passages
    writer            locked by the process that writes

A commit is published by one rename, with marks and files together: a process that is killed at any moment leaves the
previous commit, and files that the next one deletes. New files are small; neighbours of similar size are merged, so
that there are few.
"""

from __future__ import annotations

import json
import os
import secrets
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from time import sleep
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from corpus import ArshifError, read_holder, record_holder
from indexer.codec.container import DamagedPostings
from indexer.errors import VectorsDamaged, VectorsLocked, VectorsWriteFailed
from indexer.meaning.encoder import EncoderIdentity, Vectors
from indexer.meaning.nearest import PassageScan
from indexer.meaning.vector_files import (
    VectorFile,
    encode_vectors,
    merge_files,
    open_vector_file,
    similarities,
    write_vector_file,
)

Numbers = NDArray[np.uint64]
"""Numbers of articles in their archive, ascending."""

LEAD: Final = "lead"
BODY: Final = "body"
LEVELS: Final = (LEAD, BODY)
"""What is encoded of every article, in this order."""

MAX_MERGED_BYTES: Final = 64 * 2**20
"""A merged file is at most about this large."""

_FORMAT: Final = 1  # raised when the files change, or how passages are cut (`indexer.meaning.passages`)
_COMMIT_FILE: Final = "vectors.json"
_LOCK_FILE: Final = "writer"
_OPEN_TRIES: Final = 10  # a later commit may be replacing the files
_OPEN_PAUSE: Final = 0.02  # seconds


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a commit: its mark, and its files with their size in bytes, the oldest first."""

    change: int = 0
    files: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class VectorCommit:
    """What `vectors.json` says."""

    identity: EncoderIdentity
    levels: Mapping[str, Level] = field(default_factory=lambda: dict.fromkeys(LEVELS, Level()))


class StoredVectors:
    """The vectors of one commit, mapped. Safe to share between threads."""

    def __init__(self, commit: VectorCommit, files: Mapping[str, tuple[VectorFile, ...]]) -> None:
        self.commit = commit
        self._files = files

    def similarities(self, numbers: Sequence[int], vector: Vectors) -> list[float | None]:
        """The cosine of a query's vector and the nearest passage of each article, given by its number in the archive.

        None for an article that has no vector yet.
        """
        best: list[float | None] = [None] * len(numbers)
        for files in self._files.values():
            for at, value in enumerate(similarities(files, numbers, vector)):
                known = best[at]
                if value is not None and (known is None or value > known):
                    best[at] = value
        return best

    def nearest(self, vector: Vectors, limit: int, within: Numbers | None = None) -> list[tuple[int, float]]:
        """The articles with a passage that is nearest to a unit vector, and its cosine; see `PassageScan`."""
        return self._scan.nearest(vector, limit, within)

    @cached_property
    def _scan(self) -> PassageScan:
        return PassageScan(self._files.values())

    def lead(self, number: int) -> Vectors | None:
        """The vector of an article's lead; None if it has none yet."""
        for file in reversed(self._files[LEAD]):
            row = int(file.find(np.array([number], np.uint64))[0])
            if row >= 0:
                passages = file.vectors(row)
                return passages[0] if len(passages) else None
        return None

    def codes(self, numbers: Sequence[int]) -> dict[int, NDArray[np.int8]]:
        """The vectors of articles as bytes, [passages, dimension], the lead's first; none of those without a lead."""
        found = {number: list[NDArray[np.int8]]() for number in numbers}
        wanted = np.array(numbers, np.uint64)
        for level in LEVELS:
            unseen = np.ones(len(wanted), np.bool_)
            for file in reversed(self._files[level]):
                rows = file.find(wanted)
                for at in np.flatnonzero(unseen & (rows >= 0)).tolist():
                    passages = file.codes_of(int(rows[at]))
                    if level == LEAD or found[numbers[at]]:
                        found[numbers[at]] += [passages] if len(passages) else []
                    unseen[at] = False
        return {number: np.concatenate(parts) for number, parts in found.items() if parts}

    def nearest_passage(self, number: int, vector: Vectors) -> int | None:
        """Which passage of an article is nearest to a unit vector: 0 is its lead, 1 the first passage of its body.

        None for an article that has no vector yet.
        """
        cosines: dict[int, float] = {}
        for base, level in enumerate(LEVELS):
            for file in reversed(self._files[level]):
                row = int(file.find(np.array([number], np.uint64))[0])
                if row >= 0:
                    cosines.update(enumerate((file.vectors(row) @ vector).tolist(), base))
                    break
        return max(cosines, key=lambda passage: cosines[passage], default=None)

    def numbers(self, level: str) -> set[int]:
        """The articles that a level has passages of."""
        known: dict[int, bool] = {}
        for file in self._files[level]:
            known.update(zip(file.numbers.tolist(), (np.diff(file.starts.astype(np.int64)) > 0).tolist(), strict=True))
        return {number for number, passages in known.items() if passages}

    @property
    def version(self) -> str:
        """Identifies the commit: no name of a file is used twice."""
        return f"{zlib.crc32(repr(sorted(self.commit.levels.items())).encode()):08x}"

    @property
    def passage_count(self) -> int:
        """Number of vectors, including those that were replaced and not merged away yet."""
        return sum(file.passage_count for files in self._files.values() for file in files)


def read_vector_commit(directory: Path) -> VectorCommit | None:
    """The commit of a directory; None if there is none.

    Raises:
        VectorsDamaged: its file is truncated or altered, or of another format.
    """
    try:
        data = (directory / _COMMIT_FILE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise VectorsDamaged(directory, _reason(error)) from error
    try:
        value = json.loads(data)
        text = json.dumps(value["commit"], sort_keys=True)
        if zlib.crc32(text.encode()) != value["checksum"]:
            raise ValueError("it was altered after it was written")
        return _commit(value["commit"])
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise VectorsDamaged(directory, f"{_COMMIT_FILE} is invalid: {error}") from error


def open_vectors(directory: Path, *, verify: bool = False) -> StoredVectors | None:
    """The vectors of the newest commit; None if there is none. With `verify` all checksums are compared.

    Raises:
        VectorsDamaged: a file is missing, truncated or altered.
    """
    for tries in range(_OPEN_TRIES):
        commit = read_vector_commit(directory)
        if commit is None:
            return None
        try:
            return StoredVectors(commit, {level: _open_level(directory, commit, level, verify) for level in LEVELS})
        except FileNotFoundError as error:
            # A later commit has just replaced the file.
            if tries == _OPEN_TRIES - 1:
                raise VectorsDamaged(directory, f"{error.filename}: {_reason(error)}") from error
        except (DamagedPostings, OSError) as error:
            raise VectorsDamaged(directory, _reason(error)) from error
        sleep(_OPEN_PAUSE)
    return None


def vector_stamp(directory: Path) -> tuple[int, int, int] | None:
    """Identifies the newest commit without opening it; None if there is none."""
    try:
        status = (directory / _COMMIT_FILE).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def vector_bytes(directory: Path) -> int:
    """The size of the files of a directory."""
    size = 0
    for path in directory.glob("*"):
        with suppress(OSError):  # a commit has just deleted it
            size += path.stat().st_size
    return size


class VectorWriter:
    """Adds vectors, commit by commit. `open_vector_writer` makes one."""

    def __init__(self, directory: Path, identity: EncoderIdentity, *, replace: bool) -> None:
        self._directory = directory
        found = None if replace else read_vector_commit(directory)
        # Vectors of another encoder cannot be compared with its: the first commit replaces them.
        self.commit = found if found is not None and found.identity == identity else VectorCommit(identity)

    def add(self, level: str, vectors: Mapping[int, Vectors], change: int) -> None:
        """Commits the vectors of articles, by their numbers, and the level's new mark."""
        files = list(self.commit.levels[level].files)
        if vectors:
            files.append(self._write(level, encode_vectors(vectors, self.commit.identity.dimension)))
            while len(files) > 1 and files[-2][1] <= 2 * files[-1][1] and files[-2][1] <= MAX_MERGED_BYTES // 2:
                merged = merge_files([self._open(name) for name, _ in files[-2:]], oldest=len(files) == 2)
                files[-2:] = [self._write(level, merged)]
        self.commit = replace(self.commit, levels={**self.commit.levels, level: Level(change, tuple(files))})
        self._publish()
        self._delete_unused_files()

    def _delete_unused_files(self) -> None:
        """Deletes files that the commit does not name: replaced ones, and those of killed processes."""
        used = {name for level in self.commit.levels.values() for name, _ in level.files} | {_COMMIT_FILE, _LOCK_FILE}
        for path in self._directory.iterdir():
            if path.name not in used:
                with suppress(OSError):  # on Windows, a search may still have it open
                    path.unlink()

    def _write(self, level: str, file: VectorFile) -> tuple[str, int]:
        path = self._directory / f"{level}-{secrets.token_hex(6)}.vec"
        write_vector_file(path, file)
        return path.name, path.stat().st_size

    def _open(self, name: str) -> VectorFile:
        # A byte that was altered must not be given a valid checksum by a merge.
        return open_vector_file(self._directory, name, self.commit.identity.dimension, verify=True)

    def _publish(self) -> None:
        commit = self.commit
        value = {
            "format": _FORMAT,
            "encoder": commit.identity.name,
            "version": commit.identity.version,
            "dimension": commit.identity.dimension,
            "levels": {name: {"change": level.change, "files": level.files} for name, level in commit.levels.items()},
        }
        checksum = zlib.crc32(json.dumps(value, sort_keys=True).encode())
        temporary = self._directory / f"{_COMMIT_FILE}.new"
        with temporary.open("w", encoding="utf-8") as file:
            json.dump({"checksum": checksum, "commit": value}, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._directory / _COMMIT_FILE)


@contextmanager
def open_vector_writer(directory: Path, identity: EncoderIdentity, *, replace: bool = False) -> Iterator[VectorWriter]:
    """A writer that holds the directory's lock; with `replace` it reads nothing of the vectors that are there.

    Raises:
        VectorsLocked: another process holds it.
        VectorsDamaged: a file that had to be read is damaged.
        VectorsWriteFailed: disk full, read-only, no permission.
    """
    from whoosh.filedb.filestore import FileStorage

    try:
        directory.mkdir(exist_ok=True)
        lock = FileStorage(str(directory)).lock(_LOCK_FILE)
        if not lock.acquire():
            raise VectorsLocked(directory, read_holder(_holder_file(directory)))
        try:
            with record_holder(_holder_file(directory)):
                yield VectorWriter(directory, identity, replace=replace)
        finally:
            lock.release()
    except ArshifError:
        raise
    except (DamagedPostings, FileNotFoundError) as error:
        raise VectorsDamaged(directory, _reason(error)) from error
    except OSError as error:
        raise VectorsWriteFailed(directory, _reason(error)) from error


def _open_level(directory: Path, commit: VectorCommit, level: str, verify: bool) -> tuple[VectorFile, ...]:
    dimension = commit.identity.dimension
    return tuple(open_vector_file(directory, name, dimension, verify=verify) for name, _ in commit.levels[level].files)


def _commit(value: Any) -> VectorCommit:
    if value["format"] != _FORMAT:
        raise ValueError(f"format {value['format']}, and this version of Arshif needs {_FORMAT}")
    levels = {}
    for name in LEVELS:
        files = tuple((str(file), int(size)) for file, size in value["levels"][name]["files"])
        if any(Path(file).name != file or not file.endswith(".vec") for file, _ in files):
            raise ValueError("it names a file of another directory")
        levels[name] = Level(int(value["levels"][name]["change"]), files)
    identity = EncoderIdentity(str(value["encoder"]), str(value["version"]), int(value["dimension"]))
    if identity.dimension < 1:
        raise ValueError(f"vectors of {identity.dimension} numbers")
    return VectorCommit(identity, levels)


def _holder_file(directory: Path) -> Path:
    return directory.with_name(f".{directory.name}.writer")


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, DamagedPostings):  # its message speaks of postings
        return f"{error.name}: {error.reason}"
    return str(error)
