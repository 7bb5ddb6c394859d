"""A client's connection: how many each may have, how slowly it may read and write, and whose requests it carries."""

from __future__ import annotations

import re
import time
from typing import Any, Final

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

from search_ui.web.limits import client_name

MOST_OF_CLIENT: Final = 100
"""Open connections of one address."""

LEAST_RATE: Final = 4096
"""Bytes a second that a reader must take, on average over `PATIENCE`."""

PATIENCE: Final = 30.0
"""Seconds that a request may take to arrive, and in which a reader must take something."""

_MOST_UNREAD: Final = 2**20  # of answers, beyond which what was asked in advance on the connection is not answered
_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Takes addresses with letters as they are typed (`curl '…/search?q=نفط'`), which waitress refuses.

    They are escaped, as a browser escapes them: RFC 3987, 3.1.
    """

    def parse_header(self, header_plus: bytes) -> None:
        """Reads the lines of a request above its body."""
        line, end, headers = header_plus.partition(b"\r\n")
        line = _NOT_ASCII.sub(lambda byte: b"%%%02X" % ord(byte[0]), line)
        if len(line) > self.adj.max_request_header_size:
            raise ParsingError("address too long")
        super().parse_header(line + end + headers)


class Connection(HTTPChannel):  # type: ignore[misc]
    """A connection that holds no thread while its client reads; see the module's head."""

    parser_class = Parser
    requests: list[Any]

    def __init__(self, server: Any, sock: Any, addr: Any, adj: Any, map: Any = None) -> None:
        self.address = client_name(addr[0])
        self.serving: str | None = None  # whom the dispatcher counts this under
        self._trusted = adj.trusted_proxy in (addr[0], "*")
        self._since = time.monotonic()  # when what is waited for was looked at last
        self._unread = 0  # bytes that were to be read then
        super().__init__(server, sock, addr, adj, map=map)
        others = list(server.active_channels.values())
        if not self._trusted and sum(other.address == self.address for other in others) > MOST_OF_CLIENT:
            self.will_close = True

    @property
    def path(self) -> str:
        """The path of the request whose turn it is."""
        return getattr(self.requests[0], "path", "") if self.requests else ""

    @property
    def client(self) -> str:
        """Whose request it is: the address, or, through the trusted proxy, the one that the proxy names."""
        if self._trusted and self.requests:
            named = self.requests[0].headers.get("X_FORWARDED_FOR", "")
            return client_name(named.rpartition(",")[2].strip()) or self.address
        return self.address

    def service(self) -> None:
        """Answers a request, unless what was answered before waits to be read: waiting would hold a thread."""
        if self.total_outbufs_len > _MOST_UNREAD:
            with self.requests_lock:
                self.close_when_flushed = True
                for request in self.requests:
                    request.close()
                self.requests = []
            self.server.pull_trigger()
        else:
            super().service()

    def readable(self) -> bool:
        """Whether to wait for something to read; asked before `writable`, at least once a second."""
        if self._is_too_slow():
            self.handle_close()  # `will_close` would wait until the client reads
        return self.connected and bool(super().readable())

    def writable(self) -> bool:
        """Whether there is something to send, or to close."""
        return self.connected and bool(super().writable())

    def _is_too_slow(self) -> bool:
        """Whether the client has not sent the rest of a request, or not read enough of an answer, for too long."""
        now, unread = time.monotonic(), self.total_outbufs_len
        if not unread and (self.request is None or self.requests):
            self._since, self._unread = now, 0
        elif now - self._since > PATIENCE:
            if not unread or self._unread - unread < LEAST_RATE * PATIENCE:
                return True
            self._since, self._unread = now, unread
        elif unread > self._unread:  # an answer was added
            self._since, self._unread = now, unread
        return False
