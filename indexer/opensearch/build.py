"""Bringing the cluster's index up to the archive: incrementally, or anew beside the one in use.

Every article is written under its own id with the number of its last change as version, so writing it twice, or in
another order, or by two processes at once ends the same. The mark of what is indexed moves only when the cluster has
acknowledged all that lies before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Final, TypeVar

from corpus import Archive, ArshifError, ChangeKind, group_names
from indexer.build import IndexSummary
from indexer.errors import ArticlesRefused, ClusterRefused, IndexDamaged
from indexer.opensearch.bulk import Action, BulkWriter, change, delete, write
from indexer.opensearch.client import Client, NotThere
from indexer.opensearch.documents import VocabularyCounts, document, document_id
from indexer.opensearch.indices import Indices, exists
from indexer.opensearch.mapping import vocabulary_of, writing

_READ_AHEAD: Final = 200  # articles fetched from the archive at a time
_MOST_FORMS: Final = 1_000_000  # counted before they are sent
_COUNT_UP: Final = "ctx._source.articles += params.more"

Progress = Callable[[int, int], None]
T = TypeVar("T")


def update_index(client: Client, archive: Archive, progress: Progress) -> IndexSummary:
    """Indexes what the archive's change log holds after the index's mark, and moves the mark.

    Raises:
        IndexVersionMismatch: the index was built by another analysis or format and must be rebuilt.
        IndexDamaged: it is ahead of the archive.
        ArticlesRefused: the cluster will not take some articles; all others are indexed.
        ClusterUnavailable, ClusterRefused: as their names say; what was acknowledged stays, the mark where it was.
    """
    began = perf_counter()
    indices = Indices(client)
    while True:
        state = exists(indices)
        name = state.name if state else indices.create(in_use=True)
        mark = state.change if state else 0
        if state:
            state.check()
            indices.remove_before(name)
        if mark > archive.last_change():
            raise IndexDamaged(
                Path(client.settings.prefix), "it is ahead of the archive: was the archive put back from a copy?"
            )
        if mark == archive.last_change():
            return IndexSummary(0, 0, 0, perf_counter() - began)
        run = _Update(client, archive, name, mark)
        try:
            run.write(progress)
            indices.refresh(name)
            now = indices.current()
            in_use = now.name == name
            if in_use:
                # Another writer may have come further with the same work: its mark is as true.
                indices.set_change(name, max(now.change, run.reached), now.generation + 1)
        except NotThere as error:
            in_use = False
            if indices.current().name == name:
                reason = f"a part of the index is gone ({error}): run 'arshif reindex'"
                raise ClusterRefused(client.hosts, reason) from error
        # A reindex may have put another index in use meanwhile: then its own mark tells what it lacks.
        if in_use:
            if run.refused:
                raise ArticlesRefused(run.refused)
            return IndexSummary(run.indexed, run.replaced, run.removed, perf_counter() - began)


def rebuild_index(client: Client, archive: Archive, progress: Progress) -> IndexSummary:
    """Builds the index of the whole archive anew, beside the one in use, and puts it in its place in one step.

    Searches are answered from the old one until then; if anything fails, after it too.

    Raises:
        ArticlesRefused: the cluster will not take some articles.
        ClusterUnavailable, ClusterRefused: as their names say.
    """
    began = perf_counter()
    indices = Indices(client)
    name = indices.create(in_use=False)
    try:
        last = archive.last_change()
        total = archive.article_count()
        done = 0
        words = VocabularyCounts()
        progress(0, total)
        with BulkWriter(client) as writer:
            vocabulary = _VocabularyWriter(client, vocabulary_of(name), new=True)
            for articles in _chunks(archive.articles(), _READ_AHEAD):
                groups = group_names(archive, (article.id for article in articles))
                for article in articles:
                    done += 1
                    value, terms = document(article, done, groups.get(article.id))
                    words.add(terms)
                    writer.add(write(article.id, writing(name), document_id(article.id), value, last))
                if len(words) >= _MOST_FORMS:
                    vocabulary.write(words)
                    words = VocabularyCounts()
                progress(done, total)
            writer.finish()
            refused = writer.refused
        if refused:
            raise ArticlesRefused(refused)
        vocabulary.write(words)
        indices.refresh(name)
        if indices.count(name) != done:
            raise ClusterRefused(
                client.hosts, "articles were lost while they were indexed: was another reindex running?"
            )
        before = exists(indices)
        indices.set_change(name, last, before.generation + 1 if before else 1)
        progress(done, total)
        indices.put_in_use(name)
    except NotThere as error:
        raise ClusterRefused(
            client.hosts, f"the new index went away ({error}): was another reindex running?"
        ) from error
    except BaseException:
        _remove_quietly(indices, name)
        raise
    return IndexSummary(done, 0, 0, perf_counter() - began)


def pending_changes(client: Client, archive: Archive) -> int:
    """How many changes of the archive the index has not seen.

    Raises:
        IndexMissing, IndexVersionMismatch, ClusterUnavailable, ClusterRefused: as their names say.
    """
    state = Indices(client).current()
    state.check()
    return archive.last_change() - state.change


def index_bytes(client: Client) -> int:
    """How much room the index in use and its vocabulary take, in bytes, replicas not counted.

    Raises:
        IndexMissing, ClusterUnavailable, ClusterRefused: as their names say.
    """
    indices = Indices(client)
    return indices.size(indices.current().name)


class _Update:
    """One pass over the change log from a mark on."""

    def __init__(self, client: Client, archive: Archive, name: str, mark: int) -> None:
        self._client = client
        self._archive = archive
        self._name = name
        self._mark = mark
        self.indexed = 0
        self.replaced = 0
        self.removed = 0
        self.refused: list[tuple[str, str]] = []
        self.reached = mark
        """The last change up to which everything is in the index."""

    def write(self, progress: Progress) -> None:
        """Writes all articles that changed, and waits until the cluster has acknowledged them."""
        changes = self._archive.changes(since=self._mark)
        first = {change.article_id: change.number for change in reversed(changes)}
        last = {change.article_id: change.number for change in changes}
        new = {change.article_id for change in changes if change.kind is ChangeKind.ADDED}
        words, known_words = VocabularyCounts(), VocabularyCounts()
        vocabulary = _VocabularyWriter(self._client, vocabulary_of(self._name), new=self._mark == 0)
        done = 0
        progress(0, len(last))
        with BulkWriter(self._client) as writer:
            for ids in _chunks(dict.fromkeys(change.article_id for change in changes), _READ_AHEAD):
                articles = self._archive.get_many(ids)
                groups = group_names(self._archive, ids)
                for article_id in ids:
                    article = articles.get(article_id)
                    if article is None:  # it is no longer in the archive
                        writer.add(delete(article_id, writing(self._name), document_id(article_id), last[article_id]))
                        continue
                    value, terms = document(article, first[article_id], groups.get(article_id))
                    (words if article_id in new else known_words).add(terms)
                    writer.add(write(article_id, writing(self._name), document_id(article_id), value, last[article_id]))
                    self.indexed += 1
                if len(words) >= _MOST_FORMS:
                    vocabulary.write(words)
                    words = VocabularyCounts()
                done += len(ids)
                progress(done, len(last))
            writer.finish()
            self.refused, self.replaced, self.removed = writer.refused, writer.replaced, writer.removed
        vocabulary.write(words)
        # The words of a revision are known, but it is still one article.
        vocabulary.write(known_words, counting=False)
        self.indexed -= len(self.refused)
        self.reached = changes[-1].number if changes else self._mark
        for article_id, _ in self.refused:
            self.reached = min(self.reached, first[article_id] - 1)


class _VocabularyWriter:
    """Adds counts of words to a vocabulary. `new` where nothing is in it yet."""

    def __init__(self, client: Client, index: str, *, new: bool) -> None:
        self._client = client
        self._index = writing(index)
        self._new = new

    def write(self, words: VocabularyCounts, *, counting: bool = True) -> None:
        """Adds them; without `counting` what is in it already stays as it is."""
        with BulkWriter(self._client) as writer:
            for action in self._actions(words, counting=counting):
                writer.add(action)
            writer.finish()
            if writer.refused:
                raise ClusterRefused(self._client.hosts, f"a word of the vocabulary: {writer.refused[0][1]}")
        self._new = self._new and not len(words)

    def _actions(self, words: VocabularyCounts, *, counting: bool) -> Iterator[Action]:
        for word_id, value in words.documents():
            if self._new:
                yield write(word_id, self._index, word_id, value)
            else:
                script = {"source": _COUNT_UP, "params": {"more": value["articles"] if counting else 0}}
                yield change(word_id, self._index, word_id, {"script": script, "upsert": value})


def _remove_quietly(indices: Indices, name: str) -> None:
    with suppress(ArshifError):  # what went wrong before is what must be told
        indices.remove(name)


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
