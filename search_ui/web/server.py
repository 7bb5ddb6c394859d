"""Serving the page by waitress, a production server in pure Python: in this process or in several."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from flask import Flask
from waitress.server import create_server

from corpus import Archive
from search_ui.errors import AddressInUse, WorkersUnsupported
from search_ui.web.app import create_app
from search_ui.web.connection import PATIENCE, Connection
from search_ui.web.dispatcher import FairDispatcher
from search_ui.web.guard import Guards
from search_ui.web.metrics import Board
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
