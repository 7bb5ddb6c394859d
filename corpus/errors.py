"""Every error that Arshif raises on purpose.

`ArshifError` is the one root: the command line turns it into one line and exit code 1, the web page into a
status and a sentence. Each class takes its subject as argument and writes its own message, which states the
fact; what to do about it, such as a command to run, is added by the front ends (`search_ui/hints.py`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path


class ArshifError(Exception):
    """Something went wrong that the user can understand and usually fix."""


class ArchiveNotFound(ArshifError):
    """There is no archive directory at the given path."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"no archive at {path}")
        self.path = path


class NotAnArchive(ArshifError):
    """The path exists but does not hold an archive, or its database is not one."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is not an Arshif archive: {reason}")
        self.path = path


class ArchiveExists(ArshifError):
    """`init` was pointed at a directory that already holds something."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot make an archive at {path}: {reason}")
        self.path = path


class ArchiveVersionMismatch(ArshifError):
    """The archive was written by a newer Arshif than this one."""

    def __init__(self, path: Path, found: int, expected: int) -> None:
        super().__init__(
            f"the archive at {path} has schema version {found}, and this version of Arshif reads up to {expected}: "
            "a newer Arshif is needed"
        )
        self.found = found
        self.expected = expected


class ArchiveWriteFailed(ArshifError):
    """The archive could not be written: disk full, read-only, no permission, locked. It is unchanged."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write to the archive at {path}: {reason}")
        self.path = path


class ArchiveLocked(ArchiveWriteFailed):
    """Another process is writing to the archive and did not finish before the timeout."""

    def __init__(self, path: Path, seconds: float, holder: str | None) -> None:
        super().__init__(
            path, f"waited {seconds:.0f} seconds for {holder or 'another process'}, which is writing to it"
        )


class ArchiveReadFailed(ArshifError):
    """The archive's database could not be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot read the archive at {path}: {reason}")
        self.path = path


class SettingsInvalid(ArshifError):
    """`arshif.toml` is not valid TOML or holds a value of the wrong kind."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


class ArticleNotFound(ArshifError):
    """No article has this id, or this address."""

    def __init__(self, article_id: str) -> None:
        what = "address" if article_id.lower().startswith(("http://", "https://")) else "id"
        super().__init__(f"no article with the {what} {article_id!r} in this archive")
        self.article_id = article_id


class ArticleRemoved(ArticleNotFound):
    """The article was removed from the archive; its revisions are kept."""

    def __init__(self, article_id: str, removed_at: datetime, reason: str) -> None:
        why = f": {reason}" if reason else ""
        ArshifError.__init__(
            self,
            f"the article {article_id!r} was removed on {removed_at:%Y-%m-%d at %H:%M} UTC{why}",
        )
        self.article_id = article_id
        self.removed_at = removed_at
        self.reason = reason


class ArticleDamaged(ArshifError):
    """A row of an article in the archive's database is not as it was written. Other articles are unaffected."""

    def __init__(self, article_id: str, what: str) -> None:
        super().__init__(f"{article_id}: {what} is damaged in articles.db")
        self.article_id = article_id
        self.what = what


class OriginDamaged(ArticleDamaged):
    """The record of where a revision came from is damaged; the revision itself is not."""

    def __init__(self, article_id: str, number: int) -> None:
        super().__init__(article_id, f"where revision {number} came from")


class ArticleAmbiguous(ArshifError):
    """A copy has an id that articles of several sources share, and names no source."""

    def __init__(self, article_id: str, ids: tuple[str, ...]) -> None:
        super().__init__(
            f"the id {article_id!r} belongs to articles of several sources ({', '.join(ids)}): the source is missing"
        )
        self.article_id = article_id
        self.ids = ids


class UnreadableInput(ArshifError):
    """A file, or one record of it, gave no article. Recorded with its reason; the rest is read."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class ExportFailed(ArshifError):
    """An export could not be written; no partial file is left."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot export to {path}: {reason}")
        self.path = path
        self.reason = reason


class ImportFailed(ArshifError):
    """An export could not be read completely; the archive is unchanged."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}; nothing was imported")
        self.path = path


class NotADate(ArshifError):
    """A text is not a day, a month or a year."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a date")
        self.text = text


class DateWithoutYear(NotADate):
    """A day or month without a year, which is ambiguous."""


class FetchFailed(ArshifError):
    """A web address could not be fetched. `lasting`: trying again soon would fail too."""

    def __init__(self, url: str, reason: str, *, lasting: bool) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason
        self.lasting = lasting


class CannotWatch(ArshifError):
    """A directory to be watched is not there or cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot watch {path}: {reason}")
        self.path = path


class SavedSearchExists(ArshifError):
    """A saved search of this name already exists."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a saved search named {name!r} already exists")
        self.name = name


class SavedSearchNotFound(ArshifError):
    """There is no saved search of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no saved search named {name!r}")
        self.name = name


class AccountExists(ArshifError):
    """A user or token of this name already exists."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"a {kind} named {name!r} already exists")
        self.kind = kind
        self.name = name


class AccountNotFound(ArshifError):
    """There is no user or token of this name."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is no {kind} named {name!r}")
        self.kind = kind
        self.name = name
