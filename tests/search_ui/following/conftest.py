"""A real mail server and a real receiver of webhooks, and an archive whose readers follow searches."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from corpus import Archive, make_article
from indexer import open_searcher, update_index
from search_ui.web import create_app
from search_ui.web.following.delivery import DeliveryReport, deliver
from search_ui.web.following.settings import following_settings
from tests.indexer.small_archive import fill

# Noon, in some days: addresses are confirmed today, and no test is at the hour of digests.
NOW = (datetime.now().astimezone().replace(hour=12, minute=0) + timedelta(days=5)).timestamp()


class MailServer:
    """Receives mails on a port of its own. `answers` are given to recipients in turn, `wait` holds up each mail."""

    def __init__(self) -> None:
        from aiosmtpd.controller import Controller

        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.answers: list[str] = []
        self.after_data: list[str] = []
        self.received = threading.Event()
        self.stall = False
        self._stopped = False
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.answers and (answer := self.answers.pop(0)) != "250":
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        import asyncio

        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.raw.append(envelope.content)
        self.recipients.append(envelope.rcpt_tos)
        self.received.set()
        while self.stall:
            await asyncio.sleep(0.02)
        return self.after_data.pop(0) if self.after_data else "250 OK"

    def stop(self) -> None:
        self.stall = False
        if not self._stopped:
            self._stopped = True
            self._controller.stop()

    def last(self, kind: str = "plain") -> str:
        return text_of(self.mails[-1], kind)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def mails() -> Iterator[MailServer]:
    pytest.importorskip("aiosmtpd", reason="aiosmtpd is not installed")
    server = MailServer()
    yield server
    server.stop()


@dataclass
class Receiver:
    """Receives webhooks: the headers and body of each; `statuses` are answered in turn, each after `seconds`."""

    port: int = 0
    seconds: float = 0.0
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?of=archive"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    received = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            time.sleep(received.seconds)
            status = received.statuses.pop(0) if received.statuses else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{received.port}/other")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield received
    server.shutdown()
    server.server_close()


class Desks:
    """An archive that is served, and readers with a browser each."""

    def __init__(self, directory: Path, settings: str = "") -> None:
        self.directory = directory
        with Archive.create(directory, name="أرشيف الصحافة") as archive:
            fill(archive)
            update_index(archive)
        self.configure(settings)

    def configure(self, settings: str) -> None:
        (self.directory / "arshif.toml").write_text('name = "أرشيف الصحافة"\n' + settings + "\n", encoding="utf-8")
        self.app: Flask = create_app({"ARCHIVE": self.directory})
        self.archive = Archive.open(self.directory)

    def reader(self) -> FlaskClient:
        return self.app.test_client()

    def add(self, *articles: tuple[str, str], source: str = "الغد") -> None:
        for article_id, title in articles:
            self.archive.add(make_article(id=article_id, title=title, paragraphs=["نص الخبر."], source=source))
        update_index(self.archive)

    def deliver(self, now: float = NOW) -> DeliveryReport:
        settings = following_settings(self.archive)
        report = deliver(self.app, self.archive, lambda: open_searcher(self.archive), settings, now)
        assert report is not None
        return report


@pytest.fixture
def desks(tmp_path: Path) -> Desks:
    """Without mail server and webhooks."""
    return Desks(tmp_path / "archive")


@pytest.fixture
def make_desks(tmp_path: Path) -> Callable[[str], Desks]:
    return lambda settings: Desks(tmp_path / "archive", settings)


def mail_settings(server: MailServer, more: str = "") -> str:
    return (
        f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\nfrom = "الأرشيف <archive@example.org>"\n'
        f'base_url = "https://archive.example"\n{more}'
    )


@pytest.fixture
def mailing(make_desks: Callable[[str], Desks], mails: MailServer) -> Desks:
    """With a mail server."""
    return make_desks(mail_settings(mails))
