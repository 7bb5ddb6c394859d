"""Articles and the archive that keeps them.

    >>> from pathlib import Path
    >>> from corpus import Archive, make_article
    >>> with Archive.create(Path("archive")) as archive:
    ...     archive.add(make_article(title="عنوان", paragraphs=["نص"]))
    <Outcome.ADDED: 'added'>

Modules apart, because of what they load: `from corpus import ingest` adds files and directories (the page parsers),
`grouping` finds near-duplicates (NumPy), `letters` and `tokenizer` tell what a word is and how it folds (PyArabic).
"""

from corpus.accounts import (
    make_token,
    password_of,
    remove_token,
    remove_user,
    session_secret,
    set_user,
    token_name,
    token_names,
    user_names,
)
from corpus.archive import Archive, ArchiveCounts, Change, ChangeKind, Outcome, Page, Revision
from corpus.article import Article, make_article, printed_date
from corpus.dates import parse_date, parse_period
from corpus.errors import (
    AccountExists,
    AccountNotFound,
    ArchiveExists,
    ArchiveNotFound,
    ArchiveReadFailed,
    ArchiveVersionMismatch,
    ArchiveWriteFailed,
    ArshifError,
    ArticleNotFound,
    NotADate,
    NotAnArchive,
    SavedSearchExists,
    SavedSearchNotFound,
    SettingsInvalid,
)
from corpus.groups import Copy, Group, GroupCounts, count_groups, group_names, groups_of
from corpus.origin import Origin, OriginKind
from corpus.saved import SavedSearch, changed_between, forget_search, note_told, save_search, saved_searches
from corpus.settings import Settings
from corpus.sources import Source, parse_field_map
from corpus.urls import canonical_url, display_url, is_web_address

__all__ = [
    "AccountExists",
    "AccountNotFound",
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
    "SavedSearch",
    "SavedSearchExists",
    "SavedSearchNotFound",
    "Settings",
    "SettingsInvalid",
    "Source",
    "canonical_url",
    "changed_between",
    "count_groups",
    "display_url",
    "forget_search",
    "group_names",
    "grouping",
    "groups_of",
    "ingest",
    "is_web_address",
    "letters",
    "make_article",
    "make_token",
    "note_told",
    "parse_date",
    "parse_field_map",
    "parse_period",
    "password_of",
    "printed_date",
    "remove_token",
    "remove_user",
    "save_search",
    "saved_searches",
    "session_secret",
    "set_user",
    "token_name",
    "token_names",
    "tokenizer",
    "user_names",
]
