"""ZIP files (WACZ too) and tar files: each member is read as a file with its name would be.

Documents that are ZIP files (DOCX, ODT, EPUB) are recognized by their parts, regardless of their names. Nothing is
written to disk under a member's name. A WACZ (https://specs.webrecorder.net/wacz/) is a ZIP file with WARC files in
`archive/`, and with lists and indexes of the same pages, which are ignored.

Tar files are read in one pass. Python's `tarfile` parses each header; the walk from one header to the next is ours,
since `tarfile` reads an extended name into memory at any declared size, and expands the holes of sparse files.
"""

from __future__ import annotations

import io
import re
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any, Final

from corpus.errors import UnreadableInput
from corpus.readers.epub import read_epub
from corpus.readers.office import read_docx, read_odt
from corpus.readers.record import (
    MAX_DIRECTORY_BYTES,
    BrokenStream,
    Ignored,
    Item,
    Place,
    Reading,
    Refusal,
    extension_of,
)
from corpus.readers.site_files import (
    SNIFFED_BYTES,
    SavedPages,
    is_page,
    kind_of_unread,
    may_be_page,
)
from corpus.readers.streams import HEAD_BYTES, peek_head, read_some
from corpus.readers.zip_members import ZIP_ERRORS, Members, zip_reason

ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")  # a member, or the end record of an empty file

_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x06"
_MAX_END: Final = 22 + 65_535  # the end record and its comment
# Documents by a part that each of them has, and their readers. EPUB first: it may have a manifest as ODT has.
_DOCUMENTS: Final[tuple[tuple[str, Callable[[Members, IO[bytes], Place, Reading], Iterator[Item]]], ...]] = (
    ("META-INF/container.xml", read_epub),
    ("[Content_Types].xml", read_docx),
    ("META-INF/manifest.xml", read_odt),
)
# Other files that are ZIP files.
_NOT_NEWS: Final = {
    "META-INF/MANIFEST.MF": "a program",
    "AndroidManifest.xml": "a program",
    "Index/Document.iwa": "a Pages, Numbers or Keynote document",
    "Index.zip": "a Pages, Numbers or Keynote document",
}

ReadMember = Callable[[io.BufferedReader, Place], Iterator[Item]]
"""Reads a member as a file."""

_BLOCK: Final = tarfile.BLOCKSIZE
_MAX_EXTENSION: Final = 2**20  # bytes of a long name or a pax header
_PAX_RECORD: Final = re.compile(rb"\d+ ([^=\n]+)=([^\n]*)\n")


def read_zip(
    file: IO[bytes], place: Place, reading: Reading, read_member: ReadMember, is_readable: Callable[[str], bool]
) -> Iterator[Item]:
    """Read the members of a seekable ZIP file whose names are readable."""
    try:
        if _directory_bytes(file) > MAX_DIRECTORY_BYTES:
            yield Refusal(place.label, "its table of contents is too large: split the ZIP file")
            return
        members = Members(zipfile.ZipFile(file), reading.budget)
    except ZIP_ERRORS as error:
        yield Refusal(place.label, f"damaged ZIP file: {zip_reason(error)}")
        return
    if kind := next((kind for name, kind in _NOT_NEWS.items() if name in members), None):
        yield Refusal(place.label, f"{kind}, which is not supported")
    elif read_document := next((reader for name, reader in _DOCUMENTS if name in members), None):
        try:
            yield from read_document(members, file, place, reading)
        except UnreadableInput as error:
            yield Refusal(error.name, error.reason)
    else:
        yield from _read_members(members, place, read_member, is_readable)


def _read_members(
    members: Members, place: Place, read_member: ReadMember, is_readable: Callable[[str], bool]
) -> Iterator[Item]:
    is_wacz = _is_wacz(members.names)
    pages = SavedPages(members.names)
    read = 0
    for name, info in members.infos:
        elsewhere = is_wacz and not name.startswith("archive/")
        if elsewhere or not (is_readable(name) or (may_be_page(name) and is_page(members.head(info, SNIFFED_BYTES)))):
            yield Ignored(kind_of_unread(name))
            continue
        read += 1
        if kind := pages.kind_of(name):
            yield Ignored(kind)
            continue
        here = place.within(name, file=name)
        try:
            with members.open(info) as data:
                yield from read_member(data, here)
        except BrokenStream as error:
            yield Refusal(here.label, str(error))
    if not read:
        yield Refusal(place.label, "it contains no file of a supported format")


def _is_wacz(names: set[str]) -> bool:
    return "datapackage.json" in names and any(
        name.startswith("archive/") and extension_of(name) == ".warc" for name in names
    )


def _directory_bytes(file: IO[bytes]) -> int:
    """The size of the central directory by the end record; 0 if there is none, which zipfile then reports."""
    size = file.seek(0, io.SEEK_END)
    start = file.seek(max(0, size - _MAX_END))
    tail = file.read(size - start)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        return 0
    directory: int = struct.unpack_from("<L", tail, at + 12)[0]
    if directory == 0xFFFFFFFF:
        # The ZIP64 form of the record precedes it; a file that needs it has it among its last bytes.
        wide = tail.rfind(_END_64, 0, at)
        directory = struct.unpack_from("<Q", tail, wide + 40)[0] if wide >= 0 and len(tail) >= wide + 48 else size
    return min(directory, size)


def is_tar(head: bytes, extension: str) -> bool:
    """Whether a file begins with a tar header: by its magic, or in the oldest format by its checksum."""
    if head[257:262] == b"ustar":
        return True
    return extension == ".tar" and _parsed(head[:_BLOCK]) is not None


def read_tar(
    stream: IO[bytes], place: Place, read_member: ReadMember, is_readable: Callable[[str], bool]
) -> Iterator[Item]:
    """Read the members of a tar file whose names are readable."""
    tar = _Tar(stream)
    pages = SavedPages()
    read = 0
    try:
        for name, data, reason in tar.members():
            here = place.within(name, file=name) if name else place
            if reason:
                yield Refusal(here.label, reason)
                continue
            member: io.BufferedReader = io.BufferedReader(data)
            is_read = is_readable(name)
            if not is_read and may_be_page(name):
                head, member = peek_head(member)
                is_read = is_page(head)
            if not is_read:
                yield Ignored(kind_of_unread(name))
                continue
            read += 1
            if kind := pages.kind_of(name):
                yield Ignored(kind)
                continue
            pages.add(name)
            yield from read_member(member, here)
    except BrokenStream as error:
        read += 1
        yield Refusal(place.label, str(error))
    if not read:
        yield Refusal(place.label, "it contains no file of a supported format")


class _Tar:
    """Walks a tar file from header to header."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def members(self) -> Iterator[tuple[str, _Data, str]]:
        """The files: name, data, and the reason if one cannot be read. Read the data before the next one."""
        name: str | None = None
        size: int | None = None
        lost = False
        while (block := self._exactly(_BLOCK)) and block.strip(b"\x00"):
            if len(block) < _BLOCK:
                raise BrokenStream("the tar file ends too early: the members before are kept")
            header = _parsed(block)
            if header is None:
                if not lost:
                    yield "", _Data(self._stream, 0), "damaged tar file: a member could not be read and was skipped"
                lost = True
                continue
            lost = False
            data = _Data(self._stream, header.size if size is None else size)
            if header.type in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
                extension = self._extension(data)
                if header.type == tarfile.GNUTYPE_LONGNAME:
                    name = _decoded(extension.rstrip(b"\x00"))
                else:
                    records = dict(_PAX_RECORD.findall(extension))
                    name = _decoded(records[b"path"]) if b"path" in records else name
                    size = int(found) if re.fullmatch(rb"\d{1,18}", found := records.get(b"size", b"")) else None
                data.skip()
                continue
            if header.type == tarfile.GNUTYPE_SPARSE:
                yield name or header.name, data, "a sparse file, which is not supported"
            elif header.isreg() and not header.name.endswith("/"):
                yield name or header.name, data, ""
            data.skip()
            name = size = None

    def _extension(self, data: _Data) -> bytes:
        if data.left > _MAX_EXTENSION:
            raise BrokenStream("damaged tar file: a name of more than a megabyte")
        return b"".join(iter(lambda: data.read(HEAD_BYTES) or b"", b""))

    def _exactly(self, count: int) -> bytes:
        pieces = b""
        while len(pieces) < count and (piece := read_some(self._stream, count - len(pieces))):
            pieces += piece
        return pieces


class _Data(io.RawIOBase):
    """The data of a member."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self.left = max(0, size)
        self._padding = -self.left % _BLOCK

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = read_some(self._stream, min(len(buffer), self.left))
        if not data and self.left and len(buffer):
            raise BrokenStream("the tar file ends too early: the members before are kept")
        self.left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def skip(self) -> None:
        """Skip to the next header."""
        self.left += self._padding
        self._padding = 0
        while self.left:
            piece = read_some(self._stream, min(HEAD_BYTES, self.left))
            if not piece:
                raise BrokenStream("the tar file ends too early: the members before are kept")
            self.left -= len(piece)


def _parsed(block: bytes) -> tarfile.TarInfo | None:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return None
    return header if header.size >= 0 else None


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "replace")
