"""The files of an export: their names, their first and last lines, and how a file comes to be whole or not at all.

What is written is on the disk before it is said to be: even a power cut does not take it back.
"""

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
from typing import IO, Final, cast

from corpus.errors import ExportFailed
from corpus.lock_holder import process_runs

VERSION: Final = 1
"""Of the form of the lines; raised when an older Arshif could not read them."""

BEGIN: Final = "arshif_export"
"""The one key of the first line: version, name and time."""
END: Final = "arshif_export_end"
"""The one key of the last line: counts, and the SHA-256 of all lines before it; without it a file is cut short."""

ARTICLES_FILE: Final = "articles.jsonl.gz"
PAGES_FILE: Final = "pages.warc.gz"


@contextmanager
def new_file(path: Path, *, compress: bool) -> Iterator[IO[bytes]]:
    """A file to write, or its content to be compressed; it stands at `path` when the block ends, or not at all.

    Raises:
        ExportFailed: it could not be written; what was at `path` before is still there.
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
    """A directory to fill; it stands at `path` when the block ends, or not at all.

    Raises:
        ExportFailed: there is something at `path`, or it could not be written.
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
    except ExportFailed as error:  # of a file in it, whose name the user never saw
        raise ExportFailed(path, error.reason) from error
    except OSError as error:
        raise ExportFailed(path, _reason(error)) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _beside(path: Path) -> Path:
    """Another name in the same directory; what killed exports to the same place left there is removed."""
    stem = f".{path.name}.new-"
    for left in path.parent.glob(f"{glob.escape(stem)}*"):
        pid = left.name.removeprefix(stem).partition("-")[0]
        if pid.isdigit() and not process_runs(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
            with suppress(OSError):
                left.unlink()
    return path.with_name(f"{stem}{os.getpid()}-{secrets.token_hex(4)}")


def _reason(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    return error.strerror or str(error)


def sync_directory(path: Path) -> None:
    """Brings the names in a directory, new and renamed ones, to the disk.

    Raises:
        OSError: the disk did not take them.
    """
    if sys.platform == "win32":  # there a directory cannot be opened, and renaming is durable by itself
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
