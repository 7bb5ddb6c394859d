"""Lists of articles on a reader's desk: named, ordered, with notes, shared read-only by link.

    lists        name, description and version of each list; the digest of the link that shares it
    list_items   its articles by id, with a note, and which text they had when they were added

An article is kept by its id, so that a list survives an import of the archive. Two windows cannot overwrite each other:
anyone who saves a name, a description or a note says which version they saw, and is refused if there is a newer one.
Adding, removing and moving do not need this: they change one article, regardless of others.

A removed article stays a day, so that the removal can be undone.
"""

from __future__ import annotations

import secrets
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time
from typing import Any, Final

from corpus import Archive
from search_ui.access.accounts import digest
from search_ui.access.desks import Desk, desks_path, read_desks, write_desks
from search_ui.errors import ListChanged, ListFull, ListNotFound, TextTooLong, TooManyLists
from search_ui.export import MAX_ARTICLES, Entry

MAX_LISTS: Final = 100
"""Lists per desk."""
MAX_NAME: Final = 200
"""Characters of a name."""
MAX_DESCRIPTION: Final = 4000
"""Characters of a description."""
MAX_NOTE: Final = 4000
"""Characters of a note."""

_UNDO_SECONDS: Final = 24 * 3600.0
_OVERRIDES: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

_LIST: Final = """SELECT l.id, l.desk, l.name, l.description, l.version, l.changed, l.digest IS NOT NULL, l.shows_notes,
    (SELECT count(*) FROM list_items i WHERE i.list = l.id AND i.removed IS NULL) FROM lists l"""


@dataclass(frozen=True, slots=True)
class ArticleList:
    """A list; `version` changes with its name and description, `count` is the number of its articles."""

    id: int
    desk: int
    name: str
    description: str
    version: int
    changed_at: datetime
    shared: bool
    shows_notes: bool
    count: int


@dataclass(frozen=True, slots=True)
class ListItem:
    """An article on a list; `version` changes with its note."""

    entry: Entry
    version: int


def lists_of(archive: Archive, desk: Desk) -> list[ArticleList]:
    """The lists of a desk, the one changed last first.

    Raises:
        ArchiveReadFailed, ArchiveWriteFailed: the desks cannot be read or written; so of all functions here.
    """
    rows = read_desks(desks_path(archive), f"{_LIST} WHERE l.desk = ? ORDER BY l.changed DESC, l.id DESC", [desk.id])
    return [_list(row) for row in rows]


def get_list(archive: Archive, desk: Desk, list_id: int) -> ArticleList:
    """A list of a desk.

    Raises:
        ListNotFound: the desk has no such list.
    """
    rows = read_desks(desks_path(archive), f"{_LIST} WHERE l.id = ? AND l.desk = ?", [list_id, desk.id])
    if not rows:
        raise ListNotFound
    return _list(rows[0])


def shared_list(archive: Archive, secret: str) -> ArticleList:
    """The list that a link shares.

    Raises:
        ListNotFound: the link is not valid, or was withdrawn.
    """
    rows = read_desks(desks_path(archive), f"{_LIST} WHERE l.digest = ?", [digest(secret)]) if secret else []
    if not rows:
        raise ListNotFound
    return _list(rows[0])


def items_of(archive: Archive, listed: ArticleList) -> list[ListItem]:
    """The articles of a list, in its order."""
    sql = """SELECT article, note, version, added, revision, hash FROM list_items
        WHERE list = ? AND removed IS NULL ORDER BY position, article"""
    return [
        ListItem(Entry(article, note, datetime.fromisoformat(added), revision, content_hash), version)
        for article, note, version, added, revision, content_hash in read_desks(desks_path(archive), sql, [listed.id])
    ]


def create_list(archive: Archive, desk: Desk, name: str) -> int:
    """Create a list; returns its number.

    Raises:
        TooManyLists: the desk has the maximum number.
        TextTooLong: the name has more than `MAX_NAME` characters.
    """
    clean = clean_line(name)
    with write_desks(desks_path(archive)) as desks:
        count = desks.execute("SELECT count(*) FROM lists WHERE desk = ?", [desk.id]).fetchone()[0]
        if count >= MAX_LISTS:
            raise TooManyLists(MAX_LISTS)
        made = desks.execute("INSERT INTO lists (desk, name, changed) VALUES (?, ?, ?)", [desk.id, clean, _now()])
        return made.lastrowid or 0


def add_articles(archive: Archive, desk: Desk, list_id: int, article_ids: Iterable[str]) -> int:
    """Add articles at the end of a list, with the text that they have now; returns how many were not on it before.

    Raises:
        ListNotFound: the desk has no such list.
        ListFull: there would be more than `MAX_ARTICLES`; none is added.
        ArticleNotFound, ArticleRemoved, ArticleDamaged: an article cannot be read; none is added.
    """
    added = []
    for article_id in dict.fromkeys(article_ids):
        text = archive.get(article_id).content_hash()
        added.append((article_id, archive.revisions(article_id)[-1].number, text))
    with _writing(archive, desk, list_id) as desks:
        rows = desks.execute("SELECT article, removed FROM list_items WHERE list = ?", [list_id]).fetchall()
        present = {article for article, removed in rows if removed is None}
        new = [row for row in added if row[0] not in present]
        if len(present) + len(new) > MAX_ARTICLES:
            raise ListFull(MAX_ARTICLES)
        last = desks.execute("SELECT coalesce(max(position), 0) FROM list_items WHERE list = ?", [list_id])
        first = last.fetchone()[0] + 1
        desks.executemany(
            "INSERT INTO list_items (list, article, position, added, revision, hash) VALUES (?, ?, ?, ?, ?, ?)"
            # One that was taken off the list comes back with its note.
            " ON CONFLICT DO UPDATE SET removed = NULL, position = excluded.position, added = excluded.added,"
            " revision = excluded.revision, hash = excluded.hash",
            [(list_id, article, first + at, _now(), number, text) for at, (article, number, text) in enumerate(new)],
        )
        return len(new)


def edit_list(archive: Archive, desk: Desk, list_id: int, version: int, name: str, description: str) -> None:
    """Save the name and the description of a list; an empty name leaves it as it is.

    Raises:
        ListNotFound: the desk has no such list.
        ListChanged: `version` is not its current one.
        TextTooLong: a text is too long.
    """
    clean, text = clean_line(name), clean_text(description, MAX_DESCRIPTION)
    with _writing(archive, desk, list_id) as desks:
        done = desks.execute(
            "UPDATE lists SET name = coalesce(nullif(?, ''), name), description = ?, version = version + 1"
            " WHERE id = ? AND version = ?",
            [clean, text, list_id, version],
        )
        if not done.rowcount:
            raise ListChanged


def set_note(archive: Archive, desk: Desk, list_id: int, article_id: str, version: int, note: str) -> None:
    """Save the note of an article on a list.

    Raises:
        ListNotFound: the desk has no such list.
        ListChanged: `version` is not the note's current one, or the article is no longer on the list.
        TextTooLong: the note has more than `MAX_NOTE` characters.
    """
    text = clean_text(note, MAX_NOTE)
    with _writing(archive, desk, list_id) as desks:
        done = desks.execute(
            "UPDATE list_items SET note = ?, version = version + 1"
            " WHERE list = ? AND article = ? AND version = ? AND removed IS NULL",
            [text, list_id, article_id, version],
        )
        if not done.rowcount:
            raise ListChanged


def move_article(archive: Archive, desk: Desk, list_id: int, article_id: str, place: int) -> None:
    """Move an article to a place in its list, from 1; a number beyond either end is that end."""
    with _writing(archive, desk, list_id) as desks:
        order = _order(desks, list_id)
        if article_id in order:
            order.remove(article_id)
            order.insert(max(0, place - 1), article_id)
            _write_order(desks, list_id, order)


def step_article(archive: Archive, desk: Desk, list_id: int, article_id: str, step: int) -> None:
    """Move an article up (`step` -1) or down (+1)."""
    with _writing(archive, desk, list_id) as desks:
        order = _order(desks, list_id)
        if article_id in order:
            at = order.index(article_id)
            order.remove(article_id)
            order.insert(max(0, at + step), article_id)
            _write_order(desks, list_id, order)


def remove_article(archive: Archive, desk: Desk, list_id: int, article_id: str) -> None:
    """Take an article off a list; `restore_article` undoes it for a day."""
    with _writing(archive, desk, list_id) as desks:
        desks.execute("DELETE FROM list_items WHERE removed < ?", [time() - _UNDO_SECONDS])
        desks.execute(
            "UPDATE list_items SET removed = ? WHERE list = ? AND article = ? AND removed IS NULL",
            [time(), list_id, article_id],
        )


def restore_article(archive: Archive, desk: Desk, list_id: int, article_id: str) -> None:
    """Undo the removal of an article from a list, with its note and at its place.

    Raises:
        ListFull: the list is full by now.
    """
    with _writing(archive, desk, list_id) as desks:
        if len(_order(desks, list_id)) >= MAX_ARTICLES:
            raise ListFull(MAX_ARTICLES)
        desks.execute("UPDATE list_items SET removed = NULL WHERE list = ? AND article = ?", [list_id, article_id])


def delete_list(archive: Archive, desk: Desk, list_id: int) -> None:
    """Delete a list with its notes; the link that shares it then opens nothing."""
    with _writing(archive, desk, list_id) as desks:
        desks.execute("DELETE FROM lists WHERE id = ?", [list_id])


def share_list(archive: Archive, desk: Desk, list_id: int, *, notes: bool) -> str:
    """Share a list by a new link, which replaces an earlier one; its secret is returned this once."""
    secret = secrets.token_urlsafe(32)
    with _writing(archive, desk, list_id) as desks:
        values = [digest(secret), notes, list_id]
        desks.execute("UPDATE lists SET digest = ?, shows_notes = ? WHERE id = ?", values)
    return secret


def unshare_list(archive: Archive, desk: Desk, list_id: int) -> None:
    """Withdraw the link that shares a list."""
    with _writing(archive, desk, list_id) as desks:
        desks.execute("UPDATE lists SET digest = NULL WHERE id = ?", [list_id])


def clean_line(text: str) -> str:
    """A name as stored: one line, without control characters.

    Raises:
        TextTooLong: it has more than `MAX_NAME` characters.
    """
    return _bounded(" ".join(_printable(text).split()), MAX_NAME)


def clean_text(text: str, most: int) -> str:
    """A description or note as stored: without control characters but line ends.

    Raises:
        TextTooLong: it has more than `most` characters.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _bounded("\n".join(_printable(line).rstrip() for line in lines).strip("\n"), most)


def _bounded(text: str, most: int) -> str:
    if len(text) > most:
        raise TextTooLong(len(text), most)
    return text


def _printable(text: str) -> str:
    kept = (" " if letter == "\t" else letter for letter in text if letter not in _OVERRIDES)
    return "".join(letter for letter in kept if unicodedata.category(letter) not in ("Cc", "Cs"))


@contextmanager
def _writing(archive: Archive, desk: Desk, list_id: int) -> Iterator[sqlite3.Connection]:
    """A transaction on a list of a desk, which records when the list was changed.

    Raises:
        ListNotFound: the desk has no such list.
    """
    with write_desks(desks_path(archive)) as desks:
        done = desks.execute("UPDATE lists SET changed = ? WHERE id = ? AND desk = ?", [_now(), list_id, desk.id])
        if not done.rowcount:
            raise ListNotFound
        yield desks


def _order(desks: sqlite3.Connection, list_id: int) -> list[str]:
    sql = "SELECT article FROM list_items WHERE list = ? AND removed IS NULL ORDER BY position, article"
    return [row[0] for row in desks.execute(sql, [list_id])]


def _write_order(desks: sqlite3.Connection, list_id: int, order: Sequence[str]) -> None:
    values = [(place, list_id, article) for place, article in enumerate(order, start=1)]
    desks.executemany("UPDATE list_items SET position = ? WHERE list = ? AND article = ?", values)


def _list(row: Sequence[Any]) -> ArticleList:
    number, desk, name, description, version, changed, shared, notes, count = row
    changed_at = datetime.fromisoformat(changed)
    return ArticleList(number, desk, name, description, version, changed_at, bool(shared), bool(notes), count)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
