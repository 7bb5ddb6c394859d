from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from corpus import Archive
from corpus.fetch import Fetcher, FetchState, FetchSummary, Limits, Pauses, allow_any, fetch_urls
from tests.corpus.fetch.loopback import Site, running_site


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


class Clock:
    """A clock that only sleeping advances, so that tests do not wait; `slept` lists the sleeps in seconds."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.time = 1000.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def pauses(self, delay: float = 0) -> Pauses:
        return Pauses(delay, sleep=self.sleep, clock=lambda: self.time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


Fetch = Callable[..., FetchSummary]


@pytest.fixture
def fetch(archive: Archive, clock: Clock) -> Fetch:
    """Fetches URLs into the archive, as a new run does, without waiting."""

    def run(
        *urls: str,
        limit: int | None = None,
        since: datetime | None = None,
        discover: bool = False,
        delay: float = 0,
        limits: Limits | None = None,
        allowed: Callable[[str], bool] = allow_any,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> FetchSummary:
        summary = FetchSummary()
        fetcher = Fetcher(
            contact="https://archive.example/about",
            allowed=allowed,
            pauses=clock.pauses(delay),
            limits=limits,
            held_until=FetchState(archive).held_until,
        )
        fetch_urls(archive, urls, summary, fetcher, limit=limit, since=since, discover=discover, progress=progress)
        return summary

    return run


@pytest.fixture
def tls_site(tmp_path: Path) -> Iterator[tuple[Site, Path]]:
    """A site with HTTPS, and its self-signed certificate for 127.0.0.1."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=here"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with running_site(context) as running:
        yield running, certificate
