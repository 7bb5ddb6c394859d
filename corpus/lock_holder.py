"""The process that holds a lock, recorded in a small file, so that those who wait for it can name it in their error.

The file is not a lock. SQLite's and Whoosh's locks are the operating system's and end with their process; the file only
names their holder. A file left by a killed process names a process that does not run, and is ignored.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_MAX_COMMAND: Final = 120  # characters


@contextmanager
def record_holder(path: Path) -> Iterator[None]:
    """Record this process in a file while the block, which holds the lock, runs."""
    since = datetime.now(UTC).isoformat(timespec="microseconds")
    holder = json.dumps({"pid": os.getpid(), "command": _command(), "since": since})
    try:
        path.write_text(holder, encoding="utf-8")
    except OSError:
        # If the disk is full, writing the data fails too, and reports it.
        with suppress(OSError):
            path.unlink()
    try:
        yield
    finally:
        # The next holder may have written its own name already.
        with suppress(OSError, ValueError):
            if path.read_text(encoding="utf-8") == holder:
                path.unlink()


def read_holder(path: Path) -> str | None:
    """The holder of the lock, as text: process, command and since when; None if unknown."""
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        pid, command, since = int(holder["pid"]), str(holder["command"]), datetime.fromisoformat(holder["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not is_running(pid):
        return None
    return f"process {pid} ({command}, since {since:%Y-%m-%d %H:%M:%S} UTC)"


def _command() -> str:
    program, *arguments = sys.argv or [""]
    words = " ".join([Path(program).name or "python", *arguments])
    printable = "".join(c if c.isprintable() else " " for c in words)
    return printable if len(printable) <= _MAX_COMMAND else printable[: _MAX_COMMAND - 1] + "…"


def is_running(pid: int) -> bool:
    """Whether a process runs; True if that cannot be determined."""
    if sys.platform == "win32":
        return True  # os.kill would end the process there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs as another user
        pass
    return True
