"""Telegram's exports in HTML, and pages of links."""

from __future__ import annotations

import pytest

from tests.corpus.readers.made_files import read


def message(number: int, inner: str, name: str = "", day: str = "27.02.2019 09:00:00 UTC+03:00") -> str:
    sender = f'<div class="from_name">\n{name} \n</div>' if name else ""
    return (
        f'<div class="message default clearfix" id="message{number}"><div class="body">'
        f'<div class="pull_right date details" title="{day}">\n09:00\n</div>{sender}{inner}</div></div>'
    )


def page(*messages: str) -> bytes:
    return (
        '<!DOCTYPE html>\n<html>\n <head>\n  <meta charset="utf-8"/>\n<title>Exported Data</title></head><body>'
        '<div class="page_wrap"><div class="page_header"><div class="content"><div class="text bold">\nقناة الميناء \n</div></div></div>'
        '<div class="page_body chat_page">\n\n<div class="history">\n'
        '<div class="message service" id="message-1"><div class="body details">\n27 February 2019\n</div></div>'
        f"{''.join(messages)}</div></div></div></body></html>"
    ).encode()


def test_messages_of_a_page() -> None:
    forwarded = (
        '<div class="forwarded body"><div class="from_name">\nقناة أخرى <span class="date details" title="1.1.2019"> 1.1.2019</span>'
        '</div><div class="text">\nنص محوّل\n</div></div>'
    )
    found = read(
        page(
            message(2, '<div class="text">\n<strong>عاجل</strong><br>نص &amp; آخر<br><br><a href="">#ميناء</a>\n</div>', "قناة الميناء"),
            message(3, forwarded),
            message(4, '<div class="media_wrap clearfix"><div class="media"><div class="body"><div class="title bold">Photo</div></div></div></div>'),
            message(5, '<div class="text">نص</div>', "سلمى", "27.02.2019 09:00:00"),
            message(6, '<div class="text">تابع</div>', day="x"),
        ),
        "messages.html",
    )  # fmt: skip
    assert found.ids == [f"telegram-قناة الميناء-{number}" for number in (2, 3, 5, 6)]
    assert [article.paragraphs for article in found.articles] == [
        ("عاجل", "نص & آخر", "#ميناء"),
        ("نص محوّل",),
        ("نص",),
        ("تابع",),
    ]
    assert [article.authors for article in found.articles] == [(), ("قناة أخرى",), ("سلمى",), ("سلمى",)]
    assert {article.source for article in found.articles} == {"قناة الميناء"}
    days = [str(article.published) for article in found.articles]
    assert days == ["2019-02-27 09:00:00+03:00"] * 2 + ["2019-02-27 09:00:00+00:00", "None"]
    assert found.ignored == ["service message", "message without text"]


def test_a_chat_without_messages_is_refused() -> None:
    data = page().replace(b'class="message service"', b'class="x"')
    assert "no messages" in read(data, "messages.html").reasons[0]


def test_a_message_of_lost_letters_is_refused() -> None:
    lost = '<div class="text">' + "???? ?????? ??? ????? " * 20 + "</div>"
    found = read(page(message(2, lost), message(3, '<div class="text">نص</div>')), "messages.html")
    assert len(found.articles) == 1
    assert len(found.reasons) == 1


LINKS = [
    "<!DOCTYPE html><html><head><title>Pocket Export</title></head><body><h1>Unread</h1><ul><li><a href='x'>y</a></ul></body></html>",
    "<html><head><title>Instapaper: Export</title></head><body><ol><li><a href='x'>y</a></ol></body></html>",
    "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>\n<DL><p><DT><A HREF='x'>y</A></DL>",
]


@pytest.mark.parametrize("text", LINKS)
def test_a_page_of_links_is_refused(text: str) -> None:
    (reason,) = read(text.encode(), "export.html").reasons
    assert "a list of links without articles" in reason
