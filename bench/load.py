"""How many searches a second the server answers, and how long each waits: the real server, asked from this process.

    python -m bench load ARCHIVE [--workers 2] [--threads 4] [--seconds 10] [--requests 100000]

Queries are made of two or three neighbouring words of the archive's headlines, in a fixed order. Each connection is
kept open and asks again when it has its answer (a closed loop). With `--requests` so many more are asked and the server's
memory is read on the way; meanwhile articles are added, indexed, and the whole index is built anew.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from corpus import Archive, make_article
from indexer import rebuild_index, update_index

CONNECTIONS = (1, 8, 64)
PATHS = {"API": "/api/v1/search?q={}", "page": "/search?q={}"}
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
    """Words that stand together in headlines, the same at every run."""
    chance = random.Random(1)
    titles = [article.title.split() for article in archive.articles()]
    found = []
    while len(found) < number:
        words = chance.choice(titles)
        if len(words) >= 3:
            start = chance.randrange(len(words) - 2)
            found.append(" ".join(words[start : start + chance.choice((2, 3))]))
    return found


async def ask(host: str, port: int, paths: itertools.cycle[str], measured: Measured, more: object) -> None:
    """One connection: asks until `more()` is false."""
    reader = writer = None
    while more():  # type: ignore[operator]
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


async def run(port: int, paths: list[str], connections: int, seconds: float, requests: int | None = None) -> Measured:
    measured = Measured()
    end = time.perf_counter() + seconds

    def more() -> bool:
        return len(measured.seconds) < requests if requests else time.perf_counter() < end

    cycle = itertools.cycle(paths)
    await asyncio.gather(*(ask("127.0.0.1", port, cycle, measured, more) for _ in range(connections)))
    return measured


def processes(parent: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    return [parent, *map(int, children.read_text().split() if children.exists() else ())]


def megabytes(parent: int) -> float:
    """Memory of the server's processes that is not of mapped files."""
    total = 0
    for process in processes(parent):
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))
    return total / 1024


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
    """Many requests, while the archive grows and its index is built anew; the memory every tenth of them."""

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
            measured = await run(port, paths, 8, 0, requests // 10)
            memory = megabytes(server)
            print(
                f"   {(tenth + 1) * requests // 10:8,} {measured.line(time.perf_counter() - began)}   {memory:6.0f} MB",
                flush=True,
            )
        await growing

    asyncio.run(both())


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench load", description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--requests", type=int, default=0, help="for memory; changes the archive")
    given = parser.parse_args(arguments)
    port = free_port()
    with Archive.open(given.archive) as archive:
        asked = queries(archive)
        server = subprocess.Popen(
            [
                *(sys.executable, "-c", SERVE, "--archive", given.archive, "serve", "--port", str(port)),
                *("--workers", str(given.workers), "--threads", str(given.threads)),
            ],
            stdout=subprocess.DEVNULL,
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        )
        try:
            wait(port)
            print(f"{archive.article_count():,} articles, {given.workers} processes of {given.threads} threads")
            for name, path in PATHS.items():
                paths = [path.format(quote(query)) for query in asked]
                asyncio.run(run(port, paths, 2, 0, len(paths)))  # each query once, untimed
                for connections in CONNECTIONS:
                    began = time.perf_counter()
                    measured = asyncio.run(run(port, paths, connections, given.seconds))
                    print(
                        f"{name:5} {connections:3} connections {measured.line(time.perf_counter() - began)}", flush=True
                    )
            print(f"memory {megabytes(server.pid):,.0f} MB", flush=True)
            if given.requests:
                endure(
                    port, server.pid, [PATHS["API"].format(quote(query)) for query in asked], given.requests, archive
                )
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
