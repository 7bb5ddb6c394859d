"""The fields of an article whose terms are whole values: names, days, times, ids; the same in both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from corpus import Article

TITLE_GAP: Final = 100
"""Positions between title and body in `text_form`, more than a phrase or words near each other may span."""

FACET_FIELDS: Final = {"source": "source_name", "section": "section_name", "author": "author_name"}
"""Facet → the field with its names."""

MOST_BARS: Final = 120
"""Bars of a timeline; one with more is unreadable, so the next larger unit is used."""

_BEGINNING: Final = datetime(1, 1, 1, tzinfo=UTC)


def field_values(article: Article, group: str | None = None) -> dict[str, tuple[str, ...]]:
    """Field → the values of an article; `group` is its group of near-duplicates."""
    published = article.published
    return {
        "id": (article.id,),
        "day": (day_term(published.date()),) if published else (),
        "time": (time_term(published),) if published else (),
        "source_name": (article.source,) if article.source else (),
        "section_name": (article.section,) if article.section else (),
        "author_name": article.authors,
        "group_name": (group,) if group else (),
    }


def day_term(day: date) -> str:
    """A day as `yyyymmdd`."""
    return f"{day.year:04}{day.month:02}{day.day:02}"


def printed_time(digits: str) -> str:
    """The first digits of the term of a day, for display: 2017-02-16, 2017-02, 2017."""
    return "-".join(filter(None, (digits[:4], digits[4:6], digits[6:])))


def time_term(published: datetime) -> str:
    """Seconds since the year 1 in UTC, as twelve digits, so that terms sort by time."""
    return f"{max(0, int((published - _BEGINNING).total_seconds())):012}"
