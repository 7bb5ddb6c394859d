"""Searches that are asked again and again, each with how far its hits have been told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from corpus.archive import Archive
from corpus.change_log import ChangeKind
from corpus.errors import SavedSearchExists, SavedSearchNotFound


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """`search` is JSON, which the front ends read; hits up to number `change` of the change log were told."""

    name: str
    search: str
    change: int
    at: datetime


def save_search(archive: Archive, name: str, search: str, change: int) -> None:
    """Saves a search whose hits up to a change are known already.

    Raises:
        SavedSearchExists: there is one of this name.
        ArchiveWriteFailed: it could not be written.
    """
    if any(saved.name == name for saved in saved_searches(archive)):
        raise SavedSearchExists(name)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    archive.run_sql("INSERT INTO saved_searches VALUES (?, ?, ?, ?)", [name, search, change, now])


def saved_searches(archive: Archive) -> list[SavedSearch]:
    """All, by name."""
    rows = archive.run_sql("SELECT name, search, change, at FROM saved_searches ORDER BY name")
    return [SavedSearch(name, search, change, datetime.fromisoformat(at)) for name, search, change, at in rows]


def forget_search(archive: Archive, name: str) -> None:
    """Removes a saved search.

    Raises:
        SavedSearchNotFound: there is none of this name.
    """
    if not archive.run_sql("DELETE FROM saved_searches WHERE name = ? RETURNING name", [name]):
        raise SavedSearchNotFound(name)


def note_told(archive: Archive, name: str, change: int) -> None:
    """Notes that a search's hits up to a change were told; never goes back."""
    archive.run_sql("UPDATE saved_searches SET change = max(change, ?) WHERE name = ?", [change, name])


def changed_between(archive: Archive, after: int, until: int) -> dict[str, ChangeKind]:
    """The articles that came or were revised after one number of the change log and up to another: by id, which."""
    rows = archive.run_sql(
        "SELECT a.id, min(c.kind) FROM changes c JOIN articles a ON a.seq = c.article"
        " WHERE c.number > ? AND c.number <= ? AND c.kind IN ('added', 'revised') GROUP BY a.id",
        [after, until],
    )
    # Of both, "added" comes first in the alphabet, and an article that came meanwhile is a new one, revised or not.
    return {article_id: ChangeKind(kind) for article_id, kind in rows}
