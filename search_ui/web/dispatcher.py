"""Which request a thread takes next: one client holds at most half of the threads, and /healthz waits for none."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from waitress.task import ThreadedTaskDispatcher

_AT_ONCE: Final = ("/healthz", "/healthz/ready")


class FairDispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Takes what waits in order, but for clients that hold their share: those wait, and hold no thread while they do.

    One more thread than is asked for answers /healthz alone. A task is a connection (`search_ui.web.connection`),
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
