"""Webhooks, received by a real server: body, signature, refusals, and the addresses that they may not reach."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from search_ui.access.follows import all_follows
from search_ui.errors import WebhookInvalid
from search_ui.web.following.letters import MAX_LISTED
from search_ui.web.following.webhook import VERSION, read_webhook, signature
from tests.search_ui.arshif import Arshif
from tests.search_ui.following.conftest import NOW, Desks, MailServer, Receiver, mail_settings
from tests.search_ui.following.test_mails import confirmed
from tests.search_ui.small_site import parsed, texts

pytestmark = pytest.mark.slow

PRIVATE = "[follow]\nwebhooks = true\nprivate_webhooks = true"
DAY = 86_400.0


@pytest.fixture
def hooked(make_desks: Callable[[str], Desks]) -> Desks:
    return make_desks(PRIVATE)


def follow(reader: FlaskClient, webhook: str, query: str = "زلزال") -> Any:
    return reader.post("/follow", query_string={"q": query}, data={"webhook": webhook, "name": query})


def state(reader: FlaskClient) -> str:
    return " ".join(texts(parsed(reader.get("/desk")), ".follow-state"))


def test_new_hits_are_posted_once_and_signed(hooked: Desks, receiver: Receiver) -> None:
    reader = hooked.reader()
    page = follow(reader, receiver.url)
    (secret,) = texts(parsed(page), "#secret")
    assert page.headers["Cache-Control"] == "no-store"
    assert secret not in reader.get("/desk").text + reader.get("/desk/follow/1").text  # shown this once
    hooked.add(("a", "زلزال جديد"))
    assert [hooked.deliver(NOW).webhooks, hooked.deliver(NOW + 1).webhooks] == [1, 0]
    ((headers, body),) = receiver.requests
    assert headers["content-type"] == "application/json; charset=utf-8"
    moment, given = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["arshif-signature"]).groups()  # type: ignore[union-attr]
    assert given == signature(secret, moment, body)
    assert given != signature(secret, str(int(moment) + 1), body)
    value = json.loads(body)
    assert (value["version"], value["kind"], value["count"], value["more"]) == (VERSION, "new_hits", 1, 0)
    assert value["follow"]["search"] == {"query": "زلزال"}
    (hit,) = value["hits"]
    assert (hit["id"], hit["change"], hit["title"]) == ("a", "added", "زلزال جديد")
    assert headers["arshif-delivery"].endswith(f"-{value['change']}")


def test_a_long_list_is_cut_and_counted(hooked: Desks, receiver: Receiver) -> None:
    follow(hooked.reader(), receiver.url)
    hooked.add(*((f"n{number}", f"زلزال رقم {number}") for number in range(MAX_LISTED + 5)))
    hooked.deliver()
    value = json.loads(receiver.requests[0][1])
    assert (value["count"], value["more"], len(value["hits"])) == (MAX_LISTED + 5, 5, MAX_LISTED)


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
def test_a_refused_webhook_is_sent_again_later(hooked: Desks, receiver: Receiver, status: int) -> None:
    reader = hooked.reader()
    follow(reader, receiver.url)
    hooked.add(("a", "زلزال جديد"))
    receiver.statuses = [status]
    assert len(hooked.deliver(NOW).failures) == 1
    assert str(status) in state(reader)
    assert len(receiver.requests) == 1  # redirects are not followed
    assert hooked.deliver(NOW + 30).webhooks == 0
    assert hooked.deliver(NOW + 120).webhooks == 1
    first, second = receiver.requests
    assert first[0]["arshif-delivery"] == second[0]["arshif-delivery"]
    assert str(status) not in state(reader)


def test_one_that_is_gone_is_paused_at_once_and_a_failing_one_after_some_time(
    hooked: Desks, receiver: Receiver
) -> None:
    gone, failing = hooked.reader(), hooked.reader()
    follow(gone, receiver.url)
    follow(failing, receiver.url)
    hooked.add(("a", "زلزال جديد"))
    receiver.statuses = [410, *[500] * 50]
    hooked.deliver(NOW)
    assert "متوقف لأن الإرسال تعذّر: it answered 410" in state(gone)
    for day in range(1, 12):
        hooked.deliver(NOW + day * DAY)
    assert "متوقف لأن الإرسال تعذّر: it answered 500" in state(failing)
    assert [one.paused for one in all_follows(hooked.archive)] == [True, True]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.0.0.7", "192.168.1.1", "169.254.169.254", "[fe80::1]", "0.0.0.0", "[::ffff:127.0.0.1]"],
)  # fmt: skip
def test_private_addresses_are_not_reached(make_desks: Callable[[str], Desks], receiver: Receiver, host: str) -> None:
    desks = make_desks("[follow]\nwebhooks = true")
    reader = desks.reader()
    assert follow(reader, f"http://{host}:{receiver.port}/").status_code == 200
    desks.add(("a", "زلزال جديد"))
    ((_, reason),) = desks.deliver().failures
    assert "private" in reason or "not found" in reason
    assert receiver.requests == []


def test_a_name_that_resolves_to_a_private_address_is_not_reached(
    make_desks: Callable[[str], Desks], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks = make_desks("[follow]\nwebhooks = true")
    follow(desks.reader(), f"http://rebinding.example:{receiver.port}/")
    desks.add(("a", "زلزال جديد"))
    answers = iter(["127.0.0.1", "93.184.216.34"])
    looked_up: list[str] = []

    def resolve(host: str, port: int, *_: object, **__: object) -> list[Any]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    ((_, reason),) = desks.deliver().failures
    assert "private" in reason
    assert looked_up == ["rebinding.example"]  # once: the checked address is the one that is connected to
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "address"),
        ("ftp://example.org/", "address"),
        ("file:///etc/passwd", "address"),
        ("gopher://example.org:25/", "address"),
        ("http://", "address"),
        ("http://a b/", "address"),
        ("http://example.org/\r\nX: y", "address"),
        ("http://example.org:99999/", "address"),
        ("http://" + "a" * 64 + ".org/", "address"),
        ("https://user:secret@example.org/", "user"),
        ("http://example.org:25/", "port"),
        ("https://example.org/" + "x" * 2000, "address"),
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook_is_refused(text: str, reason: str) -> None:
    with pytest.raises(WebhookInvalid) as caught:
        read_webhook(text, private=False)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        (" https://Example.org/a?b=c#d ", "https://example.org/a?b=c"),
        ("https://مثال.إختبار/مسار?س=ص", "https://xn--mgbh0fb.xn--kgbechtv/%D9%85%D8%B3%D8%A7%D8%B1?%D8%B3=%D8%B5"),
        ("http://example.org:8080/%20x", "http://example.org:8080/%20x"),
    ],
)
def test_an_address_is_stored_in_ascii(text: str, stored: str) -> None:
    assert read_webhook(text, private=False) == stored


def test_webhooks_are_offered_only_if_they_are_allowed(desks: Desks, receiver: Receiver) -> None:
    reader = desks.reader()
    assert parsed(reader.get("/follow?q=زلزال")).select("#webhook") == []
    assert follow(reader, receiver.url).status_code == 303
    assert all_follows(desks.archive)[0].delivery == "page"


def test_a_wrong_address_keeps_the_form_and_the_command_shows_the_host_only(hooked: Desks) -> None:
    reader = hooked.reader()
    answer = follow(reader, "ftp://example.org/")
    assert answer.status_code == 400
    page = parsed(answer)
    assert page.select_one("#webhook")["value"] == "ftp://example.org/"  # type: ignore[index]
    assert page.select("#webhook[aria-invalid]")
    follow(reader, "https://hooks.example/services/T0/secret")
    listed = Arshif(hooked.directory.parent)("alert", "list")
    assert "webhook to hooks.example" in listed
    assert "secret" not in listed


def test_slow_receivers_hold_up_neither_mails_nor_those_who_wait_longer(
    make_desks: Callable[[str], Desks], mails: MailServer, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks = make_desks(mail_settings(mails, "[follow]\nwebhooks = true\nprivate_webhooks = true"))
    for number in range(3):
        assert follow(desks.reader(), f"{receiver.url}&number={number}").status_code == 200
    confirmed(desks, mails, desks.reader())
    desks.add(("a", "زلزال جديد"))
    monkeypatch.setattr("search_ui.web.following.delivery._SECONDS", 0.3)
    receiver.seconds = 0.4
    receiver.statuses = [503]
    first = desks.deliver(NOW)
    assert (first.mails, first.webhooks, len(first.failures)) == (1, 0, 1)
    # After a minute, the one that failed is due again, behind the others.
    assert [desks.deliver(NOW + 120).webhooks for _ in range(4)] == [1, 1, 1, 0]
    deliveries = [headers["arshif-delivery"] for headers, _ in receiver.requests]
    assert len(deliveries) == 4
    assert deliveries[0] == deliveries[3]
