"""Exporting an archive: its articles with their whole history as JSON Lines, its pages as a WARC.

WARC (ISO 28500) is the format of web archives, whose tools can list, replay and verify the file without Arshif.
"""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from warcio.warcwriter import WARCWriter

from corpus.archive import Archive
from corpus.atomic_files import new_directory, new_file
from corpus.checksums import REVISIONS
from corpus.errors import ArchiveReadFailed, ArticleDamaged
from corpus.exchange.records import (
    ARTICLES_FILE,
    DIGEST_HEADER,
    DIGEST_PREFIX,
    FOOTER_KEY,
    FORMAT_VERSION,
    HEADER_KEY,
    PAGES_FILE,
    history_value,
    read_histories,
)
from corpus.revisions import article_of, utc_text

_DAMAGES_KEPT: Final = 1000
_UNKNOWN: Final = datetime.fromtimestamp(0, UTC)

Progress = Callable[[int, int], None]
"""Called with (things written, things to write)."""


@dataclass(slots=True)
class ExportSummary:
    """The counts of an export; `pages_lost` are pages that a revision refers to and that could not be read.

    `damages` are lines on damaged rows that were left out, the first thousand; `damaged` is the number of all.
    """

    articles: int = 0
    removed: int = 0
    revisions: int = 0
    pages: int = 0
    pages_lost: int = 0
    damaged: int = 0
    damages: list[str] = field(default_factory=list)

    def leave_out(self, line: str) -> None:
        """Record damage that was left out."""
        self.damaged += 1
        if len(self.damages) < _DAMAGES_KEPT:
            self.damages.append(line)


def export_archive(
    archive: Archive, target: Path, *, pages: bool = False, progress: Progress = lambda done, total: None
) -> ExportSummary:
    """Export the whole archive, from one snapshot, atomically and durably.

    Without `pages`, write a file of JSON Lines, gzip if it is named so, which replaces an existing one. With `pages`,
    create a directory with `articles.jsonl.gz` and `pages.warc.gz`. Memory is bounded by the largest article or page.
    Damaged rows are left out and recorded in the summary.

    Raises:
        ExportFailed: it could not be written; nothing partial is left.
        ArchiveReadFailed: the database cannot be read.
    """
    if not pages:
        with new_file(target, compress=target.name.lower().endswith(".gz")) as stream:
            return write_lines(archive, stream, progress=progress)
    with new_directory(target) as directory, archive.read_transaction():
        with new_file(directory / PAGES_FILE, compress=False) as stream:  # each record is a gzip member
            kept, lost = _write_pages(archive, stream)
        with new_file(directory / ARTICLES_FILE, compress=True) as stream:
            return _write(archive, stream, ExportSummary(pages=kept, pages_lost=lost), progress)


def write_lines(archive: Archive, stream: IO[bytes], *, progress: Progress = lambda done, total: None) -> ExportSummary:
    """Write the articles to an open stream, such as standard output, from one snapshot."""
    with archive.read_transaction():
        return _write(archive, stream, ExportSummary(), progress)


def _write(archive: Archive, stream: IO[bytes], summary: ExportSummary, progress: Progress) -> ExportSummary:
    checksum = hashlib.sha256()
    for line in _lines(archive, summary, progress):
        checksum.update(line)
        stream.write(line)
    end = {
        "articles": summary.articles,
        "removed": summary.removed,
        "revisions": summary.revisions,
        "pages": summary.pages,
        "sha256": checksum.hexdigest(),
    }
    stream.write(_line({FOOTER_KEY: end}))
    return summary


def _lines(archive: Archive, summary: ExportSummary, progress: Progress) -> Iterator[bytes]:
    now = utc_text(datetime.now(UTC))
    yield _line({HEADER_KEY: {"version": FORMAT_VERSION, "name": archive.settings.name, "exported_at": now}})
    with archive.translated_errors():
        total = archive.connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        for done, history in enumerate(read_histories(archive, summary.leave_out), 1):
            summary.articles += not history.removed
            summary.removed += history.removed
            summary.revisions += len(history.revisions)
            yield _line(history_value(history))
            progress(done, total)


def _write_pages(archive: Archive, stream: IO[bytes]) -> tuple[int, int]:
    """Write the pages, each once; returns the numbers of pages written and lost."""
    writer = PageWriter(stream)
    kept = lost = 0
    with archive.translated_errors():
        # With a bare `min`, SQLite takes the other columns from the row that has the minimum.
        rows = archive.connection.execute(
            "SELECT page, article, number, min(recorded_at), page IN (SELECT page FROM pages_elsewhere)"
            " FROM revisions WHERE page IS NOT NULL GROUP BY page"
        )
        for digest, article, number, _, elsewhere in rows:
            try:
                data = archive.pages.read(digest)
            except ArchiveReadFailed:
                lost += not elsewhere
                continue
            writer.write(digest, data, **_about_page(archive, article, number))
            kept += 1
    return kept, lost


def _about_page(archive: Archive, article: int, number: int) -> dict[str, Any]:
    """The metadata of a page by its revision; a page has its own digest, and is exported even if the revision is
    damaged.
    """
    selected = f"SELECT {REVISIONS.selected()} FROM revisions WHERE {REVISIONS.has_key}"
    row = archive.connection.execute(selected, (article, number)).fetchone()
    try:
        revised = article_of("", row)
    except ArticleDamaged:
        return {"url": None, "media_type": "application/octet-stream", "recorded_at": _UNKNOWN}
    return {"url": revised.url, "media_type": row[-2], "recorded_at": revised.retrieved_at}


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


class PageWriter:
    """Writes pages as `resource` records, each its own gzip member, to a stream that stays open."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._writer = WARCWriter(stream, gzip=True, warc_version="1.1")

    def write(self, digest: str, data: bytes, *, url: str | None, media_type: str, recorded_at: datetime) -> None:
        """Write a page; one without a URL is named by its digest."""
        headers = {
            # A page has the same record id in every export.
            "WARC-Record-ID": f"<{uuid.uuid5(uuid.NAMESPACE_URL, DIGEST_PREFIX + digest).urn}>",
            "WARC-Date": recorded_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            DIGEST_HEADER: DIGEST_PREFIX + digest,
            "WARC-Block-Digest": DIGEST_PREFIX + digest,
        }
        record = self._writer.create_warc_record(
            url or f"urn:sha256:{digest}",
            "resource",
            payload=io.BytesIO(data),
            length=len(data),
            warc_content_type=media_type,
            warc_headers_dict=headers,
        )
        self._writer.write_record(record)
