"""The Flask application: its archive, its headers, its errors. One application serves one archive."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, render_template, request, url_for
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from corpus import ArshifError, ArticleNotFound, display_url
from indexer import CursorInvalid, IndexLocked, IndexMissing, IndexVersionMismatch, SearchTooCostly
from search_ui.web.api import Answered, api, is_api_request, problem
from search_ui.web.arabic import count_of_results, in_stories, name_of_level, printed_day
from search_ui.web.exports import exports
from search_ui.web.guard import Guards, guard
from search_ui.web.health import count_requests, health
from search_ui.web.metrics import Board
from search_ui.web.opened import OpenArchive
from search_ui.web.settings import web_settings
from search_ui.web.views import pages

_YEAR = 365 * 24 * 3600  # seconds
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}

# The one place that maps errors to statuses and to what the page says of them.
_ERRORS: tuple[tuple[type[Exception], int, str], ...] = (
    (ArticleNotFound, 404, "لا يوجد مقال بهذا العنوان في الأرشيف."),
    (SearchTooCostly, 400, "طال هذا البحث أكثر مما يُسمح به فأُوقف. جرّب كلمات أقل، أو أقل من علامتي ~ و *."),
    (CursorInvalid, 400, "انتهت صلاحية هذه الصفحة. ابدأ البحث من أوله."),
    (IndexMissing, 503, "لم يُفهرس هذا الأرشيف بعد. شغّل الأمر arshif index ثم أعد المحاولة."),
    (IndexVersionMismatch, 503, "بُني الفهرس بإصدار آخر. شغّل الأمر arshif reindex ثم أعد المحاولة."),
    (IndexLocked, 503, "الفهرس مشغول الآن. أعد المحاولة بعد قليل."),
    (ArshifError, 500, "تعذّرت قراءة الأرشيف. التفاصيل في سجل الخادم."),
)
_STATUSES = {
    400: "الطلب غير مفهوم.",
    404: "لا صفحة بهذا العنوان.",
    405: "لا تقبل هذه الصفحة هذا النوع من الطلبات.",
}


def create_app(config: Mapping[str, Any]) -> Flask:
    """The application that serves the archive in the directory `config["ARCHIVE"]`.

    Raises:
        ArshifError: the archive cannot be opened.
    """
    app = Flask("search_ui.web")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR  # of static files, whose addresses change with them
    app.config.update(config)
    opened = app.extensions["arshif"] = OpenArchive(Path(app.config["ARCHIVE"]))
    settings = web_settings(opened.archive)
    opened.seconds = settings.seconds
    app.extensions["arshif.answered"] = Answered()
    app.config["CORS_ORIGINS"] = settings.cors_origins
    app.config["TRUSTED_HOSTS"] = list(settings.hosts) or None
    app.url_map.merge_slashes = False  # an article's id may hold any characters
    app.jinja_env.filters.update(
        day=printed_day, results=count_of_results, stories=in_stories, level=name_of_level, readable_url=display_url
    )
    app.jinja_env.globals["static_url"] = _static_url
    for blueprint in (pages, exports, api, health):
        app.register_blueprint(blueprint)
    app.register_error_handler(ArshifError, _known_error)
    app.register_error_handler(HTTPException, _http_error)
    app.after_request(_secure)
    guards = app.config.get("GUARDS") or Guards(settings)
    count_requests(app, app.config.get("BOARD") or Board(), app.config.get("PROCESS", 0))
    guard(app, guards, opened.archive.settings.private)
    app.context_processor(lambda: {"archive_name": opened.archive.settings.name})
    return app


def _known_error(error: ArshifError) -> AnyResponse | tuple[str, int]:
    status, sentence = next((status, sentence) for kind, status, sentence in _ERRORS if isinstance(error, kind))
    if status >= 500:
        current_app.logger.error("%s", error)
    if is_api_request():
        # What went wrong inside is for the log; where things lie on this machine too.
        return problem(status, str(error) if status != 500 else "the archive could not be read")
    return render_template("error.html", sentence=sentence), status


def _http_error(error: HTTPException) -> AnyResponse:
    if isinstance(error, SecurityError):  # the name that was asked for is not ours, so that no page's links can be made
        return Response("this server does not answer to that name\n", 400, mimetype="text/plain")
    response = error.get_response()  # it has the headers that go with its status, as Allow and Location
    if response.status_code >= 400 and is_api_request():
        told = problem(response.status_code, error.description or "")
        told.headers.extend(
            (name, value) for name, value in response.headers if name.lower() not in ("content-type", "content-length")
        )
        return told
    if response.status_code >= 400:
        sentence = _STATUSES.get(response.status_code, "حدث خطأ في الخادم.")
        if response.status_code == 400 and request.blueprint == "exports":
            sentence = error.description or sentence  # which value cannot be read
        response.set_data(render_template("error.html", sentence=sentence))
    return response


def _secure(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _static_url(name: str) -> str:
    """A static file's address with a few digits of its hash: browsers fetch it anew when it changes, and only then."""
    data = files("search_ui.web").joinpath("static", name).read_bytes()
    return url_for("static", filename=name, v=hashlib.sha256(data).hexdigest()[:10])
