"""The format of an export: an article with its history as one JSON object, and comparison of archives by it.

A line is an article as the JSON Lines reader takes it, with its current revision at the top level, and earlier ones in
`earlier`. A removed article has no current revision: all of them are in `earlier`. See docs/export.md.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from corpus.archive import Archive
from corpus.article import Article, Origin, OriginKind, Sighting, day_start, printed_fields
from corpus.checksums import ARTICLES, is_intact
from corpus.errors import ArticleDamaged, OriginDamaged
from corpus.removals import Removal, read_removals
from corpus.revisions import Revision, revisions_of, utc_text

ARTICLES_FILE: Final = "articles.jsonl.gz"
PAGES_FILE: Final = "pages.warc.gz"

FORMAT_VERSION: Final = 1
"""Version of the line format; raised when an older Arshif could not read it."""

HEADER_KEY: Final = "arshif_export"
"""The only key of the first line: version, name and time."""

FOOTER_KEY: Final = "arshif_export_end"
"""The only key of the last line: counts, and the SHA-256 of all lines before it; without it a file is truncated."""

DIGEST_HEADER: Final = "WARC-Payload-Digest"
DIGEST_PREFIX: Final = "sha256:"
"""The header of a WARC record that has the digest of a page, and the digest's prefix."""

_DAY: Final = len("2017-02-16")


@dataclass(frozen=True, slots=True)
class ArticleHistory:
    """An article with its whole history, without the bytes of its pages; the last revision is the current one.

    `given_id` is the id that it came with, if that belongs to another source's article.
    """

    id: str
    first_seen: datetime
    revisions: tuple[Revision, ...]
    removals: tuple[Removal, ...]
    given_id: str | None = None

    @property
    def removed(self) -> bool:
        """Whether a removal is in force."""
        return bool(self.removals) and self.removals[-1].restored_at is None


LeftOut = Callable[[str], None]
"""Called with a line on damage that is left out."""


def read_histories(archive: Archive, left_out: LeftOut, *, by_id: bool = False) -> Iterator[ArticleHistory]:
    """All articles in the order they were added, or of their ids; one at a time, inside `Archive.read_transaction`.

    A damaged origin is left out, and an article if anything else of it is damaged.
    """
    order = "id" if by_id else "seq"
    for row in archive.connection.execute(f"SELECT {ARTICLES.selected()} FROM articles ORDER BY {order}"):
        history = _read_history(archive.connection, row, left_out)
        if history is not None:
            yield history
    for statement, what in _STRAYS.items():
        for number, article in archive.connection.execute(statement):
            left_out(f"article number {article}: {what.format(number)} is damaged and was left out")


# Rows whose article, or number of a revision, is damaged, so that they belong to no article.
_STRAYS: Final = {
    "SELECT number, article FROM removals WHERE article NOT IN (SELECT seq FROM articles)": "removal number {}",
    "SELECT o.revision, o.article FROM origins o LEFT JOIN revisions r ON r.article = o.article"
    " AND r.number = o.revision WHERE r.article IS NULL": "where revision {} came from",
}


def _read_history(connection: sqlite3.Connection, row: Sequence[Any], left_out: LeftOut) -> ArticleHistory | None:
    seq, article_id, first_seen, current, removal, given_id, _ = row
    damages: list[ArticleDamaged] = []
    revisions = tuple(revisions_of(connection, article_id, seq, damages.append))
    removals = tuple(read_removals(connection, article_id, damages.append))
    lost = [one.what for one in damages if not isinstance(one, OriginDamaged)]
    try:
        first = datetime.fromisoformat(first_seen) if is_intact(row) else None
    except ValueError:
        first = None
    if first is None:
        left_out(f"{article_id}: its row in articles is damaged: the article was left out")
        return None
    if not lost and [one.number for one in revisions] != list(range(1, current + 1)):
        lost.append("its history")
    history = ArticleHistory(article_id, first, revisions, removals, given_id)
    if not lost and history.removed == (removal is None):
        lost.append("its removal")
    if lost:
        left_out(f"{article_id}: {', '.join(lost)} is damaged: the article was left out")
        return None
    for one in damages:
        left_out(f"{article_id}: {one.what} is damaged and was left out")
    return history


def history_value(history: ArticleHistory) -> dict[str, Any]:
    """The article as a JSON object."""
    *earlier, last = history.revisions
    value: dict[str, Any] = {"id": history.id}
    if history.given_id is not None:
        value["given_id"] = history.given_id
    if history.removed:
        earlier.append(last)
    else:
        value |= printed_fields(last.article)
    value["first_seen"] = utc_text(history.first_seen)
    if not history.removed:
        value["revision"] = _kept(last)
    if earlier:
        value["earlier"] = [printed_fields(one.article) | _kept(one) for one in earlier]
    if history.removals:
        value["removals"] = [
            {
                "removed_at": utc_text(one.removed_at),
                "reason": one.reason,
                "restored_at": utc_text(one.restored_at) if one.restored_at else None,
            }
            for one in history.removals
        ]
    return value


def parse_history(value: dict[str, Any]) -> ArticleHistory:
    """Parse the JSON object of an article.

    Raises:
        ValueError: it is not one, or a text differs from its hash; the message says which.
    """
    try:
        article_id = _text(value["id"])
        described = [(one, one) for one in value.get("earlier", ())]
        if "revision" in value:
            described.append((value, value["revision"]))
        history = ArticleHistory(
            article_id,
            _moment(value["first_seen"]),
            tuple(_parse_revision(article_id, printed, kept) for printed, kept in described),
            tuple(_parse_removal(one) for one in value.get("removals", ())),
            _optional(value.get("given_id")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is not a whole article ({type(error).__name__}: {error})") from error
    if not history.revisions or [one.number for one in history.revisions] != list(range(1, len(described) + 1)):
        raise ValueError(f"the revisions of {article_id!r} are not numbered from 1 on")
    if history.removed == ("revision" in value):
        raise ValueError(f"{article_id!r} has a current revision and is removed, or neither")
    if any(one.restored_at is None for one in history.removals[:-1]):
        raise ValueError(f"{article_id!r} was removed twice without being restored between")
    return history


def compare_archives(first: Archive, second: Archive, *, limit: int = 20) -> list[str]:
    """The differences of two archives, article by article, at most `limit`; none if they are equal.

    Change logs and settings may differ. Both are read one article at a time.
    """
    with first.read_transaction(), second.read_transaction(), first.translated_errors(), second.translated_errors():
        damages: list[str] = []
        found = list(islice(_differences(first, second, damages), limit))
        return [*damages, *found][:limit]


def _differences(first: Archive, second: Archive, damages: list[str]) -> Iterator[str]:
    ours, theirs = (
        read_histories(one, lambda line, one=one: damages.append(f"{one.directory}: {line}"), by_id=True)  # type: ignore[misc]
        for one in (first, second)
    )
    mine, other = next(ours, None), next(theirs, None)
    while mine or other:
        if mine and (other is None or mine.id < other.id):
            yield f"{mine.id}: not in {second.directory}"
            mine = next(ours, None)
        elif other and (mine is None or other.id < mine.id):
            yield f"{other.id}: not in {first.directory}"
            other = next(theirs, None)
        elif mine and other:
            yield from _in_article(first, mine, second, other)
            mine, other = next(ours, None), next(theirs, None)


def _in_article(first: Archive, mine: ArticleHistory, second: Archive, other: ArticleHistory) -> Iterator[str]:
    values = history_value(mine), history_value(other)
    for name in dict.fromkeys((*values[0], *values[1])):
        if values[0].get(name) != values[1].get(name):
            yield f"{mine.id}: {name} not the same"
    for revision in mine.revisions:
        if revision.page and first.pages.holds(revision.page) != second.pages.holds(revision.page):
            yield f"{mine.id}: page {revision.page[:12]}… is in one of them only"


def _kept(revision: Revision) -> dict[str, Any]:
    return {
        "number": revision.number,
        "recorded_at": utc_text(revision.recorded_at),
        "content_hash": revision.article.content_hash(),
        "page": revision.page,
        "page_type": revision.page_type,
        "origins": [
            {
                "kind": one.origin.kind.value,
                "name": one.origin.name,
                "part": one.origin.part,
                "first_seen": utc_text(one.first_seen),
                "last_seen": utc_text(one.last_seen),
            }
            for one in revision.sightings
        ],
    }


def _parse_revision(article_id: str, printed: dict[str, Any], kept: dict[str, Any]) -> Revision:
    recorded = _moment(kept["recorded_at"])
    text = _text(printed["text"])
    article = Article(
        id=article_id,
        paragraphs=tuple(text.split("\n")) if text else (),
        title=_text(printed["title"]),
        url=_optional(printed["url"]),
        published=_published(_optional(printed["date"])),
        source=_optional(printed["source"]),
        section=_optional(printed["section"]),
        authors=tuple(map(_text, printed["author"])),
        retrieved_at=recorded,
    )
    if article.content_hash() != kept["content_hash"]:
        raise ValueError(f"a text of {article_id!r} does not match its hash")
    page = _optional(kept["page"])
    if page is not None and (len(page) != 64 or set(page) - set("0123456789abcdef")):
        raise ValueError(f"a page of {article_id!r} is not named by a SHA-256")
    return Revision(
        number=kept["number"],
        recorded_at=recorded,
        article=article,
        page=page,
        page_type=_optional(kept["page_type"]),
        sightings=tuple(map(_parse_sighting, kept["origins"])),
    )


def _parse_sighting(value: dict[str, Any]) -> Sighting:
    origin = Origin(OriginKind(value["kind"]), _text(value["name"]), _optional(value["part"]))
    return Sighting(origin, _moment(value["first_seen"]), _moment(value["last_seen"]))


def _parse_removal(value: dict[str, Any]) -> Removal:
    restored = _optional(value["restored_at"])
    return Removal(_moment(value["removed_at"]), _text(value["reason"]), _moment(restored) if restored else None)


def _published(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return day_start(moment.date()) if len(text) == _DAY else _aware(moment, text)


def _moment(text: object) -> datetime:
    return _aware(datetime.fromisoformat(_text(text)), text).astimezone(UTC)


def _aware(moment: datetime, text: object) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"the time {text!r} has no offset from UTC")
    return moment


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} is not a text")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)
