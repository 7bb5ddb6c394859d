"""Searching an archive: the methods of every searcher, whichever engine has the index.

The way of a query: it is parsed (`indexer.query.parser`), extended by other spellings
(`indexer.spellings.variant_finder`), compiled (`indexer.query.compiler`), and matched by a reader of the newest commit.
Then a page is ranked (`indexer.search.relaxation`), and its articles become hits (`indexer.search.hits`). An engine
brings a subclass that opens readers (`indexer.search.index_reader.IndexReader`).
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TypeVar

from corpus import Archive, Article, display_url
from indexer import budget
from indexer.highlight.marker import Marker, spans, without_overlaps
from indexer.query import ParsedQuery, parse_query, warnings
from indexer.query.compiler import compile_query
from indexer.query.foreign import ForeignQuestion, compile_foreign, typed_name
from indexer.query.plan import MAX_EXPANSION, CompiledQuery, Plan
from indexer.query.source_names import filters_with_stored_sources, with_stored_sources
from indexer.results import (
    MAX_HIT,
    Answer,
    Hit,
    OtherSpellings,
    QueryWarning,
    Ranking,
    Reading,
    ResultPage,
    SearchRequest,
    Snippet,
    Sort,
    SourceTimes,
    Suggestion,
    SuggestionKind,
    TimeUnit,
    WordForms,
)
from indexer.search.hits import Scan, find_hits
from indexer.search.index_reader import CursorPosition, IndexReader, Matches, RankedArticle
from indexer.search.paging import bounded, page_bounds, read_cursor, write_cursor
from indexer.search.relaxation import hits_to_read, markers, rank, rank_page
from indexer.search.reordering import REORDERED, Meaning, reordering
from indexer.suggest.autocomplete import Autocomplete
from indexer.suggest.did_you_mean import SpellChecker
from indexer.suggest.field_values import as_sources, completed_values, is_latin, open_value
from indexer.suggest.more_like import more_like, more_like_plan, retellings
from indexer.words.typical import SAMPLED_LETTERS, SAMPLED_STORIES, MatchCounts, TypicalWords, find_typical

T = TypeVar("T")


class Searcher(ABC):
    """Searches one archive. Safe to share between threads; notices new commits by itself.

    In addition to the errors that it documents, every method may raise `IndexDamaged` and `IndexVersionMismatch`, and
    for an archive on a cluster `ClusterUnavailable` and `ClusterRefused`. With `meaning`, `search`, `answers`, `rank`,
    `more_like` and `retellings` may raise `MeaningUnavailable`, `VectorsMissing`, `VectorsDamaged`, `LibraryMissing`,
    `EncoderFailed` and `SettingsInvalid`.
    """

    def __init__(self, archive: Archive, *, seconds: float | None = None) -> None:
        self._archive = archive
        self._seconds = seconds
        self._opened_meaning: Meaning | None = None
        self._meaning_lock = threading.Lock()  # of its own: searches by words do not wait for the encoder

    @abstractmethod
    def _read(self, operation: Callable[[IndexReader], T], *, refresh: bool = False) -> T:
        """Calls `operation` with a reader of the newest commit, within the budget of this searcher.

        Without `refresh` the commit may be some time older than the newest one.

        Raises:
            SearchTooCostly: it cost more than `seconds`.
        """

    @abstractmethod
    def _newest_reader(self) -> IndexReader:
        """A reader of the newest commit."""

    @abstractmethod
    def _open_meaning(self) -> Meaning:
        """Loads the archive's encoder, and finds its vectors."""

    @abstractmethod
    def document_count(self) -> int:
        """Number of articles in the index."""

    def search(self, request: SearchRequest, cursor: str | None = None) -> ResultPage:
        """The page of hits of a request; with the `next` of a page as cursor, the page after that one.

        Raises:
            SearchTooCostly: it cost more than this searcher allows. No other query raises.
            CursorInvalid: the cursor is malformed or belongs to another search.
        """
        began = perf_counter()
        # Cursors belong to the request with its sources resolved.
        request = self._with_sources(bounded(request))
        after = read_cursor(cursor, request) if cursor else None
        if articles := self._articles_of_url(request):
            return articles.page(request, after, began)
        parsed = self._parsed(request)
        meaning = self._meaning() if request.meaning else None

        def page(reader: IndexReader) -> ResultPage:
            matched = _match(reader, parsed, request, hits_to_read(request, after))
            query, matches = matched.query, matched.matches
            suggestion = SpellChecker(reader.vocabulary, reader.printed).suggest(query)
            facets, timeline = (matches.facets(), matches.timeline()) if request.facets else ((), None)
            by_meaning = reordering(meaning, query, request)
            # The order is that of the words and of the vectors: a cursor names the commits of both.
            version = f"{reader.version} {by_meaning.version}" if by_meaning else reader.version
            ranked = rank_page(query, matches, request, after, by_meaning)
            notes = matched.warnings
            if ranked.without_vector:
                notes = (*notes, warnings.without_vector(ranked.without_vector))
            _, shown = page_bounds(request, after)
            return ResultPage(
                request,
                find_hits(
                    self._archive,
                    ranked.articles[:shown],
                    *markers(reader, query, ranked.articles),
                    by_meaning.nearest_text if by_meaning else None,
                ),
                matches.total,
                matches.stories,
                notes,
                understood=query.understood,
                suggestion=suggestion,
                facets=facets,
                timeline=timeline,
                generation=reader.generation,
                next=_next_cursor(version, request, ranked.articles, shown),
                moved=after is not None and after.version != version,
                listed=ranked.listed,
                mode_counts=matches.mode_counts,
                parts=matches.parts,
                reading=query.reading,
                prose=query.prose and request.sort is Sort.RELEVANCE,
                foreign=query.is_foreign,
                no_match=matched.no_match,
                spellings=tuple(
                    OtherSpellings(" ".join(word.typed), tuple(map(" ".join, word.variants)))
                    for word in query.spelling_variants
                ),
                encoder=meaning.encoder if meaning and by_meaning else None,
                seconds=perf_counter() - began,
            )

        # A page after a cursor reports whether the commit has changed since.
        return self._read(page, refresh=after is not None)

    def count(self, request: SearchRequest) -> int:
        """The number of articles that match a request, as `ResultPage.total`; no article is ranked or read.

        Raises:
            SearchTooCostly: it cost more than this searcher allows.
        """
        if articles := self._articles_of_url(request):
            return len(articles.ids)
        # The order and the copies of a story do not matter to a count, and cost time.
        request = self._with_sources(replace(bounded(request), facets=False, group=False, sort=Sort.NEWEST))
        parsed = self._parsed(request)
        return self._read(lambda reader: _match(reader, parsed, request).matches.total)

    def load_meaning(self) -> None:
        """Loads the encoder and the vectors, which otherwise the first search by meaning does.

        Raises:
            MeaningUnavailable, VectorsMissing, VectorsDamaged, LibraryMissing, EncoderFailed: as `search`.
        """
        self._meaning().nearest("خبر", 1)

    def scan(self, request: SearchRequest) -> Scan:
        """All hits of a request, in the order of `search`, without a limit, over the newest commit.

        The page and page size of the request are ignored. A scan has the order of the words; `meaning` only decides
        whether a question in another language is read as one. Texts are read as the scan is iterated.

        Raises:
            SearchTooCostly: it cost more than this searcher allows; iterating the scan does not raise it.
        """
        if articles := self._articles_of_url(request):
            return articles.scan(request)
        request = self._with_sources(request)
        parsed = self._parsed(request)

        def scan(reader: IndexReader) -> Scan:
            reader = reader.point_in_time()
            matched = _match(reader, parsed, request)
            query, matches = matched.query, matched.matches
            return Scan(
                request,
                query.understood,
                matches.total,
                matches.stories,
                reader.generation,
                reader.change,
                (*matched.warnings, *filter(None, [matched.no_match])),
                self._archive,
                matches.all_ranked(),
                Marker(query.highlight_terms),
            )

        return self._read(scan, refresh=True)

    def rank(self, request: SearchRequest, limit: int) -> Ranking:
        """The ids and scores of the first `limit` articles, in the order of `search`.

        For batches and evaluation, which need many ids and no texts. `limit` is clamped to 1..MAX_HIT; the page, page
        size and facets of the request are ignored.
        """
        limit = min(max(1, limit), MAX_HIT)
        if articles := self._articles_of_url(request):
            return articles.ranking(limit)
        request = self._with_sources(replace(request, facets=False))
        parsed = self._parsed(request)
        meaning = self._meaning() if request.meaning else None

        def ranking(reader: IndexReader) -> Ranking:
            matched = _match(reader, parsed, request, range(max(limit, REORDERED) if meaning else limit))
            by_meaning = reordering(meaning, matched.query, request)
            ranked = rank(matched.query, matched.matches, request, limit, by_meaning)
            return Ranking(
                tuple((article.article_id, article.score) for article in ranked),
                matched.matches.total,
                matched.warnings,
                frozenset(article.article_id for article in ranked if article.matched),
                frozenset(article.article_id for article in ranked if article.by_meaning),
            )

        return self._read(ranking)

    def answers(self, request: SearchRequest, limit: int = 3) -> tuple[Answer, ...]:
        """The sentences of the best hits of a question that may answer it, as printed, the best first; at most `limit`.

        There is none for keywords and formulas, for other orders than relevance, without `SearchRequest.meaning`, and
        if no sentence has enough of the question's words. The page and the page size of the request are ignored.

        Raises:
            SearchTooCostly: it cost more than this searcher allows.
        """
        if not request.meaning or limit < 1 or self._articles_of_url(request):
            return ()
        request = self._with_sources(replace(request, facets=False))
        parsed = self._parsed(request)
        meaning = self._meaning()

        from indexer.search.answers import STORIES, find_answers, may_be_answered

        def answers(reader: IndexReader) -> tuple[Answer, ...]:
            matched = _match(reader, parsed, request, range(REORDERED))
            query = matched.query
            if not may_be_answered(query, request):
                return ()
            ranked = rank(query, matched.matches, request, STORIES, reordering(meaning, query, request))
            return find_answers(self._archive, reader, meaning, query, request, ranked, limit)

        return self._read(answers)

    def typical_words(self, request: SearchRequest, limit: int = 20) -> TypicalWords:
        """The words that are typical of what matches a request, against the whole archive: `limit` of each kind.

        Each is counted as the search for the query with its `TypicalWord.narrowing` would count it. There are none for
        the query of a URL, for a sentence, to which no phrase can be added, and for everything.

        Raises:
            SearchTooCostly: it cost more than this searcher allows.
        """
        if self._articles_of_url(request):
            return TypicalWords((), (), 0, 0, 0)
        request = self._with_sources(replace(request, facets=False))
        whole = SearchRequest("", group=request.group, forms=request.forms, spellings=request.spellings)

        def typical(reader: IndexReader) -> TypicalWords:
            def count(narrowing: str, in_set: bool) -> MatchCounts:
                base = request if in_set else whole
                narrowed = replace(base, query=f"{base.query} {narrowing}".strip())
                matched = _match(reader, self._parsed(narrowed), narrowed)
                variants = matched.query.spelling_variants
                spellings = frozenset(" ".join(other) for word in variants for other in word.variants)
                return MatchCounts(matched.matches.total, matched.matches.stories, spellings)

            matched = _match(reader, self._parsed(request), request)
            if matched.query.prose:
                return TypicalWords((), (), matched.matches.total, matched.matches.stories, 0)
            articles = self._archive.get_many(matched.matches.sample(SAMPLED_STORIES))
            return find_typical(
                [f"{article.title}\n{article.text}"[:SAMPLED_LETTERS] for article in articles.values()],
                Marker(matched.query.highlight_terms),
                reader.vocabulary,
                reader.prefetch,
                count,
                group=request.group,
                limit=limit,
            )

        return self._read(typical)

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Completions of a query that is being typed: its last word completed, and titles. No text raises.

        The field of a source, a section or an author is completed with their names, of sources with the names by which
        they are shown.
        """
        names = self._archive.source_names

        def suggestions(reader: IndexReader) -> tuple[Suggestion, ...]:
            if value := open_value(prefix):
                values = completed_values(value, reader.names, names)
                return tuple(Suggestion(SuggestionKind.WORD, text) for text in values[: max(0, limit)])

            def top_ids(plan: Plan, limit: int) -> list[str]:
                return [article.article_id for article in reader.top_articles(plan, limit, group=False)]

            latin_names = self._archive.settings.latin_names
            completer = Autocomplete(reader.vocabulary, reader.printed, self._archive, top_ids, latin_names=latin_names)
            reader.prefetch(lambda vocabulary: completer.prefetch(prefix, limit, vocabulary))
            found = completer.suggest(prefix, limit)
            sources = tuple(Suggestion(SuggestionKind.WORD, text) for text in as_sources(prefix, reader.names, names))
            if sources and is_latin(prefix):  # rather than rare words that only have its letters
                found = tuple(each for each in found if each.kind is SuggestionKind.TITLE or not is_latin(each.text))
                return (*sources, *found)[: max(0, limit)]
            words = tuple(each for each in found if each.kind is SuggestionKind.WORD)
            return (*words, *sources, *found[len(words) :])[: max(0, limit)]

        return self._read(suggestions)

    def more_like(
        self, article_id: str, limit: int = 5, *, meaning: bool = False, without: Collection[str] = ()
    ) -> tuple[Hit, ...]:
        """The articles most similar to one, best first, one per story, without its own; none if nothing is similar.

        With `meaning`, those that are near in meaning join them; `Hit.by_meaning` is true for those that words alone do
        not find. `without` are the ids of articles that are left out, such as its retellings.

        Raises:
            ArticleNotFound: there is no article with this id.
        """

        def top(article: Article, limit: int) -> Sequence[RankedArticle]:
            return self._read(
                lambda reader: reader.top_articles(more_like_plan(article, reader.vocabulary), limit, group=True)
            )

        return more_like(self._archive, article_id, limit, top, self._meaning() if meaning else None, without)

    def retellings(self, article_id: str, limit: int = 5) -> tuple[Hit, ...]:
        """The articles of other sources that probably tell the news of one in other words; one per story, without its
        own. A retelling is no copy: no group and no count includes it.

        Raises:
            ArticleNotFound: there is no article with this id.
        """
        return retellings(self._archive, article_id, limit, self._meaning())

    def mark(self, request: SearchRequest, texts: Iterable[str]) -> list[Snippet]:
        """Each whole text, with the spans that match the query of a request: for showing an article.

        Raises:
            SearchTooCostly: it cost more than this searcher allows.
        """
        return self._read(lambda reader: _marked(request, texts, reader))

    def published(self, unit: TimeUnit) -> Mapping[str, int]:
        """Number of articles in the whole archive by time of publication, in a unit: `2017-02` → 31."""
        return self._read(lambda reader: reader.published(unit))

    def source_times(self) -> tuple[SourceTimes, ...]:
        """The sources of the whole archive with their articles by month, most articles first."""
        return self._read(lambda reader: tuple(reader.source_times()))

    def undated(self, offset: int, limit: int) -> tuple[str, ...]:
        """The ids of the articles without a date, the last added first; up to `MAX_HIT`."""
        limit = min(limit, MAX_HIT - offset)
        if limit <= 0:
            return ()
        return self._read(lambda reader: tuple(reader.undated(offset, limit)))

    def name_of(self, facet: str, name: str) -> str:
        """The spelling of a name in its facet (`source`, `section`, `author`); the name itself if no article has it."""
        spellings = self._read(lambda reader: reader.spellings_of_name(facet, name))
        return spellings[0] if spellings else name

    def pending_changes(self) -> int:
        """Number of changes of the archive that are not in the newest commit: no search finds them yet."""
        # The commit is read first: a commit in between makes the number too large, never too small.
        change = self._newest_reader().change
        return max(0, self._archive.last_change() - change)

    @property
    def generation(self) -> int:
        """The number of the newest commit: higher than that of every commit before."""
        return self._newest_reader().generation

    @property
    def version(self) -> str:
        """The number and random id of the newest commit; unique to it, also among rebuilt indexes."""
        return self._newest_reader().version

    def _meaning(self) -> Meaning:
        """The archive's encoder and vectors, loaded by the first search that needs them."""
        if self._opened_meaning is None:
            with self._meaning_lock:
                if self._opened_meaning is None:
                    self._opened_meaning = self._open_meaning()
        return self._opened_meaning

    @property
    def vectors_version(self) -> str | None:
        """Identifies the vectors that a search by meaning would use now; None without an encoder, or without vectors.

        The encoder is not loaded. On a cluster that keeps the vectors, new ones are noticed within a second.
        """
        return self._vectors_version() if self._archive.settings.meaning else None

    def _vectors_version(self) -> str | None:
        """The version of the vectors in the archive's directory; a cluster may have others."""
        from indexer.meaning.build import vectors_directory
        from indexer.meaning.vector_store import vector_stamp

        stamp = vector_stamp(vectors_directory(self._archive))
        return None if stamp is None else repr(stamp)

    def _with_sources(self, request: SearchRequest) -> SearchRequest:
        return filters_with_stored_sources(request, self._archive.source_names)

    def _parsed(self, request: SearchRequest) -> ParsedQuery:
        return with_stored_sources(parse_query(request.query, request.today), self._archive.source_names)

    def _articles_of_url(self, request: SearchRequest) -> _ArticlesOfUrl | None:
        """The articles of a query that is a URL; None if it is not one that any article has."""
        ids = self._archive.ids_of_url(request.query)
        return _ArticlesOfUrl(self._archive, ids, self._newest_reader()) if ids else None


@dataclass(frozen=True, slots=True)
class _MatchedQuery:
    """A compiled query and what matches it; `no_match` explains an empty result."""

    query: CompiledQuery
    matches: Matches
    warnings: tuple[QueryWarning, ...]
    no_match: QueryWarning | None


def _match(
    reader: IndexReader, parsed: ParsedQuery, request: SearchRequest, read_ahead: range = range(0)
) -> _MatchedQuery:
    """Matches a query; a sentence as text, if nothing matches it as a formula and something does as text.

    Keywords are not read as text: for a query that excludes or quotes words, an empty result is the answer.
    `read_ahead` are the numbers of the hits that will be read.
    """
    if question := _foreign_question(reader, parsed, request):
        return _match_foreign(reader, question, parsed, request, read_ahead)
    if request.spellings:
        parsed = reader.add_variants(parsed, request)
    query = compile_query(parsed, request)
    matches = reader.match(query, request, read_ahead)
    notes = list(query.warnings)
    if not matches.total and parsed.prose and query.reading is Reading.OPERATORS:
        as_text = compile_query(parsed, request, as_text=True)
        matches_of_text = reader.match(as_text, request, read_ahead)
        if matches_of_text.total:
            query, matches, notes = as_text, matches_of_text, [warnings.read_as_text()]
    if any(map(reader.was_cut, query.patterns)):
        notes.append(warnings.pattern_cut(MAX_EXPANSION))
    no_match = None
    if not matches.total and matches.parts:
        no_match = warnings.nothing_matches(
            [(part.text, part.articles) for part in matches.parts],
            limited=bool(query.required or query.conditions or query.excluded),
        )
    return _MatchedQuery(query, matches, tuple(dict.fromkeys(notes)), no_match)


def _foreign_question(reader: IndexReader, parsed: ParsedQuery, request: SearchRequest) -> ForeignQuestion | None:
    """The reading as a question in another language, whose words need the vectors; None without `meaning`."""
    if not (request.meaning and request.spellings) or request.forms is WordForms.PRINTED:
        return None
    return reader.foreign_question(parsed)


def _match_foreign(
    reader: IndexReader, question: ForeignQuestion, parsed: ParsedQuery, request: SearchRequest, read_ahead: range
) -> _MatchedQuery:
    """Matches a question in another language by as many of its names as any article has."""
    for required in question.choices:
        query = compile_foreign(question, required, parsed, request)
        matches = reader.match(query, request, read_ahead)
        if matches.total or not required:
            break
    note = warnings.read_as_foreign(
        question.language,
        list(map(typed_name, required)),
        [typed_name(name) for name in question.choices[0] if name not in required],
        limited=bool(query.conditions or query.excluded),
        by_date=request.sort is not Sort.RELEVANCE,
    )
    return _MatchedQuery(query, matches, (*query.warnings, note), None)


def mark_text(
    query: str, texts: Iterable[str], *, forms: WordForms = WordForms.LEMMA, seconds: float | None = None
) -> list[Snippet]:
    """Each whole text, with the spans that match the query. Needs no index.

    `Searcher.mark` also marks the other spellings of names.

    Raises:
        SearchTooCostly: it cost more than `seconds`.
    """
    with budget.limited(seconds):
        return _marked(SearchRequest(query, forms=forms), texts)


def _marked(request: SearchRequest, texts: Iterable[str], reader: IndexReader | None = None) -> list[Snippet]:
    parsed = parse_query(request.query)
    if reader is not None and (question := _foreign_question(reader, parsed, request)):
        compiled = compile_foreign(question, question.choices[0], parsed, request)
    else:
        if reader is not None and request.spellings:
            parsed = reader.add_variants(parsed)
        compiled = compile_query(parsed, request)
    texts = list(texts)
    marker = Marker(compiled.highlight_terms)
    marks = marker.all_marks(texts)
    if not marker.has_all_words(mark for each in marks for mark in each):
        # The text does not have all the words: if a search lists it, then as one of the nearest.
        marks = Marker(compiled.loose_highlight_terms).all_marks(texts)
    return [Snippet(text, spans(without_overlaps(each))) for text, each in zip(texts, marks, strict=True)]


def _next_cursor(version: str, request: SearchRequest, ranked: Sequence[RankedArticle], shown: int) -> str | None:
    """The cursor after the articles shown; None if they are the last."""
    if not len(ranked) > shown > 0:
        return None
    last = ranked[shown - 1]
    return write_cursor(CursorPosition(version, last.key, last.number, last.article_id, last.matched), request)


@dataclass(frozen=True, slots=True)
class _ArticlesOfUrl:
    """The result of a query that is a URL: the articles that the archive has of it; filters do not apply."""

    archive: Archive
    ids: tuple[str, ...]
    reader: IndexReader

    @property
    def ranked(self) -> list[RankedArticle]:
        return [RankedArticle(article_id, 0.0) for article_id in self.ids]

    def page(self, request: SearchRequest, after: CursorPosition | None, began: float) -> ResultPage:
        first = (request.page - 1) * request.page_size
        if after is not None:
            first = self.ids.index(after.article_id) + 1 if after.article_id in self.ids else 0
        ranked = self.ranked[first:]
        shown = max(0, min(request.page_size, MAX_HIT - first))
        return ResultPage(
            request,
            find_hits(self.archive, ranked[:shown], Marker(())),
            len(self.ids),
            len(self.ids),
            understood=display_url(request.query.strip()),
            generation=self.reader.generation,
            next=_next_cursor(self.reader.version, request, ranked, shown),
            moved=after is not None and after.version != self.reader.version,
            listed=len(self.ids),
            seconds=perf_counter() - began,
        )

    def scan(self, request: SearchRequest) -> Scan:
        return Scan(
            request,
            display_url(request.query.strip()),
            len(self.ids),
            len(self.ids),
            self.reader.generation,
            self.reader.change,
            (),
            self.archive,
            lambda: iter(self.ranked),
            Marker(()),
        )

    def ranking(self, limit: int) -> Ranking:
        return Ranking(tuple((article_id, 0.0) for article_id in self.ids[:limit]), len(self.ids), ())
