"""Files of a search and of an article: exports, feeds, citations, and the description that browsers add a search by.

Files that are written whole before they are sent, so that a slow reader holds a file and never a thread.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wsgi import wrap_file

from indexer import SearchRequest, SearchTooCostly, Sort
from search_ui.export import EXPORTS, About, Export, citation
from search_ui.web.forms import read_form
from search_ui.web.links import article_url
from search_ui.web.open_archive import opened_archive
from search_ui.web.rate_limits import client_name

exports = Blueprint("exports", __name__)

FEED_SIZE = 50
"""Entries of a feed; `next` leads to those before them."""

_RETRY_SECONDS = 10

_BY_ENDING = {export.ending: export for export in EXPORTS.values()}
_CITATIONS = {"bib": citation.bibtex, "ris": citation.ris}


@exports.get("/search.<ending>")
def export(ending: str) -> Response:
    """All hits of a search, written to a file that the server sends without a thread."""
    form = _BY_ENDING.get(ending) or abort(404)
    asked = _asked()
    if form.name == "Atom":
        return _feed(form, asked)
    opened = opened_archive()
    scan = opened.searcher.scan(asked)
    about = About.of_scan(scan, opened.archive.settings.name, request.url, _permanent)
    return _file(form, form.write(scan.hits(marked=form.marked), about), about)


@exports.get("/article.<any(bib, ris):ending>")
@exports.get("/article/<path:article_id>.<any(bib, ris):ending>")
def cite(ending: str, article_id: str = "") -> Response:
    """An article as it is cited."""
    form = _BY_ENDING[ending]
    article = opened_archive().archive.find(article_id or request.args.get("id", ""))
    response = Response(_CITATIONS[ending](article).encode("utf-8", "replace"), content_type=form.media_type)
    response.headers["Content-Disposition"] = _attachment(article.id, ending)
    return response


@exports.app_template_global()
def citation_url(article_id: str, ending: str) -> str:
    """Where an article is cited in a form; browsers and proxies shorten paths with empty or dotted parts."""
    if {"", ".", ".."} & set(article_id.split("/")):
        return url_for("exports.cite", ending=ending, id=article_id)
    return url_for("exports.cite", ending=ending, article_id=article_id)


@exports.get("/opensearch.xml")
def opensearch() -> Response:
    """The OpenSearch description of the archive (https://github.com/dewitt/opensearch)."""
    return Response(render_template("opensearch.xml"), mimetype="application/opensearchdescription+xml")


def _asked() -> SearchRequest:
    """The search of the address. What the page would only note is an error here: a file must hold what was asked."""
    # A file or feed is of articles: each copy of a story is a row, unless one row per story is asked for.
    form = read_form(request.args, group=False, also=frozenset(("cursor",)))
    if form.notes:
        abort(400, " ".join(form.notes))
    return replace(form.request, facets=False)


def _permanent(article_id: str) -> str:
    """The address of an article in this archive."""
    return article_url(article_id, external=True)


def _feed(form: Export, asked: SearchRequest) -> Response:
    opened = opened_archive()
    # Readers of feeds want what is new.
    sort = asked.sort if request.args.get("sort") else Sort.NEWEST
    asked = replace(asked, sort=sort, page=1, page_size=FEED_SIZE)
    version = opened.version()
    if request.if_none_match.contains_weak(version):
        response = Response(status=304)
    else:
        page = opened.searcher.search(asked, request.args.get("cursor"))
        articles = opened.archive.get_many(hit.id for hit in page.hits)
        matched = [hit for hit in page.hits if hit.matched]
        hits = [(articles[hit.id], hit) for hit in matched if hit.id in articles]
        following = None
        if page.next and len(matched) == len(page.hits):
            values: dict[str, Any] = {**request.args.to_dict(flat=False), "cursor": page.next}
            following = url_for("exports.export", ending="atom", _external=True, **values)
        about = About.of_page(page, opened.archive.settings.name, request.url, following, _permanent)
        response = Response("".join(form.write(hits, about)).encode("utf-8", "replace"), content_type=form.media_type)
    response.set_etag(version, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _file(form: Export, texts: Iterator[str], about: About) -> Response:
    response = Response(content_type=form.media_type)
    if request.method != "HEAD":
        file = _spooled(texts)
        response.response = wrap_file(request.environ, file)  # type: ignore[arg-type]
        response.direct_passthrough = True
        response.content_length = file.size
    response.headers["Content-Disposition"] = _attachment(about.request.query or about.archive, form.ending)
    response.headers["Cache-Control"] = "no-store"
    value = about.value()
    for name in ("query", "match", "forms", "total", "stories", "index", "made_at", "program"):
        # A header holds ASCII: the query is escaped as in an address.
        response.headers["Arshif-" + name.replace("_", "-").title()] = quote(str(value[name]), safe=" :+-./,()")
    return response


def _spooled(texts: Iterator[str]) -> SpooledFile:
    """The whole file, or the reason why there is none."""
    spool: Spool = current_app.extensions["arshif.spool"]
    try:
        file = spool.open(client_name(request.remote_addr))
        try:
            for text in texts:
                file.write(text.encode("utf-8", "replace"))
            file.finish()
        except BaseException:
            file.close()
            raise
    except SpoolFull:
        busy = gettext("The server is busy writing other files. Try again in a moment.")
        raise ServiceUnavailable(busy, retry_after=_RETRY_SECONDS) from None
    except (FileTooLarge, SearchTooCostly):
        abort(
            400,
            gettext("This file would be larger, or take longer to write, than the server allows. Narrow the search."),
        )
    return file


def _attachment(name: str, ending: str) -> str:
    """The header that names a file (RFC 6266)."""
    kept = "".join(letter for letter in name[:60] if letter.isalnum() or letter in " -_").strip() or "arshif"
    return f"attachment; filename=\"arshif.{ending}\"; filename*=UTF-8''{quote(kept)}.{ending}"


_MOST_FILES: Final = 64
_MOST_OF_CLIENT: Final = 4
_FILES_OF_BYTES: Final = 4  # the disk holds so many of the largest files
_IN_MEMORY: Final = 2**20


class SpoolFull(Exception):
    """No file can be begun, or this one not finished, until others have been sent."""


class FileTooLarge(Exception):
    """A file is larger than one may be."""


class Spool:
    """The files of one process that are being written or sent: how many, in all and of one client, and their bytes.

    Args:
        writers: files written at once, each of which holds a thread.
        most_bytes: of one file.
    """

    def __init__(self, writers: int, most_bytes: int) -> None:
        self._writers = writers
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._writing = 0
        self._bytes = 0
        self._clients: Counter[str] = Counter()

    def open(self, client: str) -> SpooledFile:
        """A new file to write.

        Raises:
            SpoolFull: too many are written or not yet sent.
        """
        with self._lock:
            if (
                self._writing >= self._writers
                or self._clients[client] >= _MOST_OF_CLIENT
                or self._clients.total() >= _MOST_FILES
            ):
                raise SpoolFull
            self._writing += 1
            self._clients[client] += 1
        return SpooledFile(self, client)

    def grow(self, size: int, by: int) -> None:
        """Counts what is added to a file that has a size.

        Raises:
            FileTooLarge: it would be larger than one may be.
            SpoolFull: all files together would be.
        """
        if size + by > self._most_bytes:
            raise FileTooLarge
        with self._lock:
            if self._bytes + by > self._most_bytes * _FILES_OF_BYTES:
                raise SpoolFull
            self._bytes += by

    def written(self) -> None:
        """Counts a file as written: it waits to be sent."""
        with self._lock:
            self._writing -= 1

    def gone(self, client: str, size: int) -> None:
        """Forgets a file of a client."""
        with self._lock:
            self._bytes -= size
            self._clients -= Counter({client: 1})


class SpooledFile:
    """A temporary file, in memory while it is small; what it holds of its spool is given back when it is closed."""

    def __init__(self, spool: Spool, client: str) -> None:
        self._spool = spool
        self._client = client
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # closed by the server when it has been sent
        self._writing = True
        self._open = True
        self.size = 0

    def write(self, data: bytes) -> None:
        """Adds to the file.

        Raises:
            FileTooLarge, SpoolFull: as `Spool.grow`.
        """
        self._spool.grow(self.size, len(data))
        self.size += len(data)
        self._file.write(data)

    def finish(self) -> None:
        """Ends the writing and goes back to the beginning, to be read."""
        if self._writing:
            self._writing = False
            self._spool.written()
            self._file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As a file's."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As a file's."""
        return self._file.tell()

    def seekable(self) -> bool:
        """It is: the server asks for its size so."""
        return True

    def close(self) -> None:
        """Deletes the file."""
        if self._open:
            self._open = False
            self.finish()
            self._file.close()
            self._spool.gone(self._client, self.size)

    __del__ = close
