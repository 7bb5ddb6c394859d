"""Small SQLite files beside the archive that only their owner may read: accounts and readers' desks.

They are files of their own so that copies, backups and exports of the articles contain no secrets. Only the owner may
read them (mode 0600; on Windows the directory's permissions apply). They have a rollback journal, which works on a
read-only disk where WAL does not, and deleted data is overwritten (`secure_delete`).
"""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from corpus import (
    ArchiveReadFailed,
    ArchiveVersionMismatch,
    ArchiveWriteFailed,
    create_private_file,
    database_error,
)

# Seconds to wait for another process that is writing. Every page of a reader with a desk reads it, and is shown without
# it if that fails.
_WRITE_TIMEOUT: Final = 10.0
_READ_TIMEOUT: Final = 3.0
_OTHERS: Final = 0o077  # permissions of anyone but the owner

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PrivateDatabase:
    """A kind of file: its version, the statements that create its tables, and what to do if others could read it."""

    version: int
    tables: tuple[str, ...]
    advice: str

    def read(self, path: Path, sql: str, values: Iterable[object] = ()) -> list[Any]:
        """The rows of a query on a file; none if the file does not exist or is empty.

        Raises:
            ArchiveReadFailed: the file cannot be read.
            ArchiveVersionMismatch: a newer Arshif wrote it.
        """
        with _translated_errors(path, ArchiveReadFailed):
            if not path.exists():
                return []
            with closing(self._connect(path, _READ_TIMEOUT)) as connection:
                return connection.execute(sql, tuple(values)).fetchall() if self._version(connection, path) else []

    @contextmanager
    def write(self, path: Path) -> Iterator[sqlite3.Connection]:
        """One transaction on a file, which is created if it does not exist; durable once the block ends.

        Raises:
            ArchiveWriteFailed: the file cannot be written.
            ArchiveVersionMismatch: a newer Arshif wrote it.
        """
        with _translated_errors(path, ArchiveWriteFailed):
            create_private_file(path)
            with closing(self._connect(path, _WRITE_TIMEOUT)) as connection:
                connection.execute("BEGIN IMMEDIATE")  # closing the connection rolls back
                # An empty file, as left by a process that was killed, is an empty database.
                if not self._version(connection, path):
                    for statement in self.tables:
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {self.version}")
                yield connection
                connection.execute("COMMIT")

    def _connect(self, path: Path, timeout: float) -> sqlite3.Connection:
        self._make_private(path)
        # mode=rw: never creates the file; without permission to write, SQLite opens it read-only.
        uri = f"{path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _make_private(self, path: Path) -> None:
        mode = path.stat().st_mode
        if sys.platform == "win32" or not mode & _OTHERS:
            return
        try:
            path.chmod(0o600)
        except OSError:
            _log.warning(
                "arshif: other users can read %s, and this user cannot change its permissions: run chmod 600 on it",
                path,
            )
        else:
            _log.warning("arshif: other users could read %s; its permissions are fixed now, but %s", path, self.advice)

    def _version(self, connection: sqlite3.Connection, path: Path) -> int:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > self.version:
            raise ArchiveVersionMismatch(path.parent, version, self.version)
        return version


def is_writable(path: Path) -> bool:
    """Whether this process may change a file of SQLite, or create it if it does not exist."""
    needed = [path.parent, *([path] if path.exists() else [])]  # SQLite's journal is created beside the file
    effective = os.access in os.supports_effective_ids
    return all(os.access(place, os.R_OK | os.W_OK, effective_ids=effective) for place in needed)


@contextmanager
def _translated_errors(path: Path, failed: type[ArchiveReadFailed | ArchiveWriteFailed]) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise database_error(path.parent, error, path.name) from error
    except OSError as error:
        raise failed(path.parent, f"{path.name}: {error.strerror or error}") from error
