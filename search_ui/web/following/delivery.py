"""What is sent when: the confirming mails, and the new hits of followed searches.

A delivery is made at least once, and twice only if the process is killed, or the connection lost, between sending and
recording it:

1. `desks.db` records up to which change hits are being sent,
2. the mail or webhook is sent,
3. `desks.db` records that it was sent,
4. the position in `articles.db` moves; if another process is writing there, the next run repeats this step only.

After a crash in step 2 or 3 the same hits are sent again, as the same mail with the same Message-ID; what came
meanwhile follows in another. One process delivers at a time (`delivering`). A followed search that fails does not stop
the others: it is tried again later (`_WAITS`), or paused with the reason, which the reader sees.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from flask import Flask

from corpus import Archive, ArchiveLocked, FetchFailed, Subscription
from indexer import Searcher, SearchTooCostly
from search_ui.access.addresses import (
    Confirmation,
    delete_unconfirmed,
    due_confirmations,
    record_confirmation,
    record_refusal,
)
from search_ui.access.desks import delivering
from search_ui.access.follows import (
    Delivery,
    Follow,
    all_follows,
    begin_sending,
    delete_unused_subscriptions,
    finish_sending,
    in_use,
    record_failure,
    record_run,
    record_sent,
)
from search_ui.access.saved_searches import NewHits, hits_between
from search_ui.errors import MailFailed, SavedSearchDamaged
from search_ui.web.following.letters import confirming_letter, letter_of_hits, written_in
from search_ui.web.following.mail import Mailer
from search_ui.web.following.settings import Following
from search_ui.web.following.webhook import WebhookRefused, send_webhook

_WAITS: Final = tuple(60.0 * minutes for minutes in (1, 5, 15, 60, 180, 360, 360, 720, 720, 1440))
"""Seconds until a failed delivery is tried again; after the last of them it is paused."""

_CONFIRMATIONS: Final = 50  # confirming mails of one run
# Seconds after which a run begins no more mails, and no more webhooks: neither a mail server that does not respond nor
# slow receivers of webhooks, of which anyone may name many, hold up the others for long.
_SECONDS: Final = 120.0

_log = logging.getLogger("search_ui.web")

Batch = list[tuple[Follow, NewHits]]


@dataclass(slots=True)
class DeliveryReport:
    """What a run has done. `failures` are names of followed searches, or addresses, with the reasons."""

    confirmations: int = 0
    mails: int = 0
    webhooks: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


def deliver(
    app: Flask, archive: Archive, searcher: Callable[[], Searcher], following: Following, now: float
) -> DeliveryReport | None:
    """Send what is due; None if another process is delivering.

    Raises:
        IndexMissing, IndexDamaged, IndexVersionMismatch: as their names say, after the confirming mails were sent.
        ArchiveReadFailed, ArchiveWriteFailed: the archive or the desks cannot be read or written.
    """
    with delivering(archive) as first:
        if not first:
            return None
        return _Run(app, archive, searcher, following, now).run()


class _Run:
    def __init__(
        self, app: Flask, archive: Archive, searcher: Callable[[], Searcher], following: Following, now: float
    ) -> None:
        self._app = app
        self._archive = archive
        self._searcher = searcher
        self._mail, self._follow = following.mail, following.follow
        self._now = now
        self._report = DeliveryReport()
        self._left = following.follow.deliveries
        self._positions: dict[str, Subscription] = {}

    def run(self) -> DeliveryReport:
        delete_unconfirmed(self._archive, self._now)
        follows = all_follows(self._archive)
        delete_unused_subscriptions(self._archive, follows)
        with self._mailer() as mailer:
            until = monotonic() + _SECONDS
            if mailer:
                for confirmation in due_confirmations(self._archive, self._now, _CONFIRMATIONS):
                    if monotonic() < until:
                        self._confirm(mailer, confirmation)
            self._positions = {saved.name: saved for saved in self._archive.subscriptions()}
            due = self._due(in_use(self._archive, follows))
            self._deliver_until(until, mailer, [group for group in due if group[0].delivery.by_mail])
            webhooks = [group for group in due if not group[0].delivery.by_mail]
            self._deliver_until(monotonic() + _SECONDS, mailer, webhooks)
        return self._report

    def _deliver_until(self, until: float, mailer: Mailer | None, groups: list[list[Follow]]) -> None:
        for group in groups:
            if self._left <= 0 or monotonic() >= until:
                break
            self._deliver(mailer, group)

    @contextmanager
    def _mailer(self) -> Iterator[Mailer | None]:
        if self._mail is None:
            yield None
            return
        with Mailer(self._mail) as mailer:
            yield mailer

    def _confirm(self, mailer: Mailer, confirmation: Confirmation) -> None:
        address = confirmation.address
        try:
            with self._written_in(address.language):
                mailer.send(confirming_letter(self._archive, address))
        except MailFailed as error:
            wait = None if error.permanent else self._wait(confirmation.failures)
            record_refusal(self._archive, confirmation, error.reason, wait)
            self._report.failures.append((address.address, error.reason))
        else:
            record_confirmation(self._archive, address, self._now)
            self._report.confirmations += 1

    def _due(self, follows: list[Follow]) -> list[list[Follow]]:
        """The followed searches that may be delivered now, longest waiting first; a reader's digests are one mail."""
        groups: dict[object, list[Follow]] = {}
        for follow in sorted(follows, key=lambda one: max(one.last_run, one.next_try, one.at.timestamp())):
            if not follow.paused and follow.next_try <= self._now and self._is_time(follow):
                key = (
                    ("digest", follow.address.id)
                    if follow.address and follow.delivery is Delivery.DIGEST
                    else follow.id
                )
                groups.setdefault(key, []).append(follow)
        return list(groups.values())

    def _is_time(self, follow: Follow) -> bool:
        match follow.delivery:
            case Delivery.WEBHOOK:
                return self._follow.webhooks and follow.webhook is not None
            case Delivery.MAIL:
                waited = self._now - follow.last_run >= 60 * self._follow.minutes
                return self._may_mail(follow) and (waited or follow.sending is not None)
            case Delivery.DIGEST:
                before = max(follow.last_run, follow.at.timestamp())
                return self._may_mail(follow) and before < _last_time(self._now, self._follow.digest_hour)
        return False

    def _may_mail(self, follow: Follow) -> bool:
        return self._mail is not None and follow.address is not None and follow.address.confirmed is not None

    def _deliver(self, mailer: Mailer | None, group: list[Follow]) -> None:
        batch: Batch = []
        for follow in group:
            try:
                if new := self._new_hits(follow):
                    batch.append((follow, new))
                elif follow.delivery is Delivery.DIGEST:
                    record_run(self._archive, follow, self._now)
            except SearchTooCostly:
                self._failed([follow], "the search takes too long")
            except SavedSearchDamaged as error:
                self._failed([follow], str(error), permanent=True)
            except ArchiveLocked:
                _log.warning("arshif: the new hits of %s wait: another process is writing", follow.subscription)
        if batch:
            self._left -= 1
            self._send(mailer, batch)

    def _new_hits(self, follow: Follow) -> NewHits | None:
        """What is to be sent; None if it is nothing, and then the position moves on."""
        last = self._archive.last_change()  # lower than a recorded one if the archive was restored from a copy
        sent = min(follow.sent or 0, last)
        if follow.sent is not None:  # the end of an earlier delivery
            record_sent(self._archive, follow, sent)
        saved = self._positions.get(follow.sent_subscription)
        if saved is None:  # the archive was restored from a copy that is older than the followed search
            record_sent(self._archive, follow, last)
            return None
        after = max(saved.change, sent)
        position = Subscription(saved.name, follow.text, after, saved.at)
        until = follow.sending if follow.sending and after < follow.sending <= last else None
        new = hits_between(self._archive, self._searcher(), position, until)
        if new is None or new.ids():
            return new
        record_sent(self._archive, follow, new.change)
        return None

    def _send(self, mailer: Mailer | None, batch: Batch) -> None:
        follows, changes = [follow for follow, _ in batch], [new.change for _, new in batch]
        begin_sending(self._archive, follows, changes)
        (first, new), address = batch[0], batch[0][0].address
        try:
            with self._written_in(address.language if address else first.language):
                if mailer is not None and address is not None:
                    mailer.send(letter_of_hits(self._archive, address, batch))
                    self._report.mails += 1
                else:
                    private, linked = self._follow.private_webhooks, self._mail is not None
                    send_webhook(first, new, self._archive, self._now, private=private, linked=linked)
                    self._report.webhooks += 1
        except MailFailed as error:
            self._failed(follows, error.reason, permanent=error.permanent)
        except FetchFailed as error:
            self._failed(follows, error.reason)
        except WebhookRefused as error:
            self._failed(follows, error.reason, permanent=error.gone)
        else:
            finish_sending(self._archive, follows, changes, self._now)
            for follow, change in zip(follows, changes, strict=True):
                try:
                    record_sent(self._archive, replace(follow, sent=change), change)
                except ArchiveLocked:
                    _log.warning("arshif: %s was sent; its position moves with the next delivery", follow.subscription)

    def _failed(self, follows: list[Follow], reason: str, *, permanent: bool = False) -> None:
        for follow in follows:
            record_failure(self._archive, follow, reason, None if permanent else self._wait(follow.failures))
            self._report.failures.append((follow.subscription, reason))

    def _wait(self, failures: int) -> float | None:
        return self._now + _WAITS[failures] if failures < len(_WAITS) else None

    def _written_in(self, language: str) -> AbstractContextManager[None]:
        return written_in(self._app, self._mail.base_url if self._mail else "", language)


def _last_time(now: float, hour: int) -> float:
    """The last time that it was this hour, in this machine's time."""
    today = datetime.fromtimestamp(now).astimezone()
    at = today.replace(hour=hour, minute=0, second=0, microsecond=0)
    return (at if at <= today else at - timedelta(days=1)).timestamp()
