"""Files and directories that are written whole or not at all, and are durable once written."""

from __future__ import annotations

import errno
import glob
import gzip
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from corpus.errors import ExportFailed
from corpus.lock_holder import is_running


@contextmanager
def new_file(path: Path, *, compress: bool) -> Iterator[IO[bytes]]:
    """Write a file, compressed on request, atomically: it replaces `path` when the block ends without an exception.

    Raises:
        ExportFailed: the file could not be written; `path` is unchanged.
    """
    path = path.resolve()
    beside = _beside(path)
    try:
        if path.is_dir():
            raise ExportFailed(path, "it is a directory, and an export without pages is a file")
        with beside.open("xb") as raw:
            if compress:
                with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as stream:
                    yield cast(IO[bytes], stream)
            else:
                yield raw
            raw.flush()
            os.fsync(raw.fileno())
        beside.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        raise ExportFailed(path, _reason(error)) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


@contextmanager
def new_directory(path: Path) -> Iterator[Path]:
    """Fill a directory atomically: it appears at `path` when the block ends without an exception.

    Raises:
        ExportFailed: `path` is not an empty directory, or it could not be written.
    """
    path = path.resolve()
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise ExportFailed(path, "it exists and is not an empty directory")
        beside = _beside(path)
        beside.mkdir()
    except OSError as error:
        raise ExportFailed(path, _reason(error)) from error
    try:
        yield beside
        if path.is_dir():
            path.rmdir()
        beside.replace(path)
        sync_directory(path.parent)
    except ExportFailed as error:  # for a file in it, whose temporary path the user does not know
        raise ExportFailed(path, error.reason) from error
    except OSError as error:
        raise ExportFailed(path, _reason(error)) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def sync_directory(path: Path) -> None:
    """Sync a directory: files created or renamed in it are durable once this returns.

    Raises:
        OSError: it could not be synced.
    """
    if sys.platform == "win32":  # a directory cannot be opened there, and renames are durable by themselves
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def create_private_file(path: Path) -> None:
    """Create an empty file that only its owner may access (mode 0600), durably; an existing file is left as it is.

    Raises:
        OSError: it could not be created.
    """
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except FileExistsError:
        return
    try:
        # `sudo arshif user add` must not lock out the account that serves the archive.
        if sys.platform != "win32" and os.geteuid() == 0:
            owner = path.parent.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_directory(path.parent)


def _beside(path: Path) -> Path:
    """A temporary name in the same directory; leftovers of killed processes that wrote to the same path are deleted."""
    stem = f".{path.name}.new-"
    for left in path.parent.glob(f"{glob.escape(stem)}*"):
        pid = left.name.removeprefix(stem).partition("-")[0]
        if pid.isdigit() and not is_running(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
            with suppress(OSError):
                left.unlink()
    return path.with_name(f"{stem}{os.getpid()}-{secrets.token_hex(4)}")


def _reason(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    return error.strerror or str(error)
