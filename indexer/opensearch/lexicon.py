"""The words of an index in the cluster, for suggestions."""

from __future__ import annotations

from indexer.opensearch.client import Client
from indexer.opensearch.scanning import IDS_ALONE, id_of
from indexer.opensearch.statistics import Statistics


class ClusterLexicon:
    """The words of one state of an index in the cluster (`indexer.lexicon.Lexicon`)."""

    def __init__(self, client: Client, statistics: Statistics) -> None:
        self._client = client
        self._statistics = statistics
        self.frequency = statistics.frequency
        self.frequencies = statistics.frequencies
        self.near = statistics.near
        self.together = statistics.together
        self.adjacent = statistics.adjacent
        self.beginning = statistics.beginning
        self.begun = statistics.begun

    @property
    def doc_count(self) -> int:
        """Articles in the index."""
        return self._statistics.doc_count

    def witnesses(self, form: str, count: int) -> list[str]:
        """The ids of the shortest articles that hold a form."""
        body = {
            "size": count,
            "query": {"bool": {"filter": [{"term": {"text_form": {"value": form}}}]}},
            "sort": [{"length": "asc"}, {"order": "asc"}],
            **IDS_ALONE,
        }
        return [id_of(hit) for hit in self._client.search(self._statistics.state.name, body)["hits"]["hits"]]
