"""What fetching did, for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from corpus.adding import Outcome
from corpus.readers import Refusal

_LINES_KEPT: Final = 1000


@dataclass(slots=True)
class FetchSummary:
    """What fetching did. `refusals` and `notices` hold the first thousand; the counts are exact."""

    added: int = 0
    revised: int = 0
    unchanged: int = 0
    """Pages with nothing new, whether their feed, their site or the page itself said so."""
    refused: int = 0
    older: int = 0
    """Pages and sitemaps passed over for their date."""
    listings: int = 0
    """Feeds and sitemaps that were read, or had nothing new."""
    requests: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """Counts an article that was kept."""
        self.added += outcome is Outcome.ADDED
        self.revised += outcome is Outcome.REVISED
        self.unchanged += outcome is Outcome.UNCHANGED

    def refuse(self, url: str, reason: str) -> None:
        """Records an address that gave no article."""
        self.refused += 1
        if len(self.refusals) < _LINES_KEPT:
            self.refusals.append(Refusal(url, reason))

    def notice(self, line: str) -> None:
        """Records what the user should know."""
        if len(self.notices) < _LINES_KEPT:
            self.notices.append(line)
