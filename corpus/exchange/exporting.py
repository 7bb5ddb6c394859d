"""Writing an archive out: its articles with their whole history as JSON Lines, its pages as a WARC."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from corpus.archive import Archive
from corpus.errors import ArchiveReadFailed
from corpus.exchange.files import ARTICLES_FILE, BEGIN, END, PAGES_FILE, VERSION, new_directory, new_file
from corpus.exchange.records import history_value, read_histories
from corpus.exchange.warc import PageWriter
from corpus.revisions import utc_text

Progress = Callable[[int, int], None]
"""Called with (things written, things to write)."""


@dataclass(slots=True)
class ExportSummary:
    """What an export wrote. `pages_lost` were named by a revision and could not be read: they are not in it."""

    articles: int = 0
    removed: int = 0
    revisions: int = 0
    pages: int = 0
    pages_lost: int = 0


def export_archive(
    archive: Archive, target: Path, *, pages: bool = False, progress: Progress = lambda done, total: None
) -> ExportSummary:
    """Writes all that the archive holds, as it is at one moment, and durably.

    Without `pages` to a file of JSON Lines, gzip if it is named so, which replaces one that is there. With `pages` to a
    new directory of `articles.jsonl.gz` and `pages.warc.gz`. Memory is bounded by the largest article or page.

    Raises:
        ExportFailed: it could not be written; nothing half-done stays.
        ArchiveReadFailed: the archive is damaged.
    """
    if not pages:
        with new_file(target, compress=target.name.lower().endswith(".gz")) as stream:
            return write_lines(archive, stream, progress=progress)
    with new_directory(target) as directory, archive.one_moment():
        with new_file(directory / PAGES_FILE, compress=False) as stream:  # each record is compressed by itself
            kept, lost = _write_pages(archive, stream)
        with new_file(directory / ARTICLES_FILE, compress=True) as stream:
            return _write(archive, stream, ExportSummary(pages=kept, pages_lost=lost), progress)


def write_lines(archive: Archive, stream: IO[bytes], *, progress: Progress = lambda done, total: None) -> ExportSummary:
    """Writes the articles to an open stream, such as standard output, as it is at one moment."""
    with archive.one_moment():
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
    stream.write(_line({END: end}))
    return summary


def _lines(archive: Archive, summary: ExportSummary, progress: Progress) -> Iterator[bytes]:
    now = utc_text(datetime.now(UTC))
    yield _line({BEGIN: {"version": VERSION, "name": archive.settings.name, "exported_at": now}})
    with archive.told_errors():
        total = archive.connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        for done, history in enumerate(read_histories(archive), 1):
            summary.articles += not history.removed
            summary.removed += history.removed
            summary.revisions += len(history.revisions)
            yield _line(history_value(history))
            progress(done, total)


def _write_pages(archive: Archive, stream: IO[bytes]) -> tuple[int, int]:
    """How many pages were written, each once, and how many are lost."""
    writer = PageWriter(stream)
    kept = lost = 0
    with archive.told_errors():
        # Of the rows that `min` ranges over, SQLite takes the other columns from the one that holds the minimum.
        rows = archive.connection.execute(
            "SELECT page, url, page_type, min(recorded_at) FROM revisions WHERE page IS NOT NULL GROUP BY page"
        )
        for digest, url, media_type, recorded_at in rows:
            try:
                data = archive.pages.read(digest)
            except ArchiveReadFailed:
                lost += 1
                continue
            moment = datetime.fromisoformat(recorded_at)
            writer.write(digest, data, url=url, media_type=media_type, recorded_at=moment)
            kept += 1
    return kept, lost


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
