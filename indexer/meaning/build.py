"""Computing the vectors of an archive from its change log: the leads of all articles first, then the bodies.

Each of the two levels reads the change log from its own mark on and commits after every few articles, so that a run
continues where the last one stopped or was killed. Searches by words are not affected.

The leads of a few new articles are also encoded by the commands that index them (`embed_new_leads`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from time import perf_counter
from typing import Final, Protocol

from corpus import Archive, Change, ChangeKind
from indexer.engine import EmbeddingState, EmbeddingSummary, LevelProgress
from indexer.errors import MeaningUnavailable, VectorsDamaged, VectorsLocked
from indexer.meaning.articles import EncodeBatches, encoding
from indexer.meaning.encoder import Encoder, EncoderIdentity, is_of_encoder, open_encoder
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
    read_vector_commit,
    vector_bytes,
)

NEW_LEADS: Final = 100
"""Articles whose leads are encoded as soon as they are indexed: the work of some seconds."""

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


class VectorReceiver(Protocol):
    """Receives the vectors of an archive when they are computed, such as a cluster."""

    def begin(self, identity: EncoderIdentity) -> None:
        """Called before anything is computed, with the encoder."""

    def finish(self, level: str) -> None:
        """Called when a level is complete, while no other process may write vectors."""


def embed_archive(
    archive: Archive,
    progress: LevelProgress,
    *,
    replace: bool = False,
    processes: int = 1,
    encoder: Encoder | None = None,
    receiver: VectorReceiver | None = None,
) -> EmbeddingSummary:
    """Computes the vectors of what has changed since the marks; with `replace`, of the whole archive.

    With several `processes`, each loads the encoder that the settings name; `encoder` is for one process.

    If it is interrupted at any point, the next run continues after the last commit. Vectors of another encoder than
    the settings name are replaced.

    Raises:
        MeaningUnavailable, LibraryMissing, EncoderFailed: see `configured` and `open_encoder`.
        VectorsLocked, VectorsDamaged, VectorsWriteFailed: see `open_vector_writer`.
    """
    began = perf_counter()
    settings = None
    if encoder is None:
        settings = configured(archive)
        encoder = open_encoder(settings)
    if receiver:
        receiver.begin(encoder.identity)
    directory = vectors_directory(archive)
    done, vectors = dict.fromkeys(LEVELS, 0), 0
    with (
        open_vector_writer(directory, encoder.identity, replace=replace) as writer,
        encoding(archive, encoder, settings, processes) as encode,
    ):
        _check_usable(archive, directory, writer.commit)
        complete = False
        while not complete:
            for level in LEVELS:
                articles, added = _embed_level(archive, encode, writer, level, progress)
                done[level] += articles
                vectors += added
                if receiver:
                    receiver.finish(level)
            # Articles may have been added meanwhile, and their command leaves them to this run.
            complete = not any(pending_texts(archive, level.change) for level in writer.commit.levels.values())
    return EmbeddingSummary(done[LEAD], done[BODY], vectors, perf_counter() - began)


def embed_new_leads(
    archive: Archive, encoder: Encoder | None = None, receiver: VectorReceiver | None = None
) -> tuple[int, int]:
    """Computes the vectors of the leads of new articles, if they are at most `NEW_LEADS`, so that they are found at
    once; returns how many were encoded and how many are missing.

    The first vectors are not computed here, nor all again for another encoder: that is `embed_archive`'s work, as are
    the bodies. While another process computes, it has the new articles too.

    Raises:
        LibraryMissing, EncoderFailed, SettingsInvalid: see `open_encoder` and `meaning_settings`.
        VectorsDamaged, VectorsWriteFailed: see `open_vector_writer`.
    """
    directory, settings = vectors_directory(archive), meaning_settings(archive)
    commit = read_vector_commit(directory) if settings else None
    if settings is None or commit is None:
        return 0, 0
    check_vectors_not_ahead(archive, directory, commit)
    pending = pending_texts(archive, commit.levels[LEAD].change)
    if not 0 < pending <= NEW_LEADS:
        return 0, pending
    encoder = encoder or open_encoder(settings)
    if encoder.identity != commit.identity:
        return 0, pending
    if receiver:
        receiver.begin(encoder.identity)
    try:
        with (
            open_vector_writer(directory, encoder.identity) as writer,
            encoding(archive, encoder, None, 1) as encode,
        ):
            _check_usable(archive, directory, writer.commit)
            encoded = _embed_level(archive, encode, writer, LEAD, lambda level, done, total: None)[0]
            if receiver:
                receiver.finish(LEAD)
            return encoded, 0
    except VectorsLocked:
        return 0, 0


def embedding_state(archive: Archive) -> EmbeddingState | None:
    """How far the vectors of an archive are, without loading the encoder; None if it has no encoder.

    Raises:
        SettingsInvalid: see `meaning_settings`.
        VectorsDamaged: see `open_vectors`; or the marks are ahead of the archive.
    """
    settings = meaning_settings(archive)
    if settings is None:
        return None
    directory = vectors_directory(archive)
    stored = open_vectors(directory)
    own = stored is not None and is_of_encoder(stored.commit.identity, settings.encoder)
    if stored and own:
        check_vectors_not_ahead(archive, directory, stored.commit)
    # Vectors of another encoder are replaced: all articles are to be encoded.
    levels = stored.commit.levels if stored and own else dict.fromkeys(LEVELS, Level())
    return EmbeddingState(
        settings.encoder,
        stored.commit.identity.name if stored and not own else None,
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
    check_vectors_not_ahead(archive, directory, stored.commit)
    known = stored.numbers(LEAD)
    check_complete(archive, directory, stored.commit.levels[LEAD].change, known)
    return len(known)


def check_not_ahead(archive: Archive, place: Path, marks: Iterable[int]) -> None:
    """Compares the marks of the vectors at a place, a directory or an index, with the archive's change log.

    Raises:
        VectorsDamaged: a mark is ahead of the archive.
    """
    if max(marks) > archive.last_change():
        raise VectorsDamaged(place, "they are ahead of the archive: was the archive restored from a backup?")


def check_complete(archive: Archive, place: Path, mark: int, known: Collection[int]) -> None:
    """Looks for articles, up to a mark, that are not among those with vectors, given by their numbers.

    Raises:
        VectorsDamaged: an article's vector is missing.
    """
    expected = archive.ids_until(mark) - {change.article_id for change in archive.changes(since=mark)}
    missing = [article_id for article_id, number in archive.numbers(expected).items() if number not in known]
    # An article that is damaged in the archive has no vector; `verify_archive` reports it.
    if lost := archive.get_many(missing):
        raise VectorsDamaged(place, f"those of {len(lost):,} articles are missing")


def _embed_level(
    archive: Archive, encode: EncodeBatches, writer: VectorWriter, level: str, progress: LevelProgress
) -> tuple[int, int]:
    """Encodes what a level lacks; returns the number of articles and of vectors."""
    newest = archive.last_change()  # read first: what is added in between must not be skipped
    changes = _text_changes(archive, writer.commit.levels[level].change)
    # An article that changed several times is encoded at its last change.
    last = {change.article_id: change.number for change in changes}
    queue = [change for change in changes if last[change.article_id] == change.number]
    size, vectors = _BATCH[level], 0
    progress(level, 0, len(queue))
    batches = [queue[start : start + size] for start in range(0, len(queue), size)]
    encoded = encode(level, [[change.article_id for change in batch] for batch in batches])
    for at, (batch, found) in enumerate(zip(batches, encoded, strict=True), 1):
        writer.add(level, found, batch[-1].number)
        vectors += sum(map(len, found.values()))
        progress(level, min(at * size, len(queue)), len(queue))
    if writer.commit.levels[level].change < newest:
        writer.add(level, {}, newest)  # the changes after the last one are not of texts
    return len(queue), vectors


def _text_changes(archive: Archive, mark: int) -> list[Change]:
    """The changes after a mark that are not of an article's group."""
    return [change for change in archive.changes(since=mark) if change.kind is not ChangeKind.GROUPED]


def pending_texts(archive: Archive, mark: int) -> int:
    """The number of articles whose text changed after a mark."""
    return len({change.article_id for change in _text_changes(archive, mark)})


def check_vectors_not_ahead(archive: Archive, directory: Path, commit: VectorCommit) -> None:
    """Vectors of changes that the archive does not have may be those of other articles, whose numbers are used again.

    Raises:
        VectorsDamaged: there are such vectors.
    """
    check_not_ahead(archive, directory, [level.change for level in commit.levels.values()])


def _check_usable(archive: Archive, directory: Path, commit: VectorCommit) -> None:
    """Nothing is added to vectors that no search can open; checksums are left to `verify_vectors`."""
    check_vectors_not_ahead(archive, directory, commit)
    if any(level.files for level in commit.levels.values()):
        open_vectors(directory)
