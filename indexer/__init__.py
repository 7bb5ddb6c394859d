"""The index of an archive: building it, and searching it.

>>> from indexer import SearchRequest, Searcher, update_index
>>> update_index(archive)
>>> page = Searcher(archive).search(SearchRequest("مفاوضات -جنيف"))
>>> [(hit.title.text, hit.snippet.spans) for hit in page.hits]
"""

from indexer.analysis import explain
from indexer.build import IndexSummary, pending_changes, rebuild_index, update_index
from indexer.errors import IndexDamaged, IndexLocked, IndexMissing, IndexVersionMismatch, IndexWriteFailed
from indexer.query import MAX_QUERY_LENGTH
from indexer.results import (
    MAX_PAGE_SIZE,
    Hit,
    Match,
    MatchLevel,
    QueryWarning,
    ResultPage,
    SearchRequest,
    Snippet,
    Sort,
    Suggestion,
    SuggestionKind,
)
from indexer.search import MAX_HIT, Searcher, mark_text

__all__ = [
    "MAX_HIT",
    "MAX_PAGE_SIZE",
    "MAX_QUERY_LENGTH",
    "Hit",
    "IndexDamaged",
    "IndexLocked",
    "IndexMissing",
    "IndexSummary",
    "IndexVersionMismatch",
    "IndexWriteFailed",
    "Match",
    "MatchLevel",
    "QueryWarning",
    "ResultPage",
    "SearchRequest",
    "Searcher",
    "Snippet",
    "Sort",
    "Suggestion",
    "SuggestionKind",
    "explain",
    "mark_text",
    "pending_changes",
    "rebuild_index",
    "update_index",
]
