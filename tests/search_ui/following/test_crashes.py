"""Deliveries of processes that are killed, that run at the same time, or beside one that writes to the archive."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from corpus import Archive, ArchiveLocked
from search_ui.access.desks import desks_path, write_desks
from search_ui.access.follows import all_follows
from tests.conftest import COMMAND, ROOT
from tests.search_ui.arshif import Arshif
from tests.search_ui.following.conftest import NOW, Desks, MailServer, mail_settings
from tests.search_ui.following.test_mails import confirmed, follow, link
from tests.search_ui.small_site import parsed, texts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals there"),
]


def start(desks: Desks, *arguments: str) -> subprocess.Popen[str]:
    command = [*COMMAND, "--archive", str(desks.directory), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def position(desks: Desks) -> int:
    (one,) = all_follows(desks.archive)
    return next(saved.change for saved in desks.archive.subscriptions() if saved.name == one.sent_subscription)


def test_a_delivery_that_is_killed_is_repeated_as_the_same_mail(mailing: Desks, mails: MailServer) -> None:
    confirmed(mailing, mails, mailing.reader())
    mailing.add(("a", "زلزال أول"))
    before = position(mailing)
    mails.stall = True
    mails.received.clear()
    process = start(mailing, "alert", "--deliver")
    assert mails.received.wait(60)
    # Another process, while this one is delivering.
    assert "another process is delivering" in Arshif(mailing.directory.parent)("alert", "--deliver")
    process.send_signal(signal.SIGKILL)
    process.wait()
    mails.stall = False
    assert position(mailing) == before
    mailing.add(("b", "زلزال ثان"))  # came meanwhile
    assert mailing.deliver(NOW).mails == 1
    assert mailing.deliver(NOW + 3600).mails == 1
    assert mailing.deliver(NOW + 7200).mails == 0
    killed, repeated, next_one = mails.mails
    assert killed["Message-ID"] == repeated["Message-ID"] != next_one["Message-ID"]
    assert "زلزال ثان" not in str(repeated.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "زلزال ثان" in mails.last()


def test_what_was_sent_while_another_process_wrote_is_not_sent_again(
    mailing: Desks, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(mailing, mails, mailing.reader())
    mailing.add(("a", "زلزال أول"))
    before = position(mailing)

    def locked(*_: object) -> Any:
        raise ArchiveLocked(mailing.directory, 10, None)

    with monkeypatch.context() as patched:
        patched.setattr(Archive, "advance", locked)
        assert mailing.deliver(NOW).mails == 1
        assert mailing.deliver(NOW + 3600).mails == 0
    assert position(mailing) == before
    mailing.add(("b", "زلزال ثان"))
    assert mailing.deliver(NOW + 7200).mails == 1
    assert "زلزال أول" not in mails.last()
    assert position(mailing) == mailing.archive.last_change()


def test_a_subscription_that_was_left_behind_is_deleted(mailing: Desks, mails: MailServer) -> None:
    confirmed(mailing, mails, mailing.reader())
    mailing.archive.subscribe("left #abc", '{"query": "زلزال", "desk": true}', 0)
    mailing.archive.subscribe("of the command", '{"query": "زلزال"}', 0)
    mailing.deliver()
    assert "left #abc" in [saved.name for saved in mailing.archive.subscriptions()]  # it may be about to be used
    assert "a desk that does not exist" in Arshif(mailing.directory.parent)("alert", "list")
    mailing.archive.unsubscribe("left #abc")
    with closing(sqlite3.connect(mailing.directory / "desks.db")) as file, file:
        file.execute("DELETE FROM follows")
    mailing.deliver()
    assert len(mailing.archive.subscriptions()) == 3


def test_an_archive_restored_from_an_older_copy_sends_what_comes_from_then_on(
    mailing: Desks, mails: MailServer
) -> None:
    confirmed(mailing, mails, mailing.reader())
    mailing.add(("a", "زلزال أول"))
    mailing.deliver(NOW)
    for saved in mailing.archive.subscriptions():  # as in a copy from before
        mailing.archive.unsubscribe(saved.name)
    assert mailing.deliver(NOW + 3600).mails == 0
    mailing.add(("b", "زلزال ثان"))
    assert mailing.deliver(NOW + 7200).mails == 1
    assert "زلزال أول" not in mails.last()


def test_the_server_delivers_in_the_background_and_restarts_after_a_kill(
    make_desks: Callable[[str], Desks], mails: MailServer
) -> None:
    desks = make_desks(mail_settings(mails))
    server = start(desks, "serve", "--port", str(mails.port + 1 if mails.port < 65_000 else mails.port - 1))
    try:
        assert server.stdout is not None
        server.stdout.readline()
        reader = desks.reader()
        follow(reader)
        assert _comes(lambda: len(mails.mails) == 1)
        reader.post(link(mails.last(), "confirm"))
        desks.add(("a", "زلزال أول"))
        assert _comes(lambda: len(mails.mails) == 2)
        assert "زلزال أول" in mails.last()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    assert texts(parsed(reader.get("/desk")), ".new-rows a") == ["زلزال أول"]


def _comes(happened: Callable[[], bool], seconds: float = 40.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("text", ["{", "[]", '{"match": "none"}', '{"after": 5}'])
def test_a_damaged_search_is_paused_and_the_others_are_sent(mailing: Desks, mails: MailServer, text: str) -> None:
    reader = mailing.reader()
    confirmed(mailing, mails, reader, "زلزال")
    follow(reader, "مفاوضات")
    first = all_follows(mailing.archive)[0]
    with write_desks(desks_path(mailing.archive)) as desks:
        desks.execute("UPDATE follows SET search = ? WHERE id = ?", [text, first.id])
    mailing.add(("new", "زلزال ومفاوضات"))
    report = mailing.deliver()
    assert [reason for _, reason in report.failures] == ["the stored search is damaged; delete it and save it again"]
    assert len(mails.mails) == 1
    assert "مفاوضات" in mails.last()
