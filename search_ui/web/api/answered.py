"""Answers given lately, as they were sent: many ask the same. Each is good for one state of archive and index."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final

_MOST_BYTES: Final = 32 * 2**20
_LONGEST: Final = 2**18  # what is longer is not kept


class Answered:
    """Answers by address, up to a number of bytes; the least recently asked for go first."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._version = ""
        self._size = 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, address: str, version: str) -> bytes | None:
        """The answer of an address for a state; None where it is not kept."""
        with self._lock:
            if version != self._version:
                self._kept.clear()
                self._version, self._size = version, 0
            found = self._kept.get(address)
            if found is not None:
                self._kept.move_to_end(address)
            return found

    def keep(self, address: str, version: str, answer: bytes) -> None:
        """Keeps an answer, unless the state is another one by now."""
        cost = len(answer) + 2 * len(address)
        if cost > _LONGEST:
            return
        with self._lock:
            if version != self._version or address in self._kept:
                return
            self._kept[address] = answer
            self._size += cost
            while self._size > self._most:
                old, gone = self._kept.popitem(last=False)
                self._size -= len(gone) + 2 * len(old)
