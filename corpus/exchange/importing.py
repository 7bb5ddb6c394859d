"""Importing an export into an archive, in one transaction."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from warcio.archiveiterator import WARCIterator
from warcio.exceptions import ArchiveLoadFailed

from corpus.adding import Namesake, find_same_article, free_namesake_id, namesakes, publisher_of, same_publisher
from corpus.archive import Archive
from corpus.change_log import ChangeKind, log_change
from corpus.checksums import ARTICLES, insert_row, update_row
from corpus.errors import ArshifError, ArticleAmbiguous, ArticleDamaged, ImportFailed
from corpus.exchange.records import (
    ARTICLES_FILE,
    DIGEST_HEADER,
    DIGEST_PREFIX,
    FOOTER_KEY,
    FORMAT_VERSION,
    HEADER_KEY,
    PAGES_FILE,
    ArticleHistory,
    parse_history,
)
from corpus.removals import insert_removal, translated_damage
from corpus.revisions import Revision, insert_revision, insert_sighting, read_revisions, utc_text

_MAX_LINE: Final = 256 * 2**20  # bytes: an article with all its revisions
_REFUSALS_KEPT: Final = 1000
_NAMESAKES_REPORTED: Final = 20
_GZIP_MAGIC: Final = b"\x1f\x8b"

Progress = Callable[[int, int], None]
"""Called with (bytes read, bytes to read)."""


@dataclass(slots=True)
class ImportSummary:
    """The counts of an import; `pages_missing` are pages that imported revisions refer to and that are not in the
    archive.
    """

    added: int = 0
    unchanged: int = 0
    revised: int = 0
    refused: int = 0
    pages: int = 0
    pages_missing: int = 0
    refusals: list[str] = field(default_factory=list)
    namesakes: int = 0
    warnings: list[str] = field(default_factory=list)

    def count_namesake(self, warning: str) -> None:
        """Count an article whose id belongs to another source's article here; the first are also warnings."""
        self.namesakes += 1
        if self.namesakes <= _NAMESAKES_REPORTED:
            self.warnings.append(warning)


def import_archive(archive: Archive, source: Path, *, progress: Progress = lambda done, total: None) -> ImportSummary:
    """Import what `export_archive` wrote: a file of JSON Lines, or a directory with articles and pages.

    A new article is added with its whole history. For one that is in the archive, revisions that continue the archive's
    history are added; if the histories differ, the article is refused by its id, and the others are imported. An
    article whose id belongs to another source's article here is added under an id of its own. Removals in the archive
    stay.

    Raises:
        ImportFailed: it is not an export, or is truncated or damaged; the archive is unchanged.
        ArchiveWriteFailed: the archive could not be written; it is unchanged.
    """
    summary = ImportSummary()
    articles, pages = (source / ARTICLES_FILE, source / PAGES_FILE) if source.is_dir() else (source, None)
    total = sum(path.stat().st_size for path in (articles, pages) if path is not None and path.is_file())
    new_pages: list[str] = []
    try:
        with archive.batch():
            done = 0
            if pages is not None:
                with _reading(pages) as (_, raw):
                    for digest, data in read_pages(raw):
                        _store_page(archive, pages, digest, data, new_pages)
                        summary.pages += 1
                        progress(raw.tell(), total)
                    done = raw.tell()
            with _reading(articles) as (lines, raw), archive.translated_errors():
                end = _Reader(archive, articles, summary).read(lines, lambda: progress(done + raw.tell(), total))
            if pages is not None and end.get("pages") != summary.pages:
                raise ImportFailed(pages, f"it has {summary.pages:,} pages instead of {end.get('pages')}")
    except BaseException:
        _discard(archive, new_pages)
        raise
    return summary


def _discard(archive: Archive, new_pages: list[str]) -> None:
    """Delete the pages that this import stored, except those that another process refers to by now."""
    # If this fails, they stay: `verify_archive` notes them, and they are harmless.
    with suppress(ArshifError), archive.batch(), archive.translated_errors():
        unnamed = set(new_pages)
        if unnamed:
            for (digest,) in archive.connection.execute(
                "SELECT page FROM revisions WHERE page IS NOT NULL UNION ALL SELECT digest FROM resources"
            ):
                unnamed.discard(digest)
        for digest in unnamed:
            archive.pages.discard(digest)


@contextmanager
def _reading(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file's content, decompressed if it is gzip, and the raw file; errors of reading become ImportFailed."""
    try:
        with path.open("rb") as raw:
            start = raw.read(len(_GZIP_MAGIC))
            raw.seek(0)
            plain: IO[bytes] = raw
            if start == _GZIP_MAGIC and path.name != PAGES_FILE:
                plain = io.BufferedReader(gzip.GzipFile(fileobj=raw, mode="rb"))
            yield plain, raw
    except EOFError as error:
        raise ImportFailed(path, "the gzip data ends too early") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ImportFailed(path, f"damaged gzip data: {error}") from error
    except OSError as error:
        raise ImportFailed(path, error.strerror or str(error)) from error
    except ValueError as error:
        raise ImportFailed(path, str(error)) from error


def _store_page(archive: Archive, path: Path, digest: str, data: bytes, new_pages: list[str]) -> None:
    if hashlib.sha256(data).hexdigest() != digest:
        raise ImportFailed(path, f"page {digest[:12]}… is damaged")
    if not archive.pages.holds(digest):
        archive.pages.store(data)
        new_pages.append(digest)
    archive.run_sql("DELETE FROM pages_elsewhere WHERE page = ?", (digest,))


class _Reader:
    """Imports the lines of one file into an archive."""

    def __init__(self, archive: Archive, path: Path, summary: ImportSummary) -> None:
        self._archive = archive
        self._connection = archive.connection
        self._path = path
        self._summary = summary
        self._now = utc_text(datetime.now(UTC))

    def read(self, lines: IO[bytes], progress: Callable[[], None]) -> dict[str, Any]:
        """Import all lines; returns the object of the last line.

        Raises:
            ValueError: the file is not a complete export.
        """
        checksum = hashlib.sha256()
        number = articles = 0
        while line := lines.readline(_MAX_LINE):
            number += 1
            value = _parse(line, number)
            if number == 1:
                _check_begin(value)
            elif FOOTER_KEY in value:
                _check_end(value[FOOTER_KEY], checksum.hexdigest(), articles)
                if lines.readline(1):
                    raise ValueError("there is data after its last line")
                return dict(value[FOOTER_KEY])
            else:
                try:
                    history = parse_history(value)
                except ValueError as error:
                    raise ValueError(f"line {number}: {error}") from error
                try:
                    self._import_article(history)
                except (ArticleAmbiguous, ArticleDamaged) as error:
                    self._refuse(str(error))
                articles += 1
            checksum.update(line)
            progress()
        raise ValueError("it is cut short: its last line is missing" if number else "the file is empty")

    def _import_article(self, history: ArticleHistory) -> None:
        """Add an article, or the revisions that the archive lacks.

        Raises:
            ArticleAmbiguous, ArticleDamaged: the archive's articles with this id prevent it.
        """
        given = history.given_id or history.id
        known = namesakes(self._connection, history.id)
        if history.given_id:
            known += namesakes(self._connection, given)
        last = history.revisions[-1].article
        # The same id in both archives is the same article, unless the sources differ.
        if known and known[0].article.id == history.id and same_publisher(known[0].article, last) is not False:
            mine: Namesake | None = known[0]
        else:
            mine = find_same_article(known, last)
        if mine is not None:
            self._update(mine, history)
            return
        if known:
            taken = any(one.article.id == history.id for one in known)
            apart = free_namesake_id(self._connection, given, publisher_of(last)) if taken else history.id
            history = replace(history, id=apart, given_id=given)
            self._summary.count_namesake(f"the id {given!r} belongs to another source's article: kept as {apart!r}")
        self._add(history)

    def _update(self, mine: Namesake, history: ArticleHistory) -> None:
        damages: list[ArticleDamaged] = []
        here = read_revisions(self._connection, mine.article.id, damages.append)
        if damages:
            raise damages[0]
        both = list(zip(here, history.revisions, strict=False))
        if any(_identity(mine) != _identity(theirs) for mine, theirs in both):
            self._refuse(f"{history.id}: its history differs from the one in the archive")
            return
        more = history.revisions[len(here) :]
        if more:
            with translated_damage(mine.article.id):
                update_row(self._connection, ARTICLES, (mine.seq,), revision=more[-1].number)
            self._revise(mine.seq, more)
        for same, theirs in both:
            for sighting in theirs.sightings:
                insert_sighting(self._connection, mine.seq, same.number, sighting)
        self._summary.revised += bool(more)
        self._summary.unchanged += not more

    def _add(self, history: ArticleHistory) -> None:
        first_seen, count = utc_text(history.first_seen), len(history.revisions)
        seq = insert_row(self._connection, ARTICLES, (None, history.id, first_seen, count, None, history.given_id))
        self._revise(seq, history.revisions)
        for removal in history.removals:
            restored = utc_text(removal.restored_at) if removal.restored_at else None
            insert_removal(self._connection, seq, utc_text(removal.removed_at), removal.reason, restored)
            log_change(self._connection, seq, ChangeKind.REMOVED, self._now)
            if restored:
                log_change(self._connection, seq, ChangeKind.RESTORED, self._now)
        self._summary.added += 1

    def _revise(self, seq: int, revisions: tuple[Revision, ...]) -> None:
        for revision in revisions:
            insert_revision(self._connection, seq, revision)
            kind = ChangeKind.ADDED if revision.number == 1 else ChangeKind.REVISED
            log_change(self._connection, seq, kind, self._now)
            if revision.page is not None and not self._archive.pages.holds(revision.page):
                self._summary.pages_missing += 1
                self._connection.execute("INSERT OR IGNORE INTO pages_elsewhere VALUES (?)", (revision.page,))

    def _refuse(self, reason: str) -> None:
        self._summary.refused += 1
        if len(self._summary.refusals) < _REFUSALS_KEPT:
            self._summary.refusals.append(reason)


def _identity(revision: Revision) -> tuple[object, ...]:
    return revision.number, utc_text(revision.recorded_at), revision.article.content_hash(), revision.page


def _parse(line: bytes, number: int) -> dict[str, Any]:
    if not line.endswith(b"\n"):
        raise ValueError(f"line {number} is cut short, or longer than {_MAX_LINE // 2**20} MB")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"line {number} is not valid JSON") from error
    if not isinstance(value, dict):
        raise ValueError(f"line {number} is not a JSON object")
    return value


def _check_begin(value: dict[str, Any]) -> None:
    begin = value.get(HEADER_KEY)
    if not isinstance(begin, dict):
        raise ValueError("it is not an export of Arshif")
    if begin.get("version") != FORMAT_VERSION:
        raise ValueError(
            f"it is an export of version {begin.get('version')}, and this version of Arshif reads {FORMAT_VERSION}"
        )


def _check_end(end: object, checksum: str, articles: int) -> None:
    if not isinstance(end, dict) or end.get("sha256") != checksum:
        raise ValueError("it is damaged: its checksum differs")
    if end.get("articles", 0) + end.get("removed", 0) != articles:
        raise ValueError(f"it has {articles:,} articles, not the number that it gives")


def read_pages(stream: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Read the pages of an export: the declared SHA-256 and the bytes of each, which the caller compares.

    Raises:
        ValueError: the file is not such a WARC, or is damaged.
    """
    records = WARCIterator(stream)
    while True:
        # warcio prints to standard error about damaged records; the error that follows is enough.
        with redirect_stderr(io.StringIO()):
            try:
                record = next(records, None)
                data = record.content_stream().read() if record is not None else b""
            except (ArchiveLoadFailed, OSError, EOFError, zlib.error, ValueError, AttributeError) as error:
                raise ValueError("it is not a WARC, or it is damaged") from error
        if record is None:
            return
        digest = record.rec_headers.get_header(DIGEST_HEADER) or ""
        if record.rec_type != "resource" or not digest.startswith(DIGEST_PREFIX):
            raise ValueError("it has a record that is not a page of an export")
        yield digest.removeprefix(DIGEST_PREFIX), data
