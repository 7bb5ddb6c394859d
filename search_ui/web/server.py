"""Serving the page by waitress, a production server in pure Python: in this process or in several.

Which request a thread takes next: one client holds at most half of the threads, and /healthz waits for none.

A client's connection: how many each may have, how slowly it may read and write, and whose requests it carries.
"""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher

from corpus import Archive
from search_ui.errors import AddressInUse, WorkersUnsupported
from search_ui.web.app import create_app
from search_ui.web.guard import Guards
from search_ui.web.health import Board
from search_ui.web.rate_limits import client_name
from search_ui.web.settings import WebSettings, web_settings

_BACKLOG: Final = 1024
_PAUSE: Final = 1.0  # seconds before a process that ended is restarted
_MOST_CONNECTIONS: Final = 500  # each may have a file too, and many systems allow a process 1,024 in all
_MOST_HEADER_BYTES: Final = 2**16  # of a request's address and headers: a query of 10,000 letters is 60,000
_MOST_BODY_BYTES: Final = 2**16
_NEVER: Final = 2**62


def serve(directory: Path, host: str, port: int, threads: int, *, ready: Callable[[], None] = lambda: None) -> None:
    """Serves an archive in this process until interrupted or terminated; calls `ready` once the port is open.

    Raises:
        AddressInUse: something else listens there, or the address is not this machine's.
        ArshifError: the archive cannot be opened, or its settings cannot be read.
    """
    config = {"ARCHIVE": directory, "HOST": host, "THREADS": threads}
    app, settings = create_app(config), _settings(directory)
    try:
        server = _create(app, settings, threads, host=host, port=port)
    except (OSError, ValueError) as error:
        raise _in_use(host, port, error) from error
    ready()
    _run(server)


def serve_many(
    directory: Path, host: str, port: int, threads: int, workers: int, *, ready: Callable[[], None] = lambda: None
) -> None:
    """Serves an archive in several processes, which use several cores; one that ends is restarted.

    Each opens the archive for itself; they share the port, the counters and the limits.

    Raises:
        WorkersUnsupported: this system cannot.
        AddressInUse, ArshifError: as `serve`.
    """
    if not hasattr(os, "fork"):
        raise WorkersUnsupported
    settings = _settings(directory)
    config = {
        "ARCHIVE": directory,
        "HOST": host,
        "THREADS": threads,
        "BOARD": Board(workers),
        "GUARDS": Guards(settings),
    }
    try:
        listening = _listen(host, port, workers)
    except (OSError, ValueError) as error:
        raise _in_use(host, port, error) from error
    ready()
    processes: dict[int, int] = {}
    signal.signal(signal.SIGTERM, _end)
    try:
        for number in range(workers):
            processes[_begin(config, number, listening[number], settings, threads)] = number
        while True:
            ended, _ = os.wait()
            number = processes.pop(ended)
            print(f"arshif: process {number + 1} of {workers} ended and is restarted", file=sys.stderr, flush=True)
            time.sleep(_PAUSE)
            processes[_begin(config, number, listening[number], settings, threads)] = number
    finally:
        for one in listening:
            one.close()
        for process in processes:
            os.kill(process, signal.SIGTERM)
        for process in processes:
            os.waitpid(process, 0)


def _begin(
    config: Mapping[str, Any], number: int, listening: socket.socket, settings: WebSettings, threads: int
) -> int:
    """Starts a process and gives its id; in the process itself it never returns."""
    if process := os.fork():
        return process
    status = 1
    try:
        app: Flask = create_app({**config, "PROCESS": number})
        _run(_create(app, settings, threads, sockets=[listening]))
        status = 0
    except BaseException as error:
        print(f"arshif: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def _run(server: Any) -> None:
    """Runs until interrupted (Ctrl-C) or terminated (SIGTERM); requests in progress are finished first."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)
    try:
        server.run()
    finally:
        server.close()


def _end(number: int, frame: object) -> None:
    raise SystemExit(0)


def _create(app: Flask, settings: WebSettings, threads: int, **where: Any) -> Any:
    """A server that listens, and accepts nothing yet."""
    server = create_server(app, _dispatcher=FairDispatcher(threads), **where, **_waitress(settings))
    # A name may stand for several addresses: then it is several servers in one.
    for one in (server, *getattr(server, "map", {}).values()):
        one.channel_class = Connection
    return server


def _waitress(settings: WebSettings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "ident": "arshif",
        "max_request_header_size": _MOST_HEADER_BYTES,
        "max_request_body_size": _MOST_BODY_BYTES,
        # What a client has not read waits in a file, above a megabyte; a thread never waits for it.
        "outbuf_high_watermark": _NEVER,
        "channel_timeout": round(2 * PATIENCE),  # of a connection on which nothing is asked
        "cleanup_interval": 5,
        "asyncore_use_poll": hasattr(select, "poll"),  # select() takes no more than 1,024 files
        "connection_limit": _MOST_CONNECTIONS,
        "backlog": _BACKLOG,
        "clear_untrusted_proxy_headers": True,
    }
    if settings.trusted_proxy:
        options |= {
            "trusted_proxy": settings.trusted_proxy,
            "trusted_proxy_count": 1,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
        }
    return options


def _listen(host: str, port: int, workers: int) -> list[socket.socket]:
    """A socket for each process: on Linux its own, among which the system shares out connections; else one for all.

    With one for all, whichever process wakes first takes all that wait: 48 of 64 connections went to one of two.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    own = sys.platform == "linux"
    listening: list[socket.socket] = []
    if own:
        # A socket that shares its port would be let in beside another program's that does so too.
        with socket.socket(family, socket.SOCK_STREAM) as alone:
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind((host, port))
    try:
        for _ in range(workers if own else 1):
            one = socket.socket(family, socket.SOCK_STREAM)
            listening.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if sys.platform == "linux":
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            one.bind((host, port))
            one.listen(_BACKLOG)
    except OSError:
        for one in listening:
            one.close()
        raise
    return listening if own else listening * workers


def _settings(directory: Path) -> WebSettings:
    with Archive.open(directory) as archive:
        return web_settings(archive)


def _in_use(host: str, port: int, error: Exception) -> AddressInUse:
    return AddressInUse(host, port, getattr(error, "strerror", None) or str(error))


_AT_ONCE: Final = ("/healthz", "/healthz/ready")


class FairDispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Takes what waits in order, but for clients that hold their share: those wait, and hold no thread while they do.

    One more thread than is asked for answers /healthz alone. A task is a connection (`search_ui.web.server`),
    which waits here at most once; so the queue is bounded by the connections.
    """

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._threads = threads
        self._share = max(1, threads // 2)
        self._running: Counter[str | None] = Counter()
        self.set_thread_count(threads + 1)

    def handler_thread(self, thread_no: int) -> None:
        """Answers requests until stopped; run by each thread."""
        while True:
            with self.lock:
                while not self.stop_count and (task := self._take()) is None:
                    self.active_count -= 1
                    self.queue_cv.wait()
                    self.active_count += 1
                if self.stop_count:
                    self.active_count -= 1
                    self.stop_count -= 1
                    self.threads.discard(thread_no)
                    self.thread_exit_cv.notify()
                    return
                serving = task.serving  # by the time it ends the connection may wait again, for another request
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)
            finally:
                with self.lock:
                    self._running -= Counter({serving: 1})

    def add_task(self, task: Any) -> None:
        """Lets a connection wait for a thread."""
        with self.lock:
            self.queue.append(task)
            self.queue_cv.notify()

    def _take(self) -> Any:
        """The first that may run now, taken out of the queue; None where there is none."""
        full = self._running.total() - self._running[None] >= self._threads
        for at, task in enumerate(self.queue):
            client = None if task.path in _AT_ONCE else task.client
            if client is None or (not full and self._running[client] < self._share):
                del self.queue[at]
                self._running[client] += 1
                task.serving = client
                return task
        return None


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
