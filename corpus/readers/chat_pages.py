"""Telegram's exports in HTML (`messages.html`): each message with a text is an article.

The pages have the chat's name but not its id, so that ids of messages differ from those of exports in JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bs4 import Tag

from corpus.dates.parsing import parse_date
from corpus.errors import NotADate, UnreadableInput
from corpus.readers.damaged_letters import DamagedLetters
from corpus.readers.encodings import decode
from corpus.readers.html_body import text_blocks
from corpus.readers.html_tree import parse_html
from corpus.readers.record import Ignored, Item, Place, Reading, Record, Refusal

_CHAT_PAGE: Final = re.compile(r'<div class="page_body chat_page">.{0,2000}<div class="history">', re.S)
_MAX_TAGS: Final = 500_000
_NUMBER: Final = re.compile(r"message(-?\d{1,18})")
_DATE: Final = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)(?: UTC([+-]\d\d:\d\d))?")


def is_chat_page(head: str) -> bool:
    """Whether the start of a page is that of an export of a Telegram chat."""
    return bool(_CHAT_PAGE.search(head))


def read_chat_page(data: bytes, place: Place, reading: Reading) -> Iterator[Item]:
    """Read the messages of a page."""
    try:
        text = decode(data)
    except ValueError as error:
        yield Refusal(place.label, str(error))
        return
    if text.count("<") > _MAX_TAGS:
        yield Refusal(place.label, f"it has more than {_MAX_TAGS:,} tags")
        return
    soup = parse_html(text)
    chat = _text(soup.select_one(".page_header .text"))
    sender = chat
    found = False
    for message in soup.select(".history > .message"):
        found = True
        number = _NUMBER.fullmatch(str(message.get("id") or ""))
        if "service" in (message.get("class") or ()) or not number:
            yield Ignored("service message")
            continue
        names = [_name(one) for one in message.select(".body > .from_name")]
        own = message.select_one(".body:not(.forwarded) > .from_name")
        sender = _name(own) if own else sender  # a sender's next messages have no name
        printed = message.select_one(".body > .text") or message.select_one(".text")
        paragraphs = [block.text for block in text_blocks(printed)] if printed else []
        if not paragraphs:
            yield Ignored("message without text")
            continue
        author = next((name for name in names[::-1] if name != chat), sender if sender != chat else "")
        day = message.select_one(".body > .date")
        here = place.within(f"message {number[1]}")
        letters = DamagedLetters(here.label)
        try:
            article = letters.article(
                title=None,
                id=f"telegram-{chat}-{number[1]}",
                paragraphs=paragraphs,
                published=_moment(day),
                source=chat,
                authors=(author,) if author else (),
                retrieved_at=reading.retrieved_at,
            )
        except UnreadableInput as error:
            yield Refusal(error.name, error.reason)
            continue
        warnings = "; ".join(letters.warnings())
        yield Record(article, warning=f"{here.label}: {warnings}" if warnings else None, origin=here.origin)
    if not found:
        yield Refusal(place.label, "the chat has no messages")


def _name(tag: Tag) -> str:
    """A sender's name, without the date that follows the name of a first sender."""
    return " ".join("".join(str(part) for part in tag.find_all(string=True, recursive=False)).split())


def _text(tag: Tag | None) -> str:
    return " ".join(tag.get_text().split()) if tag else ""


def _moment(tag: Tag | None) -> datetime | None:
    printed = _DATE.search(str(tag.get("title") or "")) if tag else None
    if not printed:
        return None
    try:
        return parse_date(f"{printed[3]}-{printed[2]}-{printed[1]}T{printed[4]}{printed[5] or ''}")
    except NotADate:
        return None
