"""Who is answered at all: the names of the server, the rate of each address, and who may read a private archive.

A private archive answers nobody but /healthz without a password (a session, for people) or a token (for programs).
A session is a random id in a cookie, known to the server by its digest (`search_ui.access.sessions`): signing out ends
it there, and so does another password, deleting the user, or half a day.

Guessing is slowed down without locking anyone out. A try that is refused for its number is refused unread, or guesses
would be answered after all; so what counts is whose tries are counted together. Those of an address for a name are, and
all of an address; never those for a name from everywhere, by which anybody could lock out anybody. Who has signed in
from a browser before is told apart from whoever else is behind the same address: that browser's tries are counted by
themselves. Only tries that fail count.
"""

from __future__ import annotations

import atexit
import hmac
import ipaddress
import math
import os
import re
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from corpus import Archive
from search_ui.access.accounts import is_password, password_of, token_name
from search_ui.access.sessions import SESSION_SECONDS, Sessions, can_store_sessions
from search_ui.errors import NoPlaceForSessions
from search_ui.web.api import is_api_request, problem
from search_ui.web.open_archive import opened_archive
from search_ui.web.rate_limits import Limiter, client_name
from search_ui.web.settings import WebSettings

accounts = Blueprint("accounts", __name__)

# Six wrong passwords at once for a name, thirty for all names of an address; then one in ten seconds.
SIGN_IN_RATE, SIGN_IN_BURST, ADDRESS_BURST = 0.1, 6.0, 30.0
_OPEN = ("health.alive", "health.ready", "static")
_MOST_LETTERS = 1000
# Cookies: the session; the secret of the form of signing in; the mark of a browser that a user has signed in from.
_SESSION, _FORM, _BROWSER = "arshif", "arshif-form", "arshif-browser"
_YEAR = 365 * 24 * 3600  # seconds
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
_NOT_OF_A_PATH = re.compile(r"[\\\x00-\x1f\x7f]")
_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::[0-9]*)?")


class Guards:
    """The limits of a server; made before its processes part, so that all count together."""

    def __init__(self, settings: WebSettings) -> None:
        self.requests = Limiter(settings.rate, settings.burst) if settings.rate else None
        self.sign_ins = Limiter(SIGN_IN_RATE, SIGN_IN_BURST)
        self.addresses = Limiter(SIGN_IN_RATE, ADDRESS_BURST)
        self.name = f"arshif-{secrets.token_hex(16)}.db"
        """Of the file of sessions of a read-only archive: the same for all processes, and guessed by nobody."""
        atexit.register(_forget, self.name)  # in the process that the others part from, which ends last


def guard(app: Flask, guards: Guards, settings: WebSettings, archive: Archive) -> None:
    """Sets the guards before every request of an application; of a private archive it has the views `accounts` too.

    Raises:
        NoPlaceForSessions: the archive is private and read-only, and so is everything else.
    """
    app.extensions["arshif.guards"] = guards
    if names := _names(settings.hosts, app.config.get("HOST")):
        app.before_request(_only_for(names))
    if guards.requests is not None:
        app.before_request(_keep_rate)
    if archive.settings.private:
        app.extensions["arshif.sessions"] = _sessions(app, guards, archive)
        app.before_request(_let_in)
        app.after_request(_keep_private)


@accounts.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> AnyResponse:
    """The form, and the check of what was filled in."""
    if request.method == "GET":
        return _form("", 200)
    name, password = (request.form.get(field, "")[:_MOST_LETTERS] for field in ("name", "password"))
    if not _same(request.cookies.get(_FORM), request.form.get("form")):
        return _form(gettext("The form has expired. Try again."), 400)
    counted = _counted(name)
    if wait := _take(counted):
        refused = _form(gettext("Too many attempts. Try again later."), 429)
        refused.headers["Retry-After"] = str(math.ceil(wait))
        return refused
    known = password_of(opened_archive().archive, name)
    if not is_password(known, password):
        return _form(gettext("Wrong user name or password."), 403)
    _give_back(counted)
    sessions = _open_sessions()
    sessions.end(request.cookies.get(_SESSION, ""))
    answer = redirect(_target(request.args.get("to", "")), 303)
    _set_cookie(answer, _SESSION, sessions.begin(name), SESSION_SECONDS)
    if not sessions.is_known(request.cookies.get(_BROWSER, ""), name):
        _set_cookie(answer, _BROWSER, sessions.remember_browser(name), _YEAR)
    answer.delete_cookie(_FORM)
    return answer


@accounts.post("/sign-out")
def sign_out() -> AnyResponse:
    """Ends the session. Needs no secret in its form: the cookie is not sent with what other sites post (Lax)."""
    _open_sessions().end(request.cookies.get(_SESSION, ""))
    answer = redirect(url_for("accounts.sign_in"), 303)
    answer.delete_cookie(_SESSION)
    return answer


def _form(sentence: str, status: int) -> Response:
    # A secret of the form that only this site's page can know, against forms that other sites post (CSRF).
    form = request.cookies.get(_FORM) or secrets.token_urlsafe(16)
    page = render_template("sign_in.html", sentence=sentence, secret=form, to=request.args.get("to", ""))
    answer = make_response(page, status)
    _set_cookie(answer, _FORM, form)
    return answer


def _set_cookie(answer: AnyResponse, name: str, value: str, seconds: float | None = None) -> None:
    age = None if seconds is None else int(seconds)
    answer.set_cookie(name, value, max_age=age, httponly=True, samesite="Lax", secure=request.is_secure)


def _target(address: str) -> str:
    """Where to go after signing in: always a path of this site."""
    parts = urlsplit(address)
    own = not parts.scheme and not parts.netloc and address.startswith("/") and not _NOT_OF_A_PATH.search(address)
    return address if own and not address.startswith("//") else url_for("pages.home")


def _counted(name: str) -> list[tuple[Limiter, str]]:
    """What a try for a name is counted as; see the module's head."""
    guards = _guards()
    browser = request.cookies.get(_BROWSER, "")
    if browser and _open_sessions().is_known(browser, name):
        return [(guards.sign_ins, f"browser {browser} {name}")]
    address = client_name(request.remote_addr)
    return [(guards.sign_ins, f"address {address} {name}"), (guards.addresses, address)]


def _take(counted: list[tuple[Limiter, str]]) -> float:
    """Takes a token of each, or of none; 0, or the seconds until there will be one."""
    for number, (limiter, name) in enumerate(counted):
        if wait := limiter.take(name):
            _give_back(counted[:number])
            return wait
    return 0.0


def _give_back(counted: list[tuple[Limiter, str]]) -> None:
    for limiter, name in counted:
        limiter.give_back(name)


def _names(hosts: tuple[str, ...], bound: str | None) -> frozenset[str]:
    """The names the server answers to, small letters; none: to any.

    A server for this machine alone answers to this machine's names, or a page of the web whose name was made to lead
    here (DNS rebinding) could read the archive by the browser of whoever visits it.
    """
    if hosts:
        return frozenset(_host_name(_ascii(host)) for host in hosts)
    if bound is None or not _is_loopback(bound):
        return frozenset()
    return frozenset((*_LOOPBACK_NAMES, f"[{bound}]" if ":" in bound else bound.lower()))


def _only_for(names: frozenset[str]) -> Callable[[], Response | None]:
    endings = tuple(name for name in names if name.startswith("."))  # .example.org: every name below it

    def refuse_others() -> Response | None:
        if "HTTP_HOST" not in request.environ:  # HTTP/1.0, as some checks of health speak it and no browser
            return None
        name = _host_name(request.host)
        if name in names or f".{name}".endswith(endings):
            return None
        sentence = "this server does not serve this host name: it is not among the hosts in its settings\n"
        return Response(sentence, 400, mimetype="text/plain")

    return refuse_others


def _host_name(host: str) -> str:
    """The name of a Host header, without port, in small letters."""
    found = _HOST.fullmatch(host.strip().lower())
    return found[1].rstrip(".") if found else ""


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:  # a leading dot, an address in brackets
        return host


def _is_loopback(bound: str) -> bool:
    try:
        return ipaddress.ip_address(bound).is_loopback
    except ValueError:
        return bound.lower() == "localhost"


def _sessions(app: Flask, guards: Guards, archive: Archive) -> Sessions:
    if can_store_sessions(archive):
        return Sessions(archive)
    if not (places := _places()):
        raise NoPlaceForSessions
    if app.config.get("PROCESS", 0) == 0:
        app.logger.warning("the archive is read-only: users are signed out when the server stops")
    return Sessions(archive, places[0] / guards.name)


def _places() -> list[Path]:
    """Directories for what may be gone with the server: in memory where there is one, else for temporary files."""
    shared = Path("/dev/shm")
    places = [shared] if shared.is_dir() and os.access(shared, os.W_OK) else []
    with suppress(FileNotFoundError):
        places.append(Path(tempfile.gettempdir()))
    return places


def _forget(name: str) -> None:
    for place in _places():
        with suppress(OSError):
            (place / name).unlink()


def _keep_rate() -> Response | tuple[str, int, dict[str, str]] | None:
    limiter = _guards().requests
    if limiter is None or request.endpoint in _OPEN:
        return None
    if not (wait := limiter.take(client_name(request.remote_addr))):
        return None
    again = {"Retry-After": str(math.ceil(wait))}
    if is_api_request():
        answer = problem(429, "too many requests from your address: try again later")
        answer.headers.update(again)
        return answer
    return (
        render_template("error.html", sentence=gettext("Too many requests from your network. Try again later.")),
        429,
        again,
    )


def _let_in() -> AnyResponse | None:
    if request.endpoint in _OPEN or _signed_in() or request.endpoint == "accounts.sign_in" or _has_token():
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
    session = request.cookies.get(_SESSION)
    g.user = _open_sessions().user_of(session) if session else None
    return g.user is not None


def _has_token() -> bool:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return False
    return token_name(opened_archive().archive, given.token) is not None


def _same(kept: str | None, given: str | None) -> bool:
    if not kept or not given:
        return False
    return hmac.compare_digest(kept.encode("utf-8", "replace"), given.encode("utf-8", "replace"))


def _keep_private(response: Response) -> Response:
    if request.endpoint not in _OPEN:
        response.headers["Cache-Control"] = "no-store"
    return response


def _guards() -> Guards:
    guards: Guards = current_app.extensions["arshif.guards"]
    return guards


def _open_sessions() -> Sessions:
    sessions: Sessions = current_app.extensions["arshif.sessions"]
    return sessions
