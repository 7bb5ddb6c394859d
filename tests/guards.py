"""A guard against endless loops. How long something takes is measured by `./run bench`, not by tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time


@contextmanager
def hang_guard(seconds: float = 60) -> Iterator[None]:
    """Fail if the block takes more processor time of this process: `seconds` is hundreds of times what is usual.

    It detects work that grows with the square of its input, on a busy machine too.
    """
    began = process_time()
    yield
    assert process_time() - began < seconds, f"more than {seconds:g} seconds"
