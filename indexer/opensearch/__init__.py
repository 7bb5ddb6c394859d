"""The OpenSearch engine: the index of an archive beyond one machine, in a cluster.

Analysis, query language, plans, highlights and snippets are shared with the embedded engine, which this package does
not import; the cluster stores the postings, ranks and counts. `opensearch-py` is imported only when a client is
created.
"""

from indexer.opensearch.engine import OpenSearchEngine

__all__ = ["OpenSearchEngine"]
