"""How long to wait before a host is asked again: one request at a time, never faster than it wishes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

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
