"""Files of a search and of an article: exports, feeds, citations, and the description that browsers add a search by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wsgi import wrap_file

from indexer import SearchRequest, SearchTooCostly, Sort
from search_ui import citation
from search_ui.export import EXPORTS, About, Export
from search_ui.web.forms import read_form
from search_ui.web.limits import client_name
from search_ui.web.links import article_url
from search_ui.web.opened import opened_archive
from search_ui.web.spool import FileTooLarge, Spool, SpooledFile, SpoolFull

exports = Blueprint("exports", __name__)

FEED_SIZE = 50
"""Entries of a feed; `next` leads to those before them."""

_RETRY_SECONDS = 10

_BY_ENDING = {export.ending: export for export in EXPORTS.values()}
_CITATIONS = {"bib": citation.bibtex, "ris": citation.ris}


@exports.get("/search.<ending>")
def export(ending: str) -> Response:
    """All hits of a search, written to a file that the server sends without a thread."""
    form = _BY_ENDING.get(ending) or abort(404)
    asked = _asked()
    if form.name == "Atom":
        return _feed(form, asked)
    opened = opened_archive()
    scan = opened.searcher.scan(asked)
    about = About.of_scan(scan, opened.archive.settings.name, request.url, _permanent)
    return _file(form, form.write(scan.hits(marked=form.marked), about), about)


@exports.get("/article.<any(bib, ris):ending>")
@exports.get("/article/<path:article_id>.<any(bib, ris):ending>")
def cite(ending: str, article_id: str = "") -> Response:
    """An article as it is cited."""
    form = _BY_ENDING[ending]
    article = opened_archive().archive.find(article_id or request.args.get("id", ""))
    response = Response(_CITATIONS[ending](article).encode("utf-8", "replace"), content_type=form.media_type)
    response.headers["Content-Disposition"] = _attachment(article.id, ending)
    return response


@exports.app_template_global()
def citation_url(article_id: str, ending: str) -> str:
    """Where an article is cited in a form; browsers and proxies shorten paths with empty or dotted parts."""
    if {"", ".", ".."} & set(article_id.split("/")):
        return url_for("exports.cite", ending=ending, id=article_id)
    return url_for("exports.cite", ending=ending, article_id=article_id)


@exports.get("/opensearch.xml")
def opensearch() -> Response:
    """The OpenSearch description of the archive (https://github.com/dewitt/opensearch)."""
    return Response(render_template("opensearch.xml"), mimetype="application/opensearchdescription+xml")


def _asked() -> SearchRequest:
    """The search of the address. What the page would only note is an error here: a file must hold what was asked."""
    # A file or feed is of articles: each copy of a story is a row, unless one row per story is asked for.
    form = read_form(request.args, group=False, also=frozenset(("cursor",)))
    if form.notes:
        abort(400, " ".join(form.notes))
    return replace(form.request, facets=False)


def _permanent(article_id: str) -> str:
    """The address of an article in this archive."""
    return article_url(article_id, external=True)


def _feed(form: Export, asked: SearchRequest) -> Response:
    opened = opened_archive()
    # Readers of feeds want what is new.
    sort = asked.sort if request.args.get("sort") else Sort.NEWEST
    asked = replace(asked, sort=sort, page=1, page_size=FEED_SIZE)
    version = opened.version()
    if request.if_none_match.contains_weak(version):
        response = Response(status=304)
    else:
        page = opened.searcher.search(asked, request.args.get("cursor"))
        articles = opened.archive.get_many(hit.id for hit in page.hits)
        matched = [hit for hit in page.hits if hit.matched]
        hits = [(articles[hit.id], hit) for hit in matched if hit.id in articles]
        following = None
        if page.next and len(matched) == len(page.hits):
            values: dict[str, Any] = {**request.args.to_dict(flat=False), "cursor": page.next}
            following = url_for("exports.export", ending="atom", _external=True, **values)
        about = About.of_page(page, opened.archive.settings.name, request.url, following, _permanent)
        response = Response("".join(form.write(hits, about)).encode("utf-8", "replace"), content_type=form.media_type)
    response.set_etag(version, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _file(form: Export, texts: Iterator[str], about: About) -> Response:
    response = Response(content_type=form.media_type)
    if request.method != "HEAD":
        file = _spooled(texts)
        response.response = wrap_file(request.environ, file)  # type: ignore[arg-type]
        response.direct_passthrough = True
        response.content_length = file.size
    response.headers["Content-Disposition"] = _attachment(about.request.query or about.archive, form.ending)
    response.headers["Cache-Control"] = "no-store"
    value = about.value()
    for name in ("query", "match", "forms", "total", "stories", "index", "made_at", "program"):
        # A header holds ASCII: the query is escaped as in an address.
        response.headers["Arshif-" + name.replace("_", "-").title()] = quote(str(value[name]), safe=" :+-./,()")
    return response


def _spooled(texts: Iterator[str]) -> SpooledFile:
    """The whole file, or the reason why there is none."""
    spool: Spool = current_app.extensions["arshif.spool"]
    try:
        file = spool.open(client_name(request.remote_addr))
        try:
            for text in texts:
                file.write(text.encode("utf-8", "replace"))
            file.finish()
        except BaseException:
            file.close()
            raise
    except SpoolFull:
        busy = gettext("The server is busy writing other files. Try again in a moment.")
        raise ServiceUnavailable(busy, retry_after=_RETRY_SECONDS) from None
    except (FileTooLarge, SearchTooCostly):
        abort(
            400,
            gettext("This file would be larger, or take longer to write, than the server allows. Narrow the search."),
        )
    return file


def _attachment(name: str, ending: str) -> str:
    """The header that names a file (RFC 6266)."""
    kept = "".join(letter for letter in name[:60] if letter.isalnum() or letter in " -_").strip() or "arshif"
    return f"attachment; filename=\"arshif.{ending}\"; filename*=UTF-8''{quote(kept)}.{ending}"
