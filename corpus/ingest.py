"""Adding files and directories to an archive: refusals are recorded with their reasons, and the rest is added.

Input files are those that a user names, and the regular files below directories. Below a directory nothing leads out of
it: symbolic links to files or directories are not followed, and pipes, sockets and devices, from which a read may never
return, are not opened. Strangers may write to a watched directory, and replace what was listed before it is opened: so
each path is opened component by component without following links, and the open file is checked again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import IO, Any, Final

from corpus.adding import AddOutcome, AddResult
from corpus.archive import Archive
from corpus.article import Article, OriginKind, article_id
from corpus.errors import ArchiveReadFailed, ArticleAmbiguous, ArticleDamaged, ArticleNotFound, ArticleRemoved
from corpus.readers import Ignored, Item, PageResource, Record, Refusal, is_readable_name, read_objects, read_stream
from corpus.readers.record import StoredResources
from corpus.readers.saved_pages import may_be_of_template
from corpus.readers.site_files import (
    SNIFFED_BYTES,
    SavedPages,
    is_page,
    kind_of_unread,
    may_be_page,
)
from corpus.resources import Resource, captures, keep_resource
from corpus.revisions import Page
from corpus.urls import canonical_url

# Articles per transaction: enough that syncing the disk does not dominate, and few enough that an interruption repeats
# little.
_BATCH: Final = 500
_BATCH_BYTES: Final = 64 * 2**20
_REFUSALS_KEPT: Final = 1000
_KINDS_KEPT: Final = 1000
_NAMESAKES_REPORTED: Final = 20

Progress = Callable[[int, int], None]
"""Called with (bytes read, bytes to read) as batches are committed."""

MAX_NESTED: Final = 200
"""Levels of nested directories that are read; deeper ones are refused."""

_KINDS: Final = (
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISFIFO, "named pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)
# Names of this process's open descriptors: standard input, and <(...) of a shell.
_OPEN_DESCRIPTORS: Final = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
_JUNCTION: Final = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT: a directory junction on Windows
# Flags that the system has. O_NONBLOCK is for opening pipes; reads of regular files never block.
_FLAGS: Final = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_BINARY", "O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY"))
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY: Final = getattr(os, "O_DIRECTORY", 0)
_STEPWISE: Final = bool(_NO_LINK and _DIRECTORY) and os.open in os.supports_dir_fd


@dataclass(slots=True)
class AddSummary:
    """The counts of a run; `refusals` and `warnings` hold the first thousand, the counts are exact."""

    added: int = 0
    unchanged: int = 0
    revised: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    namesakes: int = 0
    """Articles that came with the id of another source's article, and were added under another id."""
    resources: int = 0
    """Pictures, stylesheets and fonts that were kept with the pages of a WARC."""
    ignored: Counter[str] = field(default_factory=Counter)
    """What is not meant to hold articles: files by extension, records of a WARC by kind."""
    not_read: Counter[str] = field(default_factory=Counter)
    """What is below a directory and neither a file nor a directory, by kind: symbolic links, named pipes, …"""

    def count(self, outcomes: Counter[AddOutcome]) -> None:
        """Add the outcomes of a committed batch."""
        self.added += outcomes[AddOutcome.ADDED]
        self.unchanged += outcomes[AddOutcome.UNCHANGED]
        self.revised += outcomes[AddOutcome.REVISED]

    def refuse(self, refusal: Refusal) -> None:
        """Record an input without an article."""
        self.refused += 1
        if len(self.refusals) < _REFUSALS_KEPT:
            self.refusals.append(refusal)

    def ignore(self, kind: str) -> None:
        """Count an ignored input."""
        if kind not in self.ignored and len(self.ignored) >= _KINDS_KEPT:
            kind = "other kinds"
        self.ignored[kind] += 1

    def warn(self, warning: str) -> None:
        """Record a warning about a stored article."""
        if len(self.warnings) < _REFUSALS_KEPT:
            self.warnings.append(warning)

    def count_namesake(self, origin: str, kept: AddResult) -> None:
        """Count an article that was added under another id than it came with; the first are also warnings."""
        self.namesakes += 1
        if self.namesakes <= _NAMESAKES_REPORTED:
            self.warn(
                f"{origin}: the id {kept.given!r} belongs to another source's article: kept as {kept.article_id!r}"
            )


def add_paths(
    archive: Archive,
    paths: Sequence[Path],
    summary: AddSummary,
    *,
    field_map: Mapping[str, str] | None = None,
    progress: Progress = lambda done, total: None,
) -> None:
    """Add the articles of files, and of all readable files below directories, in the order of their names.

    `field_map` maps fields to the names that the files use (`corpus/readers/record.py`); it overrides the settings.
    `summary` is updated as batches are committed, so that it is correct even if this raises.

    Raises:
        ArchiveWriteFailed: the archive could not be written; batches committed before stay.
    """
    files: list[InputFile | Refusal] = []
    for path in paths:
        files += readable_files(path, summary) if path.is_dir() else [InputFile(path)]
    add_files(archive, files, summary, field_map=field_map, progress=progress)


def add_files(
    archive: Archive,
    files: Iterable[InputFile | Refusal],
    summary: AddSummary,
    *,
    field_map: Mapping[str, str] | None = None,
    progress: Progress = lambda done, total: None,
) -> None:
    """Add the articles of files, in the given order; otherwise as `add_paths`."""
    sized = [_sized(file) for file in files]
    total = sum(size or 0 for _, size in sized)
    _add(archive, _read_all(archive, sized, field_map or {}), summary, lambda done: progress(done, total))


def add_stream(
    archive: Archive,
    stream: IO[bytes],
    name: str,
    summary: AddSummary,
    *,
    field_map: Mapping[str, str] | None = None,
) -> None:
    """Add the articles of an open stream, such as standard input; otherwise as `add_paths`."""
    items = read_stream(
        stream,
        name,
        retrieved_at=datetime.now(UTC),
        kind=OriginKind.STDIN,
        field_map=field_map,
        sources=archive.settings.sources,
        stored_pages=_stored_pages(archive),
        stored_resources=_stored_resources(archive),
    )
    _add(archive, ((item, 0) for item in items), summary, lambda done: None)


def add_objects(
    archive: Archive,
    objects: Iterable[Mapping[str, Any] | Article],
    summary: AddSummary,
    *,
    field_map: Mapping[str, str] | None = None,
) -> None:
    """Adds articles, and those of mappings with the fields of JSON Lines; the rest as `add_paths`.

    No origin is noted with them.
    """
    items = read_objects(objects, retrieved_at=datetime.now(UTC), field_map=field_map, sources=archive.settings.sources)
    _add(archive, ((item, 0) for item in items), summary, lambda done: None, note_origins=False)


def _read_all(
    archive: Archive, files: Iterable[tuple[InputFile | Refusal, int | None]], field_map: Mapping[str, str]
) -> Iterator[tuple[Item, int]]:
    """The items of the files, each with the number of bytes read so far."""
    now = datetime.now(UTC)
    done = 0
    for file, size in files:
        if isinstance(file, Refusal):
            yield file, done
            continue
        try:
            # Unbuffered: the reader has its own buffer, and seeks in ZIP files.
            with file.open() as stream:
                reached = 0
                for item in read_stream(
                    stream,
                    str(file.path),
                    retrieved_at=now,
                    size=size,
                    field_map=field_map,
                    sources=archive.settings.sources,
                    stored_pages=_stored_pages(archive),
                    stored_resources=_stored_resources(archive),
                ):
                    if size is not None:
                        # A ZIP file is read from its end, and its members in any order.
                        reached = min(max(reached, stream.tell()), size)
                    yield item, done + reached
        except OSError as error:
            yield Refusal(str(file.path), error.strerror or str(error)), done
        done += size or 0


def _stored_pages(archive: Archive) -> Callable[[str], Iterator[tuple[datetime, bytes]]]:
    """A function that returns the stored pages of an article, newest first."""

    def pages(article_id: str) -> Iterator[tuple[datetime, bytes]]:
        try:
            revisions = archive.revisions(article_id)
        except (ArticleNotFound, ArticleDamaged):
            return
        for revision in reversed(revisions):
            if revision.page is not None:
                try:
                    yield revision.recorded_at, archive.pages.read(revision.page)
                except ArchiveReadFailed:
                    continue  # reported by `arshif check`

    return pages


def _stored_resources(archive: Archive) -> StoredResources | None:
    """A function that returns the stored captures of a picture, stylesheet or font; None if they are not kept."""
    if not archive.settings.resources:
        return None

    def resources(address: str, when: datetime | None) -> Iterator[tuple[Resource, bytes]]:
        for found in captures(archive, address, when or datetime.now(UTC)):
            with suppress(ArchiveReadFailed):  # reported by `arshif check`
                yield found, archive.pages.read(found.digest)

    return resources


def _sized(file: InputFile | Refusal) -> tuple[InputFile | Refusal, int | None]:
    """A file with its size in bytes, if known; a refusal if it cannot be read."""
    if isinstance(file, Refusal):
        return file, 0
    try:
        return file, file.size()
    except OSError as error:
        return Refusal(str(file.path), error.strerror or str(error)), 0


def begins_as_page(file: InputFile) -> bool:
    """Whether a file begins as an HTML page does; false if it cannot be opened."""
    try:
        with file.open() as stream:
            return is_page(stream.read(SNIFFED_BYTES))
    except OSError:
        return False


def readable_files(
    top: Path, summary: AddSummary, *, sniff: Callable[[InputFile], bool] = begins_as_page
) -> Iterator[InputFile | Refusal]:
    """The readable files below a directory, in the order of their names; links are not followed.

    Of files that may be pages by their names, such as `node/123`, those are read that `sniff` confirms. Files of other
    kinds and the parts of saved pages are counted in `summary.ignored`, links, pipes and devices in
    `summary.not_read`.
    """
    pages = SavedPages()
    for found in files_below(top):
        if isinstance(found, str):
            summary.not_read[found] += 1
            continue
        if isinstance(found, Refusal):
            yield found
            continue
        name = found.path.relative_to(top).as_posix()
        readable = is_readable_name(found.path) or (may_be_page(found.path.name) and sniff(found))
        if not readable:
            summary.ignore(kind_of_unread(found.path.name))
        elif kind := pages.kind_of(name):
            summary.ignore(kind)
        else:
            pages.add(name)
            yield found


def _add(
    archive: Archive,
    items: Iterator[tuple[Item, int]],
    summary: AddSummary,
    progress: Callable[[int], None],
    *,
    note_origins: bool = True,
) -> None:
    batch: list[Record] = []
    resources: list[PageResource] = []
    size = 0
    for record, done in items:
        if isinstance(record, Refusal):
            summary.refuse(record)
            continue
        if isinstance(record, Ignored):
            summary.ignore(record.kind)
            continue
        if isinstance(record, PageResource):
            resources.append(record)
            size += len(record.data or b"")
        else:
            if record.warning:
                summary.warn(record.warning)
            batch.append(record)
            size += len(record.page or b"")
        if len(batch) == _BATCH or len(resources) == _BATCH or size >= _BATCH_BYTES:
            _store_batch(archive, batch, resources, summary, note_origins=note_origins)
            progress(done)
            batch, resources, size = [], [], 0
    _store_batch(archive, batch, resources, summary, note_origins=note_origins)


def _store_batch(
    archive: Archive, batch: list[Record], resources: list[PageResource], summary: AddSummary, *, note_origins: bool
) -> None:
    kept_resources = 0
    outcomes: Counter[AddOutcome] = Counter()
    refused: list[Refusal] = []
    apart: list[tuple[str, AddResult]] = []
    with archive.batch():
        for given in batch:
            record = _without_copied_address(archive, given, summary)
            page = Page(record.page, record.media_type) if record.page is not None else None
            try:
                kept = archive.put(record.article, page, record.origin if note_origins else None)
            except (ArticleRemoved, ArticleAmbiguous, ArticleDamaged) as error:
                refused.append(Refusal(str(record.origin), str(error)))
                continue
            outcomes[kept.outcome] += 1
            if page and kept.outcome is not AddOutcome.UNCHANGED:
                _keep_address(archive, record, page)
            if kept.given:
                apart.append((str(record.origin), kept))
        for found in resources:
            kept_resources += keep_resource(archive, found.resource, found.data)
    summary.count(outcomes)
    summary.resources += kept_resources
    for refusal in refused:
        summary.refuse(refusal)
    for origin, one in apart:
        summary.count_namesake(origin, one)


def _keep_address(archive: Archive, record: Record, page: Page) -> None:
    """Record the address that a page was captured from, if it is not the one by which the page names itself."""
    address, article = record.captured_from, record.article
    if address and article.retrieved_at and canonical_url(address) != article.url and archive.settings.resources:
        digest = hashlib.sha256(page.data).hexdigest()
        keep_resource(archive, Resource(address, article.retrieved_at, digest, "text/html"), None)


def _without_copied_address(archive: Archive, record: Record, summary: AddSummary) -> Record:
    """The record without the address in its page's comment, if that is the address of an article with another text.

    All pages of a site may contain the comment of the one saved page that its template was made from.
    """
    article = record.article
    if (
        not article.url
        or not record.page
        or record.origin.kind is OriginKind.WARC
        or not may_be_of_template(record.page)
    ):
        return record
    other = archive.get_many([article.id]).get(article.id)
    if other is None or _share_words(article, other):
        return record
    summary.warn(
        f"{record.origin}: kept without an address and time of capture: in its page, {article.url} is that of another"
        f" article, {other.title or other.id!r}"
    )
    own_id = article_id(None, None, article.title, article.paragraphs)
    return replace(record, article=replace(article, id=own_id, url=None, retrieved_at=None))


def _share_words(one: Article, other: Article) -> bool:
    """Whether two texts have half of the words of the shorter one in common, as editions of one article have."""
    words = [set(article.text.split()) for article in (one, other)]
    return 2 * len(words[0] & words[1]) >= min(map(len, words))


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read; `top` is the directory below which it was found, None if the user named the file."""

    path: Path
    top: Path | None = None

    def size(self) -> int | None:
        """Its size in bytes; None for an open descriptor, which may be a pipe.

        Raises:
            OSError: it does not exist, or is not a regular file.
        """
        if self._is_open_descriptor():
            return None
        status = self.path.stat() if self.top is None else self.path.lstat()
        _check(status)
        return status.st_size

    def open(self) -> FileIO:
        """Open it for reading, unbuffered; a file below a directory is never opened through a link.

        Raises:
            OSError: it cannot be opened, is not a regular file, or is no longer below its directory.
        """
        if self._is_open_descriptor():
            return FileIO(str(self.path))
        handle = os.open(self.path, _FLAGS) if self.top is None else _open_below(self.top, self.path)
        try:
            _check(os.fstat(handle))
            return FileIO(handle)
        except BaseException:
            os.close(handle)
            raise

    def _is_open_descriptor(self) -> bool:
        return self.top is None and os.name == "posix" and str(self.path).startswith(_OPEN_DESCRIPTORS)


def files_below(top: Path) -> Iterator[InputFile | Refusal | str]:
    """The regular files below a directory, in the order of their names, before those of its subdirectories.

    Other entries are yielded as the name of their kind (symbolic link, named pipe, …), unreadable directories as
    refusals. Hidden entries are ignored.
    """
    waiting = [(str(top), 0)]
    while waiting:
        directory, depth = waiting.pop()
        if depth > MAX_NESTED:
            yield Refusal(directory, f"more than {MAX_NESTED} nested directories: not read")
            continue
        try:
            with os.scandir(directory) as found:
                entries = sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda one: one.name)
        except OSError as error:
            yield Refusal(directory, error.strerror or str(error))
            continue
        inner = []
        for entry in entries:
            try:
                kind = _kind(entry)
            except OSError as error:
                yield Refusal(entry.path, error.strerror or str(error))
                continue
            if kind:
                yield kind
            elif entry.is_dir(follow_symlinks=False):
                inner.append((entry.path, depth + 1))
            else:
                yield InputFile(Path(entry.path), top)
        waiting += reversed(inner)


def _kind(entry: os.DirEntry[str]) -> str | None:
    """The kind of an entry that is neither a regular file nor a directory; None for those."""
    if entry.is_file(follow_symlinks=False):
        return None
    status = entry.stat(follow_symlinks=False)
    if getattr(status, "st_reparse_tag", 0) == _JUNCTION:
        return "symbolic link"
    return None if stat.S_ISDIR(status.st_mode) else _name(status)


def _name(status: os.stat_result) -> str:
    """The kind of a file, for messages."""
    return next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "special file")


def _check(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, f"a {_name(status)}, not a file: not read")


def _open_below(top: Path, path: Path) -> int:
    *directories, name = path.relative_to(top).parts
    if not _STEPWISE:  # Windows
        if not path.resolve().is_relative_to(top.resolve()) or path.is_symlink():
            raise OSError(errno.ELOOP, "a link out of the directory: not read")
        return os.open(path, _FLAGS | _NO_LINK)
    at = os.open(top, _FLAGS | _DIRECTORY)
    try:
        for directory in directories:
            below = os.open(directory, _FLAGS | _DIRECTORY | _NO_LINK, dir_fd=at)
            os.close(at)
            at = below
        return os.open(name, _FLAGS | _NO_LINK, dir_fd=at)
    finally:
        os.close(at)
