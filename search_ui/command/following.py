"""`arshif mail`, `arshif alert --deliver`, and how the saved searches of desks are listed."""

from __future__ import annotations

from collections.abc import Iterator
from time import time
from urllib.parse import urlsplit

import click

from corpus import Archive, Subscription
from search_ui.access.follows import Delivery, Follow, all_follows, unfollow
from search_ui.access.saved_searches import delete_search, is_of_desk, saved_searches
from search_ui.command.cli import with_archive
from search_ui.errors import DeliveryNotConfigured, MailNotConfigured


@click.group()
def mail() -> None:
    """Test the mail server that sends readers new articles."""


@mail.command(name="test")
@click.argument("address")
@with_archive
def test_mail(archive: Archive, address: str) -> None:
    """Send a mail to ADDRESS with the settings of [mail] in arshif.toml."""
    from search_ui.access.addresses import read_address
    from search_ui.web.following.mail import Letter, Mailer  # loads Flask
    from search_ui.web.following.settings import following_settings

    settings = following_settings(archive).mail
    if settings is None:
        raise MailNotConfigured
    name, to = archive.settings.name, read_address(address)
    text = f"The mail server of this archive works: {name}\n{settings.base_url}/\n"
    html = (
        f'<p>The mail server of this archive works.</p><p><a href="{settings.base_url}/">{settings.base_url}/</a></p>'
    )
    with Mailer(settings) as mailer:
        mailer.send(Letter(to, f"Test: {name}", text, html, f"arshif.test.{time():.6f}"))
    click.echo(f"sent to {to} by {settings.host}:{settings.port} ({settings.security})")


def deliver_due(archive: Archive) -> None:
    """Send what is due, and print what was sent and what failed.

    Raises:
        DeliveryNotConfigured: the settings have neither a mail server nor webhooks.
    """
    from indexer import open_searcher
    from search_ui.web import create_app  # loads Flask
    from search_ui.web.following.delivery import deliver
    from search_ui.web.following.settings import following_settings
    from search_ui.web.settings import web_settings

    following = following_settings(archive)
    if not following.delivers:
        raise DeliveryNotConfigured
    seconds = web_settings(archive).seconds
    app = create_app({"ARCHIVE": archive.directory})
    report = deliver(app, archive, lambda: open_searcher(archive, seconds=seconds), following, time())
    if report is None:
        click.echo("another process is delivering")
        return
    click.echo(
        f"sent {report.mails:,} mails and {report.webhooks:,} webhooks, and asked {report.confirmations:,} addresses"
        " to confirm"
    )
    for name, reason in report.failures:
        click.echo(f"arshif: {name}: {reason}", err=True)


def reported_by(archive: Archive) -> Iterator[tuple[Subscription, str]]:
    """The saved searches, each with how it is reported; a followed search is one of them."""
    follows = {one.subscription: one for one in all_follows(archive)}
    sent = {one.sent_subscription for one in follows.values()}
    for saved in saved_searches(archive):
        if saved.name in follows:
            yield saved, _reported(follows[saved.name])
        elif not is_of_desk(saved):
            yield saved, "arshif alert"
        elif saved.name not in sent:
            yield saved, "on a desk that does not exist any more"


def delete_saved(archive: Archive, name: str) -> None:
    """Delete a saved search, and if a reader follows it, from the desk too.

    Raises:
        SavedSearchNotFound: no saved search has this name.
    """
    for one in all_follows(archive):
        if one.subscription == name:
            unfollow(archive, one)
            return
    delete_search(archive, name)


def _reported(one: Follow) -> str:
    """How a followed search is reported: without secrets, so without most of an address."""
    how = "on the page"
    if one.delivery is Delivery.WEBHOOK:
        how = f"webhook to {urlsplit(one.webhook or '').hostname}"
    elif one.delivery.by_mail and one.address:
        local, _, host = one.address.address.rpartition("@")
        often = "daily" if one.delivery is Delivery.DIGEST else "at once"
        how = f"mail to {local[:1]}…@{host}, {often}" + ("" if one.address.confirmed else ", not confirmed")
    owner = f", {one.user}" if one.user else ""
    return how + owner + (", paused" if one.paused else "") + (f" ({one.problem})" if one.problem else "")
