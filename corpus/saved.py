"""Searches that are asked again and again, each with how far its hits have been told."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from corpus.archive import Archive
from corpus.change_log import ChangeKind
from corpus.checksums import SAVED_SEARCHES, RowDamaged, insert_row, is_whole, update_row
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
    if archive.run_sql("SELECT 1 FROM saved_searches WHERE name = ?", [name]):
        raise SavedSearchExists(name)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with archive.told_errors():
        insert_row(archive.connection, SAVED_SEARCHES, (name, search, change, now))


def saved_searches(archive: Archive) -> list[SavedSearch]:
    """All, by name."""
    rows = archive.run_sql(f"SELECT {SAVED_SEARCHES.selected()} FROM saved_searches ORDER BY name")
    # A damaged one is not asked: `arshif check` names it.
    return [
        SavedSearch(name, search, change, datetime.fromisoformat(at))
        for name, search, change, at, _ in filter(is_whole, rows)
    ]


def forget_search(archive: Archive, name: str) -> None:
    """Removes a saved search.

    Raises:
        SavedSearchNotFound: there is none of this name.
    """
    if not archive.run_sql("DELETE FROM saved_searches WHERE name = ? RETURNING name", [name]):
        raise SavedSearchNotFound(name)


def note_told(archive: Archive, name: str, change: int) -> None:
    """Notes that a search's hits up to a change were told; never goes back."""
    for (known,) in archive.run_sql("SELECT change FROM saved_searches WHERE name = ?", [name]):
        if change > known:
            # A damaged one tells its hits again, rather than to pass over some.
            with suppress(RowDamaged), archive.told_errors():
                update_row(archive.connection, SAVED_SEARCHES, (name,), change=change)


def changed_between(archive: Archive, after: int, until: int) -> dict[str, ChangeKind]:
    """The articles that came or were revised after one number of the change log and up to another: by id, which."""
    rows = archive.run_sql(
        "SELECT a.id, min(c.kind) FROM changes c JOIN articles a ON a.seq = c.article"
        " WHERE c.number > ? AND c.number <= ? AND c.kind IN ('added', 'revised') GROUP BY a.id",
        [after, until],
    )
    # Of both, "added" comes first in the alphabet, and an article that came meanwhile is a new one, revised or not.
    return {article_id: ChangeKind(kind) for article_id, kind in rows}
