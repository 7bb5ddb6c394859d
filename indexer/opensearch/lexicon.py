"""The words of an index in the cluster, for suggestions."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.opensearch.client import Search
from indexer.opensearch.scanning import IDS_ALONE, id_of
from indexer.opensearch.statistics import Statistics


class ClusterLexicon:
    """The words of one state of an index in the cluster (`indexer.lexicon.Lexicon`)."""

    def __init__(self, statistics: Statistics) -> None:
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

    def witnesses(self, forms: Sequence[str], count: int) -> dict[str, list[str]]:
        """For each of some forms: the ids of the shortest articles that hold it."""
        found = self._statistics.ask({("witnesses", form, count): self._shortest(form, count) for form in forms})
        return {form: list(map(id_of, found["witnesses", form, count]["hits"]["hits"])) for form in forms}

    def _shortest(self, form: str, count: int) -> Search:
        query = {"bool": {"filter": [{"term": {"text_form": {"value": form}}}]}}
        by_length = [{"length": "asc"}, {"order": "asc"}]
        return Search(self._statistics.state.name, {"size": count, "query": query, "sort": by_length, **IDS_ALONE})
