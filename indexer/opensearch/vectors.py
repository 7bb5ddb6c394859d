"""The vectors of an archive in the cluster, in an index of their own, for `[opensearch] vectors = true`.

The index `PREFIX-vectors-…` has one document for each article, with its passages as nested documents. Its name ends in
a hash of the encoder, so that searches never compare vectors of two encoders. It needs OpenSearch's k-NN plugin:

| field | type | content |
|---|---|---|
| `number` | long | the article's number in the archive |
| `lead` | binary, stored | the vector of the lead, in bytes |
| `passages.vector` | knn_vector of bytes | the vector of each passage, in a graph of Lucene (HNSW) |

The nearest of all articles are found by the graph, approximately; the similarities of given articles are computed from
all their passages, exactly. A query's vector is rounded to bytes too.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.errors import ClusterRefused, VectorsMissing
from indexer.meaning.encoder import EncoderIdentity, Vectors
from indexer.meaning.vector_store import BODY, LEAD, LEVELS, Numbers
from indexer.opensearch.bulk import batched
from indexer.opensearch.client import Client, NotFound, Search
from indexer.opensearch.indices import write_alias
from indexer.opensearch.settings import ClusterSettings
from indexer.opensearch.statistics import Query

T = TypeVar("T")

REFRESH_SECONDS: Final = 1.0
"""A new commit is noticed at the latest after this time."""

MAX_NEAREST: Final = 10_000
"""Articles that one search of the graph returns: OpenSearch allows no more."""

_FORMAT: Final = 1
_STEPS: Final = 127
_LEAST_NEAREST: Final = 200  # candidates in the graph: with fewer it overlooks some of the nearest
_NUMBERS: Final = 5_000  # of articles in one search
_NO_PLUGIN: Final = ("index.knn", "knn_vector", "unknown query [knn]", "script_lang not supported [knn]")
_VECTOR: Final = "passages.vector"
_LOCAL: Final = {"local": "true"}
_NUMBER_ONLY: Final = {"_source": False, "stored_fields": "_none_", "docvalue_fields": ["number"]}


@dataclass(frozen=True, slots=True)
class VectorState:
    """An index of vectors: its encoder, its mark of each level, and the number of runs that have written to it."""

    name: str
    identity: EncoderIdentity
    marks: Mapping[str, int]
    runs: int = 0

    @property
    def meta(self) -> dict[str, Any]:
        """As it is kept in the `_meta` of the index's mapping."""
        identity = self.identity
        encoder = {"encoder": identity.name, "version": identity.version, "dimension": identity.dimension}
        return {"format": _FORMAT, **encoder, "marks": dict(self.marks), "runs": self.runs}


def vectors_prefix(prefix: str) -> str:
    """What the names of all indices of vectors of an archive begin with."""
    return f"{prefix}-vectors-"


def new_state(prefix: str, identity: EncoderIdentity) -> VectorState:
    """The state of an empty index of an encoder's vectors."""
    key = json.dumps([_FORMAT, identity.name, identity.version, identity.dimension])
    name = f"{vectors_prefix(prefix)}{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    return VectorState(name, identity, dict.fromkeys(LEVELS, 0))


def read_vector_state(name: str, mapping: Mapping[str, Any]) -> VectorState | None:
    """The state in the mapping of an index; None if it is not one of vectors, or of another format."""
    meta = mapping.get("_meta") or {}
    try:
        identity = EncoderIdentity(str(meta["encoder"]), str(meta["version"]), int(meta["dimension"]))
        marks = {level: int(meta["marks"][level]) for level in (LEAD, BODY)}
        return VectorState(name, identity, marks, int(meta["runs"])) if meta["format"] == _FORMAT else None
    except (KeyError, TypeError, ValueError):
        return None


def vectors_body(state: VectorState, settings: ClusterSettings) -> dict[str, Any]:
    """The settings and mapping of a new index of vectors."""
    vector = {
        "type": "knn_vector",
        "dimension": state.identity.dimension,
        "data_type": "byte",
        "doc_values": False,  # a second copy, which scripts do not need
        "space_type": "cosinesimil",
        "method": {"name": "hnsw", "engine": "lucene", "parameters": {"m": 16, "ef_construction": 100}},
    }
    return {
        "settings": {
            "index.knn": True,
            "number_of_shards": settings.shards,
            "number_of_replicas": settings.replicas,
            "refresh_interval": -1,
        },
        "mappings": {
            "_meta": state.meta,
            "dynamic": "strict",
            "_source": {"enabled": False},  # they can be sent again
            "properties": {
                "number": {"type": "long"},
                "lead": {"type": "binary", "store": True},
                "passages": {"type": "nested", "dynamic": "strict", "properties": {"vector": vector}},
            },
        },
        "aliases": {write_alias(state.name): {}},
    }


def vector_document(number: int, codes: NDArray[np.int8]) -> dict[str, Any]:
    """The document of an article; its lead is the first passage."""
    # The plugin refuses a vector of zeros, that of a text without letters: such a passage has none.
    passages = [{"vector": passage.tolist()} if passage.any() else {} for passage in codes]
    return {"number": number, "lead": base64.b64encode(codes[0].tobytes()).decode(), "passages": passages}


def clearer_refusal(client: Client, error: ClusterRefused) -> ClusterRefused:
    """What to report of a refusal: that the cluster has no k-NN plugin, if this is why."""
    if not any(sign in str(error) for sign in _NO_PLUGIN):
        return error
    return ClusterRefused(
        client.hosts, "it has no k-NN plugin (opensearch-knn), which [opensearch] vectors = true needs"
    )


class ClusterVectors:
    """The vectors of one encoder in the cluster, for searching (`indexer.meaning.similarity.VectorSource`)."""

    def __init__(self, client: Client, identity: EncoderIdentity) -> None:
        self._client = client
        self._identity = identity
        self._name = new_state(client.settings.prefix, identity).name
        self._version = ""
        self._refreshed = -REFRESH_SECONDS

    def similarities(self, numbers: Sequence[int], vector: Vectors) -> list[float | None]:
        """The cosine of a query's vector and the nearest passage of each article, given by its number in the archive.

        None for an article that has no vector yet.

        Raises:
            VectorsMissing: the cluster has no vectors of the encoder.
            SearchTooCostly, ClusterUnavailable, ClusterRefused: as `Client.search`.
        """
        found = dict(self._exact(vector, list(numbers)))
        return [found.get(number) for number in numbers]

    def nearest(self, vector: Vectors, limit: int, within: Numbers | None = None) -> list[tuple[int, float]]:
        """The articles with the passages nearest to a unit vector, and their cosines; the best first.

        At most `MAX_NEAREST`. With `within`, ascending numbers, only these articles, compared exactly.

        Raises:
            VectorsMissing, SearchTooCostly, ClusterUnavailable, ClusterRefused: see `similarities`.
        """
        limit = min(limit, MAX_NEAREST)
        if limit < 1 or not vector.any():
            return []
        if within is not None:
            found = self._exact(vector, within.tolist())
            return sorted(found, key=lambda article: (-article[1], article[0]))[:limit]
        near = {"vector": _rounded(vector), "k": max(limit, _LEAST_NEAREST)}
        body = {
            "query": _nested({"knn": {_VECTOR: near}}),
            "size": limit,
            "sort": [{"_score": "desc"}, {"number": "asc"}],
            **_NUMBER_ONLY,
        }
        # A score of Lucene is (1 + cosine) / 2.
        return [(number, 2 * score - 1) for number, score in _scores(self._search([body], vector)[0])]

    def lead(self, number: int) -> Vectors | None:
        """The vector of an article's lead; None if it has none yet.

        Raises:
            VectorsMissing, SearchTooCostly, ClusterUnavailable, ClusterRefused: see `similarities`.
        """
        body = {"query": {"term": {"number": number}}, "size": 1, "_source": False, "stored_fields": ["lead"]}
        hits = self._search([body])[0]["hits"]["hits"]
        if not hits:
            return None
        codes = np.frombuffer(base64.b64decode(hits[0]["fields"]["lead"][0]), np.int8).astype(np.float32)
        norm = float(np.linalg.norm(codes))
        return codes / norm if norm else codes

    def nearest_passage(self, number: int, vector: Vectors) -> int | None:
        """Which passage of an article is nearest to a unit vector: 0 is its lead, 1 the first passage of its body.

        None for an article that has no vector yet.

        Raises:
            VectorsMissing, SearchTooCostly, ClusterUnavailable, ClusterRefused: see `similarities`.
        """
        near = [_nested(_cosine(vector), inner_hits={"size": 1, "_source": False})] if vector.any() else []
        query: Query = {"bool": {"filter": [{"term": {"number": number}}], "should": near}}
        hits = self._search([{"query": query, "size": 1, **_NUMBER_ONLY}], vector)[0]["hits"]["hits"]
        if not hits:
            return None
        passages = hits[0].get("inner_hits", {}).get("passages", {"hits": {"hits": []}})["hits"]["hits"]
        return int(passages[0]["_nested"]["offset"]) if passages else 0

    @property
    def version(self) -> str:
        """Identifies the newest commit; noticed within a second.

        Raises:
            VectorsMissing, ClusterUnavailable, ClusterRefused: see `similarities`.
        """
        if monotonic() - self._refreshed >= REFRESH_SECONDS:
            meta = self._request(lambda: self._client.request("GET", f"/{self._name}/_mapping", params=_LOCAL))
            state = read_vector_state(self._name, meta[self._name]["mappings"])
            self._version = f"{state.runs}-{'-'.join(map(str, state.marks.values()))}" if state else ""
            self._refreshed = monotonic()
        return self._version

    def _exact(self, vector: Vectors, numbers: list[int]) -> list[tuple[int, float]]:
        """The articles that have vectors, and the cosine of the nearest passage of each."""
        if not numbers:
            return []
        near = [_nested(_cosine(vector))] if vector.any() else []
        searches = []
        for part in batched(numbers, _NUMBERS):
            query: Query = {"bool": {"filter": [{"terms": {"number": part}}], "should": near}}
            searches.append({"query": query, "size": len(part), "track_total_hits": False, **_NUMBER_ONLY})
        answers = self._search(searches, vector)
        # The score of the plugin's script is 1 + cosine; an article has none if its vectors are zeros, or the query's.
        return [(number, score - 1 if score else 0.0) for answer in answers for number, score in _scores(answer)]

    def _search(self, bodies: Sequence[Mapping[str, Any]], vector: Vectors | None = None) -> list[Any]:
        # The graphs of two copies of a shard differ: all pages of a query read the same copies.
        preference = hashlib.sha256(b"" if vector is None else vector.tobytes()).hexdigest()[:16]
        searches = [Search(self._name, body, {"preference": preference}) for body in bodies]
        return self._request(lambda: self._client.searches(searches))

    def _request(self, request: Callable[[], T]) -> T:
        try:
            return request()
        except ClusterRefused as error:
            raise clearer_refusal(self._client, error) from error
        except NotFound as error:
            identity = self._identity
            raise VectorsMissing(
                f"the cluster has no vectors of the encoder {identity.name} {identity.version} yet, "
                "which searching by meaning needs"
            ) from error


def _cosine(vector: Vectors) -> Query:
    """The query that scores a passage: its cosine + 1."""
    params = {"field": _VECTOR, "query_value": _rounded(vector), "space_type": "cosinesimil"}
    script = {"source": "knn_score", "lang": "knn", "params": params}
    return {"script_score": {"query": {"exists": {"field": _VECTOR}}, "script": script}}


def _nested(query: Query, **options: Any) -> Query:
    """The query that scores an article by its nearest passage."""
    return {"nested": {"path": "passages", "score_mode": "max", "query": query, **options}}


def _rounded(vector: Vectors) -> list[int]:
    """A vector as bytes; its length does not matter for cosines."""
    rounded: list[int] = np.rint(vector * (_STEPS / float(np.abs(vector).max()))).astype(int).tolist()
    return rounded


def _scores(answer: Mapping[str, Any]) -> list[tuple[int, float]]:
    return [(int(hit["fields"]["number"][0]), float(hit["_score"])) for hit in answer["hits"]["hits"]]
