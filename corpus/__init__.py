"""Articles and the archive that keeps them.

    >>> from pathlib import Path
    >>> from corpus import Archive, make_article
    >>> with Archive.create(Path("archive")) as archive:
    ...     archive.add(make_article(title="عنوان", paragraphs=["نص"]))
    <Outcome.ADDED: 'added'>

Apart, because of what they load: `from corpus import ingest` adds files and directories, `from corpus import exchange`
exports, imports and compares archives.
"""

from corpus.adding import Outcome
from corpus.archive import Archive
from corpus.article import Article, make_article, printed_date
from corpus.change_log import Change, ChangeKind
from corpus.counts import ArchiveCounts
from corpus.dates import parse_date, parse_period
from corpus.differences import Difference, FieldChange, Span, SpanKind, changed, difference, text_difference
from corpus.errors import (
    ArchiveExists,
    ArchiveLocked,
    ArchiveNotFound,
    ArchiveReadFailed,
    ArchiveVersionMismatch,
    ArchiveWriteFailed,
    ArshifError,
    ArticleNotFound,
    ArticleRemoved,
    ExportFailed,
    ImportFailed,
    NotADate,
    NotAnArchive,
    SettingsInvalid,
)
from corpus.lock_holder import read_holder, told_holder
from corpus.origin import Origin, OriginKind, Sighting
from corpus.removals import Removal
from corpus.revisions import Page, Revision
from corpus.settings import Settings
from corpus.urls import display_url
from corpus.verification import ArchiveReport, repair_archive, verify_archive

__all__ = [
    "Archive",
    "ArchiveCounts",
    "ArchiveExists",
    "ArchiveLocked",
    "ArchiveNotFound",
    "ArchiveReadFailed",
    "ArchiveReport",
    "ArchiveVersionMismatch",
    "ArchiveWriteFailed",
    "ArshifError",
    "Article",
    "ArticleNotFound",
    "ArticleRemoved",
    "Change",
    "ChangeKind",
    "Difference",
    "ExportFailed",
    "FieldChange",
    "ImportFailed",
    "NotADate",
    "NotAnArchive",
    "Origin",
    "OriginKind",
    "Outcome",
    "Page",
    "Removal",
    "Revision",
    "Settings",
    "SettingsInvalid",
    "Sighting",
    "Span",
    "SpanKind",
    "changed",
    "difference",
    "display_url",
    "exchange",
    "ingest",
    "make_article",
    "parse_date",
    "parse_period",
    "printed_date",
    "read_holder",
    "repair_archive",
    "text_difference",
    "told_holder",
    "verify_archive",
]
