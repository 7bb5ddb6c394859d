"""The mails of following, written in the reader's language like the pages: in a request context of `base_url`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from flask import Flask, render_template, url_for
from flask_babel import gettext, ngettext

from corpus import Archive, ChangeKind
from search_ui.access.addresses import Address, make_confirmation, sign
from search_ui.access.follows import Follow
from search_ui.access.saved_searches import NewHits, read_search
from search_ui.web.following.mail import Letter
from search_ui.web.links import article_url, search_values

MAX_LISTED: Final = 50
"""Articles, or stories, that one mail or webhook lists; the others are counted."""

_COPIES: Final = 4  # hits per row that are looked at for copies of the same story


@dataclass(frozen=True, slots=True)
class Row:
    """A new article in a mail, and the other papers whose copies of it are new too."""

    title: str
    url: str
    source: str
    published: datetime | None
    revised: bool
    snippet: str
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A followed search in a mail: the number of its new articles, those that are listed, and links."""

    name: str
    total: int
    rows: tuple[Row, ...]
    more: int
    search_url: str
    stop_url: str


@contextmanager
def written_in(app: Flask, base_url: str, language: str) -> Iterator[None]:
    """A request context in which texts are in a language, and links begin with `base_url`."""
    with app.test_request_context(base_url=base_url or "http://localhost", query_string={"lang": language}):
        yield


def confirming_letter(archive: Archive, address: Address) -> Letter:
    """The mail that asks the owner of an address to confirm it; nothing in it was typed by a reader."""
    link = url_for("follow_links.confirm", token=make_confirmation(archive, address), _external=True)
    values = {"link": link, "archive": archive.settings.name}
    return Letter(
        to=address.address,
        subject=gettext("Confirm your address: %(archive)s", archive=archive.settings.name),
        text=render_template("letter_confirm.txt", **values),
        html=render_template("letter_confirm.html", **values),
        message_id=_message_id(archive, "confirm", address.id, link),
    )


def letter_of_hits(archive: Archive, address: Address, found: Sequence[tuple[Follow, NewHits]]) -> Letter:
    """A mail of the new hits of one followed search, or of several. Copies of a story are one row."""
    room = MAX_LISTED
    sections: list[Section] = []
    for follow, new in found:
        section = _section(archive, follow, new, room)
        room -= len(section.rows)
        sections.append(section)
    total = sum(section.total for section in sections)
    stop_all = _stop_url(archive, f"address-{address.id}")
    name = archive.settings.name
    values = {"sections": sections, "archive": name, "desk_url": url_for("desk.show", _external=True)}
    if len(sections) == 1:
        subject = ngettext(
            "%(name)s: %(count)s new article", "%(name)s: %(count)s new articles", total,
            name=sections[0].name, count=f"{total:,}",
        )  # fmt: skip
    else:
        subject = ngettext(
            "%(count)s new article in %(archive)s", "%(count)s new articles in %(archive)s", total,
            archive=name, count=f"{total:,}",
        )  # fmt: skip
    return Letter(
        to=address.address,
        subject=subject,
        text=render_template("letter.txt", stop_all=stop_all, **values),
        html=render_template("letter.html", stop_all=stop_all, **values),
        message_id=_message_id(archive, *(f"{follow.id}:{new.change}" for follow, new in found)),
        stop_url=sections[0].stop_url if len(sections) == 1 else stop_all,
    )


def rows_of(new: NewHits, ids: Sequence[str], room: int, *, external: bool) -> tuple[tuple[Row, ...], int]:
    """The first new hits as rows, at most `room` of them, and how many of the hits these include."""
    rows: dict[str, Row] = {}
    included = 0
    for _, hit, kind in new.first(ids[: room * _COPIES]):
        story = hit.group.name if hit.group else hit.id
        if story in rows:
            row = rows[story]
            if (paper := hit.shown_source) and paper not in (row.source, *row.also):
                rows[story] = replace(row, also=(*row.also, paper))
        elif len(rows) < room:
            rows[story] = Row(
                hit.title.text or hit.snippet.text[:80] or hit.id,
                article_url(hit.id, external=external),
                hit.shown_source or "",
                hit.published,
                kind is ChangeKind.REVISED,
                hit.snippet.text,
                (),
            )
        else:
            continue
        included += 1
    return tuple(rows.values()), included


def _section(archive: Archive, follow: Follow, new: NewHits, room: int) -> Section:
    ids = new.ids()
    rows, included = rows_of(new, ids, room, external=True) if room else ((), 0)
    search_url = url_for("pages.search", _external=True, **search_values(read_search(follow.text)), sort="newest")
    stop_url = _stop_url(archive, f"follow-{follow.id}")
    return Section(follow.name, len(ids), rows, len(ids) - included, search_url, stop_url)


def _stop_url(archive: Archive, what: str) -> str:
    return url_for("follow_links.stop", token=sign(archive, what), _external=True)


def _message_id(archive: Archive, *parts: object) -> str:
    text = "\n".join(map(str, (archive.settings.name, *parts)))
    return f"arshif.{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"
