"""The Flask application: its archive, its headers, its errors. One application serves one archive."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, render_template, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from corpus import Archive, ArchiveCounts, ArshifError, ArticleNotFound, display_url
from indexer import (
    ClusterUnavailable,
    EngineMissing,
    IndexLocked,
    IndexMissing,
    IndexVersionMismatch,
    SearchEngine,
    open_searcher,
)
from search_ui.web.arabic import count_of_results, in_stories, name_of_level, printed_day
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
    (IndexMissing, 503, "لم يُفهرس هذا الأرشيف بعد. شغّل الأمر arshif index ثم أعد المحاولة."),
    (IndexVersionMismatch, 503, "بُني الفهرس بإصدار آخر. شغّل الأمر arshif reindex ثم أعد المحاولة."),
    (IndexLocked, 503, "الفهرس مشغول الآن. أعد المحاولة بعد قليل."),
    (ClusterUnavailable, 503, "خوادم البحث لا تستجيب الآن. لم يضع شيء من الأرشيف؛ أعد المحاولة بعد قليل."),
    (EngineMissing, 503, "تنقص الخادمَ مكتبة لازمة للبحث. التفاصيل في سجل الخادم."),
    (ArshifError, 500, "تعذّرت قراءة الأرشيف. التفاصيل في سجل الخادم."),
)
_STATUSES = {
    400: "الطلب غير مفهوم.",
    404: "لا صفحة بهذا العنوان.",
    405: "لا تقبل هذه الصفحة هذا النوع من الطلبات.",
}


class OpenArchive:
    """The archive and searcher of an application; the searcher is opened when there is an index to open."""

    def __init__(self, directory: Path) -> None:
        self.archive = Archive.open(directory)
        self._searcher: SearchEngine | None = None
        self._lock = threading.Lock()
        self._counts: tuple[int, ArchiveCounts] | None = None

    @property
    def counts(self) -> ArchiveCounts:
        """What the archive holds; counted anew only when it has changed, since counting reads all of it."""
        change = self.archive.last_change()
        counted = self._counts
        if counted is None or counted[0] != change:
            counted = self._counts = (change, self.archive.counts())
        return counted[1]

    @property
    def searcher(self) -> SearchEngine:
        """The searcher that all threads share.

        Raises:
            IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say; tried anew at each call.
        """
        with self._lock:
            if self._searcher is None:
                self._searcher = open_searcher(self.archive)
            return self._searcher


def create_app(config: Mapping[str, Any]) -> Flask:
    """The application that serves the archive in the directory `config["ARCHIVE"]`.

    Raises:
        ArshifError: the archive cannot be opened.
    """
    app = Flask("search_ui.web")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR  # of static files, whose addresses change with them
    app.config.update(config)
    app.extensions["arshif"] = OpenArchive(Path(app.config["ARCHIVE"]))
    app.url_map.merge_slashes = False  # an article's id may hold any characters
    app.jinja_env.filters.update(
        day=printed_day, results=count_of_results, stories=in_stories, level=name_of_level, readable_url=display_url
    )
    app.jinja_env.globals["static_url"] = _static_url
    app.register_blueprint(pages)
    app.register_error_handler(ArshifError, _known_error)
    app.register_error_handler(HTTPException, _http_error)
    app.after_request(_secure)
    app.context_processor(lambda: {"archive_name": app.extensions["arshif"].archive.settings.name})
    return app


def _known_error(error: ArshifError) -> tuple[str, int]:
    status, sentence = next((status, sentence) for kind, status, sentence in _ERRORS if isinstance(error, kind))
    if status >= 500:
        current_app.logger.error("%s", error)
    return render_template("error.html", sentence=sentence), status


def _http_error(error: HTTPException) -> AnyResponse:
    response = error.get_response()  # it has the headers that go with its status, as Allow and Location
    if response.status_code >= 400:
        sentence = _STATUSES.get(response.status_code, "حدث خطأ في الخادم.")
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
