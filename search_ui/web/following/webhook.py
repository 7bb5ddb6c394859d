"""Webhooks: a POST of JSON, signed, to a checked address.

The body is described in docs/following.md; `VERSION` changes if a field changes its meaning or is removed. The header
`Arshif-Signature: t=SECONDS,v1=HEX` has the HMAC-SHA256, by the webhook's secret, of `SECONDS.BODY`, so that the
receiver can tell who sent it and reject an old copy.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

from corpus import Archive, fetch, is_web_address
from search_ui.access.follows import Follow
from search_ui.access.saved_searches import NewHits
from search_ui.errors import WebhookInvalid
from search_ui.export import hit_value
from search_ui.export.about import program
from search_ui.web.following.letters import MAX_LISTED
from search_ui.web.links import article_url

VERSION: Final = 1
"""The version of the body."""

MAX_URL_LENGTH: Final = 2000

_LIMITS: Final = fetch.Limits(connect=5, silence=10, total=20, size=0)
_USUAL_PORTS: Final = (80, 443)
_FIRST_FREE_PORT: Final = 1024  # below are the services of a machine, such as mail
_SAFE: Final = "%/:=&?~#+!$,;'@()*[]"


class WebhookRefused(Exception):
    """The receiver did not accept a webhook; `gone` means that it wants no more (410)."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.gone = gone


def read_webhook(text: str, *, private: bool) -> str:
    """A webhook's address, in ASCII. The machine behind it is checked with each delivery.

    Raises:
        WebhookInvalid: it is not an http(s) address, or it has a user name, or the port of a service.
    """
    text = text.strip()
    if len(text) > MAX_URL_LENGTH or not is_web_address(text) or not text.isprintable():
        raise WebhookInvalid(text, "address")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except (ValueError, UnicodeError):
        raise WebhookInvalid(text, "address") from None
    if "@" in parts.netloc:
        raise WebhookInvalid(text, "user")
    if not private and port is not None and port not in _USUAL_PORTS and port < _FIRST_FREE_PORT:
        raise WebhookInvalid(text, "port")
    netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    return urlunsplit((parts.scheme.lower(), netloc, quote(parts.path, safe=_SAFE), quote(parts.query, safe=_SAFE), ""))


def send_webhook(follow: Follow, new: NewHits, archive: Archive, now: float, *, private: bool, linked: bool) -> None:
    """Send the new hits of a followed search.

    Raises:
        WebhookRefused: the receiver did not answer with a status of success.
        FetchFailed: it could not be reached, or is at a private address.
    """
    body = json.dumps(_value(follow, new, archive, now, linked=linked), ensure_ascii=False).encode("utf-8", "replace")
    moment = str(int(now))
    signed = f"t={moment},v1={signature(follow.secret or '', moment, body)}"
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": program().replace(" ", "/"),
        "Arshif-Signature": signed,
        "Arshif-Delivery": f"{follow.subscription.rpartition('#')[2]}-{new.change}",
    }
    allowed = fetch.allow_any if private else fetch.is_public
    answer = fetch.post(follow.webhook or "", body, headers, allowed=allowed, limits=_LIMITS)
    if 300 <= answer.status < 400:
        raise WebhookRefused(f"it answered {answer.status}: redirects are not followed")
    if not 200 <= answer.status < 300:
        raise WebhookRefused(f"it answered {answer.status}", gone=answer.status == 410)


def signature(secret: str, moment: str, body: bytes) -> str:
    """The signature of a body sent at a moment (seconds since 1970)."""
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def _value(follow: Follow, new: NewHits, archive: Archive, now: float, *, linked: bool) -> dict[str, Any]:
    ids = new.ids()
    hits = [
        {
            "change": kind.value,
            **hit_value(hit),
            "archive_url": article_url(hit.id, external=True) if linked else None,
        }
        for _, hit, kind in new.first(ids[:MAX_LISTED])
    ]
    return {
        "version": VERSION,
        "kind": "new_hits",
        "archive": archive.settings.name,
        "follow": {"id": follow.id, "name": follow.name, "search": json.loads(follow.text)},
        "change": new.change,
        "sent_at": int(now),
        "count": len(ids),
        "more": len(ids) - len(hits),
        "hits": hits,
    }
