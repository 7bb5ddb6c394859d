from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta, timezone
from email.policy import SMTP

import pytest

from corpus.settings import parse_sources
from tests.corpus.readers.made_documents import docx, mail, word
from tests.corpus.readers.made_files import SENTENCE, Read, read, read_piped, tarred, zipped

HTML = (
    '<html><body><div style="display:none">معاينة</div><table><tr><td><a href="#">عرض الرسالة في المتصفح</a></td></tr>'
    f"<tr><td><h2><a href='#'>خبر أول</a></h2><p>{SENTENCE}</p></td></tr><tr><td><p>{SENTENCE}</p></td></tr>"
    "<tr><td>\u200c\u034f \u200c</td></tr><tr><td>إلغاء الاشتراك</td></tr></table></body></html>"
)
DATE = datetime(2019, 2, 27, 8, tzinfo=timezone(timedelta(hours=3)))


def only(found: Read) -> tuple[str, str | None, str | None]:
    (article,) = found.articles
    return article.title, article.source, article.url


@pytest.mark.parametrize("name", ["n.eml", "n", "n.txt", "n.html"])
def test_a_newsletter(name: str) -> None:
    data = mail(HTML)
    found = read(data, name)
    (record,) = found.records
    assert not found.reasons
    article = record.article
    assert article.id == "1@wadi.example"
    assert article.title == "نشرة الصباح"
    assert article.source == "نشرة الوادي"
    assert article.published == DATE
    assert article.paragraphs == ("خبر أول", SENTENCE, SENTENCE)
    assert article.authors == ()
    assert (record.page, record.media_type, record.warning) == (data, "message/rfc822", None)


def test_the_same_through_a_pipe_and_in_archives() -> None:
    for found in (
        read_piped(mail(HTML)),
        read(zipped({"a.eml": mail(HTML)}), "n.zip"),
        read(tarred({"box/cur/1551254400.M1P2.host,S=9:2,S": mail(HTML)}), "n.tar"),
    ):
        assert only(found) == ("نشرة الصباح", "نشرة الوادي", None)


def test_a_plain_text_loses_the_line_breaks_of_its_program() -> None:
    wrapped = "قالت الوزارة في بيان لها صدر اليوم إن العمل في الجسر الجديد سينتهي\nقبل الصيف.\n\nسطر\nسطر آخر\n"
    (article,) = read(mail(plain=wrapped), "n.eml").articles
    assert article.paragraphs == (
        "قالت الوزارة في بيان لها صدر اليوم إن العمل في الجسر الجديد سينتهي قبل الصيف.",
        "سطر",
        "سطر آخر",
    )


def test_a_flowed_text() -> None:
    data = b"From: a@b.example\nSubject: x\nDate: Wed, 27 Feb 2019 08:00:00 +0000\nMIME-Version: 1.0\n"
    data += b"Content-Type: text/plain; charset=utf-8; format=flowed\n\n" + "أول \nثان \nثالث\nرابع\n".encode()
    assert read(data, "n.eml").articles[0].paragraphs == ("أول ثان ثالث", "رابع")


def test_html_with_hardly_any_text_is_no_alternative() -> None:
    (article,) = read(mail("<img src=x><p>صورة</p>", plain=f"{SENTENCE}\n"), "n.eml").articles
    assert article.paragraphs == (SENTENCE,)


@pytest.mark.parametrize("encoding", ["windows-1256", "iso-8859-6", "utf-8"])
def test_old_encodings(encoding: str) -> None:
    def encoded(text: str) -> str:
        return f"=?{encoding}?B?{base64.b64encode(text.encode(encoding)).decode()}?="

    head = f"From: {encoded('صحيفة الوادي')} <a@b.example>\nSubject: {encoded('اتفاق تاريخي')}\n {encoded(' ينهي الخلاف')}\n"
    head += f"Date: Wed, 27 Feb 2019 08:00:00 +0300\nContent-Type: text/html; charset={encoding}\n\n"
    (article,) = read(head.encode() + f"<p>{SENTENCE}</p>".encode(encoding), "n.eml").articles
    assert article.title == "اتفاق تاريخي ينهي الخلاف"
    assert article.source == "صحيفة الوادي"
    assert article.paragraphs == (SENTENCE,)


def test_headers_of_undeclared_bytes() -> None:
    head = "From: صحيفة الوادي <a@b.example>\nSubject: اتفاق تاريخي ينهي خلاف المياه\nDate: Wed, 27 Feb 2019 08:00:00 +0300\n\n"
    (article,) = read((head + SENTENCE).encode("windows-1256"), "n.eml").articles
    assert article.title == "اتفاق تاريخي ينهي خلاف المياه"
    assert article.source == "صحيفة الوادي"


def test_a_letter_divided_between_two_encoded_words() -> None:
    head = b"From: a@b.example\nDate: Wed, 27 Feb 2019 08:00:00 +0300\nSubject: =?utf-8?Q?=D8=A7=D9?= =?utf-8?Q?=84=D9=86=D8=B5?=\n\n"
    assert read(head + SENTENCE.encode(), "n.eml").articles[0].title == "النص"


def test_a_mailing_list_is_the_source_and_the_sender_the_author() -> None:
    headers = {
        "List-Id": "قائمة الصحافة <press.lists.example>",
        "List-Archive": "<https://lists.example/press/>",
        "Archived-At": "<https://lists.example/press/7>",
        "Subject": "Re: Fwd: اتفاق",
        "From": '"الحداد, سامي" <s@a.example>',
    }
    (article,) = read(mail(HTML, headers=headers), "n.eml").articles
    assert article.source == "قائمة الصحافة"
    assert article.authors == ("الحداد, سامي",)
    assert article.url == "https://lists.example/press/7"
    assert article.title == "اتفاق"


def test_a_source_of_the_settings_by_the_senders_host() -> None:
    sources = parse_sources({"الوادي": {"hosts": ["wadi.example"]}})
    assert read(mail(HTML), "n.eml", sources=sources).articles[0].source == "الوادي"


def test_attachments_are_counted_and_attached_messages_read() -> None:
    attached = [
        ("application/pdf", "a.pdf", b"%PDF-"),
        ("application/octet-stream", "بيان.docx", docx(word(SENTENCE))),
        ("text/html", "p.html", HTML.encode()),
    ]
    found = read(mail(HTML, attached=attached), "n.eml")
    assert len(found.articles) == 1
    assert found.ignored == ["attachment .pdf", "attachment .docx", "attachment .html"]

    inner = mail(HTML, headers={"Message-ID": "<2@wadi.example>"})
    outer = b"From: a@b.example\nSubject: x\nDate: Wed, 27 Feb 2019 08:00:00 +0300\nMessage-ID: <9@b>\n"
    outer += b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="Q"\n\n--Q\nContent-Type: message/rfc822\n\n'
    found = read(outer + inner + b"\n--Q--\n", "n.eml")
    assert found.ids == ["2@wadi.example"]
    assert found.records[0].origin.part == "attached message 1"
    assert found.ignored == ["message without a text"]


def test_a_forwarded_message_is_reported() -> None:
    found = read(mail(plain=f"---------- Forwarded message ---------\nFrom: x\n\n{SENTENCE}\n"), "n.eml")
    assert "a forwarded message" in (found.records[0].warning or "")


@pytest.mark.parametrize(
    ("date", "warning"),
    [("", "it has no date"), ("غدا", "'غدا' is not a date"), ("Wed, 27 Feb 2109 08:00:00 +0300", "in the future")],
)
def test_a_date_that_cannot_be_right(date: str, warning: str) -> None:
    data = mail(HTML, headers={"Date": ""}).replace(
        b"Subject:", f"Date: {date}\nSubject:".encode() if date else b"Subject:"
    )
    (record,) = read(data, "n.eml", retrieved_at=datetime(2026, 1, 1, tzinfo=UTC)).records
    assert record.article.published is None
    assert warning in (record.warning or "")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Subject: x\n\n", "it contains no text"),
        (b"a text", "not a message"),
        (mail(HTML).replace(b"multipart/alternative", b"multipart/encrypted"), "it is encrypted"),
        (mail(plain="."), "it contains no text"),
        (mail("<b>" * 60_000), "tags"),
        (b"From: a@b.c\nSubject: x\nContent-Type: multipart/mixed; boundary=a\n\n" * 200, "parts that contain others"),
    ],
)
def test_messages_without_an_article_are_refused(data: bytes, reason: str) -> None:
    found = read(data, "n.eml")
    assert not found.records
    assert reason in found.reasons[0]


def test_hostile_messages_take_little_time() -> None:
    start = time.process_time()
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(99))
    found = read(b"From: a@b.c\n" + nested + b"\n" * 1_000_000, "n.eml")
    assert "too many lines" in found.reasons[0]
    assert read(b"From: a@b.c\n" + nested + b"\n" * 10_000, "n.eml").reasons
    twisted = b"From: a\nSubject: x\nContent-Type: text/plain; x*=1; x*0=2; charset*1=q; charset*0*=utf-7''a\n\nnews"
    assert read(twisted, "n.eml").articles
    assert time.process_time() - start < 10


def box(*messages: bytes) -> bytes:
    return b"".join(
        b"From - Wed Feb 27 08:00:00 2019\n" + message.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ") + b"\n"
        for message in messages
    )


@pytest.mark.parametrize("name", ["n.mbox", "n", "Inbox", "n.txt"])
def test_the_messages_of_a_mailbox(name: str) -> None:
    messages = [
        mail(plain=f"From here on\n\n{SENTENCE} {number}\n", headers={"Message-ID": f"<{number}@a>"})
        for number in (1, 2, 3)
    ]
    found = read(box(*messages), name)
    assert found.ids == ["1@a", "2@a", "3@a"]
    assert [record.origin.part for record in found.records] == ["message 1", "message 2", "message 3"]
    assert found.articles[2].paragraphs == ("From here on", f"{SENTENCE} 3")
    assert found.records[1].page == messages[1].replace(b"\r\n", b"\n") + b"\n"


def test_damage_in_a_mailbox_costs_one_message() -> None:
    large = b"From: a\n\n" + b"x" * (33 * 2**20) + b"\n"
    found = read(box(mail(HTML), b"no headers\n", large, mail(HTML, headers={"Message-ID": "<2@a>"})), "n.mbox")
    assert found.ids == ["1@wadi.example", "2@a"]
    assert found.reasons == [
        "n.mbox, message 2: not a message: it has no sender, subject or date",
        "n.mbox, message 3: larger than 32 MB, the limit for an article",
    ]


def test_a_message_of_apple_mail() -> None:
    data = mail(HTML)
    emlx = b"%d\n" % len(data) + data + b'<?xml version="1.0"?><plist><dict/></plist>'
    found = read(emlx, "1.emlx")
    assert only(found) == ("نشرة الصباح", "نشرة الوادي", None)
    assert found.records[0].page == data


def test_messages_with_utf8_headers() -> None:
    found = read(mail(HTML, policy=SMTP.clone(utf8=True)), "n.eml")
    assert only(found) == ("نشرة الصباح", "نشرة الوادي", None)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("html", ["https://a.example/x", "<?xml version='1.0'?><div>نص</div>", "news.html"])
def test_no_warning_of_the_parser_is_shown(html: str) -> None:
    head = b"From: a@b.c\nSubject: x\nDate: Wed, 27 Feb 2019 08:00:00 +0300\nContent-Type: text/html\n\n"
    assert len(read(head + html.encode(), "n.eml").articles) == 1


def encoded_word(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        (f"{encoded_word('نشرة')} 1", "نشرة 1"),
        (f"{encoded_word('نشرة')} 25 BBC {encoded_word('اليوم')}", "نشرة 25 BBC اليوم"),
        (f"{encoded_word('نش')} {encoded_word('رة')}", "نشرة"),
    ],
)
def test_blanks_between_encoded_and_plain_words_are_kept(subject: str, title: str) -> None:
    data = f"From: a@b.example\nSubject: {subject}\nDate: Wed, 27 Feb 2019 08:00:00 +0000\n\n{SENTENCE * 2}".encode()
    (article,) = read(data, "a.eml").articles
    assert article.title == title
