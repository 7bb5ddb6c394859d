"""Bringing the cluster's index up to the archive: incrementally, or anew beside the one in use.

Every article is written under its own id with the number of its last change as version, so writing it twice, or in
another order, or by two processes at once ends the same. The mark of what is indexed moves only when the cluster has
acknowledged all that lies before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from time import perf_counter
from typing import Final

from corpus import Archive, ArshifError, ChangeKind
from indexer.engine import IndexSummary, Progress
from indexer.errors import ArticlesRefused, ClusterRefused
from indexer.opensearch.bulk import BulkWriter
from indexer.opensearch.client import Client, NotThere
from indexer.opensearch.documents import BATCH, VocabularyCounts, Wanted, prepare_all
from indexer.opensearch.indices import Indices, exists, vocabulary_of, writing
from indexer.opensearch.vocabulary import VocabularyWriter
from indexer.search.batches import batched
from indexer.search.verification import check_not_ahead

_WINDOW: Final = 250_000  # changes between two marks: a run that was killed does at most so many again
_MOST_FORMS: Final = 1_000_000  # counted before they are sent
_WORTH_PROCESSES: Final = 2_000  # articles; fewer are analysed before a second process has started


def update_index(client: Client, archive: Archive, progress: Progress) -> IndexSummary:
    """Indexes what the archive's change log holds after the index's mark, and moves the mark as it goes.

    Raises:
        IndexVersionMismatch: the index was built by another analysis or format and must be rebuilt.
        IndexDamaged: it is ahead of the archive.
        IndexWriteFailed: a process that analyses was ended from outside.
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
        check_not_ahead(archive, Path(client.settings.prefix), mark)
        if mark == archive.last_change():
            return IndexSummary(0, 0, 0, perf_counter() - began)
        run = _Run(client, archive, name, new=mark == 0)
        try:
            done = _follow(run, archive, indices, name, mark, progress)
        except NotThere as error:
            done = False
            if indices.current().name == name:
                reason = f"a part of the index is gone ({error}), and the index must be rebuilt"
                raise ClusterRefused(client.hosts, reason) from error
        # A reindex may have put another index in use meanwhile: then its own mark tells what it lacks.
        if done:
            if run.refused:
                raise ArticlesRefused(run.refused)
            return IndexSummary(run.indexed, run.replaced, run.removed, perf_counter() - began)


def rebuild_index(client: Client, archive: Archive, progress: Progress) -> IndexSummary:
    """Builds the index of the whole archive anew, beside the one in use, and puts it in its place in one step.

    Searches are answered from the old one until then; if anything fails, after it too. Copies of the new one's shards
    are made when it is filled: each article is indexed once, not once for each copy.

    Raises:
        IndexWriteFailed: a process that analyses was ended from outside.
        ArticlesRefused: the cluster will not take some articles.
        ClusterUnavailable, ClusterRefused: as their names say.
    """
    began = perf_counter()
    indices = Indices(client)
    name = indices.create(in_use=False)
    try:
        last = archive.last_change()
        run = _Run(client, archive, name, new=True)
        wanted = (Wanted(article_id, last, True) for article_id in archive.ids())
        run.write(wanted, archive.article_count(), progress)
        if run.refused:
            raise ArticlesRefused(run.refused)
        indices.refresh(name)
        if indices.count(name) != run.indexed:
            raise ClusterRefused(client.hosts, "articles are missing after indexing: was another reindex running?")
        indices.copy_to_others(name)
        before = exists(indices)
        indices.set_change(name, last, before.generation + 1 if before else 1)
        indices.put_in_use(name)
    except NotThere as error:
        raise ClusterRefused(
            client.hosts, f"the new index was deleted ({error}): was another reindex running?"
        ) from error
    except BaseException:
        _remove_quietly(indices, name)
        raise
    return IndexSummary(run.indexed, 0, 0, perf_counter() - began)


def pending_changes(client: Client, archive: Archive) -> int:
    """How many changes of the archive the index has not seen.

    Raises:
        IndexMissing, IndexVersionMismatch, ClusterUnavailable, ClusterRefused: as their names say.
    """
    state = Indices(client).current()
    state.check()
    return archive.last_change() - state.change


def _follow(run: _Run, archive: Archive, indices: Indices, name: str, mark: int, progress: Progress) -> bool:
    """Writes all articles that changed after a mark, and moves it; False where another index is in use now."""
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
        run.write((Wanted(one, lasts[one], one in new) for one in changed), total, progress)
        indices.refresh(name)
        now = indices.current()
        if now.name != name:
            return False
        mark = changes[-1].number
        # What was refused is tried again by the next run.
        first_refused = min([first_refused, *(firsts[article_id] for article_id, _ in run.refused[known:])])
        # Another writer may have come further with the same work: its mark is as true.
        indices.set_change(name, max(now.change, min(mark, first_refused - 1)), now.generation + 1)
    return True


class _Run:
    """Writing articles and their words to one index; `new` where nothing is in it yet."""

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

    def write(self, wanted: Iterable[Wanted], total: int, progress: Progress) -> None:
        """Writes these articles, `total` in all runs, and waits until the cluster has acknowledged them."""
        words, known_words = VocabularyCounts(), VocabularyCounts()
        processes = self._client.settings.processes if total >= _WORTH_PROCESSES else 1
        prepared = prepare_all(self._archive, writing(self._name), batched(wanted, BATCH), processes)
        progress(self.done, total)
        with BulkWriter(self._client) as writer, closing(prepared):
            for part in prepared:
                for action in part.actions:
                    writer.add(action)
                words.merge(part.words)
                known_words.merge(part.known_words)
                if len(words) >= _MOST_FORMS:
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
        # The words of a revision are known, but it is still one article.
        self._vocabulary.write(known_words, counting=False)


def _remove_quietly(indices: Indices, name: str) -> None:
    with suppress(ArshifError):  # what went wrong before is what must be told
        indices.remove(name)
