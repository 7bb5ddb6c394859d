"""Access to the server: private archives, rate limits, allowed host names."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from corpus import Archive, SettingsInvalid
from indexer import update_index
from search_ui.access.accounts import hash_password, is_password, make_token, remove_token, remove_user, set_user
from search_ui.web import create_app
from search_ui.web.health import CounterTable
from search_ui.web.rate_limits import Limiter, client_name
from tests.indexer.small_archive import fill
from tests.search_ui.arshif import Arshif
from tests.search_ui.small_site import parsed, texts
from tests.search_ui.test_bad_places import NOBODY, as_nobody, forbidden, place

pytestmark = pytest.mark.slow

__all__ = ["place"]  # a fixture

PASSWORD = "كلمة سر طويلة"
Open = Callable[[str], FlaskClient]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "archive", name="أرشيف الصحافة") as archive:
        fill(archive)
        update_index(archive)
    return tmp_path / "archive"


@pytest.fixture
def client_of(directory: Path) -> Open:
    """A client of the archive with further lines in its settings."""

    def open_with(settings: str) -> FlaskClient:
        path = directory / "arshif.toml"
        path.write_text('name = "أرشيف الصحافة"\n' + settings + "\n", encoding="utf-8")
        return create_app({"ARCHIVE": directory}).test_client()

    return open_with


@pytest.fixture
def private(client_of: Open, directory: Path) -> FlaskClient:
    with Archive.open(directory) as archive:
        set_user(archive, "سمير", hash_password(PASSWORD))
    return client_of("private = true")


def sign_in(client: FlaskClient, name: str = "سمير", password: str = PASSWORD, to: str = "", **more: str) -> Any:
    page = parsed(client.get("/sign-in"))
    secret = str(page.select_one("input[name=form]")["value"])  # type: ignore[index]
    values = {"form": secret, "name": name, "password": password, **more}
    return client.post("/sign-in", query_string={"to": to} if to else None, data=values)


ADDRESSES = [
    "/",
    "/search?q=زلزال",
    "/article/iran",
    "/search.csv",
    "/search.atom",
    "/article/iran.bib",
    "/opensearch.xml",
]
ADDRESSES += [
    "/status",
    "/none",
    "/api/v1/",
    "/api/v1/search?q=زلزال",
    "/api/v1/openapi.json",
    "/api/v1/none",
    "/metrics",
]


@pytest.mark.parametrize("where", ADDRESSES)
def test_a_private_archive_requires_signing_in(private: FlaskClient, where: str) -> None:
    answer = private.get(where)
    programs = where.startswith(("/api", "/metrics"))
    assert answer.status_code == (401 if programs else 303)
    assert "زلزال" not in answer.text.replace(where, "")
    if programs:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.mimetype == "application/problem+json"
    else:
        assert answer.headers["Location"].startswith("/sign-in")
    assert private.post(where).status_code in (303, 401)
    assert private.get(where, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert private.get(where, headers={"Authorization": "Basic YTpi"}).status_code == 401


@pytest.mark.parametrize("where", ["/healthz", "/healthz/ready", "/sign-in", "/static/arshif.css"])
def test_a_private_archive_responds_to_health_checks(private: FlaskClient, where: str) -> None:
    assert private.get(where).status_code == 200


def test_signing_in_leads_back_to_the_requested_page(private: FlaskClient) -> None:
    asked = private.get("/search", query_string={"q": "زلزال"})
    page = parsed(private.get(asked.headers["Location"]))
    form = page.select_one("form")
    assert form is not None
    secret = str(page.select_one("input[name=form]")["value"])  # type: ignore[index]
    answer = private.post(str(form["action"]), data={"form": secret, "name": "سمير", "password": PASSWORD})
    assert answer.status_code == 303
    found = private.get(answer.headers["Location"])
    assert len(parsed(found).select(".hit")) == 1
    assert found.headers["Cache-Control"] == "no-store"
    assert private.get("/api/v1/search").status_code == 200
    assert private.post("/sign-out").status_code == 303
    assert private.get("/search").status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(private: FlaskClient) -> None:
    cookie = sign_in(private).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    over_https = private.get("/sign-in", base_url="https://localhost/")
    assert "Secure" in over_https.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("name", "password"), [("سمير", "wrong"), ("nobody", PASSWORD), ("", ""), ("سمير", ""), ("x" * 9999, "\ud800")]
)
def test_a_wrong_name_or_password_is_rejected_without_saying_which(
    private: FlaskClient, name: str, password: str
) -> None:
    answer = sign_in(private, name, password.encode("utf-8", "replace").decode())
    assert answer.status_code == 403
    assert texts(parsed(answer), "[role=alert]") == ["اسم المستخدم أو كلمة المرور غير صحيحة."]
    assert private.get("/search").status_code == 303


@pytest.mark.parametrize("form", ["", "wrong", "خطأ"])
def test_a_form_of_another_site_cannot_sign_in(private: FlaskClient, form: str) -> None:
    assert sign_in(private, form=form).status_code == 400
    assert private.get("/search").status_code == 303
    assert private.post("/sign-in", data={"name": "سمير", "password": PASSWORD}).status_code == 400


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:x",
        "/\t/evil.example",
        "/\n/evil.example",
        "\x00//evil.example",
        "/a\r\nSet-Cookie: a=b",
    ],
)
def test_after_signing_in_one_stays_on_this_site(private: FlaskClient, to: str) -> None:
    assert sign_in(private, to=to).headers["Location"] == "/"


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops the limiters' clock."""
    monkeypatch.setattr("search_ui.web.rate_limits.monotonic", lambda: 1000.0)


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip password hashing, which is slow on purpose."""
    monkeypatch.setattr("search_ui.web.guard.is_password", lambda known, password: bool(known) and password == PASSWORD)


@pytest.mark.usefixtures("still")
def test_guessing_passwords_is_rate_limited(private: FlaskClient) -> None:
    statuses = [sign_in(private, "سمير", f"guess {number}").status_code for number in range(8)]
    assert statuses == [403] * 6 + [429] * 2
    refused = sign_in(private)  # a right guess is refused too, or guessing could continue
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "10"


@pytest.mark.usefixtures("still", "cheap")
def test_guessing_does_not_lock_out_other_addresses(private: FlaskClient) -> None:
    for number in range(100):
        sign_in(private, "سمير", f"guess {number}")
    elsewhere = private.application.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert sign_in(elsewhere).status_code == 303


@pytest.mark.usefixtures("still", "cheap")
def test_guessing_does_not_lock_out_a_known_browser_at_the_same_address(private: FlaskClient, directory: Path) -> None:
    known, unknown = private, private.application.test_client()
    assert sign_in(known).status_code == 303
    known.post("/sign-out")
    for number in range(100):
        sign_in(unknown, "سمير", f"guess {number}")
        sign_in(unknown, f"name {number}", f"guess {number}")
    assert sign_in(unknown).status_code == 429
    assert sign_in(known).status_code == 303
    # That browser's own attempts are counted too; for other users it is like any other browser.
    with Archive.open(directory) as archive:
        set_user(archive, "هدى", hash_password(PASSWORD))
    assert sign_in(known, "هدى").status_code == 429
    assert [sign_in(known, "سمير", "wrong").status_code for _ in range(8)] == [403] * 6 + [429] * 2


@pytest.mark.usefixtures("still", "cheap")
def test_guessing_for_many_names_is_rate_limited_per_address(private: FlaskClient) -> None:
    statuses = [sign_in(private, f"name {number}", "wrong").status_code for number in range(40)]
    assert statuses == [403] * 30 + [429] * 10


@pytest.mark.usefixtures("still", "cheap")
def test_only_failed_attempts_count(private: FlaskClient) -> None:
    for _ in range(50):  # an office behind one address
        assert sign_in(private.application.test_client()).status_code == 303


def test_a_token_is_valid_until_it_is_revoked(private: FlaskClient, directory: Path) -> None:
    with Archive.open(directory) as archive:
        token = make_token(archive, "bot")
        headers = {"Authorization": f"Bearer {token}"}
        for where in ("/api/v1/search", "/metrics", "/search.jsonl"):
            answer = private.get(where, headers=headers)
            assert answer.status_code == 200
            assert "Set-Cookie" not in answer.headers
        remove_token(archive, "bot")
        assert private.get("/api/v1/search", headers=headers).status_code == 401


def test_deleting_a_user_or_changing_the_password_ends_sessions_at_once(private: FlaskClient, directory: Path) -> None:
    with Archive.open(directory) as archive:
        sign_in(private)
        assert private.get("/").status_code == 200
        set_user(archive, "سمير", hash_password("another password"), replace=True)
        assert private.get("/").status_code == 303
        sign_in(private, password="another password")
        assert private.get("/").status_code == 200
        remove_user(archive, "سمير")
        assert private.get("/").status_code == 303


def test_a_copied_cookie_is_invalid_after_sign_out(private: FlaskClient) -> None:
    sign_in(private)
    cookie = private.get_cookie("arshif")
    assert cookie is not None
    thief = private.application.test_client()
    thief.set_cookie("arshif", cookie.value)
    assert thief.get("/").status_code == 200
    assert private.post("/sign-out").headers["Location"] == "/sign-in"
    assert thief.get("/").status_code == private.get("/").status_code == 303


def test_signing_in_again_ends_the_session_before(private: FlaskClient) -> None:
    sign_in(private)
    cookie = private.get_cookie("arshif")
    assert cookie is not None
    sign_in(private)
    private.set_cookie("arshif", cookie.value)
    assert private.get("/").status_code == 303


def test_sessions_outlive_the_server_and_end_after_half_a_day(
    private: FlaskClient, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = sign_in(private).headers["Set-Cookie"]
    assert "Max-Age=43200" in cookie
    again = create_app({"ARCHIVE": directory}).test_client()
    session = private.get_cookie("arshif")
    assert session is not None
    again.set_cookie("arshif", session.value)
    assert again.get("/").status_code == 200
    then = time.time() + 12 * 3600
    monkeypatch.setattr("search_ui.access.sessions.time", lambda: then)
    assert again.get("/").status_code == 303


def test_a_copy_of_the_archive_forges_no_session(private: FlaskClient, directory: Path, tmp_path: Path) -> None:
    """No valid cookie can be made from the files of the archive, not even from those of the accounts."""
    sign_in(private)
    session = private.get_cookie("arshif")
    assert session is not None
    held = b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
    assert session.value.encode() not in held
    with sqlite3.connect(directory / "accounts.db") as connection:
        (digest,) = connection.execute("SELECT digest FROM sessions").fetchone()
    for forged in (digest, "سمير", session.value[:-1]):
        thief = private.application.test_client()
        thief.set_cookie("arshif", forged)
        assert thief.get("/").status_code == 303
    assert private.application.secret_key is None


def test_pages_say_who_is_signed_in_and_how_to_leave(private: FlaskClient) -> None:
    assert parsed(private.get("/sign-in")).select(".who") == []
    sign_in(private)
    for where in ("/", "/search", "/article/iran", "/none", "/status"):
        page = parsed(private.get(where))
        assert texts(page, "header .who bdi") == ["سمير"]
        (form,) = page.select("form.who")
        assert (form["method"], form["action"]) == ("post", "/sign-out")
    private.post(str(form["action"]))
    assert private.get("/").status_code == 303


def test_a_hostile_name_of_a_user_is_shown_as_the_text_it_is(private: FlaskClient, directory: Path) -> None:
    name = "<script>alert(1)</script>\u202e"
    with Archive.open(directory) as archive:
        set_user(archive, name, hash_password(PASSWORD))
    sign_in(private, name)
    page = parsed(private.get("/"))
    assert texts(page, ".who bdi") == [name]
    assert page.select(".who script") == []


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another thing there")
def test_a_private_archive_that_cannot_be_written_is_served_too(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    directory = place / "archive"
    with Archive.create(directory) as archive:
        fill(archive)
        update_index(archive)
        set_user(archive, "سمير", hash_password(PASSWORD))
    (directory / "arshif.toml").write_text("private = true\n", encoding="utf-8")
    warm = create_app({"ARCHIVE": directory}).test_client()  # loads what is loaded on first use
    sign_in(warm)
    warm.get("/")
    warm.post("/sign-out")
    if os.geteuid() == 0:
        os.chown(directory / "accounts.db", NOBODY, NOBODY)
    with forbidden(directory, mode="a-w"), as_nobody():
        before = (directory / "accounts.db").read_bytes()
        app = create_app({"ARCHIVE": directory})
        client = app.test_client()
        assert sign_in(client).status_code == 303
        assert client.get("/").status_code == 200
        # Another process of the same server, and another server.
        session = client.get_cookie("arshif")
        assert session is not None
        limits = app.extensions["arshif.limits"]
        for config, status in (({"LIMITS": limits, "COUNTERS": CounterTable(2), "PROCESS": 1}, 200), ({}, 303)):
            other = create_app({"ARCHIVE": directory, **config}).test_client()
            other.set_cookie("arshif", session.value)
            assert other.get("/").status_code == status
        client.post("/sign-out")
        client.set_cookie("arshif", session.value)
        assert client.get("/").status_code == 303
        assert (directory / "accounts.db").read_bytes() == before
        (kept,) = [
            path for path in (Path("/dev/shm"), Path(tempfile.gettempdir())) if (path / limits.sessions_file).exists()
        ]
        assert stat.S_IMODE((kept / limits.sessions_file).stat().st_mode) == 0o600
        (kept / limits.sessions_file).unlink()
    said = [record.getMessage() for record in caplog.records if "read-only" in record.getMessage()]
    assert said == ["the archive is read-only: users are signed out when the server stops"] * 2


def test_a_public_archive_needs_no_sign_in_and_sets_no_cookie(client_of: Open) -> None:
    client = client_of("")
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert client.get("/sign-in").status_code == client.post("/sign-in").status_code == 404
    assert client.get("/sign-out").status_code == client.post("/sign-out").status_code == 404
    assert parsed(answer).select(".who") == []


def test_an_address_with_too_many_requests_gets_retry_after(client_of: Open) -> None:
    client = client_of("[web]\nrate = 0.001\nburst = 3")
    statuses = [client.get("/api/v1/search").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    answer = client.get("/search")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 900
    assert client.get("/healthz").status_code == client.get("/static/arshif.css").status_code == 200
    elsewhere = client.get("/search", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 200


HOSTS = '[web]\nhosts = ["Archive.example", ".Below.example", "أرشيف.example", "[2001:db8::1]:8000"]'


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("archive.example", 200),
        ("ARCHIVE.Example:8000", 200),
        ("archive.example.", 200),
        ("a.below.example", 200),
        ("below.example", 200),
        ("أرشيف.example".encode("idna").decode(), 200),
        ("[2001:DB8::1]:443", 200),
        ("evil.example", 400),
        ("archive.example.evil.example", 400),
        ("evilbelow.example", 400),
        ("archive.example:8000@evil.example", 400),
        ("localhost", 400),
        ("", 400),
    ],
)
def test_only_the_host_names_in_the_settings_are_accepted(client_of: Open, host: str, status: int) -> None:
    client = client_of(HOSTS)
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == status
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert client.get("/api/v1/search", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("bound", "host", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8000", 200),
        ("127.0.0.1", "LocalHost:8000", 200),
        ("127.0.0.1", "localhost", 200),
        ("127.0.0.1", "[::1]:8000", 200),
        ("::1", "[::1]", 200),
        ("localhost", "localhost:1", 200),
        ("127.0.0.5", "127.0.0.5:8000", 200),
        # A web page whose host name resolves to this machine (DNS rebinding).
        ("127.0.0.1", "evil.example:8000", 400),
        ("127.0.0.1", "evil.example", 400),
        ("127.0.0.1", "localhost.evil.example", 400),
        ("127.0.0.1", "127.0.0.1.evil.example", 400),
        ("127.0.0.1", "evil.localhost.example", 400),
        ("::1", "evil.example", 400),
        ("localhost", "evil.example", 400),
        ("127.0.0.1", "192.0.2.1:8000", 400),
        # A server on a public address may have any name.
        ("0.0.0.0", "archive.example", 200),
        ("192.0.2.1", "archive.example", 200),
        ("::", "archive.example", 200),
    ],
)
def test_a_server_on_a_loopback_address_accepts_only_its_names(
    directory: Path, bound: str, host: str, status: int
) -> None:
    client = create_app({"ARCHIVE": directory, "HOST": bound}).test_client()
    for where in ("/", "/search.csv", "/api/v1/search", "/metrics", "/static/arshif.css"):
        assert client.get(where, headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("rate = -1", "rate must be a number"),
        ('rate = "x"', "rate must be a number"),
        ("rate = true", "rate must be a number"),
        ("seconds = 0", "seconds must be a number"),
        ("hosts = 'a'", "hosts must be a list of texts"),
        ("trusted_proxy = 1", "trusted_proxy must be a text"),
        ("colour = 1", "unknown setting 'colour'"),
    ],
)
def test_a_wrong_setting_is_reported_before_anything_is_served(client_of: Open, line: str, told: str) -> None:
    with pytest.raises(SettingsInvalid, match=told):
        client_of(f"[web]\n{line}")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        (None, ""),
        ("unix:", "unix:"),
    ],
)
def test_an_address_counts_as_one_customers(address: str | None, name: str) -> None:
    assert client_name(address) == name


def test_tokens_return_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("search_ui.web.rate_limits.monotonic", lambda: now)
    limiter = Limiter(rate=2.0, burst=3.0)
    assert [limiter.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert limiter.take("b") == 0
    now = 100.5
    assert [limiter.take("a") for _ in range(2)] == [0, 0.5]
    now = 1000.0
    assert [limiter.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_password_is_right_only_for_its_own_hash() -> None:
    known = hash_password(PASSWORD)
    assert is_password(known, PASSWORD)
    assert not is_password(known, PASSWORD + " ")
    assert not is_password(None, "nobody's")
    assert not is_password("damaged", PASSWORD)
    assert hash_password(PASSWORD) != known


def test_the_commands_of_users_and_tokens(tmp_path: Path) -> None:
    arshif = Arshif(tmp_path)
    arshif("init")
    assert "can sign in; the archive is not private yet" in arshif("user", "add", "هدى", stdin=f"{PASSWORD}\n".encode())
    assert "already" in arshif.result("user", "add", "هدى", stdin=f"{PASSWORD}\n".encode()).stderr
    assert (
        arshif.result("user", "add", "x", stdin=b"short\n").stderr
        == "arshif: the password is too short: it needs at least 10 characters\n"
    )
    arshif("user", "add", "هدى", "--replace", stdin=b"another password\n")
    assert arshif("user", "list") == "هدى\n"
    arshif("user", "remove", "هدى")
    assert "no user" in arshif.error("user", "remove", "هدى")
    token = arshif("token", "add", "bot").strip()
    assert len(token) >= 40
    assert arshif("token", "list") == "bot\n"
    assert "already" in arshif.error("token", "add", "bot")
    assert token.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "archive").glob("*.db*"))
    arshif("token", "remove", "bot")
    assert "no token" in arshif.error("token", "remove", "bot")
