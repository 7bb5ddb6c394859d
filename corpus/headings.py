"""Headings of articles: what a list of titles shows, without their texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from corpus.archive import Archive
from corpus.article import has_hour

_IDS_A_QUERY: Final = 500
_BEGINNING: Final = 70  # characters of the text of an article without a title


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of an article; `title` is the beginning of its text if it has none.

    `published` is a day alone if the times of the source are not hours of printing.
    """

    article_id: str
    title: str
    source: str | None
    section: str | None
    authors: tuple[str, ...]
    published: datetime | None

    @property
    def with_hour(self) -> bool:
        """Whether the hour of publication is known, and not only the day."""
        return self.published is not None and has_hour(self.published)


def headings_of(archive: Archive, article_ids: Iterable[str]) -> dict[str, Heading]:
    """The headings of the articles that exist and are not removed, by id, in the order of the ids."""
    ids = list(dict.fromkeys(article_ids))
    found: dict[str, Heading] = {}
    for start in range(0, len(ids), _IDS_A_QUERY):
        part = ids[start : start + _IDS_A_QUERY]
        rows = archive.run_sql(
            "SELECT a.id, r.title, CASE WHEN r.title = '' THEN substr(r.text, 1, ?) ELSE '' END,"
            " r.source, r.section, r.authors, r.published"
            " FROM articles a JOIN revisions r ON r.article = a.seq AND r.number = a.revision"
            f" WHERE a.id IN ({','.join('?' * len(part))}) AND a.removal IS NULL",
            (_BEGINNING, *part),
        )
        for article_id, title, beginning, source, section, authors, published in rows:
            printed = title or " ".join(beginning.split())
            names = tuple(filter(None, authors.splitlines()))
            moment = archive.source_names.published(source, _moment(published))
            found[article_id] = Heading(article_id, printed, source, section, names, moment)
    return {article_id: found[article_id] for article_id in ids if article_id in found}


def _moment(text: str | None) -> datetime | None:
    """The publication time; None if there is none, or it is damaged."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
