"""The pages that `revisit` records of a WARC refer back to: seen earlier in the same input, or kept in the archive."""

from __future__ import annotations

import base64
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from corpus.article import article_id
from corpus.readers.record import KeptPages
from corpus.urls import canonical_url

# Bodies held in memory: those that the archive may not have committed yet must be among them (corpus/ingest.py).
_MOST_BYTES: Final = 96 * 2**20
_MOST_REMEMBERED: Final = 100_000
_DIGESTS: Final = frozenset({"sha1", "sha256", "md5"})


@dataclass(frozen=True, slots=True)
class Capture:
    """The page that a record held, unpacked, and how its server declared it."""

    body: bytes
    media_type: str
    charset: str | None


class Captures:
    """The captures of one input, by the digest that their records declare; the oldest are let go first."""

    def __init__(self, kept_pages: KeptPages) -> None:
        self._kept_pages = kept_pages
        self._bodies: OrderedDict[str, Capture] = OrderedDict()
        self._bytes = 0
        self._ids: OrderedDict[str, tuple[str, str, str | None]] = OrderedDict()
        self._reasons: OrderedDict[str, str] = OrderedDict()

    def keep(self, digest: str | None, capture: Capture, article: str) -> None:
        """Remembers a capture that gave an article: its body for a while, the article's id for longer."""
        if not digest or digest in self._bodies:
            return
        self._bodies[digest] = capture
        self._bytes += len(capture.body)
        while self._bytes > _MOST_BYTES:
            self._bytes -= len(self._bodies.popitem(last=False)[1].body)
        _remember(self._ids, digest, (article, capture.media_type, capture.charset))

    def refuse(self, digest: str | None, reason: str) -> None:
        """Remembers that a capture gave no article, and why."""
        if digest:
            _remember(self._reasons, digest, reason)

    def refused(self, digest: str | None) -> str | None:
        """Why the capture of this digest gave no article; None where it did, or is not known."""
        return self._reasons.get(digest or "")

    def find(self, digest: str | None, url: str | None, when: datetime | None) -> Capture | None:
        """The capture of this digest, else the one of this address that was received then or has the digest."""
        if digest and digest in self._bodies:
            return self._bodies[digest]
        if digest and digest in self._ids:
            known, media_type, charset = self._ids[digest]
            for _, body in self._kept_pages(known):
                return Capture(body, media_type, charset)
        if not url:
            return None
        for received, body in self._kept_pages(article_id(None, canonical_url(url), "", ())):
            # Without a digest a server has said "not modified": of what was met last.
            if digest is None or received == when or _has_digest(body, digest):
                return Capture(body, "text/html", None)
        return None


_Value = TypeVar("_Value")


def _remember(known: OrderedDict[str, _Value], digest: str, value: _Value) -> None:
    known[digest] = value
    if len(known) > _MOST_REMEMBERED:
        known.popitem(last=False)


def _has_digest(body: bytes, digest: str) -> bool:
    """Whether a body has a WARC digest such as `sha1:3I42H3S6…` (base 32) or `sha256:9f86…` (hex)."""
    name, _, value = digest.partition(":")
    if name.lower() not in _DIGESTS:
        return False
    computed = hashlib.new(name.lower(), body, usedforsecurity=False).digest()
    return value.lower() == computed.hex() or value.upper() == base64.b32encode(computed).decode("ascii").rstrip("=")
