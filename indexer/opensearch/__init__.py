"""The engine past one machine: an archive's index as a cluster of OpenSearch holds it.

Analysis, query language, plans, marks and snippets are those of the embedded engine, whose room it knows nothing of;
the cluster keeps the postings, ranks and counts. `opensearch-py` is imported when a client is made, and not before.
"""

from indexer.opensearch.engine import OpenSearchEngine

__all__ = ["OpenSearchEngine"]
