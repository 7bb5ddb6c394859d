"""The errors of the library, with one root.

The command line prints an `ArshifError` as one line and exits with code 1, the web page answers with a status and a
sentence. Each class takes its subject as argument and writes its own message, which states the
fact; what to do about it, such as a command to run, is added by the front ends (`search_ui/hints.py`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any


class ArshifError(Exception):
    """Something went wrong that the user can understand and usually fix."""

    def __reduce__(self) -> tuple[Any, ...]:
        """From a child process: a subclass takes its subject, not the message that is in `args`."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[ArshifError], arguments: tuple[Any, ...], attributes: dict[str, Any]) -> ArshifError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(attributes)
    return error


class ArchiveNotFound(ArshifError):
    """There is no archive directory at the given path."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"no archive at {path}")
        self.path = path


class NotAnArchive(ArshifError):
    """The path exists but is not an archive, or its database is not one."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is not an Arshif archive: {reason}")
        self.path = path


class ArchiveExists(ArshifError):
    """The directory for a new archive is not empty."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot make an archive at {path}: {reason}")
        self.path = path


class ArchiveVersionMismatch(ArshifError):
    """A newer Arshif wrote the archive."""

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
    """Another process was writing to the archive until the timeout."""

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
    """`arshif.toml` is not valid TOML or has an invalid value."""

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
    """The article was removed; its revisions are kept."""

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
    """A row of an article in the database is damaged. Other articles are not affected."""

    def __init__(self, article_id: str, what: str) -> None:
        super().__init__(f"{article_id}: {what} is damaged in articles.db")
        self.article_id = article_id
        self.what = what


class OriginDamaged(ArticleDamaged):
    """An origin of a revision is damaged; the revision is not."""

    def __init__(self, article_id: str, number: int) -> None:
        super().__init__(article_id, f"where revision {number} came from")


class ArticleAmbiguous(ArshifError):
    """A copy has an id of articles of several sources, and nothing identifies its source."""

    def __init__(self, article_id: str, ids: tuple[str, ...]) -> None:
        super().__init__(
            f"the id {article_id!r} belongs to articles of several sources ({', '.join(ids)}): the source is missing"
        )
        self.article_id = article_id
        self.ids = ids


class UnreadableInput(ArshifError):
    """A file, or one record of it, has no readable article. It is recorded with the reason, and the rest is read."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class ExportFailed(ArshifError):
    """An export could not be written; nothing partial is left."""

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
    """A day or month without its year."""


class FetchFailed(ArshifError):
    """A web address could not be fetched; `permanent` means that a retry soon would fail too."""

    def __init__(self, url: str, reason: str, *, permanent: bool) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason
        self.permanent = permanent


class CannotWatch(ArshifError):
    """A directory to watch does not exist or cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot watch {path}: {reason}")
        self.path = path
