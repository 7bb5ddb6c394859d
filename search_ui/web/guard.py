"""Access to the server: allowed host names, requests per address, and signing in to a private archive.

A private archive responds, except at /healthz and at the secret addresses in mails and of feeds, only to a session
(people, who sign in with a password) or a token (programs). A session is a random id in a cookie; the server stores its
digest, in `search_ui.access.sessions`. There is no session secret and no signed cookie. A session ends by signing out,
when the password is changed or the user deleted, or after twelve hours.

Failed sign-ins are rate-limited to slow down guessing, without locking users out: per address and name, and per
address. They are never counted per name alone, which would let anyone lock out a user. A browser from which the user
has signed in before has a limit of its own, so that others behind the same address do not use it up. Over the limit,
the password is not even checked.
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
from search_ui.web.rate_limits import Limiter, client_name
from search_ui.web.served_archive import served_archive
from search_ui.web.settings import WebSettings

accounts = Blueprint("accounts", __name__)

# Six wrong passwords at once per address and name, thirty per address; then one in ten seconds.
SIGN_IN_RATE, SIGN_IN_BURST, ADDRESS_BURST = 0.1, 6.0, 30.0
# New desks of an archive without accounts, per address: ten at once, then one in ten minutes.
DESK_RATE, DESK_BURST = 1 / 600, 10.0
# Followed searches per address, and new mail addresses that are asked to confirm.
FOLLOW_RATE, FOLLOW_BURST = 1 / 30, 30.0
CONFIRMATION_RATE, CONFIRMATION_BURST = 1 / 900, 5.0
_OPEN = ("health.alive", "health.ready", "static", "pages.favicon")
_BY_SECRET = "follow_links"  # the blueprint of addresses that contain a secret: of mails and feeds
_MAX_FIELD_LENGTH = 1000
# Cookies: the session; the CSRF token of the sign-in form; the id of a browser from which a user has signed in.
_SESSION, _FORM, _BROWSER = "arshif", "arshif-form", "arshif-browser"
_YEAR = 365 * 24 * 3600  # seconds
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
_INVALID_IN_PATH = re.compile(r"[\\\x00-\x1f\x7f]")
_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::[0-9]*)?")


class SharedLimits:
    """What all processes of a server share; created before they fork."""

    def __init__(self, settings: WebSettings) -> None:
        self.requests = Limiter(settings.rate, settings.burst) if settings.rate else None
        self.sign_ins = Limiter(SIGN_IN_RATE, SIGN_IN_BURST)
        self.addresses = Limiter(SIGN_IN_RATE, ADDRESS_BURST)
        self.desks = Limiter(DESK_RATE, DESK_BURST)
        self.follows = Limiter(FOLLOW_RATE, FOLLOW_BURST)
        self.confirmations = Limiter(CONFIRMATION_RATE, CONFIRMATION_BURST)
        self.sessions_file = f"arshif-{secrets.token_hex(16)}.db"
        """Name of the file of sessions of a read-only archive; unguessable."""
        atexit.register(_delete_sessions_file, self.sessions_file)  # in the parent process, which ends last


def protect(app: Flask, limits: SharedLimits, settings: WebSettings, archive: Archive) -> None:
    """Check every request of an application; if the archive is private, it needs the blueprint `accounts` too.

    Raises:
        NoPlaceForSessions: the archive is private and read-only, and no other directory is writable.
    """
    app.extensions["arshif.limits"] = limits
    if names := _allowed_hosts(settings.hosts, app.config.get("HOST")):
        app.before_request(_check_host(names))
    if limits.requests is not None:
        app.before_request(_limit_rate)
    if archive.settings.private:
        app.extensions["arshif.sessions"] = _make_sessions(app, limits, archive)
        app.before_request(_require_sign_in)
        app.after_request(_forbid_caching)


@accounts.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> AnyResponse:
    """The sign-in form; a POST checks the password and begins a session."""
    if request.method == "GET":
        return _sign_in_page("", 200)
    name, password = (request.form.get(field, "")[:_MAX_FIELD_LENGTH] for field in ("name", "password"))
    if not _is_same(request.cookies.get(_FORM), request.form.get("form")):
        return _sign_in_page(gettext("The form has expired. Try again."), 400)
    buckets = _buckets(name)
    if wait := _take(buckets):
        refused = _sign_in_page(gettext("Too many attempts. Try again later."), 429)
        refused.headers["Retry-After"] = str(math.ceil(wait))
        return refused
    if not is_password(password_of(served_archive().archive, name), password):
        return _sign_in_page(gettext("Wrong user name or password."), 403)
    _give_back(buckets)  # only failed attempts count
    return _begin_session(name)


@accounts.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session. The form has no CSRF token: browsers do not send a Lax cookie with forms of other sites."""
    _sessions().end(request.cookies.get(_SESSION, ""))
    response = redirect(url_for("accounts.sign_in"), 303)
    response.delete_cookie(_SESSION)
    return response


def _begin_session(name: str) -> AnyResponse:
    """Begin a session in place of the browser's current one, remember the browser, and redirect to the page."""
    sessions = _sessions()
    sessions.end(request.cookies.get(_SESSION, ""))
    response = redirect(_target(request.args.get("to", "")), 303)
    _set_cookie(response, _SESSION, sessions.begin(name), SESSION_SECONDS)
    if not sessions.is_known(request.cookies.get(_BROWSER, ""), name):
        _set_cookie(response, _BROWSER, sessions.remember_browser(name), _YEAR)
    response.delete_cookie(_FORM)
    return response


def _sign_in_page(sentence: str, status: int) -> Response:
    # The CSRF token: only a page of this site can have the cookie's value in its form.
    form = request.cookies.get(_FORM) or secrets.token_urlsafe(16)
    page = render_template("sign_in.html", sentence=sentence, secret=form, to=request.args.get("to", ""))
    response = make_response(page, status)
    _set_cookie(response, _FORM, form)
    return response


def _set_cookie(response: AnyResponse, name: str, value: str, seconds: float | None = None) -> None:
    age = None if seconds is None else int(seconds)
    response.set_cookie(name, value, max_age=age, httponly=True, samesite="Lax", secure=request.is_secure)


def _target(address: str) -> str:
    """The URL to go to after signing in: always a path of this site."""
    parts = urlsplit(address)
    own = not parts.scheme and not parts.netloc and address.startswith("/") and not _INVALID_IN_PATH.search(address)
    return address if own and not address.startswith("//") else url_for("pages.home")


def _buckets(name: str) -> list[tuple[Limiter, str]]:
    """The limiters that count an attempt for a name, and their keys; see the module's docstring."""
    limits = _limits()
    browser = request.cookies.get(_BROWSER, "")
    if browser and _sessions().is_known(browser, name):
        return [(limits.sign_ins, f"browser {browser} {name}")]
    address = client_name(request.remote_addr)
    return [(limits.sign_ins, f"address {address} {name}"), (limits.addresses, address)]


def _take(buckets: list[tuple[Limiter, str]]) -> float:
    """Take a token from all of them, or from none; 0, or the seconds to wait."""
    for number, (limiter, name) in enumerate(buckets):
        if wait := limiter.take(name):
            _give_back(buckets[:number])
            return wait
    return 0.0


def _give_back(buckets: list[tuple[Limiter, str]]) -> None:
    for limiter, name in buckets:
        limiter.give_back(name)


def _allowed_hosts(hosts: tuple[str, ...], bound: str | None) -> frozenset[str]:
    """The host names that the server accepts, in lower case; empty if it accepts any.

    A server on a loopback address accepts only names of this machine: otherwise a web page whose name resolves to this
    machine (DNS rebinding) could read the archive through a visitor's browser.
    """
    if hosts:
        return frozenset(_host_name(_ascii(host)) for host in hosts)
    if bound is None or not _is_loopback(bound):
        return frozenset()
    return frozenset((*_LOOPBACK_NAMES, f"[{bound}]" if ":" in bound else bound.lower()))


def _check_host(names: frozenset[str]) -> Callable[[], Response | None]:
    endings = tuple(name for name in names if name.startswith("."))  # .example.org: its subdomains

    def refuse_others() -> Response | None:
        if "HTTP_HOST" not in request.environ:  # HTTP/1.0, which some health checks send, but no browser
            return None
        name = _host_name(request.host)
        if name in names or f".{name}".endswith(endings):
            return None
        sentence = "this server does not serve this host name: it is not among the hosts in its settings\n"
        return Response(sentence, 400, mimetype="text/plain")

    return refuse_others


def _host_name(host: str) -> str:
    """The name in a Host header, without the port, in lower case."""
    match = _HOST.fullmatch(host.strip().lower())
    return match[1].rstrip(".") if match else ""


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


def _make_sessions(app: Flask, limits: SharedLimits, archive: Archive) -> Sessions:
    if can_store_sessions(archive):
        return Sessions(archive)
    if not (directories := _temporary_directories()):
        raise NoPlaceForSessions
    if app.config.get("PROCESS", 0) == 0:
        app.logger.warning("the archive is read-only: users are signed out when the server stops")
    return Sessions(archive, directories[0] / limits.sessions_file)


def _temporary_directories() -> list[Path]:
    """Writable directories for files that the server may lose when it stops; one in memory first, if there is one."""
    shared = Path("/dev/shm")
    directories = [shared] if shared.is_dir() and os.access(shared, os.W_OK) else []
    with suppress(FileNotFoundError):
        directories.append(Path(tempfile.gettempdir()))
    return directories


def _delete_sessions_file(name: str) -> None:
    for directory in _temporary_directories():
        with suppress(OSError):
            (directory / name).unlink()


def _limit_rate() -> Response | tuple[str, int, dict[str, str]] | None:
    limiter = _limits().requests
    if limiter is None or request.endpoint in _OPEN:
        return None
    if not (wait := limiter.take(client_name(request.remote_addr))):
        return None
    headers = {"Retry-After": str(math.ceil(wait))}
    if is_api_request():
        response = problem(429, "too many requests from your address: try again later")
        response.headers.update(headers)
        return response
    sentence = gettext("Too many requests from your network. Try again later.")
    return render_template("error.html", sentence=sentence), 429, headers


def _require_sign_in() -> AnyResponse | None:
    if request.endpoint in _OPEN or request.blueprint == _BY_SECRET:
        return None
    if _is_signed_in() or request.endpoint == "accounts.sign_in" or _has_token():
        return None
    if is_api_request() and request.method == "OPTIONS":  # a CORS preflight, which has no token
        return None
    if is_api_request() or "Authorization" in request.headers or request.endpoint == "health.metrics":
        response = problem(401, "the archive is private: send a token as 'Authorization: Bearer TOKEN'")
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    to = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", to=to), 303)


def _is_signed_in() -> bool:
    session = request.cookies.get(_SESSION)
    g.user = _sessions().user_of(session) if session else None
    return g.user is not None


def _has_token() -> bool:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return False
    return token_name(served_archive().archive, given.token) is not None


def _is_same(expected: str | None, given: str | None) -> bool:
    if not expected or not given:
        return False
    return hmac.compare_digest(expected.encode("utf-8", "replace"), given.encode("utf-8", "replace"))


def _forbid_caching(response: Response) -> Response:
    if request.endpoint not in _OPEN:
        response.headers["Cache-Control"] = "no-store"
    return response


def _limits() -> SharedLimits:
    limits: SharedLimits = current_app.extensions["arshif.limits"]
    return limits


def _sessions() -> Sessions:
    sessions: Sessions = current_app.extensions["arshif.sessions"]
    return sessions
