"""A bounded cache of posting arrays: the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, Protocol, TypeVar


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


V = TypeVar("V", bound=_Sized)

_ENTRY_BYTES = 500  # of Python objects around the arrays of an entry


class ArrayCache(Generic[V]):
    """Values by key, up to a number of bytes. Two threads that miss the same key both make it: making is pure."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of a key, made when it is not here."""
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
                return found
        made = make()
        with self._lock:
            if key not in self._values:
                self._values[key] = made
                self._size += made.nbytes + _ENTRY_BYTES
            while self._size > self._limit and self._values:
                _, gone = self._values.popitem(last=False)
                self._size -= gone.nbytes + _ENTRY_BYTES
        return made
