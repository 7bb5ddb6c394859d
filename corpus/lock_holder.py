"""Who is writing: told by the writer itself in a small file, so that whoever waits in vain can be told.

The file is no lock. SQLite's and Whoosh's locks are the operating system's and end with their process; this only names
their holder. What a killed process left behind names a process that is gone, and counts for nothing.
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

_LONGEST_COMMAND: Final = 120  # characters


@contextmanager
def record_holder(path: Path) -> Iterator[None]:
    """Names this process in a file for as long as the block runs, which holds the lock."""
    since = datetime.now(UTC).isoformat(timespec="microseconds")
    told = json.dumps({"pid": os.getpid(), "command": _command(), "since": since})
    try:
        path.write_text(told, encoding="utf-8")
    except OSError:
        # A disk that does not take the name will not take the rest either, and says so then.
        with suppress(OSError):
            path.unlink()
    try:
        yield
    finally:
        # The lock may have gone already, and the next holder have named itself.
        with suppress(OSError, ValueError):
            if path.read_text(encoding="utf-8") == told:
                path.unlink()


def read_holder(path: Path) -> str | None:
    """Who holds the lock: process, command and since when, in words; None where that is not known."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        pid, command, since = int(told["pid"]), str(told["command"]), datetime.fromisoformat(told["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not is_running(pid):
        return None
    return f"process {pid} ({command}, since {since:%Y-%m-%d %H:%M:%S} UTC)"


def _command() -> str:
    program, *arguments = sys.argv or [""]
    words = " ".join([Path(program).name or "python", *arguments])
    printable = "".join(c if c.isprintable() else " " for c in words)
    return printable if len(printable) <= _LONGEST_COMMAND else printable[: _LONGEST_COMMAND - 1] + "…"


def is_running(pid: int) -> bool:
    """Whether a process of this number runs; True where that cannot be asked."""
    if sys.platform == "win32":
        return True  # there `os.kill` would end the process instead of asking
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs, as another user's
        pass
    return True
