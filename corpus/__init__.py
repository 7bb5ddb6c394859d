"""Articles and the archive that keeps them.

    >>> from pathlib import Path
    >>> from corpus import Archive, make_article
    >>> with Archive.create(Path("archive")) as archive:
    ...     archive.add(make_article(title="عنوان", paragraphs=["نص"]))
    <Outcome.ADDED: 'added'>

`from corpus import ingest` adds files and directories; it is a module apart because it loads the page parsers.
"""

from corpus.archive import Archive, ArchiveCounts, Change, Outcome, Page, Revision
from corpus.article import Article, make_article, printed_date
from corpus.cluster_settings import ClusterSettings
from corpus.dates import parse_date, parse_period
from corpus.errors import (
    ArchiveExists,
    ArchiveNotFound,
    ArchiveReadFailed,
    ArchiveVersionMismatch,
    ArchiveWriteFailed,
    ArshifError,
    ArticleNotFound,
    NotADate,
    NotAnArchive,
    SettingsInvalid,
)
from corpus.settings import Settings
from corpus.urls import display_url

__all__ = [
    "Archive",
    "ArchiveCounts",
    "ArchiveExists",
    "ArchiveNotFound",
    "ArchiveReadFailed",
    "ArchiveVersionMismatch",
    "ArchiveWriteFailed",
    "ArshifError",
    "Article",
    "ArticleNotFound",
    "Change",
    "ClusterSettings",
    "NotADate",
    "NotAnArchive",
    "Outcome",
    "Page",
    "Revision",
    "Settings",
    "SettingsInvalid",
    "display_url",
    "ingest",
    "make_article",
    "parse_date",
    "parse_period",
    "printed_date",
]
