"""From the ids of articles to what is sent of them: read and analysed in this process, or in several beside it.

Analysis is what one machine spends its time on while a cluster of others indexes: each process reads the archive by
itself, and gives back the finished lines of bulk requests, which go out from one place.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Final, NamedTuple

from corpus import Archive, group_names
from indexer.errors import IndexWriteFailed
from indexer.opensearch.bulk import Action, delete, write
from indexer.opensearch.documents import VocabularyCounts, document, document_id

BATCH: Final = 200
"""Articles that are read and analysed at a time."""

_AHEAD: Final = 3  # batches for each process that are under way or waiting to be sent


class Wanted(NamedTuple):
    """An article to bring up to date; `new` where the vocabulary has not counted it."""

    article_id: str
    version: int
    new: bool


class Prepared(NamedTuple):
    """What is sent of some articles: those written, `indexed` of them, and those that are no longer there."""

    actions: list[Action]
    indexed: int
    words: VocabularyCounts
    known_words: VocabularyCounts
    """Those of articles that the vocabulary has counted before."""


def prepare(archive: Archive, index: str, batch: Sequence[Wanted]) -> Prepared:
    """Reads and analyses some articles, as they are now."""
    ids = [one.article_id for one in batch]
    articles, groups, numbers = archive.get_many(ids), group_names(archive, ids), archive.numbers(ids)
    prepared = Prepared([], len(articles), VocabularyCounts(), VocabularyCounts())
    for article_id, version, new in batch:
        key = document_id(article_id)
        if article_id not in articles:
            prepared.actions.append(delete(article_id, index, key, version))
            continue
        value, words = document(articles[article_id], numbers[article_id], groups.get(article_id))
        (prepared.words if new else prepared.known_words).add(words)
        prepared.actions.append(write(article_id, index, key, value, version))
    return prepared


def prepare_all(
    archive: Archive, index: str, batches: Iterable[Sequence[Wanted]], processes: int
) -> Generator[Prepared]:
    """Each batch prepared, in their order; by more than one process in processes of their own.

    Raises:
        IndexWriteFailed: one of the processes was ended from outside.
    """
    if processes == 1:
        yield from (prepare(archive, index, batch) for batch in batches)
        return
    # Not forked: this process has threads that send.
    spawn, given = get_context("spawn"), (archive.directory, index)
    pool = ProcessPoolExecutor(processes, mp_context=spawn, initializer=_begin, initargs=given)
    under_way: deque[Future[Prepared]] = deque()
    try:
        for batch in batches:
            under_way.append(pool.submit(_prepare, batch))
            if len(under_way) >= _AHEAD * processes:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool as error:
        reason = f"one of the {processes} analysis processes was killed: is there enough memory for all of them?"
        raise IndexWriteFailed(Path(archive.settings.cluster.prefix), reason) from error
    finally:
        pool.shutdown(cancel_futures=True)


_opened: list[tuple[Archive, str]] = []
"""In a process that analyses: the archive that it opened, and the index that it prepares for."""


def _begin(directory: Path, index: str) -> None:
    # Control-C goes to all processes of a terminal; the one that gave the work ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _opened.append((Archive.open(directory), index))


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def _prepare(batch: Sequence[Wanted]) -> Prepared:
    archive, index = _opened[0]
    return prepare(archive, index, batch)
