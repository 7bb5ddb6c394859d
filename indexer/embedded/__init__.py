"""The embedded engine: a Whoosh index with a columnar codec, built and searched by array operations.

It and `indexer.opensearch` import nothing of each other; `indexer.engine` chooses between them.
"""

from indexer.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
