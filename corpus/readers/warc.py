"""WARC files (ISO 28500) and the older ARC: the pages that a crawler recorded, each with its address and time.

    response               an HTTP response: its body, if its status is 200 and it is HTML or text
    resource, conversion   the page itself, HTML or text
    revisit                a page that was unchanged: taken from this input, or from the archive
    others                 ignored and counted, as are what a crawler stores of its own (`urn:`), robots.txt and scripts

warcio parses the headers, but not the status line, since crawlers write forms that HTTP/1 does not have (`HTTP/2 200`,
`ICY 200 OK`). The walk from record to record is ours, so that damage costs only the record that it is in:
in a compressed file, the next record is a gzip member of its own. Recorders differ in what they leave in the headers: a
body that was already decompressed is recognized by its first bytes.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import IO, Any, Final, TypeVar

import brotli
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from corpus.article import OriginKind, article_id
from corpus.errors import UnreadableInput
from corpus.readers.page import HTML_TYPES, read_page
from corpus.readers.record import (
    MAX_FIELD,
    MAX_PAGE_BYTES,
    BrokenStream,
    Ignored,
    Item,
    PageResource,
    Place,
    Reading,
    Record,
    Refusal,
    StoredPages,
    printable_name,
)
from corpus.readers.saved_pages import SavedCopy, archived_copy, copy_of_headers
from corpus.readers.site_files import kind_of_address, kind_of_text
from corpus.readers.streams import HEAD_BYTES, read_some, skip_damage
from corpus.resources import MAX_RESOURCE_BYTES, Resource, may_be_resource, resource_type
from corpus.urls import canonical_url

_MAX_LINE: Final = 2**16
_MAX_HEADERS: Final = 2**20
_TEXT_TYPES: Final = frozenset({"text/plain"})
_MAIN_TYPES: Final = frozenset({"application", "audio", "font", "image", "model", "multipart", "text", "video"})
_SCHEMES: Final = frozenset({"http", "https", "ftp", "file"})
_ARC: Final = b"filedesc://"
_SILENCE: Final = logging.NullHandler()
# `HTTP/1.1 200 OK`, `HTTP/2 200`, `HTTP 200 Document follows`, `ICY 200 OK`, `200 OK`.
_STATUS: Final = re.compile(
    rb"\s*(?:(?:HTTPS?|ICY)(?:/?\d(?:\.\d)?)?\s+(?P<status>\d{3})(?!\d)|(?P<bare>\d{3})(?:\s+[a-z]|\s*$))", re.I
)

# Bytes of bodies in memory: those that the archive may not have committed yet must be among them (corpus/ingest.py).
_MAX_BYTES: Final = 96 * 2**20
_MAX_REMEMBERED: Final = 100_000
# Bytes of pictures, stylesheets and fonts that are kept of one input.
_MAX_RESOURCES: Final = 16 * 2**30
_DIGESTS: Final = frozenset({"sha1", "sha256", "md5"})

_Value = TypeVar("_Value")

_GZIP_MAGIC: Final = b"\x1f\x8b"
_TOO_LARGE: Final = f"larger than {MAX_PAGE_BYTES // 2**20} MB, the limit for a page"
_MAX_SIZE_LINE: Final = 1024
_MAX_CODINGS: Final = 3


def is_warc(head: bytes) -> bool:
    """Whether a file begins like WARC and ARC files."""
    return head.startswith((b"WARC/", _ARC))


def read_warc(stream: IO[bytes], place: Place, reading: Reading) -> Iterator[Item]:
    """Read the pages of the records."""
    # warcio logs addresses with spaces, which it fixes.
    logging.getLogger("warcio").addHandler(_SILENCE)
    reader = _Reader(place, reading)
    records = _Records(stream)
    while True:
        try:
            record = records.next()
            if record is None:
                return
            yield from reader.items(record)
            record.skip()
        except _NoRecord as error:
            yield Refusal(place.label, str(error))
        except BrokenStream as error:
            yield Refusal(place.label, str(error))
            if not skip_damage(stream):
                return


class _NoRecord(BrokenStream):
    """There is no record where one should begin; the stream itself is sound and can be read further."""


class _Record:
    """A record: its headers, and its block, which is read on demand."""

    def __init__(self, parsed: Any, block: _Block) -> None:
        self._parsed = parsed
        self.block = block
        self.kind: str = (parsed.rec_type or "").lower()
        # wget writes the address in angle brackets.
        self.url = (self.header("WARC-Target-URI") or "").strip("<> ") or None
        self.id = (self.header("WARC-Record-ID") or "").strip("<>")

    def header(self, name: str) -> str | None:
        value: str | None = self._parsed.rec_headers.get_header(name)
        return value.strip() if value else None

    @property
    def date(self) -> datetime | None:
        return _instant(self.header("WARC-Date"))

    def skip(self) -> None:
        self.block.skip()


class _Block:
    """A record's block, of which `left` bytes are unread; lines and headers in it are limited."""

    def __init__(self, stream: IO[bytes], left: int) -> None:
        self._stream = stream
        self.left = left
        self._header_bytes = _MAX_HEADERS

    def read(self, count: int) -> bytes:
        """Read `count` bytes, or fewer at the end of the block."""
        pieces: list[bytes] = []
        wanted = min(count, self.left)
        while wanted:
            piece = read_some(self._stream, min(wanted, HEAD_BYTES))
            if not piece:
                raise BrokenStream("the last record is cut short: the records before are kept")
            pieces.append(piece)
            wanted -= len(piece)
            self.left -= len(piece)
        return b"".join(pieces)

    def readline(self) -> bytes:
        """Read a line, for warcio's header parser."""
        line = self._stream.readline(min(_MAX_LINE, self.left))
        self.left -= len(line)
        self._header_bytes -= len(line)
        if self._header_bytes < 0 or (len(line) == _MAX_LINE and not line.endswith(b"\n")):
            raise UnreadableInput("", "its headers are too large")
        return line

    def skip(self) -> None:
        while self.left:
            self.read(HEAD_BYTES)


class _Records:
    """The records of a file, in order."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._loader: Any = ArcWarcRecordLoader()
        self._form = "warc"
        self._searching = False

    def next(self) -> _Record | None:
        """The next record; None at the end.

        Raises:
            _NoRecord: there is no record here; the next call searches for one.
        """
        while line := self._stream.readline(_MAX_LINE):
            if line.startswith(_ARC):
                self._form = "arc"
            if not line.strip():
                continue
            if self._form == "warc" and not line.startswith(b"WARC/"):
                self._report_no_record("not a record: skipped to the next one")
                continue
            try:
                record = self._record(line)
            except (ArchiveLoadFailed, StatusAndHeadersParserException, UnreadableInput, ValueError, EOFError) as error:
                self._report_no_record(f"a record's headers cannot be read: {printable_name(str(error))}")
                continue
            self._searching = False
            return record
        return None

    def _report_no_record(self, reason: str) -> None:
        """Report once that no record begins here, and then search silently."""
        if not self._searching:
            self._searching = True
            raise _NoRecord(reason)

    def _record(self, line: bytes) -> _Record:
        headers = _Block(self._stream, _MAX_HEADERS)
        parsed = self._loader.parse_record_stream(
            headers, statusline=line, known_format=self._form, no_record_parse=True
        )
        length = parsed.length
        if not isinstance(length, int) or length < 0:
            raise UnreadableInput("", "it has no length")
        return _Record(parsed, _Block(self._stream, length))


class _Reader:
    """Reads records, and remembers pages for the revisit records that refer to them."""

    def __init__(self, place: Place, reading: Reading) -> None:
        self._place = place
        self._reading = reading
        self._captures = Captures(reading.stored_pages)
        self._http: Any = StatusAndHeadersParser([], verify=False)
        self._read_ids: OrderedDict[str, str] = OrderedDict()
        self._resources: OrderedDict[str, Resource] = OrderedDict()
        self._resource_bytes = 0

    def items(self, record: _Record) -> Iterator[Item]:
        label = f"{self._place.label}, {printable_name(record.url or record.id)}"
        try:
            match record.kind:
                case "response":
                    yield self._response(record, label)
                case "resource" | "conversion":
                    yield self._resource(record, label)
                case "revisit":
                    yield self._revisit(record, label)
                case kind:
                    yield Ignored(f"{printable_name(kind)[:20] or 'unnamed'} records")
        except UnreadableInput as error:
            yield Refusal(label, error.reason)

    def _response(self, record: _Record, label: str) -> Item:
        if not (record.url or "").lower().startswith(("http:", "https:")):
            return Ignored("responses that are not HTTP")
        if record.header("WARC-Segment-Number"):
            raise UnreadableInput(label, "a record in several segments, which is not supported")
        status, headers = self._http_headers(record, label)
        if status != "200":
            return Ignored(f"status {status}" if status else "responses without a status")
        media_type, charset = _content_type(headers.get_header("Content-Type"))
        return self._page(record, label, headers, media_type, charset)

    def _resource(self, record: _Record, label: str) -> Item:
        # Texts and screenshots of pages that are records of their own, and logs: urn:text:…, metadata://…
        scheme, colon, _ = (record.url or "").lower().partition(":")
        if colon and scheme not in _SCHEMES:
            return Ignored(f"{printable_name(scheme)[:20]}: records")
        if (record.header("WARC-Refers-To") or "").strip("<>") in self._read_ids:
            return Ignored("conversions of pages that were read")
        return self._page(record, label, None, *_content_type(record.header("Content-Type")))

    def _page(self, record: _Record, label: str, headers: Any, media_type: str, charset: str | None) -> Item:
        if media_type and media_type not in HTML_TYPES | _TEXT_TYPES:
            return self._resource_of_pages(record, label, headers, media_type) or Ignored(_kind_of(media_type))
        if kind := kind_of_address(record.url):
            return Ignored(kind)
        body = self._body(record, label, headers)
        if not body.strip():
            raise UnreadableInput(label, "its body is empty")
        # Without a declared type the content is sniffed, as browsers do.
        media_type = media_type or ("text/html" if body.lstrip()[:1] == b"<" else "text/plain")
        if media_type in _TEXT_TYPES and (kind := kind_of_text(body)):
            return Ignored(kind)
        capture = Capture(body, media_type, charset)
        digest = record.header("WARC-Payload-Digest")
        try:
            item = self._read(record, label, capture, headers)
        except UnreadableInput as error:
            self._captures.refuse(digest, error.reason)
            raise
        self._captures.add(digest, capture, item.article.id, record.url, record.date)
        if record.id:
            _remember(self._read_ids, record.id, item.article.id)
        return item

    def _resource_of_pages(self, record: _Record, label: str, headers: Any, media_type: str) -> PageResource | None:
        """A picture, stylesheet or font; None for anything else, and if they are not kept."""
        address, captured_at = _original(record, headers)
        if self._reading.stored_resources is None or not may_be_resource(media_type):
            return None
        if not address or len(address) > MAX_FIELD or not captured_at:
            return None
        if record.block.left > MAX_RESOURCE_BYTES or self._resource_bytes > _MAX_RESOURCES:
            return None
        try:
            data = self._body(record, label, headers)
        except UnreadableInput:
            return None
        found = resource_type(data, media_type)
        if found is None or len(data) > MAX_RESOURCE_BYTES:
            return None
        resource = Resource(address, captured_at, hashlib.sha256(data).hexdigest(), found)
        for key in (record.header("WARC-Payload-Digest"), _key(record.url, record.date), _key(record.url, None)):
            if key and key not in self._resources:
                _remember(self._resources, key, resource)
        self._resource_bytes += len(data)
        return PageResource(resource, data)

    def _revisited_resource(
        self, record: _Record, digest: str | None, refers_to: str | None, when: datetime | None
    ) -> PageResource | None:
        """The picture, stylesheet or font that a record repeats, of this input or of the archive."""
        address, captured_at = _original(record, None)
        if self._reading.stored_resources is None or not address or not captured_at:
            return None
        known = self._resources.get(digest or _key(refers_to, when))
        if known is None and refers_to:
            for stored, data in self._reading.stored_resources(refers_to, when):
                if digest is None or stored.captured_at == when or _has_digest(data, digest):
                    known = stored
                    break
        if known is None:
            return None
        return PageResource(Resource(address, captured_at, known.digest, known.media_type), None)

    def _revisit(self, record: _Record, label: str) -> Item:
        refers_to = (record.header("WARC-Refers-To-Target-URI") or "").strip("<> ") or record.url
        when = _instant(record.header("WARC-Refers-To-Date"))
        digest = record.header("WARC-Payload-Digest")
        if reason := self._captures.refused(digest):
            raise UnreadableInput(label, f"it repeats a page without an article: {reason}")
        if resource := self._revisited_resource(record, digest, refers_to, when):
            return resource
        capture = self._captures.find(digest, refers_to, when)
        if capture is None:
            if kind := self._kind_of_revisited(record, label):
                return Ignored(kind)
            dated = f" of {when:%Y-%m-%d}" if when else ""
            raise UnreadableInput(label, f"it repeats a page{dated} that is neither in this input nor in the archive")
        return self._read(record, label, capture)

    def _kind_of_revisited(self, record: _Record, label: str) -> str | None:
        """What a record without a body repeats, by its headers; None if it may be a page."""
        if not record.block.left:
            return None
        _, headers = self._http_headers(record, label)
        media_type, _ = _content_type(headers.get_header("Content-Type") if headers else None)
        return _kind_of(media_type) if media_type and media_type not in HTML_TYPES | _TEXT_TYPES else None

    def _read(self, record: _Record, label: str, capture: Capture, headers: Any = None) -> Record:
        here = self._place.within(record.id or record.url or "", kind=OriginKind.WARC)
        # A crawl of a web archive: its headers name the original page and the time of its copy.
        copy = SavedCopy()
        if headers is not None:
            copy = copy_of_headers(headers.get_header("Memento-Datetime"), headers.get_header("Link"))
        read = read_page(
            capture.body,
            here,
            self._reading,
            media_type=capture.media_type,
            charset=capture.charset,
            url=copy.url or record.url,
            label=label,
            retrieved_at=copy.saved_at or record.date,
        )
        return replace(read, captured_from=copy.url or record.url)

    def _http_headers(self, record: _Record, label: str) -> tuple[str, Any]:
        """The status, empty if there is none, and the headers."""
        line = record.block.readline()
        if not line.strip():
            line = record.block.readline()  # an empty line before the status, which HTTP allows (RFC 9112, 2.2)
        status = _STATUS.match(line)
        if not status and line.strip():
            raise UnreadableInput(label, "it contains no HTTP response")
        if not status:
            return "", None
        try:
            headers = self._http.parse(record.block, full_statusline=line)
        except (StatusAndHeadersParserException, EOFError, ValueError) as error:
            raise UnreadableInput(label, "it contains no HTTP response") from error
        return (status["status"] or status["bare"]).decode("ascii"), headers

    def _body(self, record: _Record, label: str, headers: Any) -> bytes:
        if record.block.left > MAX_PAGE_BYTES:
            raise UnreadableInput(label, f"larger than {MAX_PAGE_BYTES // 2**20} MB, the limit for a page")
        data = record.block.read(record.block.left)
        if headers is None:
            return data
        try:
            return decode_body(
                data,
                transfer=headers.get_header("Transfer-Encoding") or "",
                content=headers.get_header("Content-Encoding") or "",
            )
        except BrokenStream as error:
            raise UnreadableInput(label, str(error)) from error


def _original(record: _Record, headers: Any) -> tuple[str | None, datetime | None]:
    """The address and time of a capture: for a crawl of a web archive, those of the archive's copy."""
    copy = SavedCopy()
    if headers is not None:
        copy = copy_of_headers(headers.get_header("Memento-Datetime"), headers.get_header("Link"))
    copy = copy if copy.url else archived_copy(record.url) or copy
    return copy.url or record.url, copy.saved_at or record.date


def _content_type(value: str | None) -> tuple[str, str | None]:
    """The media type, and the charset if declared."""
    media_type, _, rest = (value or "").partition(";")
    charset = None
    for parameter in rest.split(";"):
        name, _, text = parameter.partition("=")
        if name.strip().lower() == "charset" and text.strip():
            charset = text.strip(" \t\"'")
    return media_type.strip().lower(), charset


def _kind_of(media_type: str) -> str:
    main = media_type.partition("/")[0]
    return main if main in _MAIN_TYPES else "other media types"


def _instant(text: str | None) -> datetime | None:
    """Parse a WARC date (ISO 8601 in UTC)."""
    try:
        found = datetime.fromisoformat((text or "").strip())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # OverflowError: in the first and last hours of the calendar
        return None


@dataclass(frozen=True, slots=True)
class Capture:
    """The decoded page of a record, and its declared type."""

    body: bytes
    media_type: str
    charset: str | None


class Captures:
    """The captures of one input, by the digest that their records declare; the oldest are dropped first."""

    def __init__(self, stored_pages: StoredPages) -> None:
        self._kept_pages = stored_pages
        self._bodies: OrderedDict[str, Capture] = OrderedDict()
        self._bytes = 0
        self._ids: OrderedDict[str, tuple[str, str, str | None]] = OrderedDict()
        self._reasons: OrderedDict[str, str] = OrderedDict()
        self._keys: OrderedDict[str, str] = OrderedDict()

    def add(
        self, digest: str | None, capture: Capture, article: str, url: str | None = None, when: datetime | None = None
    ) -> None:
        """Store a capture with an article: its body for a while, the article's id for longer.

        It is found by its digest, by its address and time, and as the last one of its address.
        """
        key = digest or _key(url, when)
        for place in (_key(url, when), _key(url, None)):
            _remember(self._keys, place, key)
        if key in self._bodies:
            return
        self._bodies[key] = capture
        self._bytes += len(capture.body)
        while self._bytes > _MAX_BYTES:
            self._bytes -= len(self._bodies.popitem(last=False)[1].body)
        _remember(self._ids, key, (article, capture.media_type, capture.charset))

    def refuse(self, digest: str | None, reason: str) -> None:
        """Store that a capture had no article, and the reason."""
        if digest:
            _remember(self._reasons, digest, reason)

    def refused(self, digest: str | None) -> str | None:
        """The reason why the capture with this digest had no article; None if it had one, or is unknown."""
        return self._reasons.get(digest or "")

    def find(self, digest: str | None, url: str | None, when: datetime | None) -> Capture | None:
        """The capture with this digest, or the one of this address with the same time or digest."""
        key = digest or self._keys.get(_key(url, when), "")
        if key in self._bodies:
            return self._bodies[key]
        if key in self._ids:
            known, media_type, charset = self._ids[key]
            for _, body in self._kept_pages(known):
                return Capture(body, media_type, charset)
        if not url:
            return None
        for received, body in self._kept_pages(article_id(None, canonical_url(url), "", ())):
            # Without a digest, the server answered "not modified": the last capture is meant.
            if digest is None or received == when or _has_digest(body, digest):
                return Capture(body, "text/html", None)
        return None


def _key(url: str | None, when: datetime | None) -> str:
    """The key of a capture without a digest."""
    return f"{canonical_url(url) if url else ''} {when.isoformat() if when else ''}"


def _remember(known: OrderedDict[str, _Value], digest: str, value: _Value) -> None:
    known[digest] = value
    if len(known) > _MAX_REMEMBERED:
        known.popitem(last=False)


def _has_digest(body: bytes, digest: str) -> bool:
    """Whether a body has a WARC digest such as `sha1:3I42H3S6…` (base 32) or `sha256:9f86…` (hex)."""
    name, _, value = digest.partition(":")
    if name.lower() not in _DIGESTS:
        return False
    computed = hashlib.new(name.lower(), body, usedforsecurity=False).digest()
    return value.lower() == computed.hex() or value.upper() == base64.b32encode(computed).decode("ascii").rstrip("=")


def decode_body(data: bytes, *, transfer: str = "", content: str = "") -> bytes:
    """Decode a recorded body. `transfer` and `content` are the headers Transfer-Encoding and Content-Encoding.

    Raises:
        BrokenStream: it is damaged, too large, or in an unsupported encoding.
    """
    if "chunked" in transfer.lower():
        data = _joined_chunks(data)
    codings = [name for part in content.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if len(codings) > _MAX_CODINGS:
        raise BrokenStream(f"compressed {len(codings)} times")
    for coding in reversed(codings):
        if coding not in _DECODERS:
            raise BrokenStream(f"its Content-Encoding {coding[:40]!r} is not supported")
        data = _DECODERS[coding](data)
        if len(data) > MAX_PAGE_BYTES:
            raise BrokenStream(_TOO_LARGE)
    return data


def _joined_chunks(data: bytes) -> bytes:
    """Join the chunks of a body (RFC 9112, 7.1); a body without chunk sizes is returned as it is."""
    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        end = data.find(b"\r\n", at, at + _MAX_SIZE_LINE)
        try:
            size = int(data[at:end].partition(b";")[0].strip() or b"-", 16) if end > at else -1
        except ValueError:
            size = -1
        if size < 0:
            # Not a chunk: the recorder joined them already, or the end is damaged.
            return data if not pieces else b"".join(pieces)
        if size == 0:
            break
        pieces.append(data[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    return b"".join(pieces)


def _gunzip(data: bytes) -> bytes:
    if not data.startswith(_GZIP_MAGIC):
        return data
    return _inflate(data, 31)


def _deflate(data: bytes) -> bytes:
    """Decompress zlib data, or raw deflate, which some servers send; other data is returned unchanged."""
    for bits in (15, -15):
        try:
            return _inflate(data, bits)
        except BrokenStream as error:
            if str(error) == _TOO_LARGE:
                raise
    return data


def _inflate(data: bytes, bits: int) -> bytes:
    """Decompress what is there: of a truncated body its beginning, as browsers show it."""
    inflater = zlib.decompressobj(bits)
    try:
        page = inflater.decompress(data, MAX_PAGE_BYTES + 1)
    except zlib.error as error:
        raise BrokenStream(f"its body is damaged: {error}") from error
    if len(page) > MAX_PAGE_BYTES:
        raise BrokenStream(_TOO_LARGE)
    if data and not page and not inflater.eof:
        raise BrokenStream("its body is cut short")
    return page


def _unbrotli(data: bytes) -> bytes:
    decompressor = brotli.Decompressor()
    try:
        page = decompressor.process(data, output_buffer_limit=MAX_PAGE_BYTES)
    except brotli.error:
        # Not brotli data: the recorder decompressed it already. If it is not text either, that is reported later.
        return data
    if len(page) > MAX_PAGE_BYTES or not decompressor.can_accept_more_data():
        raise BrokenStream(_TOO_LARGE)
    return bytes(page)


_DECODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _unbrotli,
}
