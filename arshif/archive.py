"""An archive with its index, as one object: what a researcher uses in a notebook."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

from corpus import Archive, Article, local_day, near_duplicates, printed_fields, read_first_day, read_last_day
from indexer import (
    Answer,
    MatchMode,
    ResultPage,
    Scan,
    Searcher,
    SearchRequest,
    Sort,
    Suggestion,
    WordForms,
    embed_archive,
    open_searcher,
    update_index,
)

Item = str | PathLike[str] | Mapping[str, Any] | Article
"""What can be added: a file or directory, a mapping with the fields of JSON Lines, or an article."""

_Names = str | Iterable[str]
_Day = str | date | None
_Sort = Literal["relevance", "newest", "oldest"]
_Match = Literal["all", "most", "any"]
_Forms = Literal["printed", "word", "lemma", "root"]

_SINGLE: Final = (str, PathLike, Mapping, Article)


@dataclass(frozen=True, slots=True)
class Added:
    """What `SearchableArchive.add` did: the number of articles with each outcome.

    `refusals` and `warnings` name up to a thousand inputs each; the numbers are exact.
    """

    added: int
    unchanged: int
    revised: int
    refused: int
    indexed: int
    refusals: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def open(path: str | PathLike[str]) -> SearchableArchive:
    """Open the archive in the directory `path`.

    >>> archive = arshif.open("news")
    >>> archive
    <archive 'news': 34 articles>
    >>> archive.close()

    Raises:
        ArchiveNotFound, NotAnArchive, SettingsInvalid, ArchiveVersionMismatch: subclasses of `ArshifError`.
    """
    return SearchableArchive(Archive.open(Path(path)))


def create(path: str | PathLike[str], *, name: str | None = None) -> SearchableArchive:
    """Create an empty archive in the directory `path`, which is new or empty, and open it.

    `name` is the title that the search page shows.

    >>> with arshif.create("empty", name="أرشيف الصحافة") as archive:
    ...     archive.search("مفاوضات").total
    0

    Raises:
        ArchiveExists, ArchiveWriteFailed: subclasses of `ArshifError`.
    """
    archive = Archive.create(Path(path), name=name)
    try:
        update_index(archive)
    except BaseException:
        archive.close()
        raise
    return SearchableArchive(archive)


class SearchableArchive:
    """An open archive and its index. A context manager; searching is safe from several threads.

    `open` and `create` make one. The index is the embedded one or a cluster, as the archive's settings say.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def __repr__(self) -> str:
        return f"<archive {str(self.path)!r}: {self._archive.counts().articles:,} articles>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()

    @property
    def path(self) -> Path:
        """The archive's directory."""
        return self._archive.directory

    def add(self, items: Item | Iterable[Item], *, field_map: Mapping[str, str] | None = None) -> Added:
        """Add articles, group near-duplicates, and bring the index up to date.

        An item is a path (of a file in any form that `arshif add` reads, or of a directory of such files), a mapping
        with the fields of JSON Lines, or an `Article`. Of a mapping only `text` is required; `id`, `url`, `title`,
        `date`, `source`, `section` and `author` are optional, None and NaN count as missing, other keys are ignored.
        `field_map` maps these names to those used in the items: `{"text": "content", "date": "published_on"}`.

        An unreadable item is reported in `refusals`, and the rest are added. Adding the same article again changes
        nothing; a changed one becomes a new revision.

        >>> with arshif.open("news") as archive:
        ...     archive.add({"id": "a1", "title": "قمة", "text": "انعقدت القمة في تونس", "date": "23 شباط 2017"})
        Added(added=1, unchanged=0, revised=0, refused=0, indexed=1, refusals=(), warnings=())

        Raises:
            ArshifError: the archive or its index could not be written. What was stored before stays.
            TypeError: an item is of another type.
        """
        from corpus import ingest  # loads the page parsers

        several = [items] if isinstance(items, _SINGLE) else items
        summary = ingest.AddSummary()
        for are_paths, run in groupby(several, key=_is_path):
            if are_paths:
                ingest.add_paths(self._archive, list(map(Path, run)), summary, field_map=field_map)  # type: ignore[arg-type]
            else:
                ingest.add_objects(self._archive, map(_plain, run), summary, field_map=field_map)
        return Added(
            added=summary.added,
            unchanged=summary.unchanged,
            revised=summary.revised,
            refused=summary.refused,
            indexed=self.update_index(),
            refusals=tuple(f"{refusal.name}: {refusal.reason}" for refusal in summary.refusals),
            warnings=tuple(summary.warnings),
        )

    def update_index(self) -> int:
        """Group near-duplicates and index what was added since the last commit; return the number of articles indexed.

        `add` does this itself. It is needed after `arshif add --no-index`, or for an archive without an index.
        """
        near_duplicates.group_changes(self._archive)
        return update_index(self._archive).indexed

    def update_vectors(self, *, processes: int = 1) -> int:
        """Compute the vectors of what was added or changed since the last call; return the number of vectors.

        Searches with `meaning` need them. It takes from a hundredth to a fifth of a second per article, by the encoder
        that `arshif.toml` names, and continues where it was interrupted. With several `processes`, a script needs
        `if __name__ == "__main__":`.
        """
        return embed_archive(self._archive, processes=processes).vectors

    def search(
        self,
        query: str = "",
        *,
        sources: _Names = (),
        sections: _Names = (),
        authors: _Names = (),
        after: _Day = None,
        before: _Day = None,
        match: _Match = "all",
        forms: _Forms = "lemma",
        spellings: bool = True,
        group: bool = True,
        sort: _Sort = "relevance",
        page: int = 1,
        page_size: int = 10,
        facets: bool = False,
        meaning: bool = False,
    ) -> ResultPage:
        """Return one page of hits, best first. The empty query finds every article.

        `total` counts the articles that match; the nearest other articles may follow in `hits` (`hit.matched` is
        false). `after` and `before` are inclusive: dates, or text such as `"شباط 2017"`. With `facets` the matches are
        counted by source, section, author and time. `page_size` is at most 100; `scan` returns all matches.
        With `meaning` the first hundred hits are ordered by words and meaning together, which needs an encoder in
        `arshif.toml` and `update_vectors`. The other arguments are those of `arshif search`; no query raises.

        >>> with arshif.open("news") as archive:
        ...     page = archive.search("مفاوضات", after="شباط 2017", sort="oldest")
        ...     hit = page.hits[0]
        ...     hit.published.year, [hit.snippet.text[start:end] for start, end in hit.snippet.spans]
        (2017, ['المفاوضات'])

        Raises:
            ArshifError: the index is missing, damaged, or of another version; a date cannot be read; or, with
                `meaning`, the archive has no encoder or no vectors, or the encoder's library is not installed.
        """
        request = _request(
            query,
            sources=sources,
            sections=sections,
            authors=authors,
            after=after,
            before=before,
            match=match,
            forms=forms,
            spellings=spellings,
            group=group,
            sort=sort,
            page=page,
            page_size=page_size,
            facets=facets,
            meaning=meaning,
        )
        self._warn_of_pending()
        return self._searcher.search(request)

    def answers(self, question: str, limit: int = 3) -> Sequence[Answer]:
        """Return the sentences of the archive that may answer a question, as printed, the best first.

        No text is generated. An answer has the article's `id` and `title`, the `sentence` with the words of the
        question marked, and the number of its `paragraph`. There is none for keywords, and if no sentence has enough
        of the question's words. It needs an encoder in `arshif.toml` and `update_vectors`.

        Raises:
            ArshifError: the index is missing, damaged, or of another version; the archive has no encoder or no vectors,
                or the encoder's library is not installed.
        """
        self._warn_of_pending()
        return self._searcher.answers(SearchRequest(question, today=local_day(), meaning=True), limit)

    def scan(
        self,
        query: str = "",
        *,
        sources: _Names = (),
        sections: _Names = (),
        authors: _Names = (),
        after: _Day = None,
        before: _Day = None,
        match: _Match = "all",
        forms: _Forms = "lemma",
        spellings: bool = True,
        group: bool = False,
        sort: _Sort = "relevance",
    ) -> Scan:
        """Return every article that matches, without a limit.

        The arguments are those of `search`; unless `group` is true, every copy of a story is returned.

        The result has the number of matches (`total`) and yields them lazily: `ids()` as pairs of id and score,
        `hits()` as pairs of article and hit. `rows` makes dictionaries of it.

        >>> with arshif.open("news") as archive:
        ...     scan = archive.scan("مفاوضات", sort="oldest")
        ...     scan.total == len([article.id for article, hit in scan.hits(marked=False)])
        True
        """
        request = _request(
            query,
            sources=sources,
            sections=sections,
            authors=authors,
            after=after,
            before=before,
            match=match,
            forms=forms,
            spellings=spellings,
            group=group,
            sort=sort,
        )
        self._warn_of_pending()
        return self._searcher.scan(request)

    def show(self, reference: str) -> Article:
        """Return the current revision of the article with this id or web address.

        >>> with arshif.open("news") as archive:
        ...     archive.show("a1").title
        'قمة'

        Raises:
            ArticleNotFound, ArticleRemoved, ArticleDamaged: subclasses of `ArshifError`.
        """
        return self._archive.find(reference)

    def suggest(self, prefix: str, limit: int = 8) -> Sequence[Suggestion]:
        """Complete the last word of `prefix`, the start of a query; also suggest titles of articles.

        >>> with arshif.open("news") as archive:
        ...     [suggestion.text for suggestion in archive.suggest("مفاوض", limit=1)]
        ['مفاوضات']
        """
        return self._searcher.suggest(prefix, limit)

    @cached_property
    def _searcher(self) -> Searcher:
        return open_searcher(self._archive)

    def _warn_of_pending(self) -> None:
        if pending := self._searcher.pending_changes():
            changes = "1 change is" if pending == 1 else f"{pending:,} changes are"
            warnings.warn(f"{changes} not indexed yet and not searched: call update_index()", stacklevel=3)


def rows(scan: Scan) -> Iterator[dict[str, Any]]:
    """Yield each match of a scan as a flat dictionary: the fields of JSON Lines and `score`.

    `date` is ISO text, a day alone where no time was printed; `author` is a list. `pandas.DataFrame` takes the rows,
    and so does `SearchableArchive.add`.

    >>> with arshif.open("news") as archive:
    ...     [(row["id"], row["date"]) for row in arshif.rows(archive.scan("قمة تونس"))]
    [('a1', '2017-02-23')]
    """
    for article, hit in scan.hits(marked=False):
        yield {"id": article.id, **printed_fields(article), "score": hit.score}


def _request(
    query: str,
    *,
    sources: _Names,
    sections: _Names,
    authors: _Names,
    after: _Day,
    before: _Day,
    match: str,
    forms: str,
    sort: str,
    **others: Any,
) -> SearchRequest:
    today = local_day()
    return SearchRequest(
        query,
        sources=_several(sources),
        sections=_several(sections),
        authors=_several(authors),
        after=read_first_day(after, today) if isinstance(after, str) else _day(after),
        before=read_last_day(before, today) if isinstance(before, str) else _day(before),
        match=MatchMode(match),
        forms=WordForms(forms),
        sort=Sort(sort),
        today=today,
        **others,
    )


def _several(names: _Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _day(value: date | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


def _is_path(item: Item) -> bool:
    if not isinstance(item, _SINGLE):
        raise TypeError(f"cannot add {type(item).__name__}: give a path, a mapping or an Article")
    return isinstance(item, str | PathLike)


def _plain(item: Any) -> Mapping[str, Any] | Article:
    return item if isinstance(item, Article) else {str(key): _plain_value(value) for key, value in item.items()}


def _plain_value(value: Any) -> Any:
    """A value as JSON has it: NaN and pandas' NaT and NA become None, dates ISO text, tuples and sets lists."""
    if value is None or isinstance(value, str | list | Mapping):
        return value
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    if _is_missing(value):
        return None
    return value.isoformat() if isinstance(value, date) else value


def _is_missing(value: Any) -> bool:
    """Whether it is one of the values that do not equal themselves."""
    try:
        return bool(value != value)
    except (TypeError, ValueError):  # pandas.NA is neither equal nor unequal; an array is both
        return type(value).__name__ == "NAType"
