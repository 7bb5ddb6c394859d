"""The Flask application, which serves one archive: its parts, security headers, error pages and log.

It needs no SECRET_KEY: nothing in a cookie is signed. `search_ui.access.sessions` says how sessions are stored.
"""

from __future__ import annotations

import hashlib
import logging
import re
import traceback
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, current_app, g, render_template, request, url_for
from flask.logging import default_handler, has_level_handler
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as AnyResponse

from corpus import (
    ArchiveLocked,
    ArchiveWriteFailed,
    ArshifError,
    ArticleDamaged,
    ArticleNotFound,
    ArticleRemoved,
)
from indexer import (
    ClusterUnavailable,
    CursorInvalid,
    EncoderFailed,
    EngineMissing,
    IndexLocked,
    IndexMissing,
    IndexVersionMismatch,
    LibraryMissing,
    MatchMode,
    MeaningUnavailable,
    SearchTooCostly,
    Sort,
    VectorsDamaged,
    VectorsMissing,
    WordForms,
)
from search_ui.errors import ListChanged, ListFull, ListNotFound, PdfFailed, PdfTooLong, TextTooLong, TooManyLists
from search_ui.hints import with_hint
from search_ui.web.api import ResponseCache, api, is_api_request, problem
from search_ui.web.article_views import articles
from search_ui.web.browse_views import browse
from search_ui.web.chart_files import chart_files
from search_ui.web.compared import compared
from search_ui.web.compared_searches import compared_searches
from search_ui.web.compression import compress_responses
from search_ui.web.desk import desk
from search_ui.web.exports import ExportLimits, exports
from search_ui.web.following.links import follow_links
from search_ui.web.following.settings import following_settings
from search_ui.web.following.views import following
from search_ui.web.guard import SharedLimits, accounts, protect
from search_ui.web.health import CounterTable, count_requests, health
from search_ui.web.kept_pages import kept, with_frames
from search_ui.web.languages import LANGUAGES, set_languages
from search_ui.web.links import here, search_url
from search_ui.web.lists import lists
from search_ui.web.rate_limits import lift_cost_limit, limit_request_cost
from search_ui.web.served_archive import ServedArchive
from search_ui.web.settings import web_settings
from search_ui.web.source_pages import sources
from search_ui.web.template_filters import set_filters
from search_ui.web.views import pages
from search_ui.web.words_views import TypicalWordsCache, words

_YEAR = 365 * 24 * 3600  # seconds
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, the Origin of our own forms would be "null"
    "Cross-Origin-Opener-Policy": "same-origin",
}

_NO_MEANING: Final = lazy_gettext("Search by meaning is not available at present.")

# The one place that maps errors to HTTP statuses and to the sentences of the pages.
_ERRORS: tuple[tuple[type[Exception], int, Any], ...] = (
    (ArticleRemoved, 410, lazy_gettext("This article was removed from the archive.")),
    (ArticleNotFound, 404, lazy_gettext("This archive has no article at this address.")),
    (
        SearchTooCostly,
        400,
        lazy_gettext("This search took too long and was stopped. Try fewer words, or fewer ~ and *."),
    ),
    (CursorInvalid, 400, lazy_gettext("This page has expired. Search again.")),
    (IndexMissing, 503, lazy_gettext("This archive has not been indexed yet and cannot be searched.")),
    (
        IndexVersionMismatch,
        503,
        lazy_gettext("The index was built by another version of Arshif and must be rebuilt."),
    ),
    (IndexLocked, 503, lazy_gettext("The index is busy. Try again in a moment.")),
    (
        ClusterUnavailable,
        503,
        lazy_gettext("The search servers are not responding. The archive itself is safe; try again in a moment."),
    ),
    (
        EngineMissing,
        503,
        lazy_gettext("The server lacks a library needed for searching. The server's log has the details."),
    ),
    # The pages search by words instead (`ServedArchive.search`): only the API answers with these.
    (MeaningUnavailable, 400, _NO_MEANING),
    (VectorsMissing, 503, _NO_MEANING),
    (VectorsDamaged, 503, _NO_MEANING),
    (LibraryMissing, 503, _NO_MEANING),
    (EncoderFailed, 503, _NO_MEANING),
    (ListNotFound, 404, lazy_gettext("There is no such list. It may have been deleted, or its link withdrawn.")),
    (TooManyLists, 400, lazy_gettext("Your desk has as many lists as it can have. Delete one first.")),
    (ListFull, 400, lazy_gettext("This list is full. Remove articles from it, or make another list.")),
    (ListChanged, 409, lazy_gettext("This list was changed in another window. Open it again.")),
    (TextTooLong, 400, lazy_gettext("This text is too long.")),
    (
        PdfTooLong,
        400,
        lazy_gettext("These articles are too long for one PDF. Make shorter lists, or export them as text."),
    ),
    (PdfFailed, 503, lazy_gettext("The PDF could not be made. The server's log has the details.")),
    (ArchiveLocked, 503, lazy_gettext("The archive is being written to. Nothing was saved; try again in a moment.")),
    (ArchiveWriteFailed, 503, lazy_gettext("It could not be saved. The server's log has the details.")),
    (ArticleDamaged, 500, lazy_gettext("This article is damaged. The server's log has the details.")),
    (ArshifError, 500, lazy_gettext("The archive could not be read. The server's log has the details.")),
)
# Their messages contain paths on this machine.
_DETAILS: Final = {
    VectorsDamaged: "the vectors that searching by meaning needs are damaged",
    EncoderFailed: "the encoder that searching by meaning needs has failed",
}
_STATUSES = {
    400: lazy_gettext("The request is not valid."),
    404: lazy_gettext("There is no page at this address."),
    405: lazy_gettext("This page does not accept this kind of request."),
}
_LARGEST: Final = 2**63 - 1  # of a number in SQLite
_LOGGERS: Final = ("search_ui.web", "waitress")

# Control characters except newline, which a traceback needs; line and paragraph separators; and direction marks, which
# reorder a line on the screen.
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def create_app(config: Mapping[str, Any]) -> Flask:
    """Create the application that serves the archive in the directory `config["ARCHIVE"]`.

    `config["HOST"]` is the address that the server listens on: on a loopback address, other host names are rejected.

    Raises:
        ArshifError: the archive cannot be opened.
    """
    app = Flask("search_ui.web")
    configure_logging()
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR  # of static files, whose URLs contain their hash
    app.config.update(config)
    served = app.extensions["arshif"] = ServedArchive(Path(app.config["ARCHIVE"]))
    settings = web_settings(served.archive)
    served.seconds = settings.seconds
    app.extensions["arshif.response_cache"] = ResponseCache()
    app.extensions["arshif.typical_words"] = TypicalWordsCache()
    writers = max(1, app.config.get("THREADS", 4) // 2)  # leaves the other threads to short requests
    app.extensions["arshif.export_limits"] = ExportLimits(writers, round(settings.export_megabytes * 2**20))
    app.extensions["arshif.following"] = following_settings(served.archive)
    app.config["CORS_ORIGINS"] = settings.cors_origins
    compress_responses(app)
    app.url_map.converters["int"] = _StoredNumber
    app.url_map.merge_slashes = False  # an article's id may contain any characters
    set_filters(app)
    app.jinja_env.filters["sentence"] = _sentence
    app.jinja_env.globals.update(
        static_url=_static_url,
        here=here,
        search_url=search_url,
        LANGUAGES=LANGUAGES,
        MatchMode=MatchMode,
        Sort=Sort,
        WordForms=WordForms,
    )
    set_languages(app)
    private = served.archive.settings.private
    blueprints = (
        pages,
        words,
        browse,
        sources,
        compared_searches,
        articles,
        compared,
        kept,
        exports,
        chart_files,
        desk,
        following,
        follow_links,
        lists,
        api,
        health,
    )
    for blueprint in (*blueprints, *([accounts] if private else [])):
        app.register_blueprint(blueprint)
    app.register_error_handler(ArshifError, _known_error)
    app.register_error_handler(HTTPException, _http_error)
    limits = app.config.get("LIMITS") or SharedLimits(settings)
    limit_request_cost(app, settings, limits.requests)
    count_requests(app, app.config.get("COUNTERS") or CounterTable(), app.config.get("PROCESS", 0))
    protect(app, limits, settings, served.archive)
    app.context_processor(lambda: {"archive_name": served.archive.settings.name, "user": g.get("user")})
    app.after_request(_secure)  # registered last, so called first: no error in another handler prevents it
    return app


class _StoredNumber(IntegerConverter):
    """A number in a path, such as that of a list: a page does not exist if no database can have its number."""

    regex = r"[0-9]{1,19}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=_LARGEST)


class EscapeControlCharacters(logging.Filter):
    """Escapes control characters in log records, so that a request cannot forge a log line or control a terminal.

    A message is one line. The lines of a traceback are indented, so that none looks like a message.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Escape the record; never drops it."""
        record.msg, record.args = escaped(record.getMessage()).replace("\n", "\\n"), None
        if record.exc_info and record.exc_info[0]:
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            record.exc_text = "\n".join(f"    {line}" for line in escaped(text).split("\n"))
        return True


_ESCAPE: Final = EscapeControlCharacters()


def configure_logging() -> None:
    """Escape control characters in the server's logs, and add a handler where there is none."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.addFilter(_ESCAPE)  # adding it again has no effect
        if not has_level_handler(logger):
            logger.addHandler(default_handler)


def escaped(text: str) -> str:
    r"""The text with control characters written as `\x1b` or `\u202e`; newlines stay."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def _known_error(error: ArshifError) -> AnyResponse | tuple[str, int]:
    lift_cost_limit()
    status = next(status for kind, status, _ in _ERRORS if isinstance(error, kind))
    if status >= 500:
        current_app.logger.error("%s", with_hint(error))
    if is_api_request():
        # Internal errors and paths on this machine are only logged.
        detail = _DETAILS.get(type(error), str(error))
        return problem(status, detail if status != 500 else "the archive could not be read")
    if isinstance(error, IndexMissing) and request.blueprint == pages.name and not _has_articles():
        status = 200  # nothing is wrong: there is nothing to find yet
    return render_template("error.html", sentence=_sentence(error), status=status), status


def _sentence(error: ArshifError) -> str:
    """The message of an error page, in the reader's language."""
    if isinstance(error, IndexMissing) and not _has_articles():
        return str(gettext("This archive has no articles yet."))
    return str(next(sentence for kind, _, sentence in _ERRORS if isinstance(error, kind)))


def _has_articles() -> bool:
    served: ServedArchive = current_app.extensions["arshif"]
    return served.counts.articles > 0


def _http_error(error: HTTPException) -> AnyResponse:
    lift_cost_limit()
    response = error.get_response()  # with the headers of its status, such as Allow and Location
    if response.status_code >= 400 and is_api_request():
        details = problem(response.status_code, error.description or "")
        details.headers.extend(
            (name, value) for name, value in response.headers if name.lower() not in ("content-type", "content-length")
        )
        return details
    if response.status_code >= 400:
        sentence = _STATUSES.get(response.status_code, lazy_gettext("An error occurred on the server."))
        if response.status_code in (400, 503) and request.blueprint in (
            "exports",
            "chart_files",
            "compared",
            "words",
            "lists",
        ):
            sentence = error.description or sentence  # which value is invalid, or why there is no file now
        response.set_data(_error_page(sentence, response.status_code))
    return response


def _error_page(sentence: object, status: int) -> str:
    if status < 500:
        return render_template("error.html", sentence=sentence, status=status)
    try:
        return render_template("error.html", sentence=sentence)
    except Exception:
        # The error is in what every page contains, perhaps the translations. An exception here would skip the
        # after-request handlers: security headers and counters.
        current_app.logger.exception("the error page could not be rendered")
        return "An error occurred on the server."


def _secure(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return with_frames(response)


def _static_url(name: str) -> str:
    """The URL of a static file, with part of its hash: browsers fetch it again only when it changes."""
    return url_for("static", filename=name, v=_digest(name))


@lru_cache
def _digest(name: str) -> str:
    data = files("search_ui.web").joinpath("static", name).read_bytes()
    return hashlib.sha256(data).hexdigest()[:10]
