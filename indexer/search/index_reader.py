"""The search side of the port: a reader of one commit of an index, and what matches a query in it.

Each engine brings both (`indexer.embedded.searcher`, `indexer.opensearch.searcher`). The rules that use them, which
both engines share, are in `indexer.search.relaxation`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.query import ParsedQuery
from indexer.query.foreign import ForeignQuestion
from indexer.query.plan import CompiledQuery, Plan, WildcardPlan
from indexer.results import Facet, ModeCounts, PartCount, SearchRequest, SourceTimes, Timeline, TimeUnit
from indexer.spellings.vocabulary import SurfaceForms, Vocabulary

NearestByMeaning = Callable[[int, NDArray[np.uint64] | None], Sequence[tuple[int, float]]]
"""The articles that are nearest to a query in meaning: their numbers in the archive and similarities, best first.

Called with a limit, and with the numbers that are allowed, ascending, or None for all. Some of the
articles may have been removed since they were encoded.
"""


class RankedArticle(NamedTuple):
    """An article in a ranking: its score, the copies of its story that were left out, and its sort key.

    `number` is its number in the archive, by which ties are broken; `matched` is false for one of the nearest, which
    does not match the query, and `by_meaning` true for one of these that no word of the query matches.
    """

    article_id: str
    score: float
    copies: int = 0
    key: float = 0.0
    number: int = 0
    matched: bool = True
    by_meaning: bool = False


@dataclass(frozen=True, slots=True)
class CursorPosition:
    """Position of the last hit of a page: its commit (`IndexReader.version`, with that of the vectors if they count),
    its sort key (score or time), its number in the archive, its id, whether it matched."""

    version: str
    key: float
    number: int
    article_id: str
    matched: bool = True


class Matches(Protocol):
    """The articles that match a query within the filters of its request, in the request's order."""

    @property
    def total(self) -> int:
        """Number of articles."""

    @property
    def stories(self) -> int:
        """Number of hits: with `SearchRequest.group` the copies of a story are one."""

    @property
    def mode_counts(self) -> ModeCounts | None:
        """Number of articles in each `MatchMode`; None for a query without parts."""

    @property
    def parts(self) -> tuple[PartCount, ...]:
        """Number of articles that have each part."""

    def ranked(self, offset: int, limit: int, after: CursorPosition | None = None) -> Sequence[RankedArticle]:
        """At most `limit` hits, after the first `offset`, or after a position."""

    def nearest(self, limit: int) -> Sequence[RankedArticle]:
        """The best articles that match only a part of the query; none of a story that matches."""

    def nearest_matches(self, limit: int, by_meaning: NearestByMeaning) -> Sequence[RankedArticle]:
        """The stories that are nearest in meaning of all that match, in the order of their words."""

    def other_matches(
        self, listed: Sequence[RankedArticle], offset: int, limit: int, after: CursorPosition | None = None
    ) -> Sequence[RankedArticle]:
        """As `ranked`, without the stories that are listed already."""

    def candidates(self, limit: int, by_meaning: NearestByMeaning) -> Sequence[RankedArticle]:
        """What `nearest` returns, followed by those of the `limit` nearest in meaning that are not among it.

        All of them meet the conditions of the query and the filters of its request, none is of a story that matches,
        and of each story there is one. The score of every article is that of the words that match it: 0 if none does.
        """

    def sample(self, limit: int) -> Sequence[str]:
        """The ids of at most `limit` hits, drawn at random from all of them; the same ones at every call."""

    def facets(self) -> tuple[Facet, ...]:
        """All articles, counted by source, section and author; only with `SearchRequest.facets`."""

    def timeline(self) -> Timeline:
        """All articles, counted by time; only with `SearchRequest.facets`."""

    def all_ranked(self) -> Callable[[], Iterator[RankedArticle]]:
        """A function that reads all hits; each call begins again."""


class IndexReader(Protocol):
    """A point-in-time view of an index: one commit. Safe to share between threads."""

    @property
    def generation(self) -> int:
        """The number of the commit: higher than that of every commit before."""

    @property
    def version(self) -> str:
        """The number and random id of the commit; unique to it, also among rebuilt indexes."""

    @property
    def change(self) -> int:
        """The last change of the archive that it includes."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Its terms."""

    @property
    def printed(self) -> SurfaceForms:
        """Its forms as the archive prints them."""

    def add_variants(self, parsed: ParsedQuery, request: SearchRequest | None = None) -> ParsedQuery:
        """A query with the other spellings of its words. With a request, statistics for matching it are prefetched."""

    def foreign_question(self, parsed: ParsedQuery) -> ForeignQuestion | None:
        """The reading of a query as a question in another language; None if it is none."""

    def match(self, query: CompiledQuery, request: SearchRequest, read_ahead: range) -> Matches:
        """Matches a query; the hits with the numbers of `read_ahead` are about to be read."""

    def was_cut(self, pattern: WildcardPlan) -> bool:
        """Whether a pattern expands to more forms than are looked up."""

    def similar_stems(self, stem: str) -> Collection[str]:
        """The stems that the index counts as similar to this one."""

    def top_articles(self, plan: Plan, limit: int, *, group: bool) -> Sequence[RankedArticle]:
        """The articles that score highest for a plan; with `group` one per story."""

    def point_in_time(self) -> IndexReader:
        """A reader of the same commit that stays readable while newer commits are made."""

    def prefetch(self, look_up: Callable[[Vocabulary], object]) -> None:
        """Fetches together what `look_up` will look up in the vocabulary one by one."""

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        """See `Searcher.published`."""

    def names(self, facet: str) -> Sequence[str]:
        """Every name in a facet, in its most frequent spelling, the most frequent first."""

    def source_times(self) -> Sequence[SourceTimes]:
        """See `Searcher.source_times`."""

    def undated(self, offset: int, limit: int) -> Sequence[str]:
        """See `Searcher.undated`."""

    def spellings_of_name(self, facet: str, name: str) -> tuple[str, ...]:
        """Every spelling of a name in a facet, the most frequent first; none for a name that no article has."""
