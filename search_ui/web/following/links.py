"""What is behind the links of mails and feeds, which need no desk and no signing in: each contains a secret.

A link in a mail only shows a button, since mail servers open links to check them. The link that stops mails also takes
the POST of a mail program (RFC 8058), which has no cookie.
"""

from __future__ import annotations

from time import time

from flask import Blueprint, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from search_ui.access.addresses import (
    address_of_confirmation,
    address_of_number,
    confirm_address,
    signed_text,
)
from search_ui.access.follows import Delivery, Target, follow_of_feed, follow_of_number, set_target, stop_mails
from search_ui.access.saved_searches import read_search
from search_ui.web.desk import refused, without_store
from search_ui.web.feeds import feed_of
from search_ui.web.served_archive import served_archive

follow_links = Blueprint("follow_links", __name__)


@follow_links.route("/follow/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> Response:
    """Confirm a mail address."""
    archive, now = served_archive().archive, time()
    address = address_of_confirmation(archive, token, now)
    if address is None:
        raise refused(
            404, gettext("This link is not valid any more. Follow the search again to get a new one."), bare=True
        )
    if request.method == "POST":
        confirm_address(archive, address, now)
    done = request.method == "POST" or address.confirmed is not None
    return without_store(render_template("link_confirm.html", address=address.address, done=done))


@follow_links.route("/follow/stop/<token>", methods=["GET", "POST"])
def stop(token: str) -> Response:
    """Stop the mails of a followed search, or all to an address."""
    archive = served_archive().archive
    what, _, number = (signed_text(archive, token) or "").partition("-")
    follow = follow_of_number(archive, int(number)) if what == "follow" else None
    address = address_of_number(archive, int(number)) if what == "address" else None
    if not what:
        raise refused(404, gettext("This link is not valid."), bare=True)
    if request.method == "POST":
        if follow is not None and follow.delivery.by_mail:
            set_target(archive, follow, Target(), 0)
        if address is not None:
            stop_mails(archive, address.id)
    active = address is not None or (follow is not None and follow.delivery is not Delivery.PAGE)
    done = request.method == "POST" or not active
    name = follow.name if follow is not None else ""
    return without_store(render_template("link_stop.html", done=done, name=name, all=what == "address"))


@follow_links.get("/follow/feed/<token>.atom")
def feed(token: str) -> Response:
    """The feed of a followed search, by its secret address."""
    follow = follow_of_feed(served_archive().archive, token)
    if follow is None:
        raise refused(404, gettext("This feed does not exist any more."), bare=True)
    return feed_of(read_search(follow.text), address=request.base_url, title=follow.name)
