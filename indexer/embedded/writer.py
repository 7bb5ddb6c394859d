"""Writing articles to the index in bulk: a Whoosh writer that makes segments from arrays of word numbers.

Which segments a commit merges: so many that searches stay quick, so few that additions stay cheap.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from whoosh.codec.base import Segment
from whoosh.index import clean_files
from whoosh.writing import SegmentWriter

from corpus import ArshifError, Article
from indexer.analysis import Level
from indexer.analysis.fields import TITLE_GAP, field_values
from indexer.codec import (
    ColumnarCodec,
    DamagedPostings,
    FieldArrays,
    FieldPostings,
    Kind,
    document_maps,
    invert,
    merge,
)
from indexer.codec import SegmentPostings as Postings
from indexer.codec.arrays import POSTINGS_EXTENSION
from indexer.codec.segment_files import open_postings
from indexer.embedded.commit import ArchiveIndex, read_commit, write_commit
from indexer.embedded.schema import FORM_FIELDS, LEVEL_FIELDS, NAME_FIELDS, ORDER
from indexer.embedded.similar_stems import write_similar
from indexer.embedded.token_buffer import LevelTerms, RunNumbers, TokenBuffer

SEGMENT_CHARACTERS: Final = 72_000_000
"""Characters at which a segment is written: some twelve million words of 40,000 articles, and half a gigabyte while it
is sorted."""

REMEMBERED_RUNS: Final = 1_000_000
"""Distinct printed runs at which their numbers are begun anew with the next segment: some 200 megabytes."""


class ArchiveWriter(SegmentWriter):  # type: ignore[misc]  # Whoosh's base class is untyped
    """Holds the index's lock from its making to `commit_changes` or `cancel`.

    Raises:
        whoosh.index.LockError: another writer held the lock for `timeout` seconds.
    """

    docnum: int
    perdocwriter: Any
    fieldwriter: Any

    def __init__(self, index: ArchiveIndex, *, timeout: float) -> None:
        super().__init__(index, timeout=timeout, codec=ColumnarCodec(), compound=False)
        self._directory = Path(self.storage.folder)
        self._change = 0
        self._remove_unfinished_tocs()
        self._written: list[Segment] = []
        self._numbers = RunNumbers()
        self._begin()

    def add_article(self, article: Article, number: int, group: str | None = None) -> None:
        """Adds an article, of this group; one of the same id that is in the index must have been deleted before.

        `number` is the article's in the archive, by which equals are ordered.
        """
        self.perdocwriter.start_doc(self.docnum)
        self.perdocwriter.add_field("id", self.schema["id"], article.id, 0)
        self.perdocwriter.finish_doc()
        body = article.text
        self._buffers["title"].add(article.title)
        self._buffers["body"].add(body)
        for field, value in zip(FORM_FIELDS, (article.source, article.section, " ".join(article.authors)), strict=True):
            self._buffers[field].add(value or "")
        for field, values in field_values(article, group).items():
            for value in dict.fromkeys(values):
                self._names[field].setdefault(value, []).append(self.docnum)
        self._order.append(number)
        self.docnum += 1
        self._added = True
        self._characters += len(article.title) + len(body)
        if self._characters >= SEGMENT_CHARACTERS:
            self._write_segment()

    def delete_articles(self, article_ids: Iterable[str]) -> int:
        """Marks the articles of these ids as deleted; gives how many there were."""
        deleted = 0
        wanted = [article_id.encode("utf-8", "surrogatepass") for article_id in article_ids]
        for segment in self.segments:
            postings = self._open(segment)
            ids = postings.fields["id"]
            for term in wanted:
                if (number := ids.find(term)) >= 0:
                    for document in ids.docs(number).tolist():
                        if not segment.is_deleted(document):
                            segment.delete_document(document)
                            deleted += 1
            del ids
            postings.close()
        return deleted

    def verify(self) -> None:
        """Compares the checksums of the segments that were there when this writer was opened.

        Raises:
            DamagedPostings: a byte is not what was written.
            FileNotFoundError: a file is missing.
        """
        for segment in self.segments:
            postings = self._open(segment)
            postings.verify()
            postings.close()

    def commit_changes(self, change: int) -> None:
        """Commits what was added and deleted, and that the index now stands at this change of the archive."""
        self._change = change
        self.commit(mergetype=lambda writer, segments: self._merged_or_removed(segments))

    def cancel(self) -> None:
        """Gives up, takes away the files of the segments that were begun, and unlocks the index."""
        self._check_state()
        # The disk may refuse even the closing of files; the files, and the lock, must go all the same.
        with suppress(OSError, ValueError):
            self._close_segment()
        self._remove_uncommitted()
        self._finish()

    # When a commit fails, Whoosh unlocks the index by itself: what was not committed must be gone before.

    def _merged_or_removed(self, segments: list[Segment]) -> list[Segment]:
        try:
            return self._merged(segments)
        except BaseException:
            self._remove_uncommitted()
            raise

    def _commit_toc(self, segments: list[Segment]) -> None:
        try:
            write_commit(self._directory, self.schema, segments, self.generation, self._change)
            clean_files(self.storage, self.indexname, self.generation, segments)
        except BaseException:
            self._remove_uncommitted()
            raise

    def _remove_uncommitted(self) -> None:
        """Takes away the files of all segments that are not committed; this writer holds the lock."""
        self._remove_unfinished_tocs()
        with suppress(ArshifError, OSError):  # an index that cannot be read is not cleaned
            # Read anew: who is interrupted right after committing comes here too, and must not lose what was committed.
            committed = read_commit(self._directory)
            clean_files(self.storage, self.indexname, committed.generation, committed.segments)

    def _remove_unfinished_tocs(self) -> None:
        """Takes away what a killed writer left of a table of contents; only who holds the lock writes one."""
        for name in self.storage.list():
            if ".toc." in name:
                with suppress(OSError):
                    self.storage.delete_file(name)

    def _begin(self) -> None:
        """Begins a new segment."""
        if len(self._numbers) >= REMEMBERED_RUNS:
            self._numbers = RunNumbers()
        self._buffers = {field: TokenBuffer(self._numbers) for field in ("title", "body", *FORM_FIELDS)}
        self._names: dict[str, dict[str, list[int]]] = {field: {} for field in NAME_FIELDS}
        self._order = array("Q")
        self._characters = 0

    def _write_segment(self) -> None:
        self._written.append(self._finalize_segment())
        self._added = False
        self.docnum = self.docbase
        self.newsegment = self.codec.new_segment(self.storage, self.indexname)
        self.perdocwriter = self.codec.per_document_writer(self.storage, self.newsegment)
        self.fieldwriter = self.codec.field_writer(self.storage, self.newsegment)
        self._begin()

    def _flush_segment(self) -> None:
        """Writes the postings of the segment; called by Whoosh's own `_finalize_segment`."""
        self.perdocwriter.close()
        count = self.docnum - self.docbase
        fields = {field: buffer.arrays() for field, buffer in self._buffers.items()}
        levels = {level: LevelTerms(self._numbers.terms, level) for level in Level}  # now that all words are numbered
        title = fields["title"]
        text = _joined(title, fields.pop("body"), count)
        for field, level in LEVEL_FIELDS.items():
            words, docs, positions = text if field.startswith("text_") else title
            kept = positions if level is Level.FORM else None
            self.fieldwriter.write_field(field, levels[level].invert(words, docs, kept, count))
        for field in FORM_FIELDS:
            words, docs, positions = fields[field]
            self.fieldwriter.write_field(field, levels[Level.FORM].invert(words, docs, positions, count))
        for field, documents in self._names.items():
            self.fieldwriter.write_field(field, _name_arrays(documents))
        self.fieldwriter.write_column(ORDER, np.array(self._order, np.uint64))
        self.fieldwriter.close()
        write_similar(self.storage, self.newsegment)

    def _merged(self, segments: list[Segment]) -> list[Segment]:
        """The segments to commit: what was written and what was there, merged as `indexer.embedded.writer` chooses."""
        if self._added:
            self._write_segment()
        segments = [*segments, *self._written]
        committed = []
        for group in choose_merges([self._size(segment) for segment in segments]):
            merged = [segments[number] for number in group]
            stays = len(merged) == 1 and merged[0].deleted_count() <= merged[0].doc_count()
            committed.append(merged[0] if stays else self._merge(merged))
        return committed

    def _open(self, segment: Segment) -> Postings:
        postings = open_postings(self.storage, segment)
        if postings.doc_count != segment.doc_count_all():
            raise DamagedPostings(
                postings.name, f"it has {postings.doc_count} documents, not {segment.doc_count_all()}"
            )
        return postings

    def _size(self, segment: Segment) -> SegmentSize:
        size = self.storage.file_length(segment.make_filename(POSTINGS_EXTENSION))
        return SegmentSize(segment.doc_count(), segment.deleted_count(), size)

    def _merge(self, segments: list[Segment]) -> Segment:
        """A new segment with the live documents of these."""
        merged = self.codec.new_segment(self.storage, self.indexname)
        documents = self.codec.per_document_writer(self.storage, merged)
        fields = self.codec.field_writer(self.storage, merged)
        opened = [self._open(segment) for segment in segments]
        for postings in opened:
            postings.verify()  # or damage would go into the new segment, under a right checksum
        maps = document_maps((segment.doc_count_all(), _deleted_mask(segment)) for segment in segments)
        count = sum(segment.doc_count() for segment in segments)
        ids = _ids_in_order(opened, maps, count)
        for number, article_id in enumerate(ids):
            documents.start_doc(number)
            documents.add_field("id", self.schema["id"], article_id, 0)
            documents.finish_doc()
        documents.close()
        for name in (*LEVEL_FIELDS, *FORM_FIELDS, *NAME_FIELDS):
            sources = [(postings.fields[name], new) for postings, new in zip(opened, maps, strict=True)]
            fields.write_field(name, merge(sources))
        order = np.zeros(count, np.uint64)
        for postings, new in zip(opened, maps, strict=True):
            order[new[new >= 0]] = postings.column(ORDER)[new >= 0]
        fields.write_column(ORDER, order)
        merged.set_doc_count(count)
        fields.close()
        for postings in opened:
            postings.close()
        write_similar(self.storage, merged)
        return merged


def _joined(title: Any, body: Any, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
    """The postings of a field of names: name → the documents that have it."""
    terms = [name.encode("utf-8", "surrogatepass") for name in documents]
    counts = [len(found) for found in documents.values()]
    numbers = np.repeat(np.arange(len(terms), dtype=np.uint32), counts)
    docs = np.array([doc for found in documents.values() for doc in found], np.uint32)
    return invert(numbers, docs, None, terms, kind=Kind.EXISTENCE, has_lengths=False)


def _deleted_mask(segment: Segment) -> np.ndarray | None:
    if not segment.has_deletions():
        return None
    mask = np.zeros(segment.doc_count_all(), np.bool_)
    mask[list(segment.deleted_docs())] = True
    return mask


def _ids_in_order(opened: list[Postings], maps: list[np.ndarray], count: int) -> list[str]:
    """The ids of the documents that stay, by their new numbers."""
    ids = [""] * count
    for postings, new in zip(opened, maps, strict=True):
        field: FieldPostings = postings.fields["id"]
        for term, document in zip(field.terms(), field.flat_docs.tolist(), strict=True):
            if new[document] >= 0:
                ids[new[document]] = term.decode("utf-8", "surrogatepass")
    return ids


SMALL_SEGMENT: Final = 1000
"""Documents; smaller segments are merged whatever is written: it takes milliseconds, and searches see fewer."""

MOST_BYTES: Final = 1_200_000_000
"""No merge makes a segment of more bytes: half a million articles of news. Merging holds twice as much in memory."""


@dataclass(frozen=True, slots=True)
class SegmentSize:
    """Documents that live in a segment, documents that were deleted, bytes of its postings."""

    live: int
    deleted: int
    size: int

    @property
    def bytes_left(self) -> int:
        """About how many bytes its living documents take."""
        return self.size * self.live // max(1, self.live + self.deleted)


def choose_merges(segments: Sequence[SegmentSize], most_bytes: int = MOST_BYTES) -> list[list[int]]:
    """The segments to commit, by the numbers of those of which each is made; a segment that stays stands alone.

    The smallest are merged while the next is at most twice as large as they together, so that n additions leave about
    log3(n) segments, and each article is rewritten as often (the logarithmic method of Bentley and Saxe, 1980).
    Segments more than half deleted are merged whatever comes, alone too; those without living documents are left out.
    """
    groups: list[list[int]] = []
    taken: list[int] = []
    live = size = 0
    for number in sorted(range(len(segments)), key=lambda number: segments[number].live):
        segment = segments[number]
        if not segment.live:
            continue
        near = not taken or segment.live <= max(2 * live, SMALL_SEGMENT) or segment.deleted > segment.live
        if not near:
            groups.append([number])
            continue
        if taken and size + segment.bytes_left > most_bytes:
            groups.append(taken)
            taken, live, size = [], 0, 0
        taken.append(number)
        live += segment.live
        size += segment.bytes_left
    return [*groups, taken] if taken else groups
