"""A polite HTTP client: robots.txt, delays between requests, conditional requests, redirects, retries.

robots.txt follows RFC 9309: which addresses may be fetched, how often, and where the sitemaps are. Each host gets one
request at a time, and never more often than it asks for.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from protego import Protego

from corpus.errors import FetchFailed
from corpus.fetch.client import Limits, Response, is_public, request
from corpus.readers.encodings import decode
from corpus.urls import host_of
from corpus.version import installed_version

PRODUCT: Final = "Arshif"
"""Our name in robots.txt (RFC 9309, 2.2.1)."""

DELAY: Final = 1.0
"""Seconds between two requests to one host, unless it asks for more."""

MAX_WAIT: Final = 300.0
"""Seconds to wait at most at a time; a host that asks for more is left for another run."""

MAX_ROBOTS_BYTES: Final = 500 * 1024
"""Bytes that are read of a robots.txt: RFC 9309, 2.5."""

_MAX_REDIRECTS: Final = 8
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_RETRY_LATER: Final = frozenset({429, 503})
# Characters that RFC 3986 allows in a path and a query, and the percent sign of what is encoded already.
_SAFE: Final = "/:@!$&'()*+,;=-._~%"


class HostBusy(FetchFailed):
    """The host asked not to be requested until a moment (UTC)."""

    def __init__(self, url: str, host: str, until: datetime) -> None:
        super().__init__(url, f"{host} asks for no requests until {until:%Y-%m-%d %H:%M} UTC", permanent=False)
        self.host = host
        self.until = until


class Fetcher:
    """Fetches one address at a time, as each site's robots.txt allows.

    Connections are made only to numeric addresses that `allowed` accepts. `held_until` returns until when (UTC) a host
    asked, in an earlier run, not to be requested.
    """

    def __init__(
        self,
        *,
        contact: str | None = None,
        allowed: Callable[[str], bool] = is_public,
        pauses: Pauses | None = None,
        limits: Limits | None = None,
        held_until: Callable[[str], datetime | None] = lambda host: None,
    ) -> None:
        self.pauses = pauses or Pauses()
        self.requests = 0
        """The number of responses, including those for robots.txt and redirects."""
        self._agent = user_agent(contact)
        self._allowed = allowed
        self._limits = limits or Limits()
        self._held_until = held_until
        self._rules: dict[str, Rules] = {}
        self._busy: dict[str, datetime] = {}

    def get(self, url: str, validators: Mapping[str, str] | None = None) -> Response:
        """The response to a conditional GET, after redirects: its status is 200, or 304 if validators were given.

        Raises:
            FetchFailed: robots.txt disallows it, or there is no such response.
        """
        response = self._follow(request_url(url), validators or {}, self._get_allowed)
        if response.status == 304 and validators:
            return response
        if response.status != 200:
            reason, permanent = _describe_status(response.status)
            raise FetchFailed(url, reason, permanent=permanent)
        return response

    def rules(self, url: str) -> Rules:
        """The rules of the robots.txt of an address's site, which is fetched once."""
        place = robots_url(url)
        if place not in self._rules:
            self._rules[place] = read_rules(place, lambda at: self._follow(at, {}, self._request))
            self.pauses.set_delay(host_of(url), self._rules[place].crawl_delay)
        return self._rules[place]

    def _follow(
        self, url: str, headers: Mapping[str, str], get: Callable[[str, Mapping[str, str]], Response]
    ) -> Response:
        """Follow redirects; each may lead to another site with its own rules."""
        passed = [url]
        while True:
            response = get(passed[-1], headers)
            target = response.headers.get("location")
            if response.status not in _REDIRECTS or not target:
                return response
            passed.append(request_url(_joined(passed[-1], _utf8_header(target))))
            if passed[-1] in passed[:-1]:
                raise FetchFailed(url, "it redirects in a loop", permanent=True)
            if len(passed) > _MAX_REDIRECTS + 1:
                raise FetchFailed(url, f"it redirects more than {_MAX_REDIRECTS} times", permanent=True)

    def _get_allowed(self, url: str, headers: Mapping[str, str]) -> Response:
        rules = self.rules(url)
        if rules.failure is not None:
            raise rules.failure
        if not rules.allow(url):
            raise FetchFailed(url, "it is disallowed by the site's robots.txt", permanent=True)
        if rules.crawl_delay > MAX_WAIT:
            raise FetchFailed(
                url,
                f"the site's robots.txt asks for {rules.crawl_delay:,.0f} seconds between requests",
                permanent=True,
            )
        return self._request(url, headers)

    def _request(self, url: str, headers: Mapping[str, str]) -> Response:
        """One response, requested again if the host says that it is too busy."""
        host = host_of(url)
        for pause in (*self.pauses.backoff, None):
            self._stop_if_busy(url, host)
            self.pauses.wait(host)
            try:
                response = request(
                    url,
                    {"User-Agent": self._agent, **headers},
                    allowed=self._allowed,
                    limits=self._limits,
                )
            finally:
                self.pauses.mark_request(host)
            self.requests += 1
            if response.status not in _RETRY_LATER:
                break
            asked_for = retry_after(response.headers.get("retry-after"))
            seconds = asked_for if asked_for is not None else pause
            if seconds is None:
                break
            if seconds > MAX_WAIT or pause is None:
                until = datetime.now(UTC) + timedelta(seconds=min(seconds, 10 * 86400))
                self._busy[host] = until
                raise HostBusy(url, host, until)
            self.pauses.hold(host, seconds)
        return response

    def _stop_if_busy(self, url: str, host: str) -> None:
        if host not in self._busy:
            self._busy[host] = self._held_until(host) or datetime.min.replace(tzinfo=UTC)
        if self._busy[host] > datetime.now(UTC):
            raise HostBusy(url, host, self._busy[host])


def user_agent(contact: str | None) -> str:
    """The User-Agent header: the program, and a contact for complaints."""
    return f"{PRODUCT}/{installed_version() or '0'}" + (f" (+{contact})" if contact else "")


def request_url(url: str) -> str:
    """An address as it is sent: ASCII, percent-encoded, the host in punycode, without fragment.

    Unlike `canonical_url`, it changes nothing that a server could distinguish.

    Raises:
        FetchFailed: it is not an http or https address of a host, or contains a user name or password.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchFailed(url, "not a web address", permanent=True) from error
    if parts.scheme not in ("http", "https") or not host:
        raise FetchFailed(url, "not a web address: it must begin with http:// or https://", permanent=True)
    if "@" in parts.netloc:
        raise FetchFailed(url, "addresses with a user's name in them are not fetched", permanent=True)
    if ":" not in host:
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise FetchFailed(url, "its host name is not valid", permanent=True) from error
    else:
        host = f"[{host}]"
    netloc = host if port in (None, {"http": 80, "https": 443}[parts.scheme]) else f"{host}:{port}"
    path = quote(parts.path, safe=_SAFE, errors="surrogateescape") or "/"
    query = quote(parts.query, safe=_SAFE + "?", errors="surrogateescape")
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target.strip())
    except ValueError as error:
        raise FetchFailed(url, "it redirects to something that is not a web address", permanent=True) from error


def _utf8_header(header: str) -> str:
    """A header's text if raw UTF-8 was sent, which is read as Latin-1 (RFC 9110, 5.5)."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def _describe_status(status: int) -> tuple[str, bool]:
    """The reason for a status without a page, and whether a retry soon would have the same result."""
    if status in (404, 410):
        return f"there is no such page ({status})", True
    if status in (401, 402, 403, 451):
        return f"the site denies access ({status})", True
    if status in _RETRY_LATER:
        return f"the site is too busy ({status})", False
    if status >= 500:
        return f"the site has an internal error ({status})", False
    return f"the site responds with status {status}, without a page", True


@dataclass(frozen=True, slots=True)
class Rules:
    """The robots.txt of one site. Without a parsed file everything is allowed, or nothing if there is a `failure`."""

    parsed: Protego | None = None
    failure: FetchFailed | None = None

    def allow(self, url: str) -> bool:
        """Whether the address may be fetched."""
        return self.parsed is None or self.parsed.can_fetch(url, PRODUCT)

    @property
    def crawl_delay(self) -> float:
        """The seconds between two requests that the site asks for, or 0."""
        if self.parsed is None:
            return 0
        rate = self.parsed.request_rate(PRODUCT)
        return max(self.parsed.crawl_delay(PRODUCT) or 0, rate.seconds / rate.requests if rate else 0)

    @property
    def sitemaps(self) -> list[str]:
        """The addresses of its sitemaps, as written."""
        return list(self.parsed.sitemaps) if self.parsed else []


def robots_url(url: str) -> str:
    """The address of the robots.txt of an address's site: one for each scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def read_rules(url: str, get: Callable[[str], Response]) -> Rules:
    """Fetch the robots.txt at `url` by `get`, which follows redirects.

    If there is none (4xx), everything is allowed. If it is unavailable (5xx, 429, no response), nothing is until it can
    be read (RFC 9309, 2.3.1.3 and 2.3.1.4).
    """
    try:
        response = get(url)
    except FetchFailed as error:
        return Rules(failure=error)
    if response.status == 200:
        try:
            return Rules(Protego.parse(decode(response.body[:MAX_ROBOTS_BYTES])))
        except ValueError:  # not text: no rules
            return Rules()
    if 400 <= response.status < 500 and response.status != 429:
        return Rules()
    reason = f"its robots.txt responds with status {response.status}: the site must not be read"
    return Rules(failure=FetchFailed(url, reason, permanent=False))


class Pauses:
    """When each host may be requested again. `sleep` and `clock` (seconds) can be replaced in tests."""

    def __init__(
        self,
        delay: float = DELAY,
        *,
        backoff: tuple[float, ...] = (10, 30),
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.backoff = backoff
        """Seconds to wait after a 429 or 503 without Retry-After, one for each retry."""
        self._delay = delay
        self._sleep = sleep
        self._clock = clock
        self._delays: dict[str, float] = {}
        self._ready: dict[str, float] = {}

    def set_delay(self, host: str, seconds: float) -> None:
        """Set the seconds between requests that a host asks for; the largest value counts."""
        self._delays[host] = max(seconds, self._delays.get(host, 0))

    def remaining(self, host: str) -> float:
        """Seconds until the host may be requested; 0 if at once."""
        return max(0.0, self._ready.get(host, -math.inf) - self._clock())

    def wait(self, host: str) -> None:
        """Sleep until the host may be requested."""
        if (seconds := self.remaining(host)) > 0:
            self._sleep(seconds)

    def mark_request(self, host: str) -> None:
        """Record a request to the host."""
        self.hold(host, max(self._delay, self._delays.get(host, 0)))

    def hold(self, host: str, seconds: float) -> None:
        """Do not request the host for this many seconds."""
        self._ready[host] = max(self._clock() + seconds, self._ready.get(host, -math.inf))


def retry_after(header: str | None) -> float | None:
    """The seconds of a Retry-After header, a number or a date (RFC 9110, 10.2.3); None if it is neither."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header.strip()[:12])
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
