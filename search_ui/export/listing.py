"""A list of articles, or a selection of hits, as it is exported: what it says of each article, and the articles.

>>> listing = Listing("زيارة الوفد", (Entry("a1", note="الخبر الأول"),), "أرشيف الصحافة", datetime.now(UTC))
>>> for listed in read_listed(archive, listing):
...     print(listed.number, listed.article.title, listed.entry.note)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from corpus import Archive, Article, ArticleNotFound, ArticleRemoved
from indexer import budget
from search_ui.export.citation import ArchiveCopy

MAX_ARTICLES: Final = 1000
"""Articles of a list, and of a bundle."""


class ListedState(StrEnum):
    """What became of an article since it was put on a list."""

    SAME = "same"
    CHANGED = "changed"
    REMOVED = "removed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Entry:
    """An article on a list, by its id, and what the list says of it.

    `revision` and `content_hash` are of its text when it was put on the list; None for a selection.
    """

    article_id: str
    note: str = ""
    added_at: datetime | None = None
    revision: int | None = None
    content_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with its entries in order; `permanent` is the permanent address of an article by its id, if known."""

    name: str
    entries: tuple[Entry, ...]
    archive: str
    made_at: datetime
    description: str = ""
    permanent: Callable[[str], str] | None = None

    def address(self, article_id: str) -> str:
        """The permanent address of an article; an empty string if the archive's own address is not known."""
        return self.permanent(article_id) if self.permanent else ""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry with its number from 1, its state, and its article; None if that was removed or is not there.

    `copy` is what citations say of the archive's copy.
    """

    number: int
    entry: Entry
    state: ListedState
    article: Article | None
    copy: ArchiveCopy | None = None


def read_listed(archive: Archive, listing: Listing) -> Iterator[Listed]:
    """The entries of a list with their articles, one at a time; sources have the names by which they are shown.

    Raises:
        ArticleDamaged: an article cannot be read; nothing is left out.
        SearchTooCostly: the time limit of the caller, if any, is exceeded.
    """
    for number, entry in enumerate(listing.entries, start=1):
        budget.check()
        try:
            article = archive.get(entry.article_id)
        except ArticleRemoved:
            yield Listed(number, entry, ListedState.REMOVED, None)
        except ArticleNotFound:
            yield Listed(number, entry, ListedState.MISSING, None)
        else:
            version = archive.revisions(article.id)[-1].number
            address = listing.address(article.id) or None
            copy = ArchiveCopy(listing.archive, address, version if version > 1 else None)
            yield Listed(number, entry, state_of(entry, article), archive.source_names.for_people(article), copy)


def state_of(entry: Entry, article: Article) -> ListedState:
    """Whether the article has another text than when it was put on the list."""
    changed = entry.content_hash is not None and entry.content_hash != article.content_hash()
    return ListedState.CHANGED if changed else ListedState.SAME
