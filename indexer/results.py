"""Requests and results of a search: the types that the web pages, the commands and the API share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from corpus import Group

MAX_PAGE_SIZE: Final = 100
MAX_HIT: Final = 10_000
"""The last hit that pages by number reach. Cursors and scans have no such bound."""


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
    """How many parts of a query an article must have to match: a part is a word, a phrase or a bracket."""

    ALL = "all"
    MOST = "most"
    ANY = "any"


class WordForms(StrEnum):
    """Which forms of a word match it: each level includes the one before."""

    PRINTED = "printed"
    WORD = "word"
    LEMMA = "lemma"
    ROOT = "root"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search: the user's text, its filters, the order and the page.

    `match` and `forms` decide which articles match. Totals, facets, timelines, orders by date, feeds, alerts and
    exports include only those. In the order of relevance the nearest others may follow (`Hit.matched`).

    The values of `sources` are alternatives, as are those of `sections` and of `authors`; an article must satisfy all
    three. Any spelling that folds to the same letters matches. `after` and `before` are days, both inclusive. `page`
    counts from 1; `page_size` is clamped to 1..MAX_PAGE_SIZE. With `facets` all matches are counted by source, section,
    author and time, including the copies of a story. With `group` a story that several papers printed is one hit: the
    copy that sorts first. With `spellings` other spellings of a name match too, if the archive's settings allow them.
    With `meaning`, the first hundred hits in the order of relevance are reordered by words and meaning together
    (`indexer.search.reordering`), and the nearest others include articles that are near in meaning; which articles
    match, and every count, stays the same, except for questions in another language (`indexer.query.foreign`).
    Relative dates in the query (أمس) are relative to `today`; None is today in the machine's time zone.
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
    meaning: bool = False


@dataclass(frozen=True, slots=True)
class Snippet:
    """Printed text and what to highlight in it: `spans` are (start, end) character offsets into `text`, in order.

    `nearest` are the offsets of the sentence that is nearest to the query in meaning, in hits that no word matches.
    """

    text: str
    spans: tuple[tuple[int, int], ...] = ()
    nearest: tuple[int, int] | None = None


class MatchLevel(StrEnum):
    """How a printed word matches a word of the query, the surest first."""

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
    """Why an article matches: `word`, as typed in the query, matches `printed` in the article, at this level."""

    word: str
    printed: str
    level: MatchLevel


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that a search found. `title` and `snippet` carry the highlights; `score` is 0 when sorted by date.

    `matches` has, for each word or phrase of the query that the title or the body matches, the surest match. `group`
    has all copies of its story, if there are several; `copies` of them matched too and were left out. `matched` is
    false for an article that does not match the query and is listed as one of the nearest: no count includes it.
    `by_meaning` is true for one of these that no word of the query matches, and that is near it in meaning.
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
    source_name: str | None = None
    """The name by which the source is shown, if it is another one."""

    by_meaning: bool = False

    @property
    def shown_source(self) -> str | None:
        """The source, for people."""
        return self.source_name or self.source


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence that may answer a question, as the article prints it: no text is generated.

    `sentence` has the words of the question marked; `paragraph` is the number of its paragraph in the article, from 0.
    """

    id: str
    title: str
    url: str | None
    source: str | None
    published: datetime | None
    sentence: Snippet
    paragraph: int


@dataclass(frozen=True, slots=True)
class ModeCounts:
    """How many articles match a query in each `MatchMode`, within its filters."""

    all: int
    most: int
    any: int

    def of(self, match: MatchMode) -> int:
        """The count of a mode."""
        return {MatchMode.ALL: self.all, MatchMode.MOST: self.most, MatchMode.ANY: self.any}[match]


@dataclass(frozen=True, slots=True)
class OtherSpellings:
    """Words of a query as typed, and their other spellings, which were searched too."""

    typed: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartCount:
    """How many articles, within the filters, have one part of a query: a word, a phrase or a bracket."""

    text: str
    articles: int


class SuggestionKind(StrEnum):
    """The kinds of suggestions for a query that is being typed."""

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
    """One sentence about a query that was not understood or matched as typed, in each language of the interface."""

    arabic: str
    english: str


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one field among all matches, with the number of articles of each, most frequent first.

    Spellings that fold to the same letters (سياسه, سياسة) are one value, in the spelling that is most frequent in the
    archive.
    """

    name: str
    values: tuple[tuple[str, int], ...]


class TimeUnit(StrEnum):
    """The unit of time of a bar of a timeline."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Timeline:
    """Matches by time of publication: (`2017-02-16`, `2017-02` or `2017`, articles), in order of time.

    `totals` are the articles of the whole archive at each of these times, matching or not.
    """

    unit: TimeUnit
    counts: tuple[tuple[str, int], ...]
    totals: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of hits. `total` is the exact number of articles that match, `stories` the same without copies.

    `listed` is the number of hits on all pages: if few articles match and the order is relevance, it includes the
    nearest others. `mode_counts` counts the matches of each `MatchMode`, `parts` those of each part of the query, in
    its order; None and empty for a query without parts. `understood` is the query as it was understood, in the query
    language, with direction marks for display. `reading` is whether operators counted, or everything was read as text.
    `prose` is true for a query that was read as a sentence: its hits are ordered by score alone; otherwise those that
    match come first. `foreign` is true for a question in another language, whose first hits meaning alone orders.
    `no_match` explains an empty result: how many articles have each part. `suggestion` is the query
    that was probably meant, if a word of it seems misspelled. `spellings` are the words whose other spellings were
    searched too. `generation` is the number of the commit that was searched; `next` is the cursor of the next page,
    None at the end; `moved` is true if the commit is not that of the request's cursor. `encoder` is the name of
    the encoder whose vectors reordered the first hits, None if words alone did. `seconds` is wall time.
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
    mode_counts: ModeCounts | None = None
    parts: tuple[PartCount, ...] = ()
    reading: Reading = Reading.OPERATORS
    prose: bool = False
    foreign: bool = False
    no_match: QueryWarning | None = None
    spellings: tuple[OtherSpellings, ...] = ()
    encoder: str | None = None

    @property
    def page_count(self) -> int:
        """Number of pages at this request's page size."""
        return -(-self.listed // self.request.page_size)

    @property
    def all_warnings(self) -> tuple[QueryWarning, ...]:
        """The warnings, and the explanation of an empty result."""
        return (*self.warnings, self.no_match) if self.no_match else self.warnings


@dataclass(frozen=True, slots=True)
class Ranking:
    """Ids and scores of articles, in the order of the pages: a search without texts.

    `total` is the number of articles that match. The nearest others may be listed too: `matched` has the ids of those
    that match, `by_meaning` of those that no word of the query matches.
    """

    articles: tuple[tuple[str, float], ...]
    total: int
    warnings: tuple[QueryWarning, ...] = ()
    matched: frozenset[str] = frozenset()
    by_meaning: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SourceTimes:
    """The articles of one source in the whole archive by time of publication.

    `name` is the value of the facet, and empty for the articles without a source. `articles` includes the `undated`
    ones, which no day or month counts. `months` are pairs (`2017-02`, 31) in order of time, without zeros.
    """

    name: str
    articles: int
    undated: int
    first_day: str | None
    last_day: str | None
    months: tuple[tuple[str, int], ...]
