"""Articles and the archive that stores them.

    >>> from pathlib import Path
    >>> from corpus import Archive, make_article
    >>> with Archive.create(Path("archive")) as archive:
    ...     archive.add(make_article(title="عنوان", paragraphs=["نص"]))
    <AddOutcome.ADDED: 'added'>

Rooms that load more are imported as modules: `from corpus import ingest` adds files and directories, `readers` reads
them without an archive, `fetch` adds what is on the web, `watch` what is put into a directory (the page parsers);
`exchange` exports, imports and compares archives (warcio); `near_duplicates` finds near-duplicates (NumPy); `replay`
makes stored pages fit to be shown (BeautifulSoup, tinycss2); `letters` tokenizes and folds text (PyArabic).
"""

from corpus.adding import AddOutcome, AddResult
from corpus.alignment import AlignedRow, Alignment, align
from corpus.archive import Archive, ArchiveCounts
from corpus.article import (
    Article,
    FieldOrigins,
    Origin,
    OriginKind,
    Sighting,
    has_hour,
    make_article,
    printed_date,
    printed_fields,
)
from corpus.atomic_files import create_private_file, new_file
from corpus.change_log import Change, ChangeKind, Subscription
from corpus.database import database_error
from corpus.dates.calendars import gregorian_day, hijri_date
from corpus.dates.named_days import (
    DayRange,
    find_days,
    is_range,
    local_day,
    read_ago,
    read_bounds,
    read_days,
    read_first_day,
    read_last_day,
)
from corpus.dates.parsing import parse_date, parse_period
from corpus.dates.periods import DateAssumption
from corpus.differences import (
    Difference,
    FieldChange,
    Span,
    SpanKind,
    changed,
    difference,
    field_changes,
    text_difference,
)
from corpus.errors import (
    ArchiveExists,
    ArchiveLocked,
    ArchiveNotFound,
    ArchiveReadFailed,
    ArchiveVersionMismatch,
    ArchiveWriteFailed,
    ArshifError,
    ArticleAmbiguous,
    ArticleDamaged,
    ArticleNotFound,
    ArticleRemoved,
    CannotWatch,
    DateWithoutYear,
    ExportFailed,
    FetchFailed,
    ImportFailed,
    NotADate,
    NotAnArchive,
    SettingsInvalid,
)
from corpus.groups import Copy, Group, GroupCounts, count_groups, group_names, groups_of
from corpus.headings import Heading, headings_of
from corpus.lock_holder import read_holder, record_holder
from corpus.removals import Removal
from corpus.revisions import Page, Revision
from corpus.settings import Settings, Source, parse_field_map, read_settings
from corpus.source_names import SourceNames
from corpus.urls import canonical_url, display_url, is_web_address, readable_address
from corpus.verification import ArchiveReport, repair_archive, verify_archive
from corpus.version import installed_version

__all__ = [
    "AddOutcome",
    "AddResult",
    "AlignedRow",
    "Alignment",
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
    "ArticleAmbiguous",
    "ArticleDamaged",
    "ArticleNotFound",
    "ArticleRemoved",
    "CannotWatch",
    "Change",
    "ChangeKind",
    "Copy",
    "DateAssumption",
    "DateWithoutYear",
    "DayRange",
    "Difference",
    "ExportFailed",
    "FetchFailed",
    "FieldChange",
    "FieldOrigins",
    "Group",
    "GroupCounts",
    "Heading",
    "ImportFailed",
    "NotADate",
    "NotAnArchive",
    "Origin",
    "OriginKind",
    "Page",
    "Removal",
    "Revision",
    "Settings",
    "SettingsInvalid",
    "Sighting",
    "Source",
    "SourceNames",
    "Span",
    "SpanKind",
    "Subscription",
    "align",
    "canonical_url",
    "changed",
    "count_groups",
    "create_private_file",
    "database_error",
    "difference",
    "display_url",
    "exchange",
    "fetch",
    "field_changes",
    "find_days",
    "gregorian_day",
    "group_names",
    "groups_of",
    "has_hour",
    "headings_of",
    "hijri_date",
    "ingest",
    "installed_version",
    "is_range",
    "is_web_address",
    "letters",
    "local_day",
    "make_article",
    "near_duplicates",
    "new_file",
    "parse_date",
    "parse_field_map",
    "parse_period",
    "printed_date",
    "printed_fields",
    "read_ago",
    "read_bounds",
    "read_days",
    "read_first_day",
    "read_holder",
    "read_last_day",
    "read_settings",
    "readable_address",
    "readers",
    "record_holder",
    "repair_archive",
    "replay",
    "text_difference",
    "verify_archive",
    "watch",
]
