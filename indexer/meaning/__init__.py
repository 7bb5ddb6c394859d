"""Search by meaning: texts become vectors, and hits whose vectors are near the query's rank higher.

>>> from indexer.meaning import Similarity, embed_archive
>>> embed_archive(archive, lambda level, done, total: None)
>>> Similarity(archive).of_articles("متى افتتح الميناء؟", [1, 2])
"""

from indexer.meaning.build import embed_archive, embedding_state, verify_vectors
from indexer.meaning.encoder import Encoder, EncoderIdentity, open_encoder
from indexer.meaning.similarity import Similarity

__all__ = [
    "Encoder",
    "EncoderIdentity",
    "Similarity",
    "embed_archive",
    "embedding_state",
    "open_encoder",
    "verify_vectors",
]
