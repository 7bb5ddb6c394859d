"""From articles to their vectors, in this process or in several.

The encoder is the bottleneck, and it runs in one thread. So each process opens the archive and loads the encoder by
itself, and one process writes what all of them return.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Final

import numpy as np

from corpus import Archive, Article
from indexer.errors import EncoderFailed
from indexer.meaning.encoder import Encoder, Vectors, open_encoder
from indexer.meaning.passages import body_passages, lead_of
from indexer.meaning.settings import MeaningSettings
from indexer.meaning.vector_store import LEAD

EncodedBatch = dict[int, Vectors]
"""The vectors of the passages of articles, by the articles' numbers."""

EncodeBatches = Callable[[str, Sequence[Sequence[str]]], Iterator[EncodedBatch]]
"""Encodes a level of batches of articles, given by their ids, in their order."""

_BATCHES_AHEAD: Final = 2  # per process: batches in progress or waiting to be written


def encode_articles(archive: Archive, encoder: Encoder, level: str, article_ids: Sequence[str]) -> EncodedBatch:
    """The vectors of articles; none of articles that were removed, perhaps while this ran."""
    articles = archive.get_many(article_ids)
    texts = {article_id: _texts(articles.get(article_id), level, encoder.max_letters) for article_id in article_ids}
    encoded = encoder.passages([text for several in texts.values() for text in several])
    starts = np.cumsum([0, *map(len, texts.values())]).tolist()
    numbers = archive.numbers(article_ids)
    return {
        numbers[article_id]: encoded[start:end]
        for article_id, start, end in zip(texts, starts, starts[1:], strict=False)
    }


@contextmanager
def encoding(
    archive: Archive, encoder: Encoder, settings: MeaningSettings | None, processes: int
) -> Iterator[EncodeBatches]:
    """What encodes batches of articles; with several processes, in children, which end with the context.

    Few batches are encoded in this process, since loading the encoder takes longer, as are all of an encoder that no
    settings name.

    Raises:
        EncoderFailed: a child process was killed, or its encoder cannot be loaded.
    """
    pool: ProcessPoolExecutor | None = None
    # Not forked: the process may have threads.
    spawn = get_context("spawn")
    # The children end when they read the end of this pipe: the parent closes it, or it is killed.
    reader, writer = spawn.Pipe(duplex=False)

    def encode(level: str, batches: Sequence[Sequence[str]]) -> Iterator[EncodedBatch]:
        nonlocal pool
        if settings is None or processes == 1 or len(batches) <= processes:
            yield from (encode_articles(archive, encoder, level, batch) for batch in batches)
            return
        if pool is None:
            arguments = (archive.directory, settings, reader)
            pool = ProcessPoolExecutor(processes, spawn, _start_process, arguments)
        in_progress: deque[Future[EncodedBatch]] = deque()
        try:
            for batch in batches:
                in_progress.append(pool.submit(_encode, level, batch))
                if len(in_progress) >= _BATCHES_AHEAD * processes:
                    yield in_progress.popleft().result()
            while in_progress:
                yield in_progress.popleft().result()
        except BrokenProcessPool as error:
            reason = f"one of its {processes} processes ended: is there enough memory for all of them?"
            raise EncoderFailed(encoder.identity.name, reason) from error

    try:
        yield encode
    finally:
        # A batch of long articles may take a minute: nothing waits for those in progress.
        writer.close()
        if pool:
            pool.shutdown(cancel_futures=True)
        reader.close()


_target: list[tuple[Archive, Encoder]] = []
"""In a child process: the archive that it reads, and its encoder."""


def _start_process(directory: Path, settings: MeaningSettings, end: Connection) -> None:
    # Control-C goes to all processes of a terminal; the parent ends its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_exit_at_the_end, args=(end,), daemon=True).start()
    _target.append((Archive.open(directory), open_encoder(settings)))


def _exit_at_the_end(end: Connection) -> None:
    with suppress(EOFError, OSError):
        end.recv()
    os._exit(1)


def _encode(level: str, article_ids: Sequence[str]) -> EncodedBatch:
    archive, encoder = _target[0]
    return encode_articles(archive, encoder, level, article_ids)


def _texts(article: Article | None, level: str, most: int) -> list[str]:
    if article is None:
        return []
    return [lead_of(article, most)] if level == LEAD else body_passages(article, most)
