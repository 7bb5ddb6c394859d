"""Readers' desks: whose they are, and what opens them."""

from __future__ import annotations

import sqlite3
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from search_ui.access.accounts import hash_password, set_user
from search_ui.access.desks import delivering, desk_of_secret, desk_of_user, new_desk, renew_secret
from search_ui.web import create_app
from search_ui.web.guard import DESK_BURST
from tests.search_ui.arshif import Arshif
from tests.search_ui.following.conftest import Desks
from tests.search_ui.small_site import parsed, texts
from tests.search_ui.test_bad_places import as_nobody, forbidden, place

pytestmark = pytest.mark.slow

__all__ = ["place"]  # a fixture

PASSWORD = "كلمة سر طويلة"


@pytest.fixture
def desks(tmp_path: Path) -> Desks:
    return Desks(tmp_path / "archive")


def follow(reader: FlaskClient, query: str = "زلزال", **values: Any) -> Any:
    return reader.post("/follow", query_string={"q": query}, data=values)


def link_of(reader: FlaskClient) -> str:
    (link,) = texts(parsed(reader.get("/desk")), "#desk-link")
    return link.partition("://localhost")[2]


def followed(reader: FlaskClient) -> list[str]:
    return texts(parsed(reader.get("/desk")), ".follow h3 a")


def test_a_desk_is_opened_by_its_secret_of_which_only_the_digest_is_stored(desks: Desks) -> None:
    made, secret = new_desk(desks.archive)
    assert desk_of_secret(desks.archive, secret) == made
    assert desk_of_secret(desks.archive, secret + "x") is None
    assert desk_of_secret(desks.archive, "") is None
    assert desk_of_secret(desks.archive, "\ud800") is None
    assert secret.encode() not in (desks.directory / "desks.db").read_bytes()
    if sys.platform != "win32":
        assert stat.S_IMODE((desks.directory / "desks.db").stat().st_mode) == 0o600
    renewed = renew_secret(desks.archive, made)
    assert desk_of_secret(desks.archive, secret) is None
    assert desk_of_secret(desks.archive, renewed) == made


def test_a_users_desk_is_made_once(desks: Desks) -> None:
    assert desk_of_user(desks.archive, "هدى", create=False) is None
    made = desk_of_user(desks.archive, "هدى", create=True)
    assert made is not None
    assert desk_of_user(desks.archive, "هدى", create=True) == made
    assert desk_of_user(desks.archive, "سمير", create=True) != made


def test_reading_pages_stores_nothing_and_sets_no_cookie(desks: Desks) -> None:
    reader = desks.reader()
    for page in ("/desk", "/follow?q=زلزال", "/search?q=زلزال", "/desk/follow/1"):
        assert "arshif-desk" not in reader.get(page).headers.get("Set-Cookie", "")
    assert not (desks.directory / "desks.db").exists()


def test_the_first_followed_search_makes_a_desk_whose_cookie_lasts_a_year(desks: Desks) -> None:
    reader = desks.reader()
    cookie = follow(reader).headers["Set-Cookie"]
    assert cookie.startswith("arshif-desk=")
    assert {"HttpOnly", "SameSite=Lax", "Max-Age=31536000"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    over_https = desks.reader().post("/follow?q=زلزال", base_url="https://localhost/")
    assert "Secure" in over_https.headers["Set-Cookie"]
    assert "Set-Cookie" not in follow(reader, "مفاوضات").headers
    assert followed(reader) == ["مفاوضات", "زلزال"]
    assert followed(desks.reader()) == []


def test_the_secret_link_opens_the_desk_in_another_browser_but_only_by_its_button(desks: Desks) -> None:
    reader, other = desks.reader(), desks.reader()
    follow(reader)
    link = link_of(reader)
    page = other.get(link)
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert followed(other) == []
    assert other.post(link).status_code == 303
    assert followed(other) == ["زلزال"]
    assert "button" not in str(parsed(other.get(link)).select_one("main form") or "")
    follow(third := desks.reader(), "مفاوضات")
    assert parsed(third.get(link)).select_one(".note") is not None  # it would replace this browser's desk
    assert other.get("/desk/open/wrong").status_code == 404
    assert other.post("/desk/open/wrong").status_code == 404


def test_a_new_link_ends_the_old_one(desks: Desks) -> None:
    reader, other = desks.reader(), desks.reader()
    follow(reader)
    link = link_of(reader)
    other.post(link)
    reader.post("/desk/link")
    assert followed(reader) == ["زلزال"]
    assert followed(other) == []
    assert other.get(link).status_code == 404
    assert link_of(reader) != link


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/follow?q=زلزال", "/desk/link", "/desk/open/{secret}", "/desk/follow/1/delete"])
def test_a_form_of_another_site_is_rejected(desks: Desks, path: str, headers: dict[str, str]) -> None:
    reader = desks.reader()
    follow(reader)
    link = link_of(reader)
    answer = reader.post(path.replace("/desk/open/{secret}", link), headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert (followed(reader), link_of(reader)) == (["زلزال"], link)


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "http://localhost"}], ids=str
)
def test_a_form_of_this_site_is_accepted(desks: Desks, headers: dict[str, str]) -> None:
    assert desks.reader().post("/follow?q=زلزال", headers=headers).status_code == 303


def test_many_desks_are_not_made_for_one_address(desks: Desks) -> None:
    for _ in range(int(DESK_BURST)):
        assert follow(desks.reader()).status_code == 303
    refused = follow(desks.reader())
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    elsewhere = desks.reader().post("/follow?q=زلزال", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 303


def test_in_a_private_archive_a_desk_is_the_users(desks: Desks) -> None:
    set_user(desks.archive, "هدى", hash_password(PASSWORD))
    set_user(desks.archive, "سمير", hash_password(PASSWORD))
    desks.configure("private = true")
    assert desks.reader().get("/desk").headers["Location"].startswith("/sign-in")
    assert desks.reader().post("/follow?q=زلزال").status_code == 303
    assert not (desks.directory / "desks.db").exists()
    huda, samir = desks.reader(), desks.reader()
    sign_in(huda, "هدى")
    sign_in(samir, "سمير")
    assert "arshif-desk" not in str(follow(huda).headers)
    assert followed(huda) == ["زلزال"]
    assert followed(samir) == []
    assert samir.get("/desk/follow/1").status_code == 404
    for action in ("seen", "pause", "resume", "settings", "delete", "feed"):
        assert samir.post(f"/desk/follow/1/{action}", data={"name": "x"}).status_code == 404
    assert followed(huda) == ["زلزال"]
    assert texts(parsed(huda.get("/desk")), "#desk-link") == []
    elsewhere = desks.reader()
    sign_in(elsewhere, "هدى")
    assert followed(elsewhere) == ["زلزال"]


def test_deleting_a_user_deletes_the_desk(desks: Desks) -> None:
    set_user(desks.archive, "هدى", hash_password(PASSWORD))
    desks.configure("private = true")
    huda = desks.reader()
    sign_in(huda, "هدى")
    follow(huda)
    Arshif(desks.directory.parent)("user", "remove", "هدى")
    set_user(desks.archive, "هدى", hash_password(PASSWORD))
    sign_in(huda, "هدى")
    assert followed(huda) == []
    assert desks.archive.subscriptions() == []


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another thing there")
def test_a_read_only_archive_offers_no_desk(place: Path) -> None:
    desks = Desks(place / "archive")
    assert desks.reader().get("/search?q=زلزال").status_code == 200  # loads what is loaded on first use
    with forbidden(desks.directory, mode="a-w"), as_nobody():
        reader = create_app({"ARCHIVE": desks.directory}).test_client()
        page = parsed(reader.get("/search?q=زلزال"))
        assert page.select(".follow-button") == []
        assert page.select("a[href='/desk']") == []
        assert reader.get("/desk").status_code == 200
        assert reader.post("/follow?q=زلزال").status_code == 503


def test_one_process_delivers_at_a_time(desks: Desks) -> None:
    with delivering(desks.archive) as first:
        assert first
        with delivering(desks.archive) as second:
            assert not second
    with delivering(desks.archive) as third:
        assert third


def test_a_file_of_a_newer_version_is_left_alone(desks: Desks) -> None:
    follow(reader := desks.reader())
    with sqlite3.connect(desks.directory / "desks.db") as file:
        file.execute("PRAGMA user_version = 99")
    assert reader.get("/desk").status_code == 500


def sign_in(reader: FlaskClient, name: str) -> None:
    secret = str(parsed(reader.get("/sign-in")).select_one("input[name=form]")["value"])  # type: ignore[index]
    answer = reader.post("/sign-in", data={"form": secret, "name": name, "password": PASSWORD})
    assert answer.status_code == 303
