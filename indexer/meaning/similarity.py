"""How near the meaning of articles is to that of a query: the encoder and the vectors that a searcher keeps open."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np

from corpus import Archive, Article
from indexer.errors import VectorsMissing
from indexer.meaning.build import check_vectors_not_ahead, configured, vectors_directory
from indexer.meaning.encoder import Encoder, EncoderIdentity, Vectors, open_encoder
from indexer.meaning.passages import sentences_of
from indexer.meaning.settings import COMPARES_SENTENCES, RETELLINGS, SENTENCES, SPREADS, WEIGHTS
from indexer.meaning.vector_store import Numbers, StoredVectors, open_vectors, vector_stamp

_QUERIES_KEPT: Final = 256  # the next page of a query does not encode it again
_TEXTS_KEPT: Final = 4096  # 2 KB each
_LEAST_SENTENCE: Final = 30  # letters


class VectorSource(Protocol):
    """The vectors of an archive's articles, which have its numbers: in its directory, or in a cluster."""

    def similarities(self, numbers: Sequence[int], vector: Vectors) -> list[float | None]:
        """The cosine of a unit vector and of the nearest passage of each article; None for one that has no vector."""

    def nearest(self, vector: Vectors, limit: int, within: Numbers | None = None) -> list[tuple[int, float]]:
        """The articles with the passages nearest to a unit vector, and their cosines; the best first."""

    def lead(self, number: int) -> Vectors | None:
        """The vector of an article's lead; None if it has none."""

    def nearest_passage(self, number: int, vector: Vectors) -> int | None:
        """Which passage of an article is nearest to a unit vector: 0 is its lead; None if it has no vector."""

    @property
    def version(self) -> str:
        """Identifies a commit of the vectors."""


class LocalVectors:
    """The newest vectors in an archive's directory, kept open. Safe to share between threads."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._directory = vectors_directory(archive)
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._stored: StoredVectors | None = None

    def newest(self, own: EncoderIdentity) -> StoredVectors:
        """The newest vectors, which must be of this encoder.

        Raises:
            VectorsMissing: there are no vectors yet, or they are of another encoder.
            VectorsDamaged: as its name says, or they are ahead of the archive.
        """
        with self._lock:
            stamp = vector_stamp(self._directory)
            if self._stored is None or stamp != self._stamp:
                stored = open_vectors(self._directory)
                if stored:
                    check_vectors_not_ahead(self._archive, self._directory, stored.commit)
                self._stored, self._stamp = stored, stamp
            if self._stored is None:
                raise VectorsMissing("the archive has no vectors yet, which searching by meaning needs")
            found = self._stored.commit.identity
            if found != own:
                raise VectorsMissing(
                    f"the archive's vectors are of the encoder {found.name} {found.version}, "
                    f"not of {own.name} {own.version}"
                )
            return self._stored


class Similarity:
    """Compares queries with the articles of one archive. Safe to share between threads.

    Raises:
        MeaningUnavailable, SettingsInvalid: see `indexer.meaning.build.configured`.
        LibraryMissing, EncoderFailed: see `indexer.meaning.encoder.open_encoder`.
    """

    def __init__(
        self,
        archive: Archive,
        encoder: Encoder | None = None,
        vectors_of: Callable[[EncoderIdentity], VectorSource] | None = None,
    ) -> None:
        """`vectors_of` returns the newest vectors of an encoder, by default those in the archive's directory."""
        settings = configured(archive)
        self._vectors_of = vectors_of or LocalVectors(archive).newest
        self._encoder = encoder or open_encoder(settings)
        self.weight = WEIGHTS[settings.encoder]
        self.sentence_weights = SENTENCES[settings.encoder]
        self.least_retelling = RETELLINGS.get(settings.encoder)
        self.spread = SPREADS.get(settings.encoder)
        self._compares_sentences = settings.encoder in COMPARES_SENTENCES
        self.encoder = self._encoder.identity.name
        self._queries = _KeptVectors(_QUERIES_KEPT)
        self._texts = _KeptVectors(_TEXTS_KEPT)

    @property
    def version(self) -> str:
        """Identifies the newest commit of the vectors."""
        return self._newest().version

    def of_articles(self, query: str, numbers: Sequence[int]) -> list[float | None]:
        """The cosine of the query and of the nearest passage of each article, given by its number in the archive.

        None for an article that has no vector yet.

        Raises:
            VectorsMissing: there are no vectors yet, or they are of another encoder.
            VectorsDamaged, EncoderFailed: as their names say.
        """
        return self._newest().similarities(list(numbers), self._vector(query))

    def nearest(self, query: str, limit: int, within: Numbers | None = None) -> list[tuple[int, float]]:
        """The articles with a passage that is nearest to a query, by their numbers, with its cosine; the best first.

        With `within`, ascending numbers, only these articles. An article that was removed after the last
        `arshif embed` may be among them. There is none for a query without letters.

        Raises:
            VectorsMissing, VectorsDamaged, EncoderFailed: see `of_articles`.
        """
        vector = self._vector(query)
        return self._newest().nearest(vector, limit, within) if vector.any() else []

    def nearest_to_article(self, number: int, limit: int) -> list[tuple[int, float]]:
        """The articles with a passage that is nearest to the lead of an article, as `nearest`, without itself.

        There is none if it has no vector yet.

        Raises:
            VectorsMissing, VectorsDamaged: see `of_articles`.
        """
        stored = self._newest()
        vector = stored.lead(number)
        if vector is None or not vector.any():
            return []
        return [found for found in stored.nearest(vector, limit + 1) if found[0] != number][:limit]

    def nearest_text(self, query: str, number: int, article: Article) -> tuple[int, int] | None:
        """Where the text of an article, given with its number, is nearest to a query: its offsets.

        It is a sentence of the nearest passage; with an encoder that takes too long to compare sentences, all of the
        passage. None for an article that has no vector yet, or no text.

        Raises:
            VectorsMissing, VectorsDamaged, EncoderFailed: see `of_articles`.
        """
        passage = self._newest().nearest_passage(number, self._vector(query))
        sentences = sentences_of(article, passage, self._encoder.max_letters) if passage is not None else []
        # A few words, such as the name of a reporter, are near to any query.
        sentences = [each for each in sentences if each[1] - each[0] >= _LEAST_SENTENCE] or sentences
        if not sentences:
            return None
        if len(sentences) == 1 or not self._compares_sentences:
            return sentences[0][0], sentences[-1][1]
        similarities = self.of_texts(query, [article.text[start:end] for start, end in sentences])
        return sentences[max(range(len(sentences)), key=similarities.__getitem__)]

    def of_texts(self, query: str, texts: Sequence[str]) -> list[float]:
        """The cosine of the query and of each text, such as the sentences of an article.

        Raises:
            EncoderFailed: as its name says.
        """
        vector = self._vector(query)
        return [float(each @ vector) for each in self._texts.of(texts, self._encoder.passages)]

    def _newest(self) -> VectorSource:
        return self._vectors_of(self._encoder.identity)

    def _vector(self, query: str) -> Vectors:
        return self._queries.of([query], lambda queries: self._encoder.query(queries[0])[np.newaxis])[0]


class _KeptVectors:
    """The vectors of the texts that were used last. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    def of(self, texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors]) -> list[Vectors]:
        """The vectors of some texts; `encode` is given those that are not kept."""
        with self._lock:
            found = {text: self._vectors[text] for text in texts if text in self._vectors}
        if missing := [text for text in dict.fromkeys(texts) if text not in found]:
            found.update(zip(missing, encode(missing), strict=True))
        with self._lock:
            for text, vector in found.items():
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._most:
                self._vectors.popitem(last=False)
        return [found[text] for text in texts]
