"""New results of saved searches: hits of the same search among the articles changed since the last run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from corpus import Archive, Article, ChangeKind, SavedSearch, SavedSearchNotFound, changed_between, saved_searches
from indexer import Hit, MatchMode, Scan, SearchRequest, Sort, WordForms, open_searcher
from search_ui.export import About


@dataclass(frozen=True, slots=True)
class News:
    """A saved search, and its hits among what changed up to number `change` of the change log."""

    saved: SavedSearch
    scan: Scan
    change: int
    changed: dict[str, ChangeKind]

    def hits(self) -> Iterator[tuple[Article, Hit, ChangeKind]]:
        """The new hits, newest first: which came, and which were revised since the last time."""
        for article, hit in self.scan.hits(only=self.changed):
            yield article, hit, self.changed[hit.id]

    def about(self, archive: str) -> About:
        """What a file of it says of itself."""
        return About.of_scan(self.scan, f"{archive}: {self.saved.name}")


def news(archive: Archive, only: str | None = None) -> Iterator[News]:
    """What is new for each saved search, or for one, as far as the index has come.

    Raises:
        SavedSearchNotFound: there is none of that name.
        IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
    """
    saved = [one for one in saved_searches(archive) if only in (None, one.name)]
    if only is not None and not saved:
        raise SavedSearchNotFound(only)
    if not saved:
        return
    searcher = open_searcher(archive)
    for one in saved:
        scan = searcher.scan(read_search(one.search))
        yield News(one, scan, scan.change, changed_between(archive, one.change, scan.change))


def write_search(request: SearchRequest) -> str:
    """A search as it is saved: JSON with what is asked for."""
    value = {
        "query": request.query,
        "sources": list(request.sources),
        "sections": list(request.sections),
        "authors": list(request.authors),
        "after": request.after.isoformat() if request.after else None,
        "before": request.before.isoformat() if request.before else None,
        "match": request.match.value if request.match is not MatchMode.ALL else None,
        "forms": request.forms.value if request.forms is not WordForms.LEMMA else None,
        "typed": True if not request.spellings else None,
    }
    return json.dumps({name: kept for name, kept in value.items() if kept}, ensure_ascii=False)


def read_search(text: str) -> SearchRequest:
    """The search that was saved, newest first. Every copy of a story counts: it may be new where the story is not."""
    value = json.loads(text)
    return SearchRequest(
        query=value.get("query", ""),
        sources=tuple(value.get("sources", ())),
        sections=tuple(value.get("sections", ())),
        authors=tuple(value.get("authors", ())),
        after=_day(value.get("after")),
        before=_day(value.get("before")),
        sort=Sort.NEWEST,
        group=False,
        match=MatchMode(value.get("match", MatchMode.ALL)),
        forms=WordForms(value.get("forms", WordForms.LEMMA)),
        spellings=not value.get("typed", False),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
