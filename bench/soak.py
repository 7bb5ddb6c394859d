"""Soak test of the server (`bench load --soak`): honest, slow and hostile clients while the archive is written to.

Each kind of client uses addresses of its own (Linux routes all of 127.0.0.0/8 to this machine).
"""

from __future__ import annotations

import asyncio
import itertools
import random
import socket
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from bench.load import megabytes, processes
from corpus import Archive, make_article
from indexer import rebuild_index, update_index

CLIENTS: Final = 8
SLOW: Final = 6
TIMEOUT: Final = 30.0  # seconds, after which an honest client counts an error

_COSTLY: Final = (
    "/search?q={}&size=100&group=false",
    "/search?q=" + "%20".join(quote(f"كلمه{letter}~") for letter in "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"),
    "/search?q=" + quote("*ا*") + "&forms=root",
    "/compare?q={}&q=" + quote("*ل*") + "&q=" + quote("كتب~"),
    "/search.jsonl?q={}&match=any&forms=root",
    "/api/v1/search?q={}&limit=100&group=false&facets=true",
    "/search?q={}&" + "&".join(f"source={number}" for number in range(4000)),
    "/search?" + "&".join(f"x{number}=y" for number in range(4000)),
    "/search?q=" + quote("ز" * 10_000) + "&match=any",
)
_BROKEN: Final = (
    b"\x00\xff" * 1000,
    b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 100_000,
    b"GET /search.csv HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50,
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
)


class Soak:
    """One server, all kinds of clients, and its responses by kind and status."""

    def __init__(self, port: int, server: int, queries: list[str], archive: Archive) -> None:
        self._port = port
        self._server = server
        self._queries = [quote(query) for query in queries]
        self._archive = archive
        self._answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._seconds: list[float] = []  # of honest searches
        self._health: list[float] = []
        self._end = 0.0

    async def run(self, seconds: float) -> None:
        """Runs for a number of seconds; prints a report every tenth of them."""
        self._end = time.monotonic() + seconds
        kinds: list[Coroutine[Any, Any, None]] = [self._search(number) for number in range(CLIENTS)]
        kinds += [self._read_slowly(number) for number in range(SLOW)]
        kinds += [self._again("costly", self._ask_costly), self._again("costly", self._ask_costly)]
        kinds += [self._again("broken", self._send_broken), self._again("health", self._ask_health), self._write()]
        tasks = [asyncio.create_task(kind) for kind in kinds]
        began = time.monotonic()
        for tenth in range(1, 11):
            await asyncio.sleep(max(0.0, began + seconds * tenth / 10 - time.monotonic()))
            self._report(time.monotonic() - began)
        await asyncio.gather(*tasks)
        faults = {
            (kind, status): count
            for kind, statuses in self._answers.items()
            for status, count in statuses.items()
            if status.startswith("5") and status != "503"
        }
        print(f"statuses from 500 on but 503: {faults or 'none'}", flush=True)

    async def _search(self, number: int) -> None:
        paths = itertools.cycle(self._queries[number::CLIENTS])
        while self._goes_on():
            path = next(paths)
            address = f"/search?q={path}" if number % 2 else f"/api/v1/search?q={path}"
            began = time.perf_counter()
            self._answers["search"][await self._status(f"127.0.1.{number + 1}", address)] += 1
            self._seconds.append(time.perf_counter() - began)
            await asyncio.sleep(0.05)

    async def _read_slowly(self, number: int) -> None:
        """Downloads for a minute, then again: a kilobyte per second, or, every other client, nothing."""
        while self._goes_on():
            try:
                reader, writer = await self._connect(f"127.0.2.{number // 2 + 1}", received=4096)
                writer.write(b"GET /search.csv HTTP/1.1\r\nHost: localhost\r\n\r\n" * (number % 3 + 1))
                head = await asyncio.wait_for(reader.read(1024), 2 * TIMEOUT)
                self._answers["slow"][head[9:12].decode() or "closed"] += 1
                for _ in range(60 if head[9:12] == b"200" else 0):
                    if not self._goes_on() or not (number % 2 or await asyncio.wait_for(reader.read(1024), 5)):
                        break
                    await asyncio.sleep(1)
                writer.transport.abort()
            except (OSError, TimeoutError):
                self._answers["slow"]["cut off"] += 1
            await asyncio.sleep(0.5)

    async def _ask_costly(self) -> str:
        path = random.choice(_COSTLY).format(random.choice(self._queries))
        return await self._status("127.0.3.1", path)

    async def _send_broken(self) -> str:
        try:
            reader, writer = await self._connect("127.0.4.1")
            writer.write(random.choice(_BROKEN))
            head = await asyncio.wait_for(reader.read(1024), 2)
            writer.close()
        except TimeoutError:
            return "no answer"
        except OSError:
            return "closed"
        return head[9:12].decode() or "closed"

    async def _ask_health(self) -> str:
        began = time.perf_counter()
        status = await self._status("127.0.3.1", "/healthz")
        self._health.append(time.perf_counter() - began)
        return status

    async def _again(self, kind: str, ask: Callable[[], Coroutine[Any, Any, str]]) -> None:
        while self._goes_on():
            self._answers[kind][await ask()] += 1
            await asyncio.sleep(0.2)

    async def _write(self) -> None:
        """Adds and indexes every few seconds; rebuilds the index twice."""
        reindex = [time.monotonic() + (self._end - time.monotonic()) * share for share in (0.3, 0.7)]
        for number in itertools.count():
            if not self._goes_on():
                return
            self._archive.add(make_article(id=f"soak-{number}-{time.time_ns()}", title="خبر جديد", paragraphs=["نص"]))
            await asyncio.to_thread(update_index, self._archive)
            self._answers["writer"]["commits"] += 1
            if reindex and time.monotonic() > reindex[0]:
                reindex.pop(0)
                await asyncio.to_thread(rebuild_index, self._archive)
                self._answers["writer"]["reindexes"] += 1
            await asyncio.sleep(5)

    async def _status(self, source: str, path: str) -> str:
        try:
            reader, writer = await self._connect(source)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            data = await asyncio.wait_for(reader.read(1024), TIMEOUT)
            while await asyncio.wait_for(reader.read(2**20), TIMEOUT):
                pass
            writer.close()
        except TimeoutError:
            return "no answer"
        except OSError:
            return "closed"
        return data[9:12].decode() or "closed"

    async def _connect(
        self, source: str, received: int | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        client = socket.socket()
        client.setblocking(False)
        if received:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received)
        client.bind((source, 0))
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", self._port)), TIMEOUT)
        return await asyncio.open_connection(sock=client, limit=4096 if received else 2**16)

    def _goes_on(self) -> bool:
        return time.monotonic() < self._end

    def _report(self, seconds: float) -> None:
        counts = "; ".join(
            f"{kind} " + ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items()))
            for kind, statuses in sorted(self._answers.items())
        )
        p50, p99 = _quantiles(self._seconds)
        print(
            f"{seconds:6.0f} s  {megabytes(self._server):5.0f} MB  {_files(self._server):4} files"
            f"  search p50 {p50:.0f} ms p99 {p99:.0f} ms  health at most {max(self._health, default=0) * 1000:.0f} ms"
            f"\n          {counts}",
            flush=True,
        )
        self._seconds.clear()
        self._health.clear()


def _quantiles(seconds: list[float]) -> tuple[float, float]:
    times = sorted(seconds) or [0.0]
    return times[len(times) // 2] * 1000, times[min(len(times) - 1, int(len(times) * 0.99))] * 1000


def _files(parent: int) -> int:
    """Open files of the server's processes."""
    return sum(len(list(Path(f"/proc/{process}/fd").iterdir())) for process in processes(parent))
