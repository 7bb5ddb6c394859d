"""How often one address may ask: token buckets in a fixed table, shared by all processes of a server.

An address is hashed, with a secret of this server, to a place in the table, so that the memory is the same however many
there are; two that share a place share its allowance: with 16,384 places and a hundred clients at once, one in 160.

Numbers that all processes of a server share: memory mapped before they part.

What a request may cost (`indexer.budget`), and what that takes off its client's rate.
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

_PLACES = 16_384
_KEY = secrets.token_bytes(16)  # made before a server's processes part
_IPV6_PREFIX = 64  # the network that one customer is given
_LONGEST_WAIT = 60.0  # seconds that a costly request makes its client wait at most


class Limiter:
    """So many tokens a second for each name, and at most so many saved up."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = max(1.0, burst)
        self._table = SharedNumbers(2 * _PLACES)  # of each place: tokens used up, and when that was noted

    def take(self, name: str) -> float:
        """Takes a token; 0, or the seconds until there will be one."""
        values, at = self._table.values, 2 * _place(name)
        now = monotonic()
        used = max(0.0, values[at] - (now - values[at + 1]) * self._rate)
        if used + 1 > self._burst:
            return (used + 1 - self._burst) / self._rate
        # Two processes that write at once may forget one token of the two.
        values[at], values[at + 1] = used + 1, now
        return 0.0

    def give_back(self, name: str) -> None:
        """Gives back a token that was taken."""
        values, at = self._table.values, 2 * _place(name)
        values[at] = max(0.0, values[at] - 1)

    def charge(self, name: str, tokens: float) -> None:
        """Takes further tokens, even those that are not there yet: the next `take` waits for them, a minute at most."""
        if tokens <= 0:
            return
        values, at = self._table.values, 2 * _place(name)
        now = monotonic()
        used = max(0.0, values[at] - (now - values[at + 1]) * self._rate)
        most = self._burst - 1 + self._rate * _LONGEST_WAIT
        values[at], values[at + 1] = max(used, min(used + tokens, most)), now


def client_name(address: str | None) -> str:
    """What an address counts as: itself, or, of IPv6, its network."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
    return str(parsed)


def _place(name: str) -> int:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8, key=_KEY).digest()
    return int.from_bytes(digest, "big") % _PLACES


_BYTES = 8


class SharedNumbers:
    """A flat array of floats, all 0 at first. Reading and writing one is atomic; adding to one is not."""

    def __init__(self, size: int) -> None:
        # Anonymous and shared (the default on POSIX): children of this process see the same memory.
        self._memory = mmap.mmap(-1, size * _BYTES)
        self.values = memoryview(self._memory).cast("d")


SECONDS_A_TOKEN: Final = 0.05
"""Processor time that one request of the rate covers; a longer request counts as several."""


def bound_costs(app: Flask, settings: WebSettings, limiter: Limiter | None) -> None:
    """Sets one budget for all that a request does, and charges its cost to the client when it is over."""

    @app.before_request
    def begin() -> None:
        seconds = settings.export_seconds if request.endpoint == "exports.export" else settings.seconds
        g.bounds = ExitStack()
        g.bounds.enter_context(budget.limited(seconds))
        g.cost_before = budget.cost()

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        lift_bounds()
        if limiter is not None and "cost_before" in g:
            tokens = (budget.cost() - g.cost_before) / SECONDS_A_TOKEN
            limiter.charge(client_name(request.remote_addr), tokens - 1)  # one was taken when it came


def lift_bounds() -> None:
    """Ends the budget of this request, so that its error can be shown."""
    if "bounds" in g:
        g.bounds.close()
