"""A bundle of evidence: a list of articles with everything that the archive keeps of them, as one ZIP file.

It contains each article with all its revisions, their differences and where they were imported from, the saved pages as
they were stored, citations, the list as a PDF, a manifest, and `SHA256SUMS`, which `sha256sum -c` verifies. Articles or
pages that are damaged are an error: a bundle is complete, or there is none.

Two bundles of the same list made at the same time are equal byte by byte.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import PurePath
from types import TracebackType
from typing import Any, Final, Protocol, Self

from corpus import Archive, Difference, Origin, OriginKind, Revision, Sighting, SpanKind, changed, difference
from search_ui.errors import PdfTooLong
from search_ui.export.about import program
from search_ui.export.bundle_readme import readme
from search_ui.export.formats import article_value
from search_ui.export.list_formats import LIST_FORMATS, listed_value
from search_ui.export.listing import Listed, ListedState, Listing, read_listed
from search_ui.export.pdf import make_pdf

FORMAT_VERSION: Final = 1
"""Version of the manifest's format."""

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_NAME: Final = 60
_OF_FILES: Final = (OriginKind.FILE, OriginKind.WARC)
_MARKS: Final = {SpanKind.EQUAL: ("", ""), SpanKind.REMOVED: ("[-", "-]"), SpanKind.ADDED: ("{+", "+}")}
_ENDINGS: Final = {
    "text/html": ".html",
    "text/plain": ".txt",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "multipart/related": ".mhtml",
    "message/rfc822": ".eml",
}


class Output(Protocol):
    """What a bundle is written to; it need not seek."""

    def write(self, data: bytes, /) -> object:
        """Append bytes."""


def write_bundle(archive: Archive, listing: Listing, language: str, output: Output) -> None:
    """Write the bundle of a list; `language` is that of its PDF, `ar` or `en`.

    Raises:
        ArticleDamaged: a revision of an article, or where it was imported from, is damaged.
        ArchiveReadFailed: a saved page is missing or damaged.
        PdfFailed: the PDF could not be typeset.
    """
    with _Bundle(output, listing.made_at) as bundle:
        manifest: list[dict[str, Any]] = []
        pages: dict[str, str] = {}
        for listed in read_listed(archive, listing):
            manifest.append(_write_article(archive, bundle, listed, listing, pages))
        for digest, name in sorted(pages.items(), key=lambda page: page[1]):
            bundle.add(name, archive.pages.read(digest))
        for ending, form in LIST_FORMATS.items():
            if ending == "txt":
                for code in ("ar", "en"):
                    bundle.add_text(f"citations.{code}.txt", form.write(read_listed(archive, listing), listing, code))
            else:
                name = {"csv": "list.csv", "jsonl": "list.jsonl"}.get(ending, f"citations.{ending}")
                bundle.add_text(name, form.write(read_listed(archive, listing), listing, language))
        try:
            bundle.add("list.pdf", make_pdf(archive, listing, language))
            printed = True
        except PdfTooLong:
            printed = False  # the README says so
        bundle.add_text("README.txt", readme(listing, printed=printed, pages=len(pages)))
        about = {
            "format": FORMAT_VERSION,
            "archive": listing.archive,
            "list": {"name": listing.name, "description": listing.description},
            "made_at": _time(listing.made_at),
            "program": program(),
            "pdf": printed,
            "articles": manifest,
            "files": [{"name": name, "sha256": digest, "bytes": size} for name, digest, size in bundle.files],
        }
        bundle.add("manifest.json", (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace"))


def _write_article(
    archive: Archive, bundle: _Bundle, listed: Listed, listing: Listing, pages: dict[str, str]
) -> dict[str, Any]:
    """Add the files of an article, collect its pages, and return its part of the manifest."""
    value = listed_value(listed, listing)
    if listed.article is None:
        return {"number": listed.number, "id": listed.entry.article_id, "state": listed.state.value}
    revisions = archive.whole_history(listed.entry.article_id)
    for revision in revisions:
        if revision.page is not None:
            pages.setdefault(revision.page, f"pages/{revision.page}{_ending(revision.page_type)}")
    *_, current = revisions
    name = f"articles/{listed.number:04}-{_file_name(listed.entry.article_id)}"
    described = [_revision_value(revision, pages) for revision in revisions]
    # The printed fields as stored, with the stored name of the source, as in an export of the archive.
    record = {**value, **article_value(current.article), "revisions": described}
    record["texts"] = [article_value(revision.article) for revision in revisions]
    bundle.add(f"{name}.json", (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace"))
    bundle.add_text(f"{name}.txt", _text_lines(listed, listing, current))
    if len(revisions) > 1:
        bundle.add_text(f"{name}.changes.txt", _change_lines(revisions))
    return {
        "number": listed.number,
        "id": listed.entry.article_id,
        "state": listed.state.value,
        "note": listed.entry.note,
        "file": f"{name}.json",
        "title": current.article.title,
        "url": current.article.url,
        "archive_url": value["archive_url"],
        "revision": current.number,
        "content_hash": current.article.content_hash(),
        "added": {"at": value["added_at"], "revision": listed.entry.revision, "hash": listed.entry.content_hash},
        "revisions": described,
    }


def _revision_value(revision: Revision, pages: dict[str, str]) -> dict[str, Any]:
    return {
        "number": revision.number,
        "recorded_at": _time(revision.recorded_at),
        "content_hash": revision.article.content_hash(),
        "page": pages[revision.page] if revision.page else None,
        "page_sha256": revision.page,
        "page_type": revision.page_type,
        "sightings": [_sighting_value(sighting) for sighting in revision.sightings],
    }


def _sighting_value(sighting: Sighting) -> dict[str, Any]:
    return {
        "kind": sighting.origin.kind.value,
        "name": _origin_name(sighting.origin),
        "part": sighting.origin.part,
        "first_seen": _time(sighting.first_seen),
        "last_seen": _time(sighting.last_seen),
    }


def _origin_name(origin: Origin) -> str:
    """The name of an origin; of a path only the file name, since paths on the archive's machine are not public."""
    return PurePath(origin.name).name if origin.kind in _OF_FILES else origin.name


def _text_lines(listed: Listed, listing: Listing, current: Revision) -> Iterator[str]:
    article = current.article
    facts = {
        "العنوان / Title": article.title,
        "المصدر / Source": article.source,
        "التاريخ / Date": article.published.isoformat() if article.published else None,
        "الكاتب / Author": "؛ ".join(article.authors),
        "الرابط الأصلي / Original address": article.url,
        "الرابط الدائم / Permanent address": listing.address(article.id),
        "المعرّف / Id": article.id,
        "النسخة / Version": f"{current.number} ({_time(current.recorded_at)})",
        "ملاحظة القائمة / Note on the list": " ".join(listed.entry.note.split()),
    }
    for label, value in facts.items():
        if value:
            yield f"{label}: {value}\n"
    if listed.state is ListedState.CHANGED:
        yield "تغيّر النص بعد إضافته إلى القائمة / The text has changed since it was added to the list\n"
    yield f"\n{article.text}\n"


def _change_lines(revisions: Iterable[Revision]) -> Iterator[str]:
    yield "[-حُذف / removed-]   {+أُضيف / added+}\n"
    for before, after in pairwise(revisions):
        yield f"\n=== {before.number} → {after.number} ({_time(before.recorded_at)} → {_time(after.recorded_at)}) ===\n"
        yield from _difference_lines(difference(before.article, after.article))


def _difference_lines(changes: Difference) -> Iterator[str]:
    for field in changes.fields:
        yield f"{field.name}: [-{field.before or ''}-] {{+{field.after or ''}+}}\n"
    for spans in (changes.title, *changes.paragraphs):
        if changed(spans):
            yield "".join(f"{_MARKS[span.kind][0]}{span.text}{_MARKS[span.kind][1]}" for span in spans) + "\n"


class _Bundle:
    """A ZIP file whose bytes depend on nothing but its contents and the time of the list."""

    def __init__(self, output: Output, made_at: datetime) -> None:
        import zipfile  # every command imports this module, and only bundles need it

        self._output = _Appended(output)
        self._zip = zipfile.ZipFile(self._output, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]
        moment = made_at.astimezone(UTC)
        self._time = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
        self.files: list[tuple[str, str, int]] = []

    def add(self, name: str, data: bytes) -> None:
        """Add a file."""
        self.files.append((name, hashlib.sha256(data).hexdigest(), len(data)))
        self._write(name, data)

    def add_text(self, name: str, texts: Iterable[str]) -> None:
        """Add a file from pieces of text."""
        self.add(name, "".join(texts).encode("utf-8", "replace"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Add the digests of all files, and end the ZIP file; after an error, nothing more is written."""
        if kind is None:
            sums = "".join(f"{digest}  {name}\n" for name, digest, _ in self.files)
            self._write("SHA256SUMS", sums.encode("ascii"))
        else:
            self._output.abandoned = True
        self._zip.close()

    def _write(self, name: str, data: bytes) -> None:
        import zipfile

        entry = zipfile.ZipInfo(name, self._time)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 3  # Unix, on every system
        entry.external_attr = 0o644 << 16
        self._zip.writestr(entry, data)


class _Appended:
    """An output that a ZIP file is appended to, without going back."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.abandoned = False

    def write(self, data: bytes) -> int:
        if not self.abandoned:
            self._output.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


def _ending(media_type: str | None) -> str:
    plain = (media_type or "").partition(";")[0].strip().lower()
    return _ENDINGS.get(plain) or mimetypes.guess_extension(plain) or ".bin"


def _file_name(article_id: str) -> str:
    return _UNSAFE.sub("-", article_id)[:_MAX_NAME].strip("-.") or "article"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
