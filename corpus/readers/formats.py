"""Recognizing a file's format: by its first bytes if they are conclusive, then by its name, then by its content.

Compressed files and archives are unpacked, and their members are read in the same way, to a limited depth.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePath
from typing import IO, Any, Final

from corpus.article import Article, OriginKind
from corpus.errors import UnreadableInput
from corpus.readers.agency_news import AGENCY_ROOTS, read_agency_news
from corpus.readers.chat_pages import is_chat_page, read_chat_page
from corpus.readers.encodings import decode, find_wide_encoding
from corpus.readers.feed import FEED_ROOTS, SITEMAP_ROOTS, read_feed, root_name
from corpus.readers.json_documents import holds_lines, is_assigned, read_json, read_jsonl
from corpus.readers.json_exports import LIST_OF_LINKS
from corpus.readers.mail import MAIL_NAMES, MBOX_NAMES, is_mail, is_mail_name, is_mbox, read_mail, read_mbox
from corpus.readers.markdown import MARKDOWN_NAMES, read_markdown
from corpus.readers.page import read_page
from corpus.readers.page_bundles import (
    MHTML_NAMES,
    WEBARCHIVE_NAMES,
    is_mhtml,
    is_webarchive,
    read_mhtml,
    read_webarchive,
)
from corpus.readers.printed_page import PRINTED_ROOTS, is_hocr, read_printed_page
from corpus.readers.record import (
    MAX_DEPTH,
    MAX_FIELD,
    MAX_PAGE_BYTES,
    BrokenStream,
    Budget,
    BudgetSpent,
    FieldReader,
    Ignored,
    Item,
    Place,
    Reading,
    Record,
    Refusal,
    StoredPages,
    StoredResources,
    escape_controls,
    extension_of,
    no_stored_pages,
)
from corpus.readers.site_files import is_hidden, is_post_file, kind_of_name, kind_of_text
from corpus.readers.streams import decompressed, peek_head, read_some, spooled
from corpus.readers.tables import is_header, read_table
from corpus.readers.unsupported import unsupported_form
from corpus.readers.warc import is_warc, read_warc
from corpus.readers.zip_and_tar import ZIP_MAGIC, is_tar, read_tar, read_zip
from corpus.settings import Source

_HTML: Final = frozenset({".html", ".htm", ".xhtml", ".shtml", ".hocr"})
_FEED: Final = frozenset({".rss", ".atom", ".rdf", ".xml", ".nitf", ".newsml", ".alto"})
_TEXT: Final = frozenset({".txt", ".text"})
_JSONL: Final = frozenset({".jsonl", ".ndjson"})
_JSON: Final = frozenset({".json"})
_TABLE: Final = frozenset({".csv", ".tsv", ".tab"})
_ARCHIVE: Final = frozenset({".warc", ".arc", ".wacz", ".zip", ".tar"})
_ZIP_DOCUMENT: Final = frozenset({".docx", ".docm", ".dotx", ".odt", ".ott", ".epub"})
_BUNDLE: Final = MHTML_NAMES | WEBARCHIVE_NAMES
_READABLE: Final = frozenset().union(
    *(_HTML, _FEED, _TEXT, _JSONL, _JSON, _TABLE, _ARCHIVE),
    *(_ZIP_DOCUMENT, _BUNDLE, MAIL_NAMES, MBOX_NAMES, MARKDOWN_NAMES),
)

# Documents that are read as a whole: how each is recognized, by its first bytes and its extension, and its reader.
_DOCUMENTS: Final[
    tuple[tuple[Callable[[bytes, str], bool], Callable[[bytes, Place, Reading], Iterator[Item]]], ...]
] = (
    (is_webarchive, read_webarchive),
    (is_mhtml, read_mhtml),
    (is_mail, read_mail),
    (lambda head, extension: extension in MARKDOWN_NAMES, read_markdown),
)

_XML_HEAD: Final = 64 * 1024  # bytes in which the root element of an XML document begins

# Pages of links, as services and browsers export them: Pocket, Instapaper, bookmarks.
_LINKS: Final = re.compile(r"<!DOCTYPE NETSCAPE-Bookmark|<title>(?:Pocket Export|Instapaper: Export)</title>", re.I)

_PACKED: Final = ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"))
_BZIP2_BLOCK: Final = (b"1AY&SY", b"\x17rE8P\x90")  # follows the size: of a block, or of an empty file
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"
_BOM: Final = b"\xef\xbb\xbf"


def is_readable_name(path: Path) -> bool:
    """Whether a file with this name is read when its directory is added."""
    return _is_readable(path.name) or (not is_hidden(path.name) and is_mail_name("/".join(path.parts[-2:])))


def read_stream(
    stream: IO[bytes],
    name: str,
    *,
    retrieved_at: datetime | None = None,
    kind: OriginKind = OriginKind.FILE,
    size: int | None = None,
    field_map: Mapping[str, str] | None = None,
    sources: Iterable[Source] = (),
    stored_pages: StoredPages = no_stored_pages,
    stored_resources: StoredResources | None = None,
) -> Iterator[Item]:
    """Read the articles of an open file or of standard input; `name` indicates the format and is shown in messages.

    `size` is that of the whole input in bytes, if known; `field_map` maps fields to the file's names, `sources` are the
    archive's settings, `stored_pages` finds pages in the archive, and `stored_resources` their pictures,
    stylesheets and fonts, which are yielded as `PageResource` only with it.

    What cannot be read is yielded as a `Refusal`, what is not meant to hold articles as `Ignored`; nothing is raised.
    """
    counted = _Counted(stream)
    budget = Budget(lambda: counted.count if size is None else size)
    reading = Reading(retrieved_at, field_map or {}, tuple(sources), stored_pages, budget, stored_resources)
    place = Place.of(kind, name)
    try:
        for found in _read(io.BufferedReader(counted), place, reading, 0):
            yield _checked(found)
    except (BrokenStream, BudgetSpent) as error:
        yield Refusal(place.label, str(error))
    except OSError as error:
        yield Refusal(place.label, error.strerror or str(error))


def read_objects(
    objects: Iterable[Mapping[str, Any] | Article],
    *,
    retrieved_at: datetime | None = None,
    field_map: Mapping[str, str] | None = None,
    sources: Iterable[Source] = (),
) -> Iterator[Item]:
    """Articles as they are, and those of mappings with the fields of JSON Lines."""
    reading = Reading(retrieved_at, field_map or {}, tuple(sources))
    fields = FieldReader(reading, reading.field_map, None)
    for number, given in enumerate(objects, 1):
        here = Place.of(OriginKind.STDIN, f"article {number}")
        try:
            record = Record(given, origin=here.origin) if isinstance(given, Article) else fields.record(given, here)
            yield _checked(record)
        except UnreadableInput as error:
            yield _checked(Refusal(error.name, error.reason))


def _checked(item: Item) -> Item:
    """The item, or the refusal of an article that is too long. Reasons quote the content of files."""
    reason = _too_long(item.article) if isinstance(item, Record) else None
    item = Refusal(str(item.origin), reason) if isinstance(item, Record) and reason else item
    return Refusal(escape_controls(item.name), escape_controls(item.reason)) if isinstance(item, Refusal) else item


def _too_long(article: Article) -> str | None:
    """The reason to refuse an article with a field too long for lists of results."""
    fields = {
        "id": (article.id,),
        "address": (article.url,),
        "title": (article.title,),
        "source": (article.source,),
        "section": (article.section,),
        "author": article.authors,
    }
    for name, values in fields.items():
        if (length := max((len(value) for value in values if value), default=0)) > MAX_FIELD:
            return f"its {name} has {length:,} characters: more than the limit of {MAX_FIELD:,}"
    return None


def _read(stream: io.BufferedReader, place: Place, reading: Reading, depth: int) -> Iterator[Item]:
    if depth > MAX_DEPTH:
        yield Refusal(place.label, f"nested in more than {MAX_DEPTH} archives: not unpacked")
        return
    head, source = peek_head(stream)

    def read_member(data: io.BufferedReader, member: Place) -> Iterator[Item]:
        try:
            yield from _read(data, member, reading, depth + 1)
        except BrokenStream as error:
            yield Refusal(member.label, str(error))

    if not head:
        yield Refusal(place.label, "the file is empty")
    elif form := _packing(head):
        yield from read_member(decompressed(source, form, reading.budget), place)
    elif head.startswith(_ZSTANDARD):
        yield Refusal(place.label, "compressed with Zstandard, which is not supported: decompress it first")
    elif head.startswith(ZIP_MAGIC):
        if stream.seekable() and depth == 0:
            stream.seek(0)
            yield from read_zip(stream, place, reading, read_member, _is_readable)
        else:
            with spooled(source) as file:
                yield from read_zip(file, place, reading, read_member, _is_readable)
    elif is_tar(head, place.extension):
        yield from read_tar(source, place, read_member, _is_readable)
    elif is_warc(head):
        yield from read_warc(source, place, reading)
    elif form := unsupported_form(head):
        yield Refusal(place.label, form)
    elif is_mbox(head, place.extension):
        yield from read_mbox(source, place, reading)
    elif read_document := next((read for matches, read in _DOCUMENTS if matches(head, place.extension)), None):
        yield from _read_whole(read_document, source, place, reading)
    else:
        yield from _read_data(source, head, place, reading)


def _read_data(source: io.BufferedReader, head: bytes, place: Place, reading: Reading) -> Iterator[Item]:
    """Read a file that is not a container."""
    extension = place.extension
    wide = find_wide_encoding(head)
    start = head
    if wide:
        start = head.decode(wide, "replace").removeprefix("\ufeff").encode("utf-8", "replace")
    first = start.lstrip(_BOM + b" \t\r\n")[:1]
    named = extension in _HTML | _TEXT
    fields = FieldReader.of(place, reading)
    if extension in _JSONL or (not named and first == b"{" and holds_lines(start, fields.name_of("text"))):
        yield from read_jsonl(_utf8(source, wide), place, reading)
    elif extension in _JSON or (not named and (first in (b"{", b"[") or is_assigned(start))):
        yield from read_json(_utf8(source, wide), place, reading, start)
    elif extension in _TABLE or (not named and first != b"<" and is_header(start, fields)):
        lines = _utf8(source, wide)
        yield from read_table(_with_line_ends(lines) if b"\n" not in start else lines, start, place, reading)
    elif extension in _HTML | _FEED or (extension not in _TEXT and first == b"<"):
        yield from _read_markup(source, place, reading)
    elif extension in _ZIP_DOCUMENT:
        yield Refusal(place.label, f"damaged: not a ZIP file, as {extension} documents are")
    else:
        yield from _read_text(source, place, reading)


def _read_whole(
    read_document: Callable[[bytes, Place, Reading], Iterator[Item]],
    source: io.BufferedReader,
    place: Place,
    reading: Reading,
) -> Iterator[Item]:
    data = source.read(MAX_PAGE_BYTES + 1)
    if len(data) > MAX_PAGE_BYTES:
        yield _too_large(place)
        return
    try:
        yield from read_document(data, place, reading)
    except UnreadableInput as error:
        yield Refusal(error.name, error.reason)


def _read_markup(source: io.BufferedReader, place: Place, reading: Reading) -> Iterator[Item]:
    """Read a page or a feed, regardless of its name."""
    data = source.read(MAX_PAGE_BYTES + 1)
    head = _decoded(data[:_XML_HEAD])
    root = root_name(head)
    if len(data) > MAX_PAGE_BYTES:
        yield _too_large(place)
    elif root in FEED_ROOTS:
        yield from read_feed(data, place, reading)
    elif root in AGENCY_ROOTS:
        yield from read_agency_news(data, place, reading)
    elif root in PRINTED_ROOTS or is_hocr(head):
        yield _printed_page(data, place, reading)
    elif is_chat_page(head):
        yield from read_chat_page(data, place, reading)
    elif _LINKS.search(head):
        yield Refusal(place.label, LIST_OF_LINKS)
    elif root == "mets":
        yield Ignored("METS file")
    elif root in SITEMAP_ROOTS:
        yield Refusal(place.label, "a sitemap, which lists pages but contains none: fetch its address instead")
    elif (place.extension in _FEED or _is_xml(data, place)) and (root or "").lower() != "html":
        yield Refusal(place.label, "neither a feed nor a page")
    else:
        yield _page(data, place, reading, "text/html")


def _is_xml(data: bytes, place: Place) -> bool:
    """Whether a file that is not named as a page is XML: a drawing, an office document, a program's data."""
    return place.extension not in _HTML and data.lstrip(_BOM + b" \t\r\n").startswith(b"<?xml")


def _read_text(source: io.BufferedReader, place: Place, reading: Reading) -> Iterator[Item]:
    data = source.read(MAX_PAGE_BYTES + 1)
    if kind := kind_of_name(place.file) or kind_of_text(data):
        yield Ignored(kind)
    else:
        yield _too_large(place) if len(data) > MAX_PAGE_BYTES else _page(data, place, reading, "text/plain")


def _page(data: bytes, place: Place, reading: Reading, media_type: str) -> Record | Refusal:
    try:
        return read_page(data, place, reading, media_type=media_type)
    except UnreadableInput as error:
        return Refusal(error.name, error.reason)


def _printed_page(data: bytes, place: Place, reading: Reading) -> Record | Refusal:
    try:
        return read_printed_page(data, place, reading) or _page(data, place, reading, "text/html")
    except UnreadableInput as error:
        return Refusal(error.name, error.reason)


def _too_large(place: Place) -> Refusal:
    return Refusal(place.label, f"larger than {MAX_PAGE_BYTES // 2**20} MB, the limit for an article")


def _decoded(head: bytes) -> str:
    try:
        return decode(head)
    except ValueError:
        return ""


def _is_readable(name: str) -> bool:
    path = PurePath(name.replace("\\", "/"))
    named = extension_of(path.name) in _READABLE or is_post_file(path.name) or is_mail_name(path.as_posix())
    return not is_hidden(name) and named


def _packing(head: bytes) -> str | None:
    for magic, form in _PACKED:
        if head.startswith(magic) and (form != "bzip2" or head[4:10] in _BZIP2_BLOCK):
            return form
    return None


def _utf8(source: io.BufferedReader, wide: str | None) -> io.BufferedReader:
    if wide is None:
        return source
    decoder = codecs.getincrementaldecoder(wide)("replace")

    def recode(data: bytes) -> bytes:
        return decoder.decode(data, final=not data).replace("\ufeff", "").encode("utf-8", "replace")

    return io.BufferedReader(_Mapped(source, recode))


def _with_line_ends(source: io.BufferedReader) -> io.BufferedReader:
    """Convert carriage returns, the line ends of old systems, to line feeds."""
    return io.BufferedReader(_Mapped(source, lambda data: data.replace(b"\r", b"\n")))


class _Mapped(io.RawIOBase):
    """A stream whose chunks pass through a function, which gets an empty chunk at the end."""

    def __init__(self, stream: IO[bytes], function: Callable[[bytes], bytes]) -> None:
        self._stream = stream
        self._function = function
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._ended:
            data = read_some(self._stream, len(buffer))
            self._ended = not data
            self._ready = self._function(data)
        data, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


class _Counted(io.RawIOBase):
    """An input stream that counts the bytes read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: Any) -> int:
        data = read_some(self._stream, len(buffer))
        self.count += len(data)
        buffer[: len(data)] = data
        return len(data)
