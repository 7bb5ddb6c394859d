"""What is written is on the disk before it is said to be: even a power cut does not take it back."""

from __future__ import annotations

import os
import sys
from pathlib import Path


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
