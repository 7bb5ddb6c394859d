"""The Flask application: its archive, its headers, its errors. One application serves one archive.

What the server writes to its log: what strangers send cannot forge a line of it, nor move a terminal's cursor.
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
from werkzeug.wrappers import Response as AnyResponse

from corpus import ArshifError, ArticleDamaged, ArticleNotFound, ArticleRemoved, display_url
from indexer import (
    ClusterUnavailable,
    CursorInvalid,
    EngineMissing,
    IndexLocked,
    IndexMissing,
    IndexVersionMismatch,
    MatchMode,
    SearchTooCostly,
    WordForms,
)
from search_ui.hints import with_hint
from search_ui.web import languages, origins
from search_ui.web.api import Answered, api, is_api_request, problem
from search_ui.web.article_views import articles
from search_ui.web.exports import Spool, exports
from search_ui.web.guard import Guards, accounts, guard
from search_ui.web.health import Board, count_requests, health
from search_ui.web.languages import LANGUAGES, set_languages
from search_ui.web.links import here
from search_ui.web.open_archive import OpenArchive
from search_ui.web.rate_limits import bound_costs, lift_bounds
from search_ui.web.settings import web_settings
from search_ui.web.views import compared, pages

_YEAR = 365 * 24 * 3600  # seconds
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}

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
    (ArticleDamaged, 500, lazy_gettext("This article is damaged. The server's log has the details.")),
    (ArshifError, 500, lazy_gettext("The archive could not be read. The server's log has the details.")),
)
_LOST = (404, 410)  # statuses whose page also leads to all articles
_STATUSES = {
    400: lazy_gettext("The request is not valid."),
    404: lazy_gettext("There is no page at this address."),
    405: lazy_gettext("This page does not accept this kind of request."),
}


def create_app(config: Mapping[str, Any]) -> Flask:
    """The application that serves the archive in the directory `config["ARCHIVE"]`.

    `config["HOST"]` is the address that the server listens on: at this machine's own it answers to no other's names.

    Raises:
        ArshifError: the archive cannot be opened.
    """
    app = Flask("search_ui.web")
    set_logs()
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR  # of static files, whose addresses change with them
    app.config.update(config)
    opened = app.extensions["arshif"] = OpenArchive(Path(app.config["ARCHIVE"]))
    settings = web_settings(opened.archive)
    opened.seconds = settings.seconds
    app.extensions["arshif.answered"] = Answered()
    writers = max(1, app.config.get("THREADS", 4) // 2)  # the other threads answer what is short
    app.extensions["arshif.spool"] = Spool(writers, round(settings.export_megabytes * 2**20))
    app.config["CORS_ORIGINS"] = settings.cors_origins
    app.url_map.merge_slashes = False  # an article's id may hold any characters
    app.jinja_env.filters.update(
        day=languages.printed_day,
        time=languages.printed_time,
        days=languages.days_of,
        results=languages.count_of_results,
        stories=languages.in_stories,
        papers=languages.in_papers,
        number=languages.number,
        percent=languages.percent,
        met_by=languages.met_by,
        told=languages.told,
        kind=origins.name_of_kind,
        place=origins.public_name,
        part=origins.told_part,
        readable_url=display_url,
        bare=languages.bare,
        isolated=languages.isolated,
        isolated_dates=languages.isolated_dates,
        sentence=_sentence,
        direction=languages.direction,
        zip=lambda rows: list(zip(*rows, strict=True)),
    )
    app.jinja_env.globals.update(
        static_url=_static_url, here=here, LANGUAGES=LANGUAGES, MatchMode=MatchMode, WordForms=WordForms
    )
    set_languages(app)
    private = opened.archive.settings.private
    for blueprint in (pages, articles, compared, exports, api, health, *([accounts] if private else [])):
        app.register_blueprint(blueprint)
    app.register_error_handler(ArshifError, _known_error)
    app.register_error_handler(HTTPException, _http_error)
    guards = app.config.get("GUARDS") or Guards(settings)
    bound_costs(app, settings, guards.requests)
    count_requests(app, app.config.get("BOARD") or Board(), app.config.get("PROCESS", 0))
    guard(app, guards, settings, opened.archive)
    app.context_processor(lambda: {"archive_name": opened.archive.settings.name, "user": g.get("user")})
    app.after_request(_secure)  # the last to be set is the first to be called, so that no error of another prevents it
    return app


def _known_error(error: ArshifError) -> AnyResponse | tuple[str, int]:
    lift_bounds()
    status = next(status for kind, status, _ in _ERRORS if isinstance(error, kind))
    if status >= 500:
        current_app.logger.error("%s", with_hint(error))
    if is_api_request():
        # What went wrong inside is for the log; where things lie on this machine too.
        return problem(status, str(error) if status != 500 else "the archive could not be read")
    return render_template("error.html", sentence=_sentence(error), lost=status in _LOST), status


def _sentence(error: ArshifError) -> str:
    """What the pages say of an error, in the reader's language."""
    if isinstance(error, IndexMissing):
        opened: OpenArchive = current_app.extensions["arshif"]
        if not opened.counts.articles:
            return str(gettext("This archive has no articles yet."))
    return str(next(sentence for kind, _, sentence in _ERRORS if isinstance(error, kind)))


def _http_error(error: HTTPException) -> AnyResponse:
    lift_bounds()
    response = error.get_response()  # it has the headers that go with its status, as Allow and Location
    if response.status_code >= 400 and is_api_request():
        told = problem(response.status_code, error.description or "")
        told.headers.extend(
            (name, value) for name, value in response.headers if name.lower() not in ("content-type", "content-length")
        )
        return told
    if response.status_code >= 400:
        sentence = _STATUSES.get(response.status_code, lazy_gettext("An error occurred on the server."))
        if response.status_code in (400, 503) and request.blueprint == "exports":
            sentence = error.description or sentence  # which value cannot be read, why there is no file now
        response.set_data(_error_page(sentence, response.status_code))
    return response


def _error_page(sentence: object, status: int) -> str:
    if status < 500:
        return render_template("error.html", sentence=sentence, lost=status in _LOST)
    try:
        return render_template("error.html", sentence=sentence)
    except Exception:
        # What every page shows is at fault, the translations perhaps. An error here would pass by all that is done
        # after a request: the headers that keep a browser safe, and the counters.
        current_app.logger.exception("the error page could not be rendered")
        return "An error occurred on the server."


def _secure(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _static_url(name: str) -> str:
    """A static file's address with a few digits of its hash: browsers fetch it again only when it changes."""
    return url_for("static", filename=name, v=_digest(name))


@lru_cache
def _digest(name: str) -> str:
    data = files("search_ui.web").joinpath("static", name).read_bytes()
    return hashlib.sha256(data).hexdigest()[:10]


# All control characters but those that a traceback's own layout needs (a line's end is escaped in a message alone),
# line and paragraph separators, and marks of direction, which show a line in another order.
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LOGGERS: Final = ("search_ui.web", "waitress")


class Escaped(logging.Filter):
    """Escapes control characters in each record, whichever handler writes it.

    A message is one line. The lines of a traceback are indented, so that none of them looks like another message.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the record; always lets it pass."""
        record.msg, record.args = escaped(record.getMessage()).replace("\n", "\\n"), None
        if record.exc_info and record.exc_info[0]:
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            record.exc_text = "\n".join(f"    {line}" for line in escaped(text).split("\n"))
        return True


_ESCAPED: Final = Escaped()


def set_logs() -> None:
    """Makes the loggers of the server escape what they are given, and write somewhere."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.addFilter(_ESCAPED)  # the same one again is not added again
        if not has_level_handler(logger):
            logger.addHandler(default_handler)


def escaped(text: str) -> str:
    r"""The text with its control characters as `\x1b` or `\u202e`; ends of lines stay."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
