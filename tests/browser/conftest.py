"""A real browser against a real server over an archive of the seeds."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.conftest import COMMAND, ROOT

SECONDS_TO_START = 60
# Without a proxy, even if the environment sets one.
HTTP = build_opener(ProxyHandler({}))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium: Playwright's own or the system's. Without either, tests are skipped with the reason."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    trial = subprocess.run(
        [sys.executable, "-m", "playwright", "--version"], capture_output=True, text=True, check=False
    )
    if trial.returncode:
        pytest.skip(f"Playwright does not run here: {trial.stderr.strip().splitlines()[-1]}")
    with playwright.sync_playwright() as driver:
        own = Path(driver.chromium.executable_path)
        path = str(own) if own.exists() else next(filter(None, map(shutil.which, BROWSERS)), None)
        if path is None:
            pytest.skip("there is no Chromium: run `playwright install chromium`")
        # The sandbox is not available to root or in most containers; the browser opens only this checkout's server.
        try:
            opened = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        except playwright.Error as error:
            pytest.skip(f"{path} does not start: {error.message.splitlines()[0]}")
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `arshif serve` with the seeds."""
    archive = str(tmp_path_factory.mktemp("browser") / "archive")
    arshif(archive, "init", archive)
    arshif(archive, "add", str(ROOT / "seeds/pages"), str(ROOT / "seeds/wire.jsonl"))
    # One article has two versions.
    lines = (ROOT / "seeds/wire.jsonl").read_text(encoding="utf-8").splitlines()
    revised = next(article for article in map(json.loads, lines) if article["id"] == "wire-005")
    revised |= {"text": revised["text"].replace(" في ", " قرب ", 2), "section": "أخبار"}
    arshif(archive, "add", "-", stdin=json.dumps(revised).encode())
    with served(archive) as url:
        yield url


@pytest.fixture(scope="session")
def private_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `arshif serve` with a private archive."""
    archive = tmp_path_factory.mktemp("private") / "archive"
    arshif(str(archive), "init", str(archive))
    settings = archive / "arshif.toml"
    settings.write_text("private = true\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    with served(str(archive)) as url:
        yield url


def environment(archive: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "ARSHIF_ARCHIVE": archive}


def arshif(archive: str, *arguments: str, stdin: bytes = b"") -> None:
    subprocess.run(
        [*COMMAND, *arguments],
        env=environment(archive),
        check=True,
        capture_output=True,
        input=stdin,
    )


@contextmanager
def served(archive: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port)],
        env=environment(archive),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/healthz", server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            HTTP.open(url, timeout=5).close()
            return
        except (URLError, ConnectionError):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.1)


def until(page: Any, true: str) -> None:
    """Wait until an expression is true in the page. Playwright's own function needs eval, which the policy forbids."""
    deadline = time.monotonic() + 15
    while not page.evaluate(true):
        assert time.monotonic() < deadline, f"never true: {true}"
        time.sleep(0.05)


class Visits:
    """Opens pages in separate contexts; a page must print nothing to its console."""

    def __init__(self, browser: Any, address: str) -> None:
        self._browser = browser
        self._address = address
        self._contexts: list[Any] = []
        self.said: list[str] = []

    def __call__(self, path: str, *, language: str = "ar", width: int = 1280, **context: Any) -> Any:
        opened = self._browser.new_context(
            base_url=self._address, viewport={"width": width, "height": 800}, locale=language, **context
        )
        opened.set_default_timeout(15_000)
        self._contexts.append(opened)
        page = opened.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.goto(path)
        return page

    def _hear(self, message: Any) -> None:
        # The browser logs a 404 response as an error.
        if message.type == "error" and "404 (NOT FOUND)" not in message.text:
            self.said.append(message.text)

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Visits]:
    visits = Visits(browser, address)
    yield visits
    visits.close()
    assert visits.said == []
