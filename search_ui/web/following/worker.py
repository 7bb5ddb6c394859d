"""Delivery in the background of a server: a thread of its first process, unless `[follow] worker = false`.

It looks every few seconds for what is due, and at once when a reader follows a search, so that the confirming mail
arrives while they wait for it. `arshif alert --deliver` may run at the same time: one process delivers.
"""

from __future__ import annotations

import logging
import threading
from time import time
from typing import Final

from flask import Flask

from corpus import ArshifError
from search_ui.access.desks import can_store_desks, desks_path
from search_ui.hints import with_hint
from search_ui.web.following.delivery import deliver
from search_ui.web.following.settings import Following
from search_ui.web.served_archive import ServedArchive

PAUSE: Final = 15.0
"""Seconds between two looks."""

_STOP: Final = 5.0  # seconds that a delivery in progress gets when the server stops

_log = logging.getLogger("search_ui.web")


class Worker:
    """Delivers what is due until it is stopped."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._served: ServedArchive = app.extensions["arshif"]
        self._following: Following = app.extensions["arshif.following"]
        self._woken = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="arshif-delivery", daemon=True)
        app.extensions["arshif.wake_worker"] = self._woken.set
        self._thread.start()

    def stop(self) -> None:
        """Stop, after the delivery in progress if that does not take long; if it does, it is repeated later."""
        self._stopped = True
        self._woken.set()
        self._thread.join(_STOP)

    def _run(self) -> None:
        while not self._stopped:
            try:
                self._deliver()
            except ArshifError as error:
                _log.error("delivery: %s", with_hint(error))
            except Exception:
                # Without this, a bug would silently end all deliveries until the server is restarted.
                _log.exception("delivery failed")
            self._woken.wait(PAUSE)
            self._woken.clear()

    def _deliver(self) -> None:
        archive = self._served.archive
        if not desks_path(archive).exists():
            return
        report = deliver(self._app, archive, lambda: self._served.searcher, self._following, time())
        for name, reason in report.failures if report else ():
            _log.warning("delivery of %s failed: %s", name, reason)


def start_worker(app: Flask) -> Worker | None:
    """Start the worker of a server, if this process is to deliver."""
    following: Following = app.extensions["arshif.following"]
    first = app.config.get("PROCESS", 0) == 0
    if not (first and following.delivers and following.follow.worker):
        return None
    served: ServedArchive = app.extensions["arshif"]
    if not can_store_desks(served.archive):
        app.logger.warning("the archive is read-only: nothing is delivered to readers")
        return None
    return Worker(app)
