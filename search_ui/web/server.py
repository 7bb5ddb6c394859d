"""Serving the page by waitress, a production server in pure Python."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from waitress.server import create_server

from search_ui.errors import AddressInUse


def serve(app: Flask, host: str, port: int, threads: int, *, ready: Callable[[], None] = lambda: None) -> None:
    """Serves until interrupted; calls `ready` once the port is open.

    Raises:
        AddressInUse: something else listens there, or the address is not this machine's.
    """
    try:
        server = create_server(app, host=host, port=port, threads=threads, ident="arshif")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AddressInUse(host, port, reason) from error
    ready()
    try:
        server.run()
    finally:
        server.close()
