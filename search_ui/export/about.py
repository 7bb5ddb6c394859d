"""What a file of hits says of itself: which search, of which archive and commit, when, and how many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from indexer import ResultPage, Scan, SearchRequest


@dataclass(frozen=True, slots=True)
class About:
    """A search and its answer. `whole` is false for one page of it; `address` is where it can be asked again."""

    archive: str
    request: SearchRequest
    understood: str
    total: int
    stories: int
    generation: int
    made_at: datetime
    whole: bool = True
    address: str | None = None
    next_address: str | None = None
    permanent: Callable[[str], str] | None = None
    """Gives the permanent address in the archive of an article's id; None where the archive's own is not known."""

    @classmethod
    def of_scan(
        cls,
        scan: Scan,
        archive: str,
        address: str | None = None,
        permanent: Callable[[str], str] | None = None,
    ) -> Self:
        """Of all articles that match."""
        made_at = datetime.now(UTC)
        counts = scan.total, scan.stories, scan.generation
        return cls(archive, scan.request, scan.understood, *counts, made_at, address=address, permanent=permanent)

    @classmethod
    def of_page(
        cls,
        page: ResultPage,
        archive: str,
        address: str | None = None,
        next_address: str | None = None,
        permanent: Callable[[str], str] | None = None,
    ) -> Self:
        """Of one page of hits."""
        counts = page.total, page.stories, page.generation
        made_at = datetime.now(UTC)
        return cls(archive, page.request, page.understood, *counts, made_at, False, address, next_address, permanent)

    def value(self) -> dict[str, Any]:
        """As plain JSON values, filters only where there are some."""
        asked = self.request
        filters = {
            "source": list(asked.sources),
            "section": list(asked.sections),
            "author": list(asked.authors),
            "after": asked.after.isoformat() if asked.after else None,
            "before": asked.before.isoformat() if asked.before else None,
        }
        return {
            "archive": self.archive,
            "query": asked.query,
            **{name: value for name, value in filters.items() if value},
            "match": asked.match.value,
            "forms": asked.forms.value,
            "spellings": asked.spellings,
            "sort": asked.sort.value,
            "group": asked.group,
            "total": self.total,
            "stories": self.stories,
            "index": self.generation,
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "program": program(),
        }


def program() -> str:
    """This program and its version."""
    from importlib.metadata import PackageNotFoundError, version  # half as slow to load as all else

    try:
        return f"Arshif {version('arshif')}"
    except PackageNotFoundError:  # run from a checkout
        return "Arshif"
