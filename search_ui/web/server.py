"""Serving the application with waitress, a production server in pure Python, in one process or several.

Threads are shared fairly: a client occupies at most half of them, and an extra one responds to /healthz
(`FairDispatcher`). Connections are limited per client, and closed if the client reads or writes too slowly
(`Connection`).
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
from search_ui.web.following.worker import start_worker
from search_ui.web.guard import SharedLimits
from search_ui.web.health import CounterTable
from search_ui.web.rate_limits import client_name
from search_ui.web.settings import WebSettings, web_settings

MAX_CONNECTIONS_PER_CLIENT: Final = 100
"""Open connections of one address."""

MIN_READ_RATE: Final = 4096
"""Bytes per second that a client must read, on average over `CLIENT_TIMEOUT`."""

CLIENT_TIMEOUT: Final = 30.0
"""Seconds within which a request must arrive, and a client must read something."""

_BACKLOG: Final = 1024
_PAUSE: Final = 1.0  # seconds before a process that ended is restarted
_MAX_CONNECTIONS: Final = 500  # each may have a file too, and many systems allow 1,024 descriptors per process
_MAX_HEADER_BYTES: Final = 2**16  # of a request's URL and headers: an escaped query of 10,000 letters has 60,000
_MAX_BODY_BYTES: Final = 2**16
_MAX_UNREAD: Final = 2**20  # bytes of unread responses, above which pipelined requests are dropped
_UNLIMITED: Final = 2**62

_HEALTH_PATHS: Final = ("/healthz", "/healthz/ready")
_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")


def serve(directory: Path, host: str, port: int, threads: int, *, ready: Callable[[], None] = lambda: None) -> None:
    """Serve an archive in this process until interrupted or terminated; call `ready` once the port is open.

    Raises:
        AddressInUse: another program listens there, or the address is not one of this machine.
        ArshifError: the archive cannot be opened, or its settings cannot be read.
    """
    config = {"ARCHIVE": directory, "HOST": host, "THREADS": threads}
    app, settings = create_app(config), _settings(directory)
    try:
        server = _create(app, settings, threads, host=host, port=port)
    except (OSError, ValueError) as error:
        raise _in_use(host, port, error) from error
    ready()
    _run(server, app)


def serve_many(
    directory: Path, host: str, port: int, threads: int, workers: int, *, ready: Callable[[], None] = lambda: None
) -> None:
    """Serve an archive in several processes, to use several cores; a process that ends is restarted.

    Each opens the archive itself; they share the port, the counters and the limits.

    Raises:
        WorkersUnsupported: this system has no fork().
        AddressInUse, ArshifError: as in `serve`.
    """
    if not hasattr(os, "fork"):
        raise WorkersUnsupported
    settings = _settings(directory)
    config = {
        "ARCHIVE": directory,
        "HOST": host,
        "THREADS": threads,
        "COUNTERS": CounterTable(workers),
        "LIMITS": SharedLimits(settings),
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
        for listener in listening:
            listener.close()
        for process in processes:
            os.kill(process, signal.SIGTERM)
        for process in processes:
            os.waitpid(process, 0)


class FairDispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Runs waiting requests in order, except those of clients that already occupy their share of the threads.

    One extra thread responds only to /healthz. A task is a `Connection`, which is queued at most once, so that the
    number of connections limits the queue.
    """

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._threads = threads
        self._share = max(1, threads // 2)
        self._running: Counter[str | None] = Counter()
        self.set_thread_count(threads + 1)

    def handler_thread(self, thread_no: int) -> None:
        """Process requests until stopped; the main function of each thread."""
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
                serving = task.serving  # when it ends, the connection may be queued again, for another request
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)
            finally:
                with self.lock:
                    self._running -= Counter({serving: 1})

    def add_task(self, task: Any) -> None:
        """Queue a connection."""
        with self.lock:
            self.queue.append(task)
            self.queue_cv.notify()

    def _take(self) -> Any:
        """Remove and return the first task that may run now; None if there is none."""
        full = self._running.total() - self._running[None] >= self._threads
        for at, task in enumerate(self.queue):
            client = None if task.path in _HEALTH_PATHS else task.client
            if client is None or (not full and self._running[client] < self._share):
                del self.queue[at]
                self._running[client] += 1
                task.serving = client
                return task
        return None


class RequestParser(HTTPRequestParser):  # type: ignore[misc]
    """Accepts URLs with unescaped letters (`curl '…/search?q=نفط'`), which waitress rejects.

    They are escaped as a browser would: RFC 3987, 3.1.
    """

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the request line and headers."""
        line, end, headers = header_plus.partition(b"\r\n")
        line = _NOT_ASCII.sub(lambda byte: b"%%%02X" % ord(byte[0]), line)
        if len(line) > self.adj.max_request_header_size:
            raise ParsingError("address too long")
        super().parse_header(line + end + headers)


class Connection(HTTPChannel):  # type: ignore[misc]
    """A client's connection, which occupies no thread while the client reads, and is closed if it is too slow."""

    parser_class = RequestParser
    requests: list[Any]

    def __init__(self, server: Any, sock: Any, addr: Any, adj: Any, map: Any = None) -> None:
        self.address = client_name(addr[0])
        self.serving: str | None = None  # the client that the dispatcher counts this request for
        self._trusted = adj.trusted_proxy in (addr[0], "*")
        self._since = time.monotonic()  # the time of the last progress
        self._unread = 0  # bytes not read by the client at that time
        super().__init__(server, sock, addr, adj, map=map)
        others = list(server.active_channels.values())
        if not self._trusted and sum(other.address == self.address for other in others) > MAX_CONNECTIONS_PER_CLIENT:
            self.will_close = True

    @property
    def path(self) -> str:
        """The path of the next request."""
        return getattr(self.requests[0], "path", "") if self.requests else ""

    @property
    def client(self) -> str:
        """The client of the request: the address, or through the trusted proxy the address that it forwards."""
        if self._trusted and self.requests:
            forwarded = self.requests[0].headers.get("X_FORWARDED_FOR", "")
            return client_name(forwarded.rpartition(",")[2].strip()) or self.address
        return self.address

    def service(self) -> None:
        """Process a request; with too many unread responses, drop it and close instead of occupying a thread."""
        if self.total_outbufs_len > _MAX_UNREAD:
            with self.requests_lock:
                self.close_when_flushed = True
                for request in self.requests:
                    request.close()
                self.requests = []
            self.server.pull_trigger()
        else:
            super().service()

    def readable(self) -> bool:
        """Whether to wait for input; called before `writable`, at least once per second."""
        if self._is_too_slow():
            self.handle_close()  # `will_close` would wait for the client to read
        return self.connected and bool(super().readable())

    def writable(self) -> bool:
        """Whether there is output to send, or the connection is to be closed."""
        return self.connected and bool(super().writable())

    def _is_too_slow(self) -> bool:
        """Whether the client is too slow in sending the rest of a request, or in reading a response."""
        now, unread = time.monotonic(), self.total_outbufs_len
        if not unread and (self.request is None or self.requests):
            self._since, self._unread = now, 0
        elif now - self._since > CLIENT_TIMEOUT:
            if not unread or self._unread - unread < MIN_READ_RATE * CLIENT_TIMEOUT:
                return True
            self._since, self._unread = now, unread
        elif unread > self._unread:  # a response was added
            self._since, self._unread = now, unread
        return False


def _begin(
    config: Mapping[str, Any], number: int, listening: socket.socket, settings: WebSettings, threads: int
) -> int:
    """Fork a process that serves; returns its id in the parent, and never returns in the process itself."""
    if process := os.fork():
        return process
    status = 1
    try:
        app: Flask = create_app({**config, "PROCESS": number})
        _run(_create(app, settings, threads, sockets=[listening]), app)
        status = 0
    except BaseException as error:
        print(f"arshif: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def _run(server: Any, app: Flask) -> None:
    """Run until interrupted (Ctrl-C) or terminated (SIGTERM); requests in progress are finished first."""
    threading.Thread(target=app.extensions["arshif"].load_encoder, daemon=True).start()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)
    worker = start_worker(app)
    try:
        server.run()
    finally:
        server.close()
        if worker is not None:
            worker.stop()


def _end(number: int, frame: object) -> None:
    raise SystemExit(0)


def _create(app: Flask, settings: WebSettings, threads: int, **where: Any) -> Any:
    """Create a server that listens, but does not accept connections yet."""
    server = create_server(app, _dispatcher=FairDispatcher(threads), **where, **_waitress(settings))
    # A host name may have several addresses, each with a server of its own.
    for listener in (server, *getattr(server, "map", {}).values()):
        listener.channel_class = Connection
    return server


def _waitress(settings: WebSettings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "ident": "arshif",
        "max_request_header_size": _MAX_HEADER_BYTES,
        "max_request_body_size": _MAX_BODY_BYTES,
        # Responses not read yet are buffered (above a megabyte in a file), so that a thread never waits for a client.
        "outbuf_high_watermark": _UNLIMITED,
        "channel_timeout": round(2 * CLIENT_TIMEOUT),  # of an idle connection
        "cleanup_interval": 5,
        "asyncore_use_poll": hasattr(select, "poll"),  # select() is limited to 1,024 descriptors
        "connection_limit": _MAX_CONNECTIONS,
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
    """A listening socket per process: on Linux its own, to which the kernel distributes connections; otherwise shared.

    On a shared socket, the process that wakes first accepts all waiting connections: with two, one got 48 of 64.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    own = sys.platform == "linux"
    listening: list[socket.socket] = []
    if own:
        # With SO_REUSEPORT, binding succeeds even if another program listens with it: check without it first.
        with socket.socket(family, socket.SOCK_STREAM) as exclusive:
            exclusive.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            exclusive.bind((host, port))
    try:
        for _ in range(workers if own else 1):
            listener = socket.socket(family, socket.SOCK_STREAM)
            listening.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if sys.platform == "linux":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind((host, port))
            listener.listen(_BACKLOG)
    except OSError:
        for listener in listening:
            listener.close()
        raise
    return listening if own else listening * workers


def _settings(directory: Path) -> WebSettings:
    with Archive.open(directory) as archive:
        return web_settings(archive)


def _in_use(host: str, port: int, error: Exception) -> AddressInUse:
    return AddressInUse(host, port, getattr(error, "strerror", None) or str(error))
