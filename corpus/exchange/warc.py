"""The kept pages as a WARC: one `resource` record a page, each compressed by itself, named by its SHA-256.

WARC (ISO 28500) is what web archives exchange; its tools can list, replay and verify the file without Arshif.
"""

from __future__ import annotations

import io
import uuid
import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import datetime
from typing import IO, Final

from warcio.archiveiterator import WARCIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.warcwriter import WARCWriter

_DIGEST: Final = "WARC-Payload-Digest"
_ALGORITHM: Final = "sha256:"


class PageWriter:
    """Writes pages to a stream, which it leaves open."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._writer = WARCWriter(stream, gzip=True, warc_version="1.1")

    def write(self, digest: str, data: bytes, *, url: str | None, media_type: str, recorded_at: datetime) -> None:
        """Writes a page; one without a URL is named by its digest."""
        headers = {
            # The same page has the same record id in every export.
            "WARC-Record-ID": f"<{uuid.uuid5(uuid.NAMESPACE_URL, _ALGORITHM + digest).urn}>",
            "WARC-Date": recorded_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            _DIGEST: _ALGORITHM + digest,
            "WARC-Block-Digest": _ALGORITHM + digest,
        }
        record = self._writer.create_warc_record(
            url or f"urn:sha256:{digest}",
            "resource",
            payload=io.BytesIO(data),
            length=len(data),
            warc_content_type=media_type,
            warc_headers_dict=headers,
        )
        self._writer.write_record(record)


def read_pages(stream: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """The SHA-256 that each page is said to have, and its bytes; they are to be compared by the caller.

    Raises:
        ValueError: the file is not such a WARC, or is damaged.
    """
    records = WARCIterator(stream)
    while True:
        # warcio says what it thinks of a damaged record on standard error; the error that follows is enough.
        with redirect_stderr(io.StringIO()):
            try:
                record = next(records, None)
                data = record.content_stream().read() if record is not None else b""
            except (ArchiveLoadFailed, OSError, EOFError, zlib.error, ValueError, AttributeError) as error:
                raise ValueError("it is not a WARC, or it is damaged") from error
        if record is None:
            return
        digest = record.rec_headers.get_header(_DIGEST) or ""
        if record.rec_type != "resource" or not digest.startswith(_ALGORITHM):
            raise ValueError("it has a record that is not a page of an export")
        yield digest.removeprefix(_ALGORITHM), data
