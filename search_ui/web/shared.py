"""Numbers that all processes of a server share: memory mapped before they part."""

from __future__ import annotations

import mmap

_BYTES = 8


class SharedNumbers:
    """A flat array of floats, all 0 at first. Reading and writing one is atomic; adding to one is not."""

    def __init__(self, size: int) -> None:
        # Anonymous and shared (the default on POSIX): children of this process see the same memory.
        self._memory = mmap.mmap(-1, size * _BYTES)
        self.values = memoryview(self._memory).cast("d")
