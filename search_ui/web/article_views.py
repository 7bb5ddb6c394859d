"""The pages of an article: its text with matches marked, its versions with their changes, and its original page."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from flask import Blueprint, Response, abort, render_template, request

from corpus import Archive, ArshifError, Difference, Revision, difference, groups_of
from indexer import Hit
from search_ui.web.citing import archive_copy, chosen_revision, citations
from search_ui.web.compared import Part, folded
from search_ui.web.forms import read_form
from search_ui.web.in_this_paper import neighbours
from search_ui.web.languages import is_arabic
from search_ui.web.links import Links, article_url
from search_ui.web.printings import line_of
from search_ui.web.served_archive import served_archive
from search_ui.web.sharing import shared_article

articles = Blueprint("articles", __name__)
articles.app_template_global("article_url")(article_url)

MAX_SHOWN: Final = 1_000_000
"""Characters of an article's text that its page shows. The API and the exports have the whole text."""

MAX_SIMILAR: Final = 5
"""Articles most like one that its page lists."""

# A stored page is untrusted: it runs no scripts, sends no forms and loads nothing.
_SANDBOX: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
_INLINE_TYPES: Final = ("text/html", "text/plain")
# Documents are downloaded, never shown: MHTML and mail contain HTML of strangers. Other types are served as mere bytes.
_DOWNLOADS: Final = {
    "application/alto+xml": ".xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.prima.page+xml": ".xml",
    "application/x-webarchive": ".webarchive",
    "message/rfc822": ".eml",
    "multipart/related": ".mhtml",
    "text/markdown": ".md",
    "text/vnd.hocr+html": ".hocr",
}
_UNSAFE_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Version:
    """A revision, and its changes to the previous one; None for the first."""

    revision: Revision
    change: Difference | None

    @property
    def parts(self) -> list[Part]:
        """The changed paragraphs with some context; the rest folded."""
        return folded(self.change.paragraphs) if self.change else []


@articles.get("/article")
@articles.get("/article/<path:article_id>")
def article(article_id: str = "") -> str:
    """An article with its full text, the matches of the query marked; `revision` selects an older version."""
    served = served_archive()
    archive, form = served.archive, read_form(request.args, also=frozenset(("revision",)))
    found = archive.find(article_id or request.args.get("id", ""))
    revisions = archive.revisions(found.id)
    version = chosen_revision(revisions, request.args.get("revision", ""))
    shown, copy = version.article, archive_copy(revisions, version.number)
    group = groups_of(archive, [found.id]).get(found.id)
    retold, similar = _similar(found.id, meaning=form.request.meaning)
    title, *paragraphs = served.marked(form.request, [shown.title, *_beginning(shown.paragraphs)])
    return render_template(
        "article.html",
        article=shown,
        version=version,
        shared=shared_article(
            archive.source_names.for_people(shown), copy, newest=version.number == revisions[-1].number
        ),
        title=title,
        paragraphs=paragraphs,
        left_out=sum(map(len, shown.paragraphs)) > MAX_SHOWN,
        MAX_SHOWN=MAX_SHOWN,
        mark_count=sum(len(text.spans) for text in (title, *paragraphs)),
        revisions=revisions,
        printings=line_of(group, mirrored=is_arabic()) if group else None,
        retold=retold,
        similar=similar,
        neighbours=neighbours(served, found),
        citations=citations(archive.source_names.for_people(shown), copy),
        form=form,
        links=Links(form),
    )


@articles.get("/article-changes")
@articles.get("/article/<path:article_id>/changes")
def changes(article_id: str = "") -> str:
    """All versions of an article, newest first, with added and removed words marked."""
    archive = served_archive().archive
    found = archive.find(article_id or request.args.get("id", ""))
    revisions = archive.revisions(found.id)
    versions = [Version(revisions[0], None)]
    versions += [Version(now, difference(before.article, now.article)) for before, now in pairwise(revisions)]
    form = read_form(request.args)
    return render_template(
        "changes.html", article=found, versions=list(reversed(versions)), form=form, links=Links(form)
    )


@articles.get("/article-page", endpoint="page")
@articles.get("/article/<path:article_id>/page", endpoint="page")
def stored_page(article_id: str = "") -> Response:
    """The stored page that an article was read from; the parameter `revision` selects an older one."""
    archive = served_archive().archive
    found = archive.find(article_id or request.args.get("id", ""))
    revision = _revision(archive, found.id, request.args.get("revision", ""))
    if revision is None or revision.page is None:
        abort(404)
    media_type = (revision.page_type or "").partition(";")[0].strip().lower()
    name = _UNSAFE_IN_NAMES.sub("-", found.id)[:80].strip("-.") or "page"
    inline = media_type in _INLINE_TYPES
    response = Response(archive.pages.read(revision.page))
    # No charset: the page declares its own, or the browser detects it, as with the original.
    known = inline or media_type in _DOWNLOADS
    response.headers["Content-Type"] = media_type if known else "application/octet-stream"
    response.headers["Content-Security-Policy"] = _SANDBOX
    extension = _DOWNLOADS.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"
    response.headers["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}{extension}"'
    return response


def _beginning(paragraphs: Iterable[str]) -> Iterator[str]:
    """The first `MAX_SHOWN` characters, by paragraphs."""
    remaining = MAX_SHOWN
    for paragraph in paragraphs:
        if remaining <= 0:
            return
        yield paragraph[:remaining]
        remaining -= len(paragraph)


def _revision(archive: Archive, article_id: str, number: str) -> Revision | None:
    """The revision with a number; without a number, the newest with a stored page."""
    revisions = archive.revisions(article_id)
    if number:
        return next((revision for revision in revisions if str(revision.number) == number), None)
    return next((revision for revision in reversed(revisions) if revision.page), None)


def _similar(article_id: str, *, meaning: bool) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
    """The same news as other papers probably tell it, by meaning, and the articles most like this one."""
    served = served_archive()
    try:
        retold = served.retellings(article_id) if meaning else ()
        return retold, served.more_like(article_id, MAX_SIMILAR, meaning=meaning, without={hit.id for hit in retold})
    except ArshifError:
        # The archive is the truth: an article is shown even if its index is missing or damaged.
        return (), ()
