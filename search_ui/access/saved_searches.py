"""Saved searches, and the hits of each that are new since they were last reported.

A saved search is a subscription to the archive's change log (`corpus.Subscription`): its text is the search as JSON,
and its position is the change up to which its hits were reported. What is new are the hits of exactly the same search
among the articles that were added or revised after that change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from corpus import Archive, Article, ChangeKind, Subscription
from indexer import Hit, MatchMode, Scan, Searcher, SearchRequest, Sort, WordForms, open_searcher
from search_ui.errors import SavedSearchDamaged, SavedSearchExists, SavedSearchNotFound
from search_ui.export import About

_LATIN: Final = re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class NewHits:
    """A saved search, and its hits among the articles that changed up to number `change` of the change log."""

    name: str
    scan: Scan
    change: int
    changed: dict[str, ChangeKind]

    def hits(self) -> Iterator[tuple[Article, Hit, ChangeKind]]:
        """The new hits, newest first, each with whether its article was added or revised."""
        for article, hit in self.scan.hits(only=self.changed):
            yield article, hit, self.changed[hit.id]

    def ids(self) -> list[str]:
        """The ids of the new hits, newest first."""
        return [article_id for article_id, _ in self.scan.ids() if article_id in self.changed]

    def first(self, ids: Sequence[str]) -> list[tuple[Article, Hit, ChangeKind]]:
        """Some of the new hits, by their ids."""
        wanted = frozenset(ids)
        return [(article, hit, self.changed[hit.id]) for article, hit in self.scan.hits(only=wanted)] if ids else []

    def about(self, archive: str) -> About:
        """The metadata of a file of these hits."""
        return About.of_scan(self.scan, f"{archive}: {self.name}")


def save_search(archive: Archive, name: str, request: SearchRequest, change: int) -> None:
    """Save a search whose hits up to a change need no report.

    Raises:
        SavedSearchExists: a search of this name is saved.
        ArchiveWriteFailed: it could not be written.
    """
    if not archive.subscribe(name, write_search(request), change):
        raise SavedSearchExists(name)


def saved_searches(archive: Archive) -> list[Subscription]:
    """All saved searches, by name; `read_search` reads their texts. Damaged ones are left out."""
    return archive.subscriptions()


def delete_search(archive: Archive, name: str) -> None:
    """Delete a saved search.

    Raises:
        SavedSearchNotFound: no saved search has this name.
    """
    if not archive.unsubscribe(name):
        raise SavedSearchNotFound(name)


def new_hits(archive: Archive, only: str | None = None) -> Iterator[NewHits]:
    """The new hits of each saved search of the command, or of one, up to the index's last change.

    Searches that readers follow on the page are reported there: of these, only the one that is named.

    Raises:
        SavedSearchNotFound: no saved search has the name `only`.
        IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
    """
    every = saved_searches(archive)
    searches = [saved for saved in every if (saved.name == only if only else not is_of_desk(saved))]
    if only is not None and not searches:
        raise SavedSearchNotFound(only)
    if not searches:
        return
    searcher = open_searcher(archive)
    for saved in searches:
        scan = searcher.scan(read_search(saved.text))
        yield NewHits(saved.name, scan, scan.change, archive.changed_between(saved.change, scan.change))


def hits_between(archive: Archive, searcher: Searcher, saved: Subscription, until: int | None = None) -> NewHits | None:
    """The new hits of one saved search, at most up to a change; None if nothing was added or revised.

    Raises:
        SearchTooCostly: the search costs more than the searcher allows.
    """
    last = archive.last_change() if until is None else until
    if saved.change >= last or not archive.changed_between(saved.change, last):
        return None
    scan = searcher.scan(read_search(saved.text))
    change = scan.change if until is None else min(scan.change, until)
    return NewHits(saved.name, scan, change, archive.changed_between(saved.change, change))


def mark_reported(archive: Archive, new: NewHits) -> None:
    """Record that new hits were reported, so that they are not reported again."""
    archive.advance(new.name, new.change)


def is_of_desk(saved: Subscription) -> bool:
    """Whether a reader follows this search on a desk (`search_ui.access.follows`), and not the command."""
    value = json.loads(saved.text)
    return isinstance(value, dict) and value.get("desk") is True


def write_search(request: SearchRequest) -> str:
    """A search as JSON: its query and filters, without defaults."""
    value = {
        "query": request.query,
        "sources": list(request.sources),
        "sections": list(request.sections),
        "authors": list(request.authors),
        "after": request.after.isoformat() if request.after else None,
        "before": request.before.isoformat() if request.before else None,
        "match": request.match.value if request.match is not MatchMode.ALL else None,
        "forms": request.forms.value if request.forms is not WordForms.LEMMA else None,
        "typed": True if not request.spellings else None,  # the stored name of `spellings=False`
        # Hits by meaning are never reported, but by it a question in another language finds articles by its words.
        "meaning": True if request.meaning and _LATIN.search(request.query) else None,
    }
    return json.dumps({name: given for name, given in value.items() if given}, ensure_ascii=False)


def read_search(text: str) -> SearchRequest:
    """The search that `write_search` wrote, newest first, without collapsing: a copy may be new in an old story.

    Raises:
        SavedSearchDamaged: it is not such a text.
    """
    try:
        return _read(json.loads(text))
    except (ValueError, TypeError, AttributeError) as error:
        raise SavedSearchDamaged from error


def _read(value: dict[str, Any]) -> SearchRequest:
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
        meaning=value.get("meaning", False),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
