"""Writing articles to the index in bulk: segments are made and merged as arrays, and committed with the mark.

Nothing is written per article. Words are collected as numbers (`indexer.embedded.token_buffer`), inverted by one sort
per field, and written as one file of postings per segment. `choose_merges` decides which segments a commit merges.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from whoosh.codec.base import Segment
from whoosh.filedb.filestore import FileStorage

from corpus import ArshifError, Article
from indexer.analysis import Level
from indexer.analysis.fields import TITLE_GAP, field_values
from indexer.codec import (
    POSTINGS_EXTENSION,
    DamagedPostings,
    FieldArrays,
    Kind,
    SegmentPostings,
    SegmentPostingsWriter,
    document_maps,
    invert,
    merge,
    open_postings,
)
from indexer.embedded.commit import newest_generation, read_commit, write_commit
from indexer.embedded.schema import FORM_FIELDS, LEVEL_FIELDS, NAME_FIELDS, ORDER, make_codec
from indexer.embedded.similar_stems import write_similar
from indexer.embedded.token_buffer import LevelTerms, RunNumbers, TokenBuffer
from indexer.embedded.whoosh_internals import INDEX_NAME, delete_unused_files, lock_index

SEGMENT_CHARACTERS: Final = 72_000_000
"""Characters at which a segment is written: some twelve million words of 40,000 articles, and half a gigabyte while it
is sorted."""

REMEMBERED_RUNS: Final = 1_000_000
"""Distinct printed runs after which the next segment numbers them from 0 again: some 200 megabytes."""

SMALL_SEGMENT: Final = 1000
"""Documents; smaller segments are merged by every commit: it takes milliseconds, and searches read fewer segments."""

MAX_MERGED_BYTES: Final = 1_200_000_000
"""No merge makes a larger segment: half a million news articles. Merging takes twice as much memory."""


class ArchiveWriter:
    """The writer of an index. It holds the index's lock until `commit` or `cancel`.

    Args:
        directory: the index.
        timeout: seconds to wait for the lock.
        replace: write a new index: nothing of the old one is read except the number of its commit.

    Raises:
        whoosh.index.LockError: another writer held the lock for `timeout` seconds.
        ArshifError, OSError: as `read_commit`.
    """

    def __init__(self, directory: Path, *, timeout: float, replace: bool = False) -> None:
        self._directory = directory
        self._storage = FileStorage(str(directory))
        self._codec = make_codec()
        self._segments: list[Segment] = []
        self._written: list[Segment] = []
        self._lock = lock_index(self._storage, timeout)
        try:
            self._delete_unfinished_commits()
            if replace:
                self._generation = newest_generation(directory) + 1
            else:
                commit = read_commit(directory)
                self._generation = commit.generation + 1
                self._segments = list(commit.segments)
        except BaseException:
            self._lock.release()
            raise
        self._runs = RunNumbers()
        self._buffer = _SegmentBuffer(self._runs)

    def add_article(self, article: Article, number: int, group: str | None = None) -> None:
        """Adds an article of a group. If the index has one of its id, that must have been deleted before.

        `number` is the article's in the archive: hits with equal scores are sorted by it.
        """
        self._buffer.add(article, number, group)
        if self._buffer.characters >= SEGMENT_CHARACTERS:
            self._write_segment()

    def delete_articles(self, article_ids: Iterable[str]) -> int:
        """Marks the articles of these ids as deleted; returns how many the index had."""
        deleted = 0
        terms = [article_id.encode("utf-8", "surrogatepass") for article_id in article_ids]
        for segment in self._segments:
            with closing(self._open(segment)) as postings:
                ids = postings.fields["id"]
                numbers = [number for number in map(ids.find, terms) if number >= 0]
                documents = [document for number in numbers for document in ids.docs(number).tolist()]
                del ids
            for document in documents:
                if not segment.is_deleted(document):
                    segment.delete_document(document)
                    deleted += 1
        return deleted

    def verify(self) -> None:
        """Compares the checksums of the segments that were committed when this writer was opened.

        Raises:
            DamagedPostings: a byte is not what was written.
            FileNotFoundError: a file is missing.
        """
        for segment in self._segments:
            with closing(self._open(segment)) as postings:
                postings.verify()

    def commit(self, change: int) -> None:
        """Commits what was added and deleted, with the change of the archive that the index has reached, and unlocks.

        After an exception nothing is committed unless its rename was done, and the writer is to be cancelled.
        """
        segments = self._merged_segments()
        write_commit(self._directory, segments, self._generation, change)
        delete_unused_files(self._storage, self._generation, segments)
        self._unlock()

    def cancel(self) -> None:
        """Deletes the files of what was not committed, and unlocks; does nothing after `commit`."""
        if self._lock is None:
            return
        try:
            self._delete_unfinished_commits()
            with suppress(ArshifError, OSError):  # an index that cannot be read is not cleaned
                # Read again: an interrupt right after the commit must not delete what was committed.
                committed = read_commit(self._directory)
                delete_unused_files(self._storage, committed.generation, committed.segments)
        finally:
            self._unlock()

    def _unlock(self) -> None:
        lock, self._lock = self._lock, None
        lock.release()

    def _delete_unfinished_commits(self) -> None:
        """Deletes the temporary commit files of killed writers: only the holder of the lock writes one."""
        for name in self._storage.list():
            if ".toc." in name:
                with suppress(OSError):
                    self._storage.delete_file(name)

    def _write_segment(self) -> None:
        segment = self._codec.new_segment(self._storage, INDEX_NAME)
        with self._writing(segment, len(self._buffer)) as postings:
            self._buffer.write(postings)
        self._written.append(segment)
        if len(self._runs) >= REMEMBERED_RUNS:
            self._runs = RunNumbers()
        self._buffer = _SegmentBuffer(self._runs)

    @contextmanager
    def _writing(self, segment: Segment, doc_count: int) -> Iterator[SegmentPostingsWriter]:
        """Writes the files of a new segment, whose postings the caller adds."""
        with closing(segment.create_file(self._storage, POSTINGS_EXTENSION)) as file:
            postings = SegmentPostingsWriter(file)
            yield postings
            postings.finish(doc_count)
        segment.set_doc_count(doc_count)
        write_similar(self._storage, segment)

    def _merged_segments(self) -> list[Segment]:
        """The segments to commit: the committed and the written ones, merged as `choose_merges` decides."""
        if len(self._buffer):
            self._write_segment()
        segments = [*self._segments, *self._written]
        merged = []
        for numbers in choose_merges([self._size(segment) for segment in segments]):
            group = [segments[number] for number in numbers]
            unchanged = len(group) == 1 and group[0].deleted_count() <= group[0].doc_count()
            merged.append(group[0] if unchanged else self._merge(group))
        return merged

    def _merge(self, segments: Sequence[Segment]) -> Segment:
        """Writes a new segment with the live documents of some."""
        merged = self._codec.new_segment(self._storage, INDEX_NAME)
        with ExitStack() as stack:
            sources = [stack.enter_context(closing(self._open(segment))) for segment in segments]
            for postings in sources:
                postings.verify()  # or damage would be copied under a right checksum
            maps = document_maps((segment.doc_count_all(), _deleted_mask(segment)) for segment in segments)
            count = sum(segment.doc_count() for segment in segments)
            order = np.zeros(count, np.uint64)
            for postings, new in zip(sources, maps, strict=True):
                order[new[new >= 0]] = postings.column(ORDER)[new >= 0]
            with self._writing(merged, count) as writer:
                for name in (*LEVEL_FIELDS, *FORM_FIELDS, *NAME_FIELDS):
                    writer.add_field(name, merge([(p.fields[name], new) for p, new in zip(sources, maps, strict=True)]))
                writer.add_column(ORDER, order)
        return merged

    def _open(self, segment: Segment) -> SegmentPostings:
        postings = open_postings(self._storage, segment)
        if postings.doc_count != segment.doc_count_all():
            raise DamagedPostings(
                postings.name, f"it has {postings.doc_count} documents, not {segment.doc_count_all()}"
            )
        return postings

    def _size(self, segment: Segment) -> SegmentSize:
        size = self._storage.file_length(segment.make_filename(POSTINGS_EXTENSION))
        return SegmentSize(segment.doc_count(), segment.deleted_count(), size)


@dataclass(frozen=True, slots=True)
class SegmentSize:
    """Live documents of a segment, deleted ones, and the bytes of its postings."""

    live: int
    deleted: int
    size: int

    @property
    def live_bytes(self) -> int:
        """About how many bytes the live documents take."""
        return self.size * self.live // max(1, self.live + self.deleted)


def choose_merges(segments: Sequence[SegmentSize], max_bytes: int = MAX_MERGED_BYTES) -> list[list[int]]:
    """Group the numbers of some segments into the segments to commit; an unmerged segment is a group of one.

    The smallest are merged while the next is at most twice as large as they are together, so that n additions leave
    about log3(n) segments, and each article is rewritten as often (the logarithmic method of Bentley and Saxe, 1980).
    A segment more than half deleted is always rewritten, alone if need be; one without live documents is left out.
    """
    groups: list[list[int]] = []
    group: list[int] = []
    live = size = 0
    for number in sorted(range(len(segments)), key=lambda number: segments[number].live):
        segment = segments[number]
        if not segment.live:
            continue
        near = not group or segment.live <= max(2 * live, SMALL_SEGMENT) or segment.deleted > segment.live
        if not near:
            groups.append([number])
            continue
        if group and size + segment.live_bytes > max_bytes:
            groups.append(group)
            group, live, size = [], 0, 0
        group.append(number)
        live += segment.live
        size += segment.live_bytes
    return [*groups, group] if group else groups


class _SegmentBuffer:
    """The articles of a segment that is not written yet."""

    def __init__(self, runs: RunNumbers) -> None:
        self._runs = runs
        self._texts = {field: TokenBuffer(runs) for field in ("title", "body", *FORM_FIELDS)}
        self._names: dict[str, dict[str, list[int]]] = {field: {} for field in NAME_FIELDS}  # value → documents
        self._order = array("Q")
        self.characters = 0
        """Of titles and bodies."""

    def __len__(self) -> int:
        return len(self._order)

    def add(self, article: Article, number: int, group: str | None) -> None:
        document = len(self)
        body = article.text
        self._texts["title"].add(article.title)
        self._texts["body"].add(body)
        for field, value in zip(FORM_FIELDS, (article.source, article.section, " ".join(article.authors)), strict=True):
            self._texts[field].add(value or "")
        for field, values in field_values(article, group).items():
            for value in dict.fromkeys(values):
                self._names[field].setdefault(value, []).append(document)
        self._order.append(number)
        self.characters += len(article.title) + len(body)

    def write(self, postings: SegmentPostingsWriter) -> None:
        """Inverts the fields and writes them."""
        count = len(self)
        fields = {field: buffer.arrays() for field, buffer in self._texts.items()}
        levels = {level: LevelTerms(self._runs.terms, level) for level in Level}  # now that all words are numbered
        title = fields["title"]
        text = _title_and_body(title, fields.pop("body"), count)
        for field, level in LEVEL_FIELDS.items():
            words, docs, positions = text if field.startswith("text_") else title
            kept = positions if level is Level.FORM else None
            postings.add_field(field, levels[level].invert(words, docs, kept, count))
        for field in FORM_FIELDS:
            words, docs, positions = fields[field]
            postings.add_field(field, levels[Level.FORM].invert(words, docs, positions, count))
        for field, documents in self._names.items():
            postings.add_field(field, _name_arrays(documents))
        postings.add_column(ORDER, np.array(self._order, np.uint64))


def _title_and_body(title: Any, body: Any, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Words, documents and positions of titles and bodies, the body after the title and a gap."""
    lengths = np.bincount(title[1], minlength=count) if len(title[1]) else np.zeros(count, np.int64)
    offsets = np.where(lengths > 0, lengths + TITLE_GAP, 0).astype(np.uint32)
    words, docs, positions = body
    shifted = positions + offsets[docs] if len(docs) else positions
    return (
        np.concatenate((title[0], words)),
        np.concatenate((title[1], docs)),
        np.concatenate((title[2], shifted)),
    )


def _name_arrays(documents: dict[str, list[int]]) -> FieldArrays:
    """The postings of a field of names, from the documents of each name."""
    terms = [name.encode("utf-8", "surrogatepass") for name in documents]
    counts = [len(found) for found in documents.values()]
    numbers = np.repeat(np.arange(len(terms), dtype=np.uint32), counts)
    docs = np.array([doc for found in documents.values() for doc in found], np.uint32)
    return invert(numbers, docs, None, terms, kind=Kind.EXISTENCE, has_lengths=False)


def _deleted_mask(segment: Segment) -> np.ndarray | None:
    """Whether each document of a segment is deleted, bool[documents]; None if none is."""
    if not segment.has_deletions():
        return None
    mask = np.zeros(segment.doc_count_all(), np.bool_)
    mask[list(segment.deleted_docs())] = True
    return mask
