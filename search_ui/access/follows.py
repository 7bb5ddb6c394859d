"""Followed searches: saved searches of a reader's desk, with how their new hits are delivered.

A followed search has up to two subscriptions to the change log, in `articles.db` (docs/decisions/101 and 117): one with
the position up to which the reader has seen its hits, and, if they are sent, one with the position up to which they
were. A restored or repaired archive therefore keeps both in step with its log. The rest is in `desks.db`.

A subscription without a followed search, left by a process that was killed, is deleted by the next delivery; a followed
search without a subscription, in an archive restored from an older copy, gets a new one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from corpus import Archive, ArchiveLocked
from search_ui.access.accounts import digest, user_names
from search_ui.access.addresses import Address
from search_ui.access.desks import Desk, desks_path, read_desks, write_desks
from search_ui.access.saved_searches import is_of_desk
from search_ui.errors import FollowNotFound, TooManyFollows

MAX_NAME_LENGTH: Final = 80
"""Characters of the name of a followed search."""

_SENT: Final = " sent"  # the ending of the name of the second subscription
_IN_NAME: Final = 40  # characters of the search's name in the name of its subscription
_UNUSED: Final = timedelta(hours=1)  # after which a subscription without a followed search is deleted

_COLUMNS: Final = (
    "f.id, f.desk, f.subscription, f.name, f.search, f.language, f.delivery, f.webhook, f.secret, f.feed, f.paused,"
    " f.problem, f.failures, f.next_try, f.last_run, f.sending, f.sent, f.at,"
    " a.id, a.desk, a.address, a.language, a.confirmed, a.problem, d.user"
)
_TABLES: Final = "follows f JOIN desks d ON d.id = f.desk LEFT JOIN addresses a ON a.id = f.address"


class Delivery(StrEnum):
    """Where the new hits of a followed search are announced, besides the desk."""

    PAGE = "page"
    MAIL = "mail"
    DIGEST = "digest"
    """By mail, once a day."""

    WEBHOOK = "webhook"

    @property
    def by_mail(self) -> bool:
        """Whether it is by mail."""
        return self in (Delivery.MAIL, Delivery.DIGEST)


@dataclass(frozen=True, slots=True)
class Follow:
    """A followed search.

    `subscription` is the name of its saved search, `text` the search as JSON. `sending` is the change up to which hits
    are being sent, `sent` up to which they were, if that is not recorded in the archive yet. `problem` is why the last
    delivery failed. Times are seconds since 1970.
    """

    id: int
    desk: Desk
    subscription: str
    name: str
    text: str
    language: str
    delivery: Delivery
    address: Address | None
    webhook: str | None
    secret: str | None
    has_feed: bool
    paused: bool
    problem: str | None
    failures: int
    next_try: float
    last_run: float
    sending: int | None
    sent: int | None
    at: datetime
    user: str | None

    @property
    def sent_subscription(self) -> str:
        """The name of the subscription with the position up to which hits were sent."""
        return self.subscription + _SENT


@dataclass(frozen=True, slots=True)
class Target:
    """A choice of delivery: to a mail address of the desk, or to a webhook."""

    delivery: Delivery = Delivery.PAGE
    address: Address | None = None
    webhook: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Followed searches of a desk, and of all desks of an archive together."""

    per_desk: int
    per_archive: int


def follow(
    archive: Archive, desk: Desk, name: str, text: str, change: int, target: Target, language: str, limits: Limits
) -> Follow:
    """Follow a search (`write_search`) whose hits up to a change are known.

    Raises:
        TooManyFollows: the desk, or the archive, has too many.
        ArchiveWriteFailed: it could not be written; so of all functions here.
    """
    name = clean_name(name)
    subscription = _subscribe(archive, name, text, change)
    if target.delivery is not Delivery.PAGE:
        archive.subscribe(subscription + _SENT, _marked(text), change)
    values = {
        "desk": desk.id,
        "subscription": subscription,
        "name": name,
        "search": text,
        "language": language,
        "at": _iso(),
        **_target_values(target),
    }
    with write_desks(desks_path(archive)) as desks:
        own = desks.execute("SELECT count(*) FROM follows WHERE desk = ?", [desk.id]).fetchone()[0]
        every = desks.execute("SELECT count(*) FROM follows").fetchone()[0]
        most = (
            limits.per_desk if own >= limits.per_desk else limits.per_archive if every >= limits.per_archive else None
        )
        if most is None:
            columns, marks = ", ".join(values), ", ".join("?" * len(values))
            sql = f"INSERT INTO follows ({columns}) VALUES ({marks})"
            number = desks.execute(sql, list(values.values())).lastrowid or 0
    if most is not None:
        for taken in (subscription, subscription + _SENT):
            archive.unsubscribe(taken)
        raise TooManyFollows(most)
    return find_follow(archive, desk, number)


def follows_of(archive: Archive, desk: Desk) -> list[Follow]:
    """The followed searches of a desk, newest first."""
    return _read(archive, "WHERE f.desk = ? ORDER BY f.id DESC", [desk.id])


def all_follows(archive: Archive) -> list[Follow]:
    """The followed searches of all desks."""
    return _read(archive, "ORDER BY f.id")


def find_follow(archive: Archive, desk: Desk | None, number: int) -> Follow:
    """A followed search of a desk, by its number.

    Raises:
        FollowNotFound: the desk has none of this number.
    """
    found = _read(archive, "WHERE f.desk = ? AND f.id = ?", [desk.id if desk else 0, number])
    if not found:
        raise FollowNotFound
    return found[0]


def follow_of_number(archive: Archive, number: int) -> Follow | None:
    """The followed search of a number, on any desk: for links that are signed."""
    return next(iter(_read(archive, "WHERE f.id = ?", [number])), None)


def follow_of_feed(archive: Archive, token: str) -> Follow | None:
    """The followed search whose feed has a token, if its desk is in use."""
    found = _read(archive, "WHERE f.feed = ?", [digest(token)])
    return found[0] if found and in_use(archive, found) else None


def in_use(archive: Archive, follows: Sequence[Follow]) -> list[Follow]:
    """Those whose desk can be opened: in a private archive by an existing user, elsewhere by a secret link."""
    users: set[str | None] = set(user_names(archive)) if archive.settings.private else {None}
    return [one for one in follows if one.user in users]


def rename(archive: Archive, follow: Follow, name: str) -> None:
    """Give a followed search another name."""
    _update(archive, follow, name=clean_name(name))


def pause(archive: Archive, follow: Follow) -> None:
    """Send nothing until `resume`."""
    _update(archive, follow, paused=1, problem=None)


def resume(archive: Archive, follow: Follow, change: int) -> None:
    """Send again what is new from a change on; after a failure, also what could not be sent."""
    sent = None if follow.problem else change
    _update(archive, follow, paused=0, problem=None, failures=0, next_try=0.0, sent=sent, sending=None)


def set_target(archive: Archive, follow: Follow, target: Target, change: int) -> Follow:
    """Change where hits are announced; what is new from a change on is sent there.

    A webhook gets a secret of its own, `Follow.secret` of the result.
    """
    if target.delivery is not Delivery.PAGE:
        archive.unsubscribe(follow.sent_subscription)
        archive.subscribe(follow.sent_subscription, _marked(follow.text), change)
    _update(
        archive,
        follow,
        **_target_values(target),
        paused=0,
        problem=None,
        failures=0,
        next_try=0.0,
        sending=None,
        sent=None,
    )
    if target.delivery is Delivery.PAGE:
        _unsubscribe(archive, follow.sent_subscription)
    return find_follow(archive, follow.desk, follow.id)


def make_feed(archive: Archive, follow: Follow) -> str:
    """The token of a followed search's feed, returned this once; an earlier one is no longer valid."""
    token = secrets.token_urlsafe(24)
    _update(archive, follow, feed=digest(token))
    return token


def mark_seen(archive: Archive, follow: Follow, change: int) -> None:
    """Record that the reader has seen the hits up to a change."""
    if not archive.subscribe(follow.subscription, _marked(follow.text), change):
        archive.advance(follow.subscription, change)


def unfollow(archive: Archive, follow: Follow) -> None:
    """Delete a followed search."""
    with write_desks(desks_path(archive)) as desks:
        desks.execute("DELETE FROM follows WHERE id = ?", [follow.id])
    _unsubscribe(archive, follow.subscription, follow.sent_subscription)


def delete_desk_of_user(archive: Archive, user: str) -> None:
    """Delete what a user kept: followed searches, addresses, lists."""
    for one in _read(archive, "WHERE d.user = ?", [user]):
        unfollow(archive, one)
    if read_desks(desks_path(archive), "SELECT 1 FROM desks WHERE user = ?", [user]):
        with write_desks(desks_path(archive)) as desks:
            desks.execute("DELETE FROM desks WHERE user = ?", [user])


def delete_unused_subscriptions(archive: Archive, follows: Sequence[Follow]) -> None:
    """Delete the subscriptions of desks that no followed search has."""
    used = {one.subscription for one in follows}
    used |= {one.sent_subscription for one in follows if one.delivery is not Delivery.PAGE}
    oldest = datetime.now(UTC) - _UNUSED  # a newer one may be in the middle of being followed
    for saved in archive.subscriptions():
        if is_of_desk(saved) and saved.name not in used and saved.at < oldest:
            archive.unsubscribe(saved.name)


# Deliveries


def begin_sending(archive: Archive, follows: Sequence[Follow], changes: Sequence[int]) -> None:
    """Record that hits up to these changes are about to be sent."""
    _record(archive, "sending = ?", follows, changes)


def finish_sending(archive: Archive, follows: Sequence[Follow], changes: Sequence[int], now: float) -> None:
    """Record that hits up to these changes were sent; `record_sent` moves the positions in the archive."""
    settings = f"sent = ?, sending = NULL, failures = 0, next_try = 0, problem = NULL, last_run = {now!r}"
    _record(archive, settings, follows, changes)


def record_sent(archive: Archive, follow: Follow, change: int) -> None:
    """Move the position of what was sent in the archive. If another process writes, the next delivery repeats it."""
    if not archive.subscribe(follow.sent_subscription, _marked(follow.text), change):
        archive.advance(follow.sent_subscription, change)
    if follow.sent is not None:
        _update(archive, follow, sent=None)


def record_run(archive: Archive, follow: Follow, now: float) -> None:
    """Record that a digest was due and there was nothing to send."""
    _update(archive, follow, last_run=now)


def record_failure(archive: Archive, follow: Follow, problem: str, next_try: float | None) -> None:
    """Record why a delivery failed, and when to try again; None pauses the followed search."""
    paused = next_try is None
    _update(
        archive, follow, problem=problem, failures=follow.failures + 1, next_try=next_try or 0.0, paused=int(paused)
    )


def stop_mails(archive: Archive, address: int) -> None:
    """Send nothing more to an address: what it was sent is announced on the desk only. It must be confirmed again."""
    for one in _read(archive, "WHERE f.address = ?", [address]):
        set_target(archive, one, Target(), 0)
    with write_desks(desks_path(archive)) as desks:
        desks.execute("DELETE FROM addresses WHERE id = ?", [address])


def clean_name(name: str) -> str:
    """A name on one line, without control characters, and not too long."""
    printable = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(printable.split())[:MAX_NAME_LENGTH].strip() or "*"


def _unsubscribe(archive: Archive, *names: str) -> None:
    """Delete subscriptions that are not used any more; if another process writes, the next delivery does it."""
    with suppress(ArchiveLocked):
        for name in names:
            archive.unsubscribe(name)


def _target_values(target: Target) -> dict[str, object]:
    """The columns of a target; a webhook gets a new secret."""
    return {
        "delivery": target.delivery.value,
        "address": target.address.id if target.address else None,
        "webhook": target.webhook,
        "secret": secrets.token_urlsafe(32) if target.webhook else None,
    }


def _subscribe(archive: Archive, name: str, text: str, change: int) -> str:
    """Make a subscription, under a readable name that no other has."""
    while True:
        subscription = f"{name[:_IN_NAME].strip()} #{secrets.token_hex(3)}"
        if archive.subscribe(subscription, _marked(text), change):
            return subscription


def _marked(text: str) -> str:
    """A search's text in the archive: `is_of_desk` recognizes it even without `desks.db`."""
    return json.dumps({**json.loads(text), "desk": True}, ensure_ascii=False)


def _read(archive: Archive, condition: str, values: Sequence[object] = ()) -> list[Follow]:
    rows = read_desks(desks_path(archive), f"SELECT {_COLUMNS} FROM {_TABLES} {condition}", values)
    return [_from_row(row) for row in rows]


def _from_row(row: Sequence[Any]) -> Follow:
    number, desk, subscription, name, text, language, delivery, webhook, secret, feed, paused, problem, *rest = row
    failures, next_try, last_run, sending, sent, at, *address, user = rest
    return Follow(
        number,
        Desk(desk),
        subscription,
        name,
        text,
        language,
        Delivery(delivery),
        Address(*address) if address[0] is not None else None,
        webhook,
        secret,
        feed is not None,
        bool(paused),
        problem,
        failures,
        next_try,
        last_run,
        sending,
        sent,
        datetime.fromisoformat(at),
        user,
    )


def _update(archive: Archive, follow: Follow, **values: object) -> None:
    assigned = ", ".join(f"{column} = ?" for column in values)
    with write_desks(desks_path(archive)) as desks:
        desks.execute(f"UPDATE follows SET {assigned} WHERE id = ?", [*values.values(), follow.id])


def _record(archive: Archive, settings: str, follows: Sequence[Follow], changes: Sequence[int]) -> None:
    """Update several followed searches in one transaction; `settings` has one placeholder, for the change."""
    with write_desks(desks_path(archive)) as desks:
        for one, change in zip(follows, changes, strict=True):
            desks.execute(f"UPDATE follows SET {settings} WHERE id = ?", [change, one.id])


def _iso() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
