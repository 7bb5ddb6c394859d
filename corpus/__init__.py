"""Articles and the archive that keeps them.

    >>> from pathlib import Path
    >>> from corpus import Archive, make_article
    >>> with Archive.create(Path("archive")) as archive:
    ...     archive.add(make_article(title="عنوان", paragraphs=["نص"]))
    <Outcome.ADDED: 'added'>

Modules apart, because of what they load: `from corpus import ingest` adds files and directories (the page parsers),
`grouping` finds near-duplicates (NumPy), `letters` and `tokenizer` tell what a word is and how it folds (PyArabic).
"""

from corpus.archive import Archive, ArchiveCounts, Change, ChangeKind, Outcome, Page, Revision
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
from corpus.groups import Copy, Group, GroupCounts, count_groups, group_names, groups_of
from corpus.origin import Origin, OriginKind
from corpus.settings import Settings
from corpus.sources import Source, parse_field_map
from corpus.urls import canonical_url, display_url, is_web_address

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
    "ChangeKind",
    "ClusterSettings",
    "Copy",
    "Group",
    "GroupCounts",
    "NotADate",
    "NotAnArchive",
    "Origin",
    "OriginKind",
    "Outcome",
    "Page",
    "Revision",
    "Settings",
    "SettingsInvalid",
    "Source",
    "canonical_url",
    "count_groups",
    "display_url",
    "group_names",
    "grouping",
    "groups_of",
    "ingest",
    "is_web_address",
    "letters",
    "make_article",
    "parse_date",
    "parse_field_map",
    "parse_period",
    "printed_date",
    "tokenizer",
]
