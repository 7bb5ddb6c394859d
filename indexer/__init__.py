"""The index of an archive: building it, and searching it.

>>> from indexer import SearchRequest, open_searcher, update_index
>>> update_index(archive)
>>> page = open_searcher(archive).search(SearchRequest("مفاوضات -جنيف"))
>>> [(hit.title.text, hit.snippet.spans) for hit in page.hits]
"""

from indexer.analysis import explain
from indexer.build import IndexSummary
from indexer.engine import (
    SearchEngine,
    open_searcher,
    pending_changes,
    rebuild_index,
    update_index,
    verify_index,
)
from indexer.errors import (
    ArticlesRefused,
    ClusterRefused,
    ClusterUnavailable,
    EngineMissing,
    EvaluationFileInvalid,
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexVersionMismatch,
    IndexWriteFailed,
)
from indexer.evaluation import (
    MEASURES,
    Comparison,
    Evaluation,
    Qrel,
    ScoredDoc,
    Topic,
    as_run,
    compare,
    evaluate,
    read_qrels,
    read_run,
    read_topics,
    run_lines,
    survives_trec,
)
from indexer.query import MAX_QUERY_LENGTH
from indexer.results import (
    MAX_PAGE_SIZE,
    Facet,
    Hit,
    Match,
    MatchLevel,
    QueryWarning,
    Ranking,
    ResultPage,
    SearchRequest,
    Snippet,
    Sort,
    Suggestion,
    SuggestionKind,
    Timeline,
    TimeUnit,
)
from indexer.search import MAX_HIT, Searcher, mark_text

__all__ = [
    "MAX_HIT",
    "MAX_PAGE_SIZE",
    "MAX_QUERY_LENGTH",
    "MEASURES",
    "ArticlesRefused",
    "ClusterRefused",
    "ClusterUnavailable",
    "Comparison",
    "EngineMissing",
    "Evaluation",
    "EvaluationFileInvalid",
    "Facet",
    "Hit",
    "IndexDamaged",
    "IndexLocked",
    "IndexMissing",
    "IndexSummary",
    "IndexVersionMismatch",
    "IndexWriteFailed",
    "Match",
    "MatchLevel",
    "Qrel",
    "QueryWarning",
    "Ranking",
    "ResultPage",
    "ScoredDoc",
    "SearchEngine",
    "SearchRequest",
    "Searcher",
    "Snippet",
    "Sort",
    "Suggestion",
    "SuggestionKind",
    "TimeUnit",
    "Timeline",
    "Topic",
    "as_run",
    "compare",
    "evaluate",
    "explain",
    "mark_text",
    "open_searcher",
    "pending_changes",
    "read_qrels",
    "read_run",
    "read_topics",
    "rebuild_index",
    "run_lines",
    "survives_trec",
    "update_index",
    "verify_index",
]
