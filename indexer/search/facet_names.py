"""Which values of a field of names (sources, sections, authors) are one name in several spellings.

Papers print سياسة today and سياسه tomorrow. Names that fold alike, word by word, count as one: in facets and filters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from indexer.analysis import fold


class NameSpellings:
    """The names of one field in one commit of the index, made of how many articles have each."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._by_fold: dict[str, tuple[str, ...]] = {}
        for name in sorted(counts, key=lambda name: (-counts[name], name)):
            key = _folded(name)
            self._by_fold[key] = (*self._by_fold.get(key, ()), name)
        # Only what is not its own best spelling: of most archives a handful.
        self._shown = {other: first for first, *others in self._by_fold.values() for other in others}

    def shown(self, name: str) -> str:
        """The spelling of a name that most articles have."""
        return self._shown.get(name, name)

    def shown_spellings(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Some names that articles have, by the spelling that most articles have."""
        together: dict[str, list[str]] = {}
        for name in names:
            together.setdefault(self.shown(name), []).append(name)
        return together

    def spellings(self, name: str) -> tuple[str, ...]:
        """Every spelling of a name, the most frequent first; none for a name that no article has."""
        return self._by_fold.get(_folded(name), ())


def _folded(name: str) -> str:
    # What folds to nothing is a name of signs alone: it is itself.
    return " ".join(filter(None, map(fold, name.split()))) or name
