"""The pages of an article: its text with matches marked, and its versions with their changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from flask import Blueprint, render_template, request

from corpus import ArshifError, Difference, Revision, difference, groups_of
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
        printings=line_of(group, drawn=True, mirrored=is_arabic()) if group else None,
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


def _beginning(paragraphs: Iterable[str]) -> Iterator[str]:
    """The first `MAX_SHOWN` characters, by paragraphs."""
    remaining = MAX_SHOWN
    for paragraph in paragraphs:
        if remaining <= 0:
            return
        yield paragraph[:remaining]
        remaining -= len(paragraph)


def _similar(article_id: str, *, meaning: bool) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
    """The same news as other papers probably tell it, by meaning, and the articles most like this one."""
    served = served_archive()
    try:
        retold = served.retellings(article_id) if meaning else ()
        return retold, served.more_like(article_id, MAX_SIMILAR, meaning=meaning, without={hit.id for hit in retold})
    except ArshifError:
        # The archive is the truth: an article is shown even if its index is missing or damaged.
        return (), ()
