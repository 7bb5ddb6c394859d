"""Updating and rebuilding the cluster's index from the archive.

Every article is written under its own id, with the number of its last change as version. So the result is the same if
an article is written twice, in another order, or by two processes at once. The mark moves only when the cluster has
acknowledged all changes before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from time import perf_counter
from typing import Final

from corpus import Archive, ArshifError, ChangeKind
from indexer.engine import IndexSummary, Progress, check_not_ahead
from indexer.errors import ArticlesRefused, ClusterRefused
from indexer.opensearch.bulk import BulkWriter, batched
from indexer.opensearch.client import Client, NotFound
from indexer.opensearch.documents import BATCH, PendingArticle, VocabularyCounts, prepare_all
from indexer.opensearch.indices import Indices, vocabulary_of, write_alias
from indexer.opensearch.vocabulary import VocabularyWriter

_WINDOW: Final = 250_000  # changes between two marks: after a kill, at most this many are repeated
_MAX_FORMS: Final = 1_000_000  # counted in memory before they are sent
_WORTH_PROCESSES: Final = 2_000  # articles; fewer are analyzed before a second process has started


def update_index(client: Client, archive: Archive, progress: Progress) -> IndexSummary:
    """Indexes the changes of the archive after the index's mark, and moves the mark after each window of changes.

    Raises:
        IndexVersionMismatch: the index was built with another version of analysis or format and must be rebuilt.
        IndexDamaged: the index is ahead of the archive.
        IndexWriteFailed: a child process was killed.
        ArticlesRefused: the cluster will not accept some articles; all others are indexed.
        ClusterUnavailable, ClusterRefused: as their names say; acknowledged articles stay, the mark does not move.
    """
    began = perf_counter()
    indices = Indices(client)
    while True:
        state = indices.current_or_none()
        name = state.name if state else indices.create(in_use=True)
        mark = state.change if state else 0
        if state:
            state.check()
            indices.remove_before(name)
        check_not_ahead(archive, Path(client.settings.prefix), mark)
        if mark == archive.last_change():
            return IndexSummary(0, 0, 0, perf_counter() - began)
        run = _Run(client, archive, name, new=mark == 0)
        try:
            done = _follow(run, archive, indices, name, mark, progress)
        except NotFound as error:
            done = False
            if indices.current().name == name:
                reason = f"a part of the index is gone ({error}), and the index must be rebuilt"
                raise ClusterRefused(client.hosts, reason) from error
        # A reindex may have put another index in use meanwhile: then its own mark determines what is missing.
        if done:
            if run.refused:
                raise ArticlesRefused(run.refused)
            return IndexSummary(run.indexed, run.replaced, run.removed, perf_counter() - began)


def rebuild_index(client: Client, archive: Archive, progress: Progress) -> IndexSummary:
    """Builds a new index of the whole archive next to the one in use, and replaces that atomically.

    Searches use the old index until then, and also if anything fails. Replicas are added when the new index is
    complete, so that each article is indexed once, not once per replica.

    Raises:
        IndexWriteFailed: a child process was killed.
        ArticlesRefused: the cluster will not accept some articles.
        ClusterUnavailable, ClusterRefused: as their names say.
    """
    began = perf_counter()
    indices = Indices(client)
    name = indices.create(in_use=False)
    try:
        last = archive.last_change()
        run = _Run(client, archive, name, new=True)
        pending = (PendingArticle(article_id, last, True) for article_id in archive.ids())
        run.write(pending, archive.article_count(), progress)
        if run.refused:
            raise ArticlesRefused(run.refused)
        indices.refresh(name)
        if indices.count(name) != run.indexed:
            raise ClusterRefused(client.hosts, "articles are missing after indexing: was another reindex running?")
        indices.add_replicas(name)
        before = indices.current_or_none()
        indices.set_change(name, last, before.generation + 1 if before else 1)
        indices.put_in_use(name)
    except NotFound as error:
        raise ClusterRefused(
            client.hosts, f"the new index was deleted ({error}): was another reindex running?"
        ) from error
    except BaseException:
        _remove_quietly(indices, name)
        raise
    return IndexSummary(run.indexed, 0, 0, perf_counter() - began)


def pending_changes(client: Client, archive: Archive) -> int:
    """The number of changes of the archive that are not in the index.

    Raises:
        IndexMissing, IndexVersionMismatch, ClusterUnavailable, ClusterRefused: as their names say.
    """
    state = Indices(client).current()
    state.check()
    return archive.last_change() - state.change


def _follow(run: _Run, archive: Archive, indices: Indices, name: str, mark: int, progress: Progress) -> bool:
    """Writes all articles that changed after a mark, and moves it; False if another index is in use now."""
    last = archive.last_change()
    total = archive.changed_count(mark)
    first_refused = last + 1
    while mark < last:
        changes = archive.changes(mark, _WINDOW)
        firsts = {change.article_id: change.number for change in reversed(changes)}
        lasts = {change.article_id: change.number for change in changes}
        new = {change.article_id for change in changes if change.kind is ChangeKind.ADDED}
        known = len(run.refused)
        changed = dict.fromkeys(change.article_id for change in changes)
        run.write((PendingArticle(key, lasts[key], key in new) for key in changed), total, progress)
        indices.refresh(name)
        now = indices.current()
        if now.name != name:
            return False
        mark = changes[-1].number
        # The next run retries refused articles.
        first_refused = min([first_refused, *(firsts[article_id] for article_id, _ in run.refused[known:])])
        # Another writer may be ahead with the same work: its mark is as valid.
        indices.set_change(name, max(now.change, min(mark, first_refused - 1)), now.generation + 1)
    return True


class _Run:
    """One run of writing articles and their words to an index; `new` if it is still empty."""

    def __init__(self, client: Client, archive: Archive, name: str, *, new: bool) -> None:
        self._client = client
        self._archive = archive
        self._name = name
        self._vocabulary = VocabularyWriter(client, vocabulary_of(name), new=new)
        self.done = 0
        self.indexed = 0
        self.replaced = 0
        self.removed = 0
        self.refused: list[tuple[str, str]] = []

    def write(self, pending: Iterable[PendingArticle], total: int, progress: Progress) -> None:
        """Writes articles and waits until the cluster has acknowledged them; `total` is that of the whole run."""
        words, known_words = VocabularyCounts(), VocabularyCounts()
        processes = self._client.settings.processes if total >= _WORTH_PROCESSES else 1
        prepared = prepare_all(self._archive, write_alias(self._name), batched(pending, BATCH), processes)
        progress(self.done, total)
        with BulkWriter(self._client) as writer, closing(prepared):
            for part in prepared:
                for action in part.actions:
                    writer.add(action)
                words.merge(part.words)
                known_words.merge(part.known_words)
                if len(words) >= _MAX_FORMS:
                    self._vocabulary.write(words)
                    words = VocabularyCounts()
                self.indexed += part.indexed
                self.done += len(part.actions)
                progress(min(self.done, total), total)
            writer.finish()
        self.indexed -= len(writer.refused)
        self.refused += writer.refused
        self.replaced += writer.replaced
        self.removed += writer.removed
        self._vocabulary.write(words)
        # A revision adds its new words to the vocabulary; it is still one article.
        self._vocabulary.write(known_words, counting=False)


def _remove_quietly(indices: Indices, name: str) -> None:
    with suppress(ArshifError):  # the error that is being raised is the one to report
        indices.remove(name)
