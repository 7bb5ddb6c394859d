from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from corpus import Archive, make_article
from indexer import update_index
from search_ui.command.cli import cli
from tests.conftest import COMMAND, ROOT
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import Site, found

pytestmark = pytest.mark.slow


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        fill(opened)
        update_index(opened)
        yield opened


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class Server:
    """`arshif serve` as a process of its own."""

    def __init__(self, directory: Path) -> None:
        self.address = f"http://127.0.0.1:{(port := free_port())}"
        self.process = subprocess.Popen(
            [*COMMAND, "--archive", str(directory), "serve", "--port", str(port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def wait_until_it_answers(self) -> None:
        while self.process.poll() is None:
            try:
                urlopen(f"{self.address}/healthz").close()
                return
            except URLError:
                time.sleep(0.05)
        raise AssertionError(self.process.communicate())

    def page(self, path: str) -> BeautifulSoup:
        with urlopen(self.address + path) as answer:
            return BeautifulSoup(answer.read(), "html.parser")

    def search(self, query: str) -> list[str]:
        return found(self.page("/search?" + urlencode({"q": query})))


@pytest.fixture
def server(archive: Archive) -> Iterator[Server]:
    server = Server(archive.directory)
    try:
        server.wait_until_it_answers()
        yield server
    finally:
        server.process.kill()
        server.process.communicate()


def add_in_another_process(directory: Path, line: dict[str, str]) -> None:
    subprocess.run(
        [*COMMAND, "--archive", str(directory), "add", "-"],
        cwd=ROOT,
        input=json.dumps(line).encode(),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )


def test_what_another_process_adds_is_found_without_a_restart(archive: Archive, server: Server) -> None:
    assert server.search("زلزال") == ["iran"]
    add_in_another_process(archive.directory, {"id": "new", "title": "هزات بعد الزلزال", "text": "هزات ارتدادية."})
    assert set(server.search("زلزال")) == {"iran", "new"}
    assert server.page("/article/new").select("h1")[0].get_text() == "هزات بعد الزلزال"
    add_in_another_process(archive.directory, {"id": "new", "title": "هزات بعد بركان", "text": "هزات ارتدادية."})
    assert server.search("زلزال") == ["iran"]
    assert server.search("بركان") == ["new"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_stops_the_server_silently(archive: Archive, server: Server) -> None:
    server.search("زلزال")
    server.process.send_signal(signal.SIGINT)
    printed, errors = server.process.communicate()
    assert server.process.returncode == 0
    assert errors == b""
    assert printed.decode().splitlines() == [
        f"serving {archive.directory} at {server.address} (press Ctrl-C to stop)",
    ]


def asked(server: Server, target: bytes, name: bytes = b"localhost") -> bytes:
    """The server's response, byte for byte, to a request with this target and host name."""
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"GET %b HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % (target, name))
        return connection.makefile("rb").read()


def test_unescaped_letters_in_an_address_are_accepted(server: Server) -> None:
    answer = asked(server, "/search?q=زلزال".encode())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert found(BeautifulSoup(answer.partition(b"\r\n\r\n")[2], "html.parser")) == ["iran"]
    assert asked(server, "/مقال".encode()).startswith(b"HTTP/1.1 404 ")
    assert asked(server, b"/search?q=\xff").startswith(b"HTTP/1.1 200 ")  # no letters of any alphabet
    assert asked(server, b"/search?q=a\xe2\x80\x8e b").startswith(b"HTTP/1.0 400 ")  # a space ends an address


def test_dns_rebinding_is_rejected(server: Server) -> None:
    for name in (b"LOCALHOST:8000", b"127.0.0.1", b"[::1]:80"):
        assert asked(server, b"/search?q=", name).startswith(b"HTTP/1.1 200 ")
    for name in (b"evil.example", b"evil.example:8000", b"127.0.0.1.evil.example", b"", b"a b"):
        answer = asked(server, b"/search?q=", name)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"iran" not in answer
        assert b"Content-Security-Policy: default-src 'none'" in answer
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert b" 200 " in connection.makefile("rb").readline()


def test_ten_thousand_letters_arrive(server: Server) -> None:
    page = server.page("/search?" + urlencode({"q": "ز" * 10_000}))
    assert set(page.select_one("#q")["value"]) == {"ز"}  # type: ignore[index]


def test_an_address_longer_than_the_server_takes_is_refused_and_the_next_is_answered(server: Server) -> None:
    with pytest.raises(OSError):  # noqa: PT011  # a status where it comes through before the connection is cut, or none
        server.search("ز" * 100_000)
    assert server.search("زلزال") == ["iran"]


@pytest.mark.parametrize("host", ["127.0.0.1", "no.such.host.invalid"])
def test_an_address_in_use_is_reported_in_one_line(archive: Archive, host: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(
            cli, ["--archive", str(archive.directory), "serve", "--host", host, "--port", str(port)]
        )
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"arshif: cannot listen on {host}:{port}: ")


def test_searches_run_in_every_thread_while_the_index_grows(archive: Archive) -> None:
    site = Site(archive)
    done = threading.Event()

    def ask() -> list[int]:
        client = site.client.application.test_client()
        statuses = []
        while not done.is_set() or not statuses:
            for where in ("/search?q=زلزال", "/search?sort=oldest&source=الغد", "/article/iran?q=زلزال", "/"):
                statuses.append(client.get(where).status_code)
        return statuses

    with ThreadPoolExecutor(4) as threads, Archive.open(archive.directory) as writing:
        asked = [threads.submit(ask) for _ in range(4)]
        try:
            for number in range(20):
                writing.add(make_article(id=f"new-{number}", title="زلزال جديد", paragraphs=[f"الزلزال رقم {number}."]))
                update_index(writing)
        finally:
            done.set()
    assert {status for answers in asked for status in answers.result()} == {200}
    assert site.search("زلزال").select_one("#count").get_text().startswith("21 نتيجة")  # type: ignore[union-attr]
