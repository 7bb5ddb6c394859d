"""Who is answered: a private archive, the rate of each address, the names the server answers to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from corpus import Archive, SettingsInvalid, make_token, remove_token, remove_user, set_user
from indexer import update_index
from search_ui.passwords import hash_password, is_password
from search_ui.web import create_app
from search_ui.web.limits import Limiter, client_name
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import parsed, texts
from tests.search_ui.test_command import Arshif

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
def test_a_private_archive_answers_nobody(private: FlaskClient, where: str) -> None:
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
def test_a_private_archive_still_says_that_it_is_there(private: FlaskClient, where: str) -> None:
    assert private.get(where).status_code == 200


def test_a_password_lets_in_and_back_to_where_one_was_going(private: FlaskClient) -> None:
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
def test_what_is_wrong_lets_nobody_in_and_says_not_which(private: FlaskClient, name: str, password: str) -> None:
    answer = sign_in(private, name, password.encode("utf-8", "replace").decode())
    assert answer.status_code == 403
    assert texts(parsed(answer), "[role=alert]") == ["الاسم أو كلمة السر غير صحيحة."]
    assert private.get("/search").status_code == 303


@pytest.mark.parametrize("form", ["", "wrong", "خطأ"])
def test_a_form_of_another_site_signs_nobody_in(private: FlaskClient, form: str) -> None:
    assert sign_in(private, form=form).status_code == 400
    assert private.get("/search").status_code == 303
    assert private.post("/sign-in", data={"name": "سمير", "password": PASSWORD}).status_code == 400


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:x"]
)
def test_after_signing_in_one_stays_on_this_site(private: FlaskClient, to: str) -> None:
    assert sign_in(private, to=to).headers["Location"] == "/"


def test_guessing_is_slowed_down(private: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_ui.web.limits.monotonic", lambda: 1000.0)
    statuses = [sign_in(private, "سمير", f"guess {number}").status_code for number in range(8)]
    assert statuses == [403] * 6 + [429] * 2
    assert sign_in(private).status_code == 429


def test_a_token_lets_a_program_in_until_it_is_removed(private: FlaskClient, directory: Path) -> None:
    with Archive.open(directory) as archive:
        token = make_token(archive, "bot")
        headers = {"Authorization": f"Bearer {token}"}
        for where in ("/api/v1/search", "/metrics", "/search.jsonl"):
            answer = private.get(where, headers=headers)
            assert answer.status_code == 200
            assert "Set-Cookie" not in answer.headers
        remove_token(archive, "bot")
        assert private.get("/api/v1/search", headers=headers).status_code == 401


def test_who_is_removed_or_has_another_password_is_out_at_once(private: FlaskClient, directory: Path) -> None:
    with Archive.open(directory) as archive:
        sign_in(private)
        assert private.get("/").status_code == 200
        set_user(archive, "سمير", hash_password("another password"), replace=True)
        assert private.get("/").status_code == 303
        sign_in(private, password="another password")
        assert private.get("/").status_code == 200
        remove_user(archive, "سمير")
        assert private.get("/").status_code == 303


def test_a_session_signed_by_another_archive_is_worth_nothing(private: FlaskClient, tmp_path: Path) -> None:
    other = create_app({"ARCHIVE": private.application.config["ARCHIVE"]})
    other.secret_key = b"another"
    with other.test_client() as forging, forging.session_transaction() as session:
        session["user"] = "سمير"
    cookie = forging.get_cookie("arshif")
    assert cookie is not None
    private.set_cookie("arshif", cookie.value)
    assert private.get("/").status_code == 303


def test_an_archive_that_is_not_private_asks_nobody_and_sets_no_cookie(client_of: Open) -> None:
    client = client_of("")
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert client.get("/sign-in").status_code == 404


def test_an_address_that_asks_too_often_is_told_when_to_come_again(client_of: Open) -> None:
    client = client_of("[web]\nrate = 0.001\nburst = 3")
    statuses = [client.get("/api/v1/search").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    answer = client.get("/search")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 900
    assert client.get("/healthz").status_code == client.get("/static/arshif.css").status_code == 200
    elsewhere = client.get("/search", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 200


def test_only_the_names_of_the_settings_are_answered_to(client_of: Open) -> None:
    client = client_of('[web]\nhosts = ["archive.example"]')
    assert client.get("/", base_url="http://archive.example/").status_code == 200
    assert client.get("/", base_url="http://evil.example/").status_code == 400


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
def test_a_wrong_setting_is_told_before_anything_is_served(client_of: Open, line: str, told: str) -> None:
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


def test_tokens_come_back_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("search_ui.web.limits.monotonic", lambda: now)
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
    assert "may sign in; the archive is not private yet" in arshif("user", "add", "هدى", stdin=f"{PASSWORD}\n".encode())
    assert "already" in arshif.result("user", "add", "هدى", stdin=f"{PASSWORD}\n".encode()).stderr
    assert (
        arshif.result("user", "add", "x", stdin=b"short\n").stderr
        == "arshif: the password is too short: 10 characters at least\n"
    )
    arshif("user", "add", "هدى", "--replace", stdin=b"another password\n")
    assert arshif("user", "list") == "هدى\n"
    arshif("user", "remove", "هدى")
    assert "no user" in arshif.error("user", "remove", "هدى")
    token = arshif("token", "add", "bot").strip()
    assert len(token) >= 40
    assert arshif("token", "list") == "bot\n"
    assert "already" in arshif.error("token", "add", "bot")
    assert token.encode() not in (tmp_path / "archive" / "articles.db").read_bytes()
    arshif("token", "remove", "bot")
    assert "no token" in arshif.error("token", "remove", "bot")
