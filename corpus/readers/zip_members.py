"""The members of a ZIP file, read under limits: for ZIP files of articles, and for documents that are ZIP files."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import IO, Any, Final

from lxml import etree

from corpus.errors import UnreadableInput
from corpus.readers.record import FREE_MEMBER_BYTES, MAX_PAGE_BYTES, MAX_RATIO, BrokenStream, Budget

_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})
_MAX_ELEMENTS: Final = 1_000_000  # of some 50,000 paragraphs; they take 200 MB of memory
_ENCRYPTED: Final = 0x1
_UTF8_NAME: Final = 0x800

ZIP_ERRORS: Final = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OverflowError, OSError,
    IndexError, struct.error, zlib.error,
)  # fmt: skip
"""What zipfile raises for malicious files, besides its own error."""


class Members:
    """The files in a ZIP file, by name."""

    def __init__(self, archive: zipfile.ZipFile, budget: Budget) -> None:
        self._archive = archive
        self._budget = budget
        # `ZipInfo.is_dir` fails for an empty name.
        self._infos = [(_name(info), info) for info in archive.infolist() if not info.filename.endswith("/")]
        self._by_name = dict(self._infos)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    @property
    def infos(self) -> list[tuple[str, zipfile.ZipInfo]]:
        """The names, which may occur several times, and their entries, in the order of the table of contents."""
        return self._infos

    @property
    def names(self) -> set[str]:
        """The different names."""
        return set(self._by_name)

    def open(self, info: zipfile.ZipInfo) -> io.BufferedReader:
        """A member's content, with a limit on what it unpacks to.

        Raises:
            BrokenStream: it is encrypted, damaged or compressed in an unknown way; also while it is read.
        """
        if info.flag_bits & _ENCRYPTED:
            raise BrokenStream("it is encrypted")
        if info.compress_type not in _METHODS:
            raise BrokenStream(f"compressed with ZIP method {info.compress_type}, which is not supported")
        try:
            return io.BufferedReader(_Member(self._archive.open(info), info.compress_size, self._budget))
        except ZIP_ERRORS as error:
            raise BrokenStream(zip_reason(error)) from error

    def head(self, info: zipfile.ZipInfo, count: int) -> bytes:
        """The first bytes of a member; none if they cannot be read."""
        # Of a bzip2 member, even the first bytes may unpack to many megabytes.
        if info.flag_bits & _ENCRYPTED or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return b""
        try:
            with self._archive.open(info) as packed:
                return packed.read(count)
        except ZIP_ERRORS:
            return b""

    def read(self, name: str, label: str) -> bytes:
        """The content of a part of a document.

        Raises:
            UnreadableInput: it is missing, too large, encrypted or damaged.
        """
        info = self._by_name.get(name)
        if info is None:
            raise UnreadableInput(label, f"damaged: its part {name[:80]!r} is missing")
        try:
            with self.open(info) as stream:
                data = stream.read(MAX_PAGE_BYTES + 1)
        except BrokenStream as error:
            raise UnreadableInput(label, str(error)) from error
        if len(data) > MAX_PAGE_BYTES:
            raise UnreadableInput(label, f"its text is larger than {MAX_PAGE_BYTES // 2**20} MB, the limit")
        return data

    def xml(self, name: str, label: str) -> Any:
        """The root element of a part of a document; nothing is fetched, and no entity is expanded.

        Raises:
            UnreadableInput: it cannot be read, is not XML, or has too many elements.
        """
        data = self.read(name, label)
        if data.count(b"<") > 2 * _MAX_ELEMENTS:
            raise UnreadableInput(label, f"its part {name[:80]!r} has more than {_MAX_ELEMENTS:,} elements, the limit")
        # Without `huge_tree`, libxml2 limits depth and the length of a text.
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            return etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise UnreadableInput(label, f"damaged: its part {name[:80]!r} is not XML") from error


class _Member(io.RawIOBase):
    """A member's content, with a limit on its size."""

    def __init__(self, packed: IO[bytes], size: int, budget: Budget) -> None:
        self._packed = packed
        self._most = max(FREE_MEMBER_BYTES, MAX_RATIO * size)
        self._budget = budget

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._packed.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._packed.read(len(buffer))
        except ZIP_ERRORS as error:
            raise BrokenStream(f"damaged member of a ZIP file: {zip_reason(error)}") from error
        self._most -= len(data)
        if self._most < 0:
            raise BrokenStream(f"it unpacks to more than {MAX_RATIO} times its size: the rest was not read")
        self._budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)


def zip_reason(error: Exception) -> str:
    """What is wrong with a ZIP file, by the error that reading it raised."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name; many programs write UTF-8 without the flag for it, which zipfile reads as code page 437."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename
