"""A polite reader of the web: robots.txt, pauses, conditional requests, redirects, second tries.

robots.txt as RFC 9309 has it: what a site asks robots not to read, how fast to come, where its sitemaps are.

How long to wait before a host is asked again: one request at a time, never faster than it wishes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Final
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from protego import Protego

from corpus.errors import FetchFailed
from corpus.fetch.client import Limits, Response, is_public, request
from corpus.readers.encodings import decode
from corpus.urls import host_of

_MOST_REDIRECTS: Final = 8
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_COME_BACK_LATER: Final = frozenset({429, 503})
# What RFC 3986 lets stand in a path and a query, and the sign of what is encoded already.
_SAFE: Final = "/:@!$&'()*+,;=-._~%"


class Busy(FetchFailed):
    """The host asks for no requests until a moment (UTC)."""

    def __init__(self, url: str, host: str, until: datetime) -> None:
        super().__init__(url, f"{host} asks for no requests until {until:%Y-%m-%d %H:%M} UTC", lasting=False)
        self.host = host
        self.until = until


class Fetcher:
    """Fetches addresses one after another, keeping to what each site asks of robots.

    Only machines whose numeric address is `allowed` are asked. `held_until` tells until when (UTC) a host asked, in an
    earlier run, to be left alone.
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
        """How many answers there were, those for robots.txt and redirects too."""
        self._agent = user_agent(contact)
        self._allowed = allowed
        self._limits = limits or Limits()
        self._held_until = held_until
        self._rules: dict[str, Rules] = {}
        self._busy: dict[str, datetime] = {}

    def get(self, url: str, validators: Mapping[str, str] | None = None) -> Response:
        """The answer to a conditional GET, after redirects: its status is 200, or 304 if validators were given.

        Raises:
            FetchFailed: robots.txt forbids it, or there is no such answer.
        """
        response = self._follow(request_url(url), validators or {}, self._get_one)
        if response.status == 304 and validators:
            return response
        if response.status != 200:
            reason, lasting = _status_in_words(response.status)
            raise FetchFailed(url, reason, lasting=lasting)
        return response

    def rules(self, url: str) -> Rules:
        """What the robots.txt of the address's site says, fetched once."""
        place = robots_url(url)
        if place not in self._rules:
            self._rules[place] = read_rules(place, lambda at: self._follow(at, {}, self._ask))
            self.pauses.ask_for(host_of(url), self._rules[place].crawl_delay)
        return self._rules[place]

    def _follow(
        self, url: str, headers: Mapping[str, str], get: Callable[[str, Mapping[str, str]], Response]
    ) -> Response:
        """What is at the end of the redirects; each of them may lead to another site with rules of its own."""
        passed = [url]
        while True:
            response = get(passed[-1], headers)
            target = response.headers.get("location")
            if response.status not in _REDIRECTS or not target:
                return response
            passed.append(request_url(_joined(passed[-1], _as_sent(target))))
            if passed[-1] in passed[:-1]:
                raise FetchFailed(url, "it redirects in a loop", lasting=True)
            if len(passed) > _MOST_REDIRECTS + 1:
                raise FetchFailed(url, f"it redirects more than {_MOST_REDIRECTS} times", lasting=True)

    def _get_one(self, url: str, headers: Mapping[str, str]) -> Response:
        rules = self.rules(url)
        if rules.failure is not None:
            raise rules.failure
        if not rules.allow(url):
            raise FetchFailed(url, "it is disallowed by the site's robots.txt", lasting=True)
        if rules.crawl_delay > LONGEST:
            raise FetchFailed(
                url,
                f"the site's robots.txt asks for {rules.crawl_delay:,.0f} seconds between requests",
                lasting=True,
            )
        return self._ask(url, headers)

    def _ask(self, url: str, headers: Mapping[str, str]) -> Response:
        """One answer, asked for again where the host says that it is too busy."""
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
                self.pauses.asked(host)
            self.requests += 1
            if response.status not in _COME_BACK_LATER:
                break
            asked_for = retry_after(response.headers.get("retry-after"))
            seconds = asked_for if asked_for is not None else pause
            if seconds is None:
                break
            if seconds > LONGEST or pause is None:
                until = datetime.now(UTC) + timedelta(seconds=min(seconds, 10 * 86400))
                self._busy[host] = until
                raise Busy(url, host, until)
            self.pauses.hold(host, seconds)
        return response

    def _stop_if_busy(self, url: str, host: str) -> None:
        if host not in self._busy:
            self._busy[host] = self._held_until(host) or datetime.min.replace(tzinfo=UTC)
        if self._busy[host] > datetime.now(UTC):
            raise Busy(url, host, self._busy[host])


def user_agent(contact: str | None) -> str:
    """What the header User-Agent says: who is asking, and where to complain."""
    try:
        number = version("arshif")
    except PackageNotFoundError:  # run from a checkout
        number = "0"
    return f"{PRODUCT}/{number}" + (f" (+{contact})" if contact else "")


def request_url(url: str) -> str:
    """An address as it goes over the wire: ASCII, Arabic percent-encoded, the host in punycode, no fragment.

    Unlike `canonical_url` it changes nothing that a server could tell apart.

    Raises:
        FetchFailed: it is not an http or https address of a host, or holds a user's name or password.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchFailed(url, "not a web address", lasting=True) from error
    if parts.scheme not in ("http", "https") or not host:
        raise FetchFailed(url, "not a web address: it must begin with http:// or https://", lasting=True)
    if "@" in parts.netloc:
        raise FetchFailed(url, "addresses with a user's name in them are not fetched", lasting=True)
    if ":" not in host:
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise FetchFailed(url, "its host name is not valid", lasting=True) from error
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
        raise FetchFailed(url, "it redirects to something that is not a web address", lasting=True) from error


def _as_sent(header: str) -> str:
    """A header's text where raw UTF-8 was sent: it is read as Latin-1 (RFC 9110, 5.5)."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def _status_in_words(status: int) -> tuple[str, bool]:
    """What a status that brings no page means, and whether trying again soon would bring the same."""
    if status in (404, 410):
        return f"there is no such page ({status})", True
    if status in (401, 402, 403, 451):
        return f"the site denies access ({status})", True
    if status in _COME_BACK_LATER:
        return f"the site is too busy ({status})", False
    if status >= 500:
        return f"the site has an internal error ({status})", False
    return f"the site responds with status {status}, without a page", True


PRODUCT: Final = "Arshif"
"""The name that a robots.txt calls us by (RFC 9309, 2.2.1)."""

MAX_BYTES: Final = 500 * 1024
"""What is read of a robots.txt: RFC 9309, 2.5."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the robots.txt of one site says. Without a parsed file everything is allowed, or, if `failure`, nothing."""

    parsed: Protego | None = None
    failure: FetchFailed | None = None

    def allow(self, url: str) -> bool:
        """Whether the address may be fetched."""
        return self.parsed is None or self.parsed.can_fetch(url, PRODUCT)

    @property
    def crawl_delay(self) -> float:
        """The seconds between two requests that the site asks for, 0 where it asks for none."""
        if self.parsed is None:
            return 0
        rate = self.parsed.request_rate(PRODUCT)
        return max(self.parsed.crawl_delay(PRODUCT) or 0, rate.seconds / rate.requests if rate else 0)

    @property
    def sitemaps(self) -> list[str]:
        """The addresses of its sitemaps, as it spells them."""
        return list(self.parsed.sitemaps) if self.parsed else []


def robots_url(url: str) -> str:
    """Where the robots.txt of an address's site is: one for each scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def read_rules(url: str, get: Callable[[str], Response]) -> Rules:
    """Fetches the robots.txt at `url` by `get`, which follows redirects.

    Where there is none (4xx), all is allowed. Where it cannot be had (5xx, 429, no answer), nothing is until it can
    (RFC 9309, 2.3.1.3 and 2.3.1.4).
    """
    try:
        response = get(url)
    except FetchFailed as error:
        return Rules(failure=error)
    if response.status == 200:
        try:
            return Rules(Protego.parse(decode(response.body[:MAX_BYTES])))
        except ValueError:  # a picture or the like: there are no rules in it
            return Rules()
    if 400 <= response.status < 500 and response.status != 429:
        return Rules()
    reason = f"its robots.txt responds with status {response.status}: the site must not be read"
    return Rules(failure=FetchFailed(url, reason, lasting=False))


DELAY: Final = 1.0
"""Seconds between two requests to one host, if it asks for no more."""

LONGEST: Final = 300.0
"""Seconds that are waited at most in one go; a host that wants more is left for another time."""


class Pauses:
    """When each host may be asked again. `sleep` and `clock` (seconds) can be given for tests."""

    def __init__(
        self,
        delay: float = DELAY,
        *,
        backoff: tuple[float, ...] = (10, 30),
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.backoff = backoff
        """Seconds to wait after an answer of 429 or 503 that names no time, one for each further try."""
        self._delay = delay
        self._sleep = sleep
        self._clock = clock
        self._delays: dict[str, float] = {}
        self._ready: dict[str, float] = {}

    def ask_for(self, host: str, seconds: float) -> None:
        """Notes that a host wants this many seconds between requests: the greatest wish counts."""
        self._delays[host] = max(seconds, self._delays.get(host, 0))

    def remaining(self, host: str) -> float:
        """Seconds until the host may be asked, 0 if at once."""
        return max(0.0, self._ready.get(host, -math.inf) - self._clock())

    def wait(self, host: str) -> None:
        """Sleeps until the host may be asked."""
        if (seconds := self.remaining(host)) > 0:
            self._sleep(seconds)

    def asked(self, host: str) -> None:
        """Notes that the host has been asked just now."""
        self.hold(host, max(self._delay, self._delays.get(host, 0)))

    def hold(self, host: str, seconds: float) -> None:
        """Notes that the host must not be asked for this many seconds."""
        self._ready[host] = max(self._clock() + seconds, self._ready.get(host, -math.inf))


def retry_after(header: str | None) -> float | None:
    """The seconds of a Retry-After header: a number or a date (RFC 9110, 10.2.3); None if it says neither."""
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
