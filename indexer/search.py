"""Searching: a request goes through the query tree to Whoosh, and comes back as hits with marked text."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Final

from whoosh.index import FileIndex
from whoosh.scoring import BM25F
from whoosh.searching import Results
from whoosh.searching import Searcher as WhooshSearcher
from whoosh.sorting import FieldFacet, TranslateFacet

from corpus import Archive, Article
from indexer.marking import Marker
from indexer.query import And, ParsedQuery, parse_query, warnings
from indexer.results import MAX_PAGE_SIZE, Hit, Ranking, ResultPage, SearchRequest, Snippet, Sort
from indexer.schema import NO_TIME
from indexer.snippets import make_snippet
from indexer.store import open_current_index, reading
from indexer.whoosh_query import compile_filters, compile_query, searched_words

MAX_HIT: Final = 10_000
"""The last hit that paging reaches: no reader goes further, and each page costs what all before it cost."""

_LATEST: Final = 2**62


class Searcher:
    """Searches one archive. Keep it open and share it between threads: it sees new commits by itself."""

    def __init__(self, archive: Archive) -> None:
        """Opens the archive's index.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say.
        """
        self._archive = archive
        self._directory: Path = archive.index_directory
        self._index: FileIndex = open_current_index(self._directory)
        # Whoosh's readers keep a place in their files, so each thread has its own.
        self._local = threading.local()

    def search(self, request: SearchRequest) -> ResultPage:
        """The page of hits that a request asks for. No query raises.

        Raises:
            IndexDamaged: a file of the index is missing, cut short or altered.
            IndexVersionMismatch: the index was rebuilt by another version meanwhile.
        """
        began = perf_counter()
        request = replace(request, page_size=min(max(1, request.page_size), MAX_PAGE_SIZE), page=max(1, request.page))
        parsed = parse_query(request.query)
        first = (request.page - 1) * request.page_size
        found = self._find(parsed, request, first, first + request.page_size)
        hits = self._hits(found.articles, Marker(parsed.node))
        return ResultPage(request, hits, found.total, found.warnings, perf_counter() - began)

    def rank(self, request: SearchRequest, limit: int) -> Ranking:
        """The first `limit` articles that `search` would page through, in its order, by id and score alone.

        For batches and evaluation, which want many ids and no texts. `limit` is clamped to 1..MAX_HIT; the request's
        page and page size are passed over.

        Raises:
            IndexDamaged, IndexVersionMismatch: as `search`.
        """
        return self._find(parse_query(request.query), request, 0, max(1, limit))

    def _find(self, parsed: ParsedQuery, request: SearchRequest, first: int, last: int) -> Ranking:
        """The articles from `first` up to before `last`, counted from 0."""
        said = list(parsed.warnings)
        last = min(last, MAX_HIT)
        with reading(self._directory):
            searcher = self._searcher()
            filters = compile_filters(request)
            results = _run(searcher, compile_query(parsed.node), filters, request.sort, last)
            if not len(results) and isinstance(parsed.node, And) and len(searched_words(parsed.node)) > 1:
                results = _run(searcher, compile_query(parsed.node, relaxed=True), filters, request.sort, last)
                if len(results):
                    said.append(warnings.relaxed())
            total = len(results)
            wanted = results[first:last] if first < min(total, last) else []
            scored = request.sort is Sort.RELEVANCE
            found = tuple((hit["id"], float(hit.score or 0.0) if scored else 0.0) for hit in wanted)
        return Ranking(found, total, tuple(said))

    def document_count(self) -> int:
        """Number of articles that can be found."""
        with reading(self._directory):
            return int(self._searcher().doc_count())

    def _hits(self, found: Iterable[tuple[str, float]], marker: Marker) -> tuple[Hit, ...]:
        scores = dict(found)
        articles = self._archive.get_many(scores)
        # An article that the index knows and the archive does not: the archive is the truth.
        return tuple(
            _hit(articles[article_id], marker, score) for article_id, score in scores.items() if article_id in articles
        )

    def _searcher(self) -> WhooshSearcher:
        """This thread's searcher over the newest commit."""
        searcher: WhooshSearcher | None = getattr(self._local, "searcher", None)
        if searcher is None or not searcher.up_to_date():
            index = open_current_index(self._directory)
            # An older searcher is left to the garbage collector: Whoosh would close readers that both share.
            searcher = self._local.searcher = index.searcher(weighting=BM25F())
        return searcher


def mark_text(query: str, texts: Iterable[str]) -> list[Snippet]:
    """Each text whole, with the spans that meet the query: for showing an article."""
    marker = Marker(parse_query(query).node)
    return [Snippet(text, marker.spans(text)) for text in texts]


def _run(searcher: WhooshSearcher, query: object, filters: object, sort: Sort, limit: int) -> Results:
    if sort is Sort.RELEVANCE:
        return searcher.search(query, filter=filters, limit=limit)
    time = FieldFacet("time")
    if sort is Sort.OLDEST:
        # Articles without a date come last either way.
        oldest = TranslateFacet(lambda value: _LATEST if value == NO_TIME else value, time)
        return searcher.search(query, filter=filters, limit=limit, sortedby=oldest)
    return searcher.search(query, filter=filters, limit=limit, sortedby=FieldFacet("time", reverse=True))


def _hit(article: Article, marker: Marker, score: float) -> Hit:
    return Hit(
        id=article.id,
        title=Snippet(article.title, marker.spans(article.title)),
        url=article.url,
        source=article.source,
        section=article.section,
        authors=article.authors,
        published=article.published,
        score=score,
        snippet=make_snippet(article.text, marker),
    )
