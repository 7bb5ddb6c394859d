"""Mails, sent to a real mail server: confirming, what a mail contains, stopping, refusals and failures."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from corpus import SettingsInvalid, make_article
from indexer import update_index
from search_ui.access.accounts import hash_password, set_user
from search_ui.access.addresses import read_address
from search_ui.access.follows import all_follows
from search_ui.errors import AddressInvalid
from search_ui.web.following.letters import MAX_LISTED
from search_ui.web.following.mail import Letter, as_message
from search_ui.web.following.settings import following_settings
from search_ui.web.guard import CONFIRMATION_BURST
from tests.search_ui.access.test_desks import sign_in
from tests.search_ui.arshif import Arshif
from tests.search_ui.following.conftest import NOW, Desks, MailServer, mail_settings, text_of
from tests.search_ui.small_site import parsed, texts

pytestmark = pytest.mark.slow

HOUR, DAY = 3600.0, 86_400.0
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def follow(reader: FlaskClient, query: str = "زلزال", address: str = "huda@example.org", **values: Any) -> Any:
    return reader.post("/follow", query_string={"q": query}, data={"address": address, **values})


def link(mail: str, kind: str) -> str:
    found = re.search(rf"https://archive\.example(/follow/{kind}/\S+)", mail)
    assert found is not None, mail
    return found[1]


def confirmed(desks: Desks, mails: MailServer, reader: FlaskClient, query: str = "زلزال", **values: Any) -> None:
    """Follow a search by mail, and confirm the address."""
    assert follow(reader, query, **values).status_code == 303
    desks.deliver(NOW - 3 * DAY)
    desks.reader().post(link(mails.last(), "confirm"))
    mails.mails.clear()


def state(reader: FlaskClient) -> str:
    return " ".join(texts(parsed(reader.get("/desk")), ".follow-state"))


def test_an_address_gets_one_confirming_mail_and_nothing_else_until_it_is_confirmed(
    mailing: Desks, mails: MailServer
) -> None:
    reader = mailing.reader()
    follow(reader, name="اشتر الآن http://spam.example")
    follow(reader, "مفاوضات")
    mailing.add(("a", "زلزال جديد"))
    assert mailing.deliver().confirmations == 1
    assert mailing.deliver(NOW + DAY).confirmations == 0
    (mail,) = mails.mails
    assert "spam" not in mail.as_string()
    assert "spam" not in text_of(mail) + text_of(mail, "html")
    assert "في انتظار" in state(reader)
    confirm = link(text_of(mail), "confirm")
    other = mailing.reader()
    assert other.get(confirm).status_code == 200  # mail servers open links to check them
    mailing.deliver(NOW + 2 * DAY)
    assert len(mails.mails) == 1
    assert other.post(confirm).status_code == 200
    assert "Set-Cookie" not in other.get(confirm).headers
    assert mailing.deliver(NOW + 3 * DAY).mails == 1
    assert mails.recipients[-1] == ["huda@example.org"]
    assert "في انتظار" not in state(reader)


def test_a_mail_has_what_programs_and_people_need(mailing: Desks, mails: MailServer) -> None:
    confirmed(mailing, mails, mailing.reader(), name="زلازل")
    mailing.add(("a", "زلزال <b>جديد</b>"))
    mailing.deliver()
    (mail,) = mails.mails
    assert mail["Subject"] == "زلازل: مقال جديد"
    assert mail["From"] == "الأرشيف <archive@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail["Date"].datetime is not None
    assert mail.get_content_type() == "multipart/alternative"
    assert "زلزال <b>جديد</b>" in text_of(mail)
    assert "https://archive.example/article/a" in text_of(mail)
    html = text_of(mail, "html")
    assert 'dir="rtl"' in html
    assert "زلزال &lt;b&gt;جديد&lt;/b&gt;" in html
    # Not encoded and not folded: mail programs do not decode it.
    assert re.search(rb"\r?\nList-Unsubscribe: <https://archive.example/follow/stop/[\w.-]+>\r?\n", mails.raw[-1])


def test_a_mail_in_arabic_has_arabic_commas(mailing: Desks, mails: MailServer) -> None:
    confirmed(mailing, mails, mailing.reader())
    dated = make_article(
        id="a", title="زلزال جديد", paragraphs=["نص."], source="الغد", published=datetime(2020, 5, 2, tzinfo=UTC)
    )
    mailing.archive.add(dated)
    update_index(mailing.archive)
    mailing.deliver()
    assert "الغد، 2 أيار/مايو 2020" in text_of(mails.mails[0])


def test_a_mail_is_in_the_language_of_the_page(mailing: Desks, mails: MailServer) -> None:
    reader = mailing.reader()
    reader.set_cookie("lang", "en")
    confirmed(mailing, mails, reader)
    mailing.add(("a", "زلزال جديد"))
    mailing.deliver()
    assert mails.mails[0]["Subject"] == "زلزال: 1 new article"
    assert 'dir="ltr"' in mails.last("html")


def test_hits_are_sent_once_and_at_most_one_mail_in_ten_minutes(mailing: Desks, mails: MailServer) -> None:
    confirmed(mailing, mails, mailing.reader())
    mailing.add(("a", "زلزال أول"))
    assert [mailing.deliver(NOW).mails, mailing.deliver(NOW + HOUR).mails] == [1, 0]
    mailing.add(("b", "زلزال ثان"))
    assert mailing.deliver(NOW + HOUR).mails == 1
    mailing.add(("c", "زلزال ثالث"))
    assert mailing.deliver(NOW + HOUR + 60).mails == 0
    assert mailing.deliver(NOW + 2 * HOUR).mails == 1
    assert "زلزال ثالث" in mails.last()
    assert "زلزال ثان" not in mails.last()


def test_a_digest_has_all_followed_searches_once_a_day(mailing: Desks, mails: MailServer) -> None:
    reader = mailing.reader()
    confirmed(mailing, mails, reader, "زلزال", rhythm="digest")
    follow(reader, "مفاوضات", rhythm="digest")
    mailing.add(("a", "زلزال أول"), ("b", "مفاوضات جديدة"))
    assert mailing.deliver(NOW).mails == 1
    mailing.add(("c", "زلزال ثان"))
    assert mailing.deliver(NOW + 60).mails == 0
    assert mailing.deliver(NOW + DAY).mails == 1
    first, second = mails.mails
    assert first["Subject"] == "مقالان جديدان في أرشيف الصحافة"
    assert "زلزال أول" in text_of(first)
    assert "مفاوضات جديدة" in text_of(first)
    assert second["Subject"] == "زلزال: مقال جديد"


def test_a_long_list_is_cut_and_counted(mailing: Desks, mails: MailServer) -> None:
    confirmed(mailing, mails, mailing.reader())
    mailing.add(*((f"n{number}", f"زلزال رقم {number}") for number in range(MAX_LISTED + 32)))
    mailing.deliver()
    assert mails.last().count("https://archive.example/article/") == MAX_LISTED
    assert "و32 غيرها" in mails.last()
    assert len(mails.raw[-1]) < 200_000


def test_one_click_stops_the_mails_without_signing_in(mailing: Desks, mails: MailServer) -> None:
    reader = mailing.reader()
    confirmed(mailing, mails, reader)
    mailing.add(("a", "زلزال أول"))
    mailing.deliver()
    stop = link(mails.mails[0]["List-Unsubscribe"].strip("<>"), "stop")
    program = mailing.reader()
    assert program.get(stop).status_code == 200
    mailing.add(("b", "زلزال ثان"))
    assert mailing.deliver(NOW + HOUR).mails == 1  # a GET stops nothing
    assert program.post(stop, data=ONE_CLICK, headers={"Origin": "https://mail.example"}).status_code == 200
    mailing.add(("c", "زلزال ثالث"))
    assert mailing.deliver(NOW + DAY).mails == 0
    assert program.post(stop, data=ONE_CLICK).status_code == 200
    assert "في هذه الصفحة" in state(reader)
    assert texts(parsed(reader.get("/desk")), ".new-rows a")  # the desk continues to count


def test_stopping_all_mails_needs_a_new_confirmation(mailing: Desks, mails: MailServer) -> None:
    reader = mailing.reader()
    confirmed(mailing, mails, reader, "زلزال", rhythm="digest")
    follow(reader, "مفاوضات", rhythm="digest")
    mailing.add(("a", "زلزال أول"), ("b", "مفاوضات جديدة"))
    mailing.deliver()
    mailing.reader().post(link(mails.mails[0]["List-Unsubscribe"].strip("<>"), "stop"), data=ONE_CLICK)
    assert "huda" not in state(reader)
    follow(reader, "إيران")
    assert mailing.deliver(NOW + DAY).confirmations == 1


@pytest.mark.parametrize("token", ["", "x", "follow-1.", "follow-1.0", "address-1.aaaa", "follow-x.y", "\u202e.\ud800"])
def test_forged_links_stop_nothing(mailing: Desks, mails: MailServer, token: str) -> None:
    confirmed(mailing, mails, mailing.reader())
    for kind in ("stop", "confirm"):
        path = f"/follow/{kind}/{token}".encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        assert mailing.reader().post(path, data=ONE_CLICK).status_code == 404
    assert all_follows(mailing.archive)[0].delivery == "mail"


def test_a_refused_recipient_is_paused_and_the_reader_sees_why(mailing: Desks, mails: MailServer) -> None:
    reader = mailing.reader()
    confirmed(mailing, mails, reader)
    mailing.add(("a", "زلزال أول"))
    mails.answers = ["550 5.1.1 no such <user>"]
    report = mailing.deliver()
    assert report.mails == 0
    assert [reason for _, reason in report.failures] == ["550 5.1.1 no such <user>"]
    assert "550 5.1.1 no such <user>" in state(reader)
    assert mailing.deliver(NOW + DAY).failures == []
    reader.post("/desk/follow/1/resume")
    assert mailing.deliver(NOW + DAY).mails == 1  # what could not be sent
    assert "550" not in state(reader)


def test_a_temporary_refusal_is_tried_again_later_and_not_at_once(mailing: Desks, mails: MailServer) -> None:
    reader = mailing.reader()
    confirmed(mailing, mails, reader)
    mailing.add(("a", "زلزال أول"))
    mails.answers = ["451 4.7.1 greylisted", "250", "450 later"]
    assert len(mailing.deliver(NOW).failures) == 1
    assert "greylisted" in state(reader)
    assert mailing.deliver(NOW + 30).mails == 0
    assert mailing.deliver(NOW + 61).mails == 1
    assert "greylisted" not in state(reader)


def test_after_many_failures_it_is_paused(mailing: Desks, mails: MailServer) -> None:
    reader = mailing.reader()
    confirmed(mailing, mails, reader)
    mailing.add(("a", "زلزال أول"))
    mails.stop()
    now, tries = NOW, 0
    while not all_follows(mailing.archive)[0].paused:
        tries += len(mailing.deliver(now).failures)
        now += DAY
    assert tries == 11
    assert "تعذّر الوصول إلى خادم البريد" in state(reader)


def test_one_failing_address_does_not_stop_the_others(mailing: Desks, mails: MailServer) -> None:
    confirmed(mailing, mails, mailing.reader(), address="first@example.org")
    confirmed(mailing, mails, mailing.reader(), address="second@example.org")
    mailing.add(("a", "زلزال أول"))
    mails.answers = ["550 no"]
    report = mailing.deliver()
    assert (report.mails, len(report.failures)) == (1, 1)
    assert mails.recipients[-1] == ["second@example.org"]


def test_one_run_sends_a_bounded_number(make_desks: Callable[[str], Desks], mails: MailServer) -> None:
    desks = make_desks(mail_settings(mails, "[follow]\ndeliveries = 2"))
    reader = desks.reader()
    confirmed(desks, mails, reader)
    for query in ("الزلزال", "زلازل"):
        follow(reader, query)
    desks.add(("a", "زلزال أول"))
    assert [desks.deliver(NOW).mails, desks.deliver(NOW + 1).mails, desks.deliver(NOW + 2).mails] == [2, 1, 0]


def test_pausing_and_resuming(mailing: Desks, mails: MailServer) -> None:
    reader = mailing.reader()
    confirmed(mailing, mails, reader)
    reader.post("/desk/follow/1/pause")
    mailing.add(("a", "زلزال أول"))
    assert mailing.deliver(NOW).mails == 0
    reader.post("/desk/follow/1/resume")
    assert mailing.deliver(NOW + DAY).mails == 0  # it is on the desk
    assert texts(parsed(reader.get("/desk")), ".new-rows a") == ["زلزال أول"]
    mailing.add(("b", "زلزال ثان"))
    assert mailing.deliver(NOW + 2 * DAY).mails == 1
    assert "زلزال أول" not in mails.last()


def test_a_changed_delivery_sends_what_comes_from_then_on(mailing: Desks, mails: MailServer) -> None:
    reader = mailing.reader()
    confirmed(mailing, mails, reader)
    reader.post("/desk/follow/1/settings", data={"name": "زلزال", "address": ""})
    mailing.add(("a", "زلزال أول"))
    assert mailing.deliver(NOW).mails == 0
    reader.post("/desk/follow/1/settings", data={"name": "زلزال", "address": "huda@example.org", "rhythm": "digest"})
    assert mailing.deliver(NOW + DAY).mails == 0
    mailing.add(("b", "زلزال ثان"))
    assert mailing.deliver(NOW + 2 * DAY).mails == 1
    assert "زلزال أول" not in mails.last()
    assert len(mailing.archive.subscriptions()) == 2


def test_an_address_is_not_asked_twice_a_day_by_any_reader(mailing: Desks, mails: MailServer) -> None:
    assert follow(mailing.reader()).status_code == 303
    refused = follow(mailing.reader(), address="huda@EXAMPLE.org.")
    assert refused.status_code == 400
    assert "huda@EXAMPLE.org." in refused.text  # the form keeps what was typed
    mailing.deliver()
    assert len(mails.mails) == 1


def test_one_reader_cannot_have_an_address_asked_day_after_day(
    mailing: Desks, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = mailing.reader()
    answers = []
    for day in range(6):
        now = NOW + day * (DAY + 60)
        monkeypatch.setattr("search_ui.web.following.views.time", lambda now=now: now)
        answers.append(follow(reader).status_code)
        mailing.deliver(now)
    assert answers == [303, 303, 303, 400, 400, 400]
    assert len(mails.mails) == 3


def test_a_client_cannot_have_many_addresses_asked(mailing: Desks) -> None:
    reader = mailing.reader()
    statuses = [follow(reader, address=f"a{number}@example.org").status_code for number in range(8)]
    assert statuses == [303] * int(CONFIRMATION_BURST) + [429] * (8 - int(CONFIRMATION_BURST))


@pytest.mark.parametrize(
    "text",
    [
        "", "huda", "huda@", "@example.org", "a@b", "a b@example.org", "a@exam ple.org", "a@example.org\nBcc: x@y.org",
        "a@example.org, b@example.org", "a@example.org\r\nSubject: x", "<a@example.org>", '"a b"@example.org',
        "هدى@example.org", "a@-x.org", "a..b@example.org", "a@[127.0.0.1]", "a@127.0.0.1", "a" * 65 + "@example.org",
        "a@" + "x" * 64 + ".org", "a@\u202eexample.org", "a@localhost",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_refused(text: str) -> None:
    with pytest.raises(AddressInvalid):
        read_address(text)


def test_an_arabic_host_is_written_in_ascii() -> None:
    assert read_address(" huda@مثال.إختبار ") == "huda@xn--mgbh0fb.xn--kgbechtv"


def test_a_wrong_address_keeps_the_form(mailing: Desks) -> None:
    answer = follow(mailing.reader(), address="huda@example", name="اسمي")
    assert answer.status_code == 400
    page = parsed(answer)
    assert [str(one["value"]) for one in page.select("#address, #name")] == ["huda@example", "اسمي"]
    assert page.select("#address[aria-invalid]")
    assert "Set-Cookie" not in answer.headers or all_follows(mailing.archive) == []


def test_no_header_is_broken_by_a_name(mailing: Desks, mails: MailServer) -> None:
    confirmed(mailing, mails, mailing.reader(), name="x\r\nBcc: victim@example.org")
    mailing.add(("a", "زلزال أول"))
    mailing.deliver()
    assert mails.mails[0]["Bcc"] is None
    assert mails.recipients[-1] == ["huda@example.org"]


def test_a_private_archive_sends_only_to_existing_users(make_desks: Callable[[str], Desks], mails: MailServer) -> None:
    settings = mail_settings(mails)
    desks = make_desks("private = true\n" + settings)
    set_user(desks.archive, "هدى", hash_password("كلمة سر طويلة"))
    reader = desks.reader()
    sign_in(reader, "هدى")
    confirmed(desks, mails, reader)  # the link needs no signing in
    desks.add(("a", "زلزال أول"))
    desks.deliver()
    assert len(mails.mails) == 1
    page = desks.reader().get(link(mails.last(), "stop"))
    assert page.status_code == 200
    assert "/search" not in page.text
    desks.add(("b", "زلزال ثان"))
    Arshif(desks.directory.parent)("user", "remove", "هدى")
    assert desks.deliver(NOW + DAY).mails == 0
    # A desk with a secret link was made while the archive was public.
    desks.configure(settings)
    confirmed(desks, mails, desks.reader(), address="other@example.org")
    desks.configure("private = true\n" + settings)
    desks.add(("c", "زلزال ثالث"))
    assert desks.deliver(NOW + 2 * DAY).mails == 0


def test_a_feed_of_a_private_archive_has_a_secret_address(make_desks: Callable[[str], Desks]) -> None:
    desks = make_desks("private = true")
    set_user(desks.archive, "هدى", hash_password("كلمة سر طويلة"))
    reader = desks.reader()
    sign_in(reader, "هدى")
    follow(reader)

    def made() -> str:
        (address,) = texts(parsed(reader.post("/desk/follow/1/feed")), "#feed-address")
        return address.partition("://localhost")[2]

    first = made()
    program = desks.reader()
    assert "زلزال في إيران" in program.get(first).text
    assert program.get("/search.atom?q=زلزال").status_code == 303
    second = made()
    assert program.get(first).status_code == 404
    assert program.get(second).status_code == 200
    Arshif(desks.directory.parent)("user", "remove", "هدى")
    assert program.get(second).status_code == 404


def test_the_mail_server_is_tested_by_a_command(mailing: Desks, mails: MailServer) -> None:
    arshif = Arshif(mailing.directory.parent)
    assert "sent to huda@example.org" in arshif("mail", "test", "huda@example.org")
    assert "أرشيف الصحافة" in mails.last()
    assert "not a mail address" in arshif.error("mail", "test", "huda")
    mails.stop()
    assert "could not be reached" in arshif.result("mail", "test", "huda@example.org").stderr


def test_the_command_delivers_and_masks_addresses(mailing: Desks, mails: MailServer) -> None:
    arshif = Arshif(mailing.directory.parent)
    confirmed(mailing, mails, mailing.reader())
    mailing.add(("a", "زلزال أول"))
    assert "sent 1 mails" in arshif("alert", "--deliver")
    listed = arshif("alert", "list")
    assert "mail to h…@example.org, at once" in listed
    assert "huda" not in listed + arshif("alert", "list", "--format", "json")
    mailing.configure("")
    assert "nothing can be delivered" in arshif.error("alert", "--deliver")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('host = "x"', "from must be"),
        ('host = "x"\nfrom = "a@example.org"', "base_url must be"),
        ('from = "a@example.org"', "host is missing"),
        ('host = "x"\nfrom = "a@example.org"\nbase_url = "ftp://x"', "base_url must be"),
        ('host = "x"\nfrom = "a@example.org\\nBcc: b@example.org"\nbase_url = "https://x"', "from must be"),
        ('host = "x"\nsecurity = "ssl"', "security must be"),
        ('host = "x"\nport = 0\nfrom = "a@example.org"\nbase_url = "https://x"', "port must be"),
        ('host = "x"\nuser = "u"', "password_env or password_file"),
        ('host = "x"\nuser = "u"\nsecurity = "none"\npassword_env = "P"', "not sent unencrypted"),
        ('host = "x"\npassword = "secret"', "unknown setting 'password'"),
        ('host = 1', "must be a text"),
        ("[follow]\nwebhooks = 1", "must be true or false"),
        ("[follow]\ndigest_hour = 24", "digest_hour must be"),
        ("[follow]\nmore = 1", "unknown setting"),
    ],
)  # fmt: skip
def test_wrong_settings_are_reported(desks: Desks, settings: str, said: str) -> None:
    table = "" if settings.startswith("[") else "[mail]\n"
    with pytest.raises(SettingsInvalid, match=re.escape(said)) as caught:
        desks.configure(table + settings)
    assert "secret" not in str(caught.value)


def test_the_password_is_read_from_a_file_and_never_printed(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    file = desks.directory.parent / "password"
    file.write_text("s3cret\n", encoding="utf-8")
    base = '[mail]\nhost = "x"\nuser = "u"\nfrom = "a@example.org"\nbase_url = "https://x/"\n'
    desks.configure(f'{base}password_file = "{file.as_posix()}"')
    settings = following_settings(desks.archive).mail
    assert settings is not None
    assert settings.password() == "s3cret"
    assert "s3cret" not in repr(settings)
    assert (settings.port, settings.base_url) == (587, "https://x")
    monkeypatch.setenv("MAIL_PASSWORD", "other")
    desks.configure(f'{base}password_env = "MAIL_PASSWORD"\nsecurity = "tls"')
    settings = following_settings(desks.archive).mail
    assert settings is not None
    assert (settings.password(), settings.port) == ("other", 465)


def test_a_message_keeps_long_links_whole(mailing: Desks) -> None:
    settings = following_settings(mailing.archive).mail
    assert settings is not None
    letter = Letter("a@example.org", "عنوان " * 40, "نص", "<p>نص</p>", "x" * 90, "https://archive.example/" + "y" * 300)
    lines = bytes(as_message(letter, settings)).split(b"\r\n")
    assert b"List-Unsubscribe: <https://archive.example/" + b"y" * 300 + b">" in lines
    assert b"Message-ID: <" + b"x" * 90 + b"@example.org>" in lines
    assert max(len(line) for line in lines if line.startswith((b"Subject", b" =?"))) <= 78


def test_a_search_that_has_become_costly_is_reported(
    mailing: Desks, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from indexer import Searcher, SearchTooCostly

    reader = mailing.reader()
    confirmed(mailing, mails, reader)
    mailing.archive.add(make_article(id="a", title="زلزال أول", paragraphs=["نص"]))
    update_index(mailing.archive)

    def costly(*_: object) -> None:
        raise SearchTooCostly(5.0)

    with monkeypatch.context() as patched:
        patched.setattr(Searcher, "scan", costly)
        assert [reason for _, reason in mailing.deliver().failures] == ["the search takes too long"]
        assert "تعذّر عدّ الجديد" in reader.get("/desk").text
    assert mailing.deliver(NOW + HOUR).mails == 1
