"""How much is read of one input: what bounds memory and time when a file was made to exhaust them.

Text packs 3 to 10 times, pages of one site some 50 times; gzip reaches 1,030 and others far more on bytes made for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

MAX_PAGE_BYTES: Final = 32 * 2**20
"""Pages, texts, JSON values and rows above this size are refused: no article is that long."""

MAX_FIELD: Final = 10_000
"""Characters of an id, address, title, source, section or author: every list of results shows them whole."""

MAX_RATIO: Final = 200
"""Bytes that one byte of an input, or of a member of a ZIP file, may unpack to, past what is free."""

FREE_BYTES: Final = 512 * 2**20
"""Unpacked bytes below which an input is read whatever its ratio: a few seconds' work."""

FREE_MEMBER_BYTES: Final = 64 * 2**20
"""The same for one member of a ZIP file."""

MAX_UNPACKED_BYTES: Final = 2**40
"""Unpacked bytes of one input, whatever its size: a day's work."""

MAX_DEPTH: Final = 6
"""Archives and compressions within each other: a WARC in a WACZ in a ZIP file in a .tar.gz has five."""

MAX_SPOOL_BYTES: Final = 8 * 2**30
"""Bytes written to a temporary file for a ZIP file that comes through a pipe or out of another archive."""

MAX_DIRECTORY_BYTES: Final = 64 * 2**20
"""Bytes of a ZIP file's table of contents, which is held in memory: about half a million members."""


class BrokenStream(Exception):
    """The bytes end or go wrong; what came before them is good. Its text is the reason, in the user's words."""


class BudgetSpent(Exception):
    """An input unpacks to more than any archive of news does: nothing more of it is read."""


class Budget:
    """Counts what one input unpacks to, through all its layers.

    `consumed` tells the bytes of the input itself: its size, or for a pipe what came so far.
    """

    def __init__(self, consumed: Callable[[], int]) -> None:
        self._consumed = consumed
        self._unpacked = 0

    def spend(self, count: int) -> None:
        """Counts unpacked bytes.

        Raises:
            BudgetSpent: it is too many.
        """
        self._unpacked += count
        if self._unpacked <= FREE_BYTES:
            return
        if self._unpacked > MAX_RATIO * self._consumed():
            raise BudgetSpent(f"it unpacks to more than {MAX_RATIO} times its size: the rest was not read")
        if self._unpacked > MAX_UNPACKED_BYTES:
            raise BudgetSpent(f"it unpacks to more than {MAX_UNPACKED_BYTES // 2**40} TB: the rest was not read")
