"""Computing the vectors of an archive from its change log: the leads of all articles first, then the bodies.

Each of the two levels reads the change log from its own mark on and commits after every few articles, so that a run
continues where the last one stopped or was killed. Searches by words are not affected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from corpus import Archive, Article, Change, ChangeKind
from indexer.engine import EmbeddingState, EmbeddingSummary, LevelProgress
from indexer.errors import MeaningUnavailable, VectorsDamaged
from indexer.meaning.encoder import Encoder, Vectors, open_encoder
from indexer.meaning.passages import body_passages, lead_of
from indexer.meaning.settings import MeaningSettings, meaning_settings
from indexer.meaning.vector_store import (
    BODY,
    LEAD,
    LEVELS,
    Level,
    VectorCommit,
    VectorWriter,
    open_vector_writer,
    open_vectors,
    vector_bytes,
)

_BATCH: Final = {LEAD: 128, BODY: 32}  # articles of a commit: what a killed run has to do again


def vectors_directory(archive: Archive) -> Path:
    """Where an archive's vectors are."""
    return archive.directory / "meaning"


def configured(archive: Archive) -> MeaningSettings:
    """The settings of an archive's encoder.

    Raises:
        MeaningUnavailable: it has none.
        SettingsInvalid: they are invalid.
    """
    settings = meaning_settings(archive)
    if settings is None:
        raise MeaningUnavailable("the archive has no encoder: name one in arshif.toml, [meaning] encoder = …")
    return settings


def embed_archive(
    archive: Archive,
    progress: LevelProgress,
    *,
    replace: bool = False,
    encoder: Encoder | None = None,
    finished: Callable[[str], None] = lambda level: None,
) -> EmbeddingSummary:
    """Computes the vectors of what has changed since the marks; with `replace`, of the whole archive.

    `finished` is called when a level is complete, while no other process may write vectors.

    If it is interrupted at any point, the next run continues after the last commit. Vectors of another encoder than
    the settings name are replaced.

    Raises:
        MeaningUnavailable, LibraryMissing, EncoderFailed: see `configured` and `open_encoder`.
        VectorsLocked, VectorsDamaged, VectorsWriteFailed: see `open_vector_writer`.
    """
    began = perf_counter()
    encoder = encoder or open_encoder(configured(archive))
    directory = vectors_directory(archive)
    done, vectors = dict.fromkeys(LEVELS, 0), 0
    with open_vector_writer(directory, encoder.identity, replace=replace) as writer:
        _check_not_ahead(archive, directory, writer.commit)
        for level in LEVELS:
            articles, added = _embed_level(archive, encoder, writer, level, progress)
            done[level] += articles
            vectors += added
            finished(level)
    return EmbeddingSummary(done[LEAD], done[BODY], vectors, perf_counter() - began)


def embedding_state(archive: Archive) -> EmbeddingState | None:
    """How far the vectors of an archive are, without loading the encoder; None if it has no encoder.

    Raises:
        SettingsInvalid: see `meaning_settings`.
        VectorsDamaged: see `open_vectors`.
    """
    settings = meaning_settings(archive)
    if settings is None:
        return None
    directory = vectors_directory(archive)
    stored = open_vectors(directory)
    name = stored.commit.identity.name if stored else settings.encoder
    other = stored is not None and name != settings.encoder and not name.startswith(f"{settings.encoder}: ")
    # Vectors of another encoder are replaced: all articles are to be encoded.
    levels = stored.commit.levels if stored and not other else dict.fromkeys(LEVELS, Level())
    return EmbeddingState(
        settings.encoder,
        name if other else None,
        pending_texts(archive, levels[LEAD].change),
        pending_texts(archive, levels[BODY].change),
        stored.passage_count if stored else 0,
        vector_bytes(directory),
    )


def verify_vectors(archive: Archive) -> int:
    """Verifies the checksums of the vectors, and that every article up to the mark has its lead's; returns how many.

    Raises:
        VectorsDamaged: a checksum is wrong, an article's vector is missing, or the marks are ahead of the archive.
    """
    directory = vectors_directory(archive)
    stored = open_vectors(directory, verify=True)
    if stored is None:
        return 0
    _check_not_ahead(archive, directory, stored.commit)
    mark, known = stored.commit.levels[LEAD].change, stored.numbers(LEAD)
    expected = archive.ids_until(mark) - {change.article_id for change in archive.changes(since=mark)}
    missing = [article_id for article_id, number in archive.numbers(expected).items() if number not in known]
    # An article that is damaged in the archive has no vector; `verify_archive` reports it.
    if lost := archive.get_many(missing):
        raise VectorsDamaged(directory, f"those of {len(lost):,} articles are missing")
    return len(known)


def _embed_level(
    archive: Archive, encoder: Encoder, writer: VectorWriter, level: str, progress: LevelProgress
) -> tuple[int, int]:
    """Encodes what a level lacks; returns the number of articles and of vectors."""
    newest = archive.last_change()  # read first: what is added in between must not be skipped
    changes = _text_changes(archive, writer.commit.levels[level].change)
    # An article that changed several times is encoded at its last change.
    last = {change.article_id: change.number for change in changes}
    queue = [change for change in changes if last[change.article_id] == change.number]
    size, vectors = _BATCH[level], 0
    progress(level, 0, len(queue))
    for start in range(0, len(queue), size):
        batch = queue[start : start + size]
        found = _encode(archive, encoder, level, [change.article_id for change in batch])
        writer.add(level, found, batch[-1].number)
        vectors += sum(map(len, found.values()))
        progress(level, min(start + size, len(queue)), len(queue))
    if writer.commit.levels[level].change < newest:
        writer.add(level, {}, newest)  # the changes after the last one are not of texts
    return len(queue), vectors


def _encode(archive: Archive, encoder: Encoder, level: str, article_ids: Sequence[str]) -> dict[int, Vectors]:
    """The vectors of articles, by their numbers; none of articles that were removed, perhaps while this ran."""
    articles = archive.get_many(article_ids)
    texts = {article_id: _texts(articles.get(article_id), level, encoder.max_letters) for article_id in article_ids}
    encoded = encoder.passages([text for several in texts.values() for text in several])
    starts = np.cumsum([0, *map(len, texts.values())]).tolist()
    numbers = archive.numbers(article_ids)
    return {
        numbers[article_id]: encoded[start:end]
        for article_id, start, end in zip(texts, starts, starts[1:], strict=False)
    }


def _texts(article: Article | None, level: str, most: int) -> list[str]:
    if article is None:
        return []
    return [lead_of(article, most)] if level == LEAD else body_passages(article, most)


def _text_changes(archive: Archive, mark: int) -> list[Change]:
    """The changes after a mark that are not of an article's group."""
    return [change for change in archive.changes(since=mark) if change.kind is not ChangeKind.GROUPED]


def pending_texts(archive: Archive, mark: int) -> int:
    """The number of articles whose text changed after a mark."""
    return len({change.article_id for change in _text_changes(archive, mark)})


def _check_not_ahead(archive: Archive, directory: Path, commit: VectorCommit) -> None:
    if max(level.change for level in commit.levels.values()) > archive.last_change():
        raise VectorsDamaged(directory, "they are ahead of the archive: was the archive restored from a backup?")
