"""The words of an index in the cluster, with the number of articles of each: adding to them, and looking them up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from indexer.errors import ClusterRefused
from indexer.opensearch.bulk import Action, BulkWriter, batched, index_action, with_retries
from indexer.opensearch.client import Client, Search
from indexer.opensearch.documents import VocabularyCounts, form_id, stem_id
from indexer.opensearch.indices import write_alias

MAX_WORDS: Final = 2_000
"""Words whose counts are fetched in one search."""


class VocabularyWriter:
    """Adds counts of words to a vocabulary; `new` if it is still empty.

    Two processes that write at the same time do the same work, from the same mark: the later count is kept, and is
    correct.
    """

    def __init__(self, client: Client, index: str, *, new: bool) -> None:
        self._client = client
        self._index = index
        self._new = new

    def write(self, words: VocabularyCounts, *, counting: bool = True) -> None:
        """Adds words; without `counting` the counts of words that it already has are not changed.

        Raises:
            NotFound: the vocabulary was removed.
            ClusterUnavailable, ClusterRefused: as `BulkWriter`.
        """
        if not words:
            return
        if not self._new:  # searches must see what was written last
            with_retries(lambda: self._client.request("POST", f"/{self._index}/_refresh"))
        with BulkWriter(self._client) as writer:
            for action in self._actions(words, counting=counting):
                writer.add(action)
            writer.finish()
            if writer.refused:
                raise ClusterRefused(self._client.hosts, f"a word of the vocabulary: {writer.refused[0][1]}")
        self._new = False

    def _actions(self, words: VocabularyCounts, *, counting: bool) -> Iterator[Action]:
        for part in batched(words.documents(), MAX_WORDS):
            known = {} if self._new else self._counts([word_id for word_id, _ in part])
            for word_id, value in part:
                if word_id not in known or counting:
                    value["articles"] += known.get(word_id, 0)
                    yield index_action(word_id, write_alias(self._index), word_id, value)

    def _counts(self, ids: Sequence[str]) -> dict[str, int]:
        return with_retries(lambda: article_counts(self._client, self._index, ids))


def article_counts(client: Client, index: str, ids: Sequence[str]) -> dict[str, int]:
    """The number of articles with each word, by the ids of their documents; unknown words are left out.

    Raises:
        SearchTooCostly, NotFound, ClusterUnavailable, ClusterRefused: as `Client.search`.
    """
    return read_counts(client.searches([counts_search(index, ids)])[0]) if ids else {}


def counts_search(index: str, ids: Sequence[str]) -> Search:
    """The search for the counts of words, by the ids of their documents."""
    # A search is complete or an error; `_mget` would report failures word by word.
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
    """The number of articles with each word, from the answer to `counts_search`."""
    found = (hit["fields"] for hit in answer["hits"]["hits"])
    return {_id_of(fields): int(fields["articles"][0]) for fields in found}


def prefixes_search(index: str, prefixes: Sequence[str]) -> Search:
    """The search for the number of forms with each prefix."""
    filters = {prefix: {"prefix": {"form": {"value": prefix}}} for prefix in prefixes}
    body = {"size": 0, "track_total_hits": False, "aggs": {"prefixes": {"filters": {"filters": filters}}}}
    return Search(index, body)


def read_prefixes(answer: Mapping[str, Any]) -> dict[str, int]:
    """The number of forms with each prefix, from the answer to `prefixes_search`."""
    return {prefix: bucket["doc_count"] for prefix, bucket in answer["aggregations"]["prefixes"]["buckets"].items()}


def _id_of(fields: dict[str, list[str]]) -> str:
    return form_id(fields["form"][0]) if "form" in fields else stem_id(fields["stem"][0])
