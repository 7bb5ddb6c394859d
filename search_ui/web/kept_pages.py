"""The stored page of an article: as it looked, in a frame under a bar that says what it is, and its original bytes.

    /article/ID/page            the bar, with the frame
    /article/ID/page/frame      the page itself (`corpus.replay`), which is a stranger's
    /article/ID/page/original   the stored bytes, to download
    /outside?to=URL             where the links of the page lead: to an article, or to a page that names the address

A stranger's page runs no scripts, sends no forms and makes no requests: three times over, since it is rewritten, its
policy forbids it, and its frame is sandboxed. It has no origin, and therefore neither cookies nor access to our pages.
"""

from __future__ import annotations

import mimetypes
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from corpus import Article, OriginKind, Revision, is_web_address, readable_address
from search_ui.web.forms import read_form
from search_ui.web.languages import is_arabic
from search_ui.web.links import Links, article_url
from search_ui.web.served_archive import served_archive

if TYPE_CHECKING:
    from corpus import replay

kept = Blueprint("kept", __name__)

_SANDBOX: Final = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'"
# Popups are the new tabs of links, which without scripts only the reader opens.
_IN_FRAME: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; font-src data:; "
    "style-src 'unsafe-inline' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_INLINE_TYPES: Final = ("text/html", "text/plain")
# Types that are named when a page is downloaded. Others are mere bytes.
_DOWNLOADS: Final = {
    "application/alto+xml": ".xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.prima.page+xml": ".xml",
    "application/x-webarchive": ".webarchive",
    "message/rfc822": ".eml",
    "multipart/related": ".mhtml",
    "text/markdown": ".md",
    "text/vnd.hocr+html": ".hocr",
}
_UNSAFE_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+")
# Kinds of origins whose time is that of the capture; files have it only if they say so.
_DATED: Final = (OriginKind.WARC, OriginKind.URL, OriginKind.FEED)
_A_MOMENT: Final = timedelta(seconds=1)
_LISTED: Final = 50
_AT_ONCE: Final = 2  # replays of one process: one may take a hundred megabytes
_KEPT_SECONDS: Final = 60.0
_KEPT_CHARACTERS: Final = 24_000_000


@dataclass(frozen=True, slots=True)
class Saved:
    """A stored page: its article, its revision, and all revisions with one, in the order of their times."""

    article: Article
    revision: Revision
    revisions: tuple[Revision, ...]

    @property
    def place(self) -> int:
        """The place of the revision among them, from 0."""
        return self.revisions.index(self.revision)

    @property
    def before(self) -> Revision | None:
        """The one before it."""
        return self.revisions[self.place - 1] if self.place else None

    @property
    def after(self) -> Revision | None:
        """The one after it."""
        return self.revisions[self.place + 1] if self.place + 1 < len(self.revisions) else None


@kept.get("/article-page")
@kept.get("/article/<path:article_id>/page")
def page(article_id: str = "") -> str:
    """The stored page under a bar; the parameter `revision` selects an older one."""
    from corpus import replay  # loads the page parsers

    saved = _saved(article_id)
    form = read_form(request.args)
    data = served_archive().archive.pages.read(saved.revision.page or "")
    shown = replay.can_replay(saved.revision.page_type or "")
    replayed = _replayed(saved) if shown else None
    return render_template(
        "kept_page.html",
        article=saved.article,
        saved=saved,
        replayed=replayed,
        size=len(data),
        is_dated=_is_dated(saved.revision, replayed),
        LISTED=_LISTED,
        form=form,
        links=Links(form),
    )


@kept.get("/article-page/frame")
@kept.get("/article/<path:article_id>/page/frame")
def frame(article_id: str = "") -> Response:
    """The stored page itself, for the frame."""
    saved = _saved(article_id)
    replayed = _replayed(saved)
    if replayed.html is None:
        abort(404)
    response = Response(replayed.html.encode("utf-8", "replace"), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _IN_FRAME
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@kept.get("/article-page/original")
@kept.get("/article/<path:article_id>/page/original")
def original(article_id: str = "") -> Response:
    """The stored bytes, unchanged, to download."""
    saved = _saved(article_id)
    media_type = (saved.revision.page_type or "").partition(";")[0].strip().lower()
    name = _UNSAFE_IN_NAMES.sub("-", saved.article.id)[:80].strip("-.") or "page"
    response = Response(served_archive().archive.pages.read(saved.revision.page or ""))
    # No charset: the page declares its own.
    known = media_type in _INLINE_TYPES or media_type in _DOWNLOADS
    response.headers["Content-Type"] = media_type if known else "application/octet-stream"
    response.headers["Content-Security-Policy"] = _SANDBOX
    extension = _DOWNLOADS.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}{extension}"'
    return response


@kept.get("/outside")
def outside() -> str | AnyResponse:
    """Where a link of a stored page leads: to the article with this address, or to a page that names the address."""
    address = request.args.get("to", "").strip()
    if not is_web_address(address):
        abort(404)
    if ids := served_archive().archive.ids_of_url(address):
        return redirect(article_url(ids[0]), 303)
    return render_template("outside.html", address=address)


def with_frames(response: Response) -> Response:
    """Allow frames of this site on the one page that has one."""
    if request.endpoint == "kept.page" and response.status_code == 200:
        response.headers["Content-Security-Policy"] += "; frame-src 'self'"
    return response


def _saved(article_id: str) -> Saved:
    archive = served_archive().archive
    article = archive.find(article_id or request.args.get("id", ""))
    revisions = [revision for revision in archive.revisions(article.id) if revision.page]
    number = request.args.get("revision", "")
    chosen = revisions if not number else [revision for revision in revisions if str(revision.number) == number]
    if not chosen:
        abort(404)
    return Saved(article, chosen[-1], tuple(sorted(revisions, key=lambda one: (one.recorded_at, one.number))))


class RecentReplays:
    """The last replays of a process, for a minute: the frame of a page is requested right after its bar."""

    def __init__(self) -> None:
        self._known: OrderedDict[object, tuple[float, replay.Replayed]] = OrderedDict()
        self._lock = threading.Lock()
        self._at_once = threading.BoundedSemaphore(_AT_ONCE)

    def get(self, key: object, make: Callable[[], replay.Replayed]) -> replay.Replayed:
        """The replay with a key, made if it is not there."""
        with self._at_once:
            with self._lock:
                made_at, known = self._known.get(key, (0.0, None))
            if known is not None and monotonic() - made_at < _KEPT_SECONDS:
                return known
            made = make()
            with self._lock:
                self._known[key] = monotonic(), made
                while len(self._known) > 1 and sum(map(_length, self._known.values())) > _KEPT_CHARACTERS:
                    self._known.popitem(last=False)
            return made


def _length(known: tuple[float, replay.Replayed]) -> int:
    return len(known[1].html or "")


def _replayed(saved: Saved) -> replay.Replayed:
    from corpus import replay

    recent: RecentReplays = current_app.extensions.setdefault("arshif.replays", RecentReplays())
    archive = served_archive().archive
    key = saved.article.id, saved.revision.number, saved.revision.page, is_arabic()
    return recent.get(key, lambda: replay.replay(archive, saved.revision, _link))


def _link(address: str) -> tuple[str, str]:
    return url_for("kept.outside", to=address), gettext(
        "Leads out of this page: %(address)s", address=readable_address(address)
    )


def _is_dated(revision: Revision, replayed: replay.Replayed | None) -> bool:
    """Whether the revision's time is that of the capture; otherwise it is when the page was added."""
    if any(sighting.origin.kind in _DATED for sighting in revision.sightings):
        return True
    said = replayed.saved_at if replayed else None
    return said is not None and abs(said - revision.recorded_at) <= _A_MOMENT
