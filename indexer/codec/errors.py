"""What can be wrong with a file of postings."""

from __future__ import annotations


class DamagedPostings(ValueError):
    """A file of postings cannot be what its writer wrote: cut short, altered, or of another version.

    A `ValueError` and no `OSError`: Whoosh takes the latter for a file that a commit has just deleted, and tries again.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the postings in {name} are damaged: {reason}")
        self.name = name
        self.reason = reason

    def __reduce__(self) -> tuple[type[DamagedPostings], tuple[str, str]]:
        """Errors travel between the processes of a writer pool, which rebuild them from their arguments."""
        return type(self), (self.name, self.reason)
