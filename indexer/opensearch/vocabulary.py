"""The words of an index in the cluster and how many articles hold each: adding to them, and looking them up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from indexer.errors import ClusterRefused
from indexer.opensearch.bulk import Action, BulkWriter, patiently, write
from indexer.opensearch.client import Client, Search
from indexer.opensearch.documents import VocabularyCounts, form_id, stem_id
from indexer.opensearch.indices import writing
from indexer.search.batches import batched

AT_ONCE: Final = 2_000  # words whose counts are asked for in one request


class VocabularyWriter:
    """Adds counts of words to a vocabulary. `new` where nothing is in it yet.

    Two that write to one at the same time do the same work, by the same mark: the later count stands, as it should.
    """

    def __init__(self, client: Client, index: str, *, new: bool) -> None:
        self._client = client
        self._index = index
        self._new = new

    def write(self, words: VocabularyCounts, *, counting: bool = True) -> None:
        """Adds them; without `counting` what is in it already stays as it is.

        Raises:
            NotThere: the vocabulary was removed.
            ClusterUnavailable, ClusterRefused: as `BulkWriter`.
        """
        if not words:
            return
        if not self._new:  # searches must see what was written last
            patiently(lambda: self._client.request("POST", f"/{self._index}/_refresh"))
        with BulkWriter(self._client) as writer:
            for action in self._actions(words, counting=counting):
                writer.add(action)
            writer.finish()
            if writer.refused:
                raise ClusterRefused(self._client.hosts, f"a word of the vocabulary: {writer.refused[0][1]}")
        self._new = False

    def _actions(self, words: VocabularyCounts, *, counting: bool) -> Iterator[Action]:
        for part in batched(words.documents(), AT_ONCE):
            known = {} if self._new else self._counts([word_id for word_id, _ in part])
            for word_id, value in part:
                if word_id not in known or counting:
                    value["articles"] += known.get(word_id, 0)
                    yield write(word_id, writing(self._index), word_id, value)

    def _counts(self, ids: Sequence[str]) -> dict[str, int]:
        return patiently(lambda: article_counts(self._client, self._index, ids))


def article_counts(client: Client, index: str, ids: Sequence[str]) -> dict[str, int]:
    """In how many articles words are, by the ids of their documents; what the vocabulary does not have is left out.

    Raises:
        SearchTooCostly, NotThere, ClusterUnavailable, ClusterRefused: as `Client.search`.
    """
    return read_counts(client.searches([counts_question(index, ids)])[0]) if ids else {}


def counts_question(index: str, ids: Sequence[str]) -> Search:
    """The search for the counts of words, by the ids of their documents."""
    # A search is whole or an error, where `_mget` tells what failed word by word.
    body: dict[str, Any] = {
        "size": len(ids),
        "query": {"bool": {"filter": [{"ids": {"values": list(ids)}}]}},
        "sort": ["_doc"],
        "track_total_hits": False,
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": ["form", "stem", "articles"],
    }
    return Search(index, body)


def read_counts(answer: Mapping[str, Any]) -> dict[str, int]:
    """In how many articles the words are that a search for counts found."""
    found = (hit["fields"] for hit in answer["hits"]["hits"])
    return {_id_of(fields): int(fields["articles"][0]) for fields in found}


def begun_question(index: str, starts: Sequence[str]) -> Search:
    """The search for how many forms have each beginning."""
    filters = {start: {"prefix": {"form": {"value": start}}} for start in starts}
    body = {"size": 0, "track_total_hits": False, "aggs": {"begun": {"filters": {"filters": filters}}}}
    return Search(index, body)


def read_begun(answer: Mapping[str, Any]) -> dict[str, int]:
    """How many forms have each beginning that was asked for."""
    return {start: bucket["doc_count"] for start, bucket in answer["aggregations"]["begun"]["buckets"].items()}


def _id_of(fields: dict[str, list[str]]) -> str:
    return form_id(fields["form"][0]) if "form" in fields else stem_id(fields["stem"][0])
