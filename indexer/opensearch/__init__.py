"""The engine past one machine: an archive's index as a cluster of OpenSearch holds it.

Analysis, query language, plans, marks and snippets are those of the embedded engine; the cluster keeps the postings,
ranks and counts. `opensearch-py` is imported when a client is made, and not before.

>>> from indexer import open_searcher, update_index   # of an archive whose `arshif.toml` says engine = "opensearch"
>>> update_index(archive)
>>> open_searcher(archive).search(SearchRequest("مفاوضات -جنيف")).total
"""

from indexer.opensearch.build import index_bytes, pending_changes, rebuild_index, update_index
from indexer.opensearch.client import Client
from indexer.opensearch.searcher import OpenSearchSearcher
from indexer.opensearch.verification import verify_index

__all__ = [
    "Client",
    "OpenSearchSearcher",
    "index_bytes",
    "pending_changes",
    "rebuild_index",
    "update_index",
    "verify_index",
]
