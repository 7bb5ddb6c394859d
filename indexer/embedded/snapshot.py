"""One commit of the index, opened for reading: its segments' arrays, memory-mapped, and its statistics.

A snapshot never changes; later commits need a new one. Opening it reads the commit file and each segment file's
directory; everything else is read or computed when a query first needs it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from whoosh.codec.base import Segment
from whoosh.filedb.filestore import FileStorage

from corpus import ArshifError
from indexer.analysis.fields import NameSpellings, printed_time
from indexer.codec import DamagedPostings, FieldPostings, open_postings
from indexer.embedded.commit import Commit, open_commit
from indexer.embedded.fuzzy import SegmentVocabulary
from indexer.embedded.phrases import phrase
from indexer.embedded.schema import FORM_FIELDS, LEVEL_FIELDS, NAME_FIELDS, ORDER
from indexer.embedded.similar_stems import SimilarStems
from indexer.errors import IndexDamaged
from indexer.results import SourceTimes
from indexer.search.source_times import SourceCounts, source_times

T = TypeVar("T")

_FIELDS: Final = frozenset((*LEVEL_FIELDS, *FORM_FIELDS, *NAME_FIELDS))
NO_VALUE: Final = -1
"""The term number, time or document of what has none."""

_DAYS: Final = 100_000_000  # more than any day as a number, `yyyymmdd`
_LOOKED_AT: Final = 100  # documents of which the shortest are the witnesses
_MOST_TERMS: Final = 100_000  # whose numbers are remembered: a query looks each up to find, score and highlight it


class SegmentView:
    """One segment: postings, deletions, and the values of its documents.

    Raises:
        DamagedPostings: a file is truncated, or not of these documents and fields.
        FileNotFoundError: a file is missing.
    """

    def __init__(self, storage: Any, segment: Segment, base: int) -> None:
        self._postings = open_postings(storage, segment)
        # Opened now, like the postings: a later commit may delete the files, and mappings stay valid.
        self.similar = SimilarStems(storage, segment)
        """Looks up similar stems."""
        self.base = base
        """The snapshot number of this segment's first document."""
        self.doc_count: int = segment.doc_count_all()
        """Documents, including deleted ones."""
        if (count := self._postings.doc_count) != self.doc_count:
            raise DamagedPostings(self._postings.name, f"it has {count} documents, not {self.doc_count}")
        if missing := _FIELDS - self._postings.fields.keys():
            raise DamagedPostings(self._postings.name, f"it lacks the field {min(missing)!r}")
        self.order = self._postings.column(ORDER)
        """The number of each document's article in the archive, [doc_count]."""
        self.live: np.ndarray | None = None
        """Whether each document is live, bool[doc_count]; None if all are."""
        if segment.has_deletions():
            self.live = np.ones(self.doc_count, np.bool_)
            self.live[list(segment.deleted_docs())] = False
        self._made: dict[Any, Any] = {}

    def field(self, name: str) -> FieldPostings:
        """The postings of a field."""
        return self._postings.fields[name]

    def terms_of(self, name: str) -> np.ndarray:
        """For a field of one value per document: each document's term number, `NO_VALUE` for none; int32[doc_count]."""
        return self._once(("terms", name), self.field(name).term_of_documents)

    @property
    def times(self) -> np.ndarray:
        """Each document's second of publication since the year 1, `NO_VALUE` for none; int64[doc_count]."""

        def make() -> np.ndarray:
            seconds = np.array([int(term) for term in self.field("time").terms()] + [NO_VALUE], np.int64)
            times: np.ndarray = seconds[self.terms_of("time")]
            return times

        return self._once("times", make)

    @property
    def days(self) -> np.ndarray:
        """The terms of the field `day` as numbers, `yyyymmdd`; int64[terms]."""
        return self._once("days", lambda: np.array([int(term) for term in self.field("day").terms()], np.int64))

    def vocabulary_of(self, name: str) -> SegmentVocabulary:
        """The terms of a field, prepared for fuzzy matching."""
        return self._once(("vocabulary", name), lambda: SegmentVocabulary(self.field(name)))

    def article_id(self, document: int) -> str:
        """The id of a document's article."""
        return self.field("id").term(int(self.terms_of("id")[document])).decode("utf-8", "surrogatepass")

    def verify(self) -> None:
        """Reads the segment's files and compares checksums.

        Raises:
            DamagedPostings: a byte is not what was written.
        """
        self._postings.verify()
        self.similar.verify()

    def _once(self, key: Any, make: Callable[[], T]) -> T:
        found: T | None = self._made.get(key)
        # Two threads may compute the same; the first result is kept.
        return self._made.setdefault(key, make()) if found is None else found


class Snapshot:
    """The segments of one commit."""

    def __init__(self, directory: Path, commit: Commit) -> None:
        """Opens the segments of a commit; raises what `SegmentView` raises."""
        self.generation = commit.generation
        self.change = commit.state.change
        """The archive's change that the index has reached."""
        self.version = f"{commit.generation}-{commit.state.commit}"
        """Unique to this commit among all commits of all indexes."""
        self.stamp = commit.stamp
        self._directory = directory
        self._whole = False
        self._terms: dict[tuple[str, str], tuple[list[int], int]] = {}  # numbers and frequency
        self._names: dict[str, NameSpellings] = {}
        self._published: dict[int, Counter[str]] = {}
        self.segments: list[SegmentView] = []
        base = 0
        storage = FileStorage(str(directory))
        for segment in commit.segments:
            self.segments.append(SegmentView(storage, segment, base))
            base += segment.doc_count_all()
        self._bases = [segment.base for segment in self.segments]
        self.doc_count = base
        """Documents, including deleted ones: the statistics are of these."""
        self.live_count: int = sum(segment.doc_count() for segment in commit.segments)

    @cached_property
    def order(self) -> np.ndarray:
        """The number of each document's article in the archive, [doc_count]: ties are sorted by it."""
        parts = [segment.order for segment in self.segments]
        return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, np.uint32), *parts])

    @cached_property
    def _by_number(self) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of the live articles, ascending, and the document of each."""
        live = [np.ones(each.doc_count, np.bool_) if each.live is None else each.live for each in self.segments]
        documents = np.flatnonzero(np.concatenate([np.zeros(0, np.bool_), *live])).astype(np.int32)
        numbers = self.order[documents]
        ascending = np.argsort(numbers)
        return numbers[ascending], documents[ascending]

    def verify(self) -> None:
        """Reads all files of the commit and compares checksums; once, since files never change.

        Raises:
            IndexDamaged: a byte is not what was written.
        """
        try:
            for segment in self.segments if not self._whole else ():
                segment.verify()
        except DamagedPostings as error:
            raise IndexDamaged(self._directory, str(error)) from error
        self._whole = True

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Raises `IndexDamaged` for exceptions that damaged files cause, and lets those of bugs through.

        Opening and decoding checks files, but not each byte: altered ones can make NumPy raise nearly anything. So can
        a bug; the checksums decide which of the two it was.
        """
        try:
            yield
        except ArshifError:
            raise
        except DamagedPostings as error:
            raise IndexDamaged(self._directory, str(error)) from error
        except Exception:
            self.verify()
            raise

    @cached_property
    def lengths(self) -> dict[str, float]:
        """The mean length of each field over all documents, in tokens."""
        totals: dict[str, int] = {}
        for segment in self.segments:
            for name in (*LEVEL_FIELDS, *FORM_FIELDS):
                totals[name] = totals.get(name, 0) + segment.field(name).total_length
        return {name: total / max(1, self.doc_count) for name, total in totals.items()}

    def find(self, field: str, term: str) -> list[int]:
        """The number of a term in each segment, -1 if a segment does not have it."""
        return self._looked_up(field, term)[0]

    def frequency(self, field: str, term: str) -> int:
        """The number of documents that have a term, in all segments."""
        return self._looked_up(field, term)[1]

    def _looked_up(self, field: str, term: str) -> tuple[list[int], int]:
        found = self._terms.get((field, term))
        if found is None:
            if len(self._terms) >= _MOST_TERMS:
                self._terms.clear()
            key = term.encode("utf-8", "surrogatepass")
            fields = [segment.field(field) for segment in self.segments]
            numbers = [postings.find(key) for postings in fields]
            found_in = zip(fields, numbers, strict=True)
            frequency = sum(postings.frequency(number) for postings, number in found_in if number >= 0)
            found = self._terms[field, term] = numbers, frequency
        return found

    def frequencies(self, field: str, terms: Sequence[str]) -> dict[str, int]:
        """The `frequency` of many terms."""
        fields = [segment.field(field) for segment in self.segments]
        counts = {}
        for term in terms:
            if known := self._terms.get((field, term)):
                counts[term] = known[1]
                continue
            # Most are in no article, and are not worth caching.
            key, count = term.encode("utf-8", "surrogatepass"), 0
            for postings in fields:
                if (number := postings.find(key)) >= 0:
                    count += postings.frequency(number)
            counts[term] = count
        return counts

    def near(self, word: str, limit: int, least: int = 1) -> dict[str, tuple[int, float]]:
        """The forms at most `limit` edits from a folded word: the number of documents that have each, and its distance.

        All forms in at least `least` documents are included; rarer ones may be missing.
        """
        # A form in that many documents is in its share of them in at least one segment.
        share = -(-least // max(1, len(self.segments)))
        distances = {
            form: how_far
            for segment in self.segments
            for _, form, how_far in segment.vocabulary_of("text_form").near(word, limit, share)
        }
        return {form: (self.frequency("text_form", form), how_far) for form, how_far in distances.items()}

    def cooccurrences(self, form: str, others: Sequence[str]) -> dict[str, int]:
        """The number of documents that have a form together with each of some others."""
        counts = dict.fromkeys(others, 0)
        for segment, number in zip(self.segments, self.find("text_form", form), strict=True):
            field = segment.field("text_form")
            for other in counts if number >= 0 else ():
                if (its := field.find(other.encode("utf-8", "surrogatepass"))) >= 0:
                    counts[other] += _shared(field.docs(number), field.docs(its))
        return counts

    def adjacent(self, runs: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
        """The number of documents that have each run of two or more forms side by side, in this order."""
        counts = dict.fromkeys(runs, 0)
        for run in counts:
            of_segments = zip(self.segments, *(self.find("text_form", form) for form in run), strict=True)
            for segment, *numbers in of_segments:
                if min(numbers) >= 0:
                    counts[run] += len(phrase(segment.field("text_form"), numbers)[0])
        return counts

    def forms_with_prefix(self, start: str, most: int) -> dict[str, int]:
        """The most frequent forms of each segment with a prefix, and the number of documents that have each."""
        counts: dict[str, int] = {}
        key = start.encode("utf-8", "surrogatepass")
        for segment in self.segments:
            field = segment.field("text_form")
            first, last = field.lower_bound(key), field.lower_bound(key + b"\xff")
            frequencies = field.doc_frequency[first:last]
            for number in _largest(frequencies, most).tolist():
                form = field.term(first + number).decode("utf-8", "surrogatepass")
                counts[form] = counts.get(form, 0) + int(frequencies[number])
        return counts

    def existing_prefixes(self, starts: Collection[str]) -> set[str]:
        """The prefixes, of some, that at least one form has."""
        found = set()
        fields = [segment.field("text_form") for segment in self.segments]
        for start in starts:
            key = start.encode("utf-8", "surrogatepass")
            for field in fields:
                number = field.lower_bound(key)
                if number < field.term_count and field.term(number).startswith(key):
                    found.add(start)
                    break
        return found

    def sample_articles(self, forms: Sequence[str], count: int) -> dict[str, list[str]]:
        """For each form the ids of the shortest of the first articles that have it."""
        return {form: self._witnesses(form, count) for form in forms}

    def _witnesses(self, form: str, count: int) -> list[str]:
        for segment, number in zip(self.segments, self.find("text_form", form), strict=True):
            if number < 0:
                continue
            field = segment.field("text_form")
            docs = field.docs(number)[:_LOOKED_AT]
            if segment.live is not None:
                docs = docs[segment.live[docs]]
            if len(docs):
                shortest = docs[np.argsort(field.lengths[docs], kind="stable")[:count]]
                return [segment.article_id(int(document)) for document in shortest]
        return []

    def similar_stems(self, stem: str) -> frozenset[str]:
        """The stems that are similar to this one."""
        return frozenset(
            segment.field("text_stem").term(number).decode("utf-8", "surrogatepass")
            for segment in self.segments
            for number in segment.similar.like(stem)[0].tolist()
        )

    def names_of(self, field: str) -> NameSpellings:
        """The values of a field of names, and which of them are one name in several spellings."""
        known = self._names.get(field)
        if known is None:
            counts: Counter[str] = Counter()
            for segment in self.segments:
                values = segment.field(field)
                for term, count in zip(values.terms(), values.doc_frequency.tolist(), strict=True):
                    counts[term.decode("utf-8", "surrogatepass")] += count
            # Two threads may compute the same; the first result is kept.
            known = self._names.setdefault(field, NameSpellings(counts))
        return known

    def published(self, digits: int) -> Counter[str]:
        """The number of live articles by time of publication: 8 digits for days, 6 for months, 4 for years."""
        known = self._published.get(digits)
        if known is None:
            counts: Counter[str] = Counter()
            for segment in self.segments:
                days = segment.field("day")
                numbers = segment.terms_of("day")[segment.live] if segment.live is not None else segment.terms_of("day")
                found = np.bincount(numbers[numbers >= 0], minlength=days.term_count)
                for term, count in zip(days.terms(), found.tolist(), strict=True):
                    counts[printed_time(term[:digits].decode("ascii"))] += count
            known = self._published.setdefault(digits, counts)
        return known

    @cached_property
    def source_times(self) -> tuple[SourceTimes, ...]:
        """The live articles of each source by month of publication."""
        rows: list[SourceCounts] = []
        for segment in self.segments:
            sources, numbers = segment.terms_of("source_name"), segment.terms_of("day")
            days = np.concatenate([segment.days, np.zeros(1, np.int64)])[numbers]  # 0 for none, at `NO_VALUE`
            keys = (sources.astype(np.int64) + 1) * _DAYS + days
            keys = np.sort(keys if segment.live is None else keys[segment.live])
            names = ["", *(name.decode("utf-8", "surrogatepass") for name in segment.field("source_name").terms())]
            ends = np.searchsorted(keys, np.arange(len(names) + 1) * _DAYS).tolist()
            for name, begin, end in zip(names, ends, ends[1:], strict=False):
                its_days = keys[begin:end] % _DAYS
                undated = int(np.searchsorted(its_days, 1))
                if begin < end:
                    months, counts = np.unique(its_days[undated:] // 100, return_counts=True)
                    span = (int(its_days[undated]), int(its_days[-1])) if undated < end - begin else None
                    rows.append(
                        SourceCounts(name, list(zip(months.tolist(), counts.tolist(), strict=True)), undated, span)
                    )
        return source_times(rows, self.names_of("source_name"))

    def undated(self, offset: int, limit: int) -> list[str]:
        """The ids of live articles without a date, the last added first."""
        found = []
        for segment in self.segments:
            without = segment.terms_of("day") == NO_VALUE
            found.append(np.flatnonzero(without if segment.live is None else without & segment.live) + segment.base)
        documents = np.concatenate([np.zeros(0, np.int64), *found])
        newest = documents[np.argsort(-self.order[documents].astype(np.int64), kind="stable")]
        return [self.article_id(document) for document in newest[offset : offset + limit].tolist()]

    def article_id(self, document: int) -> str:
        """The id of a document's article, by the document's snapshot number."""
        segment = self.segments[bisect_right(self._bases, document) - 1]
        return segment.article_id(document - segment.base)

    def document_of(self, article_id: str) -> int:
        """The snapshot number of an article's document; `NO_VALUE` if it has none."""
        for segment, number in zip(self.segments, self.find("id", article_id), strict=True):
            for document in segment.field("id").docs(number).tolist() if number >= 0 else ():
                if segment.live is None or segment.live[document]:
                    return int(segment.base + document)
        return NO_VALUE

    def documents_of(self, numbers: Sequence[int]) -> np.ndarray:
        """The snapshot numbers of the documents of articles, given by their numbers in the archive; intp, ascending.

        Articles that have no document are left out.
        """
        known, documents = self._by_number
        wanted = np.array(numbers, np.int64)
        found = np.searchsorted(known, wanted)
        found[found == len(known)] = 0
        there = known[found] == wanted if len(known) else np.zeros(len(wanted), np.bool_)
        ascending: np.ndarray = np.unique(documents[found[there]]).astype(np.intp)
        return ascending

    def article_ids(self) -> list[str]:
        """The ids of all live articles."""
        ids = []
        for segment in self.segments:
            field = segment.field("id")
            for term, document in zip(field.terms(), field.flat_docs.tolist(), strict=True):
                if segment.live is None or segment.live[document]:
                    ids.append(term.decode("utf-8", "surrogatepass"))
        return ids


def open_snapshot(directory: Path) -> Snapshot:
    """The newest commit of the index in a directory.

    Raises:
        IndexMissing, IndexDamaged, IndexForbidden, IndexVersionMismatch: see `open_commit`.
    """
    return open_commit(directory, lambda commit: Snapshot(directory, commit))


def _shared(a: np.ndarray, b: np.ndarray) -> int:
    """The number of items that two ascending arrays share."""
    small, large = (a, b) if len(a) <= len(b) else (b, a)
    if not len(small):
        return 0
    places = np.minimum(np.searchsorted(large, small), len(large) - 1)
    return int(np.count_nonzero(large[places] == small))


def _largest(frequencies: np.ndarray, most: int) -> np.ndarray:
    """The indices of the `most` largest."""
    if len(frequencies) <= most:
        return np.arange(len(frequencies))
    places: np.ndarray = np.argpartition(frequencies, len(frequencies) - most)[-most:]
    return places
