"""Who is answered at all: the rate of each address, and, for a private archive, those who signed in.

A private archive answers nobody but /healthz without a password (a session, for people) or a token (for programs).
Sessions are cookies signed with the archive's own secret; each holds who signed in and a digest of the password's
hash, so that whoever is removed, or whose password changes, is out at the next request.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from corpus import password_of, session_secret, token_name
from search_ui.passwords import is_password
from search_ui.web.api import is_api_request, problem
from search_ui.web.limits import Limiter, client_name
from search_ui.web.opened import opened_archive
from search_ui.web.settings import WebSettings

accounts = Blueprint("accounts", __name__)

SESSION_HOURS = 12
# Six wrong passwords at once, then one in ten seconds; for each address and for each name.
SIGN_IN_RATE, SIGN_IN_BURST = 0.1, 6.0
_OPEN = ("health.alive", "health.ready")
_OF_SIGNING_IN = ("accounts.sign_in", "static")
_MOST_LETTERS = 1000


class Guards:
    """The limits of a server; made before its processes part, so that all count together."""

    def __init__(self, settings: WebSettings) -> None:
        self.requests = Limiter(settings.rate, settings.burst) if settings.rate else None
        self.sign_ins = Limiter(SIGN_IN_RATE, SIGN_IN_BURST)


def guard(app: Flask, guards: Guards, private: bool) -> None:
    """Sets the guards before every request of an application."""
    app.extensions["arshif.guards"] = guards
    app.register_blueprint(accounts)
    if guards.requests is not None:
        app.before_request(_keep_rate)
    if private:
        app.secret_key = session_secret(app.extensions["arshif"].archive)
        app.config.update(
            SESSION_COOKIE_NAME="arshif",
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Lax",
            PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        )
        app.before_request(_secure_cookie)
        app.before_request(_let_in)
        app.after_request(_keep_private)


@accounts.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> AnyResponse | tuple[str, int]:
    """The form, and the check of what was filled in."""
    if not opened_archive().archive.settings.private:
        abort(404)
    if request.method == "GET":
        return _form("", 200)
    name, password = (request.form.get(field, "")[:_MOST_LETTERS] for field in ("name", "password"))
    if not _same(session.get("form"), request.form.get("form")):
        return _form(gettext("The form has expired. Try again."), 400)
    limiter = _guards().sign_ins
    wait = max(limiter.take("address " + client_name(request.remote_addr)), limiter.take("name " + name))
    if wait:
        return _form(gettext("Too many tries. Try again in a while."), 429)
    known = password_of(opened_archive().archive, name)
    if not is_password(known, password) or known is None:
        return _form(gettext("The name or the password is wrong."), 403)
    session.clear()
    session.permanent = True
    session["user"], session["password"] = name, _mark(known)
    return redirect(_target(request.args.get("to", "")), 303)


@accounts.post("/sign-out")
def sign_out() -> AnyResponse:
    """Forgets who signed in. Needs no secret in its form: the cookie is not sent with what other sites post (Lax)."""
    session.clear()
    return redirect(url_for("pages.home"), 303)


def _form(sentence: str, status: int) -> tuple[str, int]:
    # A secret of the form that only this site's page can know, against forms that other sites post (CSRF).
    form = session.setdefault("form", secrets.token_urlsafe(16))
    return render_template("sign_in.html", sentence=sentence, secret=form, to=request.args.get("to", "")), status


def _target(address: str) -> str:
    """Where to go after signing in: a path of this site, whatever stands in the address."""
    parts = urlsplit(address)
    own = not parts.scheme and not parts.netloc and address.startswith("/") and "\\" not in address
    return address if own and not address.startswith("//") else url_for("pages.home")


def _keep_rate() -> Response | tuple[str, int, dict[str, str]] | None:
    limiter = _guards().requests
    if limiter is None or request.endpoint in (*_OPEN, "static"):
        return None
    if not (wait := limiter.take(client_name(request.remote_addr))):
        return None
    again = {"Retry-After": str(math.ceil(wait))}
    if is_api_request():
        answer = problem(429, "too many requests from your address: come again in a while")
        answer.headers.update(again)
        return answer
    return (
        render_template("error.html", sentence=gettext("Too many requests from your address. Try again in a while.")),
        429,
        again,
    )


def _let_in() -> AnyResponse | None:
    if request.endpoint in _OPEN or request.endpoint in _OF_SIGNING_IN or _signed_in() or _has_token():
        return None
    if is_api_request() and request.method == "OPTIONS":  # a browser asks first, without the token, whether it may ask
        return None
    if is_api_request() or "Authorization" in request.headers or request.endpoint == "health.metrics":
        answer = problem(401, "the archive is private: send a token as 'Authorization: Bearer TOKEN'")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    to = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", to=to), 303)


def _signed_in() -> bool:
    name = session.get("user")
    known = password_of(opened_archive().archive, name) if isinstance(name, str) else None
    return known is not None and _same(session.get("password"), _mark(known))


def _has_token() -> bool:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return False
    return token_name(opened_archive().archive, given.token) is not None


def _same(kept: object, given: str | None) -> bool:
    if not isinstance(kept, str) or not kept or not given:
        return False
    return hmac.compare_digest(kept.encode("utf-8", "replace"), given.encode("utf-8", "replace"))


def _mark(known: str) -> str:
    return hashlib.sha256(known.encode()).hexdigest()


def _secure_cookie() -> None:
    current_app.config["SESSION_COOKIE_SECURE"] = request.is_secure


def _keep_private(response: Response) -> Response:
    if request.endpoint not in (*_OPEN, "static"):
        response.headers["Cache-Control"] = "no-store"
    return response


def _guards() -> Guards:
    guards: Guards = current_app.extensions["arshif.guards"]
    return guards
