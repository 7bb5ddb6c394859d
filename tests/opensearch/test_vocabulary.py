"""The vocabulary of an index in a real cluster: adding to the counts of words."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from indexer.analysis import analyze_words
from indexer.opensearch import vocabulary as vocabulary_module
from indexer.opensearch.client import Client, NotFound
from indexer.opensearch.documents import VocabularyCounts, form_id, stem_id
from indexer.opensearch.indices import Indices, vocabulary_of
from indexer.opensearch.settings import ClusterSettings
from indexer.opensearch.vocabulary import VocabularyWriter, article_counts
from tests.conftest import remove_indices


def counted(*texts: str) -> VocabularyCounts:
    counts = VocabularyCounts()
    for text in texts:
        counts.add(analyze_words(text))
    return counts


@pytest.fixture
def client(cluster_urls: list[str]) -> Iterator[Client]:
    settings = ClusterSettings(tuple(cluster_urls), f"test-{uuid.uuid4().hex[:12]}", shards=2)
    with Client(settings) as client:
        yield client
    remove_indices(cluster_urls, settings.prefix)


@pytest.fixture
def index(client: Client) -> str:
    return vocabulary_of(Indices(client).create(in_use=True))


def articles(client: Client, index: str, *ids: str) -> list[int | None]:
    client.request("POST", f"/{index}/_refresh")
    found = article_counts(client, index, ids)
    return [found.get(one) for one in ids]


def test_counts_are_added_to_existing_counts(client: Client, index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary_module, "MAX_WORDS", 3)
    writer = VocabularyWriter(client, index, new=True)
    writer.write(counted("مفاوضات جنيف", "مفاوضات أستانة وجنيف"))
    ids = [form_id("مفاوضات"), form_id("جنيف"), form_id("استانه"), stem_id("جنيف"), form_id("موسكو")]
    assert articles(client, index, *ids) == [2, 1, 1, 2, None]
    writer.write(counted("المفاوضات مفاوضات", "جنيف وموسكو وطهران وبغداد"))
    VocabularyWriter(client, index, new=False).write(counted("جنيف"))  # includes the counts that were just written
    assert articles(client, index, *ids) == [3, 3, 1, 4, None]
    assert articles(client, index, form_id("وموسكو"), stem_id("موسكو")) == [1, 1]


def test_words_of_a_revision_are_added_but_not_counted_again(client: Client, index: str) -> None:
    VocabularyWriter(client, index, new=True).write(counted("مفاوضات"))
    VocabularyWriter(client, index, new=False).write(counted("مفاوضات جنيف"), counting=False)
    assert articles(client, index, form_id("مفاوضات"), form_id("جنيف")) == [1, 1]


def test_writing_to_a_removed_vocabulary_raises_and_does_not_create_it(client: Client, index: str) -> None:
    remove_indices(list(client.hosts), client.settings.prefix)
    for new in (True, False):
        with pytest.raises(NotFound):
            VocabularyWriter(client, index, new=new).write(counted("مفاوضات"))
    assert client.request("GET", f"/{client.settings.prefix}*/_alias") == {}
