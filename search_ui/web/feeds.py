"""Feeds of a search: Atom for feed readers, and a page that says what it is for a browser at the same address.

Browsers show no feeds any more: some download them, and style sheets for them (XSLT) are being removed. A browser
prefers HTML in its Accept header, a feed reader Atom or anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from flask import Response, make_response, render_template, request

from indexer import SearchRequest
from search_ui.export import EXPORTS, About
from search_ui.export.citation import ascii_address
from search_ui.web.links import article_url, search_values
from search_ui.web.served_archive import served_archive

FEED_SIZE: Final = 50
"""Entries per page of a feed; the link `next` leads to older ones."""

_ATOM: Final = "application/atom+xml"


def feed_of(
    search: SearchRequest,
    *,
    address: str,
    title: str = "",
    cursor: str | None = None,
    older: Callable[[str], str] | None = None,
) -> Response:
    """The feed of a search at this address; `older` is the address of the next page by its cursor."""
    served = served_archive()
    accepted = request.accept_mimetypes
    as_page = accepted.quality("text/html") > accepted.quality(_ATOM)
    version = served.version()
    if not as_page and request.if_none_match.contains_weak(version):
        response = Response(status=304)
    else:
        page = served.searcher.search(replace(search, page=1, page_size=FEED_SIZE), cursor)
        articles = served.archive.get_many(hit.id for hit in page.hits)
        matched = [hit for hit in page.hits if hit.matched]
        following = older(page.next) if older and page.next and len(matched) == len(page.hits) else None
        if as_page:
            values = search_values(search)
            response = make_response(
                render_template(
                    "feed.html",
                    hits=matched,
                    address=ascii_address(address),
                    title=title or search.query,
                    values=values,
                )
            )
        else:
            name = served.archive.settings.name
            about = About.of_page(page, name, address, following, lambda id: article_url(id, external=True))
            hits = [(articles[hit.id], hit) for hit in matched if hit.id in articles]
            kind = EXPORTS["atom"]
            response = Response(
                "".join(kind.write(hits, about)).encode("utf-8", "replace"), content_type=kind.media_type
            )
    if not as_page:
        response.set_etag(version, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept")
    return response
