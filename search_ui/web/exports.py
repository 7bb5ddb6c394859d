"""Downloads: exports and feeds of a search, citations of an article, and the OpenSearch description.

An export is first written to a temporary file and then sent without a thread, so that a slow client occupies no thread.
`ExportLimits` bounds the number and size of these files.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wsgi import wrap_file

from indexer import SearchRequest, SearchTooCostly, Sort
from search_ui.export import EXPORTS, About, citation
from search_ui.web.citing import archive_copy, chosen_revision
from search_ui.web.feeds import feed_of
from search_ui.web.forms import read_form
from search_ui.web.languages import is_arabic
from search_ui.web.links import article_url, fits_path
from search_ui.web.rate_limits import client_name
from search_ui.web.served_archive import served_archive

exports = Blueprint("exports", __name__)

_RETRY_SECONDS = 10

_BY_ENDING = {export.ending: export for export in EXPORTS.values()}
_CITATIONS = {"bib": citation.bibtex, "ris": citation.ris}

_MAX_FILES: Final = 64
_MAX_FILES_PER_CLIENT: Final = 4
_MAX_TOTAL: Final = 4  # size of all files together, as a multiple of the largest file
_IN_MEMORY: Final = 2**20  # bytes; larger files are on disk


@exports.get("/search.<ending>")
def export(ending: str) -> Response:
    """All matches of a search as a file or feed."""
    kind = _BY_ENDING.get(ending) or abort(404)
    search = _read_search()
    if kind.name == "Atom":
        return _feed(search)
    served = served_archive()
    scan = served.searcher.scan(search)
    about = About.of_scan(scan, served.archive.settings.name, request.url, permanent_url)
    return file_response(kind.write(scan.hits(marked=kind.marked), about), kind.media_type, kind.ending, about)


@exports.get("/article.<any(bib, ris):ending>")
@exports.get("/article/<path:article_id>.<any(bib, ris):ending>")
def cite(ending: str, article_id: str = "") -> Response:
    """The citation of an article; the parameter `revision` selects an older version."""
    kind = _BY_ENDING[ending]
    archive = served_archive().archive
    found = archive.find(article_id or request.args.get("id", ""))
    revisions = archive.revisions(found.id)
    cited = chosen_revision(revisions, request.args.get("revision", ""))
    article = archive.source_names.for_people(cited.article)
    written = _CITATIONS[ending](article, archive_copy(revisions, cited.number))
    response = Response(written.encode("utf-8", "replace"), content_type=kind.media_type)
    response.headers["Content-Disposition"] = attachment(article.id, ending)
    return response


@exports.get("/citation")
def plain_citation() -> Response:
    """The citation of an article as a text to copy, in the language of the page."""
    archive = served_archive().archive
    found = archive.find(request.args.get("id", ""))
    revisions = archive.revisions(found.id)
    write = citation.plain if is_arabic() else citation.plain_english
    text = write(archive.source_names.for_people(found), archive_copy(revisions, revisions[-1].number))
    return Response(text.encode("utf-8", "replace"), content_type="text/plain; charset=utf-8")


@exports.app_template_global()
def citation_url(article_id: str, ending: str, **values: Any) -> str:
    """The URL of a citation. An id that does not fit a path goes in the query."""
    if fits_path(article_id):
        return url_for("exports.cite", ending=ending, article_id=article_id, **values)
    return url_for("exports.cite", ending=ending, id=article_id, **values)


@exports.get("/opensearch.xml")
def opensearch() -> Response:
    """The OpenSearch description of the archive (https://github.com/dewitt/opensearch)."""
    return Response(render_template("opensearch.xml"), mimetype="application/opensearchdescription+xml")


class ExportsBusy(Exception):
    """There are too many export files: a new one can be written once others have been sent."""


class FileTooLarge(Exception):
    """The export exceeds the maximum size of a file."""


class ExportLimits:
    """Limits the export files of one process: their number, in total and per client, and their size.

    Args:
        writers: maximum number of files being written, each of which occupies a thread.
        max_bytes: maximum size of one file.
    """

    def __init__(self, writers: int, max_bytes: int) -> None:
        self._writers = writers
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._writing = 0
        self._bytes = 0
        self._clients: Counter[str] = Counter()

    def open(self, client: str) -> ExportFile:
        """Return a new file to write.

        Raises:
            ExportsBusy: too many are being written or sent.
        """
        with self._lock:
            if (
                self._writing >= self._writers
                or self._clients[client] >= _MAX_FILES_PER_CLIENT
                or self._clients.total() >= _MAX_FILES
            ):
                raise ExportsBusy
            self._writing += 1
            self._clients[client] += 1
        return ExportFile(self, client)

    def grow(self, size: int, by: int) -> None:
        """Count bytes to be added to a file of this size.

        Raises:
            FileTooLarge: the file would exceed the maximum size.
            ExportsBusy: all files together would.
        """
        if size + by > self._max_bytes:
            raise FileTooLarge
        with self._lock:
            if self._bytes + by > self._max_bytes * _MAX_TOTAL:
                raise ExportsBusy
            self._bytes += by

    def finish_writing(self) -> None:
        """Count a file as written; it is now being sent."""
        with self._lock:
            self._writing -= 1

    def release(self, client: str, size: int) -> None:
        """Remove a closed file of a client from the count."""
        with self._lock:
            self._bytes -= size
            self._clients -= Counter({client: 1})


class ExportFile:
    """A temporary file, in memory while it is small. Closing it deletes it and releases it from its limits."""

    def __init__(self, limits: ExportLimits, client: str) -> None:
        self._limits = limits
        self._client = client
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # closed by the server when it has been sent
        self._writing = True
        self._open = True
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append to the file.

        Raises:
            FileTooLarge, ExportsBusy: as in `ExportLimits.grow`.
        """
        self._limits.grow(self.size, len(data))
        self.size += len(data)
        self._file.write(data)

    def write_texts(self, texts: Iterable[str]) -> None:
        """Append pieces of text, as UTF-8."""
        for text in texts:
            self.write(text.encode("utf-8", "replace"))

    def finish(self) -> None:
        """End writing, and rewind the file to be read."""
        if self._writing:
            self._writing = False
            self._limits.finish_writing()
            self._file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Set the position, as `io.IOBase.seek`."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the position, as `io.IOBase.tell`."""
        return self._file.tell()

    def seekable(self) -> bool:
        """True: the server finds the size by seeking."""
        return True

    def close(self) -> None:
        """Delete the file."""
        if self._open:
            self._open = False
            self.finish()
            self._file.close()
            self._limits.release(self._client, self.size)

    __del__ = close


def _read_search() -> SearchRequest:
    """The search in the URL. Invalid parameters are errors here, not notes: a file must contain what was requested."""
    # Every copy of a story is a row, unless one row per story is requested.
    form = read_form(request.args, group=False, also=frozenset(("cursor",)))
    if form.notes:
        abort(400, " ".join(form.notes))
    # A file is in the order of the words. Only for a question in another language `meaning` decides what matches.
    return replace(form.request, facets=False, meaning=request.args.get("meaning") == "true")


def permanent_url(article_id: str) -> str:
    """The permanent address of an article in this archive."""
    return article_url(article_id, external=True)


def _feed(search: SearchRequest) -> Response:
    def older(cursor: str) -> str:
        values: dict[str, Any] = {**request.args.to_dict(flat=False), "cursor": cursor}
        return url_for("exports.export", ending="atom", _external=True, **values)

    # Feed readers expect new entries first.
    sort = search.sort if request.args.get("sort") else Sort.NEWEST
    cursor = request.args.get("cursor")
    return feed_of(replace(search, sort=sort), address=request.url, cursor=cursor, older=older)


def file_response(texts: Iterator[str], media_type: str, ending: str, about: About) -> Response:
    """A file of pieces of text, with the metadata of its search as headers; or an abort with the reason for none."""
    too_large = gettext(
        "This file would be larger, or take longer to write, than the server allows. Narrow the search."
    )
    name = about.request.query or about.archive
    response = download(media_type, attachment(name, ending), lambda file: file.write_texts(texts), too_large)
    value = about.value()
    for name in ("query", "match", "forms", "total", "stories", "index", "made_at", "program"):
        # Headers are ASCII: the query is escaped as in a URL.
        response.headers["Arshif-" + name.replace("_", "-").title()] = quote(str(value[name]), safe=" :+-./,()")
    return response


def download(media_type: str, disposition: str, write: Callable[[ExportFile], None], too_large: str) -> Response:
    """A file to be saved, written as a whole before it is sent; or an abort with the reason for none."""
    response = Response(content_type=media_type)
    if request.method != "HEAD":
        file = _write_file(write, too_large)
        response.response = wrap_file(request.environ, file)  # type: ignore[arg-type]
        response.direct_passthrough = True
        response.content_length = file.size
    response.headers["Content-Disposition"] = disposition
    response.headers["Cache-Control"] = "no-store"
    return response


def _write_file(write: Callable[[ExportFile], None], too_large: str) -> ExportFile:
    """Write a whole export, or abort with the reason why that is not possible: `too_large`, or too many files."""
    limits: ExportLimits = current_app.extensions["arshif.export_limits"]
    try:
        file = limits.open(client_name(request.remote_addr))
        try:
            write(file)
            file.finish()
        except BaseException:
            file.close()
            raise
    except ExportsBusy:
        busy = gettext("The server is busy writing other files. Try again in a moment.")
        raise ServiceUnavailable(busy, retry_after=_RETRY_SECONDS) from None
    except (FileTooLarge, SearchTooCostly):
        abort(400, too_large)
    return file


def attachment(name: str, ending: str) -> str:
    """The Content-Disposition header with the name of a file (RFC 6266)."""
    safe = "".join(letter for letter in name[:60] if letter.isalnum() or letter in " -_").strip() or "arshif"
    return f"attachment; filename=\"arshif.{ending}\"; filename*=UTF-8''{quote(safe)}.{ending}"
