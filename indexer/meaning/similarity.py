"""How near the meaning of articles is to that of a query: the encoder and the vectors that a searcher keeps open."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from corpus import Archive
from indexer.errors import VectorsMissing
from indexer.meaning.build import configured, vectors_directory
from indexer.meaning.encoder import Encoder, Vectors, open_encoder
from indexer.meaning.settings import WEIGHTS
from indexer.meaning.vector_store import StoredVectors, open_vectors, vector_stamp

_QUERIES_KEPT: Final = 256  # the next page of a query does not encode it again


class Similarity:
    """Compares queries with the articles of one archive. Safe to share between threads.

    Raises:
        MeaningUnavailable, SettingsInvalid: see `indexer.meaning.build.configured`.
        LibraryMissing, EncoderFailed: see `indexer.meaning.encoder.open_encoder`.
    """

    def __init__(self, archive: Archive, encoder: Encoder | None = None) -> None:
        settings = configured(archive)
        self._directory = vectors_directory(archive)
        self._encoder = encoder or open_encoder(settings)
        self.weight = WEIGHTS[settings.encoder]
        self.encoder = self._encoder.identity.name
        self._lock = threading.Lock()
        self._queries: OrderedDict[str, Vectors] = OrderedDict()
        self._stamp: tuple[int, int, int] | None = None
        self._stored: StoredVectors | None = None

    def of_articles(self, query: str, numbers: Sequence[int]) -> list[float | None]:
        """The cosine of the query and of the nearest passage of each article, given by its number in the archive.

        None for an article that has no vector yet.

        Raises:
            VectorsMissing: there are no vectors yet, or they are of another encoder.
            VectorsDamaged, EncoderFailed: as their names say.
        """
        return self._newest().similarities(list(numbers), self._vector(query))

    def _newest(self) -> StoredVectors:
        with self._lock:
            stamp = vector_stamp(self._directory)
            if self._stored is None or stamp != self._stamp:
                self._stored, self._stamp = open_vectors(self._directory), stamp
            if self._stored is None:
                raise VectorsMissing("the archive has no vectors yet, which searching by meaning needs")
            found, own = self._stored.commit.identity, self._encoder.identity
            if found != own:
                raise VectorsMissing(
                    f"the archive's vectors are of the encoder {found.name} {found.version}, "
                    f"not of {own.name} {own.version}"
                )
            return self._stored

    def _vector(self, query: str) -> Vectors:
        with self._lock:
            if query in self._queries:
                self._queries.move_to_end(query)
                return self._queries[query]
        vector = self._encoder.query(query)
        with self._lock:
            self._queries[query] = vector
            if len(self._queries) > _QUERIES_KEPT:
                self._queries.popitem(last=False)
        return vector
