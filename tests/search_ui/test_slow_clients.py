"""Clients that read slowly, send many requests or open many connections do not block others."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from corpus import Archive, make_article
from indexer import update_index
from search_ui.web import create_app, server
from search_ui.web.exports import ExportLimits, ExportsBusy, FileTooLarge
from search_ui.web.server import FairDispatcher
from search_ui.web.settings import WebSettings
from tests.search_ui.test_serving import Server

pytestmark = pytest.mark.slow

SIZE = 30  # megabytes of an export: more than the system's and waitress's buffers of a connection
SOON = 10.0


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a large export that is written quickly."""
    directory = tmp_path_factory.mktemp("slow") / "archive"
    with Archive.create(directory) as archive:
        for number in range(SIZE):
            archive.add(make_article(id=f"a{number}", title=f"خبر {number}", paragraphs=["زلزال", "…" * (2**20 // 3)]))
        update_index(archive)
    return directory


@pytest.fixture
def served(directory: Path) -> Iterator[Server]:
    served = Server(directory)
    try:
        served.wait_until_it_answers()
        yield served
    finally:
        served.process.kill()
        served.process.communicate()


def connect(address: str) -> socket.socket:
    """A client's connection with a small receive buffer."""
    host, port = address.removeprefix("http://").split(":")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(SOON)
    client.connect((host, int(port)))
    return client


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


@pytest.mark.parametrize("asked", [1, 3], ids=["one file each", "three on one connection"])
def test_slow_readers_of_files_hold_no_thread(served: Server, asked: int) -> None:
    with ExitStack() as open_ones:
        for _ in range(8):
            client = open_ones.enter_context(connect(served.address))
            client.sendall(get("/search.csv?q=زلزال") * asked)
        time.sleep(3)
        for path in ("/healthz", "/search?q=x", "/"):
            with urlopen(served.address + path, timeout=SOON) as answer:
                assert answer.status == 200


def test_a_busy_connection_leaves_threads_to_others(served: Server) -> None:
    # A client's share is counted by request, and a connection is queued again before its last request is done.
    for source in ("127.0.0.2", "127.0.0.3") if sys.platform == "linux" else ("127.0.0.1",):
        host, port = served.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), SOON, (source, 0)) as client:
            for _ in range(20):
                client.sendall((get("/api/v1/status") + get("/healthz")) * 5)
                answered = 0
                while answered < 10:
                    answered += client.recv(2**16).count(b"HTTP/1.1 200")
    for path in ("/", "/healthz"):
        with urlopen(served.address + path, timeout=SOON) as answer:
            assert answer.status == 200


def test_a_file_arrives_whole_with_its_size_while_others_read_slowly(served: Server) -> None:
    with connect(served.address) as slow:
        slow.sendall(get("/search.csv"))
        with urlopen(served.address + "/search.jsonl", timeout=60) as answer:
            data = answer.read()
        assert int(answer.headers["Content-Length"]) == len(data) > SIZE * 2**20
        assert data.count(b"\n") == SIZE + 1
        # The slow client gets the rest when it continues to read.
        received = slow.recv(2**16)
        length = int(received.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
        body = len(received.partition(b"\r\n\r\n")[2])
        while body < length:
            body += len(slow.recv(2**20))
        assert body == length


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n" + b"x" * 0x20000, b"413"),
        (b"GET /?" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 10_000 + b"\r\n", b"431"),
        (b"GET /?" + b"\xd8" * 30_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
    ],
    ids=["a gigabyte", "a body with a GET", "chunked", "a long address", "many headers", "long when escaped"],
)
def test_a_request_over_the_size_limit_is_refused(served: Server, head: bytes, status: bytes) -> None:
    with connect(served.address) as client:
        client.sendall(head)
        assert client.recv(64).split(b" ")[1] == status


def test_connections_of_one_address_are_bounded(served: Server) -> None:
    with ExitStack() as open_ones:
        clients = [
            open_ones.enter_context(connect(served.address)) for _ in range(server.MAX_CONNECTIONS_PER_CLIENT + 20)
        ]
        time.sleep(1)
        for client in clients:
            client.setblocking(False)
        assert sum(_is_closed(client) for client in clients) >= 20
        if sys.platform == "linux":  # on other systems, 127.0.0.2 is not an address of the machine
            port = int(served.address.rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), SOON, ("127.0.0.2", 0)) as other:
                other.sendall(get("/healthz"))
                assert other.recv(64).startswith(b"HTTP/1.1 200")


def _is_closed(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


@pytest.fixture
def impatient(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    """A server in this process with a timeout of one second; its address and application."""
    monkeypatch.setattr(server, "CLIENT_TIMEOUT", 1.0)
    app = create_app({"ARCHIVE": directory, "THREADS": 4})
    running = server._create(app, WebSettings(), 4, host="127.0.0.1", port=0)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.effective_port}", app
    running.close()
    running.task_dispatcher.shutdown()


def until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + SOON
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def test_a_client_below_the_minimum_rate_is_disconnected_and_its_file_deleted(impatient: tuple[str, Any]) -> None:
    address, app = impatient
    limits: ExportLimits = app.extensions["arshif.export_limits"]
    with connect(address) as client:
        client.sendall(get("/search.csv"))
        assert until(lambda: limits._bytes > SIZE * 2**20)
        assert until(lambda: limits._bytes == 0)
        assert limits._clients.total() == limits._writing == 0


@pytest.mark.parametrize("sent", [b"", b"GET / HT", get("/healthz") + b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx"])
def test_an_incomplete_request_times_out(
    impatient: tuple[str, Any], sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(impatient[0]) as client:
        client.sendall(sent)
        if not sent:  # no request yet, as between two requests
            time.sleep(1.5)
            client.sendall(get("/healthz"))
            assert client.recv(64).startswith(b"HTTP/1.1 200")
            return
        while client.recv(2**16):
            pass


def test_behind_the_trusted_proxy_clients_are_the_forwarded_addresses(directory: Path) -> None:
    app = create_app({"ARCHIVE": directory, "THREADS": 4})
    running = server._create(app, WebSettings(trusted_proxy="127.0.0.1"), 4, host="127.0.0.1", port=0)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    seen: list[str] = []
    add_task = running.task_dispatcher.add_task
    running.task_dispatcher.add_task = lambda task: (seen.append(task.client), add_task(task))
    try:
        with ExitStack() as open_ones:
            address = f"http://127.0.0.1:{running.effective_port}"
            clients = [open_ones.enter_context(connect(address)) for _ in range(server.MAX_CONNECTIONS_PER_CLIENT + 10)]
            for client, named in zip(clients, ("192.0.2.1", "evil, 2001:db8:1:2::9", ""), strict=False):
                client.sendall(f"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {named}\r\n\r\n".encode())
                assert client.recv(64).startswith(b"HTTP/1.1 200")
            for client in clients[3:]:
                client.setblocking(False)
            assert not any(_is_closed(client) for client in clients[3:])
        assert seen == ["192.0.2.1", "2001:db8:1:2::/64", "127.0.0.1"]
    finally:
        running.close()
        running.task_dispatcher.shutdown()


class Task:
    """A request that ends when the test says so."""

    serving: str | None = None

    def __init__(self, client: str, path: str = "/search") -> None:
        self.client, self.path = client, path
        self.began, self.may_end = threading.Event(), threading.Event()

    def service(self) -> None:
        self.began.set()
        self.may_end.wait(SOON)

    def cancel(self) -> None: ...


def test_one_client_holds_half_of_the_threads_and_health_waits_for_none() -> None:
    dispatcher = FairDispatcher(4)
    greedy = [Task("192.0.2.1") for _ in range(10)]
    others = [Task(f"192.0.2.{number}") for number in (2, 3, 4)]
    health = Task("192.0.2.1", "/healthz")
    for task in (*greedy, *others, health):
        dispatcher.add_task(task)
    try:
        assert health.began.wait(SOON)
        assert others[0].began.wait(SOON)
        assert others[1].began.wait(SOON)
        time.sleep(0.1)
        assert [task.began.is_set() for task in (*greedy[:3], others[2])] == [True, True, False, False]
        greedy[0].may_end.set()  # a thread is free, and the client is below its share again
        assert greedy[2].began.wait(SOON)
        others[0].may_end.set()  # the client has its share
        assert others[2].began.wait(SOON)
        assert not greedy[3].began.is_set()
    finally:
        for task in (*greedy, *others, health):
            task.may_end.set()
        assert until(lambda: all(task.began.is_set() for task in greedy))
        dispatcher.shutdown()


def test_exports_are_limited_and_closed_files_are_released() -> None:
    limits = ExportLimits(writers=2, max_bytes=100)
    first, second = limits.open("a"), limits.open("a")
    with pytest.raises(ExportsBusy):
        limits.open("b")  # it would occupy a third thread
    first.write(b"x" * 60)
    with pytest.raises(FileTooLarge):
        first.write(b"x" * 41)
    first.finish()
    second.finish()
    third, fourth = limits.open("a"), limits.open("a")
    for file in (third, fourth):
        file.finish()
    with pytest.raises(ExportsBusy):
        limits.open("a")  # four files of one client are being sent
    full = [limits.open("b") for _ in range(2)]
    for file in full:
        file.write(b"x" * 100)
        file.finish()
    last = limits.open("b")
    last.write(b"x" * 100)
    with pytest.raises(ExportsBusy):
        limits.open("b").write(b"x" * 100)  # more than four times the maximum size in total
    for file in (first, second, third, fourth, *full, last):
        file.close()
        file.close()
    assert (limits._writing, limits._bytes, limits._clients.total()) == (0, 0, 0)
