"""How sources are shown: `okaz` is stored, عكاظ is shown; and whether the times of their dates are hours of printing.

Articles keep the name that was printed or given. `arshif.toml` says how it is shown (`[sources.okaz]`, `name`), so that
a change needs no new index. Queries and filters may use either name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from corpus.article import Article, day_start
from corpus.letters import WORD, fold
from corpus.settings import Source


class SourceNames:
    """The shown names of an archive's sources.

    >>> names = SourceNames((Source("okaz", shown_as="عكاظ"),))
    >>> names.shown("okaz"), names.shown("الرياض"), names.stored("عكاظ")
    ('عكاظ', 'الرياض', ('okaz',))
    """

    def __init__(self, sources: Collection[Source]) -> None:
        self._shown = {source.name: source.shown_as for source in sources if source.shown_as}
        self._without_hours = {source.name for source in sources if not source.hours}
        self._words = {name: _words(shown) for name, shown in self._shown.items()}
        self._stored: dict[tuple[str, ...], list[str]] = {}
        for name, words in self._words.items():
            self._stored.setdefault(words, []).append(name)

    def shown(self, source: str) -> str:
        """The name by which a source is shown."""
        return self._shown.get(source, source)

    def other(self, source: str | None) -> str | None:
        """The name by which a source is shown, if it is another one."""
        shown = self._shown.get(source) if source else None
        return shown if shown != source else None

    def stored(self, shown: str) -> tuple[str, ...]:
        """The sources that are shown by this name, in any of its spellings."""
        return tuple(self._stored.get(_words(shown), ()))

    def stored_with(self, words: Iterable[str]) -> tuple[str, ...]:
        """The sources whose shown names contain these words, side by side."""
        wanted = _words(" ".join(words))
        size = len(wanted)
        return tuple(
            name
            for name, known in self._words.items()
            if size and any(known[at : at + size] == wanted for at in range(len(known) - size + 1))
        )

    def beginning(self, text: str) -> tuple[str, ...]:
        """The shown names that begin with a text, in any spelling."""
        start = fold(text)
        return tuple(sorted({shown for shown in self._shown.values() if start and fold(shown).startswith(start)}))

    def published(self, source: str | None, published: datetime | None) -> datetime | None:
        """A publication time of a source; its day alone if the times of the source are not hours of printing."""
        return day_start(published.date()) if published and source in self._without_hours else published

    def for_people(self, article: Article) -> Article:
        """An article with the shown name of its source, and without a time that is no hour: for citations and pages."""
        other = self.other(article.source)
        published = self.published(article.source, article.published)
        if not other and published == article.published:
            return article
        return replace(article, source=other or article.source, published=published)


def _words(name: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in WORD.findall(name))
