"""Fields whose terms are whole values: names, days, times, ids; and which names are spellings of one name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Final

from corpus import Article, letters

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


class NameSpellings:
    """The names of one field (sources, sections, authors) in one commit, and which are spellings of one name.

    Papers print سياسة today and سياسه tomorrow. Names whose words fold to the same letters are one value, in facets and
    in filters.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        """`counts` has the number of articles of each name."""
        self._by_fold: dict[str, tuple[str, ...]] = {}
        for name in sorted(counts, key=lambda name: (-counts[name], name)):
            key = _folded(name)
            self._by_fold[key] = (*self._by_fold.get(key, ()), name)
        # Only names that have a more frequent spelling: in most archives a handful.
        self._shown = {other: first for first, *others in self._by_fold.values() for other in others}

    @property
    def names(self) -> tuple[str, ...]:
        """Every name in its most frequent spelling, the most frequent first."""
        return tuple(spellings[0] for spellings in self._by_fold.values())

    def shown(self, name: str) -> str:
        """The most frequent spelling of a name."""
        return self._shown.get(name, name)

    def shown_spellings(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Names of articles, grouped by their most frequent spelling."""
        together: dict[str, list[str]] = {}
        for name in names:
            together.setdefault(self.shown(name), []).append(name)
        return together

    def spellings(self, name: str) -> tuple[str, ...]:
        """Every spelling of a name, the most frequent first; none for a name that no article has."""
        return self._by_fold.get(_folded(name), ())


def _folded(name: str) -> str:
    # A name of punctuation alone folds to nothing: it is its own key.
    return " ".join(filter(None, map(letters.fold, name.split()))) or name
