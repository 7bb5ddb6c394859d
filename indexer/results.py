"""What goes into a search and what comes out; the web page, the command and the API use exactly these.

All hits of a search, in order and without a cap: for exports, alerts and whatever else wants them all.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from corpus import Article, Group

MAX_PAGE_SIZE = 100
MAX_HIT = 10_000
"""The last hit that paging reaches: no reader goes further. Scans and cursors do."""


class Sort(StrEnum):
    """The order of hits."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


class Reading(StrEnum):
    """How the text of a query was read."""

    OPERATORS = "formula"
    TEXT = "text"


class MatchMode(StrEnum):
    """How many of a query's parts an article must have to be counted: a part is a word, a phrase or a bracket."""

    ALL = "all"
    MOST = "most"
    ANY = "any"


class WordForms(StrEnum):
    """What counts as a word of the query: each level includes the one before."""

    PRINTED = "printed"
    WORD = "word"
    LEMMA = "lemma"
    ROOT = "root"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search: the user's text, the filters beside it, the order and the page.

    `match` and `forms` say which articles match. Totals, facets, timelines, orders by date, feeds, alerts and exports
    are of those alone. In the order of relevance the nearest others may follow (`Hit.matched`).

    `sources`, `sections` and `authors` are alternatives within and requirements between them, in any spelling that
    folds alike; `after` and `before` are days, both included. `page` counts from 1; `page_size` is clamped to
    1..MAX_PAGE_SIZE.
    With `facets` all hits are counted by source, section, author and time, copies of a story too. With `group` a story
    that many papers printed is one hit: the copy that sorts first. With `spellings` other spellings of a name match
    too, where the archive's settings allow them. Relative dates in the query (أمس) are counted from `today`; None is
    the day of the machine's own time zone.
    """

    query: str
    sources: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    page_size: int = 10
    facets: bool = False
    group: bool = True
    authors: tuple[str, ...] = ()
    match: MatchMode = MatchMode.ALL
    forms: WordForms = WordForms.LEMMA
    today: date | None = None
    spellings: bool = True


@dataclass(frozen=True, slots=True)
class Snippet:
    """Printed text with the places to mark: `spans` are (start, end) character offsets into `text`, in order."""

    text: str
    spans: tuple[tuple[int, int], ...] = ()


class MatchLevel(StrEnum):
    """How a printed word meets what was asked for, the surest first."""

    PHRASE = "phrase"
    FORM = "form"
    SPELLING = "spelling"
    PATTERN = "pattern"
    FUZZY = "fuzzy"
    LEMMA = "lemma"
    STEM = "stem"
    ROOT = "root"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Match:
    """Why an article was found: `word` of the query, as typed, met `printed` in the article, at this level."""

    word: str
    printed: str
    level: MatchLevel


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that a search found. `title` and `snippet` carry the marks; `score` is 0 when sorted by date.

    `matches` tells, for each word or phrase of the query that title or body meet, which printed word meets it best.
    `group` holds all printings of its story, where there are several; `copies` of them were found too, and left out.
    `matched` is false for an article that does not match the query and is shown as one of the nearest to it: it is
    counted nowhere.
    """

    id: str
    title: Snippet
    url: str | None
    source: str | None
    section: str | None
    authors: tuple[str, ...]
    published: datetime | None
    score: float
    snippet: Snippet
    matches: tuple[Match, ...] = ()
    copies: int = 0
    group: Group | None = None
    matched: bool = True


@dataclass(frozen=True, slots=True)
class Widths:
    """How many articles match a query in each `MatchMode`, its filters included."""

    all: int
    most: int
    any: int

    def of(self, match: MatchMode) -> int:
        """The number for a mode."""
        return {MatchMode.ALL: self.all, MatchMode.MOST: self.most, MatchMode.ANY: self.any}[match]


@dataclass(frozen=True, slots=True)
class OtherSpellings:
    """Words of a query as typed, and the other spellings of them that were searched too."""

    typed: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartCount:
    """How many articles, within the filters, have one part of a query: a word, a phrase or a bracket."""

    text: str
    articles: int


class SuggestionKind(StrEnum):
    """What is suggested while a query is typed."""

    WORD = "word"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A query with its last word completed, or an article's title with its id."""

    kind: SuggestionKind
    text: str
    article_id: str | None = None


@dataclass(frozen=True, slots=True)
class QueryWarning:
    """One sentence about a query that was not wholly understood or met, in each of the user's languages."""

    arabic: str
    english: str


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one kind among all hits, with the number of hits of each, most frequent first.

    Spellings that fold alike (سياسه, سياسة) are one value, in the spelling that most of the archive's articles have.
    """

    name: str
    values: tuple[tuple[str, int], ...]


class TimeUnit(StrEnum):
    """What a bar of a timeline stands for."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Timeline:
    """Hits by the time they were published: (`2017-02-16`, `2017-02` or `2017`, hits), in order of time.

    `totals` are the articles that the whole archive holds of each of these times, hits or not.
    """

    unit: TimeUnit
    counts: tuple[tuple[str, int], ...]
    totals: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of hits. `total` counts all articles that match, `stories` the same without the copies that were left
    out, both exactly. `listed` is the number of hits to page through: where few articles match and the order is
    relevance, the nearest others are among them. `seconds` is wall time.

    `widths` counts the matches of each `MatchMode`, `parts` those of each part of the query, in its order; None and
    empty for a query without parts. `prose` says that the query was read as a sentence, and its hits ordered by
    relevance alone; otherwise those that match come first.
    `understood` is the query as it was understood, in the query language, with direction marks for display.
    `reading` says whether operators counted, or all was read as text. `nothing` says, where no article matches, how
    many have each part.
    `suggestion` is the query that was probably meant, where a word of it seems misspelt.
    `spellings` are the words of which other spellings were searched too.
    `generation` numbers the commit that answered; `next` is the cursor of the page after, None at the end; `moved` says
    that the commit is another one than the cursor's.
    """

    request: SearchRequest
    hits: tuple[Hit, ...]
    total: int
    stories: int
    warnings: tuple[QueryWarning, ...] = ()
    seconds: float = 0.0
    understood: str = ""
    suggestion: str | None = None
    facets: tuple[Facet, ...] = ()
    timeline: Timeline | None = None
    generation: int = 0
    next: str | None = None
    moved: bool = False
    listed: int = 0
    widths: Widths | None = None
    parts: tuple[PartCount, ...] = ()
    reading: Reading = Reading.OPERATORS
    prose: bool = False
    nothing: QueryWarning | None = None
    spellings: tuple[OtherSpellings, ...] = ()

    @property
    def page_count(self) -> int:
        """Number of pages at this request's page size."""
        return -(-self.listed // self.request.page_size)

    @property
    def said(self) -> tuple[QueryWarning, ...]:
        """All that is told about the answer: the warnings, and why nothing matches."""
        return (*self.warnings, self.nothing) if self.nothing else self.warnings


@dataclass(frozen=True, slots=True)
class Ranking:
    """Articles by id with their scores, in the order of the pages: a search without texts.

    `total` counts all articles that match. Those that do not, the nearest, may be among the articles: see `matched`.
    """

    articles: tuple[tuple[str, float], ...]
    total: int
    warnings: tuple[QueryWarning, ...] = ()
    matched: frozenset[str] = frozenset()


BATCH = 100
"""Articles whose texts are in memory at once."""


class ScanSource(Protocol):
    """What a scan reads from."""

    def ids(self) -> Iterator[tuple[str, float, int]]:
        """The id, the score and the number of copies left out of each hit, in order."""
        ...

    def hits(self, *, marked: bool, only: Container[str] | None) -> Iterator[tuple[Article, Hit]]:
        """Each hit, or only those of some ids, with its article, in order; with marks or without."""
        ...


@dataclass(frozen=True, slots=True)
class Scan:
    """All hits of a request over one commit. `total` and `stories` count as in `ResultPage`, before any is read.

    `generation` numbers the commit, and `change` the archive's change that it has reached.
    """

    request: SearchRequest
    understood: str
    total: int
    stories: int
    generation: int
    change: int
    warnings: tuple[QueryWarning, ...]
    source: ScanSource

    def ids(self) -> Iterator[tuple[str, float]]:
        """The id and score of each hit, in order; 0 when sorted by date."""
        return ((article_id, score) for article_id, score, _ in self.source.ids())

    def hits(self, *, marked: bool = True, only: Container[str] | None = None) -> Iterator[tuple[Article, Hit]]:
        """Each hit with its article whole, in order; the texts of `BATCH` articles are in memory at once.

        `only` passes over all but some ids. Articles that have left the archive meanwhile are left out. Not `marked`,
        hits come several times as fast, without marks, matches, and snippets chosen for the query.
        """
        return self.source.hits(marked=marked, only=only)
