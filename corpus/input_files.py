"""The files that are added: those that a user names, and the regular files below directories.

Below a directory nothing leads out of it: symbolic links are not followed, neither to files nor to directories, and
pipes, sockets and devices, at which a reader would wait for ever, are not opened. What stands there may be another
thing by the time that it is opened, since strangers may write to a watched directory: so every step down to a file is
taken without following a link, and what was opened is looked at again.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final

from corpus.readers import Refusal

MAX_NESTED: Final = 200
"""Directories within each other that are read: what lies deeper is refused."""

_KINDS: Final = (
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISFIFO, "named pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)
# What this process was given open, by its names: standard input, and <(...) of a shell.
_OPEN_ALREADY: Final = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
_JUNCTION: Final = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT: how Windows marks a link to a directory
# Each where the system has it. Not to block matters while a file is opened; reading regular files never does.
_FLAGS: Final = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_BINARY", "O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY"))
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY: Final = getattr(os, "O_DIRECTORY", 0)
_STEPWISE: Final = bool(_NO_LINK and _DIRECTORY) and os.open in os.supports_dir_fd


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read; `top` is the directory below which it was found, None for one that the user named."""

    path: Path
    top: Path | None = None

    def size(self) -> int | None:
        """Its size in bytes; None for what this process was given open, which may be a pipe.

        Raises:
            OSError: it cannot be looked at, or is no regular file.
        """
        if self._is_open_already():
            return None
        status = self.path.stat() if self.top is None else self.path.lstat()
        _check(status)
        return status.st_size

    def open(self) -> FileIO:
        """Opens it for reading, unbuffered. A file below a directory is never one that a link leads to.

        Raises:
            OSError: it cannot be opened, is no regular file, or is no longer below its directory.
        """
        if self._is_open_already():
            return FileIO(str(self.path))
        handle = os.open(self.path, _FLAGS) if self.top is None else _open_below(self.top, self.path)
        try:
            _check(os.fstat(handle))
            return FileIO(handle)
        except BaseException:
            os.close(handle)
            raise

    def _is_open_already(self) -> bool:
        return self.top is None and os.name == "posix" and str(self.path).startswith(_OPEN_ALREADY)


def files_below(top: Path) -> Iterator[InputFile | Refusal | str]:
    """The regular files below a directory, in order of their names, those of a directory before those of its own.

    For what else is there comes a word that tells its kind (symbolic link, named pipe, …), for a directory that cannot
    be read a refusal. What is hidden is left alone.
    """
    waiting = [(str(top), 0)]
    while waiting:
        directory, depth = waiting.pop()
        if depth > MAX_NESTED:
            yield Refusal(directory, f"more than {MAX_NESTED} nested directories: not read")
            continue
        try:
            with os.scandir(directory) as found:
                entries = sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda one: one.name)
        except OSError as error:
            yield Refusal(directory, error.strerror or str(error))
            continue
        inner = []
        for entry in entries:
            try:
                kind = _kind(entry)
            except OSError as error:
                yield Refusal(entry.path, error.strerror or str(error))
                continue
            if kind:
                yield kind
            elif entry.is_dir(follow_symlinks=False):
                inner.append((entry.path, depth + 1))
            else:
                yield InputFile(Path(entry.path), top)
        waiting += reversed(inner)


def _kind(entry: os.DirEntry[str]) -> str | None:
    """What an entry is that is neither a regular file nor a directory."""
    if entry.is_file(follow_symlinks=False):
        return None
    status = entry.stat(follow_symlinks=False)
    if getattr(status, "st_reparse_tag", 0) == _JUNCTION:
        return "symbolic link"
    return None if stat.S_ISDIR(status.st_mode) else _name(status)


def _name(status: os.stat_result) -> str:
    """What it is, in the user's words."""
    return next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "special file")


def _check(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, f"a {_name(status)}, not a file: not read")


def _open_below(top: Path, path: Path) -> int:
    *directories, name = path.relative_to(top).parts
    if not _STEPWISE:  # Windows
        if not path.resolve().is_relative_to(top.resolve()) or path.is_symlink():
            raise OSError(errno.ELOOP, "a link out of the directory: not read")
        return os.open(path, _FLAGS | _NO_LINK)
    at = os.open(top, _FLAGS | _DIRECTORY)
    try:
        for directory in directories:
            below = os.open(directory, _FLAGS | _DIRECTORY | _NO_LINK, dir_fd=at)
            os.close(at)
            at = below
        return os.open(name, _FLAGS | _NO_LINK, dir_fd=at)
    finally:
        os.close(at)
