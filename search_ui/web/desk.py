"""The reader's desk: followed searches and lists, for a signed-in user or anyone who has the desk's secret link.

Other modules ask for the reader's desk by `current_desk`, and by `desk_for_writing` for one that is created if there is
none. Their forms are POST requests; `own_site_only` rejects those that another site made the browser send. A GET
changes nothing: the secret link of a desk, too, only shows a button, so that no link can replace a reader's desk.
"""

from __future__ import annotations

import math
from typing import Final
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    after_this_request,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from werkzeug.exceptions import HTTPException, TooManyRequests
from werkzeug.wrappers import Response

from search_ui.access.desks import Desk, can_store_desks, desk_of_secret, desk_of_user, new_desk, renew_secret
from search_ui.web.rate_limits import Limiter, client_name
from search_ui.web.served_archive import served_archive

desk = Blueprint("desk", __name__)

DESK_COOKIE: Final = "arshif-desk"
"""The cookie with the secret of the browser's desk, in an archive without accounts."""

_YEAR: Final = 365 * 24 * 3600  # seconds


def current_desk() -> Desk | None:
    """The desk of this request's reader; None if they have none yet."""
    known: Desk | None
    if "desk" not in g:
        archive = served_archive().archive
        if archive.settings.private:
            user = g.get("user")
            g.desk = desk_of_user(archive, user, create=False) if user else None
        else:
            g.desk = desk_of_secret(archive, request.cookies.get(DESK_COOKIE, ""))
    known = g.desk
    return known


def desk_for_writing() -> Desk:
    """The desk of this request's reader, created if there is none; the response then sets its cookie.

    Raises:
        TooManyRequests: desks were created from this address too often.
        ArchiveWriteFailed: it cannot be stored.
    """
    known = current_desk()
    if known is None:
        archive = served_archive().archive
        if archive.settings.private:
            known = desk_of_user(archive, signed_in_user(), create=True)
        else:
            limit_rate("desks")
            known, secret = new_desk(archive)
            _set_desk_cookie(secret)
        g.desk = known
    assert known is not None
    return known


def signed_in_user() -> str:
    """The user of this request; programs that sign in with a token have no desk."""
    user: str | None = g.get("user")
    if user is None:
        raise refused(403, gettext("Sign in with a password to keep searches and lists."))
    return user


def limit_rate(limit: str) -> None:
    """Count an action of this client against a limiter of `SharedLimits`, by its name.

    Raises:
        TooManyRequests: the limit is reached.
    """
    limiter: Limiter = getattr(current_app.extensions["arshif.limits"], limit)
    if wait := limiter.take(client_name(request.remote_addr)):
        refused = _page(429, gettext("Too many requests from your network. Try again later."))
        refused.headers["Retry-After"] = str(math.ceil(wait))
        raise TooManyRequests(response=refused)


def own_site_only() -> Response | None:
    """Before each request of a blueprint: reject a POST that comes from a page of another site.

    The desk's cookie is Lax, so that browsers do not send it with forms of other sites; but such a form could give
    the browser a new desk in place of its own.
    """
    if request.method != "POST":
        return None
    site = request.headers.get("Sec-Fetch-Site")  # of all current browsers, over HTTPS or on this machine
    if site is None and (origin := request.headers.get("Origin")) is not None:
        site = "same-origin" if urlsplit(origin).netloc == request.host else "cross-site"
    if site in (None, "same-origin", "none"):
        return None
    return _page(403, gettext("This form was sent from another site."))


desk.before_request(own_site_only)


@desk.app_template_global()
def desk_is_writable() -> bool:
    """Whether desks can be stored, so that pages offer what needs one: not in a read-only archive, nor to programs."""
    archive = served_archive().archive
    return can_store_desks(archive) and (not archive.settings.private or g.get("user") is not None)


@desk.get("/desk")
def show() -> Response:
    """The reader's desk."""
    secret = "" if served_archive().archive.settings.private else request.cookies.get(DESK_COOKIE, "")
    found = current_desk()
    link = url_for("desk.open_link", secret=secret, _external=True) if found and secret else ""
    return without_store(render_template("desk.html", desk=found, link=link))


@desk.get("/desk/open/<secret>")
def open_link(secret: str) -> Response:
    """The page behind a secret link, with the button that opens the desk in this browser."""
    found = _desk_of_link(secret)
    own = current_desk()
    page = render_template("open_desk.html", secret=secret, other=own is not None and own != found, same=own == found)
    return without_store(page)


@desk.post("/desk/open/<secret>")
def open_here(secret: str) -> Response:
    """Make the desk of a secret link the one of this browser."""
    _desk_of_link(secret)
    _set_desk_cookie(secret)
    return redirect(url_for("desk.show"), 303)


@desk.post("/desk/link")
def renew_link() -> Response:
    """Replace the secret of the reader's desk: the link that others may have no longer opens it."""
    known = current_desk()
    if known is not None and not served_archive().archive.settings.private:
        _set_desk_cookie(renew_secret(served_archive().archive, known))
    return redirect(url_for("desk.show"), 303)


def without_store(page: str, status: int = 200) -> Response:
    """A response that no cache keeps: pages of a desk are the reader's own."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def refused(status: int, sentence: str, *, bare: bool = False) -> HTTPException:
    """An error page with a sentence; `bare` for pages without the search box and links, for those not signed in."""
    return HTTPException(response=_page(status, sentence, bare=bare))


def _desk_of_link(secret: str) -> Desk:
    archive = served_archive().archive
    found = None if archive.settings.private else desk_of_secret(archive, secret)
    if found is None:
        raise refused(404, gettext("This link opens no desk. It may have been replaced by a new one."))
    return found


def _set_desk_cookie(secret: str) -> None:
    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(DESK_COOKIE, secret, max_age=_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
        return response


def _page(status: int, sentence: str, *, bare: bool = False) -> Response:
    template = "bare_error.html" if bare else "error.html"
    return without_store(render_template(template, sentence=sentence, lost=status == 404), status)
