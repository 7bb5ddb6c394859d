"""The metadata of an export: its search, archive and index commit, when it was made, and the number of hits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from corpus import installed_version

if TYPE_CHECKING:
    from indexer import ResultPage, Scan, SearchRequest


@dataclass(frozen=True, slots=True)
class About:
    """A search and its counts. `whole` is false for one page of it; `address` is the URL of the search."""

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
    """The permanent address of an article by its id; None if the archive's own address is not known."""

    @classmethod
    def of_scan(
        cls,
        scan: Scan,
        archive: str,
        address: str | None = None,
        permanent: Callable[[str], str] | None = None,
    ) -> Self:
        """The metadata of all matches of a search."""
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
        """The metadata of one page of hits."""
        counts = page.total, page.stories, page.generation
        made_at = datetime.now(UTC)
        return cls(archive, page.request, page.understood, *counts, made_at, False, address, next_address, permanent)

    def value(self) -> dict[str, Any]:
        """The metadata as plain JSON values, with the filters that are set."""
        search = self.request
        filters = {
            "source": list(search.sources),
            "section": list(search.sections),
            "author": list(search.authors),
            "after": search.after.isoformat() if search.after else None,
            "before": search.before.isoformat() if search.before else None,
        }
        return {
            "archive": self.archive,
            "query": search.query,
            **{name: value for name, value in filters.items() if value},
            "match": search.match.value,
            "forms": search.forms.value,
            "spellings": search.spellings,
            **({"meaning": True} if search.meaning else {}),
            "sort": search.sort.value,
            "group": search.group,
            "total": self.total,
            "stories": self.stories,
            "index": self.generation,
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "program": program(),
        }


def program() -> str:
    """The program's name and version."""
    number = installed_version()
    return f"Arshif {number}" if number else "Arshif"
