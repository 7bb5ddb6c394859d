"""Updating the groups of near-duplicates incrementally, from the change log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Final, TypeVar

import numpy as np

from corpus.archive import Archive
from corpus.article import Article
from corpus.near_duplicates.linkage import Bond, Link, clusters
from corpus.near_duplicates.similarity import (
    MIN_SHINGLES,
    Fingerprint,
    Pair,
    bond_of,
    compare,
    fingerprint,
    formula_share,
    formulas_of,
    holds,
    is_in_doubt,
    is_printed_together,
    leader_of,
    opens,
    share_rest,
    sketch,
)
from corpus.near_duplicates.tables import GroupTables

GROUPING_VERSION: Final = 4
"""Raised with every change of the rules, including folding: the archive is then grouped again."""

# Changes per transaction, at first. Each batch regroups everything that is connected with it, so a batch takes as many
# changes as were processed before it in the run, up to a limit, so that there are few batches. An interruption repeats
# one batch.
_CHANGES_PER_BATCH: Final = 500
_MAX_CHANGES_PER_BATCH: Final = 4_000

# Articles read from the archive at a time, and the shingles that are cached (32 MB), of some 10,000 articles.
_READ_AHEAD: Final = 50
_CACHED: Final = 4_000_000

# A survey of the news holds at least so many texts that are not like each other.
_ITEMS_OF_A_SURVEY: Final = 3

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Called with (changes processed, changes to process)."""


@dataclass(frozen=True, slots=True)
class GroupingSummary:
    """The counts of a run: articles processed, articles whose group changed, wall seconds."""

    articles: int
    regrouped: int
    seconds: float


def group_changes(archive: Archive, *, progress: Progress = lambda done, total: None) -> GroupingSummary:
    """Process the change log from the grouping's mark on, or from the start if the rules have changed.

    Each batch is a transaction that also moves the mark: after an interruption, the next run continues there. An
    article whose group changes gets an entry in the change log, from which the index is updated.

    Raises:
        ArchiveWriteFailed: it could not be written; committed batches stay.
    """
    began = perf_counter()
    grouper = _Grouper(archive)
    articles = regrouped = 0
    total: int | None = None
    while not grouper.is_up_to_date():
        with archive.batch(), archive.translated_errors():
            # Read under the lock: another process may have grouped meanwhile.
            mark, version = grouper.tables.state()
            if version != GROUPING_VERSION:
                grouper.tables.clear()
                mark = 0
            if total is None:
                total = grouper.tables.count_changes(mark)
                progress(0, total)
            changed, last = grouper.tables.changed(mark, max(_CHANGES_PER_BATCH, min(articles, _MAX_CHANGES_PER_BATCH)))
            regrouped += grouper.group(changed)
            grouper.tables.set_state(last, GROUPING_VERSION)
        articles += len(changed)
        progress(min(articles, total), total)
    return GroupingSummary(articles, regrouped, perf_counter() - began)


class _Grouper:
    """The state of a run."""

    def __init__(self, archive: Archive) -> None:
        self.tables = GroupTables(archive.connection)
        self._archive = archive
        self._fingerprints: dict[int, Fingerprint] = {}
        self._cached = 0  # their shingles

    def is_up_to_date(self) -> bool:
        """Whether there is nothing to do; then nothing is written, and a read-only archive does not raise."""
        return self.tables.state() == (self._archive.last_change(), GROUPING_VERSION)

    def group(self, changed: list[int]) -> int:
        """Group articles that were added, revised or removed; returns how many groups changed."""
        touched = set(changed)
        taken = dict.fromkeys(changed)
        for article in changed:
            others = self._remove(article)
            touched.update(others)
            # Its followers look for another leader.
            taken |= dict.fromkeys(sorted(self.tables.followers(others)))
        for article in taken:
            touched.update(self._remove(article))
        gone: set[int] = set()
        for part in _parts(list(taken)):
            self._load(part)
            fingerprints = [self._fingerprints.get(article) for article in part]
            gone.update(article for article, found in zip(part, fingerprints, strict=True) if found is None)
            for one in fingerprints:
                if one is not None and len(one.shingles) >= MIN_SHINGLES:
                    touched.update(self._compare(one))
                    self._forget_oldest()
        return self._regroup(touched, gone)

    def _remove(self, article: int) -> list[int]:
        if known := self._fingerprints.pop(article, None):
            self._cached -= len(known.shingles)
        return self.tables.remove(article)

    def _forget_oldest(self) -> None:
        while self._cached > _CACHED:
            self._cached -= len(self._fingerprints.pop(next(iter(self._fingerprints))).shingles)

    def _compare(self, one: Fingerprint) -> list[int]:
        """Store an article's sketch and its pairs with earlier articles; returns these."""
        hashes = sketch(one.shingles)
        candidates = self.tables.candidates(one.article, one.day, hashes)
        self._load(candidates)
        others = (self._fingerprints[other] for other in candidates if other in self._fingerprints)
        pairs = [pair for other in others if (pair := compare(one, other))]
        if leader := leader_of(pairs):
            pairs, hashes = [leader], []
        self.tables.add_sketch(one.article, one.day, hashes)
        self.tables.add_pairs(one.article, pairs)
        return [pair.other for pair in pairs]

    def _load(self, articles: Iterable[int]) -> None:
        """Compute the fingerprints that are not cached, of the articles that are in the archive."""
        ids = self.tables.ids(article for article in articles if article not in self._fingerprints)
        for part in _parts(list(ids.items())):
            found = self._archive.get_many([article_id for _, article_id in part])
            for number, article_id in part:
                if article_id in found:
                    made = self._fingerprints[number] = _fingerprint(number, found[article_id])
                    self._cached += len(made.shingles)

    def _shingles(self, articles: list[int]) -> list[np.ndarray]:
        """The shingles of articles; none of those that are not in the archive."""
        self._load(articles)
        found = [self._fingerprints[article].shingles for article in articles if article in self._fingerprints]
        self._forget_oldest()
        return found

    def _regroup(self, touched: set[int], gone: set[int]) -> int:
        """Cluster again the articles whose pairs have changed, and everything connected with them.

        Whether a pair is one story depends on the other pairs of its two articles; so an article that lost or gained a
        pair is clustered with all members of its old group, and with everything that its new pairs lead to.
        """
        pairs = _KnownPairs(self.tables, self._shingles)
        waiting = touched | set(self.tables.members(set(self.tables.groups(touched).values())))
        reached: set[int] = set()
        links: list[Link] = []
        while waiting:
            article = waiting.pop()
            reached.add(article)
            for link in pairs.links(article):
                if link.bond is not Bond.LIKE and link.two not in reached:
                    waiting.add(link.two)
                if link.one < link.two:
                    links.append(link)
        links = [link for link in links if link.two in reached]
        new = {article: group[0] for group in clusters(links) for article in group}
        old = self.tables.groups(reached)
        differing = {article: new.get(article) for article in reached if new.get(article) != old.get(article)}
        self.tables.set_groups(dict(sorted(differing.items())), gone)
        return len(differing)


class _KnownPairs:
    """The pairs of articles, and what follows from them, cached."""

    def __init__(self, tables: GroupTables, shingles_of: Callable[[list[int]], list[np.ndarray]]) -> None:
        self._tables = tables
        self._shingles_of = shingles_of
        self._pairs: dict[int, list[Pair]] = {}
        self._formulas: dict[int, int] = {}
        self._rests: dict[int, np.ndarray] = {}
        self._surveys: dict[int, bool] = {}

    def links(self, article: int) -> list[Link]:
        """The links of an article."""
        links = []
        for pair in self._of(article):
            bond = self._bond(article, pair)
            if bond is not None:
                links.append(Link(article, pair.other, bond, pair.contained))
        return links

    def _bond(self, article: int, pair: Pair) -> Bond | None:
        formula = max(self._formula(article), self._formula(pair.other))
        in_doubt = is_printed_together(pair) and is_in_doubt(pair, formula)
        bond = bond_of(pair, formula, rest_is_shared=in_doubt and self._share_rest(article, pair.other))
        if (
            bond is Bond.STORY
            and (holds(pair) or opens(pair))
            and self._is_survey(article if holds(pair) else pair.other)
        ):
            return Bond.LIKE
        return bond

    def _formula(self, article: int) -> int:
        if article not in self._formulas:
            self._formulas[article] = formula_share(self._of(article))
        return self._formulas[article]

    def _share_rest(self, one: int, two: int) -> bool:
        return share_rest(self._rest(one), self._rest(two))

    def _rest(self, article: int) -> np.ndarray:
        """The shingles of an article without those that it shares with articles of other times."""
        if article not in self._rests:
            (rest,) = self._shingles_of([article])
            formulas = self._shingles_of(formulas_of(self._of(article)))
            if formulas:
                rest = np.setdiff1d(rest, np.concatenate(formulas), assume_unique=True)
            self._rests[article] = rest
        return self._rests[article]

    def _is_survey(self, article: int) -> bool:
        """Whether an article has parts that are not like each other: its first item is not its story."""
        if article not in self._surveys:
            items: list[int] = []
            parts = sorted(pair.other for pair in self._of(article) if holds(pair))
            for part in parts:
                if {pair.other for pair in self._of(part)}.isdisjoint(items):
                    items.append(part)
            self._surveys[article] = len(items) >= _ITEMS_OF_A_SURVEY
        return self._surveys[article]

    def _of(self, article: int) -> list[Pair]:
        if article not in self._pairs:
            self._pairs[article] = self._tables.pairs(article)
        return self._pairs[article]


def _parts(items: list[T]) -> Iterator[list[T]]:
    return (items[start : start + _READ_AHEAD] for start in range(0, len(items), _READ_AHEAD))


def _fingerprint(number: int, article: Article) -> Fingerprint:
    # Headlines are each paper's own; an article without a body is compared by its headline.
    day = article.published.date().toordinal() if article.published else None
    return fingerprint(number, article.text or article.title, day, article.source)
