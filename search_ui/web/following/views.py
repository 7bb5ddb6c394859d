"""The pages of following: the form that saves a search, and the followed searches of a desk.

A GET changes nothing. What is new stays new until the reader presses “Mark as read”, which sends the change that the
page showed: neither a prefetch, nor the back button, nor an article that arrives meanwhile makes hits disappear.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import time
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from corpus import Archive, Subscription
from indexer import SearchTooCostly, Sort, budget
from search_ui.access.addresses import addresses_of, read_address, request_address
from search_ui.access.desks import Desk, can_store_desks
from search_ui.access.follows import (
    Delivery,
    Follow,
    Limits,
    Target,
    clean_name,
    find_follow,
    follow,
    follows_of,
    make_feed,
    mark_seen,
    pause,
    rename,
    resume,
    set_target,
    unfollow,
)
from search_ui.access.private_database import is_writable
from search_ui.access.saved_searches import hits_between, read_search, write_search
from search_ui.errors import AddressInvalid, AddressUnavailable, FollowNotFound, TooManyFollows, WebhookInvalid
from search_ui.web.desk import current_desk, desk_for_writing, limit_rate, own_site_only, refused, without_store
from search_ui.web.following.letters import MAX_LISTED, Row, rows_of
from search_ui.web.following.settings import Following
from search_ui.web.following.webhook import read_webhook
from search_ui.web.forms import SearchForm, read_form
from search_ui.web.languages import language
from search_ui.web.links import Links, search_values
from search_ui.web.served_archive import served_archive

following = Blueprint("follow", __name__)
following.before_request(own_site_only)

_ON_DESK = 3  # new hits that the desk lists per followed search
_SHARE = 0.6  # of the time that a request may take, for counting what is new
_PORT = lazy_gettext("Ports below 1024 are those of a machine's own services: only 80 and 443 are accepted.")
_WEBHOOK_REASONS = {
    "address": lazy_gettext("This is not a web address: it begins with https:// or http://."),
    "user": lazy_gettext("The address must not contain a user name or password."),
    "port": _PORT,
}
_PROBLEMS = {
    "the mail server could not be reached": lazy_gettext("the mail server could not be reached"),
    "the mail server did not accept the archive's password": lazy_gettext("the mail server refused the archive"),
    "there was no secure connection to the mail server": lazy_gettext(
        "there was no secure connection to the mail server"
    ),
    "the search takes too long": lazy_gettext("the search takes too long"),
}


@dataclass(frozen=True, slots=True)
class Followed:
    """A followed search as the desk shows it.

    `count` is the number of its new hits, None if they could not be counted in time, and `change` the change up to
    which they are. `lost` is true in an archive restored from an older copy, which does not know the search.
    """

    follow: Follow
    search_url: str
    count: int | None = 0
    rows: tuple[Row, ...] = ()
    more: int = 0
    change: int = 0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The delivery that a reader chose on a form, and what is wrong with it."""

    name: str
    address: str
    rhythm: str
    webhook: str
    error: str = ""
    field: str = ""


@following.app_template_global()
def can_follow() -> bool:
    """Whether searches can be followed here: both files are writable, and the reader can have a desk."""
    archive = served_archive().archive
    return can_store_desks(archive) and is_writable(archive.database_file)


@following.app_template_global()
def follow_url(form: SearchForm) -> str:
    """The form that follows the search of a page of results."""
    return url_for("follow.form", **search_values(form.request))


@following.app_template_filter("problem")
def problem_text(problem: str) -> str:
    """Why a delivery failed, in the reader's language as far as it is our own sentence."""
    return str(_PROBLEMS.get(problem, problem))


@following.get("/follow")
def form() -> Response:
    """The form that follows a search, filled in with the search."""
    search = read_form(request.args)
    known = current_desk()
    addresses = addresses_of(served_archive().archive, known) if known else []
    choice = Choice(_name(search), addresses[0].address if addresses else "", Delivery.MAIL, "")
    return _form_page(search, choice)


@following.post("/follow")
def save() -> Response:
    """Follow a search."""
    archive, search, choice = served_archive().archive, read_form(request.args), _read_choice()
    # Counting it first shows what it costs: one that is too costly is refused here, and not with each delivery.
    scan = served_archive().searcher.scan(search.request)
    limit_rate("follows")
    desk = desk_for_writing()
    settings = _settings().follow
    limits = Limits(settings.per_desk, settings.per_archive)
    try:
        if len(follows_of(archive, desk)) >= limits.per_desk:
            raise TooManyFollows(limits.per_desk)
        target = _target(archive, desk, choice)
        name = clean_name(choice.name or _name(search))
        made = follow(archive, desk, name, write_search(search.request), scan.change, target, language(), limits)
    except (AddressInvalid, AddressUnavailable, WebhookInvalid, TooManyFollows) as error:
        return _form_page(search, _with_error(choice, error), 400)
    _wake_worker()
    if made.secret:
        return without_store(render_template("webhook_secret.html", follow=made))
    return redirect(url_for("desk.show", _anchor=f"follow-{made.id}"), 303)


@following.get("/desk/follow/<int:number>")
def show(number: int) -> Response:
    """One followed search: all that is new, and its settings."""
    found = _find(number)
    return _page_of(found, _choice_of(found))


@following.post("/desk/follow/<int:number>/seen")
def seen(number: int) -> Response:
    """Mark as read what the page showed."""
    found, archive = _find(number), served_archive().archive
    until = request.form.get("until", "")
    if until.isdecimal() and len(until) < 19:
        mark_seen(archive, found, min(int(until), archive.last_change()))
    return redirect(url_for("desk.show", _anchor=f"follow-{number}"), 303)


@following.post("/desk/follow/<int:number>/<any(pause, resume):action>")
def switch(number: int, action: str) -> Response:
    """Pause or resume the deliveries."""
    found, archive = _find(number), served_archive().archive
    if action == "pause":
        pause(archive, found)
    else:
        resume(archive, found, served_archive().searcher.scan(read_search(found.text)).change)
    return redirect(_back(number), 303)


@following.post("/desk/follow/<int:number>/settings")
def change(number: int) -> Response:
    """Rename a followed search, or change where its hits are announced."""
    found, archive, choice = _find(number), served_archive().archive, _read_choice()
    try:
        target = _target(archive, found.desk, choice)
    except (AddressInvalid, AddressUnavailable, WebhookInvalid) as error:
        return _page_of(found, _with_error(choice, error), 400)
    if choice.name and clean_name(choice.name) != found.name:
        rename(archive, found, choice.name)
    if (target.delivery, target.address, target.webhook) != (found.delivery, found.address, found.webhook):
        last = served_archive().searcher.scan(read_search(found.text)).change
        changed = set_target(archive, found, target, last)
        _wake_worker()
        if changed.secret:
            return without_store(render_template("webhook_secret.html", follow=changed))
    return redirect(_back(number), 303)


@following.post("/desk/follow/<int:number>/delete")
def delete(number: int) -> Response:
    """Delete a followed search."""
    unfollow(served_archive().archive, _find(number))
    return redirect(url_for("desk.show"), 303)


@following.post("/desk/follow/<int:number>/feed")
def new_feed(number: int) -> Response:
    """Make the secret address of a feed, which is shown this once."""
    found = _find(number)
    token = make_feed(served_archive().archive, found)
    address = url_for("follow_links.feed", token=token, _external=True)
    return without_store(render_template("feed_address.html", follow=found, address=address))


@following.app_template_global()
def followed_searches(desk: Desk | None) -> list[Followed]:
    """The followed searches of a desk, each with what is new."""
    if desk is None:
        return []
    archive = served_archive().archive
    follows = follows_of(archive, desk)
    positions = {saved.name: saved for saved in archive.subscriptions()} if follows else {}
    with budget.limited(_SHARE * (budget.remaining() or 0) or None):
        return [_followed(one, positions.get(one.subscription), _ON_DESK) for one in follows]


@following.app_template_global()
def public_feed(one: Follow) -> str:
    """The feed of the search, which needs no secret in an archive that everybody may read."""
    return url_for("exports.export", ending="atom", **search_values(read_search(one.text)))


def _followed(one: Follow, saved: Subscription | None, most: int) -> Followed:
    served = served_archive()
    search_url = url_for("pages.search", **search_values(read_search(one.text)), sort=Sort.NEWEST.value)
    if saved is None:
        return Followed(one, search_url, change=served.archive.last_change(), lost=True)
    try:
        new = hits_between(served.archive, served.searcher, Subscription(saved.name, one.text, saved.change, saved.at))
        if new is None:
            return Followed(one, search_url)
        ids = new.ids()
        rows, included = rows_of(new, ids, most, external=False)
    except SearchTooCostly:
        return Followed(one, search_url, None)
    return Followed(one, search_url, len(ids), rows, len(ids) - included, new.change)


def _form_page(search: SearchForm, choice: Choice, status: int = 200) -> Response:
    scan = served_archive().searcher.scan(search.request)
    page = render_template(
        "follow.html",
        search=search,
        links=Links(search),
        understood=scan.understood,
        total=scan.total,
        choice=choice,
        offers=_settings(),
        action=follow_url(search),
    )
    return without_store(page, status)


def _page_of(found: Follow, choice: Choice, status: int = 200) -> Response:
    archive = served_archive().archive
    saved = next((saved for saved in archive.subscriptions() if saved.name == found.subscription), None)
    shown = _followed(found, saved, MAX_LISTED)
    scan = served_archive().searcher.scan(read_search(found.text))
    page = render_template(
        "follow_one.html",
        one=shown,
        understood=scan.understood,
        total=scan.total,
        choice=choice,
        offers=_settings(),
        private=archive.settings.private,
    )
    return without_store(page, status)


def _find(number: int) -> Follow:
    try:
        return find_follow(served_archive().archive, current_desk(), number)
    except FollowNotFound:
        raise refused(404, gettext("There is no such followed search on this desk.")) from None


def _back(number: int) -> str:
    return url_for("follow.show", number=number)


def _name(search: SearchForm) -> str:
    asked = search.request
    filters = (*asked.sources, *asked.sections, *asked.authors)
    return clean_name(asked.query or next(iter(filters), "") or gettext("All articles"))


def _read_choice() -> Choice:
    values = {name: request.form.get(name, "").strip()[:2100] for name in ("name", "address", "rhythm", "webhook")}
    rhythm = Delivery.DIGEST if values["rhythm"] == Delivery.DIGEST else Delivery.MAIL
    return Choice(values["name"], values["address"], rhythm, values["webhook"])


def _choice_of(found: Follow) -> Choice:
    rhythm = Delivery.DIGEST if found.delivery is Delivery.DIGEST else Delivery.MAIL
    return Choice(found.name, found.address.address if found.address else "", rhythm, found.webhook or "")


def _target(archive: Archive, desk: Desk, choice: Choice) -> Target:
    """Where hits are announced; a new mail address is asked to confirm.

    Raises:
        AddressInvalid, AddressUnavailable, WebhookInvalid: the choice is not possible.
    """
    settings = _settings()
    if choice.webhook and settings.follow.webhooks:
        if choice.address:
            raise WebhookInvalid(choice.webhook, "both")
        address = read_webhook(choice.webhook, private=settings.follow.private_webhooks)
        return Target(Delivery.WEBHOOK, webhook=address)
    if choice.address and settings.mail is not None:
        address = read_address(choice.address)
        if address not in [known.address for known in addresses_of(archive, desk)]:
            limit_rate("confirmations")
        return Target(Delivery(choice.rhythm), request_address(archive, desk, address, language(), time()))
    return Target()


def _with_error(choice: Choice, error: Exception) -> Choice:
    match error:
        case AddressInvalid():
            sentence, field = (
                gettext("This is not a mail address that can be used. It looks like name@example.org."),
                "address",
            )
        case AddressUnavailable():
            sentence = gettext(
                "This address was sent a confirming mail less than a day ago, or too many. Use the link in it, or try"
                " again tomorrow."
            )
            field = "address"
        case WebhookInvalid(reason="both"):
            sentence, field = gettext("Choose one: a mail address or a webhook."), "webhook"
        case WebhookInvalid():
            sentence, field = str(_WEBHOOK_REASONS[error.reason]), "webhook"
        case TooManyFollows():
            sentence = gettext("No more than %(most)s searches can be followed. Delete one first.", most=error.most)
            field = "name"
        case _:
            raise error
    return Choice(choice.name, choice.address, choice.rhythm, choice.webhook, sentence, field)


def _settings() -> Following:
    settings: Following = current_app.extensions["arshif.following"]
    return settings


def _wake_worker() -> None:
    wake: Any = current_app.extensions.get("arshif.wake_worker")
    if wake is not None:
        wake()
