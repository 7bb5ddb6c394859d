"""Rate limits: requests per address, and the processor time that a request may take.

Requests are limited by token buckets in a table of fixed size, in memory shared by all processes of a server. An
address is hashed to a slot with a random key, so that memory does not grow with the number of addresses. Two addresses
in one slot share its tokens: with 16,384 slots and a hundred clients at once, one client in 160.

`limit_request_cost` limits a request's processor time (`indexer.budget`) and charges it to the client's bucket.
"""

from __future__ import annotations

import hashlib
import ipaddress
import mmap
import secrets
from contextlib import ExitStack
from time import monotonic
from typing import Final

from flask import Flask, g, request

from indexer import budget
from search_ui.web.settings import WebSettings

SECONDS_PER_TOKEN: Final = 0.05
"""Processor time that one token pays for; a longer request costs several."""

_SLOTS = 16_384
_KEY = secrets.token_bytes(16)  # created before a server forks its processes
_IPV6_PREFIX = 64  # the size of a customer's network
_LONGEST_WAIT = 60.0  # maximum number of seconds that a costly request makes its client wait
_BYTES = 8  # of a float
_WRITES_FILES = ("exports.export", "lists.list_file", "lists.shared_file", "lists.selection_file")


class Limiter:
    """A token bucket per name: `rate` tokens per second, at most `burst` of them."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = max(1.0, burst)
        self._table = SharedNumbers(2 * _SLOTS)  # per slot: tokens used, and the time of that number

    def take(self, name: str) -> float:
        """Take a token; return 0, or the seconds until there will be one."""
        values, at = self._table.values, 2 * _slot(name)
        now = monotonic()
        used = max(0.0, values[at] - (now - values[at + 1]) * self._rate)
        if used + 1 > self._burst:
            return (used + 1 - self._burst) / self._rate
        # Of two processes that write at the same time, one token may be lost.
        values[at], values[at + 1] = used + 1, now
        return 0.0

    def give_back(self, name: str) -> None:
        """Return a token that was taken."""
        values, at = self._table.values, 2 * _slot(name)
        values[at] = max(0.0, values[at] - 1)

    def charge(self, name: str, tokens: float) -> None:
        """Take further tokens in advance: the next `take` has to wait for them, at most a minute."""
        if tokens <= 0:
            return
        values, at = self._table.values, 2 * _slot(name)
        now = monotonic()
        used = max(0.0, values[at] - (now - values[at + 1]) * self._rate)
        maximum = self._burst - 1 + self._rate * _LONGEST_WAIT
        values[at], values[at + 1] = max(used, min(used + tokens, maximum)), now


def client_name(address: str | None) -> str:
    """The name by which a client is counted: its address, or for IPv6 its network."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
    return str(parsed)


class SharedNumbers:
    """An array of floats, initially 0, shared by all processes forked later.

    Reading and writing an element is atomic; incrementing is not.
    """

    def __init__(self, size: int) -> None:
        # Anonymous and shared (the default on POSIX): forked processes see the same memory.
        self._memory = mmap.mmap(-1, size * _BYTES)
        self.values = memoryview(self._memory).cast("d")


def limit_request_cost(app: Flask, settings: WebSettings, limiter: Limiter | None) -> None:
    """Limit the processor time of each request, and charge it to the client afterwards."""

    @app.before_request
    def begin() -> None:
        seconds = settings.export_seconds if request.endpoint in _WRITES_FILES else settings.seconds
        g.cost_limit = ExitStack()
        g.cost_limit.enter_context(budget.limited(seconds))
        g.cost_before = budget.cost()

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        lift_cost_limit()
        if limiter is not None and "cost_before" in g:
            tokens = (budget.cost() - g.cost_before) / SECONDS_PER_TOKEN
            limiter.charge(client_name(request.remote_addr), tokens - 1)  # one was taken at its beginning


def lift_cost_limit() -> None:
    """End the limit of this request, so that an error page can be rendered."""
    if "cost_limit" in g:
        g.cost_limit.close()


def _slot(name: str) -> int:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8, key=_KEY).digest()
    return int.from_bytes(digest, "big") % _SLOTS
