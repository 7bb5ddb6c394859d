"""Load test: the throughput and latency of the real server, with this process as the client.

    ./run bench load ARCHIVE [--workers 2] [--threads 4] [--seconds 10] [--distinct] [--requests 100000]
    ./run bench load ARCHIVE --soak SECONDS

Queries are two or three adjacent words of the archive's headlines, in a fixed order. Each connection is kept alive and
sends its next request when it has the response (a closed loop). `--requests` sends that many more and samples the
server's memory, while articles are added and indexed and the whole index is rebuilt.

`--soak` does nothing else: for that many seconds eight clients search, others read files slowly or not at all, send the
most expensive requests or malformed ones, and a writer adds and indexes. It prints the responses by kind of client
every tenth of the time; no status above 500 except 503 is expected. The archive is written to: use a copy.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from corpus import Archive, make_article
from indexer import rebuild_index, update_index

CONNECTIONS = (1, 8, 64)
PATHS = {"API": "/api/v1/search?q={}", "page": "/search?q={}"}
ROOT = Path(__file__).parent.parent
SERVE = "from search_ui.command import main; main()"


@dataclass
class Measured:
    seconds: list[float] = field(default_factory=list)
    errors: int = 0

    def line(self, wall: float) -> str:
        times = sorted(self.seconds)
        p50, p95, p99 = (times[min(len(times) - 1, int(len(times) * share))] * 1000 for share in (0.5, 0.95, 0.99))
        rate = len(times) / wall
        return f"{rate:8.0f}/s   p50 {p50:7.1f} ms   p95 {p95:7.1f} ms   p99 {p99:7.1f} ms   errors {self.errors}"


def queries(archive: Archive, number: int = 2000) -> list[str]:
    """Adjacent words of headlines, the same in every run."""
    chance = random.Random(1)
    titles = [article.title.split() for article in archive.articles()]
    found = []
    while len(found) < number:
        words = chance.choice(titles)
        if len(words) >= 3:
            start = chance.randrange(len(words) - 2)
            found.append(" ".join(words[start : start + chance.choice((2, 3))]))
    return found


async def ask(host: str, port: int, paths: Iterator[str], measured: Measured, more: Callable[[], bool]) -> None:
    """One connection: sends requests until `more()` is false."""
    reader = writer = None
    while more():
        request = f"GET {next(paths)} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        began = time.perf_counter()
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection(host, port)
            writer.write(request)
            status, length, closes = 0, 0, False
            head = await reader.readuntil(b"\r\n\r\n")  # type: ignore[union-attr]
            status = int(head[9:12])
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line[15:])
                closes = closes or line == b"connection: close"
            await reader.readexactly(length)  # type: ignore[union-attr]
        except (OSError, asyncio.IncompleteReadError):
            measured.errors += 1
            writer = None
            await asyncio.sleep(0.05)
            continue
        measured.seconds.append(time.perf_counter() - began)
        measured.errors += status != 200
        if closes:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


async def run(
    port: int, paths: Iterator[str], connections: int, seconds: float, requests: int | None = None
) -> Measured:
    measured = Measured()
    end = time.perf_counter() + seconds

    def more() -> bool:
        return len(measured.seconds) < requests if requests else time.perf_counter() < end

    await asyncio.gather(*(ask("127.0.0.1", port, paths, measured, more) for _ in range(connections)))
    return measured


def processes(parent: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    return [parent, *map(int, children.read_text().split() if children.exists() else ())]


def megabytes(parent: int) -> float:
    """Memory of the server's processes that is not mapped from files."""
    total = 0
    for process in processes(parent):
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))
    return total / 1024


def processor_seconds(parent: int) -> float:
    """CPU seconds used by the server's processes so far: unlike latencies, they hardly depend on other load."""
    total = 0
    for process in processes(parent):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def wait(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def endure(port: int, server: int, paths: list[str], requests: int, archive: Archive) -> None:
    """Sends requests while the archive grows and its index is rebuilt; prints the memory after every tenth of them."""

    async def grow() -> None:
        for number in range(3):
            await asyncio.sleep(2)
            archive.add(make_article(id=f"load-{number}-{time.time_ns()}", title="خبر جديد", paragraphs=["نص"]))
            await asyncio.to_thread(update_index, archive)
        await asyncio.to_thread(rebuild_index, archive)
        print("   meanwhile: 3 commits and a reindex", flush=True)

    async def both() -> None:
        growing = asyncio.create_task(grow())
        for tenth in range(10):
            began = time.perf_counter()
            measured = await run(port, itertools.cycle(paths), 8, 0, requests // 10)
            memory = megabytes(server)
            print(
                f"   {(tenth + 1) * requests // 10:8,} {measured.line(time.perf_counter() - began)}   {memory:6.0f} MB",
                flush=True,
            )
        await growing

    asyncio.run(both())


def run_benchmark(
    archive: Path, workers: int, threads: int, seconds: float, requests: int, distinct: bool, soak: float = 0
) -> None:
    """Starts a server and sends it requests; see the module's docstring."""
    port = free_port()
    with Archive.open(archive) as opened:
        asked = queries(opened)
        # With `distinct` no URL is requested twice, so that no response is cached.
        numbers = itertools.count()
        arguments = ["--port", str(port), "--workers", str(workers), "--threads", str(threads)]
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, "--archive", archive, "serve", *arguments],
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        try:
            wait(port)
            print(f"{opened.article_count():,} articles, {workers} processes of {threads} threads", flush=True)
            if soak:
                from bench.soak import Soak  # it imports this module

                asyncio.run(Soak(port, server.pid, asked, opened).run(soak))
                return
            for name, path in PATHS.items():
                paths = [path.format(quote(query)) for query in asked]
                asyncio.run(run(port, iter(paths * 2), 2, 0, len(paths)))  # each query once, not timed
                for connections in CONNECTIONS:
                    if distinct:
                        addresses = (f"{one}%20-{next(numbers)}x" for one in itertools.cycle(paths))
                    else:
                        addresses = itertools.cycle(paths)
                    began, used = time.perf_counter(), processor_seconds(server.pid)
                    measured = asyncio.run(run(port, addresses, connections, seconds))
                    wall = time.perf_counter() - began
                    each = (processor_seconds(server.pid) - used) / max(1, len(measured.seconds)) * 1000
                    print(f"{name:5}{connections:3} open {measured.line(wall)}   processor {each:.1f} ms", flush=True)
            print(f"memory {megabytes(server.pid):,.0f} MB", flush=True)
            if requests:
                endure(port, server.pid, [PATHS["API"].format(quote(query)) for query in asked], requests, opened)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
