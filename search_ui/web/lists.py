"""The pages of lists: a selection of hits, lists of articles on the reader's desk, and lists shared by link.

Lists are changed by POST forms only, each followed by a redirect, so that reloading a page repeats nothing. What could
not be saved, because another window was faster or a text is too long, is shown again in its form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from corpus import (
    ArchiveWriteFailed,
    ArshifError,
    Article,
    ArticleDamaged,
    ArticleNotFound,
    ArticleRemoved,
)
from search_ui.access import lists as stored
from search_ui.access.lists import ArticleList, ListItem
from search_ui.errors import ListChanged, ListNotFound, TextTooLong
from search_ui.export import MAX_ARTICLES, Entry, ListedState, state_of
from search_ui.hints import with_hint
from search_ui.web.citing import archive_copy, citations
from search_ui.web.desk import current_desk, desk_for_writing, desk_is_writable, own_site_only, without_store
from search_ui.web.list_files import file_of, listing_of
from search_ui.web.served_archive import served_archive

lists = Blueprint("lists", __name__)
lists.before_request(own_site_only)

MAX_SELECTED: Final = 200
"""Articles of a selection: more do not fit into its address."""

PAGE_SIZE: Final = 100
"""Articles per page of a list."""

_MAX_ID: Final = 2000  # characters of an article's id in a form
_MAX_TITLE: Final = 80  # characters of the name that a new list gets from a search or an article


@dataclass(frozen=True, slots=True)
class Row:
    """An article as a list's page shows it: its number from 1, state and version of its note."""

    number: int
    entry: Entry
    version: int
    state: str
    article: Article | None
    last_revision: int | None = None


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What a form could not save, and why; `article_id` is empty for the list's own name and description."""

    sentence: str
    article_id: str
    values: dict[str, str]


# A selection


@lists.get("/selection")
def selection() -> Response:
    """The chosen articles: to add to a list, to cite, or to export."""
    ids, left_out = _chosen()
    rows = _rows([ListItem(Entry(article_id), 1) for article_id in ids])
    values: dict[str, Any] = {"id": [row.entry.article_id for row in rows], "name": _given_name()}
    page = render_template(
        "selection.html",
        rows=rows,
        left_out=left_out,
        name=_given_name(),
        MAX_SELECTED=MAX_SELECTED,
        citations=_citations(rows),
        file=lambda ending: url_for("lists.selection_file", ending=ending, **values),
    )
    return make_response(page)


@lists.get("/selection.<ending>")
def selection_file(ending: str) -> Response:
    """A file of the chosen articles."""
    ids, _ = _chosen()
    if not ids:
        abort(400, gettext("No article is ticked."))
    name = _given_name() or gettext("Selected articles")
    return file_of(ending, listing_of(str(name), "", [Entry(article_id) for article_id in ids]))


@lists.post("/lists/add")
def add() -> Response:
    """Add the chosen articles to a list of the reader, or to a new one."""
    ids, left_out = _chosen()
    if not ids:
        abort(400, gettext("No article is ticked."))
    if left_out:
        abort(400, gettext("At most %(count)s articles can be ticked at once.", count=MAX_SELECTED))
    archive, desk = served_archive().archive, desk_for_writing()
    given = request.form.get("list", "")
    # What cannot be read is reported before a list is made for it.
    for article_id in ids:
        archive.get(article_id)
    if given.isdecimal() and len(given) < 18:
        number = int(given)
    else:
        number = stored.create_list(archive, desk, _given_name() or str(gettext("New list")))
    added = stored.add_articles(archive, desk, number, ids)
    return _back(number, added=added, present=len(ids) - added or None, new=None if given else 1)


@lists.app_template_global()
def private_archive() -> bool:
    """Whether only users read this archive."""
    return served_archive().archive.settings.private


@lists.app_template_global()
def own_lists() -> list[ArticleList]:
    """The lists of this request's reader, the one changed last first."""
    desk = current_desk()
    return stored.lists_of(served_archive().archive, desk) if desk else []


@lists.app_template_global()
def lists_to_choose() -> list[ArticleList] | None:
    """The lists that articles can be added to; None if the desks cannot be read or written.

    Pages that merely offer to add articles, of results and of articles, are shown all the same.
    """
    try:
        return own_lists() if desk_is_writable() else None
    except ArshifError as error:  # damaged, locked, of a newer version
        current_app.logger.error("%s", error)
        return None


# A list


@lists.get("/lists/<int:number>")
def show(number: int) -> Response:
    """A list of the reader."""
    return _page(_own(number))


@lists.post("/lists/<int:number>")
def edit(number: int) -> Response:
    """Save the name and description of a list."""
    typed = {name: request.form.get(name, "") for name in ("name", "description")}
    return _saved(
        number,
        "",
        typed,
        lambda: stored.edit_list(
            served_archive().archive, desk_for_writing(), number, _version(), typed["name"], typed["description"]
        ),
    )


@lists.post("/lists/<int:number>/note")
def note(number: int) -> Response:
    """Save the note of an article."""
    article_id, typed = _article_id(), request.form.get("note", "")
    return _saved(
        number,
        article_id,
        {"note": typed},
        lambda: stored.set_note(served_archive().archive, desk_for_writing(), number, article_id, _version(), typed),
    )


@lists.post("/lists/<int:number>/article")
def change(number: int) -> Response:
    """Move an article within a list, remove it, or undo that."""
    archive, desk, article_id = served_archive().archive, desk_for_writing(), _article_id()
    match request.form.get("do"):
        case "up":
            stored.step_article(archive, desk, number, article_id, -1)
        case "down":
            stored.step_article(archive, desk, number, article_id, 1)
        case "move":
            place = request.form.get("place", "").strip()
            if not place.isdecimal() or len(place) > 6:
                abort(400, gettext("The place on the list must be a number."))
            stored.move_article(archive, desk, number, article_id, int(place))
        case "remove":
            stored.remove_article(archive, desk, number, article_id)
            return _back(number, removed=article_id)
        case "restore":
            stored.restore_article(archive, desk, number, article_id)
        case _:
            abort(400)
    return _back(number, article_id)


@lists.get("/lists/<int:number>/delete")
def confirm_delete(number: int) -> Response:
    """The question whether a list is to be deleted."""
    return without_store(render_template("delete_list.html", list=_own(number)))


@lists.post("/lists/<int:number>/delete")
def delete(number: int) -> Response:
    """Delete a list."""
    stored.delete_list(served_archive().archive, desk_for_writing(), number)
    return redirect(url_for("desk.show"), 303)


@lists.post("/lists/<int:number>/share")
def share(number: int) -> Response:
    """Share a list by a new link, and show it."""
    notes = request.form.get("notes") == "1"
    secret = stored.share_list(served_archive().archive, desk_for_writing(), number, notes=notes)
    return redirect(url_for("lists.shared", secret=secret), 303)


@lists.post("/lists/<int:number>/unshare")
def unshare(number: int) -> Response:
    """Withdraw the link that shares a list."""
    stored.unshare_list(served_archive().archive, desk_for_writing(), number)
    return _back(number)


@lists.get("/lists/<int:number>.<ending>")
def list_file(number: int, ending: str) -> Response:
    """A file of a list of the reader."""
    found = _own(number)
    entries = [item.entry for item in stored.items_of(served_archive().archive, found)]
    return file_of(ending, listing_of(found.name, found.description, entries))


# A shared list


@lists.get("/list/<secret>")
def shared(secret: str) -> Response:
    """A list as its link shows it: read-only, and for no search engine."""
    archive = served_archive().archive
    found = stored.shared_list(archive, secret)
    desk = current_desk()
    response = without_store(
        render_template(
            "shared_list.html",
            list=found,
            own=desk is not None and desk.id == found.desk,
            link=url_for("lists.shared", secret=secret, _external=True),
            file=lambda ending: url_for("lists.shared_file", secret=secret, ending=ending),
            **_part(_without_notes(found, stored.items_of(archive, found))),
        )
    )
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@lists.get("/list/<secret>.<ending>")
def shared_file(secret: str, ending: str) -> Response:
    """A file of a shared list."""
    archive = served_archive().archive
    found = stored.shared_list(archive, secret)
    entries = [item.entry for item in _without_notes(found, stored.items_of(archive, found))]
    response = file_of(ending, listing_of(found.name, found.description, entries))
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _own(number: int) -> ArticleList:
    desk = current_desk()
    if desk is None:
        raise ListNotFound
    return stored.get_list(served_archive().archive, desk, number)


def _page(found: ArticleList, unsaved: Unsaved | None = None, status: int = 200) -> Response:
    items = stored.items_of(served_archive().archive, found)
    page = render_template(
        "list.html",
        list=found,
        unsaved=unsaved,
        stored=stored,
        MAX_ARTICLES=MAX_ARTICLES,
        file=lambda ending: url_for("lists.list_file", number=found.id, ending=ending),
        **_part(items, unsaved.article_id if unsaved else ""),
    )
    return without_store(page, status)


def _part(items: list[ListItem], article_id: str = "") -> dict[str, Any]:
    """The rows of one page of a list: the one with an article, or the one in the parameter `page`."""
    pages = max(1, -(-len(items) // PAGE_SIZE))
    given = request.args.get("page", "1")
    page = min(int(given), pages) if given.isdecimal() and len(given) < 6 and int(given) else 1
    if article_id:
        at = next((at for at, item in enumerate(items) if item.entry.article_id == article_id), 0)
        page = at // PAGE_SIZE + 1
    first = (page - 1) * PAGE_SIZE
    return {"rows": _rows(items[first : first + PAGE_SIZE], first), "page": page, "pages": pages}


def _rows(items: list[ListItem], before: int = 0) -> list[Row]:
    archive = served_archive().archive
    articles = archive.get_many(item.entry.article_id for item in items)
    return [_row(number, item, articles) for number, item in enumerate(items, start=before + 1)]


def _row(number: int, item: ListItem, articles: dict[str, Article]) -> Row:
    entry, archive = item.entry, served_archive().archive
    found = articles.get(entry.article_id)
    if found is None:
        try:
            found = archive.get(entry.article_id)
        except ArticleRemoved:
            return Row(number, entry, item.version, ListedState.REMOVED, None)
        except ArticleNotFound:
            return Row(number, entry, item.version, ListedState.MISSING, None)
        except ArticleDamaged:
            return Row(number, entry, item.version, "damaged", None)
    state = state_of(entry, found)
    last = None
    if state is ListedState.CHANGED:
        # An import may have brought other numbers: the text itself says which version was on the list.
        texts = ((one.number, one.article.content_hash()) for one in archive.revisions(found.id))
        last = next((number for number, text in texts if text == entry.content_hash), None)
    return Row(number, entry, item.version, state, found, last)


def _without_notes(found: ArticleList, items: list[ListItem]) -> list[ListItem]:
    """The items as a link shows them: with notes only if the owner allows that."""
    if found.shows_notes:
        return items
    bare = (Entry(i.entry.article_id, "", i.entry.added_at, i.entry.revision, i.entry.content_hash) for i in items)
    return [ListItem(entry, 1) for entry in bare]


def _saved(number: int, article_id: str, typed: dict[str, str], save: Callable[[], None]) -> Response:
    """Save what was typed; what cannot be saved is shown again with the reason."""
    try:
        save()
    except ListChanged:
        sentence = gettext(
            "This was changed in another window meanwhile. Nothing was overwritten: compare, and save again."
        )
        return _page(_own(number), Unsaved(str(sentence), article_id, typed), 409)
    except TextTooLong as error:
        sentence = gettext(
            "Not saved: this text has %(length)s characters, and at most %(most)s fit.",
            length=error.length,
            most=error.most,
        )
        return _page(_own(number), Unsaved(str(sentence), article_id, typed), 400)
    except ArchiveWriteFailed as error:  # another process is writing, or the disk is full
        current_app.logger.error("%s", with_hint(error))
        sentence = gettext("It could not be saved. The server's log has the details.")
        return _page(_own(number), Unsaved(str(sentence), article_id, typed), 503)
    return _back(number, article_id)


def _back(number: int, article_id: str = "", **values: Any) -> Response:
    """To the page of a list that has an article."""
    anchor, page = None, None
    if article_id:
        items = stored.items_of(served_archive().archive, _own(number))
        at = next((at for at, item in enumerate(items) if item.entry.article_id == article_id), None)
        if at is not None:
            anchor, page = f"article-{at + 1}", at // PAGE_SIZE + 1
    shown = page if page != 1 else None
    return redirect(url_for("lists.show", number=number, page=shown, _anchor=anchor, **values), 303)


def _version() -> int:
    given = request.form.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 18 else 0


def _article_id() -> str:
    return request.form.get("id", "")[:_MAX_ID]


def _chosen() -> tuple[list[str], int]:
    """The ids of the ticked articles, each once, and how many are left out because there are too many."""
    ids = list(dict.fromkeys(one[:_MAX_ID] for one in request.values.getlist("id") if one))
    return ids[:MAX_SELECTED], len(ids[MAX_SELECTED:])


def _given_name() -> str:
    """The name for a new list: the search, or the title of the article, from which it was made."""
    return stored.clean_line(request.values.get("name", "")[:_MAX_TITLE])


def _citations(rows: list[Row]) -> list[str]:
    archive = served_archive().archive
    written = []
    for row in rows:
        if row.article:
            revisions = archive.revisions(row.article.id)
            copy = archive_copy(revisions, revisions[-1].number)
            written.append(citations(archive.source_names.for_people(row.article), copy)[0][1])
    return written
