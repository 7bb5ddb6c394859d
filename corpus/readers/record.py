"""What readers share: the items that they yield, limits on what is read, and the fields of objects and rows.

The limits bound memory and time for inputs that were made to exhaust them. Text compresses 3 to 10 times, pages of one
site some 50 times; gzip reaches 1,030 times, and other formats far more, on bytes made for it.

Objects and rows have one form in JSON Lines, JSON and tables:

    {"id": …, "url": …, "title": …, "text": …, "date": …, "source": …, "section": …, "author": …}

`text` is required, and newlines separate its paragraphs; it may be a list of paragraphs, or of strings and objects with
a `text`, as in exports of Telegram. The others are optional; other names are ignored. `author` is a name, an object
with a `name`, or a list of either; `date` is parsed as dates of pages are. HTML is converted to plain text
(`corpus/readers/markup.py`). A field map gives other names; one with dots, `content.plain`, refers to nested objects.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Final

from corpus.article import Article, FieldOrigins, Origin, OriginKind
from corpus.dates.parsing import find_date, parse_date
from corpus.errors import NotADate, UnreadableInput
from corpus.readers.damaged_letters import DamagedLetters
from corpus.readers.markup import plain_text
from corpus.readers.saved_pages import archived_copy
from corpus.resources import Resource
from corpus.settings import FIELDS, Source, source_of_file, source_of_url

_MAX_NAME: Final = 300  # characters of a member's name or address in messages
_PACKED_SUFFIXES: Final = (".gz", ".bz2", ".xz")
_PACKED_TARS: Final = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar"}

StoredPages = Callable[[str], Iterator[tuple[datetime, bytes]]]
"""Returns the stored pages of an article id, newest first, each with when (UTC) it was received."""

StoredResources = Callable[[str, datetime | None], Iterator[tuple[Resource, bytes]]]
"""Returns the stored captures of a picture, stylesheet or font by address, the nearest in time first."""

MAX_PAGE_BYTES: Final = 32 * 2**20
"""Larger pages, texts, JSON values and rows are refused: no article is that long."""

MAX_FIELD: Final = 10_000
"""Characters of an id, address, title, source, section or author, which lists of results show in full."""

MAX_RATIO: Final = 200
"""Bytes that one byte of an input, or of a member of a ZIP file, may unpack to, above the free amount."""

FREE_BYTES: Final = 512 * 2**20
"""Unpacked bytes up to which an input is read regardless of its ratio: a few seconds' work."""

FREE_MEMBER_BYTES: Final = 64 * 2**20
"""The same for one member of a ZIP file."""

MAX_UNPACKED_BYTES: Final = 2**40
"""Unpacked bytes of one input, regardless of its size: a day's work."""

MAX_DEPTH: Final = 6
"""Levels of archives and compression: a WARC in a WACZ in a ZIP file in a .tar.gz has five."""

MAX_SPOOL_BYTES: Final = 8 * 2**30
"""Bytes of the temporary file for a ZIP file that comes from a pipe or another archive."""

MAX_DIRECTORY_BYTES: Final = 64 * 2**20
"""Bytes of a ZIP file's central directory, which is held in memory: about half a million members."""

# Kinds of the objects in a message of Telegram: parts of one run of text, not paragraphs.
_RUNS: Final = frozenset(
    {
        *("plain", "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote", "link"),
        *("text_link", "mention", "mention_name", "hashtag", "cashtag", "bot_command", "email", "phone"),
        *("bank_card", "custom_emoji", "unknown"),
    }
)
_NAMES_SHOWN: Final = 12
_MAX_FIELD_NAME: Final = 40


_NOT_RECORDED: Final = FieldOrigins()


@dataclass(frozen=True, slots=True)
class Record:
    """An article that was read, the bytes of its page (none for data files), and a warning, if any.

    `taken_from` says where its fields were found, for readers that record it.
    """

    article: Article
    page: bytes | None = None
    media_type: str = ""
    warning: str | None = None
    origin: Origin = field(kw_only=True)
    captured_from: str | None = field(default=None, kw_only=True)
    """The address that a crawler recorded the page from."""
    taken_from: FieldOrigins = field(default=_NOT_RECORDED, kw_only=True)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, or a part of it, without a readable article, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A part of an archive that is not meant to hold an article, by kind: `.png`, `status 404`."""

    kind: str


@dataclass(frozen=True, slots=True)
class PageResource:
    """A picture, a stylesheet or a font of pages; None for bytes that are in the input before it, or in the archive."""

    resource: Resource
    data: bytes | None


Item = Record | Refusal | Ignored | PageResource


def no_stored_pages(article_id: str) -> Iterator[tuple[datetime, bytes]]:
    """Finds nothing: for readers without an archive."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Place:
    """The position of a reader: the input, and the member or record in it."""

    kind: OriginKind
    name: str
    parts: tuple[str, ...] = ()
    file: str = ""
    """The name of the innermost file, which indicates its format."""

    @classmethod
    def of(cls, kind: OriginKind, name: str) -> Place:
        """The place of a whole input."""
        return cls(kind, name, (), name)

    def within(self, part: str, *, kind: OriginKind | None = None, file: str | None = None) -> Place:
        """A part of this place; `file` is its name if it is a file."""
        return replace(
            self,
            kind=kind or self.kind,
            parts=(*self.parts, printable_name(part)),
            file=self.file if file is None else file,
        )

    @property
    def label(self) -> str:
        """The place as one line, for messages."""
        return ", ".join((self.name, *self.parts))

    @property
    def origin(self) -> Origin:
        """The place as it is stored with the article."""
        return Origin(self.kind, self.name, ", ".join(self.parts) or None)

    @property
    def extension(self) -> str:
        """The extension of the innermost file without that of its compression: `.jsonl` for `news.jsonl.gz`."""
        return extension_of(self.file)


class BrokenStream(Exception):
    """The bytes are truncated or damaged; what came before them is valid. The message is the reason, for the user."""


class BudgetSpent(Exception):
    """An input unpacks to more than any archive of news; the rest is not read."""


class Budget:
    """Counts the bytes that one input unpacks to, at all levels.

    `consumed` returns the bytes of the input itself: its size, or for a pipe the bytes read so far.
    """

    def __init__(self, consumed: Callable[[], int]) -> None:
        self._consumed = consumed
        self._unpacked = 0

    def spend(self, count: int) -> None:
        """Count unpacked bytes.

        Raises:
            BudgetSpent: a limit is exceeded.
        """
        self._unpacked += count
        if self._unpacked <= FREE_BYTES:
            return
        if self._unpacked > MAX_RATIO * self._consumed():
            raise BudgetSpent(f"it unpacks to more than {MAX_RATIO} times its size: the rest was not read")
        if self._unpacked > MAX_UNPACKED_BYTES:
            raise BudgetSpent(f"it unpacks to more than {MAX_UNPACKED_BYTES // 2**40} TB: the rest was not read")


@dataclass(frozen=True, slots=True)
class Reading:
    """The context of an input: what applies to everything read from it. A single page needs no budget."""

    retrieved_at: datetime | None = None
    field_map: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    stored_pages: StoredPages = no_stored_pages
    budget: Budget = field(default_factory=lambda: Budget(lambda: 0))
    stored_resources: StoredResources | None = None
    """None if pictures, stylesheets and fonts are not kept."""


def extension_of(name: str) -> str:
    """The extension of a file name in lower case, without that of its compression."""
    suffixes = PurePath(name.lower()).suffixes
    if suffixes and suffixes[-1] in _PACKED_SUFFIXES:
        suffixes.pop()
    last = suffixes[-1] if suffixes else ""
    return _PACKED_TARS.get(last, last)


def escape_controls(text: str) -> str:
    """Replace characters that a terminal would obey, and that break or reverse lines, by U+FFFD."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in text)


def printable_name(text: str) -> str:
    """A name from a file, for messages and citations: without control characters and `..`, and shortened."""
    clean = escape_controls(text[: 2 * _MAX_NAME])
    if "://" not in clean and not clean.startswith("urn:"):
        clean = "/".join(part for part in clean.replace("\\", "/").split("/") if part not in ("", ".", ".."))
    return clean if len(clean) <= _MAX_NAME else clean[: _MAX_NAME - 1] + "…"


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads the objects of a file: its field map, and the source of articles that name none."""

    reading: Reading
    names: Mapping[str, str]
    source: Source | None
    reported: set[str] = field(default_factory=set)
    """What was reported, since each kind of markup is reported once per file."""

    @classmethod
    def of(cls, place: Place, reading: Reading) -> FieldReader:
        """The reader of the file at a place, by the settings and the command."""
        source = source_of_file(reading.sources, place.file)
        named = source.field_map if source else {}
        return cls(reading, {**named, **reading.field_map}, source)

    def name_of(self, field: str) -> str:
        """The file's name for one of our fields."""
        return self.names.get(field, field)

    def record(
        self,
        value: Mapping[str, Any],
        place: Place,
        warning: str | None = None,
        *,
        plain: Collection[str] = (),
        received: str | None = None,
    ) -> Record:
        """The article of an object; `plain` are the fields without markup, `received` is when it was received.

        Raises:
            UnreadableInput: it has no text, or a field has the wrong type.
        """
        where = place.label
        notes: list[str] = []
        letters = DamagedLetters(where)
        text = self._body(value, where)
        if text is None:
            raise UnreadableInput(where, f"it has no '{self.name_of('text')}'; {_names_in(value)}")
        url = self._text(value, "url", where)
        copy = archived_copy(url)
        if copy and copy.url:
            url = copy.url
        retrieved_at = (copy.saved_at if copy else None) or _moment(received) or self.reading.retrieved_at
        published, undated = self._date(value, where, retrieved_at)
        if undated:
            notes.append(undated)

        def cleaned(text: str, field: str) -> str:
            text = letters.decoded(text, field)
            return text if field in plain else self._plain(text, field, where, notes)

        def field_text(field: str) -> str | None:
            found = self._text(value, field, where)
            return cleaned(found, field) if found else found

        paragraphs = [line for part in text for line in cleaned(part, "text").splitlines()]
        try:
            article = letters.article(
                id=self._id(value, where),
                url=url.replace("&amp;", "&") if url else url,
                title=field_text("title"),
                paragraphs=paragraphs,
                published=published,
                source=field_text("source") or self.source_name(url),
                section=field_text("section"),
                authors=tuple(cleaned(name, "author") for name in self._authors(value, where)),
                retrieved_at=retrieved_at,
            )
        except ValueError as error:
            raise UnreadableInput(where, f"its '{self.name_of('text')}' is empty") from error
        notes += letters.warnings()
        if notes:
            warning = f"{warning or where}{';' if warning else ':'} {'; '.join(notes)}"
        return Record(article, warning=warning, origin=place.origin, taken_from=self._taken_from(value))

    def _taken_from(self, value: Mapping[str, Any]) -> FieldOrigins:
        has_source = bool(self.look(value, "source"))
        return _named_fields(*map(self.name_of, FIELDS), has_source=has_source)

    def _plain(self, text: str, field: str, where: str, notes: list[str]) -> str:
        """A field without markup; each kind of markup is added to `notes` once per file and field."""
        try:
            found = plain_text(text)
        except ValueError as error:
            raise UnreadableInput(where, str(error)) from error
        name = repr(self.name_of(field))
        for note, applies in (
            (f"HTML in {name} is converted to plain text, also in what follows", found.had_html),
            (f"literal \\n in {name} is read as a line break, also in what follows", found.had_breaks),
            (f"{name} is kept as printed, although it may contain HTML", found.may_be_html),
        ):
            if applies and note not in self.reported:
                self.reported.add(note)
                notes.append(note)
        return found.text

    def source_name(self, url: str | None) -> str | None:
        """The name in the settings of the source of this file, or of an address."""
        source = self.source or source_of_url(self.reading.sources, url)
        return source.name if source else None

    def look(self, value: Mapping[str, Any], field: str) -> Any:
        """The value of one of our fields, by the file's name for it."""
        name = self.name_of(field)
        if name in value:
            return value[name]
        found: Any = value
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def _text(self, value: Mapping[str, Any], field: str, where: str) -> str | None:
        found = self.look(value, field)
        if found is None or isinstance(found, str):
            return found
        raise UnreadableInput(where, f"{self.name_of(field)!r} must be a text")

    def _body(self, value: Mapping[str, Any], where: str) -> list[str] | None:
        """The text, as one string or one per paragraph; None if it is missing."""
        found = self.look(value, "text")
        if not isinstance(found, list):
            text = self._text(value, "text", where)
            return None if text is None else [text]
        found = [part for part in found if part is not None]
        parts = [part.get("text") if isinstance(part, Mapping) else part for part in found]
        if len(texts := [part for part in parts if isinstance(part, str)]) < len(parts):
            raise UnreadableInput(where, f"{self.name_of('text')!r} must be a text or a list of texts")
        objects = [part for part in found if isinstance(part, Mapping)]
        is_run = bool(objects) and all(part.get("type") in _RUNS for part in objects)
        return ["".join(texts)] if is_run else texts

    def _id(self, value: Mapping[str, Any], where: str) -> str | None:
        given = self.look(value, "id")
        if given is None or isinstance(given, str):
            return given
        if isinstance(given, int) and not isinstance(given, bool):
            return str(given)
        raise UnreadableInput(where, f"{self.name_of('id')!r} must be a text or a whole number")

    def _authors(self, value: Mapping[str, Any], where: str) -> tuple[str, ...]:
        given = self.look(value, "author")
        if given is None:
            return ()
        several = given if isinstance(given, list) else [given]
        # In JSON-LD, an author is an object with a name.
        names = [one.get("name") if isinstance(one, Mapping) else one for one in several]
        if len(texts := tuple(name for name in names if isinstance(name, str))) == len(names):
            return texts
        raise UnreadableInput(where, f"{self.name_of('author')!r} must be a text or a list of texts")

    def _date(
        self, value: Mapping[str, Any], where: str, not_after: datetime | None
    ) -> tuple[datetime | None, str | None]:
        given = self.look(value, "date")
        if given is None or given == "":
            return None, None
        try:
            if isinstance(given, bool) or not isinstance(given, (str, int)):
                raise NotADate(str(given)[:80])
            found = find_date(str(given), not_after=not_after)
        except (NotADate, ValueError) as error:  # ValueError: an integer of thousands of digits
            return None, f"kept without a date: {error}"
        return found.moment, found.doubt


def _moment(text: str | None) -> datetime | None:
    """A moment that a program noted, in UTC; None if it is missing or no date."""
    try:
        return parse_date(text).astimezone(UTC) if text else None
    except (NotADate, ValueError, OverflowError):
        return None


@lru_cache(maxsize=64)
def _named_fields(
    id: str, url: str, title: str, text: str, date: str, source: str, section: str, author: str, *, has_source: bool
) -> FieldOrigins:
    """The origins of fields with these names in a file."""
    return FieldOrigins(
        title=f"the field {title!r}",
        published=f"the field {date!r}",
        authors=f"the field {author!r}",
        source=f"the field {source!r}" if has_source else "the settings",
        section=f"the field {section!r}",
        url=f"the field {url!r}",
        body=f"the field {text!r}",
    )


def _names_in(value: Mapping[str, Any]) -> str:
    names = [name[:_MAX_FIELD_NAME] for name in list(value)[:_NAMES_SHOWN]]
    more = " …" if len(value) > _NAMES_SHOWN else ""
    return f"its names are: {', '.join(names)}{more}" if names else "it is empty"
