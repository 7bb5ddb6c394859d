"""The embedded engine: a Whoosh index with a columnar codec, built and searched by array operations.

It knows nothing of the cluster's room, `indexer.opensearch`.
"""

from indexer.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
